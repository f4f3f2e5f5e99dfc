"""Fights in sentences: who fights how, how often, who holds the record, and when it flips next."""

from collections.abc import Sequence

from probe.judge.findings.evidence import kinds
from probe.judge.ownership.history import came_and_went, owners_told, resources_told
from probe.judge.record.period import Rhythm, rhythm
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import ExternalDns
from probe.model.record import Position, RecordStatus, Transition
from probe.model.text import PLACES, duration, listed, moment, plural, wall

_NAMED_TRANSITIONS = 4  # transitions whose places a sentence names


def same_owner(
    status: DomainStatus, flapping: Sequence[RecordStatus], claims: Sequence[TxtStatus], since: float
) -> str:
    """Say that two instances with one owner id overwrite a record."""
    owners = _owners(claims, since)
    who = f"the same owner id {owners}" if owners else "the same owner id (encrypted in their TXT)"
    objects = sorted(frozenset().union(*(resources_told(txt, since) for txt in claims)))
    apart = f"; they keep it for different objects, {listed(objects)}" if len(objects) > 1 else ""
    switching = {txt.kind for txt in claims if came_and_went(txt, since)}
    mixed = "; one writes a CNAME (--aws-prefer-cname), the other an alias"
    return (
        f"Two ExternalDNS with {who} overwrite {_what(status, flapping)}"
        f"{mixed if {TxtKind.CNAME, TxtKind.A} <= switching else ''}{apart}."
    )


def mutual_migration(
    status: DomainStatus, flapping: Sequence[RecordStatus], claims: Sequence[TxtStatus], since: float
) -> str:
    """Say that two instances migrate a record from each other."""
    owners = _owners(claims, since) or "each other"
    return (
        f"Two ExternalDNS take {_what(status, flapping)} from each other; target and owner change together, between "
        f"{owners}: each migrates from the other's owner."
    )


def version_mix(
    status: DomainStatus, flapping: Sequence[RecordStatus], claims: Sequence[TxtStatus], since: float
) -> str:
    """Say that two versions of ExternalDNS read two owners of one record."""
    of_aliases = [txt for txt in claims if txt.kind in (TxtKind.A, TxtKind.CNAME)] or claims
    told = [f"{display(txt.name)} names {names}" for txt in of_aliases if (names := _owners((txt,), since))]
    return (
        f"Two ExternalDNS of different versions overwrite {_what(status, flapping)}; each reads another TXT and finds "
        f"itself the owner: {listed(told)}."
    )


def delete_create(
    status: DomainStatus, flapping: Sequence[RecordStatus], claims: Sequence[TxtStatus], since: float
) -> str:
    """Say that one instance creates what another deletes."""
    owners = _owners(claims, since)
    who = f" {owners}" if owners else ""
    creates, deletes = _roles(flapping)
    return (
        f"Two ExternalDNS with the same owner id{who} and --policy=sync want different hosts: {creates} creates and "
        f"{deletes} deletes {_what(status, flapping)}."
    )


def taken_and_deleted(status: DomainStatus, flapping: Sequence[RecordStatus], v2: ExternalDns) -> str:
    """Say that v2's take-over deletes what v1's instance creates anew."""
    return (
        f'v2\'s ExternalDNS ("{v2.txt_owner_id}") migrates from "{v2.migrate_from_txt_owner}" with --policy=sync and, '
        f"by the plan, has no object for {display(status.domain.name)}: it takes the record for its own and deletes "
        f"it, and v1's creates it anew: {_what(status, flapping)}."
    )


def _roles(flapping: Sequence[RecordStatus]) -> tuple[str, str]:
    """Tell whose ExternalDNS creates and whose deletes: who creates a record leads it to its own load balancer."""
    led = {
        place
        for record in flapping
        for change in record.recent[-_NAMED_TRANSITIONS:]
        for place in (change.before, change.after)
        if place.is_side
    }
    if len(led) != 1:
        return "one", "the other"
    (creator,) = led
    other = Position.V2 if creator is Position.V1 else Position.V1
    return f"{PLACES[creator]}'s", f"{PLACES[other]}'s"


def flip_flop(status: DomainStatus, flapping: Sequence[RecordStatus], *, fallback: bool) -> str:
    """Say that a record changes to and fro for no reason that its ownership shows, or because of health checks."""
    why = ", and one of the sides has no weight: look at the health checks of the other" if fallback else ""
    return f"{display(status.domain.name)}: {'; '.join(map(_flip_flops, flapping))}{_beat(flapping)}{why}."


def _flip_flops(record: RecordStatus) -> str:
    if not record.recent:
        return f"{record.rdtype.value} changes to and fro faster than its servers follow"
    places = dict.fromkeys(
        PLACES[place]
        for transition in record.recent[-_NAMED_TRANSITIONS:]
        for place in (transition.before, transition.after)
    )
    span = record.recent[-1].at.monotonic - record.recent[0].at.monotonic
    return (
        f"{record.rdtype.value} changes to and fro between {listed(list(places))}, "
        f"{plural(len(record.recent), 'change')} within {duration(span)}"
    )


def _what(status: DomainStatus, flapping: Sequence[RecordStatus]) -> str:
    return f"{display(status.domain.name)} ({kinds(flapping)}){_beat(flapping)}{_newest(flapping)}"


def _owners(claims: Sequence[TxtStatus], since: float) -> str:
    names = {name for txt in claims for owners in owners_told(txt, since) for name in owners}
    return listed([f'"{name}"' for name in sorted(names)])


def _beat(flapping: Sequence[RecordStatus]) -> str:
    measured = _rhythm(flapping)
    if measured.period is None:
        return ""
    shares = [f"{PLACES[place]} for {share:.0%}" for place, share in measured.shares if place.is_side]
    holds = f" (it leads to {listed(shares)} of the time)" if len(measured.shares) > 1 and shares else ""
    return f" every {duration(measured.period)}{holds}"


def _newest(flapping: Sequence[RecordStatus]) -> str:
    newest = _last(flapping)
    if newest is None:
        return ""
    next_at = _rhythm(flapping).next_at
    foretold = f", and the next change is due at {wall(next_at)}" if next_at is not None else ""
    return f", last to {PLACES[newest.after]} at {moment(newest.at)}{foretold}"


def _rhythm(flapping: Sequence[RecordStatus]) -> Rhythm:
    return rhythm(max(flapping, key=lambda record: len(record.recent)))


def _last(flapping: Sequence[RecordStatus]) -> Transition | None:
    newest = [record.recent[-1] for record in flapping if record.recent]
    return max(newest, key=lambda transition: transition.at.monotonic) if newest else None
