"""Remembering what was worked out, and letting everyone who wants the same wait for one working out (single flight)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from probe.model.clock import Clock
from probe.model.name import DomainName

V = TypeVar("V")


class Worked(NamedTuple, Generic[V]):
    """A result and for how many seconds it may be remembered; None when it is good for nobody else."""

    value: V
    lifetime: float | None


class _KeptValue(NamedTuple, Generic[V]):
    value: V
    until: float


class Memo(Generic[V]):
    """Results by name, with single flight.

    What waits for what must not form a ring, or everyone waits for ever: zones can depend on each other's name
    servers (a.example served from b.example and the other way round). So only workings of the same `depth` share
    a flight, and whoever works at a depth may wait only for ancestors of the name at that depth, or for anything at
    a greater depth. That order has no ring, and since depth is bounded, every chain ends.

    Args:
        clock: Results age on its monotonic scale.
        label: For the names of the tasks.
    """

    def __init__(self, clock: Clock, label: str) -> None:
        self._clock = clock
        self._label = label
        self._kept: dict[DomainName, _KeptValue[V]] = {}
        self._flights: dict[tuple[DomainName, int], asyncio.Task[Worked[V]]] = {}

    async def get(self, name: DomainName, depth: int, work: Callable[[], Awaitable[Worked[V]]]) -> V:
        """Give what is remembered of `name`, or work it out once for everyone who asks meanwhile.

        A result that may not be remembered (its worker ran out of its allowance) is given to its worker only:
        whoever waited for it works for itself. A cancelled waiter does not cancel the work.
        """
        while True:
            kept = self._kept.get(name)
            if kept is not None and self._clock.now().monotonic < kept.until:
                return kept.value
            flight = self._flights.get((name, depth))
            mine = flight is None
            if flight is None:
                flight = self._start(name, depth, work)
            worked = await asyncio.shield(flight)
            if mine or worked.lifetime is not None:
                return worked.value

    def forget(self, unwanted: Callable[[DomainName], bool]) -> None:
        """Forget the names that are `unwanted`; work under way for them is neither joined nor remembered any more."""
        for name in [name for name in self._kept if unwanted(name)]:
            del self._kept[name]
        for key in [key for key in self._flights if unwanted(key[0])]:
            del self._flights[key]

    def purge(self) -> None:
        """Drop what is too old to be used, so that names nobody asks for any more do not pile up."""
        now = self._clock.now().monotonic
        for name in [name for name, kept in self._kept.items() if kept.until <= now]:
            del self._kept[name]

    def _start(self, name: DomainName, depth: int, work: Callable[[], Awaitable[Worked[V]]]) -> asyncio.Task[Worked[V]]:
        async def flight() -> Worked[V]:
            try:
                worked = await work()
                if worked.lifetime is not None and self._flights.get((name, depth)) is task:
                    self._kept[name] = _KeptValue(worked.value, self._clock.now().monotonic + worked.lifetime)
                return worked
            finally:
                if self._flights.get((name, depth)) is task:
                    del self._flights[name, depth]

        task = asyncio.get_running_loop().create_task(flight(), name=f"{self._label} {name}")
        self._flights[name, depth] = task
        return task
