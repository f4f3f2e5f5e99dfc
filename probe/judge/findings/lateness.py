"""Whether this probe is too slow to judge: starved of CPU, suspended, or with queries that wait too long.

The event loop reads the clock at moments that it knows beforehand. When a reading is a second late or more, the loop
read, sent and timed out nothing meanwhile: a *gap*. If a gap lies in a query's waiting time, its answer may have come
in time and may have been dropped by a full buffer: its time-out is no evidence about the server. When gaps take a fifth
of the time, or queries leave half a minute after they were due, the probe does not watch well enough: it is *behind*.
It says so before anything else, and no time counts as held meanwhile.
"""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.text import duration, moment

GAP = 1.0
"""Seconds by which the loop has to be late: half of the default time-out, and many times what a busy second brings."""

WINDOW = 60.0
"""Seconds over which gaps are added up: two scrapes, and the grace time."""

BEHIND_FROM = 12.0
"""Seconds of gaps in the window from which on the probe is behind: a fifth of the time. One suspension of so many
seconds is told as well; a collection of garbage or a slow disk is not."""

BEHIND_UNTIL = 3.0
"""Seconds of gaps in the window down to which it stays behind: so that it is not told again and again."""

WAITING_FROM = 30.0
"""Seconds that questions wait for their turn, beside that: four calm turns of a domain. A fight of half a minute could
come and go in between."""

WAITING_UNTIL = 15.0
"""The same, down to which the probe stays behind."""


class Gap(NamedTuple):
    """The loop did not run from the monotonic second `since` to `until`."""

    since: float
    until: float


class Lateness(NamedTuple):
    """What is known of the probe's own pace.

    Attributes:
        beat: When the loop last looked at the clock, monotonic seconds; None before the first time.
        due: When it was to look again, monotonic seconds.
        gaps: Those of the window, oldest first.
        behind: Since when the probe is behind; None while it keeps pace.
        lost: Seconds of gaps within the window, as last told.
        waiting: The longest that a question waited for its turn lately, in seconds, as last told.
    """

    beat: float | None = None
    due: float = 0.0
    gaps: tuple[Gap, ...] = ()
    behind: Instant | None = None
    lost: float = 0.0
    waiting: float = 0.0


def beat(lateness: Lateness, now: float, due: float) -> Lateness:
    """Take note that the loop runs at monotonic second `now`, and is to run again at `due` or before."""
    if lateness.beat is None or now - lateness.due < GAP:
        return lateness._replace(beat=now, due=due)
    gaps = tuple(gap for gap in lateness.gaps if gap.until > now - WINDOW)
    return lateness._replace(beat=now, due=due, gaps=(*gaps, Gap(lateness.beat, now)))


def hides(lateness: Lateness, since: float, until: float) -> bool:
    """Tell whether the loop did not run for a while between two monotonic seconds, or does not run in time just now."""
    late = lateness.beat is not None and until - lateness.due >= GAP
    return late or any(gap.since < until and gap.until > since for gap in lateness.gaps)


def judge(lateness: Lateness, waiting: float, now: Instant) -> Lateness:
    """Bring up to `now` whether the probe is behind; `waiting` seconds is the longest that a question waited lately."""
    begin = now.monotonic - WINDOW
    lost = sum(gap.until - max(gap.since, begin) for gap in lateness.gaps if gap.until > begin)
    bars = (BEHIND_FROM, WAITING_FROM) if lateness.behind is None else (BEHIND_UNTIL, WAITING_UNTIL)
    behind = (lateness.behind or now) if lost >= bars[0] or waiting >= bars[1] else None
    return lateness._replace(behind=behind, lost=lost, waiting=waiting)


def sentence(name: str, lateness: Lateness) -> str:
    """Say since when the probe at the vantage called `name` is behind."""
    since = f" since {moment(lateness.behind)}" if lateness.behind is not None else ""
    return f"The probe at {name} is behind{since}: it raises no finding about servers and confirms nothing new."


def reasons(lateness: Lateness) -> tuple[str, ...]:
    """Say how far it is behind."""
    told = []
    if lateness.lost >= BEHIND_UNTIL:
        told.append(f"It did not run for {duration(lateness.lost)} of the last {duration(WINDOW)}")
    if lateness.waiting >= WAITING_UNTIL:
        told.append(f"Its questions leave up to {duration(lateness.waiting)} late")
    return tuple(told)
