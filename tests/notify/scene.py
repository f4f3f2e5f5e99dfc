"""The notifier in a world that a test makes, telling real HTTP servers."""

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from probe.judge.findings.catalogue import CATALOGUE, PATIENCE
from probe.model.clock import Instant
from probe.model.finding import Finding
from probe.model.name import canonical
from probe.model.notification import NotificationFailure
from probe.model.plan import Alertmanager, Expectation, Notify, Webhook
from probe.model.record import Position
from probe.model.snapshot import Snapshot
from probe.notify.notifier import Notifier
from probe.runtime.clock import SystemClock
from tests.snapshots import calm, domain, snapshot

CODE = "fight-same-owner"


class MovedClock:
    """Durations are what the test says; the wall's time is the real one, which Alertmanager compares with its own."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> Instant:
        return Instant(SystemClock().now().wall, self.elapsed)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits {seconds} s here")


class Scene:
    """A notifier with a world that the test changes; every look waits for the deliveries that it began.

    Attributes:
        receivers: Who is told, as the plan says at present.
        told: What a test took down of it: alerts sent and failures, by receiver.
        open: Domains that have a finding of `code` at present, whose headline is `sentence`.
    """

    def __init__(self, *receivers: Alertmanager | Webhook) -> None:
        self.clock = MovedClock()
        self.receivers = receivers
        self.told: tuple[list[int], list[dict[NotificationFailure, int]]] = ([], [])
        self.open: tuple[str, ...] = ()
        self.code, self.sentence = CODE, "{} flaps."
        self.notifier = Notifier(self._snapshot, self.clock, random.Random(1), self._spawn, PATIENCE)
        self._began = self.clock.now().wall
        self._deliveries: list[asyncio.Task[None]] = []

    async def look(self, after: float = 0.0) -> None:
        self.clock.elapsed += after
        await self.notifier.look()
        await asyncio.gather(*self._deliveries)
        self._deliveries.clear()

    async def end(self) -> None:
        self.receivers = ()
        await self.look()

    def sent(self) -> list[int]:
        return [counts.sent for counts in self.notifier.counts()]

    def failures(self) -> list[dict[NotificationFailure, int]]:
        return [dict(counts.failures) for counts in self.notifier.counts()]

    def _spawn(self, _name: str, work: Coroutine[Any, Any, None]) -> None:
        self._deliveries.append(asyncio.get_running_loop().create_task(work))

    def _snapshot(self) -> Snapshot:
        entry = CATALOGUE[self.code]
        statuses = []
        for name in self.open or ("calm.example.com",):
            status = calm(domain(name, "wave-2", Expectation.V2), Position.V2)
            finding = Finding(
                entry.code, entry.severity, canonical(name), self.sentence.format(name), entry.remedy, self._began
            )
            statuses.append(status._replace(findings=(finding,) if self.open else ()))
        made = snapshot(tuple(statuses))
        plan = replace(made.plan, notify=_notify(self.receivers), external_url="https://cutover.example.com")
        return replace(made, plan=plan, at=self.clock.now())


def play(scene: Scene, story: Coroutine[Any, Any, None]) -> None:
    async def main() -> None:
        await story
        await scene.end()

    asyncio.run(main())


def _notify(receivers: tuple[Alertmanager | Webhook, ...]) -> Notify:
    return Notify(
        tuple(one for one in receivers if isinstance(one, Alertmanager)),
        webhooks=tuple(one for one in receivers if isinstance(one, Webhook)),
    )
