"""Long lists of mistakes: the first hundred are told, the others counted, and it takes no longer than reading."""

from collections.abc import Mapping
from typing import Any

import pytest

from probe.config import source
from probe.config.document import Document
from probe.config.load import parse
from probe.config.mistakes import Complaint, Mistake, PlanError
from probe.config.pydantic_errors import explain
from tests.config.plans import text

SHOWN = 100
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

MANY = 3_000


def refused(more: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        parse(text(more=more))
    return caught.value


@pytest.mark.case("F13")
@pytest.mark.parametrize(
    ("more", "word"),
    [
        pytest.param("".join(f"key{n}: 1\n" for n in range(MANY)), "has no key `key0`", id="unknown keys"),
        pytest.param(
            "probing:\n" + "".join(f"  key{n}: 1\n" for n in range(MANY)), "has no key `key0`", id="in a part"
        ),
        pytest.param("".join(f"? {n}\n: 1\n" for n in range(MANY)), "`0`", id="keys that are no text"),
        pytest.param(
            "notify:\n  labels:\n" + "".join(f"    k{n}: [1]\n" for n in range(MANY)), "text", id="wrong types"
        ),
    ],
)
def test_the_first_hundred_are_told_and_the_others_counted(
    more: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = 0

    def counted(error: Mapping[str, Any], document: Document) -> Complaint:
        nonlocal explained
        explained += 1
        return explain(error, document)

    monkeypatch.setattr(source, "explain", counted)
    error = refused(more)
    lines = str(error).splitlines()
    assert len(error.mistakes) == SHOWN
    assert explained <= SHOWN  # each costs a search for what was meant: 0.7 ms, a minute for all of them
    assert word in lines[0]
    assert [mistake.line for mistake in error.mistakes] == sorted(mistake.line for mistake in error.mistakes)
    assert error.more >= MANY - SHOWN - 1
    assert lines[-1] == f"<plan>: and {error.more:,} more mistakes; correct these first"


def test_a_hundred_mistakes_are_told_without_a_word_about_more() -> None:
    error = refused("".join(f"key{n}: 1\n" for n in range(SHOWN)))
    assert (len(error.mistakes), error.more) == (SHOWN, 0)
    assert "more" not in str(error).splitlines()[-1]


def test_one_more_is_one_mistake() -> None:
    error = PlanError([Mistake("p", line, 1, "a", "b") for line in range(SHOWN)], 1)
    assert str(error).endswith("p: and 1 more mistake; correct these first")
