"""What is wrong with one of a zone's servers, as the others show."""

from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.evidence import Found, kinds, word_by_word
from probe.judge.findings.failing import FAILING_AFTER, LOSSES, REFUSALS, REFUSING_AFTER
from probe.judge.record.state import dissenters
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.finding import FindingCode
from probe.model.name import display
from probe.model.plan import Probing
from probe.model.record import RecordState, ServerStatus
from probe.model.text import listed

TOGETHER = 15.0
"""Seconds that a division waits before it is raised: domains that are changed together are divided within that of each
other, and a server that is wrong about several of them is told of once (`probe.judge.findings.failing`)."""


def one_server_for_many(_probing: Probing) -> float:
    """Give the seconds in which it shows whether a server is wrong about one domain alone."""
    return TOGETHER


def server_divided(state: DomainState, at: Instant, context: Context) -> Verdict:
    """A server that stands by another word than the confirmed one, or that is silent about this name alone.

    One that turns out to be silent about every name is told of as a whole, as `server-failing`: what was said of it
    here stands until it is.

    When no server answers, none is accused: then it is the vantage that is blind. While one family flaps or
    is drawn by weights, no server is accused of what it says of the other: both are written in one batch. A change that
    goes on to reach machines one by one is told as that: no server of it keeps to anything.
    """
    status = state.status
    names: dict[str, str] = {}
    unsteady = any(record.state.is_varying for record in status.records)
    late = [one.record for one in state.remembered if one.memory.under_way and one.record.state is RecordState.DIVIDED]
    if late and not unsteady:
        return Found(
            f"{display(status.domain.name)}: a change of {kinds(late)} still has not reached every machine of its name "
            "servers, after more than the grace time: answers of one server differ.",
            word_by_word(late),
        )
    said = next((one.sentence for one in status.findings if one.code == FindingCode.SERVER_DIVIDED), "")
    handed_over = False
    for record in relevant(status):
        if record.state is RecordState.DIVIDED and record.position is not None and not unsteady:
            for server in dissenters(record):
                if server.server in context.dissenting:
                    continue  # it stands against the others for several domains: that is told once, as `server-failing`
                word = server.answer_class.value if server.answer_class is not None else "nothing"
                names[server.server.name] = (
                    f"{display(server.server.name)} keeps answering {word} for {record.rdtype.value}"
                )
        silent = [server for server in record.servers if _is_silent(server, at, said)]
        if len(silent) < len(record.servers):
            for server in silent:
                if server.server in context.failing:  # it answers nobody: that is told once, as `server-failing`
                    handed_over |= _is_named(server, said) and server.server not in context.reported
                    continue
                reason = server.failure.value if server.failure is not None else "silence"
                names.setdefault(server.server.name, f"{display(server.server.name)} gives no answer ({reason})")
    if not names:
        return UNDECIDED if handed_over else None
    return Found(
        f"{display(status.domain.name)}: {listed(list(names.values()))}, while the other servers agree.",
        word_by_word(relevant(status)),
    )


def _is_silent(server: ServerStatus, at: Instant, said: str) -> bool:
    """Tell whether a server has been silent for long enough; one that was told of stays so however it fails next."""
    is_lost = server.failure is not None and server.failure.is_lost and not _is_named(server, said)
    enough, after = (LOSSES, FAILING_AFTER) if is_lost else (REFUSALS, REFUSING_AFTER)
    return server.failures >= enough and (server.at is None or at.monotonic - server.at.monotonic >= after)


def _is_named(server: ServerStatus, said: str) -> bool:
    return f"{display(server.server.name)} gives no answer" in said
