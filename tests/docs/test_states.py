"""What readers meet as a label or a word is explained to them: every state, answer class and expectation."""

import re
from enum import Enum
from pathlib import Path

import pytest

from probe.model.plan import Expectation
from probe.model.record import RecordState
from probe.model.side import AnswerClass

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
METRICS = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def test_the_readme_tells_what_each_state_means_and_no_other() -> None:
    _, _, table = README.partition("| state | meaning |")
    rows = [row for row in table.split("\n\n")[0].splitlines() if row.startswith("| `")]

    assert {word for row in rows for word in re.findall(r"`(.+?)`", row.split("|")[1])} == _words(RecordState)


@pytest.mark.parametrize(
    ("metric", "closed"),
    [
        ("cutover_domain_state", RecordState),
        ("cutover_domain_expectation", Expectation),
        ("cutover_answers_total", AnswerClass),
    ],
)
def test_the_metrics_page_names_each_value_of_a_label(metric: str, closed: type[Enum]) -> None:
    (told,) = re.findall(rf"^- `{metric}`: (.*?)(?=^- |^$)", METRICS, re.MULTILINE | re.DOTALL)

    assert _words(closed) <= set(re.findall(r"`(.+?)`", told))


def _words(closed: type[Enum]) -> set[str]:
    return {member.value for member in closed}
