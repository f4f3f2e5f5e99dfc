"""The approved wording as one document: what people read of findings, of effects and of checks."""

from collections.abc import Iterator
from pathlib import Path

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.effect_text import describe
from probe.model.finding import FindingCode
from tests.wording.effects import EFFECTS
from tests.wording.findings import example
from tests.wording.templates import CHECKS, templates

FILE = Path(__file__).with_name("approved.md")

_HEAD = """\
# Approved wording

What users read of findings, effects and checks. A sentence that is reworded in the code is reworded here on purpose:
`python -m tests.wording` writes this file anew, and the difference is what a reviewer reads.
"""


def document() -> str:
    """Write all of it."""
    return "\n".join([_HEAD, *_findings(), *_effects(), *_checks()])


def _findings() -> Iterator[str]:
    yield "## Findings\n\nOf each code: what it means, one finding as its rule words it, and what is to be done.\n"
    for code in FindingCode:
        found = example(code)
        yield f"### {code.value}\n\n*{CATALOGUE[code].meaning}*\n\n> {found.sentence}\n"
        yield "\n".join(f"- {fact.label.value}: {fact.text}" for fact in found.facts) + "\n" * bool(found.facts)
        command = "\n\n" * bool(found.first.lines) + "\n".join(f"    {line}" for line in found.first.lines)
        yield f"Do: {found.first.sentence}{command}\n\nThen: {found.then}\n"


def _effects() -> Iterator[str]:
    yield "## Effects\n"
    for effect in EFFECTS:
        text = describe(effect)
        assert text is not None
        yield f"- {text.event}: {text.words}"
    yield ""


def _checks() -> Iterator[str]:
    yield "## Checks\n\nSentences of verdicts, criteria, preconditions, `preflight` and `rehearse`, module by module.\n"
    for module, texts in templates(*CHECKS):
        yield f"### {module}\n"
        yield "\n".join(f"- {text.strip()}" for text in texts) + "\n"
