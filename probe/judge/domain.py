"""The verdict on a domain from its records, in one word; `domain_text` has the sentence.

A and AAAA are judged apart and joined here by precedence: the worst of the two speaks. A family that never existed is
left out (a name with A only is no half outage), unless neither exists. Two families that stand on different sides
are `divided`, but only when neither of them changed within the grace time: Route 53 gives no promise that the two
records of one change batch arrive together.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import assert_never

from probe.judge.context import Context
from probe.judge.record import flapping as flapped
from probe.judge.record.state import QUORUM, quorum
from probe.judge.record_sets import chosen_between, known
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FindingCode
from probe.model.plan import Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.share import Share, ShareVerdict
from probe.model.side import Side
from probe.model.witness import Written, WrittenSet


def _precedence(state: RecordState) -> int:
    """Give a state's place, the worst first: `unknown` before the sides, which one family of two does not prove."""
    match state:
        case RecordState.FLAPPING:
            place = 0
        case RecordState.DIVIDED:
            place = 1
        case RecordState.FOREIGN:
            place = 2
        case RecordState.ABSENT:
            place = 3
        case RecordState.PROPAGATING:
            place = 4
        case RecordState.WEIGHTED:
            place = 5
        case RecordState.UNKNOWN:
            place = 6
        case RecordState.V1:
            place = 7
        case RecordState.V2:
            place = 8
        case _:
            assert_never(state)
    return place


PRECEDENCE = tuple(sorted(RecordState, key=_precedence))
"""Which of its records' states a domain has: the first of these that one of them is in."""

SIDES = frozenset(position for position in Position if position.is_side)
"""Both sides."""

SEEN_APART = 3.0
"""Seconds after a server shows one family's change in which it shows the other's, written in the same batch. Were both
drawn at 1 to 1, one would have to lead away and the other one to stay, at two servers, in a dozen answers of each."""


def relevant(status: DomainStatus) -> tuple[RecordStatus, ...]:
    """Give the records that the domain consists of: those that exist or may exist; all, if none ever did."""
    for record in status.records:  # a dozen rules ask at each judgement, and nearly always it is all of them
        if record.state is RecordState.ABSENT and not record.existed:
            break
    else:
        return status.records
    existing = tuple(record for record in status.records if record.existed or record.state is not RecordState.ABSENT)
    return existing or status.records


def with_home(status: DomainStatus, context: Context) -> tuple[RecordStatus, ...]:
    """Give the records that the domain consists of, but those that are gone because no load balancer has their type.

    The name exists without them: where the side to which all others lead lacks a family, nothing is there to serve it.
    """
    pair = relevant(status)
    away = [record for record in pair if record.state is RecordState.ABSENT]
    if not away:
        return pair
    left = tuple(record for record in pair if record not in away)
    return pair if _lacking({record.state.side for record in left}, away, context) is None else left


def side_without(away: Sequence[RecordStatus], status: DomainStatus, context: Context) -> Side | None:
    """Give the side to which the domain's other records lead, if its load balancers have no address of these types."""
    others = {record.position for record in relevant(status) if record not in away and record.position is not None}
    return _lacking(others, away, context)


def _lacking(places: Collection[Position | None], away: Sequence[RecordStatus], context: Context) -> Side | None:
    """Give the one side at which these places are, if its load balancers lack an address of each of these types."""
    place = next(iter(places)) if len(places) == 1 else None
    side = None if place is None else place.side
    if side is None or not away or not all(context.book.lacks(side, record.rdtype) for record in away):
        return None
    return side


def cache_of(status: DomainStatus) -> int | None:
    """Give for how many seconds resolvers that the plan names for the zone hold what is seen of a domain.

    None where its servers answer with authority. A family that does not exist does not count: a denial is held for
    longer than what it denies is missed.
    """
    return max((record.cache for record in relevant(status) if record.cache is not None), default=None)


def hosted(status: DomainStatus, at: Instant) -> Written | None:
    """Give what stands in the hosted zone that the domain's servers answer from, where a witness has read it lately."""
    return known(status.witnessed.written, at, is_private=cache_of(status) is not None)


def chosen_sets(
    status: DomainStatus, rdtypes: Iterable[RecordType], at: Instant, context: Context
) -> tuple[WrittenSet, ...]:
    """Give the sets of the hosted zone between which Route 53 chooses for some types, where it was read lately."""
    written = hosted(status, at)
    if written is None:
        return ()
    return tuple(one for rdtype in rdtypes for one in chosen_between(written.sets, rdtype, context.book))


def is_denied_by_name(records: Iterable[RecordStatus]) -> bool:
    """Tell whether servers deny that a name exists, and none says that it does, without what was asked for (NODATA).

    An alias whose target has no address answers NODATA, and so does a name with nothing but a TXT.
    """
    said = [one.response for record in records for one in record.servers if one.response is not None]
    return bool(said) and all(each.rcode == "NXDOMAIN" and not each.answer for each in said)


def expected_for(status: DomainStatus, at: Instant) -> float:
    """Tell for how many seconds the domain has had its present expectation."""
    return at.monotonic - status.expected_since.monotonic if status.expected_since is not None else 0.0


def stood_before(record: RecordStatus, status: DomainStatus) -> bool:
    """Tell whether the record was in its state before the present expectation was."""
    return (
        record.since is not None
        and status.expected_since is not None
        and record.since.monotonic < status.expected_since.monotonic
    )


def state(status: DomainStatus, at: Instant, context: Context) -> RecordState:
    """Give the domain's state at `at`."""
    states = {record.state for record in with_home(status, context)}
    if {state.side for state in states} == SIDES:
        return RecordState.DIVIDED if is_family_split(status, at, context) else RecordState.PROPAGATING
    return next((candidate for candidate in PRECEDENCE if candidate in states), RecordState.UNKNOWN)


def is_family_split(status: DomainStatus, at: Instant, context: Context) -> bool:
    """Tell whether A and AAAA stand on different sides, none of them having changed within the grace time.

    While one of them flaps and the other one has not moved since, the other one's side decides: half of the time they
    are split. It has to have flapped for the grace time: the other one may be about to be seen to flap as well. And
    they have to have been seen apart: where both flap and one is called first, the other one is where it is.
    """
    pair = relevant(status)
    flaps = any(record.state is RecordState.FLAPPING for record in pair)
    is_told = any(finding.code is FindingCode.FAMILY_SPLIT for finding in status.findings)
    apart = len({record.position for record in pair} & SIDES) > 1
    if flaps:
        apart = _flaps_beside_a_standing_one(pair) and (is_told or (apart and _are_seen_apart(pair)))
    if not apart:
        return False
    if not all(record.state.is_side or record.state is RecordState.FLAPPING for record in pair):
        return False
    standing = [record for record in pair if record.state.is_side]
    signs = [sign.monotonic for record in pair for sign in _newest_signs(record, is_told=is_told)]
    since = max(signs, default=at.monotonic) + context.probing.grace
    return bool(standing) and at.monotonic > since and (flaps or all(_says_so(one, since, at, context) for one in pair))


def _says_so(record: RecordStatus, since: float, at: Instant, context: Context) -> bool:
    """Tell whether a quorum has said since then where a record stands: what was heard before may have changed."""
    saying = [one.at for one in record.servers if one.position is record.position and one.at is not None]
    return sum(heard.monotonic > since for heard in saying) >= quorum(record, at.monotonic, context)


def _flaps_beside_a_standing_one(pair: tuple[RecordStatus, ...]) -> bool:
    """One of them flaps, and the other one stands: not one that moved itself while it did."""
    flapping = [record for record in pair if record.state is RecordState.FLAPPING]
    standing = [record for record in pair if record.state is not RecordState.FLAPPING]
    if not flapping or not standing or not all(record.position in SIDES for record in pair):
        return False
    begun = min(_began(record) for record in flapping)
    return all(record.disturbed is None and not _moved_since(record, begun) for record in standing)


def _are_seen_apart(pair: tuple[RecordStatus, ...]) -> bool:
    """Tell whether servers have said of the one that stands that it stands, between saying that the other is away.

    Both are written in one batch: what has not followed at a server after `SEEN_APART` does not follow. And what is
    said of the one after the newest word about the other may be the next change of both.
    """
    flapping = [record for record in pair if record.state is RecordState.FLAPPING]
    standing = [record for record in pair if record.state is not RecordState.FLAPPING]
    if any(server.position not in (None, record.position) for record in standing for server in record.servers):
        return False
    both = [
        (away, stands, one.position)
        for one in flapping
        for other in standing
        for away, stands in zip(one.servers, other.servers, strict=True)
    ]
    seen = sum(away.position is place and _was_heard_between(away, stands) for away, stands, place in both)
    return seen >= min(QUORUM, len(both))


def _was_heard_between(away: ServerStatus, stands: ServerStatus) -> bool:
    if away.since is None or away.at is None or stands.at is None:
        return False
    return away.since.monotonic + SEEN_APART <= stands.at.monotonic <= away.at.monotonic


def _began(record: RecordStatus) -> float:
    times = flapped.chain(record.recent).times
    return times[0] if times else record.since.monotonic if record.since is not None else 0.0


def _moved_since(record: RecordStatus, begun: float) -> bool:
    """Tell whether a record that stands has changed after the other one had begun to flap: a family on its own way."""
    return any(transition.at.monotonic > begun for transition in record.recent)


def _newest_signs(record: RecordStatus, *, is_told: bool) -> list[Instant]:
    """Give when it last changed, and since when it is in its state.

    Of families that were told to lead apart while one of them flapped, the end of that says nothing new: it came
    minutes after the newest change.
    """
    signs = [transition.at for transition in record.recent[-1:] if record.state is not RecordState.FLAPPING]
    if record.since is not None and not (signs and is_told):
        signs.append(record.since)
    return signs


def open_split(status: DomainStatus) -> Weights | None:
    """Give the declared weights of a domain that leads to one side, or is on its way, though both have a part.

    What is seen may be as declared: a small part shows itself seldom, and through a cache once in many TTLs. None once
    the answers have ruled that out, and where they prove draws.
    """
    weights = status.domain.weights
    if status.domain.expectation is not Expectation.WEIGHTED or weights is None or not (weights.v1 and weights.v2):
        return None
    if not (status.state.is_side or status.state is RecordState.PROPAGATING):
        return None
    shares = shares_of(status, relevant(status))
    return None if shares and all(share.verdict is ShareVerdict.OFF for share in shares) else weights


def shares_of(status: DomainStatus, pair: tuple[RecordStatus, ...]) -> tuple[Share, ...]:
    """Give the shares that are known of some of a domain's records."""
    kinds = {record.rdtype for record in pair}
    return tuple(share for share in status.shares if share.rdtype in kinds)
