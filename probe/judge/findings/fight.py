"""What is known of a fight over a record that flaps: since when, whose TXT stood, who wants it, and what its beat says.

Gathered once, before any cause is looked for: which cause that makes is the table of `probe.judge.findings.flap_cause`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.domain import chosen_sets, hosted
from probe.judge.findings.witnessed import Contest, contest, is_wanted, missing
from probe.judge.ownership.txt_history import has_claimed
from probe.judge.record.episode import SHARED_CAUSE, is_in_step
from probe.judge.record.period import changes, places_of
from probe.judge.record.state import Remembered
from probe.judge.record_sets import was_rewritten
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.ownership import TxtStatus
from probe.model.record import Position, Transition
from probe.model.side import Side
from probe.model.witness import Wanted, WrittenSet

NEWEST = 4
"""Transitions that tell what a fight is about: two cycles."""

QUICK = 0.9
"""Of the faster interval. One ExternalDNS alone, whose object is removed and made again, changes its record at its
syncs, and leaves it so for one interval at least, as it is seen some seconds early or late. Of two with one interval
one answers within the half of it."""

FIGHT_TRANSITIONS = 3
"""Transitions that make a fight: at its onset TXT has been asked in two dwells at most."""


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
        controllers: Its beat proves two controllers.
        likely: It does so where TXT shows ExternalDNS at work, as changes do that are too quick to be seen one by one.
        is_quick: Two changes followed each other within less than a sync.
        in_step: Neighbours of which one owner's fight is known have just made its newest change.
        contest: What both clusters want of it, where their flags do not keep them apart. None where it comes and goes:
            then one of them deletes it.
        chosen: The sets in the hosted zone between which Route 53 chooses.
        rewritten: The hosted zone was read with one simple record that leads to and fro, and both clusters want it.
        idle: Sides between which the record goes and whose cluster, as it was read lately, does not have it written:
            what each witness shows. None where it comes and goes: who does not want it may delete it.
    """

    status: DomainStatus
    flapping: tuple[Remembered, ...]
    begun: float
    opened: float
    witnessed: float
    proven: float | None
    claims: tuple[TxtStatus, ...]
    age: float
    controllers: bool
    likely: bool
    is_quick: bool
    in_step: bool
    contest: Contest | None
    chosen: tuple[WrittenSet, ...]
    rewritten: bool
    idle: Mapping[Side, str] = MappingProxyType({})

    @property
    def has_sets(self) -> bool:
        """Whether Route 53 chooses between several sets: each has an ownership TXT of its own."""
        return self.status.domain.has_sets or bool(self.chosen)


def gather(status: DomainStatus, flapping: tuple[Remembered, ...], at: Instant, context: Context) -> Fight:
    """Gather what is known of the fight over a domain's flapping records, of which there is one at least."""
    newest = [changes(one) for one in flapping]
    episodes = [one.memory.episode for one in flapping]
    signs = [episode.began for episode in episodes if episode.began is not None]
    signs += [one.record.since for one in flapping if one.record.since is not None]
    begun = min((sign.monotonic for sign in signs), default=0.0)
    longest = max(newest, key=len)
    marks = [transition.at.monotonic for transition in longest]
    witnessed = marks[-2] if len(marks) > 1 else begun
    # The TXT of a batch can arrive before its target is seen to change, within the grace time.
    since = begun - context.probing.grace
    claims = tuple(txt for txt in status.txts if has_claimed(txt, since))
    wanted, written = status.witnessed.wanted, hosted(status, at)
    kinds = [one.record.rdtype for one in flapping]
    chosen = chosen_sets(status, kinds, at, context)
    is_weighted = status.domain.has_sets or bool(chosen)
    comes_and_goes = any(is_about_existence(own[-NEWEST:]) for own in newest)
    both_want = wanted is not None and all(is_wanted(wanted, side, at) for side in Side)
    return Fight(
        status,
        flapping,
        since,
        opened=marks[0] if 0 < len(marks) <= FIGHT_TRANSITIONS else witnessed,
        witnessed=witnessed,
        proven=marks[-NEWEST] if len(marks) > NEWEST else None,
        claims=claims,
        age=at.monotonic - min((one.record.since or at).monotonic for one in flapping),
        controllers=any(episode.declared if is_weighted else episode.controllers for episode in episodes),
        likely=any(
            episode.declared if is_weighted else episode.likely or not own
            for episode, own in zip(episodes, newest, strict=True)
        ),
        is_quick=any(after - before < QUICK * context.faster_interval for before, after in pairwise(marks)),
        in_step=any(is_in_step(one.record, at, context, SHARED_CAUSE) for one in flapping),
        contest=contest(status, _writing(wanted), at) if wanted is not None and not comes_and_goes else None,
        chosen=tuple(dict.fromkeys(chosen)),
        rewritten=both_want
        and written is not None
        and any(was_rewritten(status.sets_read, kind, since, context.book) for kind in kinds),
        idle={} if comes_and_goes else _idle(flapping, wanted, at),
    )


def _idle(flapping: Sequence[Remembered], wanted: Wanted | None, at: Instant) -> dict[Side, str]:
    sides = {place.side for place in places_of(flapping)}
    shown = {side: missing(wanted, side, at) for side in Side if side in sides}
    return {side: words for side, words in shown.items() if words}


def _writing(wanted: Wanted) -> Wanted:
    """Leave out who has no target yet: an ExternalDNS writes nothing before there is a load balancer."""
    return wanted._replace(wishes=tuple(one for one in wanted.wishes if one.targets))


def is_about_existence(newest: Sequence[Transition]) -> bool:
    """Tell whether most of some changes are to absence and back."""
    gone = sum(Position.ABSENT in (transition.before, transition.after) for transition in newest)
    return 2 * gone > len(newest)
