"""What `confirm` shows while it watches: a line now and then in a log, a table that fits on a terminal."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.live import Live

from probe.cli.soak_progress import _Board, progress
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.report.event import Event, EventKind
from tests.snapshots import NOW, fleet


@pytest.mark.parametrize(("soak", "pause"), [(10, 5), (600, 60), (7_200, 300)])
def test_a_log_gets_ten_lines_a_soak_and_none_within_five_seconds_or_five_minutes(
    capsys: pytest.CaptureFixture[str], soak: float, pause: float
) -> None:
    snapshot = fleet(1)
    shown: list[float] = []
    with progress(soak) as display:
        for second in range(2 * int(pause) + 1):
            display.show(replace(snapshot, at=Instant(NOW.wall + second, NOW.monotonic + second)))
            shown += [second] * bool(capsys.readouterr().err)
    assert shown == [0, pause, 2 * pause]


def test_a_log_hears_within_five_seconds_that_a_wave_stands_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    """An hour's soak began with a wave that could not be told yet, and the log said so for five minutes."""
    begun = fleet(1)
    unknown = replace(begun, waves=tuple(wave._replace(outcome=CheckOutcome.UNKNOWN) for wave in begun.waves))
    known = replace(begun, waves=tuple(wave._replace(outcome=CheckOutcome.PASS) for wave in begun.waves))
    shown: list[float] = []
    with progress(3_600) as display:
        for second in range(320):
            snapshot = unknown if second < 2 else known
            display.show(replace(snapshot, at=Instant(NOW.wall + second, NOW.monotonic + second)))
            shown += [second] * bool(capsys.readouterr().err)
    assert shown == [0, 5, 305]


def board(height: int) -> tuple[_Board, Live, Console]:
    console = Console(file=io.StringIO(), width=120, height=height, force_terminal=True, color_system=None)
    live = Live(console=console, auto_refresh=False)
    return _Board(live, 600), live, console


def lines(live: Live, console: Console) -> list[str]:
    with console.capture() as captured:
        console.print(live.renderable)
    return captured.get().splitlines()


@pytest.mark.parametrize(("height", "room"), [(40, 26), (10, 3)])
def test_a_terminal_has_room_for_domains_beside_headings_events_and_what_the_shell_said(height: int, room: int) -> None:
    shown, live, console = board(height)
    shown.show(fleet(40))
    told = lines(live, console)
    assert sum(line.startswith("app-") for line in told) == room
    assert f"and {40 - room} more that hold longer" in told


def test_the_five_newest_events_stand_below_the_table() -> None:
    shown, live, console = board(40)
    for number in range(6):
        shown.tell(Event(NOW, None, EventKind.FINDING, f"event {number}"))
    shown.show(fleet(1))
    events = [line.partition("event ")[2].rstrip() for line in lines(live, console) if "event " in line]
    assert events == ["1", "2", "3", "4", "5"]
