"""What must hold between the values of a plan.

Each rule looks at the plain values, valid or not, and skips what it cannot read: a mistake in one place never hides
another. What a single value must be is checked by `probe.config.schema`.
"""

from collections.abc import Iterator

from probe.config.document import Document
from probe.config.mistakes import Complaint
from probe.config.rules import journal, notify, queries, sides, waves, witnesses
from probe.config.rules.part import Part, Rule

_PLAN_RULES: tuple[Rule, ...] = (
    *sides.SIDES_RULES,
    *waves.WAVES_RULES,
    *queries.QUERY_RULES,
    *notify.NOTIFY_RULES,
    *journal.STATE_RULES,
    *witnesses.WITNESS_RULES,
)

_DOUBTS: tuple[Rule, ...] = (*sides.SIDES_DOUBTS, *queries.QUERY_DOUBTS)
"""What a good plan may say, and seldom means: it tells what runs, and what runs may be wrong."""


def check(document: Document) -> Iterator[Complaint]:
    """Apply every rule to a document."""
    plan = Part(document)
    for rule in _PLAN_RULES:
        yield from rule(plan)


def doubt(document: Document) -> Iterator[Complaint]:
    """Tell what is probably not meant in the document of a good plan."""
    plan = Part(document)
    for rule in _DOUBTS:
        yield from rule(plan)
