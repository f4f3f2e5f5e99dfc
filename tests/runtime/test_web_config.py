"""A changed web configuration is taken over while the server runs, as a whole or not at all."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from probe.config.mistakes import Mistake, WebConfigError
from probe.model.snapshot import ReloadStatus
from probe.model.web import WebConfig
from probe.runtime import web_config
from probe.runtime.clock import SystemClock
from probe.runtime.web_config import WebConfigWatch
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG

POLL_INTERVAL = 5.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def refusal(path: Path, words: str) -> WebConfigError:
    return WebConfigError([Mistake(str(path), 1, 1, words, "mend it")])


def load(path: Path) -> WebConfig:
    """Read a file that names files beside it; `bad` is no name."""
    names = path.read_text().split()
    if "bad" in names:
        raise refusal(path, "bad")
    return WebConfig(files=(path, *(path.parent / name for name in names)))


class Bench(NamedTuple):
    clock: LoopClock
    folder: Path
    applied: list[WebConfig]
    told: list[ReloadStatus]

    def write(self, content: str, name: str = "web.yaml") -> None:
        (self.folder / name).write_text(content)

    def apply(self, config: WebConfig) -> None:
        """Take it over, unless one of its certificates does not fit."""
        if any("unfit" in file.read_text() for file in config.files[1:]):
            raise refusal(config.files[0], "unfit")
        self.applied.append(config)


def run(folder: Path, scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def main(clock: LoopClock) -> None:
        bench = Bench(clock, folder, [], [])
        bench.write("first", "tls.crt")
        bench.write("tls.crt")
        path = folder / "web.yaml"
        watch = WebConfigWatch(path, load(path), load=load, apply=bench.apply, tell=bench.told.append, clock=clock)
        task = asyncio.get_running_loop().create_task(watch.watch())
        await clock.sleep(1)
        await scenario(bench)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(main)


def test_nothing_is_taken_over_while_nothing_changes(tmp_path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(10 * POLL_INTERVAL)
        assert bench.applied == []

    run(tmp_path, scenario)


@pytest.mark.parametrize("changed", ["web.yaml", "tls.crt"])
def test_a_change_of_the_file_or_of_a_file_that_it_names_is_taken_over_once(tmp_path: Path, changed: str) -> None:
    async def scenario(bench: Bench) -> None:
        bench.write("tls.crt ", changed)
        await bench.clock.sleep(3 * POLL_INTERVAL)
        assert len(bench.applied) == 1

    run(tmp_path, scenario)


def test_a_file_that_was_named_later_is_watched_too(tmp_path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        bench.write("first", "other.crt")
        bench.write("other.crt")
        await bench.clock.sleep(POLL_INTERVAL)
        bench.write("second", "other.crt")
        await bench.clock.sleep(POLL_INTERVAL)
        assert len(bench.applied) == 2

    run(tmp_path, scenario)


@pytest.mark.parametrize("replaced", ["web.yaml", "tls.crt"])
def test_a_pipe_in_the_place_of_a_file_is_reported_and_not_waited_for(tmp_path: Path, replaced: str) -> None:
    async def scenario(bench: Bench) -> None:
        with capture_logs() as logs:
            (tmp_path / replaced).unlink()
            os.mkfifo(tmp_path / replaced)
            await bench.clock.sleep(3 * POLL_INTERVAL)
            assert not bench.told[-1].successful
            (tmp_path / replaced).unlink()
            bench.write("tls.crt ", replaced)
            await bench.clock.sleep(2 * POLL_INTERVAL)
        assert f"{tmp_path / replaced} is no file" in logs[0]["error"]
        assert bench.told[-1].successful
        assert len(bench.applied) == 1

    run(tmp_path, scenario)


def test_what_is_refused_is_said_once_and_taken_over_as_soon_as_it_is_good(tmp_path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        with capture_logs() as logs:
            bench.write("bad")
            await bench.clock.sleep(5 * POLL_INTERVAL)
            assert bench.applied == []
            bench.write("tls.crt")
            await bench.clock.sleep(2 * POLL_INTERVAL)
        assert len(bench.applied) == 1
        assert [(entry["log_level"], entry["event"]) for entry in logs] == [
            ("error", "the web configuration was not loaded: the one in force stays"),
            ("info", "web configuration loaded"),
        ]
        assert "web.yaml:1:1: bad; mend it" in logs[0]["error"]
        assert [one.successful for one in bench.told] == [True, *(5 * [False]), True]
        assert (bench.told[0].at.monotonic, bench.told[1].at, bench.told[-1].at.monotonic) == (
            0.0,
            bench.told[0].at,
            30.0,
        )

    run(tmp_path, scenario)


def test_passwords_that_are_asked_for_no_more_are_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "web.yaml"
    path.write_text("")
    before, after = WebConfig(users=(("alice", b"hash"),), files=(path,)), WebConfig(files=(path,))
    watch = WebConfigWatch(
        path, before, load=lambda _: after, apply=lambda _: None, tell=lambda _: None, clock=SystemClock()
    )

    with capture_logs() as logs:
        for content in ("1", "2"):
            path.write_text(content)
            watch.look()

    assert [(entry["log_level"], entry.get("not_asked_for_any_more")) for entry in logs] == [
        ("warning", "passwords"),
        ("info", None),
        ("info", None),
    ]


def test_certificates_that_do_not_fit_yet_are_tried_again(tmp_path: Path) -> None:
    async def scenario(bench: Bench) -> None:
        bench.write("unfit", "tls.crt")
        await bench.clock.sleep(2 * POLL_INTERVAL)
        assert bench.applied == []
        bench.write("second", "tls.crt")
        await bench.clock.sleep(POLL_INTERVAL)
        assert len(bench.applied) == 1

    run(tmp_path, scenario)


def test_a_file_that_hangs_is_told_once_and_looked_at_once_its_volume_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_config, "POLL_INTERVAL", 0.0)
    path = tmp_path / "web.yaml"
    path.write_text("")
    answered = threading.Event()

    async def main() -> None:
        told: asyncio.Queue[ReloadStatus] = asyncio.Queue()
        watch = WebConfigWatch(
            path,
            load(path),
            load=load,
            apply=lambda _: None,
            tell=told.put_nowait,
            clock=LoopClock(asyncio.get_running_loop()),
        )
        looks = 0
        look = watch.look

        def hang() -> bool:
            nonlocal looks
            looks += 1
            answered.wait()
            return look()

        monkeypatch.setattr(watch, "look", hang)
        monkeypatch.setattr(web_config, "LOAD_BOUND", 0.01)  # seconds that are waited for what is certain not to come
        watching = asyncio.get_running_loop().create_task(watch.watch())
        assert (await told.get()).successful
        status = await told.get()
        assert (status.successful, "its volume does not answer" in status.error) == (False, True)
        assert (looks, told.qsize()) == (1, 0)
        monkeypatch.setattr(web_config, "LOAD_BOUND", HANG)
        answered.set()
        assert (await told.get()).successful
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    try:
        with capture_logs() as logs:
            asyncio.run(asyncio.wait_for(main(), HANG))
    finally:
        answered.set()
    assert [entry["log_level"] for entry in logs] == ["error"]
