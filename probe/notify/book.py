"""Which alerts stand: conditions come and go, an alert waits before it fires and goes on after it.

Pure: `follow(book, conditions, now)` gives the next book. It is told what holds, not what changed, so nothing can be
lost between two looks, and a restart begins with what holds then.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from probe.model.clock import Instant
from probe.notify.alert import Condition, Labels

RESOLVED_FOR = 900.0
"""Seconds for which the end of an alert is told again, as Prometheus does: an Alertmanager that was away hears it."""

MAX_STANDING = 2_000
"""Alerts at one time. More than any person reads; a plan whose every domain fails must not fill the memory."""


class Phase(Enum):
    """Where an alert stands."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    OVER = "over"


class StandingAlert(NamedTuple):
    """One alert.

    Attributes:
        condition: What it is about, as it was last told.
        since: Wall time at which it began.
        fired: It has fired: somebody may have been told.
        ended: Monotonic second at which the condition ceased to hold; None while it holds.
    """

    condition: Condition
    since: float
    fired: bool = False
    ended: float | None = None

    def phase(self, now: Instant) -> Phase:
        """Tell where it stands at `now`."""
        waits, keep = self.condition.patience
        if self.ended is None:
            # By the wall's clock, on which findings are kept over a restart: what paged before it must not wait anew.
            return Phase.FIRING if self.fired or now.wall - self.since >= waits else Phase.PENDING
        if not self.fired:
            return Phase.OVER
        gone = now.monotonic - self.ended
        if gone < keep:
            return Phase.FIRING
        return Phase.RESOLVED if gone < keep + RESOLVED_FOR else Phase.OVER


Book = Mapping[Labels, StandingAlert]


def follow(book: Book, conditions: Iterable[Condition], now: Instant) -> dict[Labels, StandingAlert]:
    """Take what holds at `now` into the book."""
    after: dict[Labels, StandingAlert] = {}
    for condition in conditions:
        if len(after) >= MAX_STANDING:
            break
        if condition.labels in after:  # one finding for each record: the worst comes first
            continue
        before = book.get(condition.labels)
        if before is None or before.phase(now) in {Phase.RESOLVED, Phase.OVER}:
            since = min(now.wall, now.wall if condition.since is None else condition.since)
            standing = StandingAlert(condition, since)
        else:
            standing = StandingAlert(condition, before.since, before.fired)
        after[condition.labels] = standing._replace(fired=standing.phase(now) is Phase.FIRING)
    for labels, standing in book.items():
        if labels not in after:
            ended = standing if standing.ended is not None else standing._replace(ended=now.monotonic)
            if ended.phase(now) is not Phase.OVER:
                after[labels] = ended
    return after
