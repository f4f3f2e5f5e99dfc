"""Fights in words: a headline of who does what to which record, and labelled facts beneath it.

What TXT shows is said as seen; what the beat alone shows as inferred. A time is foretold only while it is still to
come, and when nothing has moved for longer than the episode's own dwells, a fact says since when, and when that will
have been long enough to count as over.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from probe.judge.findings.evidence import facts, kinds
from probe.judge.ownership.txt_history import came_and_went, owners_told, resources_told
from probe.judge.record.episode import Quiet
from probe.judge.record.period import (
    Rhythm,
    changes,
    has_third_writer,
    keeps_returning,
    places_of,
    resting,
    rhythm,
)
from probe.judge.record.state import Remembered
from probe.judge.record_sets import labelled
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.finding import FactLabel, LabelledFact
from probe.model.name import display
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.record import Position, Transition
from probe.model.side import AnswerClass, Side
from probe.model.text import PLACES, duration, listed, moment, plural, wall
from probe.model.witness import WrittenSet

MAX_OWNER = 40
"""Characters of an owner id that a headline quotes: an owner comes out of DNS, and may be long or hold spaces. The
facts beneath have all of them, whole."""

HEADLINE_WORDS = 20
"""Words of a headline at most: the beat, or how long it is quiet, stands in it where it fits, and always beneath it."""

_NAMED_TRANSITIONS = 4  # transitions whose places a text names
_LAST = {1: "st", 2: "nd", 3: "rd"}
_TEENS = (11, 12, 13)


class FlapFacts(NamedTuple):
    """What a headline is made of: the domain, its flapping records, their TXT names, since when, and now.

    `since` is a monotonic second; `unlike` has the ExternalDNS of sides that would not do this by the plan's flags, and
    `outside_of_txt` those whose part no TXT tells. `taken` says by which flags v2's takes it over and deletes it.
    `read_apart`: by the plan each side's TXT registry has names of its own.
    """

    status: DomainStatus
    flapping: tuple[Remembered, ...]
    claims: tuple[TxtStatus, ...]
    since: float
    at: Instant
    unlike: Mapping[Side, Sequence[ExternalDns]] = MappingProxyType({})
    outside_of_txt: Mapping[Side, Sequence[ExternalDns]] = MappingProxyType({})
    taken: tuple[LabelledFact, ...] = ()
    read_apart: bool = False


class FlapWords(NamedTuple):
    """A headline, and the facts that only its cause has."""

    sentence: str
    facts: tuple[LabelledFact, ...] = ()


class FlapWhy(NamedTuple):
    """Why a record alternates where no code names the cause: the end of its headline, and the facts of it.

    What is `inferred` is neither seen in DNS nor by a witness beside it.
    """

    words: str
    facts: tuple[LabelledFact, ...] = ()
    inferred: bool = False


UNKNOWN_WRITER = FlapWhy("the writer is not known")

SEEN_BESIDE_DNS = "Seen in"
"""How a proof begins that witnesses beside DNS give."""

SEEN_IN_CLUSTERS = f"{SEEN_BESIDE_DNS} both clusters: the objects, and the flags of both ExternalDNS"
"""What proves a fight before it begins, and while it goes on."""


def route53_chooses(sets: Sequence[WrittenSet]) -> FlapWhy:
    """Say that Route 53 chooses between sets of the hosted zone; that nothing else writes them is not seen."""
    return FlapWhy(
        f"Route 53 chooses between {plural(len(sets), 'record set')}",
        facts(
            (FactLabel.CAUSE, f"The hosted zone has {listed([labelled(one) for one in sets])}"),
            (FactLabel.PROOF, "Seen in the hosted zone: its sets; that nothing rewrites them is inferred"),
        ),
        inferred=True,
    )


def clusters_idle(idle: Mapping[Side, str]) -> FlapWhy:
    """Say that a side's cluster is seen not to have the record written: its ExternalDNS does not lead there."""
    sides = [side.value for side in idle]
    who = "neither cluster has it written" if len(sides) > 1 else f"{sides[0]}'s cluster does not have it written"
    return FlapWhy(who, facts(*((FactLabel.CAUSE, words) for words in idle.values())))


def registries(setups: Mapping[Side, Sequence[ExternalDns]]) -> FlapWhy:
    """Say that by the plan no TXT tells what the ExternalDNS of a side owns, where the beat is that of two."""
    unbound = [side for side, ones in setups.items() if any(one.registry is Registry.NOOP for one in ones)]
    who = listed([f"{side.value}'s" for side in unbound or setups])
    words = f"by the plan no TXT keeps {who} ExternalDNS from it"
    return FlapWhy(
        words if unbound else f"what {who} ExternalDNS owns is not visible in DNS",
        (
            *facts(*((FactLabel.CAUSE, _registry(side, ones)) for side, ones in setups.items())),
            *proof(seen=False),
        ),
        inferred=True,
    )


def _registry(side: Side, setups: Sequence[ExternalDns]) -> str:
    kinds_of = dict.fromkeys(one.registry for one in setups)
    flags = listed([f"--registry={one.value}" for one in kinds_of])
    if Registry.NOOP in kinds_of:
        return (
            f"{side.value}'s ExternalDNS has {flags}: it takes every record that it sees for its own, whoever owns it"
        )
    return f"{side.value}'s ExternalDNS has {flags}: what it owns is not visible in DNS"


def same_owner(told: FlapFacts) -> FlapWords:
    """Say that two instances with one owner id overwrite a record."""
    owners = first_owners(told)
    who = f"the same {_owner_id(owners)}" if owners else "the same encrypted owner id"
    several = "Several ExternalDNS" if has_third_writer(told.flapping) else "Two ExternalDNS"
    objects = sorted(frozenset().union(*(resources_told(txt, told.since) for txt in told.claims)))
    switching = {txt.kind for txt in told.claims if came_and_went(txt, told.since)}
    is_mixed = {TxtKind.CNAME, TxtKind.A} <= switching
    return FlapWords(
        _paced(told, lambda pace: f"{several} with {who} overwrite {_what(told)}{pace}."),
        facts(
            (FactLabel.OWNERS, _quoted(owners)),
            (
                FactLabel.CAUSE,
                "One writes a CNAME (--aws-prefer-cname), and the other an alias" if is_mixed else "",
            ),
            (FactLabel.CAUSE, f"They keep it for different objects: {listed(objects)}" if len(objects) > 1 else ""),
        ),
    )


def mutual_migration(told: FlapFacts) -> FlapWords:
    """Say that two instances migrate a record from each other."""
    owners = _owners(told.claims, told.since)
    several = len(owners) > 2 or has_third_writer(told.flapping)  # noqa: PLR2004  # more than a pair
    between = f", between the owners {_quoted(owners)}" if not several and len(owners) > 1 and _fit(owners) else ""
    who = "Several ExternalDNS" if several else "Two ExternalDNS"
    return FlapWords(
        _paced(told, lambda pace: f"{who} take {_what(told)} from each other{pace}{between}."),
        facts(
            (FactLabel.OWNERS, _quoted(owners)),
            (
                FactLabel.CAUSE,
                (
                    f"Each migrates from {'another' if several else 'the other'}'s owner "
                    "(--migrate-from-txt-owner); target and owner change together"
                ),
            ),
        ),
    )


def version_mix(told: FlapFacts) -> FlapWords:
    """Say that two versions of ExternalDNS read two owners of one record, or two registries whatever their versions."""
    who, why = (
        (
            "Two ExternalDNS",
            "Each reads another TXT by its own --txt-prefix or --txt-suffix, and finds itself the owner",
        )
        if told.read_apart
        else ("Two versions of ExternalDNS", "Each version reads another TXT, and finds itself the owner there")
    )
    of_aliases = [txt for txt in told.claims if txt.kind in (TxtKind.A, TxtKind.CNAME)] or told.claims
    named = [
        f"{display(txt.name)} names {_quoted(owners)}" for txt in of_aliases if (owners := _owners((txt,), told.since))
    ]
    return FlapWords(
        _paced(
            told,
            lambda pace: f"{who} overwrite {_what(told)}{pace}, each of which reads another ownership TXT.",
        ),
        facts(
            (FactLabel.OWNERS, listed(named)),
            (FactLabel.CAUSE, why),
        ),
    )


def delete_create(told: FlapFacts) -> FlapWords:
    """Say which instance creates what the other deletes, and why it may."""
    sides = [place.side for place in places_of(told.flapping) if place.side is not None]
    owners = first_owners(told)
    cause = facts(
        (FactLabel.OWNERS, _quoted(owners)),
        *told.taken,
        *((FactLabel.CAUSE, _registry(side, setups)) for side, setups in told.outside_of_txt.items()),
        (
            FactLabel.CAUSE,
            ""
            if told.taken or told.outside_of_txt
            else "Probably both have the same owner id and --policy=sync, and want different hosts",
        ),
    )
    if len(sides) != 1 or Position.FOREIGN in places_of(told.flapping):
        one = f"One of two ExternalDNS creates {_what(told)}, and the other one deletes it"
        return FlapWords(_paced(told, lambda pace: f"{one}{pace}."), cause)
    creating = sides[0]
    who = "One ExternalDNS" if creating in told.unlike else f"{creating.value}'s ExternalDNS"
    other = "another one" if creating.other in told.unlike else f"{creating.other.value}'s"
    one = f"{who} creates {_what(told)}, and {other} deletes it"
    return FlapWords(_paced(told, lambda pace: f"{one}{pace}."), cause)


def taken_and_deleted(told: FlapFacts, v2: ExternalDns) -> FlapWords:
    """Say that v2's take-over deletes what v1's instance creates anew."""
    return FlapWords(
        f"v2's ExternalDNS takes {_what(told)} over and deletes it; v1's creates it again.",
        facts(
            (FactLabel.OWNERS, _quoted(first_owners(told))),
            (FactLabel.CAUSE, f'v2\'s ExternalDNS ("{v2.txt_owner_id}") migrates from "{v2.migrate_from_txt_owner}"'),
            (FactLabel.CAUSE, "v2's ExternalDNS has --policy=sync, and by the plan no object for this domain"),
        ),
    )


def flip_flop(told: FlapFacts, why: FlapWhy = UNKNOWN_WRITER, *, fallback: bool) -> FlapWords:
    """Say that a record alternates for no reason that has a code: none is proven, health checks, or weights."""
    return FlapWords(
        _paced(told, lambda pace: f"{_what(told)} alternates{_between(told)}{pace}, and {why.words}."),
        facts(
            *((FactLabel.ANSWERS, _alternations(one)) for one in told.flapping),
            (
                FactLabel.CAUSE,
                "One of the sides has no weight: look at the health checks of the other side" if fallback else "",
            ),
        )
        + why.facts,
    )


def course(told: FlapFacts) -> tuple[LabelledFact, ...]:
    """Give the facts of every flapping record: its beat, its changes, and whether it is calming down."""
    measured = _rhythm(told.flapping)
    newest = _last(told.flapping)
    next_at = measured.due(told.at.wall) if newest is not None and _rest(told) is None else None
    shares = [f"{share:.0%} on {PLACES[place]}" for place, share in measured.shares if place.reaches_a_side]
    return facts(
        (FactLabel.BEAT, f"It comes round every {duration(measured.period)}" if measured.period is not None else ""),
        (FactLabel.SHARE, f"{listed(shares)} of the time" if shares and len(measured.shares) > 1 else ""),
        (
            FactLabel.LAST_CHANGE,
            f"To {_newest_place(told, newest)} at {moment(newest.at)}" if newest is not None else "",
        ),
        (FactLabel.NEXT_CHANGE, f"Due at {wall(next_at)}" if next_at is not None else ""),
        (FactLabel.QUIET, _calming(told)),
        (FactLabel.EPISODE, _again(told.flapping)),
    )


def elsewhere(told: FlapFacts) -> tuple[LabelledFact, ...]:
    """Say where one of the two leads the record, if it is neither side, and that some turns lead to both."""
    third = [one for one in told.flapping if keeps_returning(one, Position.FOREIGN)]
    both = kinds([one.record for one in told.flapping if keeps_returning(one, Position.MIXED)])
    return facts(
        (FactLabel.ANSWERS, f"One of them leads it to {_place(Position.FOREIGN, third)}" if third else ""),
        (FactLabel.ANSWERS, f"In some turns one answer has addresses of v1 and v2 ({both})" if both else ""),
    )


def beside_the_plan(told: FlapFacts) -> tuple[LabelledFact, ...]:
    """Say whose part in a fight is none by the plan's flags: what wrote there is not what the plan has by now."""
    who = [
        f"{side.value}'s ExternalDNS (owner id {_quoted([one.txt_owner_id for one in setups])})"
        for side, setups in told.unlike.items()
    ]
    wrote = f"{'it' if len(who) == 1 else 'they'} wrote with other flags, or an ExternalDNS did that the plan lacks"
    return facts((FactLabel.CAUSE, f"By the present plan {listed(who)} would not do this: {wrote}" if who else ""))


def proof(*, seen: bool) -> tuple[LabelledFact, ...]:
    """Say what proves a cause."""
    return facts(
        (
            FactLabel.PROOF,
            "Seen: TXT changes with the target" if seen else "Inferred: the changes keep the beat of two controllers",
        )
    )


def _paced(told: FlapFacts, headline: Callable[[str], str]) -> str:
    """Write a headline with how often it happens, or for how long it has not, if that leaves it short enough."""
    rest, period = _rest(told), _rhythm(told.flapping).period
    pace = f" every {duration(period)}" if period is not None else ""
    if rest is not None:
        pace = f", no change for {duration(told.at.monotonic - rest.newest)}"
    whole = headline(pace)
    return whole if len(whole.split()) <= HEADLINE_WORDS else headline("")


def first_owners(told: FlapFacts) -> list[str]:
    """Give the owner with which the episode began: what a remedy brings afterwards is no part of its cause."""
    first = [owners for txt in told.claims for owners in owners_told(txt, told.since)[:1]]
    return sorted(frozenset().union(*first))


def _owner_id(owners: Sequence[str]) -> str:
    """Write the owner id for a headline, as long as it is one word."""
    return f"owner id {_quoted(owners)}" if len(owners) == 1 and _fit(owners) else "owner id"


def _fit(owners: Sequence[str]) -> bool:
    return all(len(owner) <= MAX_OWNER and not any(char.isspace() for char in owner) for owner in owners)


def _quoted(owners: Sequence[str]) -> str:
    return listed([f'"{owner}"' for owner in owners])


def _between(told: FlapFacts) -> str:
    """Name the two places of a headline; more of them, or two that are no side, are counted."""
    places = dict.fromkeys(
        place
        for one in told.flapping
        for change in changes(one)[-_NAMED_TRANSITIONS:]
        for place in (change.before, change.after)
    )
    if not places:
        return ""
    if len(places) == 2 and any(place.is_side for place in places):  # noqa: PLR2004  # a pair can be named
        return f" between {listed([PLACES[place] for place in places])}"
    return f" between {len(places)} targets"


def _alternations(one: Remembered) -> str:
    record, memory = one
    own = changes(one)
    if not own:
        return f"{record.rdtype.value} changes faster than its servers follow"
    places = dict.fromkeys(
        _place(place, (one,))
        for transition in own[-_NAMED_TRANSITIONS:]
        for place in (transition.before, transition.after)
    )
    count = record.transitions - memory.episode.before
    span = own[-1].at.monotonic - (memory.episode.began or own[0].at).monotonic
    return (
        f"{record.rdtype.value} alternates between {listed(list(places))}: "
        f"{plural(count, 'change')} within {duration(span)}"
    )


def _what(told: FlapFacts) -> str:
    return f"{display(told.status.domain.name)} ({kinds([one.record for one in told.flapping])})"


def _newest_place(told: FlapFacts, newest: Transition) -> str:
    return _place(newest.after, told.flapping)


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


def _owners(claims: Sequence[TxtStatus], since: float) -> list[str]:
    return sorted({name for txt in claims for owners in owners_told(txt, since) for name in owners})


def _again(flapping: Sequence[Remembered]) -> str:
    episode = max((one.memory.episode for one in flapping), key=lambda own: own.number)
    if episode.number < 2 or episode.first is None:  # noqa: PLR2004 - a second one is again
        return ""
    return f"The {_ordinal(episode.number)} since {moment(episode.first)}"


def _ordinal(number: int) -> str:
    return f"{number}{'th' if number % 100 in _TEENS else _LAST.get(number % 10, 'th')}"


def _calming(told: FlapFacts) -> str:
    rest = _rest(told)
    if rest is None:
        return ""
    over = told.at.wall + rest.over - told.at.monotonic
    still = f"No change for {duration(told.at.monotonic - rest.newest)}"
    return f"{still}; without another change it counts as over at {wall(over)}"


def _rest(told: FlapFacts) -> Quiet | None:
    return resting(told.flapping, told.at.monotonic)


def _rhythm(flapping: Sequence[Remembered]) -> Rhythm:
    return rhythm(max(flapping, key=lambda one: len(changes(one))))


def _last(flapping: Sequence[Remembered]) -> Transition | None:
    newest = [one.record.recent[-1] for one in flapping if one.record.recent]
    return max(newest, key=lambda transition: transition.at.monotonic) if newest else None
