"""What is wrong with one of a zone's servers, as the others show."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from probe.judge.bernoulli import of_run
from probe.judge.context import Context
from probe.judge.domain import cache_of, relevant
from probe.judge.domain_text import answerers
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.evidence import Found, facts, kinds, word_by_word
from probe.judge.findings.failing import FAILING_AFTER, REFUSALS, REFUSING_AFTER, losses
from probe.judge.record.fetched import draws_at_most
from probe.judge.record.likelihood import SURE
from probe.judge.record.state import GIVEN_UP, QUORUM, RecordMemory, ServerMemory, segment
from probe.judge.record.stuck_machine import enough, wavering
from probe.judge.routed import explaining, unexplained
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, FindingCode
from probe.model.name import display
from probe.model.plan import Probing, Routing
from probe.model.record import POSITIONS, Position, RecordState, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from probe.model.text import PLACES, duration, listed, moment, plural

TOGETHER = 15.0
"""Seconds that a division waits before it is raised: domains that are changed together are divided within that of each
other, and a server that is wrong about several of them is told of once (`probe.judge.findings.failing`)."""


_BY_PLACE = (
    "The declared {routing} routing goes by where the question comes from: all servers answer one asker alike, unless "
    "this probe leaves by several addresses"
)

_CHOSEN_BY: Mapping[Routing, str] = {
    Routing.FAILOVER: "The declared failover routing goes by health, at all servers alike",
    Routing.LATENCY: _BY_PLACE.format(routing=Routing.LATENCY.value),
    Routing.GEOLOCATION: _BY_PLACE.format(routing=Routing.GEOLOCATION.value),
    Routing.MULTIVALUE: "",  # may answer each question otherwise
}
"""Why a declared routing does not explain that one server stays on the other side."""


_STUCK = "Probably one of the machines behind its address keeps another record than the others"


def one_server_for_many(_probing: Probing) -> float:
    """Give the seconds in which it shows whether a server is wrong about one domain alone."""
    return TOGETHER


def server_divided(state: DomainState, at: Instant, context: Context) -> Verdict:
    """A server that stands by another word than the confirmed one, or that is silent about this name alone.

    One that turns out to be silent about every name is told of as a whole, as `server-failing`: what was said of it
    here stands until it is.

    When no server answers, none is accused: then it is the vantage that is blind. Nor is one, or cleared, by a probe
    that is behind: who hears half of what was said cannot tell who stands against whom. While one family flaps or is
    split by weighted routing, no server is accused of what it says of the other: both are written in one batch. A
    change that goes on to reach machines one by one is told as that: no server of it keeps to anything.

    Where a declared routing explains what is seen, only servers are accused that it does not (`probe.judge.routed`).
    """
    if all(map(_is_all_well, state.status.records)):
        return None
    return UNDECIDED if context.behind else _accused(state, at, context)


def _accused(state: DomainState, at: Instant, context: Context) -> Verdict:
    status = state.status
    routing = explaining(status)
    names = _undrawn_by_name(state, at, context) if routing is None else {}
    name = display(status.domain.name)
    unsteady = any(record.state.is_varying for record in status.records)
    late = [one.record for one in state.remembered if one.memory.under_way and one.record.state is RecordState.DIVIDED]
    if late and not unsteady and routing is None:
        return Found(
            f"A change of {name} ({kinds(late)}) has not reached every machine of its name servers.",
            word_by_word(late),
            facts=facts(
                (FactLabel.ANSWERS, "Answers of one server differ"),
                (FactLabel.LAST_CHANGE, f"The change began more than {duration(context.probing.grace)} ago"),
            ),
        )
    opened = next((one for one in status.findings if one.code == FindingCode.SERVER_DIVIDED), None)
    said = "" if opened is None else " ".join((opened.sentence, *(fact.text for fact in opened.facts)))
    handed_over = stays = False
    waver = {} if routing is not None or unsteady else _wavering(state, context)
    names |= {
        server: f"{display(server)} answers {one.answers} by turns for {name} ({kinds(one.records)})"
        for server, one in waver.items()
    }
    wavering = {record.rdtype for one in waver.values() for record in one.records}
    memories = {record.rdtype: memory for record, memory in state.remembered}
    authoritative = relevant(status) if cache_of(status) is None else ()
    outnumbered = [record for record in authoritative if _is_outnumbered(record, memories[record.rdtype])]
    for record in relevant(status):
        is_apart = record.state is RecordState.DIVIDED and record.position is not None and record.rdtype not in wavering
        if is_apart and not unsteady and (routing is not None or record not in outnumbered):
            for server in unexplained(record, routing):
                if server.server in context.dissenting:
                    continue  # it stands against the others for several domains: that is told once, as `server-failing`
                stays = True
                word = server.answer_class.value if server.answer_class is not None else "nothing"
                names[server.server.name] = (
                    f"{display(server.server.name)} keeps answering {word} for {name} {record.rdtype.value}"
                )
        silent = [server for server in record.servers if _is_silent(server, at, said, context.loss)]
        if len(silent) < len(record.servers):
            for server in silent:
                if server.server in context.failing:  # it answers nobody: that is told once, as `server-failing`
                    handed_over |= _is_named(server, said) and server.server not in context.reported
                    continue
                reason = server.failure.value if server.failure is not None else "silence"
                names.setdefault(
                    server.server.name, f"{display(server.server.name)} gives no answer for {name} ({reason})"
                )
    if not names:
        apart = None if unsteady or routing is not None else _against_each_other(status, outnumbered)
        return apart or (UNDECIDED if handed_over else None)
    drawn = any(record.state is RecordState.WEIGHTED for record in status.records)
    only = next(iter(names.values()))
    beside = "" if drawn else ", unlike the zone's other servers"
    return Found(
        f"{only}{beside}."
        if len(names) == 1
        else f"{plural(len(names), 'name server')} disagree with the others about {name}.",
        word_by_word(relevant(status)),
        facts=facts(
            *((FactLabel.ANSWERS, words) for words in names.values() if len(names) > 1),
            (FactLabel.CAUSE, _CHOSEN_BY[routing] if routing is not None and stays else ""),
            (FactLabel.CAUSE, _STUCK if waver else ""),
            *((FactLabel.LAST_CHANGE, one.newest) for one in waver.values()),
        ),
    )


class _Wavers(NamedTuple):
    """A server that contradicts itself: the records that it divides, its answers by turns, and the newest turn."""

    records: tuple[RecordStatus, ...]
    answers: str
    newest: str


def _wavering(state: DomainState, context: Context) -> dict[str, _Wavers]:
    """Give the servers that alone contradict themselves, by name: a machine behind each is stuck."""
    found: dict[str, _Wavers] = {}
    for record, memory in state.remembered:
        number = wavering(record, memory)
        if number is None or record.servers[number].server in context.dissenting:
            continue
        server = record.servers[number]
        known = found.get(server.server.name)
        if known is None:
            known = _Wavers((), _by_turns(server, memory.servers[number]), _newest_turn(server, memory))
        found[server.server.name] = known._replace(records=(*known.records, record))
    return found


def _by_turns(server: ServerStatus, own: ServerMemory) -> str:
    return listed([PLACES[place] for place, count in zip(Position, segment(server, own), strict=True) if count])


def _newest_turn(server: ServerStatus, memory: RecordMemory) -> str:
    """Say since when it has not contradicted itself: it may have been mended, which takes many answers to believe."""
    if server.position is None or server.since is None:
        return ""
    turn = f"To {PLACES[server.position]} at {moment(server.since)}, at {display(server.server.name)}"
    needed = enough(memory, server.position)
    return turn if needed is None else f"{turn}; {needed} equal answers in a row would tell that it answers as one"


def _against_each_other(status: DomainStatus, outnumbered: Sequence[RecordStatus]) -> Found | None:
    """Tell of servers that stand against each other where no side has most of them: none is the one that is wrong.

    So it is where a zone has got other servers, and those that are left of the ones before are outnumbered: either may
    be wrong, the new ones about what the zone holds, or the old ones by a change that they missed.
    """
    apart = [one for one in relevant(status) if one.state is RecordState.DIVIDED and one.position is None]
    name, why, beside = display(status.domain.name), "no side has most of them", ""
    if outnumbered:
        apart = [*apart, *outnumbered]
        why = "which are wrong is not known"
        beside = "Half of them or more answer otherwise than was confirmed before"
    if not apart:
        return None
    return Found(
        f"{name} ({kinds(apart)}): its {answerers(status)} stand against each other, and {why}.",
        word_by_word(apart),
        facts=facts((FactLabel.ANSWERS, beside)),
    )


def _is_outnumbered(record: RecordStatus, memory: RecordMemory) -> bool:
    """Tell whether half of those that answer, or more, stand elsewhere than was confirmed, which confirmed nothing.

    They came after the position was confirmed, and broke with nothing or with a few answers only. A server that stayed
    behind a change is of the segment before it, however many do.
    """
    if record.state is not RecordState.DIVIDED or record.position is None:
        return False
    both = zip(record.servers, memory.servers, strict=True)
    heard = [(server, own) for server, own in both if server.position is not None and server.failures < GIVEN_UP]
    elsewhere = sum(
        server.position is not record.position and own.segment == record.transitions for server, own in heard
    )
    return elsewhere > 0 and 2 * elsewhere >= len(heard)


def _is_all_well(record: RecordStatus) -> bool:
    """Tell whether no server can be accused of anything: nearly always."""
    return not record.state.sets_servers_apart and not any(server.failures for server in record.servers)


def _undrawn_by_name(state: DomainState, at: Instant, context: Context) -> dict[str, str]:
    kept: dict[str, list[tuple[RecordStatus, ServerStatus]]] = {}
    for record, memory in state.remembered:
        for server in undrawn(record, memory, at, context):
            kept.setdefault(server.server.name, []).append((record, server))
    return {
        name: f"{display(one.server.name)} keeps answering {one.answer_class.value} for "
        f"{display(state.status.domain.name)} ({kinds([record for record, _ in told])}), which others split by weights"
        for name, told in kept.items()
        for one in [told[0][1]]
        if one.answer_class is not None
    }


def undrawn(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> list[ServerStatus]:
    """Give the servers that keep one answer while the others draw theirs by weights: an old record stands there.

    Others decide by what they have answered meanwhile: if the server drew as they do, its run would be no luck. What
    they answered before is of other weights, where these were edited, and a ramp is edited again and again. New weights
    may be on their way to a server for as long as a domain gets to follow what is newly expected.
    """
    if record.state is not RecordState.WEIGHTED:
        return []
    heard = [
        (server, own)
        for server, own in zip(record.servers, memory.servers, strict=True)
        if server.position is not None and server.failures < GIVEN_UP
    ]
    is_no_luck = _keeps_drawing_one if record.cache is None else _keeps_fetching
    kept = [server for server, own in heard if is_no_luck(record, server, own)]
    if len(heard) - len(kept) < (QUORUM if record.cache is None else 1):
        return []  # then nobody shows what the weights are; through caches the plan has declared them
    oldest = at.monotonic - context.patience
    return [server for server in kept if server.since is not None and server.since.monotonic < oldest]


def _meanwhile(record: RecordStatus, server: ServerStatus, own: ServerMemory) -> tuple[int, int] | None:
    """Give how many of the others' answers during a server's run were as it is, and how many there were.

    None unless they show both places: where all say one thing nobody draws.
    """
    if server.position is None or not own.told:
        return None
    since = {
        answer_class: now - before
        for answer_class, now, before in zip(AnswerClass, record.answers, own.told, strict=True)
        if POSITIONS[answer_class] is not None
    }
    total = sum(since.values()) - server.run
    alike = sum(since[one] for one in since if POSITIONS[one] is server.position) - server.run
    return (alike, total) if 0 < alike < total else None


def _keeps_drawing_one(record: RecordStatus, server: ServerStatus, own: ServerMemory) -> bool:
    """Tell whether a server has given one answer for so long that it does not draw what others drew meanwhile."""
    others = _meanwhile(record, server, own)
    return others is not None and of_run(*others, server.run) < SURE


def _keeps_fetching(record: RecordStatus, server: ServerStatus, own: ServerMemory) -> bool:
    """Tell the same of a cache, which draws only when it fetches."""
    others = _meanwhile(record, server, own)
    if others is None or server.at is None or server.since is None:
        return False
    alike, total = others
    most = draws_at_most(record, server.at.monotonic - server.since.monotonic)
    part = min(1.0, (len(record.servers) - 1) * most / total)  # others have answered, so that there are some
    return of_run(part * alike, part * total, min(server.run, most)) < SURE


def _is_silent(server: ServerStatus, at: Instant, said: str, loss: float) -> bool:
    """Tell whether a server has been silent for long enough; one that was told of stays so however it fails next.

    Where many questions are lost whoever is asked, it takes more of them to tell silence from that `loss`.
    """
    is_lost = server.failure is not None and server.failure.is_lost and not _is_named(server, said)
    enough, after = (losses(loss), FAILING_AFTER) if is_lost else (REFUSALS, REFUSING_AFTER)
    return server.failures >= enough and (server.at is None or at.monotonic - server.at.monotonic >= after)


def _is_named(server: ServerStatus, said: str) -> bool:
    return f"{display(server.server.name)} gives no answer" in said
