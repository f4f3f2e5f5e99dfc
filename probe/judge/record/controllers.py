"""Whether the beat of a record's changes is that of two controllers: a likelihood ratio against all other writers.

A controller syncs on its own interval and writes when it does not find its own content. So of two, the slower one
finds the other's content at every sync: changes to its place come one interval apart (a ticker adds up to a second,
landing and propagation move each by seconds), whatever the other's interval is. The other one replies within its own
interval; with two equal intervals its replies come on the same beat.

Against that stand people and pipelines (dwells lognormal, median 900 s), hasty people, health checks and failover
(lognormal, median 150 s), whose dwells know nothing of each other; programs that flip a record at random; and timers,
whose dwells are all alike. Each of these processes is weighed by the whole series of dwells and pays its share of the
prior once: a share that is paid at every dwell grows into evidence for controllers by itself, and named a program that
flips at random every 5 to 40 s in one of five series. A job of cron is late by the clock, and not by its last run. How
well changes are seen is learned from them as well.

The declared intervals are the prior: half of the weight lies on the slower of the two, most of the rest on the round
ones that people set, and a tenth on any interval up to an hour, log-uniform, which the changes have to tell themselves
by coming back to it. What that takes:

| dwells | intervals | evidence suffices at change |
| --- | --- | --- |
| 32, 28 s | declared, 60 s (the default) | 4th or 5th; 3rd with neighbours in step |
| 9, 11 s; 8, 12 s | not declared, round | 5th to 8th |
| 450, 450 s | declared, 900 s | 4th |
| 450, 450 s; 1000, 800 s; 3000, 600 s | not declared, round | 4th or 5th |
| 400, 320 s | not declared, not round | 5th |
| 30, 3570 s (one syncs every minute) | declared, 60 and 3600 s | 4th |
| 30, 3570 s | not declared, the default of 60 s for both | 4th or 5th |
| 46, 110, 60, 80, 40, 95 s (failover) | any | never |
| 22, 9, 31, 14, 38, 6, 25 s (a program, at random) | any | never |

What no change times tell: a timer that is as regular as an ExternalDNS and writes each time, with both dwells equal to
some seconds, is a fight whose phase is one half. Small weights for timers tell those that are irregular by a tenth.

The weights of programs and timers are a trade: docs/detection.md has what each costs in changes until a fight is named.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import median

ALARM = 6.0
"""Log likelihood ratio from which on slow changes are flapping: odds of 400 to 1 against people and health checks."""

PROVEN = 9.0
"""The same for naming controllers, in odds of 8,000 to 1: of 20,000 people who flip a record three to six times within
twenty minutes one has such a beat by chance, and of 8,000 health checks that flap for an hour one."""

CHANGES_OF_A_BEAT = 4
"""Changes before a record's beat names controllers by itself: a beat has to come back once, and the two dwells of a
pipeline that retries are one cycle, which meets some interval by chance once in some thousand."""

PROVEN_WITH_WITNESS = 5.0
"""The same where another witness shows a writer at work: other hosts of the zone have just made the same change, or the
owner changed with the record. A person or a pipeline that moves a host to and fro by one ExternalDNS after the
other changes its TXT as well: of 1,000 retries with dwells of 15 min by the median 12 have such a beat, of hasty
ones with 150 s none to 6."""

IN_STEP = 0.0
"""The same where those other hosts are in a fight that has its cause: it is enough that the record's own changes, which
are seen seconds late where many hosts share what a server may be asked, do not speak against controllers."""

SHORTEST_INTERVAL, LONGEST_INTERVAL = 5.0, 3700.0
"""Seconds: an ExternalDNS that reacts to events syncs every 5 s at most, and controllers that sync once an hour, and a
propagation beside, are the slowest that are looked for. Below, every dwell meets every beat, and a burst of changes
within a second would name controllers."""

IMPOSSIBLE = -1e6
"""Log likelihood of what no controller does."""

_DECLARED_INTERVALS, _INTERVALS_SET = (
    0.5,
    0.4,
)  # weight of the declared interval, and of all that people set; the rest is for any other
# Seconds that people set as an interval, in flags and in guides to rate limits: 60 s is the default.
_ROUND_INTERVALS = (10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0)
_TICK = 0.5  # seconds by which a ticker of one second lengthens an interval, on average
_ON_BEAT, _NEAR_BEAT, _OFF_BEAT = 0.85, 0.12, 0.03  # one sync in a hundred fails, and some writes travel slowly
_FAILED = 0.01  # share of syncs that fail: the change comes one interval later
# Seconds, of the double exponential around the beat (asking, landing and fast propagation), either as likely: one that
# is seen that well tells more by each change.
_SCALES = (0.6, 1.5)
_NEAR = 20.0  # seconds to each side: what slow propagation moves a change by
# Weights of how the other one replies: back on its own beat, within the faster interval that is declared, anywhere
# within the slower side's, and within any shorter one. Where none is declared to be faster, both have one interval.
_REPLIES_ON_BEAT, _REPLIES_ANYWHERE, _REPLIES_OF_A_FASTER = 0.85, 0.1, 0.05
_UNLIKE_ON_BEAT, _UNLIKE_DECLARED, _UNLIKE_ANYWHERE, _UNLIKE_OF_A_FASTER = 0.5, 0.25, 0.1, 0.15
_LATE_REPLY = 0.1  # share of replies by a faster one that come as late as the slower one's may
_PEOPLE = (  # weight, logarithm of the median, sigma
    (0.3, math.log(900.0), 1.0),  # people and pipelines that retry
    (0.25, math.log(150.0), 0.8),  # health checks, failover, people in haste
    (0.2, math.log(2700.0), 0.7),  # people who go to and fro over hours
)
_ANYHOW, _LONGEST_DWELL = 0.25, 100_000.0  # weight of dwells that no model foresees, log-uniform from a second to a day
# Weight of programs that flip at random within a longest pause in seconds. The pauses are half an octave apart: one
# that is too long by a tenth gives a tenth away at every dwell. Quicker programs are not told from quick controllers,
# whose dwells are known to a second or two. By Ville's inequality such a program is named in at most
# exp(-PROVEN) / weight of all series, however long they are: 25 in a hundred, of which 1 or 2 come. Twenty times the
# weight leaves less than one, and of the fights of a minute 56 in a hundred are named by the fifth change, not 89.
_AT_RANDOM, _LONGEST_PAUSES = 0.0005, (32.0, 45.0, 64.0, 90.0, 128.0, 180.0, 256.0, 360.0)
_SPREAD = 1.2  # sigma of lognormal dwells of programs of any pace: exponential ones, log-uniform ones
# Weight, and in how many processes: one, or one for each place. Ten times these weights leave quick fights that nobody
# declared unnamed for two changes more.
_SPREADING = ((0.001, 1), (0.0004, 2))
_TIMERS = ((0.0005, 0.07), (0.0015, 0.2))  # weight, and share of the dwell by which a timer's dwells differ (1 sigma)
_TIMER_AT_LEAST = 4.0  # seconds, the same at the least: asking moves the times of changes by a second or two
# Weight of a job that runs every five minutes by the clock and flips the record, up to so many seconds late each time:
# how late it was does not add up, which tells it from every timer. A fight of ten minutes whose dwells are both within
# so many seconds of half of them looks so until it has come back to the second: it is named two changes later. So would
# those of half an hour and an hour be, for the jobs of longer periods, of which there are few.
_CRON, _CRON_PERIOD, _CRON_LATE = 0.00003, 300.0, 24.0
_SHORTEST_TIMER = 20.0  # seconds: below, those four seconds are no timer's any more
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
    return told - _by_others(dwells)


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
    ways = [_on_beat(dwells, slow, interval, fast, scale) for scale in _SCALES for slow in (0, 1)]
    return math.log(weight / len(ways)) + _log_sum(ways)


def _by_others(dwells: Sequence[float]) -> float:
    """Give the log likelihood of dwells by whoever is no controller: people, programs at random, timers."""
    longest = max(dwells)
    told = [_by_people(dwells)]
    told += [math.log(_AT_RANDOM) - len(dwells) * math.log(pause) for pause in _LONGEST_PAUSES if longest <= pause]
    told += [
        math.log(weight) + sum(_spreading(dwells[place::processes]) for place in range(processes))
        for weight, processes in _SPREADING
    ]
    told += [math.log(weight) + _by_a_timer(dwells, share) for weight, share in _TIMERS]
    told.append(math.log(_CRON) + _by_cron(dwells))
    return _log_sum(told)


def _spreading(dwells: Sequence[float]) -> float:
    """Give the log likelihood of lognormal dwells of one process: of any pace, as those before foretell it."""
    total = logarithms = 0.0
    for number, dwell in enumerate(dwells):
        if number:
            total += math.log(_lognormal(dwell, logarithms / number, _SPREAD * math.sqrt(1.0 + 1.0 / number)))
        else:
            total += _of_any_length(dwell)
        logarithms += math.log(dwell)
    return total


def _by_a_timer(dwells: Sequence[float], share: float) -> float:
    """Give the log likelihood of dwells that are alike up to a share: normal around the mean of those before."""
    if dwells[0] < _SHORTEST_TIMER:
        return IMPOSSIBLE
    total = seconds = 0.0
    for number, dwell in enumerate(dwells):
        if number:
            usual = seconds / number
            deviation = max(_TIMER_AT_LEAST, share * usual) * math.sqrt(1.0 + 1.0 / number)
            total -= 0.5 * ((dwell - usual) / deviation) ** 2 + math.log(deviation * math.sqrt(2.0 * math.pi))
        else:
            total += _of_any_length(dwell)
        seconds += dwell
    return total


def _by_cron(dwells: Sequence[float]) -> float:
    """Give the log likelihood of dwells by a job that is late each time by any part of `_CRON_LATE`."""
    late = [at - (number + 1) * _CRON_PERIOD for number, at in enumerate(accumulate(dwells))]
    left = _CRON_LATE - max(0.0, *late) + min(0.0, *late)  # how late the first change may have been
    return math.log(left) - (len(dwells) + 1) * math.log(_CRON_LATE) if left > 0.0 else IMPOSSIBLE


def _of_any_length(dwell: float) -> float:
    """Give the logarithm of the density of a dwell of which nothing is known: log-uniform from a second to a day."""
    return -math.log(max(dwell, 1.0) * math.log(_LONGEST_DWELL))


def _by_people(dwells: Sequence[float]) -> float:
    """Give the log likelihood of dwells that know nothing of each other, of the usual length."""
    total = 0.0
    for dwell in dwells:
        usual = _ANYHOW / (max(dwell, 1.0) * math.log(_LONGEST_DWELL))
        total += math.log(usual + sum(weight * _lognormal(dwell, mean, sigma) for weight, mean, sigma in _PEOPLE))
    return total


def _on_beat(dwells: Sequence[float], slow: int, interval: float | None, fast: float, scale: float) -> float:
    """Give the log likelihood of dwells if change number `slow` and every second one after it are the slower side's."""
    cycles = [dwells[number - 1] + dwells[number] for number in range(1, len(dwells)) if (number + 1) % 2 == slow]
    period = interval if interval is not None else median(cycles) if cycles else sum(dwells)
    if not SHORTEST_INTERVAL <= period <= LONGEST_INTERVAL:
        return IMPOSSIBLE
    total = math.log(_within(dwells[0], period)) if slow else 0.0
    beats = [interval + _TICK] if interval is not None else []
    for cycle in cycles:
        total += math.log(_on(cycle, beats, scale) if beats else _of_any_interval(cycle))
        if interval is None:
            beats.append(cycle)
    return total + _by_replies(dwells[slow::2], period, fast, scale)


def _by_replies(replies: Sequence[float], period: float, fast: float, scale: float) -> float:
    """Give the log likelihood of dwells that the other one ends, whose interval is at most the slower side's."""
    anywhere = sum(math.log(_within(reply, period)) for reply in replies)
    again = sum(math.log(_on(reply, replies[:number], scale)) for number, reply in enumerate(replies) if number)
    on_beat = again + sum(math.log(_within(reply, period)) for reply in replies[:1])
    of_a_faster = sum(
        math.log((1.0 - _LATE_REPLY) * _within_less(reply, period) + _LATE_REPLY * _within(reply, period))
        for reply in replies
    )
    if fast >= period:
        weights = (_REPLIES_ON_BEAT, _REPLIES_ANYWHERE, _REPLIES_OF_A_FASTER)
        told = (on_beat, anywhere, of_a_faster)
        return _log_sum([math.log(weight) + each for weight, each in zip(weights, told, strict=True)])
    declared = sum(math.log(_within(reply, fast)) for reply in replies)
    return _log_sum(
        [
            math.log(_UNLIKE_ON_BEAT) + on_beat,
            math.log(_UNLIKE_DECLARED) + declared,
            math.log(_UNLIKE_ANYWHERE) + anywhere,
            math.log(_UNLIKE_OF_A_FASTER) + of_a_faster,
        ]
    )


def _of_any_interval(cycle: float) -> float:
    """Give the density of a first cycle of which no interval is known: log-uniform over all that are looked for."""
    return 1.0 / (max(cycle, SHORTEST_INTERVAL) * math.log(LONGEST_INTERVAL / SHORTEST_INTERVAL))


def _within(dwell: float, interval: float) -> float:
    """Give the density of a reply by a controller of an interval, at any phase."""
    return (1.0 if dwell <= interval + _NEAR else _OFF_BEAT) / interval


def _within_less(dwell: float, period: float) -> float:
    """Give the density of a reply by a controller whose interval is any up to the slower one's, log-uniform."""
    return max(0.0, 1.0 / max(dwell, 1.0) - 1.0 / period) / math.log(max(period, math.e))


def _on(seconds: float, beats: Sequence[float], scale: float) -> float:
    """Give the density of a dwell or a cycle that comes back to one before it, or to two of it after a failed sync."""
    again = sum(_near(seconds, beat, scale) for beat in beats)
    failed = sum(_near(seconds, 2.0 * beat, scale) for beat in beats)
    return (again + _FAILED * failed) / len(beats) + _OFF_BEAT / LONGEST_INTERVAL


def _near(seconds: float, beat: float, scale: float) -> float:
    off = abs(seconds - beat)
    return _ON_BEAT * math.exp(-off / scale) / (2.0 * scale) + (_NEAR_BEAT / (2.0 * _NEAR) if off <= _NEAR else 0.0)


def _lognormal(dwell: float, mean: float, sigma: float) -> float:
    deviations = (math.log(dwell) - mean) / sigma
    return math.exp(-0.5 * deviations * deviations) / (dwell * sigma * math.sqrt(2.0 * math.pi))


def _log_sum(logarithms: Sequence[float]) -> float:
    largest = max(logarithms)
    return largest + math.log(sum(math.exp(each - largest) for each in logarithms))
