"""One Alertmanager: what it was told, what it is owed, and when it may be tried again."""

import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import structlog

from probe.model.clock import Clock
from probe.model.notification import NotificationCounts, NotificationFailure
from probe.model.plan import Alertmanager
from probe.notify.book import Book, Phase, StandingAlert
from probe.notify.post import Outcome, as_json, client, post

if TYPE_CHECKING:
    import httpx

    from probe.notify.alert import Labels

REPEAT_SECONDS = 60.0
"""A firing alert is told again as often, as Prometheus' --rules.alert.resend-delay has it."""

BATCH = 64
"""Alerts in one post, as Prometheus has it."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two tries. Half a minute is well below STANDS_FOR: an Alertmanager that comes back in time has lost
nothing."""


class Member:
    """One Alertmanager of the plan. Used on the event loop only, for one delivery at a time.

    Args:
        alertmanager: Where it is.
        clock, rng: Time, and jitter for the tries.
    """

    def __init__(self, alertmanager: Alertmanager, clock: Clock, rng: random.Random) -> None:
        self.alertmanager = alertmanager
        self._clock = clock
        self._rng = rng
        self._log = structlog.get_logger("probe.notify")
        self._http: httpx.AsyncClient | None = None
        self._told: dict[Labels, tuple[Phase, float]] = {}
        self._tries = 0
        self._not_before = 0.0
        self._busy = False
        self._sent = 0
        self._failures: Counter[NotificationFailure] = Counter()

    @property
    def counts(self) -> NotificationCounts:
        """What it has cost so far."""
        return NotificationCounts(self.alertmanager.url, self._sent, tuple(self._failures.items()))

    def may_try(self) -> bool:
        """Tell whether it is free, and not waiting after a failure."""
        return not self._busy and self._clock.now().monotonic >= self._not_before

    def owed(self, book: Book) -> list[StandingAlert]:
        """Give what it has not been told, or has to be told again: what is critical first."""
        now = self._clock.now()
        self._told = {labels: told for labels, told in self._told.items() if labels in book}
        owed = []
        for labels, standing in book.items():
            phase = standing.phase(now)
            told, at = self._told.get(labels, (Phase.PENDING, 0.0))
            if phase is Phase.PENDING or (phase is Phase.RESOLVED and not standing.fired):
                continue
            if phase is not told or now.monotonic - at >= REPEAT_SECONDS:
                owed.append(standing)
        return sorted(owed, key=lambda one: ("severity", "critical") not in one.condition.labels)

    def deliver(self, owed: list[StandingAlert]) -> Coroutine[Any, Any, None]:
        """Give the work of telling it. From now on it is busy: the work may begin later than the next look."""
        self._busy = True
        return self._deliver(owed)

    async def _deliver(self, owed: list[StandingAlert]) -> None:
        """Tell it, batch by batch, until one fails for a reason that would fail the next as well."""
        try:
            for start in range(0, len(owed), BATCH):
                batch = owed[start : start + BATCH]
                outcome = await self._post(batch)
                self._take(batch, outcome)
                if outcome.failure not in {None, NotificationFailure.REJECTED}:
                    return
        finally:
            self._busy = False

    async def aclose(self) -> None:
        """Close its connection."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _post(self, batch: list[StandingAlert]) -> Outcome:
        try:
            self._http = self._http or client(self.alertmanager)
        except OSError as error:
            return Outcome(NotificationFailure.UNREACHABLE, f"its CA file cannot be used: {error}")
        return await post(self._http, self.alertmanager, as_json(batch, self._clock.now()))

    def _take(self, batch: list[StandingAlert], outcome: Outcome) -> None:
        now = self._clock.now()
        if outcome.failure is None:
            self._sent += len(batch)
            self._told |= {one.condition.labels: (one.phase(now), now.monotonic) for one in batch}
            if self._tries:
                self._log.info("the Alertmanager takes alerts again", alertmanager=self.alertmanager.url)
            self._tries = 0
            return
        self._failures[outcome.failure] += 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**self._tries) * self._rng.uniform(0.8, 1.2)
        self._tries = min(self._tries + 1, 10)
        self._not_before = now.monotonic + wait
        self._log.error(
            "the Alertmanager was not reached",
            alertmanager=self.alertmanager.url,
            failure=outcome.failure.value,
            reason=outcome.reason,
            alerts=len(batch),
        )


def members(
    wanted: tuple[Alertmanager, ...], present: dict[str, Member], make: Callable[[Alertmanager], Member]
) -> Iterator[Member]:
    """Give a member for each wanted Alertmanager: the present one where nothing about it has changed."""
    for alertmanager in wanted:
        known = present.get(alertmanager.url)
        yield known if known is not None and known.alertmanager == alertmanager else make(alertmanager)
