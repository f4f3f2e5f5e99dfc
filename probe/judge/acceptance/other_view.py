"""Whether the view of a name that is not judged holds it back: a sign-off of one view says nothing of the other.

Where a public and a private zone have a name, and resolvers that see the view that is not judged are watched, its
clients count as well. A wave is not confirmed on v2 while that view leads to v1, nor may v1 go: what it answers to
those clients would be gone. Where it leads elsewhere, to an address of neither side or to nothing, no client of it is
on v1, and that is all that a confirmation asks of it. Before v1 goes its ExternalDNS has to have let go of the record
there too: the other zone has ownership TXT of its own. A probe that nobody gives such a resolver judges one view.

All of this is seen through caches: what resolvers answer, as late as they let it be seen.
"""

from probe.judge.acceptance.drained import LONGER, UNSEEN_TTL, UNWATCHED, Drained, Told
from probe.judge.acceptance.released import released
from probe.judge.acceptance.side import goal
from probe.judge.context import Context
from probe.judge.ownership.lookup import owner_ids
from probe.judge.preflight.ownership import written_names
from probe.judge.propagation.resolver import TTLS_OVER
from probe.judge.record_sets import read_off
from probe.judge.zone_views import UNHEARD, OtherView, other_view, owner_words, places_of
from probe.model.check import CheckOutcome
from probe.model.clock import Instant, latest
from probe.model.domain import DomainStatus
from probe.model.external_dns import Registry
from probe.model.name import DomainName, display
from probe.model.ownership import TxtOwner, TxtStatus
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus, Transition
from probe.model.resolver import ResolverStatus
from probe.model.side import Side
from probe.model.text import brief, duration, listed, moment

_LOOK_AGAIN = "Look again, once a resolver that sees it answers; the plan names them in `resolvers`, by `sees`."


def other_side(status: DomainStatus, at: Instant, context: Context) -> tuple[CheckOutcome, str] | None:
    """Judge as a criterion that the other view does not lead where its wave is not expected to be."""
    expected, seen = goal(status), other_view(status, at, context.resolvers, context.probing, context.book)
    if expected is None or seen is None:
        return None
    if not seen.places:
        return CheckOutcome.UNKNOWN, _unheard(seen)
    harmless = all(place is expected or not place.reaches_a_side for place in seen.places)
    return CheckOutcome.PASS if harmless else CheckOutcome.FAIL, f"{_told(seen)}."


def left_by(status: DomainStatus, at: Instant, context: Context) -> Drained | None:
    """Judge as a precondition of deleting v1's Ingress that the other view leads nobody to v1; None where nobody looks.

    When it left v1 is known to a resolver's turn, or to a reading of its hosted zone. v1's TTL is known where resolvers
    gave v1's answers for longer than the TTL that came with them: one was fetched meanwhile, with nearly all of it.
    Else it is taken to be a day, as where v1's last answer was not watched. Until then nobody knows that v1 may go.
    """
    seen = other_view(status, at, context.resolvers, context.probing, context.book)
    if seen is None:
        return None
    against = _against(status, seen, context)
    if against is not None:
        return Drained(against)
    read = read_off(status.other_read, Side.V1, context.book) or seen.at if seen.zone is not None else None
    since = latest([seen.since, read])
    if since is None:
        return Drained((CheckOutcome.UNKNOWN, f"{_told(seen)}; since when is not known.", _LOOK_AGAIN))
    known = _seen_ttl(seen)
    ttl = UNWATCHED if known is None else max(UNSEEN_TTL, known)
    end = since.after(ttl + context.probing.grace)
    if end.monotonic <= at.monotonic:
        return Drained(_elsewhere(seen, None if known is not None else end))
    grace = duration(context.probing.grace)
    if known is not None:
        why = f"inferred from a TTL of {duration(ttl)}"
        remedy = "Wait; docs/operations.md says when v1 is drained."
    else:
        why = f"v1's TTL there was not seen, and is taken to be at most {duration(ttl)}: inferred"
        remedy = (
            f"Wait; if you know the TTL of v1's record there, caches have let go that long, and {grace}, after "
            f"{moment(since)}."
        )
    told = f"{_told(seen)}, since {moment(since)}: {why}, caches may lead its clients to v1 until {moment(end)}."
    return Drained((CheckOutcome.UNKNOWN, told, remedy), end)


def _seen_ttl(seen: OtherView) -> int | None:
    """Give the seconds for which v1's answers may be held in the other view, as resolvers showed it; None if none did.

    A cache counts down, so that what was answered for no longer than the TTL that came with it may have had any.
    """
    told = [_longest_on_v1(one) for one in seen.heard if any(spell.answer_class.leads_to_v1 for spell in one.past)]
    known = [ttl for ttl in told if ttl is not None]
    return TTLS_OVER * max(known) if known and len(known) == len(told) else None


def _longest_on_v1(one: ResolverStatus) -> int | None:
    """Give the longest TTL of v1's answers of a resolver; None where none was fetched while it was watched."""
    ends = [*(spell.since for spell in one.past[1:]), one.since]
    led = [(spell, end) for spell, end in zip(one.past, ends, strict=True) if spell.answer_class.leads_to_v1]
    longest = max((spell.ttl or 0 for spell, _ in led), default=0)
    outlasted = any(end is not None and end.monotonic - spell.since.monotonic > longest for spell, end in led)
    return longest if longest and outlasted else None


def left_beside(status: DomainStatus, at: Instant, context: Context) -> tuple[DomainName, ...]:
    """Give the TXT names of the other view that name v1's owner and that v2's ExternalDNS neither rewrites nor deletes.

    Resolvers show them, and the hosted zone where a witness reads it. Where that view does not lead to v2, v2's writes
    nothing there.
    """
    seen = other_view(status, at, context.resolvers, context.probing, context.book)
    if seen is None:
        return ()
    owners = {txt.name: owner_ids(txt) for txt in seen.txts}
    for txt in seen.zone_txts:
        owners[txt.name] = owners.get(txt.name, frozenset()) | {txt.owner}
    left = [
        name
        for v1 in context.external_dns(Side.V1)
        for v2 in context.external_dns(Side.V2)
        if v1.registry is Registry.TXT and v1.txt_owner_id != v2.txt_owner_id
        for name, named in owners.items()
        if v1.txt_owner_id in named and not (Position.V2 in seen.places and name in written_names(status, v2))
    ]
    return tuple(dict.fromkeys(left))


def _against(status: DomainStatus, seen: OtherView, context: Context) -> Told | None:
    """Say what is in v1's way, whatever time passes; None where nothing is."""
    if not seen.places:
        return CheckOutcome.UNKNOWN, _unheard(seen), _LOOK_AGAIN
    if any(place.leads_to_v1 for place in seen.places):
        remedy = f"Move the {seen.view} view as well, or delete v1's record in its zone if nobody needs it."
        return CheckOutcome.FAIL, f"{_told(seen)}: v1 still serves its clients.", remedy
    return _owned_in_zone(status, seen, context) or (_owned_by_v1(status, seen, context) if seen.heard else None)


def _owned_in_zone(status: DomainStatus, seen: OtherView, context: Context) -> Told | None:
    """Say what keeps v1's ExternalDNS from having let go of the record in the hosted zone that a witness has read."""
    if seen.zone is None or seen.at is None:
        return None
    place = Position.V2 if Position.V2 in seen.places else seen.places[0]
    written = {rdtype: any(one.rdtype in (rdtype, "CNAME") for one in seen.zone_sets) for rdtype in ADDRESS_TYPES}
    records = tuple(
        RecordStatus(rdtype, RecordState(place.value), seen.at, place, existed=True)
        if is_written
        else RecordStatus(rdtype)
        for rdtype, is_written in written.items()
    )
    kinds = {txt.name: txt.kind for txt in status.txts}
    owners: dict[DomainName, tuple[TxtOwner, ...]] = {}
    for one in seen.zone_txts:
        owners[one.name] = (*owners.get(one.name, ()), TxtOwner(one.owner, None))
    txts = tuple(TxtStatus(name, owners=named, at=seen.at, kind=kinds.get(name)) for name, named in owners.items())
    where = f"In the hosted zone {display(seen.zone)} of the {seen.view} view"
    return _unreleased(where, status._replace(records=records, txts=txts), context)


def _owned_by_v1(status: DomainStatus, seen: OtherView, context: Context) -> Told | None:
    """Say what keeps v1's ExternalDNS from having let go of the record there, as resolvers show it."""
    records = tuple(_record(seen, rdtype) for rdtype in ADDRESS_TYPES)
    held = {txt.name: txt for txt in seen.txts}
    txts = tuple(held.get(txt.name, TxtStatus(txt.name, kind=txt.kind)) for txt in status.txts)
    return _unreleased(f"In the {seen.view} view", status._replace(records=records, txts=txts), context)


def _unreleased(where: str, status: DomainStatus, context: Context) -> Told | None:
    """Judge one view as the judged one is; None where v1's ExternalDNS has let go, or no record is there."""
    if not any(record.existed for record in status.records):
        return None
    outcome, sentence, remedy = released(status, context)
    return None if outcome is CheckOutcome.PASS else (outcome, f"{where}: {sentence}", remedy)


def _record(seen: OtherView, rdtype: RecordType) -> RecordStatus:
    """Give a record of the other view as resolvers show it, changed last when their answers did."""
    heard = [one for one in seen.heard if one.rdtype is rdtype]
    place = next(iter(places_of(heard)), None)
    since = latest(one.since for one in heard)
    if place is None or since is None:
        return RecordStatus(rdtype)
    state = RecordState.DIVIDED if place is Position.MIXED else RecordState(place.value)
    changed = Transition(since, Position.ABSENT, place, reversal=False)
    return RecordStatus(rdtype, state, since, place, existed=place is not Position.ABSENT, recent=(changed,))


def _elsewhere(seen: OtherView, inferred: Instant | None) -> Told:
    """Say where it leads, once caches have let go of v1: `inferred`, where v1's TTL was not seen, since then."""
    since = (
        "" if inferred is None else f"; inferred, no cache that obeys TTLs leads to v1 there since {moment(inferred)}"
    )
    if Position.FOREIGN in seen.places:
        remedy = "If it is a load balancer of v1, give it to the plan as one."
        return CheckOutcome.WARN, f"{_told(seen)}: by the plan's load balancers it is none of v1's{since}.", remedy
    if inferred is not None:
        return CheckOutcome.WARN, f"{_told(seen)}{since}.", LONGER
    return CheckOutcome.PASS, f"{_told(seen)}.", ""


def _told(seen: OtherView) -> str:
    owner = owner_words(seen.owners)
    by = [f"the caches of {brief(list(seen.who))}"] if seen.who else []
    by += [f"its hosted zone {display(seen.zone)}"] if seen.zone is not None else []
    return f"The {seen.view} view {seen.leads}{owner and f' ({owner})'}, by {listed(by)}"


def _unheard(seen: OtherView) -> str:
    return f"Where the {seen.view} view leads is not known: {UNHEARD[0].lower()}{UNHEARD[1:]}."
