"""The report of a rehearsal, in the formats of the sign-off: Markdown, and one HTML file that loads nothing."""

from typing import NamedTuple

from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.plan import Plan
from probe.model.rehearsal import Course, Rehearsal
from probe.model.text import duration
from probe.report.render import HTML, MARKDOWN

TITLES = {
    CheckOutcome.PASS: "it would go well",
    CheckOutcome.WARN: "it would go well, with something to know first",
    CheckOutcome.FAIL: "it would not go well",
    CheckOutcome.UNKNOWN: "not enough is known",
}
"""What the report says of each outcome."""


class RehearsalReport(NamedTuple):
    """Everything that the report says.

    Attributes:
        rehearsal: What was played.
        plan: By which plan.
        waves: Which waves were moved.
        at: When.
        version: Of the program.
    """

    rehearsal: Rehearsal
    plan: Plan
    waves: tuple[str, ...]
    at: Instant
    version: str

    @property
    def word(self) -> str:
        """The outcome, as the report says it."""
        return TITLES[self.rehearsal.outcome]


def span_of(course: Course) -> str:
    """Write when the records of a course change, in time after its act."""
    if course.changes is None:
        return "never"
    first, last = course.changes
    if course.forever:
        return f"from {duration(first)} on, for ever"
    return f"{duration(first)} to {duration(last)}"


def gap_of(course: Course) -> str:
    """Write the longest absence of a course."""
    if course.gap == float("inf"):
        return "does not end"
    return duration(course.gap) if course.gap > 0 else "none"


def clock_of(seconds: float) -> str:
    """Write a moment of a timeline as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def rehearsal_to_markdown(report: RehearsalReport) -> str:
    """Write the report as Markdown."""
    return MARKDOWN.get_template("rehearsal.md").render(report=report, changed=span_of, gap=gap_of, clock=clock_of)


def rehearsal_to_html(report: RehearsalReport) -> str:
    """Write the report as one HTML document."""
    return HTML.get_template("rehearsal.html").render(report=report, changed=span_of, gap=gap_of, clock=clock_of)
