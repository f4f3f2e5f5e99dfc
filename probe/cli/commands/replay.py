"""`cutover-probe replay`: judges what a journal holds once more, with other settings if wanted."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from probe.cli.errors import CommandError, ExitStatus, sentences
from probe.cli.keeping import make_codec
from probe.cli.options import log_options, narrowing_options, output_option
from probe.cli.plans import read_plan
from probe.cli.printing import SEVERITY_STYLES, standard_output
from probe.cli.replay_lines import Line, compared, gathered, plan_line, told, watch_line
from probe.cli.selection import waves_left
from probe.cli.time_range import Bound, Period, period, period_options
from probe.config.mistakes import Unusable, quoted
from probe.config.names import parse_name
from probe.model.effect import EFFECTS, Effect
from probe.model.finding import Severity
from probe.model.journal import EntriesLost, PlanTaken, WatchBegun, WatchInterrupted
from probe.model.name import DomainName, display
from probe.model.plan import Plan
from probe.model.record import RecordState
from probe.model.text import moment
from probe.runtime.clock import SystemClock
from probe.runtime.replay import Replay
from probe.store.journal_error import JournalError
from probe.store.reading import JournalReader
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import printable, set_up

_SHOW_EVERY = 5_000  # entries between two movements of the bar; free by a factor of two: no eye tells
_SAY_EVERY = 60.0
"""Seconds between two lines of progress: an answer of the night is to be there by the first of them."""


@click.command("replay", short_help="Judge a journal's answers again, all or some hours.")
@click.argument("journal", type=click.Path(path_type=Path))
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Judge by this plan throughout, instead of those that were in force.",
)
@narrowing_options
@period_options
@output_option("table", "A table for people, or one JSON object a line for programs, on standard output.")
@log_options(LogLevel.ERROR)
@click.pass_context
@sentences
def replay(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    journal: Path,
    file: Path | None,
    waves: tuple[str, ...],
    domains: tuple[str, ...],
    since: Bound | None,
    until: Bound | None,
    output: str,
    log_level: str,
    log_format: str,
) -> None:
    """Judge the answers in a journal again, and list what would have been reported, and when.

    JOURNAL is what `run --state.path` wrote; it may be in use. With the plans that were in force, the replay reports
    what the daemon reported. Another plan (--config) shows what other settings would have made of the same answers:
    another grace time, other load balancers, another expectation. Each line tells whether the replay reports it (only
    now), the daemon did (only then), or both. With --since and --until only those hours are told; what came before is
    judged all the same, because it decides what the hours began with. With --domain or --wave the others are not
    judged again: what a verdict needs of them is taken as it was told then, and of their answers only who gave them,
    which takes a tenth of the time. No server is asked.

    \b
    Exit status: 0 nothing critical is found; 2 something is, at some time; 3 the journal has not enough evidence;
    1 it cannot be read.

    \b
    Examples:
      cutover-probe replay journal.db
      cutover-probe replay journal.db --domain api.example.com --since 8h
      cutover-probe replay journal.db --since 2026-11-29T00:30 --until 2026-11-29T01:00 --output json
      cutover-probe replay journal.db --config with-a-longer-grace.yaml
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    set_up(SystemClock(), LogLevel(log_level), LogFormat(log_format))
    narrowing = _Narrowing(waves, domains)
    own = read_plan(file) if file is not None else None
    try:
        reader = JournalReader(journal, make_codec())
    except JournalError as error:
        raise CommandError(f"{error}.") from error
    with reader, _progress(reader.last) as show:
        wanted = period(since, until, reader.until)
        playing = _Playing(own, narrowing, wanted)
        lines = playing.lines(reader, show)
        critical = False
        kept = []
        for line in lines:
            critical = critical or _is_critical(line)
            if output == "json":
                click.echo(json.dumps(line.as_json()))
            else:
                kept.append(line)
        left_out = reader.left_out
    narrowing.check()
    if output == "table":
        _print(kept, playing)
    if playing.bystanders:
        click.echo(_of_bystanders(playing.bystanders, by_other_plan=own is not None), err=True)
    if left_out:
        click.echo(
            f"{left_out:,} rows of the journal are damaged and were left out.",
            err=True,
        )
    ctx.exit(ExitStatus.DOES_NOT_HOLD if critical else ExitStatus.HOLDS if playing.known else ExitStatus.UNKNOWN)


def _of_bystanders(number: int, *, by_other_plan: bool) -> str:
    """Say what a verdict rests on that was not judged again."""
    others, their = ("1 other domain was", "its") if number == 1 else (f"{number:,} other domains were", "their")
    more = "; leave out --domain and --wave to see what the other plan makes of them" if by_other_plan else ""
    return (
        f"{others} not judged again: {their} changes, and the servers that stand against others for several domains, "
        f"count as the probe told them then{more}."
    )


def _is_critical(line: Line) -> bool:
    return line.now is True and line.event == "finding_raised" and line.severity is Severity.CRITICAL


class _Narrowing:
    """Leaves of each plan what the command line names; a journal may hold several plans, with other names each."""

    def __init__(self, waves: Sequence[str], domains: Sequence[str]) -> None:
        self._waves = frozenset(waves)
        self._domains = frozenset(map(_parsed, domains))
        self._seen_waves: set[str] = set()
        self._seen_domains: set[DomainName] = set()

    def __call__(self, plan: Plan) -> Plan:
        self._seen_waves |= {wave.name for wave in plan.waves}
        self._seen_domains |= {name for domain in plan.domains for name in domain.names}
        if not self._waves and not self._domains:
            return plan
        return replace(plan, waves=waves_left(plan, self._waves, self._domains))

    def check(self) -> None:
        """Complain of what no plan had."""
        unknown = [f"wave {quoted(name)}" for name in sorted(self._waves - self._seen_waves)]
        unknown += [f"domain {quoted(display(name))}" for name in sorted(self._domains - self._seen_domains)]
        if unknown:
            raise CommandError(f"No plan of this journal has the {' or the '.join(unknown)}.")


def _parsed(text: str) -> DomainName:
    try:
        return parse_name(text, wildcard=True)
    except Unusable as error:
        raise CommandError(f"--domain {quoted(text)}: {error.message}; {error.remedy}.") from error


class _Playing:
    """One pass over a journal.

    Args:
        own: Judges by this plan throughout.
        narrowing: Leaves of each plan what is of interest.
        wanted: The part of the past that is told; it ends there.

    Attributes:
        entries: How many there were.
        known: Whether anything was ever known of any domain.
    """

    def __init__(self, own: Plan | None, narrowing: _Narrowing, wanted: Period) -> None:
        self.entries = 0
        self.known = False
        self._now: list[Effect] = []
        self._then: list[Effect] = []
        self._own = own
        self._narrowing = narrowing
        self._wanted = wanted
        self._names: frozenset[str] = frozenset()
        self._zones: frozenset[str] = frozenset()
        self._replay = Replay(plan=own, narrow=self._narrow, tell=self._now.append)

    @property
    def bystanders(self) -> int:
        """How many domains of the newest plan were not judged."""
        return self._replay.bystanders

    def lines(self, reader: JournalReader, show: Callable[[int], None]) -> Iterator[Line]:
        """Fold everything up to the end of what is wanted, and give what is said on the way within it."""
        for line in self._lines(reader, show):
            if line.at.wall > self._wanted.until:
                return
            if self._wanted.holds(line.at.wall):
                yield line

    def _lines(self, reader: JournalReader, show: Callable[[int], None]) -> Iterator[Line]:
        try:
            for entry in reader.needed(self._replay.is_bystander):
                if isinstance(entry, EFFECTS):  # what the entry before it led to at the time
                    self._then.append(entry)
                    self._replay.fold(entry)
                    continue
                yield from self._said()
                self.entries += 1
                if self.entries % _SHOW_EVERY == 0:
                    show(self.entries)
                self._replay.fold(entry)
                if self._replay.until is not None and self._replay.until.wall > self._wanted.until:
                    return  # also where nothing is said of the rest
                if isinstance(entry, (WatchBegun, EntriesLost, WatchInterrupted)):
                    yield watch_line(entry)
                elif isinstance(entry, PlanTaken) and self._own is None:
                    yield plan_line(entry.plan, entry.at)
            yield from self._said()
        except JournalError as error:
            raise CommandError(f"{error}. Until there {self.entries:,} entries were read.") from error

    def _said(self) -> Iterator[Line]:
        if self._now or self._then:
            at = self._replay.until
            self._zones |= self._replay.zones
            now = [effect for effect in self._now if told(effect) and self._is_of_interest(effect)]
            then = [effect for effect in self._then if self._is_of_interest(effect)]
            self._now.clear()
            self._then.clear()
            if at is not None:
                self.known = self.known or any(one.state is not RecordState.UNKNOWN for one in self._replay.statuses)
                yield from compared(now, then, at)

    def _narrow(self, plan: Plan) -> Plan:
        narrowed = self._narrowing(plan)
        self._names = frozenset(
            (*(domain.name for domain in narrowed.domains), *(wave.name for wave in narrowed.waves), ".")
        )
        return narrowed

    def _is_of_interest(self, effect: Effect) -> bool:
        finding = getattr(effect, "finding", None)
        about = (
            finding.domain if finding is not None else getattr(effect, "domain", None) or getattr(effect, "wave", "")
        )
        return about in self._names or (finding is not None and about in self._zones)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and a line a minute elsewhere. Standard output is the result alone."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(total, lambda: SystemClock().now().monotonic).show
        return
    columns = (TextColumn("judging again"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


class _Lines:
    """Progress in lines.

    Args:
        total: Entries that there are.
        seconds: A clock.
    """

    def __init__(self, total: int, seconds: Callable[[], float]) -> None:
        self._total = total
        self._seconds = seconds
        self._said = seconds()

    def show(self, done: int) -> None:
        """Say how far it is, if that was not said of late."""
        now = self._seconds()
        if now - self._said >= _SAY_EVERY:
            self._said = now
            click.echo(f"{done:,} of {self._total:,} entries are read.", err=True)


def _print(lines: Sequence[Line], playing: _Playing) -> None:
    console = standard_output()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("at", no_wrap=True)
    table.add_column("about", overflow="fold", max_width=40)
    table.add_column("event", overflow="fold")
    table.add_column("seen", no_wrap=True)
    for line in gathered(lines):
        style = SEVERITY_STYLES[line.severity] if line.severity is not None else "dim" if line.now is None else ""
        words = Text(printable(line.words), style=style)
        table.add_row(moment(line.at), Text(printable(line.domain)), words, _said(line))
    console.print(table)
    both = sum(bool(line.now and line.then) for line in lines)
    only_now = sum(bool(line.now and not line.then) for line in lines)
    only_then = sum(bool(line.then and not line.now) for line in lines)
    console.print(
        f"{playing.entries:,} entries: {both:,} events in both, {only_now:,} only now, {only_then:,} only then."
    )


def _said(line: Line) -> str:
    if line.now is None:
        return ""
    return "both" if line.now and line.then else "only now" if line.now else "only then"
