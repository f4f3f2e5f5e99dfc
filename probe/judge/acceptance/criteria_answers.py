"""What has to hold of answers: those of the authoritative servers, and those that caches keep."""

from typing import TypeAlias

from probe.judge.acceptance.expectation import verdict
from probe.judge.acceptance.side import goal
from probe.judge.context import Context
from probe.judge.domain import cache_of, with_home
from probe.judge.zone_views import seeing
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.resolver import ResolverVerdict
from probe.model.server import Server
from probe.model.side import AnswerClass
from probe.model.text import duration, listed, moment, plural

Told: TypeAlias = tuple[CheckOutcome, str]
"""How a criterion stands, with the reason in a sentence."""


def authoritative(status: DomainStatus, at: Instant, context: Context) -> Told:
    """Every server answers the expected side for both families; where both are drawn, the draws are as declared."""
    if status.domain.expectation is Expectation.MOVING:
        return CheckOutcome.FAIL, "The plan expects it to be moving: set the wave's `expect` to `v2` once it has moved."
    side = goal(status)
    if side is None:
        word = verdict(status)
        return word.outcome, word.sentence
    pair = with_home(status, context)
    if not context.servers or not all(record.servers for record in pair):
        return CheckOutcome.UNKNOWN, "No server of its zone is known yet."
    wrong, unheard, untold = _exceptions(pair, side, at, context)
    if wrong:
        return CheckOutcome.FAIL, f"{listed(wrong)}."
    if unheard or untold:
        silent = f"No valid answer from {listed(unheard)}." if unheard else ""
        strange = (
            f"No load balancer was seen with what {listed(untold)} answered: no side is told by it." if untold else ""
        )
        return CheckOutcome.UNKNOWN, f"{silent} {strange}".strip()
    kind = "server" if cache_of(status) is None else "resolver"
    return _of_states(pair, side, len(context.servers), kind)


def _exceptions(
    pair: tuple[RecordStatus, ...], side: Position, at: Instant, context: Context
) -> tuple[list[str], list[str], list[str]]:
    """Name the servers that say something else, those that say nothing, and those whose answers tell no side yet."""
    wrong: list[str] = []
    unheard: list[str] = []
    untold: list[str] = []
    oldest = at.monotonic - context.stale_after
    for record in pair:
        for server in record.servers:
            heard = server.at is not None and server.at.monotonic >= oldest
            if heard and server.position is side:
                continue
            name, kind = display(server.server.name), record.rdtype.value
            strange = server.answer_class is AnswerClass.FOREIGN and record.position is side
            if (heard and strange) or _is_doubted(server.server, record.rdtype, oldest, context):
                untold.append(f"{name} ({kind})")
            elif not heard:
                unheard.append(f"{name} ({kind})")
            else:
                word = server.answer_class.value if server.answer_class is not None else "nothing"
                wrong.append(f"{name} ({server.server.address}) answers {word} for {kind}")
    return wrong, unheard, untold


def _is_doubted(server: Server, rdtype: RecordType, oldest: float, context: Context) -> bool:
    """Tell whether a server answers, and no load balancer was seen with what it does."""
    return any(
        (kind, one.server) == (rdtype, server) and one.at is not None and one.at.monotonic >= oldest
        for kind, one in context.doubted
    )


def _of_states(pair: tuple[RecordStatus, ...], side: Position, servers: int, kind: str) -> Told:
    """All servers say the same by now; the record judge may want to see that for longer."""
    restless = [record for record in pair if record.state.side is not side]
    if restless:
        told = listed([f"{record.rdtype.value} is {record.state.value}" for record in restless])
        known = any(record.state is not RecordState.UNKNOWN for record in restless)
        return CheckOutcome.FAIL if known else CheckOutcome.UNKNOWN, f"All {kind}s answer {side.value}, but {told}."
    kinds = listed([record.rdtype.value for record in pair])
    who = f"All {servers} {kind}s answer" if servers > 1 else f"The only {kind} answers"
    return CheckOutcome.PASS, f"{who} {side.value} for {kinds}."


def resolvers(status: DomainStatus, at: Instant, context: Context) -> Told | None:
    """Judge what is still cached. Draws and moves have no one answer that a cache should hold."""
    side = goal(status)
    drain = status.drain if side is Position.V2 else None
    if side is None or (not seeing(context.resolvers, status) and (drain is None or drain.deadline is None)):
        return None
    told = _of_resolvers(status, context)
    if told is not None and told[0] is not CheckOutcome.PASS:
        return told
    if drain is not None and drain.deadline is not None and drain.deadline.monotonic > at.monotonic:
        left = duration(drain.deadline.monotonic - at.monotonic)
        return (
            CheckOutcome.FAIL,
            f"Caches that were not queried may lead to v1 until {moment(drain.deadline)} ({left} more).",
        )
    words = [] if told is None else [told[1]]
    if drain is not None and drain.deadline is not None:
        words.append(f"No cache that obeys TTLs may lead to v1 since {moment(drain.deadline)}.")
    return CheckOutcome.PASS, " ".join(words)


def _of_resolvers(status: DomainStatus, context: Context) -> Told | None:
    """Judge what the resolvers say. One that is silent is not wrong, as long as another one answers."""
    watched = seeing(context.resolvers, status)
    if not watched:
        return None
    kinds = {record.rdtype for record in with_home(status, context)}
    known = [one for one in status.resolvers if one.rdtype in kinds]
    behind = [
        f"{one.server.name} ({one.rdtype.value}: {one.verdict.value})"
        for one in known
        if one.verdict not in (ResolverVerdict.CONVERGED, ResolverVerdict.UNKNOWN)
    ]
    if behind:
        return CheckOutcome.FAIL, f"Not converged: {listed(behind)}."
    open_ones = [one for one in known if one.verdict is ResolverVerdict.UNKNOWN]
    silent = sorted({one.server.name for one in open_ones if one.failure is not None})
    waiting = sorted({one.server.name for one in open_ones if one.failure is None})
    waiting += sorted({server.name for server in watched} - {one.server.name for one in known})
    if waiting:
        return CheckOutcome.UNKNOWN, f"Not answered yet:  {listed(waiting)}."
    converged = sorted({one.server.name for one in known} - set(silent))
    if not converged:
        return CheckOutcome.UNKNOWN, f"No resolver answers ({listed(silent)})."
    beside = f"; silent, and so not counted: {listed(silent)}" if silent else ""
    return CheckOutcome.PASS, f"{plural(len(converged), 'resolver')} converged ({listed(converged)}){beside}."
