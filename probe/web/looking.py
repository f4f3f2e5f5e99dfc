"""Which hours of a domain's past a page is asked for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from probe.model.clock import HOUR
from probe.model.journal import EventsQuery

PAGE = 100
"""Events on one page: as many as the list of domains has on one."""

HOURS = (1, 8, 24)
"""What is offered by one click: since the move, over the night, since yesterday."""


class Looking(NamedTuple):
    """A part of the past.

    Attributes:
        since, until: Wall seconds; both belong to it.
        before: The number that the page before ended with; None for the newest.
        hours: So many hours up to now, if it was asked for so; else 0.
    """

    since: float
    until: float
    before: int | None = None
    hours: int = 0

    @classmethod
    def read(cls, parameters: Mapping[str, str], now: float) -> "Looking":
        """Read a request's query; whatever makes no sense narrows nothing, and never fails."""
        since, until = _moment(parameters.get("since", "")), _moment(parameters.get("until", ""))
        before = _number(parameters.get("before", ""))
        if since is not None or until is not None:
            return cls(0.0 if since is None else since, now if until is None else until, before)
        hours = _number(parameters.get("hours", "")) or HOURS[1]
        return cls(max(0.0, now - hours * HOUR), now, before, hours)

    @property
    def query(self) -> EventsQuery:
        """The same for the journal."""
        return EventsQuery(self.since, self.until, self.before, PAGE)

    def older(self, number: int) -> str:
        """Give the address of the page after the one that ended with a number."""
        ends = {"since": text(self.since), "until": text(self.until)}
        return "?" + urlencode({**ends, "before": str(number)})


def text(wall: float) -> str:
    """Write a moment as an `input` of the type datetime-local has it, in UTC and to the second."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _moment(given: str) -> float | None:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    try:
        return max(0.0, (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, ValueError):
        return None


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= len("9223372036854775") else None
