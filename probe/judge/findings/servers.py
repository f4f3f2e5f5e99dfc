"""What is wrong with one of a zone's servers, as the others show."""

from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.evidence import Found, facts, kinds, word_by_word
from probe.judge.findings.failing import FAILING_AFTER, LOSSES, REFUSALS
from probe.judge.record.state import dissenters
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.plan import Probing
from probe.model.record import RecordState, ServerStatus
from probe.model.text import duration, plural

TOGETHER = 15.0
"""Seconds that a division waits before it is raised: domains that are changed together are divided within that of each
other, and a server that is wrong about several of them is told of once (`probe.judge.findings.failing`)."""


def one_server_for_many(_probing: Probing) -> float:
    """Give the seconds in which it shows whether a server is wrong about one domain alone."""
    return TOGETHER


def server_divided(state: DomainState, at: Instant, context: Context) -> Found | None:
    """A server that stands by another word than the confirmed one, or that is silent about this name alone.

    When no server answers, none is accused: then it is the vantage that is blind. While one family flaps or
    is split by weighted routing, no server is accused of what it says of the other: both are written in one batch. A
    change that goes on to reach machines one by one is told as that: no server of it keeps to anything.
    """
    status = state.status
    names: dict[str, str] = {}
    name = display(status.domain.name)
    unsteady = any(record.state.is_varying for record in status.records)
    late = [one.record for one in state.remembered if one.memory.under_way and one.record.state is RecordState.DIVIDED]
    if late and not unsteady:
        return Found(
            f"A change of {name} ({kinds(late)}) has not reached every machine of its name servers.",
            word_by_word(late),
            facts=facts(
                (FactLabel.ANSWERS, "Answers of one server differ"),
                (FactLabel.LAST_CHANGE, f"The change began more than {duration(context.probing.grace)} ago"),
            ),
        )
    for record in relevant(status):
        if record.state is RecordState.DIVIDED and record.position is not None and not unsteady:
            for server in dissenters(record):
                if server.server in context.dissenting:
                    continue  # it stands against the others for several domains: that is told once, as `server-failing`
                word = server.answer_class.value if server.answer_class is not None else "nothing"
                names[server.server.name] = (
                    f"{display(server.server.name)} keeps answering {word} for {name} {record.rdtype.value}"
                )
        silent = [server for server in record.servers if _is_silent(server, at)]
        if len(silent) < len(record.servers):
            for server in silent:
                if server.server in context.failing:
                    continue  # it answers nobody: that is told once, as `server-failing`
                reason = server.failure.value if server.failure is not None else "silence"
                names.setdefault(
                    server.server.name, f"{display(server.server.name)} gives no answer for {name} ({reason})"
                )
    if not names:
        return None
    only = next(iter(names.values()))
    return Found(
        f"{only}, unlike the zone's other servers."
        if len(names) == 1
        else f"{plural(len(names), 'name server')} disagree with the others about {name}.",
        word_by_word(relevant(status)),
        facts=facts(*((FactLabel.ANSWERS, words) for words in names.values() if len(names) > 1)),
    )


def _is_silent(server: ServerStatus, at: Instant) -> bool:
    enough = LOSSES if server.failure is not None and server.failure.is_lost else REFUSALS
    return server.failures >= enough and (server.at is None or at.monotonic - server.at.monotonic >= FAILING_AFTER)
