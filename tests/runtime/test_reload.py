import asyncio
import hashlib
import os
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from probe.config.mistakes import Mistake, PlanError
from probe.model.plan import Endpoint, Plan
from probe.model.snapshot import ReloadStatus
from probe.runtime import reload
from probe.runtime.reload import Reloader, content_hash
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG
from tests.plans import plan

POLL_INTERVAL = 5.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def load(path: Path) -> Plan:
    """Read a plan of one name a line; `bad` is no name."""
    try:
        content = path.read_text()
    except OSError as error:
        raise PlanError([Mistake(str(path), 1, 1, "cannot be read", "make it readable")]) from error
    names = content.split()
    if "bad" in names:
        raise PlanError([Mistake(str(path), n, 1, f"mistake {n}", "mend it") for n in (1, 2)])
    listen = Endpoint("127.0.0.1", 80 if "port." in names else 9953)
    return replace(plan(*names), listen=listen, digest=hashlib.sha256(content.encode()).hexdigest())


class Bench(NamedTuple):
    clock: LoopClock
    path: Path
    reloader: Reloader
    applied: list[Plan]
    told: list[ReloadStatus]

    def write(self, content: str) -> None:
        self.path.write_text(content)

    def remove(self) -> None:
        self.path.unlink()

    def names(self) -> list[str]:
        return [domain.name for domain in self.applied[-1].domains]


def applying(take: Callable[[Plan], None]) -> Callable[[Plan], Awaitable[None]]:
    async def apply(plan: Plan) -> None:
        take(plan)

    return apply


def run(path: Path, scenario: Callable[[Bench], Awaitable[None]]) -> None:
    if not path.exists():
        path.write_text("a.")

    async def main(clock: LoopClock) -> None:
        applied: list[Plan] = []
        told: list[ReloadStatus] = []
        reloader = Reloader(path, load(path), load=load, apply=applying(applied.append), tell=told.append, clock=clock)
        await scenario(Bench(clock, path, reloader, applied, told))

    run_virtual(main)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.yaml"


async def _watch_for(bench: Bench, seconds: float) -> None:
    task = asyncio.get_running_loop().create_task(bench.reloader.watch())
    await bench.clock.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_good_file_is_taken_over(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(100)
        bench.write("a. b.")
        status = await bench.reloader.reload()
        assert bench.names() == ["a.", "b."]
        assert status == bench.reloader.status()
        assert bench.told == [status]
        assert (status.successful, status.at.monotonic, status.error) == (True, 100, "")

    run(path, scenario)


def test_a_bad_file_leaves_everything_as_it_was_and_every_mistake_is_told(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        loaded_at = bench.reloader.status().at
        await bench.clock.sleep(100)
        bench.write("bad")
        with capture_logs() as logs:
            status = await bench.reloader.reload()
        assert not bench.applied
        assert not status.successful
        assert bench.told == [status]
        assert status.at == loaded_at
        assert "mistake 1" in status.error
        assert "mistake 2" in status.error
        assert logs[0]["log_level"] == "error"
        assert logs[0]["error"] == status.error

    run(path, scenario)


def test_a_plan_that_cannot_be_taken_over_is_reported_as_such(path: Path) -> None:
    async def refuse(_: Plan) -> None:
        raise RuntimeError("no")

    path.write_text("a.")

    async def main(clock: LoopClock) -> None:
        reloader = Reloader(path, load(path), load=load, apply=refuse, tell=lambda _: None, clock=clock)
        with capture_logs():
            status = await reloader.reload()
        assert (status.successful, status.error) == (False, "the plan could not be taken over: no")

    run_virtual(main)


def test_a_changed_file_is_noticed_and_an_unchanged_one_is_not_loaded_again(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        await _watch_for(bench, 3 * POLL_INTERVAL)
        assert not bench.applied
        bench.write("b.")
        await _watch_for(bench, 3 * POLL_INTERVAL)
        assert len(bench.applied) == 1
        assert bench.names() == ["b."]

    run(path, scenario)


def test_a_bad_file_is_complained_about_once_until_it_changes_again(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        bench.write("bad")
        with capture_logs() as logs:
            await _watch_for(bench, 5 * POLL_INTERVAL)
        assert [entry["log_level"] for entry in logs].count("error") == 1
        bench.write("c.")
        await _watch_for(bench, 2 * POLL_INTERVAL)
        assert bench.names() == ["c."]
        assert bench.reloader.status().successful

    run(path, scenario)


def test_a_file_that_changed_while_the_daemon_started_is_noticed(path: Path) -> None:
    path.write_text("a.")
    loaded = load(path)
    path.write_text("b.")

    async def main(clock: LoopClock) -> None:
        applied: list[Plan] = []
        reloader = Reloader(path, loaded, load=load, apply=applying(applied.append), tell=lambda _: None, clock=clock)
        await _watch_for(Bench(clock, path, reloader, applied, []), 2 * POLL_INTERVAL)
        assert [domain.name for plan in applied for domain in plan.domains] == ["b."]

    run_virtual(main)


def test_a_huge_file_is_looked_at_only_as_far_as_a_plan_goes(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        with path.open("wb") as file:
            file.truncate(1 << 40)  # sparse: a terabyte that takes no room on the disk, and would take all memory
        with capture_logs() as logs:
            await _watch_for(bench, 2 * POLL_INTERVAL)
        assert [entry["event"] for entry in logs].count("the plan file changed") == 1

    def refuse(path: Path) -> Plan:
        raise PlanError([Mistake(str(path), 1, 1, "too large", "split it")])

    path.write_text("a.")

    async def main(clock: LoopClock) -> None:
        reloader = Reloader(
            path, load(path), load=refuse, apply=applying(lambda _: None), tell=lambda _: None, clock=clock
        )
        await scenario(Bench(clock, path, reloader, [], []))

    run_virtual(main)


def test_the_symlink_swap_of_a_config_map_is_noticed(tmp_path: Path) -> None:
    for version, names in (("..2026_1", "a."), ("..2026_2", "b.")):
        (tmp_path / version).mkdir()
        (tmp_path / version / "plan.yaml").write_text(names)
    (tmp_path / "..data").symlink_to("..2026_1")
    (tmp_path / "plan.yaml").symlink_to("..data/plan.yaml")

    async def scenario(bench: Bench) -> None:
        (tmp_path / "..data_tmp").symlink_to("..2026_2")
        (tmp_path / "..data_tmp").rename(tmp_path / "..data")
        await _watch_for(bench, 2 * POLL_INTERVAL)
        assert bench.names() == ["b."]

    run(tmp_path / "plan.yaml", scenario)


def test_a_file_that_goes_is_reported_and_its_return_is_taken_over(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        bench.remove()
        with capture_logs():
            await _watch_for(bench, 3 * POLL_INTERVAL)
        assert not bench.reloader.status().successful
        bench.write("a.")
        await _watch_for(bench, 2 * POLL_INTERVAL)
        assert bench.reloader.status().successful

    run(path, scenario)


def test_a_pipe_in_the_place_of_the_plan_is_reported_and_not_waited_for(path: Path) -> None:
    """Nobody may ever write into it: looks at the file would end, and all would be said to be well."""

    async def scenario(bench: Bench) -> None:
        bench.remove()
        os.mkfifo(bench.path)
        with capture_logs():
            await _watch_for(bench, 2 * POLL_INTERVAL)
            assert "is no file" in (await bench.reloader.reload()).error
        bench.remove()
        bench.write("b.")
        await _watch_for(bench, 2 * POLL_INTERVAL)
        assert bench.reloader.status().successful
        assert bench.names() == ["b."]

    run(path, scenario)


def test_another_listen_address_is_said_to_need_a_restart_and_the_rest_is_taken_over(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        bench.write("port.")
        with capture_logs() as logs:
            await bench.reloader.reload()
        assert bench.names() == ["port."]
        (warning,) = (entry for entry in logs if entry["log_level"] == "warning")
        assert (warning["in_use"], warning["new"]) == ("127.0.0.1:9953", "127.0.0.1:80")

    run(path, scenario)


def test_a_request_from_another_thread_waits_for_the_outcome(path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        bench.write("b.")
        status = await asyncio.to_thread(bench.reloader.request)
        assert status.successful
        assert bench.names() == ["b."]

    run(path, scenario)


def test_a_request_does_not_wait_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "REQUEST_BOUND", 0.01)
    release = threading.Event()

    def slow(path: Path) -> Plan:
        release.wait(HANG)
        return load(path)

    path.write_text("a.")

    async def main(clock: LoopClock) -> None:
        applied: list[Plan] = []
        reloader = Reloader(
            path, load(path), load=slow, apply=applying(applied.append), tell=lambda _: None, clock=clock
        )
        status = await asyncio.to_thread(reloader.request)
        assert not status.successful
        assert "still being loaded" in status.error
        release.set()
        assert (await reloader.reload()).successful  # waits for the one before

    run_virtual(main)


def test_a_file_that_hangs_is_told_and_read_once_its_volume_answers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "POLL_INTERVAL", 0.0)
    monkeypatch.setattr(reload, "LOOK_BOUND", 0.01)  # seconds that are waited for what is certain not to come
    answered, asked = threading.Event(), []
    path.write_text("a.")

    def hash_or_hang(path: Path) -> str:
        asked.append(path)
        answered.wait()
        return content_hash(path)

    def answer() -> None:
        path.write_text("b.")
        answered.set()

    monkeypatch.setattr(reload, "content_hash", hash_or_hang)

    async def main() -> None:
        applied: list[Plan] = []
        told: asyncio.Queue[ReloadStatus] = asyncio.Queue()
        reloader = Reloader(
            path,
            load(path),
            load=load,
            apply=applying(applied.append),
            tell=told.put_nowait,
            clock=LoopClock(asyncio.get_running_loop()),
        )
        watching = asyncio.get_running_loop().create_task(reloader.watch())
        status = await told.get()
        assert (status.successful, "its volume does not answer" in status.error) == (False, True)
        assert "its volume does not answer" in (await reloader.reload()).error
        assert await told.get() == reloader.status()
        assert len(asked) == 1  # one thread waits, however often it is tried
        monkeypatch.setattr(reload, "LOOK_BOUND", HANG)
        answer()
        assert (await told.get()).successful
        assert [domain.name for domain in applied[-1].domains] == ["b."]
        assert told.empty()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    try:
        with capture_logs():
            asyncio.run(asyncio.wait_for(main(), HANG))
    finally:
        answered.set()


def test_a_plan_that_hangs_while_it_is_loaded_is_told_and_loaded_once_its_volume_answers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "LOAD_BOUND", 0.01)  # seconds that are waited for what is certain not to come
    answered = threading.Event()

    def hang(path: Path) -> Plan:
        answered.wait()
        return load(path)

    path.write_text("a.")

    async def main() -> None:
        applied: list[Plan] = []
        reloader = Reloader(
            path,
            load(path),
            load=hang,
            apply=applying(applied.append),
            tell=lambda _: None,
            clock=LoopClock(asyncio.get_running_loop()),
        )
        assert "its volume does not answer" in (await reloader.reload()).error
        monkeypatch.setattr(reload, "LOAD_BOUND", HANG)
        monkeypatch.setattr(reload, "POLL_INTERVAL", 0.0)
        answered.set()
        watching = asyncio.get_running_loop().create_task(reloader.watch())
        async with asyncio.timeout(HANG):
            while not reloader.status().successful:
                await reloader._clock.sleep(0.0)
        assert [domain.name for domain in applied[-1].domains] == ["a."]
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    try:
        with capture_logs():
            asyncio.run(main())
    finally:
        answered.set()


def test_where_there_is_no_thread_for_a_look_the_plan_in_force_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> str:
        raise OSError(11, "the system gives no more threads")

    async def scenario(bench: Bench) -> None:
        monkeypatch.setattr(bench.reloader, "_read", refuse)
        with capture_logs():
            await _watch_for(bench, 3 * POLL_INTERVAL)
        assert (bench.reloader.status().successful, bench.applied) == (False, [])
        assert "no more threads" in bench.reloader.status().error

    run(path, scenario)
