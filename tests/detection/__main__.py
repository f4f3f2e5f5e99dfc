"""`make bench-detection`: plays every case many times and prints what was found, what was not, and what it cost.

A day is long: by default some hundred runs of each kind are played, which takes a few minutes for each core. For the
figures in docs/detection.md give `--runs` and `--days` as that page says, and `--results` to go on where it stopped.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from tests.detection import cost, report
from tests.detection.cases import CASES, DAYS
from tests.detection.results import Results
from tests.detection.run import Outcome, play

CHUNK = 20
CHUNK_OF_DAYS = 2


@click.command(help=__doc__)
@click.option("--runs", default=200, help="Runs of each fight and of each event.")
@click.option("--days", default=20, help="Domain-days of each case that lasts a day.")
@click.option("--case", "cases", multiple=True, help="Play only this case (may be given several times).")
@click.option("--jobs", default=os.cpu_count() or 1, help="Processes.")
@click.option("--purpose", default="reporting", help="Seeds: `tuning` while the detector changes, else `reporting`.")
@click.option("--results", type=click.Path(path_type=Path), help="Keep the runs in this file, and count those it has.")
def main(*, runs: int, days: int, cases: tuple[str, ...], jobs: int, purpose: str, results: Path | None) -> None:
    """Play what is missing, then print the tables."""
    kept = Results(results, purpose)
    wanted = {case: days if case in DAYS else runs for case in CASES}
    chosen = {case: count for case, count in wanted.items() if not cases or case in cases}
    console = Console(width=190)
    chunks = [
        (case, tuple(chunk)) for case, count in chosen.items() for chunk in _chunks(kept.missing(case, count), case)
    ]
    with (
        Progress(*Progress.get_default_columns()[:3], MofNCompleteColumn(), TimeRemainingColumn()) as progress,
        ProcessPoolExecutor(jobs) as pool,
    ):
        task = progress.add_task("runs", total=sum(len(numbers) for _, numbers in chunks))
        for future in as_completed([pool.submit(_play, case, numbers, purpose) for case, numbers in chunks]):
            outcomes = future.result()
            kept.add(outcomes)
            progress.advance(task, len(outcomes))
    played = [outcome for outcome in kept.outcomes if outcome.case in chosen]
    console.print(report.fight_table(played))
    console.print(report.legit_table(played))
    if not cases:
        console.print(report.cost_table(cost.measure()))


def _chunks(numbers: list[int], case: str) -> Iterator[list[int]]:
    size = CHUNK_OF_DAYS if case in DAYS else CHUNK
    rest = iter(numbers)
    while chunk := list(islice(rest, size)):
        yield chunk


def _play(case: str, numbers: tuple[int, ...], purpose: str) -> list[Outcome]:
    return [play(case, number, purpose) for number in numbers]


if __name__ == "__main__":
    main()
