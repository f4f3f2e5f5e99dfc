"""When the notifier looks, in virtual time."""

import random
from dataclasses import replace

import pytest

from probe.judge.findings.catalogue import PATIENCE
from probe.model.plan import Alertmanager, Notify
from probe.model.snapshot import Snapshot
from probe.notify.notifier import Notifier
from probe.runtime.tasks import Tasks
from tests.clock import LoopClock, run_virtual
from tests.snapshots import fleet

LOOK_SECONDS = 1.0
UNADDRESSED_SECONDS = 5.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

CALM = fleet(2)
TOLD = replace(CALM, plan=replace(CALM.plan, notify=Notify((Alertmanager("http://127.0.0.1:9"),))))


@pytest.mark.parametrize(
    ("world", "between"), [(CALM, UNADDRESSED_SECONDS), (TOLD, LOOK_SECONDS)], ids=["idle", "told"]
)
def test_it_looks_often_while_there_is_somebody_to_tell_and_seldom_otherwise(world: Snapshot, between: float) -> None:
    looks: list[float] = []

    async def main(clock: LoopClock) -> None:
        tasks = Tasks()

        def present() -> Snapshot:
            looks.append(clock.now().monotonic)
            return replace(world, at=clock.now())

        tasks.eternal("notify", Notifier(present, clock, random.Random(1), tasks.passing, PATIENCE).run())
        await clock.sleep(60.0)
        assert await tasks.aclose(1.0) == ()

    run_virtual(main)

    assert looks == pytest.approx([between * number for number in range(len(looks))])
    assert len(looks) in {int(60 / between), int(60 / between) + 1}
