"""`python -m tests.detection.ablation`: what each change detector is good for, told by playing without it.

Each detector in turn is switched off, and the same runs are played: what changes is what it does. One without which
nothing changes is idle, and may go. docs/decisions/change-detectors.md has what was seen.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

import click
from rich.console import Console
from rich.table import Table

from probe.judge.context import Context
from probe.judge.record import changepoint, fold, weighted
from probe.judge.record.transition import Confirmed, confirm
from probe.model.clock import Instant
from probe.model.record import Position, RecordState, RecordStatus
from tests.detection.run import Outcome, play

CASES = (
    "60 s",
    "10 s",
    "glitch",
    "10 % against 90 %",
    "against a 50 % set",
    "20 % against 40 %",
    "slow propagation",
    "20 % loss",
    "any p",
    "ramp",
    "step to weighted",
    "stale machine",
    "sites 5 min late",
    "weights edited by hand",
)
"""What the detectors were made for, and what looks like it."""

HOURS = 2 * 3600.0
"""Seconds of a case that else lasts a day."""

SOON = 180.0
"""Seconds within which the goals want a weighted record to be called so."""


def _no_transition(
    record: RecordStatus, memory: Any, _position: Position, _at: Instant, _context: Context
) -> Confirmed:
    return Confirmed(record, memory)


def _as_it_was(_record: RecordStatus, memory: Any, *_others: object) -> Any:
    return memory


def _without_runs() -> Any:
    def first_only(record: RecordStatus, memory: Any, position: Position, at: Instant, context: Context) -> Confirmed:
        does = confirm if record.position is None else _no_transition
        return does(record, memory, position, at, context)

    return patch.object(fold, "confirm", first_only)


DETECTORS: dict[str, Callable[[], Any]] = {
    "runs (likelihood)": _without_runs,
    "incoherence": lambda: patch.object(fold, "count_incoherence", _as_it_was),
    "correlation": lambda: patch.object(weighted, "_weigh", _as_it_was),
    "level (change point)": lambda: patch.object(changepoint, "is_fought_over", lambda _level: False),
}
"""What is switched off, and how."""


@contextmanager
def without(detector: str | None) -> Iterator[None]:
    """Judge without a detector; None: with all."""
    if detector is None:
        yield
        return
    with DETECTORS[detector]():
        yield


@click.command(help=__doc__)
@click.option("--runs", default=12, help="Runs of each case.")
@click.option("--case", "cases", multiple=True, default=CASES, help="Play only this case (may be given several times).")
@click.option(
    "--without",
    "left_out",
    multiple=True,
    default=tuple(DETECTORS),
    help="Leave only this one out (as often as wanted).",
)
def main(*, runs: int, cases: tuple[str, ...], left_out: tuple[str, ...]) -> None:
    """Play every case with all detectors and without each."""
    table = Table("case", "with all", *(f"without {name}" for name in left_out), title="found, delay, false")
    console = Console(width=220)
    for case in cases:
        cells = []
        for detector in (None, *left_out):
            with without(detector):
                cells.append(_told([play(case, number, "ablation", HOURS) for number in range(runs)]))
        table.add_row(case, *cells)
        console.print(case, *cells, sep=" | ")
    console.print(table)


def _told(outcomes: list[Outcome]) -> str:
    scoreable = [outcome for outcome in outcomes if outcome.scoreable]
    false = sum(len(outcome.false) for outcome in outcomes)
    if not scoreable:
        said = [outcome.weighted_after for outcome in outcomes if outcome.weighted_after is not None]
        soon = sum(after <= SOON for after in said)
        divided = sum(outcome.divided for outcome in outcomes)
        return f"{len(said)} {RecordState.WEIGHTED} ({soon} soon), {divided} {RecordState.DIVIDED}, {false} false"
    delays = [outcome.delay for outcome in scoreable if outcome.delay is not None]
    delay = f"{median(delays):.2f}" if delays else "-"
    return f"{len(delays)} of {len(scoreable)}, {delay}, {false} false"


if __name__ == "__main__":
    main()
