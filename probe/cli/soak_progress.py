"""What `confirm` shows while it watches: a live table on a terminal, plain lines elsewhere. On standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from probe.cli.printing import answer
from probe.model.check import WORST_FIRST, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.snapshot import Snapshot
from probe.model.text import clock_time, duration
from probe.report.event import Event, EventKind
from probe.report.readable import readable

LINES_PER_SOAK = 10
"""Plain progress lines that a soak gets: enough to see that it goes on, few enough for a CI log."""
SELDOM, OFTEN = 300.0, 5.0  # seconds between two such lines, at most and at least
_NEWEST = 5  # events below the live table
_REST = 14  # lines of a terminal that are not for domains: headings, events, what the shell said before
_QUIET = frozenset({EventKind.STATE})  # told as transitions and findings already


class Display(NamedTuple):
    """Where progress and events are shown."""

    show: Callable[[Snapshot], None]
    tell: Callable[[Event], None]


@contextmanager
def progress(soak: float) -> Iterator[Display]:
    """Show how a soak of `soak` seconds goes on."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with Live(console=console, auto_refresh=False, transient=True) as live:
            board = _Board(live, soak)
            yield Display(board.show, board.tell)
    else:
        lines = _SoakLines(console, soak)
        yield Display(lines.show, lines.tell)


class _Board:
    """The live table: what is worst first, as many domains as the terminal has room for."""

    def __init__(self, live: Live, soak: float) -> None:
        self._live = live
        self._soak = soak
        self._newest: list[Text] = []

    def show(self, snapshot: Snapshot) -> None:
        rows = sorted(snapshot.domains, key=_urgency)
        room = max(3, self._live.console.height - _REST)
        table = Table(box=None, pad_edge=False, expand=True)
        table.add_column("domain", overflow="fold", ratio=3)
        table.add_column("holds", no_wrap=True)
        table.add_column("held", ratio=2)
        table.add_column("", no_wrap=True)
        table.add_column("because", overflow="ellipsis", no_wrap=True, ratio=4)
        for status in rows[:room]:
            table.add_row(*self._row(status))
        parts: list[RenderableType] = [Text(wave.sentence) for wave in snapshot.waves]
        parts.append(table)
        if len(rows) > room:
            parts.append(Text(f"and {len(rows) - room} more that hold longer", style="dim"))
        self._live.update(Group(*parts, *self._newest), refresh=True)

    def tell(self, event: Event) -> None:
        if event.kind not in _QUIET:
            self._newest = [*self._newest, _line(event)][-_NEWEST:]

    def _row(self, status: DomainStatus) -> tuple[RenderableType, ...]:
        confirmation = status.confirmation
        because = next((one for one in confirmation.criteria if one.outcome is not CheckOutcome.PASS), None)
        return (
            Text(display(status.domain.name)),
            answer(confirmation.outcome),
            ProgressBar(total=self._soak, completed=min(confirmation.held, self._soak)),
            Text(duration(confirmation.held)),
            Text("" if because is None else f"{because.name}: {readable(because.sentence)}"),
        )


def _urgency(status: DomainStatus) -> tuple[int, float]:
    return WORST_FIRST.index(status.confirmation.outcome), status.confirmation.held


class _SoakLines:
    """Every event as a line; and where the waves stand, now and then, and soon after that is another thing."""

    def __init__(self, console: Console, soak: float) -> None:
        self._console = console
        self._pause = min(SELDOM, max(OFTEN, soak / LINES_PER_SOAK))
        self._shown: float | None = None
        self._outcomes: tuple[CheckOutcome, ...] = ()

    def show(self, snapshot: Snapshot) -> None:
        now, outcomes = snapshot.at.monotonic, tuple(wave.outcome for wave in snapshot.waves)
        pause = self._pause if outcomes == self._outcomes else OFTEN
        if self._shown is not None and now < self._shown + pause:
            return
        self._shown, self._outcomes = now, outcomes
        for wave in snapshot.waves:
            self._print(Text(f"{clock_time(snapshot.at)}  {wave.sentence}"))

    def tell(self, event: Event) -> None:
        if event.kind not in _QUIET:
            self._print(_line(event))

    def _print(self, text: Text) -> None:
        self._console.print(Text(readable(text.plain)), soft_wrap=True)


def _line(event: Event) -> Text:
    name = "" if event.domain is None else f"{display(event.domain)}: "
    style = (
        "red"
        if event.kind in (EventKind.BROKEN, EventKind.FINDING)
        else "green"
        if event.kind is EventKind.HELD
        else ""
    )
    return Text(f"{clock_time(event.at)}  ", style="dim").append(
        readable(f"{name}{event.text}"), style=style or "default"
    )
