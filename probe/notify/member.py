"""One receiver at work: whether it is busy, what it has cost, and when it may be tried again."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

import structlog

from probe.model.clock import Clock, Instant
from probe.model.notification import NotificationCounts, NotificationFailure
from probe.model.plan import Alertmanager, Webhook
from probe.notify.alertmanager import AlertmanagerReceiver
from probe.notify.book import Book
from probe.notify.post import POST_SECONDS, Outcome, Request, client, post
from probe.notify.receiver import Parcel, Receiver
from probe.notify.webhook import WebhookReceiver

if TYPE_CHECKING:
    import httpx

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two tries. Half a minute is well below STANDS_FOR: an Alertmanager that comes back in time has lost
nothing."""


class Member:
    """One receiver of the plan. Used on the event loop only, for one delivery at a time.

    Args:
        wanted: What the plan says of it.
        clock, rng: Time, and jitter for the tries.
    """

    def __init__(self, wanted: Alertmanager | Webhook, clock: Clock, rng: random.Random) -> None:
        self.wanted = wanted
        self._receiver: Receiver = (
            AlertmanagerReceiver(wanted) if isinstance(wanted, Alertmanager) else WebhookReceiver(wanted)
        )
        self._clock = clock
        self._rng = rng
        self._log = structlog.get_logger("probe.notify")
        self._http: httpx.AsyncClient | None = None
        self._reading: asyncio.Task[tuple[httpx.AsyncClient, Request]] | None = None
        self._tries = 0
        self._not_before = 0.0
        self._busy = False
        self._sent = 0
        self._failures: Counter[NotificationFailure] = Counter()

    @property
    def name(self) -> str:
        """How logs and metrics call it."""
        return self._receiver.name

    @property
    def counts(self) -> NotificationCounts:
        """What it has cost so far."""
        return NotificationCounts(self.name, self._sent, tuple(self._failures.items()))

    def may_try(self) -> bool:
        """Tell whether it is free, and not waiting after a failure."""
        return not self._busy and self._clock.now().monotonic >= self._not_before

    def owed(self, book: Book) -> list[Parcel]:
        """Give the posts that it is owed: what is critical first."""
        return self._receiver.owed(book, self._clock.now())

    def deliver(self, owed: list[Parcel]) -> Coroutine[Any, Any, None]:
        """Give the work of telling it. From now on it is busy: the work may begin later than the next look."""
        self._busy = True
        return self._deliver(owed)

    async def _deliver(self, owed: list[Parcel]) -> None:
        """Tell it, post by post, until one fails for a reason that would fail the next as well."""
        try:
            for parcel in owed:
                outcome = await self._post(parcel)
                self._take(parcel, outcome)
                if outcome.failure not in {None, NotificationFailure.REJECTED}:
                    return
        finally:
            self._busy = False

    async def aclose(self) -> None:
        """Close its connection."""
        if self._reading is not None:
            self._reading.cancel()
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _post(self, parcel: Parcel) -> Outcome:
        now = self._clock.now()
        try:
            http, request = await self._read(parcel, now)
        except UnicodeDecodeError:  # an error's words would repeat what the file holds
            return Outcome(NotificationFailure.UNREACHABLE, "a file with its credentials holds no text")
        except (OSError, ValueError) as error:
            return Outcome(NotificationFailure.UNREACHABLE, str(error))
        return await post(http, request, now)

    async def _read(self, parcel: Parcel, now: Instant) -> "tuple[httpx.AsyncClient, Request]":
        """Read its files, of which some may hang: one thread at a time does so, and the others of a plan are told.

        What a read that hung gives after all is dropped: it is the post of then, and may be another one.

        Raises:
            OSError: They cannot be read, or not within `POST_SECONDS`.
            ValueError: What they hold is no text.
        """
        if self._reading is not None:
            await self._wait(self._reading)
        self._reading = reading = asyncio.get_running_loop().create_task(self._prepare(parcel, now))
        await self._wait(reading)
        self._reading = None
        return reading.result()

    @staticmethod
    async def _wait(reading: "asyncio.Task[tuple[httpx.AsyncClient, Request]]") -> None:
        done, _ = await asyncio.wait((reading,), timeout=POST_SECONDS)
        if not done:
            raise TimeoutError(f"its files could not be read within {POST_SECONDS:g} s: their volume does not answer")
        reading.exception()  # told by whoever asked for it, or by nobody any more

    async def _prepare(self, parcel: Parcel, now: Instant) -> "tuple[httpx.AsyncClient, Request]":
        if self._http is None:
            try:
                self._http = await asyncio.to_thread(client, self._receiver.ca_file)
            except OSError as error:
                raise OSError(f"its CA file cannot be used: {error}") from error
        return self._http, await parcel.request(now)

    def _take(self, parcel: Parcel, outcome: Outcome) -> None:
        now = self._clock.now()
        if outcome.failure is None:
            self._sent += parcel.alerts
            parcel.taken(now)
            if self._tries:
                self._log.info(f"the {self._receiver.kind} takes alerts again", receiver=self.name)
            self._tries = 0
            return
        self._failures[outcome.failure] += 1
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2**self._tries) * self._rng.uniform(0.8, 1.2)
        self._tries = min(self._tries + 1, 10)
        self._not_before = now.monotonic + max(wait, outcome.retry_after)
        self._log.error(
            f"the {self._receiver.kind} was not reached",
            receiver=self.name,
            failure=outcome.failure.value,
            reason=outcome.reason,
            alerts=parcel.alerts,
        )


def members(
    wanted: tuple[Alertmanager | Webhook, ...],
    present: dict[str, Member],
    make: Callable[[Alertmanager | Webhook], Member],
) -> Iterator[Member]:
    """Give a member for each wanted receiver: the present one where nothing about it has changed."""
    for receiver in wanted:
        known = present.get(receiver.name)
        yield known if known is not None and known.wanted == receiver else make(receiver)
