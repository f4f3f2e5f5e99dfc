"""The chain that is watched, link by link: has each what the plan expects of the domain?

| link | seen by | yes |
| --- | --- | --- |
| wanted | the clusters that are witnesses | the expected side's ExternalDNS writes it, and no other overwrites it |
| written | the hosted zone, where it is a witness | its sets lead to the expected side, or have the declared weights |
| served | the authoritative servers | as `check` says |
| cached | the watched resolvers | they answer what is expected |
| reached | HTTPS checks | the service works where the name is expected to lead |

While a domain moves, and where Route 53 chooses, either side is expected. A link that nobody looks at is `not watched`,
and one whose witness fails, or has not been read lately, is `not known`: nothing is concluded from an old word.
"""

from collections.abc import Callable
from typing import TypeAlias

from probe.judge.acceptance.criteria import newest_evidence
from probe.judge.acceptance.expectation import verdict
from probe.judge.acceptance.side import goal
from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.domain import cache_of, open_split, relevant
from probe.judge.explain import explain
from probe.judge.findings.witnessed import contest, is_read, is_wanted
from probe.judge.record_sets import described, is_fresh, side_of, weights
from probe.judge.state import DomainState
from probe.judge.zone_views import seeing, views
from probe.model.check import CheckOutcome
from probe.model.clock import Instant, latest
from probe.model.domain import DomainStatus
from probe.model.finding import Link
from probe.model.name import display
from probe.model.plan import Expectation, Plan
from probe.model.reason import ChainLink, ChainMark, Explanation
from probe.model.record import RecordState
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.service import ServiceState
from probe.model.side import Side
from probe.model.text import PLACES, brief, listed, moment, plural
from probe.model.witness import ClusterWish, Wanted, Written, WrittenSet

_Seen: TypeAlias = tuple[ChainMark, str, Instant | None]

_UNWATCHED: _Seen = (ChainMark.UNWATCHED, "", None)


def explained(state: DomainState, at: Instant, plan: Plan) -> Explanation:
    """Tell why a domain has its state, how each link stands, and what both of its views are."""
    status = state.status
    return explain(state, at, plan)._replace(chain=chain(status, at, plan), views=views(status, at, plan))


def chain(status: DomainStatus, at: Instant, plan: Plan) -> tuple[ChainLink, ...]:
    """Tell how every link stands at `at`, in the order in which they lead to a user."""
    return tuple(ChainLink(link, *look(status, at, plan)) for link, look in _LINKS.items())


def _wanted(status: DomainStatus, at: Instant, _plan: Plan) -> _Seen:
    wanted = status.witnessed.wanted
    expected = [side for side in Side if wanted and wanted.reading(side) and _is_expected(status, side)]
    if wanted is None or not expected:
        return _UNWATCHED
    newest = latest(one.at for one in wanted.readings)
    unread = [side.value for side in expected if not is_read(wanted, side, at)]
    if unread:
        return ChainMark.UNKNOWN, _unread([f"{side}'s cluster" for side in unread], newest), newest
    both = contest(status, wanted, at)
    if both is not None:
        return ChainMark.NO, f"Both clusters want it, and {both.why}.", newest
    writing = [side for side in expected if is_wanted(wanted, side, at)]
    needed = expected if status.domain.expectation is Expectation.WEIGHTED else expected[:1]
    if len(writing) < len(needed):
        return _not_wanted(wanted, [side for side in expected if side not in writing], newest)
    return ChainMark.YES, f"{_by_object(wanted)}.", newest


def _not_wanted(wanted: Wanted, lacking: list[Side], newest: Instant | None) -> _Seen:
    missed = [reading for side in lacking if (reading := wanted.reading(side)) is not None and not wanted.of(side)]
    if any(not reading.is_whole for reading in missed):
        return ChainMark.UNKNOWN, "Not all of the clusters' objects could be read.", newest
    told = [f"No object of {reading.side.value}'s cluster wants it." for reading in missed]
    told += [f"{one.workload} of {one.side.value} is stopped." for side in lacking for one in wanted.of(side)[:1]]
    return ChainMark.NO, " ".join(told), newest


def _by_object(wanted: Wanted) -> str:
    told = [(side, wanted.of(side)) for side in Side]
    return listed([f"{side.value} wants it by {_objects(wishes)}" for side, wishes in told if wishes])


def _objects(wishes: tuple[ClusterWish, ...]) -> str:
    told = {
        f"{one.resource}{' (its wildcard)' if one.by_wildcard else ''}{' (stopped)' if one.stopped else ''}"
        for one in wishes
    }
    return brief(sorted(told))


def _written(status: DomainStatus, at: Instant, plan: Plan) -> _Seen:
    written = status.witnessed.written
    if written is None:
        return _UNWATCHED
    if not written.is_current or not is_fresh(written.at, at):
        return ChainMark.UNKNOWN, _unread(["The hosted zone"], written.at), written.at
    if written.zone is None:
        return ChainMark.UNKNOWN, "No hosted zone that is read holds the name.", written.at
    view = "private" if written.is_private else "public"
    if written.is_private is not (cache_of(status) is not None):
        return ChainMark.UNKNOWN, f"What is read is its {view} zone, and not the one that is served here.", written.at
    if not written.sets:
        return ChainMark.NO, f"{display(written.zone)} has no record of it.", written.at
    book = open_book(plan)
    sets = f"{listed([described(one, book) for one in written.sets])}."
    return _mark_of_sets(status, written, book), sets, written.at


def _mark_of_sets(status: DomainStatus, written: Written, book: AddressBook) -> ChainMark:
    sides = {side_of(one, book) for one in written.sets if not _has_no_share(one, written)}
    side, declared = goal(status), status.domain.weights
    if side is None and status.domain.expectation is Expectation.WEIGHTED and declared is not None:
        found = [weights(written.sets, record.rdtype, book) for record in relevant(status)]
        stand = [own for own in found if own is not None]
        return ChainMark.YES if stand and all(own.is_like(declared) for own in stand) else ChainMark.NO
    expected = set(Side) if side is None or side.side is None else {side.side}
    if sides <= expected:
        return ChainMark.YES
    return ChainMark.UNKNOWN if sides <= {*expected, None} else ChainMark.NO


def _has_no_share(one: WrittenSet, written: Written) -> bool:
    """Tell whether Route 53 answers with a set only while another one's health check fails: its weight is zero."""
    return one.weight == 0 and any(
        other.weight and other.rdtype == one.rdtype and other.health is not False for other in written.sets
    )


def _served(status: DomainStatus, _at: Instant, _plan: Plan) -> _Seen:
    return _mark(verdict(status).outcome), f"{_place(status)}.", newest_evidence(status)


def _place(status: DomainStatus) -> str:
    state = status.state
    if state.side is not None:
        so_far = " so far" if open_split(status) is not None else ""
        return f"It leads to {PLACES[state.side]}{so_far}"
    kinds = [f"{record.rdtype.value} is {record.state.value}" for record in relevant(status)]
    if state is RecordState.UNKNOWN:
        return "Too few servers have answered"
    return f"It is {state.value}" if len({record.state for record in relevant(status)}) == 1 else listed(kinds)


def _mark(outcome: CheckOutcome) -> ChainMark:
    match outcome:
        case CheckOutcome.PASS | CheckOutcome.WARN:
            return ChainMark.YES
        case CheckOutcome.FAIL:
            return ChainMark.NO
        case CheckOutcome.UNKNOWN:
            return ChainMark.UNKNOWN


def _cached(status: DomainStatus, _at: Instant, plan: Plan) -> _Seen:
    if not seeing(plan.resolvers, status):
        return _UNWATCHED
    kinds = {record.rdtype for record in relevant(status)}
    heard = [one for one in status.resolvers if one.rdtype in kinds and one.at is not None]
    newest = latest(one.at for one in heard)
    away = sorted({one.server.name for one in heard if _is_away(one, status)})
    if away:
        return ChainMark.NO, f"{brief(away)} {'answers' if len(away) == 1 else 'answer'} otherwise.", newest
    told = {one.server.name for one in heard if one.verdict is ResolverVerdict.CONVERGED}
    if not told:
        return ChainMark.UNKNOWN, "No resolver has told it yet.", newest
    return ChainMark.YES, f"{plural(len(told), 'resolver')} {'answers' if len(told) == 1 else 'answer'} so.", newest


def _is_away(one: ResolverStatus, status: DomainStatus) -> bool:
    side = goal(status)
    if one.verdict in (ResolverVerdict.LATE, ResolverVerdict.WRONG, ResolverVerdict.NEGATIVE, ResolverVerdict.WAITING):
        return True
    return side is not None and one.verdict is ResolverVerdict.CONVERGED and one.answer_class != side.value


def _reached(status: DomainStatus, _at: Instant, _plan: Plan) -> _Seen:
    if status.domain.http is None:
        return _UNWATCHED
    state = status.state.side
    sides = [side for side in Side if _is_expected(status, side)]
    if len(sides) > 1 and state is not None:
        sides = [side for side in sides if side is state.side]
    services = [one for one in status.services if one.side in sides]
    newest = latest(check.check.at for one in services for check in one.addresses)
    down = [one.side.value for one in services if one.state is ServiceState.DOWN]
    if down:
        return ChainMark.NO, f"HTTPS fails on {listed(down)}.", newest
    if not services or any(one.state is ServiceState.UNKNOWN for one in services):
        open_ones = [one.side.value for one in services if one.state is ServiceState.UNKNOWN] or ["either side"]
        return ChainMark.UNKNOWN, f"HTTPS on {listed(open_ones)} has not been seen to work or fail.", newest
    return ChainMark.YES, f"HTTPS works on {listed([one.side.value for one in services])}.", newest


def _is_expected(status: DomainStatus, side: Side) -> bool:
    expected = goal(status)
    return expected is None or expected.side is side


def _unread(whose: list[str], newest: Instant | None) -> str:
    words = listed(whose)
    verb = "was" if len(whose) == 1 else "were"
    since = f"{verb} not read since {moment(newest)}" if newest is not None else f"{verb} never read"
    return f"{words} {since}."


_LINKS: dict[Link, Callable[[DomainStatus, Instant, Plan], _Seen]] = {
    Link.WANTED: _wanted,
    Link.WRITTEN: _written,
    Link.SERVED: _served,
    Link.CACHED: _cached,
    Link.REACHED: _reached,
}
