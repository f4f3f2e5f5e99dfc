"""Which part of the past is wanted: `--since` and `--until`, as moments or as a time before the end."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import click

from probe.cli.options import Duration
from probe.config.mistakes import quoted

F = TypeVar("F", bound=Callable[..., Any])

_WRITTEN = 0.000_999
"""Seconds that a moment lasts which is written down: milliseconds are cut off (`text.rfc3339`), so that what is shown
with a moment comes up to that much later, and `--until` with it has to take it in."""

_FORMS = "write a moment in UTC such as `2026-11-29T00:30` or `2026-11-29T00:30:15Z`, or how long before the end: `8h`"


class Bound(NamedTuple):
    """One end of a period.

    Attributes:
        seconds: Since the epoch, or before the end of what there is.
        before_end: Which of both.
    """

    seconds: float
    before_end: bool

    def wall(self, end: float) -> float:
        """Give it in seconds since the epoch; `end` likewise."""
        return end - self.seconds if self.before_end else self.seconds


class Period(NamedTuple):
    """A part of the past, in seconds since the epoch; both ends belong to it."""

    since: float = float("-inf")
    until: float = float("inf")

    def holds(self, wall: float) -> bool:
        """Tell whether a moment lies in it."""
        return self.since <= wall <= self.until


class _BoundType(click.ParamType):  # type: ignore[type-arg]  # generic for the type checker only, in newer versions
    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Bound:
        """Read a moment, or a duration."""
        text = str(value).strip()
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        # `20261129` is a date to Python, and a number of seconds to nobody.
        if at is not None and "-" in text:
            return Bound((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp(), before_end=False)
        try:
            return Bound(Duration(positive=False).convert(text, param, ctx), before_end=True)
        except click.BadParameter:
            self.fail(f"{quoted(text)} is not a time; {_FORMS}.", param, ctx)


def period_options(command: F) -> F:
    """`--since` and `--until`."""
    with_until = click.option(
        "--until",
        type=_BoundType(),
        metavar="WHEN",
        help="Only what was said up to then; likewise.  [default: the end]",
    )(command)
    return click.option(
        "--since",
        type=_BoundType(),
        metavar="WHEN",
        help="Only what was said from then on: a moment in UTC such as 2026-11-29T00:30, or how long before the "
        "journal's end, such as 8h.  [default: the beginning]",
    )(with_until)


def period(since: Bound | None, until: Bound | None, end: float) -> Period:
    """Give the part that is wanted of a past that ends at `end`, a wall time in seconds.

    Raises:
        click.BadParameter: It ends before it begins.
    """
    wanted = Period(
        float("-inf") if since is None else since.wall(end), float("inf") if until is None else until.wall(end)
    )
    if wanted.since > wanted.until:
        raise click.BadParameter("--until is before --since.")
    return wanted if until is None or until.before_end else wanted._replace(until=wanted.until + _WRITTEN)
