"""From judged records to everything that is said of their domain: one table of stages, in its order.

Each stage brings one part of the state up to a moment and leaves the rest as it is; one that changes nothing gives the
state itself, as a calm domain's stages do nearly always. It reads what the stages before it have brought up to the same
moment; beside each stands what that is, which is the reason for its place. What is to be told follows afterwards, from
the states before and after (`probe.judge.effects`), so that no stage has to.

The records themselves, the TXT names, the resolvers' answers and the services are not of this table: folding an
observation has brought these up to date (`probe.judge.review`).
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from probe.judge import domain as domains
from probe.judge import domain_text
from probe.judge.acceptance.decommission import decommission
from probe.judge.acceptance.soak import confirm, go_on
from probe.judge.context import Context
from probe.judge.findings.diagnose import diagnose
from probe.judge.homeless import lacked
from probe.judge.propagation.follow import spread
from probe.judge.record.period import flip_period
from probe.judge.record.unknown_target import doubted
from probe.judge.share.window import Drawn, Followed, follow
from probe.judge.state import DomainState
from probe.model.clock import Instant

Conclude: TypeAlias = Callable[[DomainState, Instant, Context], DomainState]


class VerdictStage(NamedTuple):
    """One stage, and why it stands where it does."""

    conclude: Conclude
    reason: str


def _shares(state: DomainState, at: Instant, context: Context) -> DomainState:
    status, memory = state
    before = Followed(status.shares, memory.windows)
    drawn = [Drawn(record, bool(own.elsewhere.values)) for record, own in state.remembered]
    after = follow(before, drawn, status.domain, at, context)
    if after is before:
        return state
    return DomainState(status._replace(shares=after.shares), memory._replace(windows=after.windows))


def _lacked(state: DomainState, _at: Instant, context: Context) -> DomainState:
    known = lacked(context.book)
    return state if known == state.status.lacked else state.with_status(state.status._replace(lacked=known))


def _state(state: DomainState, at: Instant, context: Context) -> DomainState:
    status = state.status
    found = domains.state(status, at, context)
    if found is status.state and status.since is not None:
        return state
    return state.with_status(status._replace(state=found, since=at))


def _expectation(state: DomainState, at: Instant, _context: Context) -> DomainState:
    if state.status.expected_since is not None:
        return state
    return state.with_status(state.status._replace(expected_since=at))


def _sentence(state: DomainState, at: Instant, context: Context) -> DomainState:
    sentence = domain_text.sentence(state, at, context)
    return state if sentence == state.status.sentence else state.with_status(state.status._replace(sentence=sentence))


def _beat(state: DomainState, _at: Instant, _context: Context) -> DomainState:
    period = flip_period(state.remembered)
    return state if period is state.status.flip_period else state.with_status(state.status._replace(flip_period=period))


def _propagation(state: DomainState, at: Instant, context: Context) -> DomainState:
    return state.with_status(spread(state.status, at, context))


def _findings(state: DomainState, at: Instant, context: Context) -> DomainState:
    findings, awaited = diagnose(state, at, context)
    if not (findings or awaited or state.status.findings or state.status.awaited):
        return state
    return state.with_status(state.status._replace(findings=findings, awaited=awaited))


def _soak(state: DomainState, at: Instant, context: Context) -> DomainState:
    in_doubt = tuple((one.record.rdtype, server) for one in state.remembered for server in doubted(*one, at))
    context = context._replace(doubted=in_doubt) if in_doubt else context
    return state.with_status(state.status._replace(confirmation=confirm(state.status, at, context)))


def _decommission(state: DomainState, at: Instant, context: Context) -> DomainState:
    before, verdict = state.status.decommission, decommission(state.status, at, context)
    return state if verdict is before else state.with_status(state.status._replace(decommission=verdict))


PIPELINE: tuple[VerdictStage, ...] = (
    VerdictStage(_shares, "needs the judged records alone: their counts, their states, their transitions"),
    VerdictStage(_lacked, "needs the address book alone; the sentence and the findings ask it why a record is gone"),
    VerdictStage(_state, "joins the judged records; everything below speaks of the domain as a whole"),
    VerdictStage(_expectation, "patience with an expectation counts from the first verdict under it, which is now"),
    VerdictStage(_sentence, "puts the state and the shares into words"),
    VerdictStage(_beat, "measured only of a domain whose state is flapping; the findings tell it"),
    VerdictStage(
        _propagation,
        "caches, resolvers, arrivals and the drain clock follow the records; the clock stands still while the state is "
        "unknown",
    ),
    VerdictStage(_findings, "the rules read all of the above: state, beat, shares, resolvers' verdicts, expectation"),
    VerdictStage(_soak, "an open finding breaks a soak, so that the findings must be those of this moment"),
    VerdictStage(_decommission, "v1 may go only after the soak and the drain clock, when nothing is open"),
)
"""The stages, first to last."""


def conclude(state: DomainState, at: Instant, context: Context) -> DomainState:
    """Bring everything that follows from a domain's records up to `at`."""
    for stage in PIPELINE:
        state = stage.conclude(state, at, context)
    return state


def soaked(state: DomainState, at: Instant, context: Context) -> DomainState:
    """Bring the soak of a domain up to `at`, and what waits for it, where nothing else can have changed."""
    confirmation = go_on(state.status, at, context)
    return _decommission(state.with_status(state.status._replace(confirmation=confirmation)), at, context)
