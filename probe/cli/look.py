"""One look at every domain of a plan, through the daemon's own engine: what `check` does before it speaks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from probe.cli.assembly import Probe, Route, assemble
from probe.cli.errors import CommandError
from probe.judge.state import DomainState
from probe.model.clock import AlarmClock
from probe.model.plan import Plan
from probe.model.snapshot import Snapshot
from probe.runtime.settling import Progress
from probe.wire.transport.querier import direct

PAUSE = 0.1
"""Seconds between two looks at how far it has come. Free by a factor of two: a look takes seconds."""
CLOSE_SECONDS = 2.0
"""Seconds that loops and sockets get to end. Free by a factor of two: they end at once, or hang."""
NO_ANSWER = (
    "No server answered anything. Check this machine's network: egress to UDP and TCP port 53; "
    "where only a resolver answers for a zone, name it in `authoritative.private_zones`."
)
"""Why a command that asked in vain cannot do its work, and what to do."""


class Look(NamedTuple):
    """What a single look has found.

    Attributes:
        snapshot: The last moment of it.
        states: Of each of its domains the state behind its status: why it is what it is.
    """

    snapshot: Snapshot
    states: tuple[DomainState, ...]


async def look(  # noqa: PLR0913  # what to look at, how long, who watches; two are for laboratories and more questions
    plan: Plan,
    clock: AlarmClock,
    patience: float,
    show: Callable[[Progress], None],
    *,
    route: Route = direct,
    also: Callable[[Probe, Snapshot], Coroutine[Any, Any, None]] | None = None,
) -> Look:
    """Look at every domain until all is settled, or patience runs out.

    Every server is asked twice for each family and once for every TXT name, then every resolver; what surprises is
    asked again and again, as in the daemon, until it is explained or settled; and where weights are declared, until the
    answers confirm or contradict them.

    Args:
        plan: What to look at.
        clock: Paces everything.
        patience: Seconds after which it is enough, whatever is open.
        show: Told ten times a second how far it has come.
        route: Leads into a laboratory, when it is not the real network.
        also: Asks more of the probe while it is there, once all is settled; what it saw so far is handed to it.

    Raises:
        CommandError: Nothing answered at all, or a part of the probe failed.
    """
    probe = assemble(plan, clock, route=route, observers=())
    probe.engine.start()
    try:
        await _until_settled(probe, clock, patience, show)
        if also is not None:
            await _meanwhile(also(probe, probe.engine.snapshot()), probe, clock, show)
        probe.engine.conclude()
        snapshot = probe.engine.snapshot()
        states = tuple(map(probe.engine.state_of, snapshot.domains))
    finally:
        await close(probe)
    if not has_answers(probe):
        raise CommandError(NO_ANSWER)
    return Look(snapshot, states)


async def close(probe: Probe) -> None:
    """End everything that a probe without a daemon runs and holds."""
    await probe.tasks.aclose(CLOSE_SECONDS)
    await probe.checker.aclose()
    await probe.querier.aclose()


def has_answers(probe: Probe) -> bool:
    """Tell whether anything answered: there is nothing to say of a network in which no server did."""
    return any(sum(traffic.duration_counts) for traffic in probe.querier.traffic())


async def _meanwhile(
    work: Coroutine[Any, Any, None], probe: Probe, clock: AlarmClock, show: Callable[[Progress], None]
) -> None:
    """Do more work, and tell that it goes on."""
    working = asyncio.get_running_loop().create_task(work, name="more questions")
    try:
        while not working.done():
            show(probe.engine.progress())
            pause = asyncio.ensure_future(clock.sleep(PAUSE))
            await asyncio.wait({working, pause}, return_when=asyncio.FIRST_COMPLETED)
            pause.cancel()
    finally:
        working.cancel()
    await working


async def _until_settled(probe: Probe, clock: AlarmClock, patience: float, show: Callable[[Progress], None]) -> None:
    death = asyncio.get_running_loop().create_task(probe.tasks.wait_for_death(), name="death")
    enough = clock.now().monotonic + patience
    try:
        while clock.now().monotonic < enough:
            progress = probe.engine.progress()
            show(progress)
            if progress.settled == progress.total and not progress.weighing:
                return
            probe.engine.weigh()
            await clock.sleep(PAUSE)
            if death.done():
                raise CommandError(f"The probe failed: {death.result()}; the log says why.")
    finally:
        death.cancel()
