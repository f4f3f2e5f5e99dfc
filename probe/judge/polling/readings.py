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
