"""Which answers a share of v2 rests on: those since it last changed.

The record judge counts every answer by its class anyway, so that nothing is added to the path of an answer. From time
to time (`review.expire`, every few seconds) what was counted since the last look goes into *buckets*. When there are
too many, two neighbours become one where that is finest for its age: a million answers take `BUCKETS_KEPT` buckets,
small ones for what is new and large ones for what is old (after the exponential histogram of A. Bifet and R. Gavalda,
"Learning from time-changing data with adaptive windowing", SDM 2007).

Weights are moved in steps, so the share may change. Whenever a bucket is full, each place between two buckets is tried:
is every share that the older answers leave possible excluded by the newer ones (S. Shekhar and A. Ramdas, "Sequential
changepoint detection via backward confidence sequences", ICML 2023)? Where that is clearest, the older ones are
dropped.

What that costs is paid for exactly. A share may begin anew before each bucket; the n-th of these beginnings gets the
n (n + 1)-th part of alpha, which adds up to alpha over all of them, whichever is chosen and however often. So the
chance that a share which stands is ever called off stays `share.ALPHA`, with all that is dropped, from one hard
beginning to the next; and a share that stands is taken for a changed one with twice 1 % at most (`CHANGE`).

A share is one of all answers. One that leads to neither side alone (to nothing, to both, elsewhere) is an answer too:
of a set of v2's and one of a third party's, v2's share is a half and not the whole. An answer that no load balancer was
seen with counts once such answers are believed (`probe.judge.record.unknown_target`).

Hard beginnings, at which everything is forgotten: a confirmed transition, other weights declared, answers elsewhere
that come to be believed, and every moment at which the record flaps or leads to neither side. After one, answers are
left out for the grace time, because what was written is still on its way; after a new declaration for as long as a
domain gets to follow one.
"""

import math
from collections.abc import Sequence
from operator import add, sub
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.share.confidence import INTERVAL_SURE, against, declared_share, interval, judged, least_against, needed
from probe.model.clock import Instant
from probe.model.plan import Domain, Weights
from probe.model.question import ADDRESS_TYPES
from probe.model.record import RecordState, RecordStatus
from probe.model.share import Share, ShareVerdict
from probe.model.side import ANSWER_CLASSES, AnswerClass

BUCKET = 32
"""Answers after which a change is looked for: four minutes of calm turns, eight seconds of a burst."""

BUCKETS_KEPT = 24
"""Buckets that are kept: with each a tenth as large as all newer ones together they would span a factor of ten."""

CHANGE = math.log(1 / 0.01)
"""Evidence for a change. One that was none costs nothing but older answers."""

RELEASE = 0.5
"""Part of the evidence that called a share off down to which it stays so: it must not come and go at the bar."""

_INDICES = {answer_class: place for place, answer_class in enumerate(ANSWER_CLASSES)}
_V1, _V2 = _INDICES[AnswerClass.V1], _INDICES[AnswerClass.V2]
_NEITHER = tuple(_INDICES[one] for one in (AnswerClass.MIXED, AnswerClass.NODATA, AnswerClass.NXDOMAIN))
_DOUBTED = _INDICES[AnswerClass.FOREIGN]


class Tally(NamedTuple):
    """Answers that led to v1 alone, to v2 alone, to both or to nothing, and to where no load balancer was seen."""

    v1: int = 0
    v2: int = 0
    neither: int = 0
    foreign: int = 0

    @property
    def elsewhere(self) -> int:
        """How many led to neither side alone."""
        return self.neither + self.foreign

    @property
    def rest(self) -> int:
        """How many did not lead to v2."""
        return self.v1 + self.elsewhere

    @property
    def size(self) -> int:
        """How many there are."""
        return self.rest + self.v2

    def plus(self, other: "Tally") -> "Tally":
        """Give both together."""
        return Tally(*map(add, self, other))

    def minus(self, other: "Tally") -> "Tally":
        """Give what is left without the other ones."""
        return Tally(*map(sub, self, other))


class Slice(NamedTuple):
    """Answers in a row, the number of the beginning that stands before them (from 1), and its time."""

    told: Tally
    number: int
    since: Instant | None


class Window(NamedTuple):
    """What is remembered of a share.

    Attributes:
        counted: The record's answers up to which everything is in the buckets, or left out.
        opens: Monotonic second before which answers are left out.
        transitions: The record's transitions at the hard beginning.
        weights: Those declared then.
        buckets: Oldest first; the last one is being filled.
        believing: Answers elsewhere are believed, and count.
    """

    counted: Tally
    opens: float
    transitions: int
    weights: Weights | None
    buckets: tuple[Slice, ...]
    believing: bool = False


class Drawn(NamedTuple):
    """A record with its counts, and whether answers that no load balancer was seen with are believed."""

    record: RecordStatus
    believes: bool = False


class Followed(NamedTuple):
    """Shares, and the window that each record's share rests on: None for a record that has no share."""

    shares: tuple[Share, ...]
    windows: tuple[Window | None, ...]


def first_shares(domain: Domain) -> Followed:
    """Begin the shares of a domain of which nothing was asked yet: those of declared weights count from the start."""
    if domain.weights is None:
        return Followed((), (None,) * len(ADDRESS_TYPES))
    window = Window(Tally(), 0.0, 0, domain.weights, (Slice(Tally(), 1, None),))
    return Followed(
        tuple(_told(Share(rdtype), None, window) for rdtype in ADDRESS_TYPES), (window,) * len(ADDRESS_TYPES)
    )


def follow(before: Followed, drawn: Sequence[Drawn], domain: Domain, at: Instant, context: Context) -> Followed:
    """Take in what the records' counts say at `at`. Records that are neither drawn nor declared to be have no share."""
    shares, weights = before.shares, domain.weights
    if weights is None and not shares and not any(one.record.state is RecordState.WEIGHTED for one in drawn):
        return before
    known = {share.rdtype: share for share in shares}
    followed = [
        _follow(known.get(one.record.rdtype), window, one, weights, at, context)
        for one, window in zip(drawn, before.windows, strict=True)
    ]
    return Followed(tuple(share for share, _ in followed if share is not None), tuple(window for _, window in followed))


def _follow(  # noqa: PLR0913, PLR0917  # a share with its window, its record, what is declared, and when
    share: Share | None,
    window: Window | None,
    one: Drawn,
    weights: Weights | None,
    at: Instant,
    context: Context,
) -> tuple[Share | None, Window | None]:
    record, believes = one
    if weights is None and record.state is not RecordState.WEIGHTED and (share is None or not share.is_split):
        return None, None
    counts = Tally(record.answers[_V1], record.answers[_V2], _neither(record), record.answers[_DOUBTED])
    declared_anew = window is None or window.weights != weights
    if share is None or window is None or declared_anew or _begins_anew(window, record, believes=believes):
        opens = at.monotonic + (context.patience if weights and declared_anew else context.probing.grace)
        begun = Window(counts, opens, record.transitions, weights, (Slice(Tally(), 1, at),), believes)
        return _told(Share(record.rdtype), None, begun), begun
    if at.monotonic < window.opens:
        return share, window._replace(counted=counts)
    if counts == window.counted:
        return share, window
    counted = _counted(window._replace(believing=believes), counts, at)
    return _told(share, window, counted), counted


def _neither(record: RecordStatus) -> int:
    return sum(record.answers[place] for place in _NEITHER)


def _begins_anew(window: Window, record: RecordStatus, *, believes: bool) -> bool:
    come_to_believe = believes and not window.believing  # those that were doubted are left out, and sides' are not
    return window.transitions != record.transitions or record.state.ends_share or come_to_believe


def _counted(window: Window, counts: Tally, at: Instant) -> Window:
    """Put what is new into the newest bucket; when it is full, look for a change and begin another."""
    *older, newest = window.buckets
    new = counts.minus(window.counted)
    told = newest.told.plus(new if window.believing else new._replace(foreign=0))
    buckets = [*older, newest._replace(told=told, since=newest.since or at)]
    if told.size >= BUCKET:
        buckets = _united(_since_change(buckets))
        buckets.append(Slice(Tally(), newest.number + 1, at))
    return window._replace(counted=counts, buckets=tuple(buckets))


def _since_change(buckets: list[Slice]) -> list[Slice]:
    """Drop what lies before the clearest change."""
    old, new, begin = Tally(), _sum(buckets), 0
    clearest = 0.0
    bar = CHANGE + _price(buckets[0])
    for place, bucket in enumerate(buckets):
        if place and against(new.v2 / new.size, old.rest, old.v2) >= bar:  # else nothing speaks for a change
            possible = interval(old.rest, old.v2, bar)
            found = least_against(possible, new.rest, new.v2) - CHANGE - _price(bucket)
            if found > clearest:
                begin, clearest = place, found
        old, new = old.plus(bucket.told), new.minus(bucket.told)
    return buckets[begin:]


def _united(buckets: list[Slice]) -> list[Slice]:
    """Unite two neighbours, if there are too many: those that are smallest beside everything that is newer."""
    if len(buckets) < BUCKETS_KEPT:
        return buckets
    newer, place, finest = 0, 0, math.inf
    for index in range(len(buckets) - 2, -1, -1):
        older, later = buckets[index], buckets[index + 1]
        fineness = (older.told.size + later.told.size) / (newer + BUCKET)
        if fineness < finest:
            place, finest = index, fineness
        newer += later.told.size
    older, later = buckets[place], buckets[place + 1]
    return [*buckets[:place], older._replace(told=older.told.plus(later.told)), *buckets[place + 2 :]]


def _told(share: Share, before: Window | None, window: Window) -> Share:
    """Say what the answers in the window mean; `share` was told of the window before."""
    first = window.buckets[0]
    counted = _sum(window.buckets)
    rest, v2 = counted.rest, counted.v2
    bar = INTERVAL_SURE + _price(first)
    found = interval(rest, v2, bar)
    verdict, more = None, None
    if window.weights is not None:
        declared = declared_share(window.weights)
        verdict, more = judged(declared, rest, v2, bar), needed(declared, rest, v2, bar)
        if share.verdict is ShareVerdict.OFF and against(declared, rest, v2) > RELEASE * bar:
            verdict, more = ShareVerdict.OFF, 0
        # What was excluded stays excluded: the intervals hold the true share at all times together.
        elif share.verdict is ShareVerdict.AS_DECLARED and verdict is ShareVerdict.OPEN and _is_same(before, first):
            verdict, more = ShareVerdict.AS_DECLARED, 0
    return Share(share.rdtype, first.since, counted.v1, v2, found.lower, found.upper, verdict, more, counted.elsewhere)


def _is_same(before: Window | None, first: Slice) -> bool:
    """Tell whether the window before has the same beginning."""
    return before is not None and before.buckets[0][1:] == first[1:]


def _sum(buckets: Sequence[Slice]) -> Tally:
    total = Tally()
    for bucket in buckets:
        total = total.plus(bucket.told)
    return total


def _price(bucket: Slice) -> float:
    """Give what it costs to begin before a bucket: the logarithm of its part of alpha."""
    return math.log(bucket.number * (bucket.number + 1))
