"""Whether the beat of a record's changes is that of two controllers: a likelihood ratio against all other writers.

A controller syncs on its own interval and writes when it does not find its own content. So of two, the slower one
finds the other's content at every sync: changes to its place come one interval apart (a ticker adds up to a second,
landing and propagation move each by seconds), whatever the other's interval is. The other one replies within its own
interval; with two equal intervals its replies come on the same beat.

Against that stand people and pipelines (dwells lognormal, median 900 s) and hasty people, health checks and failover
(lognormal, median 150 s). Their dwells know nothing of each other. The declared intervals are the prior: half of the
weight lies on the slower of the two, a quarter on the round ones that people set, and a quarter on any interval up to
an hour, log-uniform, which the changes have to tell themselves by coming back to it. What that takes:

| dwells | intervals | evidence suffices at change |
| --- | --- | --- |
| 32, 28 s | declared, 60 s (the default) | 4th or 5th; 3rd with neighbours in step |
| 9, 11 s; 8, 12 s | not declared, round | 6th or 7th |
| 450, 450 s | declared, 900 s | 4th |
| 450, 450 s; 1000, 800 s; 3000, 600 s | not declared, round | 5th |
| 400, 320 s | not declared, not round | 6th |
| 30, 3570 s (one syncs every minute) | declared, 60 and 3600 s | 4th or 5th |
| 30, 3570 s | not declared, the default of 60 s for both | 5th or 6th |
| 46, 110, 60, 80, 40, 95 s (failover) | any | never |
"""

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from statistics import median

from probe.judge.record.beat import beat

ALARM = 6.0
"""Log likelihood ratio from which on slow changes are flapping: odds of 400 to 1 against people and health checks."""

PROVEN = 9.0
"""The same for naming controllers, in odds of 8,000 to 1: of 20,000 people who flip a record three to six times within
twenty minutes one has such a beat by chance, and of 8,000 health checks that flap for an hour one."""

CHANGES_OF_A_BEAT = 4
"""Changes before a record's beat names controllers by itself: a beat has to come back once, and the two dwells of a
pipeline that retries are one cycle, which meets some interval by chance once in some thousand."""

PROVEN_WITH_NEIGHBOURS = 5.0
"""The same where other hosts of the zone have just made the same change: a writer is at work on all of them."""

IN_STEP = 0.0
"""The same where those other hosts are in a fight that has its cause: it is enough that the record's own changes, which
are seen seconds late where many hosts share what a server may be asked, do not speak against controllers."""

LONGEST_INTERVAL = 3700.0
"""Seconds: controllers that sync once an hour are the slowest that are looked for, and a propagation beside."""

IMPOSSIBLE = -1e6
"""Log likelihood of what no controller does."""

_DECLARED_INTERVALS, _INTERVALS_SET = (
    0.5,
    0.25,
)  # weight of the declared interval, and of all that people set; the rest is for any other
# Seconds that people set as an interval, in flags and in guides to rate limits: 60 s is the default.
_ROUND_INTERVALS = (10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0)
_TICK = 0.5  # seconds by which a ticker of one second lengthens an interval, on average
_ON_BEAT, _NEAR_BEAT, _OFF_BEAT = 0.85, 0.12, 0.03  # one sync in a hundred fails, and some writes travel slowly
_FAILED = 0.01  # share of syncs that fail: the change comes one interval later
_SCALE = 1.5  # seconds, of the double exponential around the beat: asking, landing and fast propagation
_NEAR = 20.0  # seconds to each side: what slow propagation moves a change by
_REPLY_OF_A_FASTER = 0.15  # weight of replies within a shorter interval than the slower side's
_REPLY_AS_DECLARED = 0.4  # the same of replies within the shorter interval that is declared
_REPLY_ON_BEAT = 0.5  # weight of replies that come back to their last dwell: equal intervals
_PEOPLE = (  # weight, logarithm of the median, sigma
    (0.3, math.log(900.0), 1.0),  # people and pipelines that retry
    (0.25, math.log(150.0), 0.8),  # health checks, failover, people in haste
    (0.2, math.log(2700.0), 0.7),  # people who go to and fro over hours
)
_ANYHOW, _LONGEST_DWELL = 0.25, 100_000.0  # weight of dwells that no model foresees, log-uniform from a second to a day
_OWN, _OWN_SIGMA, _KNOWN = (
    0.5,
    0.7,
    2,
)  # weight and sigma of dwells around this record's own median, and when it is known
_OWN_IN_HASTE = 0.25  # that weight where the median is shorter than people take and cycles are alike
_HASTE = 20.0  # seconds: no person writes, looks and writes back in less
_SHORTEST = 0.5  # seconds: nothing is told apart below


def evidence(
    times: Sequence[float], interval: float, *, faster: float | None = None, any_interval: bool = True
) -> float:
    """Give the log likelihood ratio of two controllers against people for changes to and fro.

    Args:
        times: Seconds of the changes, to one place and to the other by turns, in their order.
        interval: The slower of the two declared intervals.
        faster: The other one; None where it is the same.
        any_interval: Other intervals than the declared ones are possible.
    """
    dwells = dwells_of(times)
    if len(dwells) < 2:  # noqa: PLR2004 - a beat is a change and the way back
        return 0.0
    told = by_controllers(dwells, interval, faster=faster, any_interval=any_interval)
    return told - _by_people(dwells, has_beat=beat(times) is not None)


def is_proven(
    times: Sequence[float], interval: float, bar: float, *, faster: float | None = None, any_interval: bool = True
) -> bool:
    """Tell whether the beat names controllers at a bar: `PROVEN`, or less where neighbours are in step.

    Args:
        times: When the record changed, in seconds, oldest first.
        interval: Seconds between two syncs of the slower side, as the plan has it.
        bar: What the logarithm of the likelihood ratio has to reach.
        faster: The other side's interval in seconds; None where it is the same.
        any_interval: Whether intervals count that nobody declared.
    """
    if bar >= PROVEN and len(times) < CHANGES_OF_A_BEAT:
        return False
    return evidence(times, interval, faster=faster, any_interval=any_interval) > bar


def dwells_of(times: Sequence[float]) -> list[float]:
    """Give the seconds between changes, none shorter than what can be told apart."""
    return [max(_SHORTEST, after - before) for before, after in pairwise(times)]


def by_controllers(
    dwells: Sequence[float], interval: float, *, faster: float | None = None, any_interval: bool = True
) -> float:
    """Give the log likelihood of dwells by two controllers, of which the slower one is declared to have an interval."""
    fast = interval if faster is None else faster
    told = _told(dwells, interval, fast, _DECLARED_INTERVALS)
    if not any_interval:
        return told
    usual = median(before + after for before, after in pairwise(dwells))
    nearest = min(_ROUND_INTERVALS, key=lambda one: abs(one + _TICK - usual))
    return _log_sum(
        [
            told,
            _told(dwells, nearest, fast, _INTERVALS_SET / len(_ROUND_INTERVALS)),
            _told(dwells, None, fast, 1.0 - _DECLARED_INTERVALS - _INTERVALS_SET),
        ]
    )


def _told(dwells: Sequence[float], interval: float | None, fast: float, weight: float) -> float:
    """Give the log likelihood of dwells by controllers of an interval, either change being the slower side's first."""
    return math.log(weight / 2) + _log_sum([_on_beat(dwells, slow, interval, fast) for slow in (0, 1)])


def _by_people(dwells: Sequence[float], *, has_beat: bool) -> float:
    """Give the log likelihood of dwells that know nothing of each other, of the usual length or of this record's.

    What is quicker than people is a program's work. One without a beat is weighed like a person, and may stay short at
    one place and long at the other; where the cycles come back (`has_beat`), hardly any program but a controller is
    left.
    """
    total = 0.0
    for number, dwell in enumerate(dwells):
        usual = _ANYHOW / (max(dwell, 1.0) * math.log(_LONGEST_DWELL))
        usual += sum(weight * _lognormal(dwell, mean, sigma) for weight, mean, sigma in _PEOPLE)
        if number >= _KNOWN:
            middle = median(dwells[:number])
            weight = _OWN_IN_HASTE if has_beat and middle < _HASTE else _OWN
            own = _own(dwell, middle)
            if not has_beat:
                own = (own + _own(dwell, median(dwells[number % 2 : number : 2]))) / 2
            usual = (1.0 - weight) * usual + weight * own
        total += math.log(usual)
    return total


def _own(dwell: float, middle: float) -> float:
    """Give the density of a dwell around this record's own median, of all its dwells or of those at one place."""
    return _lognormal(dwell, math.log(middle), _OWN_SIGMA)


def _on_beat(dwells: Sequence[float], slow: int, interval: float | None, fast: float) -> float:
    """Give the log likelihood of dwells if change number `slow` and every second one after it are the slower side's."""
    cycles = [dwells[number - 1] + dwells[number] for number in range(1, len(dwells)) if (number + 1) % 2 == slow]
    period = interval if interval is not None else median(cycles) if cycles else sum(dwells)
    if period > LONGEST_INTERVAL:
        return IMPOSSIBLE
    total = 0.0
    beats = [interval + _TICK] if interval is not None else []
    replies: list[float] = []
    for number, dwell in enumerate(dwells):
        within = _within(dwell, period)
        if (number + 1) % 2 != slow:
            reply = (1.0 - _REPLY_OF_A_FASTER - _REPLY_AS_DECLARED) * within
            reply += _REPLY_OF_A_FASTER * _within_less(dwell, period)
            reply += _REPLY_AS_DECLARED * (_within(dwell, fast) if fast < period else within)
            again = _on(dwell, replies) if replies else reply
            total += math.log((1.0 - _REPLY_ON_BEAT) * reply + _REPLY_ON_BEAT * again)
            replies.append(dwell)
        elif number == 0:
            total += math.log(within)
        else:
            cycle = dwells[number - 1] + dwell
            total += math.log(_on(cycle, beats) if beats else 1.0 / (cycle * math.log(LONGEST_INTERVAL)))
            if interval is None:
                beats.append(cycle)
    return total


def _within(dwell: float, interval: float) -> float:
    """Give the density of a reply by a controller of an interval, at any phase."""
    return (1.0 if dwell <= interval + _NEAR else _OFF_BEAT) / interval


def _within_less(dwell: float, period: float) -> float:
    """Give the density of a reply by a controller whose interval is any up to the slower one's, log-uniform."""
    return max(0.0, 1.0 / max(dwell, 1.0) - 1.0 / period) / math.log(max(period, math.e))


def _on(seconds: float, beats: Sequence[float]) -> float:
    """Give the density of a dwell or a cycle that comes back to one before it, or to two of it after a failed sync."""
    again = sum(map(partial(_near, seconds), beats))
    failed = sum(_near(seconds, 2.0 * beat) for beat in beats)
    return (again + _FAILED * failed) / len(beats) + _OFF_BEAT / LONGEST_INTERVAL


def _near(seconds: float, beat: float) -> float:
    off = abs(seconds - beat)
    return _ON_BEAT * math.exp(-off / _SCALE) / (2.0 * _SCALE) + (_NEAR_BEAT / (2.0 * _NEAR) if off <= _NEAR else 0.0)


def _lognormal(dwell: float, mean: float, sigma: float) -> float:
    deviations = (math.log(dwell) - mean) / sigma
    return math.exp(-0.5 * deviations * deviations) / (dwell * sigma * math.sqrt(2.0 * math.pi))


def _log_sum(logarithms: Sequence[float]) -> float:
    largest = max(logarithms)
    return largest + math.log(sum(math.exp(each - largest) for each in logarithms))
