import asyncio
import hashlib
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from probe.model.plan import Plan
from probe.runtime import intake
from probe.runtime.daemon import Daemon, Heartbeat
from probe.runtime.reload import Reloader
from tests.clock import FakeClock, LoopClock, run_virtual
from tests.plans import plan
from tests.runtime.bench import Bench, World

SOCKETS_BOUND, TASKS_BOUND = 2.0, 5.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


NAME = "a.example.com."


class FakeWeb:
    """A web server that only remembers what it was told, and when."""

    def __init__(self, events: list[str], failure: Exception | None = None) -> None:
        self.events = events
        self.failure = failure

    def start(self) -> tuple[str, int]:
        self.events.append("web starts")
        if self.failure is not None:
            raise self.failure
        return "127.0.0.1", 9953

    def stop(self) -> None:
        self.events.append("web stops")


class Life:
    """A daemon over fakes, and the order in which things happened to it."""

    def __init__(self, clock: LoopClock, path: Path, failure: Exception | None = None) -> None:
        self.clock = clock
        self.events: list[str] = []
        self.loaded: list[Path] = []
        self.bench = Bench(clock, plan(NAME), World())
        self.bench.querier.on_close = lambda: self.events.append("querier closes")
        self.daemon = Daemon(
            engine=self.bench.engine,
            tasks=self.bench.tasks,
            querier=self.bench.querier,
            checker=self.bench.checker,
            web=FakeWeb(self.events, failure),
            reloader=Reloader(
                path,
                plan(NAME, digest=hashlib.sha256(path.read_bytes()).hexdigest()),
                load=self._load,
                apply=self.bench.engine.replace,
                tell=self.bench.engine.reloaded,
                clock=clock,
            ),
            started=lambda host, port: self.events.append(
                f"started {host}:{port}, asked {len(self.bench.querier.asked)}"
            ),
        )

    def _load(self, path: Path) -> Plan:
        self.loaded.append(path)
        return plan(NAME, "b.example.com.")


def live(
    path: Path, scenario: Callable[[Life], Coroutine[None, None, None]], failure: Exception | None = None
) -> tuple[int, Life]:
    """Let a daemon live through a scenario; give its exit status."""

    async def main(clock: LoopClock) -> tuple[int, Life]:
        life = Life(clock, path, failure)
        playing = asyncio.get_running_loop().create_task(scenario(life))
        try:
            return await life.daemon.live(), life
        finally:
            playing.cancel()

    with capture_logs():
        return run_virtual(main)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text("first")
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_http_is_there_first_and_goes_last_and_a_signal_ends_it_with_0(path: Path, number: signal.Signals) -> None:
    async def scenario(life: Life) -> None:
        await life.clock.sleep(60)
        assert life.bench.querier.asked
        os.kill(os.getpid(), number)

    status, life = live(path, scenario)
    assert status == 0
    assert life.events == ["web starts", "started 127.0.0.1:9953, asked 0", "querier closes", "web stops"]
    assert len(life.bench.tasks) == 0


def test_a_task_that_dies_ends_it_with_1(path: Path) -> None:
    async def scenario(life: Life) -> None:
        await life.clock.sleep(10)

        async def die() -> None:
            raise RuntimeError("unforeseen")

        life.bench.tasks.eternal("doomed", die())

    status, life = live(path, scenario)
    assert status == 1
    assert life.events[-2:] == ["querier closes", "web stops"]


@pytest.mark.parametrize("where", ["the judge", "the loop", "a walk", "the raising", "the log"])
def test_the_end_of_memory_ends_it_with_1_and_a_word_wherever_it_shows(
    path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No observation is let go for want of memory as if nothing had been seen: what is safe is in the journal."""

    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    def without_room_to_raise() -> None:
        raise SystemError("<function f at 0x7f> returned NULL without setting an exception")

    def failing() -> None:
        raise ValueError("something, and no room to log it")

    async def walk() -> None:
        exhausted()

    async def scenario(life: Life) -> None:
        await life.clock.sleep(10)
        call_soon = asyncio.get_running_loop().call_soon
        ends: dict[str, Callable[[], object]] = {
            "the judge": lambda: [monkeypatch.setattr(intake, name, exhausted) for name in ("review", "repeat")],
            "the loop": lambda: call_soon(exhausted),
            "the raising": lambda: call_soon(without_room_to_raise),
            "the log": lambda: (monkeypatch.setattr(life.daemon._log, "error", exhausted), call_soon(failing)),
            "a walk": lambda: life.bench.tasks.passing("walk", walk()),
        }
        ends[where]()

    async def main(clock: LoopClock) -> tuple[int, float, list[str]]:
        life = Life(clock, path)
        playing = asyncio.get_running_loop().create_task(scenario(life))
        status = await life.daemon.live()
        await playing
        return status, clock.now().monotonic, life.events

    with capture_logs() as logs:
        status, ended, events = run_virtual(main)
    assert status == 1
    assert ended < 30.0
    assert events[-2:] == ["querier closes", "web stops"]
    words = {entry["event"] for entry in logs if entry["log_level"] == "critical"}
    assert words & {"memory has ended: ending, give the probe more", "ending because a task died"}
    assert "the judge failed over an observation" not in {entry["event"] for entry in logs}


def test_http_that_cannot_be_served_ends_it_before_anything_is_asked(path: Path) -> None:
    async def begun_beforehand() -> None:
        await asyncio.get_running_loop().create_future()

    async def main(clock: LoopClock) -> None:
        life = Life(clock, path, OSError("taken"))
        life.bench.tasks.eternal("begun beforehand", begun_beforehand())
        with pytest.raises(OSError, match="taken"):
            await life.daemon.live()
        assert not life.bench.querier.asked
        assert len(life.bench.tasks) == 0

    with capture_logs() as logs:
        run_virtual(main)
    assert not [entry for entry in logs if entry["log_level"] == "critical"]


def test_hanging_up_reloads_and_so_does_a_changed_file(path: Path) -> None:
    seen: list[int] = []

    async def scenario(life: Life) -> None:
        await life.clock.sleep(7)
        os.kill(os.getpid(), signal.SIGHUP)
        await life.clock.sleep(1)
        seen.append(len(life.loaded))
        seen.append(len(life.bench.engine.snapshot().domains))
        _overwrite(path)
        await life.clock.sleep(6)
        seen.append(len(life.loaded))
        life.daemon.end("the test is over")

    status, _ = live(path, scenario)
    assert status == 0
    assert seen == [1, 2, 2]


def _overwrite(path: Path) -> None:
    path.write_text("second")


def test_what_will_not_end_does_not_keep_it_from_ending(path: Path) -> None:
    ended: list[float] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                if ended:
                    raise

    async def scenario(life: Life) -> None:
        await life.clock.sleep(10)
        life.bench.tasks.eternal("stubborn", stubborn())
        life.bench.querier.closes_after = 1e6
        await life.clock.sleep(1)
        life.daemon.end("the test is over")

    async def main(clock: LoopClock) -> float:
        life = Life(clock, path)
        playing = asyncio.get_running_loop().create_task(scenario(life))
        assert await life.daemon.live() == 0
        ended.append(clock.now().monotonic)
        await playing
        return clock.now().monotonic

    with capture_logs() as logs:
        assert run_virtual(main) <= 11.1 + TASKS_BOUND + SOCKETS_BOUND
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
        "tasks did not end in time",
        "connections did not close in time",
    ]


def test_the_heart_tells_how_long_it_has_not_beaten() -> None:
    clock = FakeClock(5.0)
    heartbeat = Heartbeat(clock)
    clock.advance(3.0)
    assert heartbeat.age() == 3.0
    heartbeat.beat()
    clock.advance(0.5)
    assert heartbeat.age() == 0.5
