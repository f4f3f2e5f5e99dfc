"""When a witness beside DNS is read again, and what its last word is worth meanwhile."""

from probe.judge.polling.delays import jittered
from probe.model.testimony import Knowledge

BUSY_SHARE = 0.05
"""Of a core, at most, that one witness' readings take: 10,000 Ingresses take seconds to read, and the probe has to
judge answers within milliseconds beside them."""

LONGEST_RETRY = 600.0
"""Seconds between two tries at the longest, where the interval is not longer anyway: a token that was renewed is found
within ten minutes, and an API server that is being repaired is not asked more than it can bear."""

OLD_AFTER = 3.0
"""Regular pauses without a reading after which its word counts as old: one may be lost, and the next be late."""

FORGOTTEN_AFTER = 3600.0
"""Seconds without a reading after which its word is forgotten, or twice as long as it takes to become old: in an hour a
wave is moved and confirmed, and what was wanted before it says nothing about now."""


SETTLED_SECONDS = 1.0
"""After the first of some changes in what is watched: a rollout or `kubectl apply` of a folder is one change to people,
and its objects come within a second."""

CHANGES_SECONDS = 3.0
"""Between two readings because of changes, at least: rollouts and autoscalers change something all the time, and
ExternalDNS itself looks once a minute."""

LONGEST_CHANGES_SECONDS = 60.0
"""Between two of them, at most, however much CPU one takes: after as long an ordinary reading would have seen it."""

BROKEN_SECONDS = 5.0
"""Before what broke off is read anew: an API server that is replaced ends its watches, and another one is there at
once. Doubled each time while watches go on to break."""


def pause_after(interval: float, failures: int, busy: float, chance: float) -> float:
    """Give the seconds from one reading's end to the next one's beginning.

    Args:
        interval: As the plan has it.
        failures: Readings that failed in a row; each doubles the pause.
        busy: Seconds of CPU that the last reading took.
        chance: From 0 to 1, by lot.
    """
    regular = regular_pause(interval, busy)
    longest = max(regular, LONGEST_RETRY)
    pause = min(longest, regular * 2.0 ** min(failures, 16))
    return pause * jittered(chance)


def regular_pause(interval: float, busy: float) -> float:
    """Give the seconds of pause after a reading that succeeded.

    Args:
        interval: Seconds between two readings, as the plan has it.
        busy: Seconds that the reading took.
    """
    return max(interval, busy * (1 / BUSY_SHARE - 1))


def pause_after_changes(busy: float) -> float:
    """Give the seconds between two readings of what is watched and has changed.

    Args:
        busy: Seconds of CPU that one takes.
    """
    return min(LONGEST_CHANGES_SECONDS, max(CHANGES_SECONDS, busy * (1 / BUSY_SHARE - 1)))


def pause_after_break(interval: float, breaks: int, busy: float, chance: float) -> float:
    """Give the seconds from a watch that broke to the reading after it: never more than without a watch.

    Args:
        interval: As the plan has it.
        breaks: Watches that broke in a row, from one.
        busy: Seconds of CPU that the last reading took.
        chance: From 0 to 1, by lot.
    """
    least = max(BROKEN_SECONDS * 2.0 ** (min(breaks, 16) - 1), busy * (1 / BUSY_SHARE - 1))
    return min(least, regular_pause(interval, busy)) * jittered(chance)


def knowledge_at(now: float, since: float, read: float | None, regular: float) -> Knowledge:
    """Tell what a witness' word is worth.

    Args:
        now: The present, in seconds on a scale that never steps.
        since: When it began to be read.
        read: When the last reading that succeeded began; None before any.
        regular: The pause after a reading that succeeds.
    """
    old = OLD_AFTER * regular
    age = now - (since if read is None else read)
    if age >= max(FORGOTTEN_AFTER, 2 * old):
        return Knowledge.FORGOTTEN
    if age >= old:
        return Knowledge.OLD
    return Knowledge.AWAITED if read is None else Knowledge.CURRENT
