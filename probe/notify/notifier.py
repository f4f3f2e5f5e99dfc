"""The notifier: looks at what holds, and lets every receiver of the plan know.

It never blocks probing: it reads snapshots, posts in tasks of its own, and keeps at most `MAX_STANDING` alerts. There
is no queue: what is owed is made from what holds at the moment of sending.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from probe.model.alert import Patience
from probe.model.clock import Clock
from probe.model.notification import NotificationCounts
from probe.model.plan import Alertmanager, Webhook
from probe.model.ports import SnapshotSource
from probe.notify.alert import Labels, conditions
from probe.notify.book import StandingAlert, follow
from probe.notify.member import Member, members

LOOK_SECONDS = 1.0
"""Between two looks: what delays a page beyond the judge's own time."""

UNADDRESSED_SECONDS = 5.0
"""Between two looks at a plan that names nobody to tell."""

Spawn = Callable[[str, Coroutine[Any, Any, None]], None]
"""Runs a passing task under a name; its exception is logged."""


class Notifier:
    """Tells Alertmanagers and webhooks.

    Args:
        snapshots: Gives the present, and the plan in force with it.
        clock, rng: Time and jitter.
        spawn: Runs deliveries.
        patience: How patient the alert for each finding code is.
    """

    def __init__(
        self,
        snapshots: SnapshotSource,
        clock: Clock,
        rng: random.Random,
        spawn: Spawn,
        patience: Mapping[str, Patience],
    ) -> None:
        self._snapshots = snapshots
        self._clock = clock
        self._rng = rng
        self._spawn = spawn
        self._patience = patience
        self._book: dict[Labels, StandingAlert] = {}
        self._members: dict[str, Member] = {}

    def counts(self) -> tuple[NotificationCounts, ...]:
        """What each receiver was told. For any thread: it reads what is only ever replaced."""
        return tuple(member.counts for member in tuple(self._members.values()))

    async def run(self) -> None:
        """Look again and again, for ever."""
        try:
            while True:
                await self.look()
                await self._clock.sleep(LOOK_SECONDS if self._members else UNADDRESSED_SECONDS)
        finally:
            await self._use(())

    async def look(self) -> None:
        """Take in what holds, and begin to tell whoever is owed something."""
        snapshot = self._snapshots()
        await self._use(snapshot.plan.notify.receivers)
        if not self._members:
            self._book = {}
            return
        self._book = follow(self._book, conditions(snapshot, self._patience), snapshot.at)
        for member in self._members.values():
            if member.may_try() and (owed := member.owed(self._book)):
                self._spawn(f"notify {member.name}", member.deliver(owed))

    async def _use(self, wanted: tuple[Alertmanager | Webhook, ...]) -> None:
        before = self._members
        self._members = {
            member.name: member for member in members(wanted, before, lambda one: Member(one, self._clock, self._rng))
        }
        gone = [member for member in before.values() if member not in self._members.values()]
        await asyncio.gather(*(member.aclose() for member in gone))
