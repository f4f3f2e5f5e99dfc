"""A wave's own page: may it move, has it moved everywhere, when may v1 go, and is it, or its rollback, confirmed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from probe.model.check import WORST_FIRST, Check, CheckOutcome, worst
from probe.model.clock import Instant, latest
from probe.model.decommission import Precondition
from probe.model.domain import DomainStatus
from probe.model.plan import Expectation, Wave
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.resolver import ResolverVerdict
from probe.model.side import Side
from probe.model.snapshot import Snapshot
from probe.model.text import clock_time, listed, moment, plural
from probe.web.board import resolver_words

_READINESS_IN_WORDS = {
    CheckOutcome.PASS: "It may move: every check passes.",
    CheckOutcome.WARN: "It may move; look at the warnings first.",
    CheckOutcome.FAIL: "It must not move yet.",
    CheckOutcome.UNKNOWN: "Not known yet whether it may move.",
}


class Readiness(NamedTuple):
    """Whether the wave may move now.

    Attributes:
        outcome: All checks together.
        headline: It in a sentence.
        open: What does not pass, the worst first; what is alike of several subjects is one.
        passed: How many checks pass.
    """

    outcome: CheckOutcome
    headline: str
    open: tuple[Check, ...]
    passed: int


_Alike: TypeAlias = tuple[str, CheckOutcome, str, str]


class Arrival(NamedTuple):
    """How far one domain has moved: a sentence each for servers, resolvers and caches."""

    status: DomainStatus
    servers: tuple[str, ...]
    resolvers: str
    caches: str


class WavePage(NamedTuple):
    """What a wave's page says.

    Attributes:
        statuses: The wave's domains.
        readiness: Whether it may move; None once all of it stands where the plan wants it on v2.
        arrivals: Domain by domain, how far it has moved.
        arrived: That in a sentence over all of them.
        rollback: Whether some of it has been on v2 and is expected on v1: a confirmation then is that of the rollback.
    """

    statuses: tuple[DomainStatus, ...]
    readiness: Readiness | None
    arrivals: tuple[Arrival, ...]
    arrived: str
    rollback: bool


def wave_page(snapshot: Snapshot, wave: Wave, checks: Sequence[Check]) -> WavePage:
    """Make it of the present and the checks of a preflight."""
    statuses = tuple(status for status in snapshot.domains if status.domain.wave == wave.name)
    states = {status.state for status in statuses}
    done = wave.expectation.side is Side.V2 and all(
        state.side is Position.V2 or state is RecordState.UNKNOWN for state in states
    )
    return WavePage(
        statuses,
        None if done else readiness(checks),
        tuple(_arrival(status, snapshot.at) for status in statuses),
        _arrived(statuses, wave),
        wave.expectation.side is Side.V1 and any(map(has_left_v2, statuses)),
    )


def readiness(checks: Sequence[Check]) -> Readiness:
    """Sum checks up."""
    all_together = worst(check.outcome for check in checks)
    subjects: dict[_Alike, list[str]] = {}
    for check in sorted(checks, key=lambda check: WORST_FIRST.index(check.outcome)):
        if check.outcome is not CheckOutcome.PASS:
            subjects.setdefault((check.name, check.outcome, check.sentence, check.remedy), []).append(check.subject)
    merged = tuple(
        Check(name, listed(names), outcome, sentence, remedy)
        for (name, outcome, sentence, remedy), names in subjects.items()
    )
    passed = sum(check.outcome is CheckOutcome.PASS for check in checks)
    return Readiness(all_together, _READINESS_IN_WORDS[all_together], merged, passed)


def has_left_v2(status: DomainStatus) -> bool:
    """Tell whether a record of the domain was seen to leave v2."""
    return any(change.before is Position.V2 for record in status.records for change in record.recent)


def server_words(record: RecordStatus) -> str:
    """Say what a record's servers answer in one line: equal answers are counted, not listed."""
    answers = Counter(server.answer_class.value for server in record.servers if server.answer_class is not None)
    total = plural(len(record.servers), "server")
    if not answers:
        return f"none of {total} has answered"
    newest = latest(server.at for server in record.servers)
    when = f", newest {clock_time(newest)}" if newest is not None else ""
    silent = [server.server.name.rstrip(".") for server in record.servers if server.failure is not None]
    late = f"; {listed(silent)} silent" if silent else ""
    told = [
        f"{count} of {total} {'answers' if count == 1 else 'answer'} {word}" for word, count in answers.most_common()
    ]
    return f"{listed(told)}{when}{late}"


def servers_opened(records: Iterable[RecordStatus]) -> frozenset[RecordType]:
    """Give the records of which one line does not say it all: servers answer differently, or one is silent.

    Of two of which each server says alike, the first says it for both.
    """
    opened: dict[tuple[object, ...], RecordType] = {}
    for record in records:
        said = tuple((server.server, server.answer_class, server.failure) for server in record.servers)
        if len({answer for _, answer, _ in said}) > 1 or any(failure is not None for _, _, failure in said):
            opened.setdefault(said, record.rdtype)
    return frozenset(opened.values())


def resolver_line(status: DomainStatus) -> str:
    """Say what resolvers serve in one line, and until when the late ones may."""
    words = resolver_words(status)
    if not words:
        return "no resolver is watched"
    total = plural(len({one.server.name for one in status.resolvers}), "resolver")
    told = [f"{count} of {total} {'serves' if count == 1 else 'serve'} {word}" for word, count, _ in words]
    others = [f"{who} {word}" for word, _, who in words[1:]]
    due = latest(one.deadline for one in status.resolvers if one.verdict is not ResolverVerdict.CONVERGED)
    until = f", due by {clock_time(due)}" if due is not None else ""
    return told[0] if not others else f"{told[0]}; {listed(others)}{until}"


def _arrival(status: DomainStatus, now: Instant) -> Arrival:
    said: dict[str, list[str]] = {}
    for record in status.records:
        said.setdefault(server_words(record), []).append(record.rdtype.value)
    servers = tuple(f"{listed(types)}: {words}" for words, types in said.items())
    return Arrival(status, servers, resolver_line(status), _cache_words(status, now))


def _cache_words(status: DomainStatus, now: Instant) -> str:
    drain = status.drain
    if drain is None:
        return "may take v1 at any moment" if status.state is not RecordState.UNKNOWN else "not known"
    if drain.deadline is None:
        verdict = status.decommission
        if verdict is not None and verdict.at is not None:
            waiting = any(one.name == Precondition.DRAINED and not one.outcome.holds for one in verdict.checks)
            if waiting:
                return f"inferred: free of v1 from {moment(verdict.at)} on"
        return "v1 was not answered while watched"
    word = "from" if drain.deadline.monotonic > now.monotonic else "since"
    return f"free of v1 {word} {moment(drain.deadline)}" + (" on" if word == "from" else "")


def _arrived(statuses: Iterable[DomainStatus], wave: Wave) -> str:
    """Say of how many domains every server leads where the plan wants it; v2 is where a wave moves."""
    statuses = tuple(statuses)
    its = "it" if len(statuses) == 1 else "them"
    goal, where = wave.expectation.value, f"where the plan wants {its} ({wave.expectation.value})"
    if wave.expectation is Expectation.MOVING:
        goal, where = RecordState.V2.value, f"to v2, and the plan expects {its} to be moving"
    at_goal = sum(status.state.value == goal for status in statuses)
    total = plural(len(statuses), "domain")
    if at_goal == len(statuses):
        return f"All servers of {'its only domain' if at_goal == 1 else f'all {total}'} lead {where}."
    return f"At {at_goal} of {total} all servers lead {where}."
