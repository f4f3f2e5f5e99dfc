"""How far a look has come: bars on a terminal, plain lines elsewhere. On standard error: the result alone is output."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from probe.model.clock import Clock
from probe.model.plan import Plan
from probe.model.text import duration, plural
from probe.runtime.settling import Progress

FIRST_LINE = 3.0
"""Seconds before a look that is piped says that it goes on: one of calm domains is over by then and says nothing."""
NEXT_LINE = 15.0
"""Seconds between two such lines: twelve of them in the longest look, and no log is silent for longer."""


@contextmanager
def looking(plan: Plan, clock: Clock) -> Iterator[Callable[[Progress], None]]:
    """Show a bar on a terminal, and a line now and then elsewhere."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _WaitLines(console, clock).show
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("finding servers", total=len(plan.domains))
        weighing = bar.add_task("weighing", visible=False)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.settled, description=_doing(progress))
            bar.update(
                weighing,
                visible=progress.weighing > 0,
                completed=progress.answers,
                total=progress.answers + progress.needed,
                description=f"answers to judge the weights of {plural(progress.weighing, 'domain')} by",
            )

        yield show


class _WaitLines:
    """Lines for a log: how long it has taken, how far it is, and what it waits for."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._clock = clock
        self._began = clock.now().monotonic
        self._next = self._began + FIRST_LINE

    def show(self, progress: Progress) -> None:
        now = self._clock.now().monotonic
        if now < self._next:
            return
        self._next = now + NEXT_LINE
        settled = f"{progress.settled} of {plural(progress.total, 'domain')} settled"
        told = f"{duration(now - self._began)}: {settled}, {_doing(progress)}"
        if progress.weighing:
            wanted = f"{progress.answers:,} answers of some {progress.answers + progress.needed:,}"
            told += f"; {wanted} to judge the weights of {plural(progress.weighing, 'domain')} by"
        self._console.print(told, soft_wrap=True)


def _doing(progress: Progress) -> str:
    if progress.settled == progress.total and not progress.weighing:
        return "asking about their zones"
    open_ones = progress.looked - progress.settled
    if open_ones and progress.looked == progress.total:
        return f"asking again: {open_ones} not clear yet"
    return "looking" if progress.looked else "finding servers and load balancers"
