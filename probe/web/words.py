"""Times, spans and addresses of pages, as people read them."""

from datetime import UTC, datetime
from urllib.parse import quote

from probe.model.clock import Instant
from probe.model.name import display

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def domain_url(name: str) -> str:
    """Give the path of a domain's page."""
    return f"/domains/{quote(display(name), safe='')}"


def wave_url(name: str) -> str:
    """Give the path of a wave's page."""
    return f"/waves/{quote(name, safe='')}"


def clock_time(at: Instant | float) -> str:
    """Write a moment as people compare it with their logs: UTC, to the second."""
    return datetime.fromtimestamp(wall(at), UTC).strftime("%H:%M:%S")


def full_time(at: Instant | float) -> str:
    """Write a moment in full, UTC."""
    return datetime.fromtimestamp(wall(at), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float) -> str:
    """Write a duration in its largest two units: `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`."""
    whole = max(0, round(seconds))
    for size, unit, smaller, smaller_unit in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {smaller_unit}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def counted(count: int, noun: str, many: str = "") -> str:
    """Write a number with its noun; `many` is the plural where it is not made by an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {many or noun + 's'}"


def wall(at: Instant | float) -> float:
    """Give a moment's seconds since the epoch."""
    return at.wall if isinstance(at, Instant) else at
