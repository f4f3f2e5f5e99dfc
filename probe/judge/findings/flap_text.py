"""Fights in sentences: who fights how, how often, who holds the record, what proves it, and when it flips next.

What TXT shows is said as seen; what the beat alone shows as inferred. A time is foretold only while it is still to
come, and when nothing has moved for longer than the episode's own dwells, the sentence says since when, and when that
will have been long enough to count as over.
"""

from collections.abc import Sequence
from typing import NamedTuple

from probe.judge.findings.evidence import kinds
from probe.judge.ownership.history import came_and_went, owners_told, resources_told
from probe.judge.record.beat import REGULAR, REGULAR_AT_LEAST
from probe.judge.record.episode import Quiet, chain, quiet
from probe.judge.record.period import Rhythm, changes, rhythm
from probe.judge.record.state import Remembered
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import ExternalDns
from probe.model.record import Position, Transition
from probe.model.side import AnswerClass, Side
from probe.model.text import PLACES, duration, listed, moment, plural, wall

_NAMED_TRANSITIONS = 4  # transitions whose places a sentence names
_LAST = {1: "st", 2: "nd", 3: "rd"}
_TEENS = (11, 12, 13)


class FlapFacts(NamedTuple):
    """What a sentence is made of: the domain, its flapping records, their TXT names, since when, and now."""

    status: DomainStatus
    flapping: tuple[Remembered, ...]
    claims: tuple[TxtStatus, ...]
    since: float
    at: Instant


def same_owner(told: FlapFacts) -> str:
    """Say that two instances with one owner id overwrite a record."""
    owners = _first_owners(told)
    who = f"the same owner id {owners}" if owners else "the same owner id (encrypted in their TXT)"
    objects = sorted(frozenset().union(*(resources_told(txt, told.since) for txt in told.claims)))
    apart = f"; they keep it for different objects, {listed(objects)}" if len(objects) > 1 else ""
    switching = {txt.kind for txt in told.claims if came_and_went(txt, told.since)}
    mixed = "; one writes a CNAME (--aws-prefer-cname), the other an alias"
    return (
        f"Two ExternalDNS with {who} overwrite {_what(told)}"
        f"{mixed if {TxtKind.CNAME, TxtKind.A} <= switching else ''}{apart}"
    )


def mutual_migration(told: FlapFacts) -> str:
    """Say that two instances migrate a record from each other."""
    owners = _owners(told.claims, told.since) or "each other"
    return (
        f"Two ExternalDNS take {_what(told)} from each other; target and owner change together, between "
        f"{owners}: each migrates from the other's owner"
    )


def version_mix(told: FlapFacts) -> str:
    """Say that two versions of ExternalDNS read two owners of one record."""
    of_aliases = [txt for txt in told.claims if txt.kind in (TxtKind.A, TxtKind.CNAME)] or told.claims
    named = [f"{display(txt.name)} names {names}" for txt in of_aliases if (names := _owners((txt,), told.since))]
    return (
        f"Two ExternalDNS of different versions overwrite {_what(told)}; each reads another TXT and finds "
        f"itself the owner: {listed(named)}"
    )


def delete_create(told: FlapFacts) -> str:
    """Say which instance creates what the other deletes, and why it may."""
    kept = {place for one in told.flapping for change in changes(one) for place in (change.before, change.after)}
    sides = [place.side for place in kept if place.side is not None]
    if len(sides) != 1:
        return f"{_two_with_one_owner(told)} want different hosts: one creates and the other deletes {_what(told)}"
    creating = sides[0]
    deleting = Side.V2 if creating is Side.V1 else Side.V1
    doing = f"{creating.value}'s creates and {deleting.value}'s deletes {_what(told)}"
    return f"{_two_with_one_owner(told)} want different hosts: {doing}"


def taken_and_deleted(told: FlapFacts, v2: ExternalDns) -> str:
    """Say that v2's take-over deletes what v1's instance creates anew."""
    return (
        f'v2\'s ExternalDNS ("{v2.txt_owner_id}") migrates from "{v2.migrate_from_txt_owner}" with --policy=sync and, '
        f"by the plan, has no object for {display(told.status.domain.name)}: it takes the record for its own and "
        f"deletes it, and v1's creates it anew: {_what(told)}"
    )


def flip_flop(told: FlapFacts, *, fallback: bool) -> str:
    """Say that a record changes to and fro for no reason that is proven, or because of health checks."""
    why = ", and one of the sides has no weight: look at the health checks of the other" if fallback else ""
    doing = "; ".join(_flip_flops(one) for one in told.flapping)
    return f"{display(told.status.domain.name)}: {doing}{_beat(told.flapping)}{why}{_course(told)}."


def with_proof(told: FlapFacts, clause: str, *, seen: bool) -> str:
    """End a clause about a cause: what proves it, its course, and whether it is calming down."""
    proof = (
        "seen in TXT, which changes with the target" if seen else "inferred from its beat, which is two controllers'"
    )
    return f"{clause} ({proof}){_course(told)}."


def _two_with_one_owner(told: FlapFacts) -> str:
    owners = _first_owners(told)
    return f"Two ExternalDNS with the same owner id{f' {owners}' if owners else ''} and --policy=sync"


def _first_owners(told: FlapFacts) -> str:
    """Give the owner with which the episode began: what a remedy brings afterwards is no part of its cause."""
    first = [owners for txt in told.claims for owners in owners_told(txt, told.since)[:1]]
    return listed([f'"{name}"' for name in sorted(frozenset().union(*first))])


def _flip_flops(one: Remembered) -> str:
    record, memory = one
    own = changes(one)
    if not own:
        return f"{record.rdtype.value} changes to and fro faster than its servers follow"
    places = dict.fromkeys(
        _place(place, (one,))
        for transition in own[-_NAMED_TRANSITIONS:]
        for place in (transition.before, transition.after)
    )
    count = record.transitions - memory.episode.before
    span = own[-1].at.monotonic - (memory.episode.began or own[0].at).monotonic
    return (
        f"{record.rdtype.value} changes to and fro between {listed(list(places))}, "
        f"{plural(count, 'change')} within {duration(span)}"
    )


def _what(told: FlapFacts) -> str:
    third = [one for one in told.flapping if any(change.after is Position.FOREIGN for change in changes(one))]
    away = f"; the other one leads it to {_place(Position.FOREIGN, third)}" if third else ""
    name = f"{display(told.status.domain.name)} ({kinds([one.record for one in told.flapping])})"
    return f"{name}{_beat(told.flapping)}{_newest(told)}{away}"


def _place(place: Position, flapping: Sequence[Remembered]) -> str:
    """Name a place; an address of neither side by itself, as long as some server shows it."""
    if place is not Position.FOREIGN:
        return PLACES[place]
    shown = {value for one in flapping for value in foreign_values(one)}
    return f"{PLACES[place]} ({listed(sorted(shown))})" if shown else PLACES[place]


def foreign_values(one: Remembered) -> tuple[str, ...]:
    """Give what the newest foreign answer of a record held."""
    now = [
        display(value)
        for server in one.record.servers
        if server.answer_class is AnswerClass.FOREIGN and server.response is not None
        for rrset in server.response.answer
        for value in rrset.rdata
    ]
    return tuple(sorted(set(now))) or one.memory.elsewhere.values


def _owners(claims: Sequence[TxtStatus], since: float) -> str:
    names = {name for txt in claims for owners in owners_told(txt, since) for name in owners}
    return listed([f'"{name}"' for name in sorted(names)])


def _beat(flapping: Sequence[Remembered]) -> str:
    measured = _rhythm(flapping)
    if measured.period is None:
        return ""
    shares = [f"{PLACES[place]} for {share:.0%}" for place, share in measured.shares if place.is_side]
    holds = f" (it leads to {listed(shares)} of the time)" if len(measured.shares) > 1 and shares else ""
    return f" every {duration(measured.period)}{holds}"


def _newest(told: FlapFacts) -> str:
    newest = _last(told.flapping)
    if newest is None:
        return ""
    next_at = _rhythm(told.flapping).due(told.at.wall) if _rest(told) is None else None
    foretold = f", and the next change is due at {wall(next_at)}" if next_at is not None else ""
    return f", last to {PLACES[newest.after]} at {moment(newest.at)}{foretold}"


def _course(told: FlapFacts) -> str:
    """Say that it is not the first episode, and whether this one is calming down."""
    return f"{_again(told.flapping)}{_calming(told)}"


def _again(flapping: Sequence[Remembered]) -> str:
    episode = max((one.memory.episode for one in flapping), key=lambda own: own.number)
    if episode.number < 2 or episode.first is None:  # noqa: PLR2004 - a second one is again
        return ""
    return f"; again, {_ordinal(episode.number)} time since {moment(episode.first)}"


def _ordinal(number: int) -> str:
    return f"{number}{'th' if number % 100 in _TEENS else _LAST.get(number % 10, 'th')}"


def _calming(told: FlapFacts) -> str:
    rest = _rest(told)
    if rest is None:
        return ""
    over = told.at.wall + rest.over - told.at.monotonic
    still = f"no change for {duration(told.at.monotonic - rest.newest)}"
    return f"; {still}, and it counts as over at {wall(over)} if nothing changes"


def _rest(told: FlapFacts) -> Quiet | None:
    """Give the rest of the records that flap, when it is longer than their own dwells."""
    rests = [(quiet(*one), chain(*one)) for one in told.flapping]
    known = [(rest, own.longest) for rest, own in rests if rest is not None]
    if not known:
        return None
    newest, over = max(rest.newest for rest, _ in known), max(rest.over for rest, _ in known)
    usual = max(longest for _, longest in known)
    late = told.at.monotonic - newest > usual + max(REGULAR_AT_LEAST, REGULAR * usual)
    return Quiet(newest, over) if late else None


def _rhythm(flapping: Sequence[Remembered]) -> Rhythm:
    return rhythm(max(flapping, key=lambda one: len(changes(one))))


def _last(flapping: Sequence[Remembered]) -> Transition | None:
    newest = [one.record.recent[-1] for one in flapping if one.record.recent]
    return max(newest, key=lambda transition: transition.at.monotonic) if newest else None
