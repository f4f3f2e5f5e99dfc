"""How commands write for people: one width, one palette, one way to write a check and to lay a table out.

Text out of DNS is written as `Text`, never as markup.
"""

import sys
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from probe.model.check import Check, CheckOutcome
from probe.model.finding import Severity
from probe.report.readable import readable

COLUMNS = 160
"""Columns where the output is no terminal: a log has no edge, and wrapped cells are hard to search."""

_BOUNDLESS = 10_000  # columns: more than any row has (any more would do); rich measures no further than it is told

STYLES = {
    CheckOutcome.PASS: "green",
    CheckOutcome.WARN: "yellow",
    CheckOutcome.FAIL: "bold red",
    CheckOutcome.UNKNOWN: "yellow",
}
"""The colour of each outcome."""

CHECK_ANSWERS = {
    CheckOutcome.PASS: "yes",
    CheckOutcome.WARN: "yes",
    CheckOutcome.FAIL: "no",
    CheckOutcome.UNKNOWN: "not known",
}
"""The answer that each outcome is to a question: does it hold, may it go, is it confirmed."""

SEVERITY_STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
"""The colour of each severity of a finding."""


def standard_output() -> Console:
    """Give the console that a command's result goes to."""
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console.width = COLUMNS
    return console


def say(console: Console, text: Text) -> None:
    """Print a sentence: broken between words on a terminal, and whole elsewhere, where it is searched."""
    console.print(text, soft_wrap=not console.is_terminal)


def answer(outcome: CheckOutcome) -> Text:
    """Write an outcome as the answer to a question."""
    return Text(CHECK_ANSWERS[outcome], style=STYLES[outcome])


def check_line(check: Check, mark: str, *columns: tuple[str, int, str]) -> Text:
    """Write a check as a line: its mark in the outcome's colour, columns, its sentence, and what to do if it is open.

    Args:
        check: What is written.
        mark: The word of its outcome, padded.
        columns: What stands between mark and sentence: text, width, style.
    """
    line = Text(mark, style=STYLES[check.outcome])
    for text, width, style in columns:
        line.append(f"{text:<{width}}", style=style)
    line.append(readable(check.sentence), style="default")
    if check.remedy and check.outcome is not CheckOutcome.PASS:
        line.append(f" {readable(check.remedy)}", style="italic")
    return line


def print_rows(console: Console, headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Print rows as a table where every cell fits on one line, and on a narrower terminal as a block for each row.

    The first cell is the verdict and the second says of what: they stand first in both layouts, and no heading is ever
    broken. In a block, the cells below come with their headings before them.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    needed = console.measure(table, options=console.options.update(max_width=_BOUNDLESS)).maximum
    if not console.is_terminal:
        console.width = max(console.width, needed)
    if needed <= console.width:
        console.print(table)
        return
    mark = max((row[0].cell_len for row in rows), default=0)
    for row in rows:
        head = row[0].copy()
        head.pad_right(mark - head.cell_len + 2)
        _print_block(console, head.append_text(row[1]), zip(headings[2:], row[2:], strict=True), indent=mark + 2)


def _print_block(console: Console, head: Text, cells: "zip[tuple[str, Text]]", *, indent: int) -> None:
    """Print a head, and below it as many cells to a line as have room."""
    console.print(head, overflow="fold")
    line, space = Text(), console.width - indent
    for heading, cell in cells:
        if not cell.plain:
            continue
        part = Text(f"{heading} ", style="dim").append_text(cell)
        if line and line.cell_len + 2 + part.cell_len > space:
            _print_indented(console, line, indent)
            line = Text()
        line = line.append("  ").append_text(part) if line else part
    if line:
        _print_indented(console, line, indent)


def _print_indented(console: Console, line: Text, indent: int) -> None:
    for part in line.wrap(console, console.width - indent, overflow="fold"):
        console.print(Text(" " * indent).append_text(part))
