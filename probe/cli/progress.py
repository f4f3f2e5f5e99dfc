"""How far a look has come, as bars on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from probe.model.plan import Plan
from probe.model.text import plural
from probe.runtime.engine import Progress


@contextmanager
def looking(plan: Plan) -> Iterator[Callable[[Progress], None]]:
    """Show a bar on a terminal, and nothing elsewhere. On standard error: the result alone is standard output."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
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
            open_ones = progress.looked - progress.settled
            if open_ones and progress.looked == progress.total:
                words = f"asking again: {open_ones} not clear yet"
            else:
                words = "looking" if progress.looked else "finding servers and load balancers"
            bar.update(task, completed=progress.settled, description=words)
            bar.update(
                weighing,
                visible=progress.weighing > 0,
                completed=progress.answers,
                total=progress.answers + progress.needed,
                description=f"answers to judge the weights of {plural(progress.weighing, 'domain')} by",
            )

        yield show
