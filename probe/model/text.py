"""Times, lists and places as the sentences for people write them. One way for all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from probe.model.clock import DAY, HOUR, MINUTE, Instant
from probe.model.record import Position

PLACES = {
    Position.V1: "v1",
    Position.V2: "v2",
    Position.MIXED: "both sides at once",
    Position.FOREIGN: "an address of neither side",
    Position.ABSENT: "nothing",
}

MAX_LISTED = 4
"""Items that a sentence lists before it counts the rest."""

MAX_BRIEF = 2
"""Items that a headline names before it counts the rest: it has twenty words."""

_HARDLY = 0.1  # share below which a whole percent is a tenth of it and more


def moment(at: Instant | float) -> str:
    """Write an instant, or seconds since the epoch, with its date: a sentence may be read on another day."""
    return _moment(at.wall if isinstance(at, Instant) else at)


@lru_cache(maxsize=1024)  # the changes of a fight are told again with each of its answers
def _moment(seconds: float) -> str:
    return f"{_utc(seconds):%Y-%m-%d %H:%M:%S} UTC"


def wall(seconds: float) -> str:
    """Write seconds since the epoch as UTC."""
    return moment(seconds)


def clock_time(at: Instant | float) -> str:
    """Write the time of day, UTC, to the second: for lists of what has just happened, compared with logs."""
    return f"{_utc(at):%H:%M:%S}"


def short_time(at: Instant | float) -> str:
    """Write the time of day, UTC, to the minute: for axes."""
    return f"{_utc(at):%H:%M}"


def rfc3339(at: Instant | float) -> str:
    """Write a moment for programs: RFC 3339 in UTC with milliseconds."""
    return _utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """Write a span of time in its two largest units; each unit begins where there are two of it."""
    whole = max(0, round(seconds))
    if whole < 2 * MINUTE:
        return f"{whole} s"
    if whole < 2 * HOUR:
        return f"{whole // MINUTE} min" + (f" {whole % MINUTE} s" if whole % MINUTE else "")
    if whole < 2 * DAY:
        minutes = whole % HOUR // MINUTE
        return f"{whole // HOUR} h" + (f" {minutes} min" if minutes else "")
    hours = whole % DAY // HOUR
    return f"{whole // DAY} d" + (f" {hours} h" if hours else "")


def listed(items: Sequence[str]) -> str:
    """Write a list as in a sentence: `a, b and c`; a long one is cut and counted."""
    if len(items) > MAX_LISTED:
        items = [*items[: MAX_LISTED - 1], f"{len(items) - MAX_LISTED + 1} more"]
    if len(items) < 2:  # noqa: PLR2004 - one item needs no conjunction
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def brief(items: Sequence[str]) -> str:
    """Write a list in at most four words, for a headline: `a`, `a and b`, or `a and 2 more`."""
    return listed(items) if len(items) <= MAX_BRIEF else f"{items[0]} and {len(items) - 1} more"


def percent(share: float) -> str:
    """Write a share, 0 to 1: whole percents, and a tenth more exactly near 0 and 1, where a whole one says little."""
    return f"{share:.0%}" if _HARDLY <= share <= 1 - _HARDLY else f"{100 * share:.1f}".removesuffix(".0") + "%"


def plural(count: int, noun: str, many: str = "") -> str:
    """Write a count with its noun; `many` is the plural where it is not made by an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {many or noun + 's'}"


def _utc(at: Instant | float) -> datetime:
    return datetime.fromtimestamp(at.wall if isinstance(at, Instant) else at, tz=UTC)
