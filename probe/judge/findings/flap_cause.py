"""Why a record flaps: what ExternalDNS instances do to each other, told from target and ownership together.

Two ExternalDNS that fight write target and TXT in one batch. So the TXT says which kind of fight it is (the numbers are
those of recorded runs of the real one):

| target | ownership | cause |
| --- | --- | --- |
| comes and goes | any | `fight-delete-create`: one owner id, --policy=sync, different hosts (S3) |
| A flips, AAAA does not | `cname-` and `a-` stand, and name different owners | `fight-version-mix` (S12, S15) |
| flips | the owner flips as well | `fight-mutual-migration`: each migrates from the other (S6) |
| flips | one owner, which stands | `fight-same-owner` (S1, S4, S9, S25, S31); its resource may flip (S1b) |
| flips | encrypted | `fight-same-owner`: who writes it has the key, and reads what the other wrote (S20) |
| flips | none, or nothing of the above | `flip-flop`: not ExternalDNS, or not provable |

First match wins, so there is always exactly one cause. A cause that was found stays until another one is proven: TXT is
asked far more seldom than the target flips. At the onset one owner proves nothing until it was read beside both places
between which the record flips, and where ownership stands at all, a cause is waited for `CAUSE_AWAITED` seconds: the
burst asks the TXT names. An owner *stands* when a name was answered alike both before and after the change before the
newest; one that changed at all since the fight began has to stand over two cycles, because a server that is late shows
the old owner beside the new target. Where weights are declared, an owner that alternates proves
nothing: each weighted set has a TXT of its own, drawn with it.

A side that is declared to have no weight and appears all the same, while ownership stands, is no ExternalDNS' doing:
Route 53 answers with it while the health checks of all others fail.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from probe.judge.context import Context
from probe.judge.domain import SIDES
from probe.judge.findings.evidence import Found, history, txt_by_txt, word_by_word
from probe.judge.findings.flap_text import (
    delete_create,
    flip_flop,
    mutual_migration,
    same_owner,
    taken_and_deleted,
    version_mix,
)
from probe.judge.findings.takeover import deleter
from probe.judge.ownership.history import has_claimed, owner_since, owners_beside, owners_told, readings
from probe.judge.ownership.lookup import Shape, in_order, owner_ids, reading_orders
from probe.judge.record.period import changes
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import Expectation, Registry
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus

NEWEST = 4
"""Transitions that tell what a fight is about: two cycles."""

ONSET = 3
"""Transitions that make a fight: at its onset TXT has been asked in two dwells at most."""

CAUSE_AWAITED = 20.0
"""Seconds of flapping for which a cause is waited for: two rounds of the TXT names in a burst."""

ENOUGH_ANSWERS = 6
"""Answers in a row that name one owner, where another was named before: of an owner that flips with the target all
would fall on one side once in 32."""

MAX_SHOWN_CHANGES = 8
"""Changes that the evidence shows beside the TXT names and the servers: four cycles of one record, two of both."""


class Fight(NamedTuple):
    """What is known of a fight.

    Attributes:
        status: The domain.
        flapping: Its flapping records.
        begun: Monotonic second from which on what TXT names held counts.
        opened: Monotonic second of the first change, while there are no more than make a fight; later `witnessed`.
        witnessed: Monotonic second of the change before the newest.
        proven: Monotonic second of the change two cycles before the newest; None before there was one.
        claims: TXT names at which ownership stood at some time since `begun`.
        age: Seconds for which it has been known.
    """

    status: DomainStatus
    flapping: tuple[RecordStatus, ...]
    begun: float
    opened: float
    witnessed: float
    proven: float | None
    claims: tuple[TxtStatus, ...]
    age: float


def attribute(status: DomainStatus, at: Instant, context: Context) -> tuple[str, Found] | None:
    """Give the code of the cause and what was found; None while nothing flaps, or while the cause is waited for."""
    flapping = tuple(record for record in status.records if record.state is RecordState.FLAPPING)
    if not flapping:
        return None
    fight = _fight(status, flapping, at, context)
    named = next((finding.code for finding in status.findings if finding.code in _CODES), None)
    fallback = _is_fallback(fight)
    code = None if fallback else next((code for code, cause in CAUSES.items() if cause.holds(fight, context)), None)
    if code is None and not fallback:
        if named is None and fight.claims and fight.age < CAUSE_AWAITED:
            return None
        code = named if named in CAUSES else None
    if code is None:
        said = flip_flop(status, flapping, fallback=fallback)
        return "flip-flop", Found(said, (*word_by_word(flapping), *history(flapping)))
    found = CAUSES[code].say(status, flapping, fight.claims, fight.begun)
    taking = deleter(status, context) if code == "fight-delete-create" else None
    if taking is not None:
        found = taken_and_deleted(status, flapping, taking)
    return code, Found(
        found, (*txt_by_txt(fight.claims), *word_by_word(flapping), *history(flapping)[-MAX_SHOWN_CHANGES:])
    )


def _fight(status: DomainStatus, flapping: tuple[RecordStatus, ...], at: Instant, context: Context) -> Fight:
    newest = [changes(record) for record in flapping]
    signs = [chain[0].at.monotonic for chain in newest if chain]
    signs += [record.disturbed.monotonic for record in flapping if record.disturbed is not None]
    signs += [record.since.monotonic for record in flapping if record.since is not None]
    begun = min(signs, default=0.0)
    longest = max(newest, key=len)
    marks = [transition.at.monotonic for transition in longest]
    witnessed = marks[-2] if len(marks) > 1 else begun
    # The TXT of a batch can arrive before its target is seen to change, within the grace time.
    since = begun - context.probing.grace
    claims = tuple(txt for txt in status.txts if has_claimed(txt, since))
    return Fight(
        status,
        flapping,
        since,
        opened=marks[0] if 0 < len(marks) <= ONSET else witnessed,
        witnessed=witnessed,
        proven=marks[-NEWEST] if len(marks) > NEWEST else None,
        claims=claims,
        age=at.monotonic - min((record.since or at).monotonic for record in flapping),
    )


def _is_fallback(fight: Fight) -> bool:
    """A side without weight appears, between the sides only, and no TXT has changed."""
    weights = fight.status.domain.weights
    if (
        fight.status.domain.expectation is not Expectation.WEIGHTED
        or weights is None
        or 0 not in (weights.v1, weights.v2)
    ):
        return False
    places = {place for record in fight.flapping for change in record.recent for place in (change.before, change.after)}
    return places <= SIDES and all(len(readings(txt, fight.begun)) <= 1 for txt in fight.claims)


def _comes_and_goes(fight: Fight, _context: Context) -> bool:
    return bool(fight.claims) and any(
        Position.ABSENT in (transition.before, transition.after)
        for record in fight.flapping
        for transition in record.recent[-NEWEST:]
    )


def _is_version_mix(fight: Fight, context: Context) -> bool:
    """Two versions read two owners of the alias A, and both stand while the target flips.

    Every version reads the same TXT of an AAAA: one that flaps has another cause.
    """
    if any(record.rdtype is RecordType.AAAA for record in fight.flapping):
        return False
    standing = [txt for txt in _deciding(fight, context) if txt.owners and _stands(txt, fight)]
    return len({owner_ids(txt) for txt in standing}) > 1


def _is_mutual_migration(fight: Fight, context: Context) -> bool:
    """The owner has returned, or, at the onset, has changed at all.

    What a short dwell brought may have been missed: TXT is asked every ten seconds in a burst. Two ExternalDNS with one
    owner id never change it.
    """
    if fight.status.domain.has_sets:
        return False
    told = [owners_told(txt, fight.begun) for txt in _deciding(fight, context)]
    return any(_returns(owners) or (fight.proven is None and len(owners) > 1) for owners in told)


def _returns(told: tuple[frozenset[str], ...]) -> bool:
    return any(told[index] == told[index - 2] for index in range(2, len(told)))


def _is_same_owner(fight: Fight, context: Context) -> bool:
    if not any(owners_told(txt, fight.begun) for txt in fight.claims):
        return any(_was_answered(txt, fight.opened) for txt in fight.claims)
    names = _deciding(fight, context)
    newest = {owners for txt in names for owners in owners_told(txt, fight.begun)[-1:]}
    alone = len(newest) == 1 and all(len(owners) == 1 for owners in newest)
    return alone and any(_keeps_its_owner(txt, fight) for txt in names)


def _keeps_its_owner(txt: TxtStatus, fight: Fight) -> bool:
    if len(owners_told(txt, fight.begun)) == 1:
        if len(owners_beside(txt, fight.begun)) > 1:
            return True
        return fight.age >= CAUSE_AWAITED and _was_answered(txt, fight.opened)
    since = owner_since(txt)
    long = fight.proven is not None and since is not None and since.monotonic <= fight.proven
    return long and txt.answers >= ENOUGH_ANSWERS and _stands(txt, fight)


def _deciding(fight: Fight, context: Context) -> tuple[TxtStatus, ...]:
    """Give the names that decide, for some version, who owns what flaps; AAAA speaks where it flaps as well."""
    if any(record.rdtype is RecordType.AAAA for record in fight.flapping):
        own = tuple(txt for txt in fight.claims if txt.kind is TxtKind.AAAA)
        if own:
            return own
    host = fight.status.domain.name
    found = (
        txt
        for setup in context.setups
        if setup.registry is Registry.TXT
        for order in reading_orders(RecordType.A, (Shape.ALIAS,), setup.version)
        for txt in in_order(fight.claims, host, order, setup.names)[:1]
    )
    return tuple({txt.name: txt for txt in found}.values())


def _stands(txt: TxtStatus, fight: Fight) -> bool:
    since = owner_since(txt)
    return since is not None and since.monotonic <= fight.witnessed and _was_answered(txt, fight.witnessed)


def _was_answered(txt: TxtStatus, after: float) -> bool:
    return txt.at is not None and txt.at.monotonic > after


_Holds: TypeAlias = Callable[[Fight, Context], bool]
_Say: TypeAlias = Callable[[DomainStatus, tuple[RecordStatus, ...], tuple[TxtStatus, ...], float], str]


class Cause(NamedTuple):
    """One row of the table above: when it holds, and how it is said."""

    holds: _Holds
    say: _Say


CAUSES = {
    "fight-delete-create": Cause(_comes_and_goes, delete_create),
    "fight-version-mix": Cause(_is_version_mix, version_mix),
    "fight-mutual-migration": Cause(_is_mutual_migration, mutual_migration),
    "fight-same-owner": Cause(_is_same_owner, same_owner),
}
"""Code to cause, in the order in which they are tried."""

_CODES = frozenset({*CAUSES, "flip-flop"})
