"""What users read is approved word by word, in one file; and a headline is one sentence of at most twenty words."""

import re
from typing import get_args

import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.effect import Effect, Surprised, TargetsDoubted
from probe.model.effect_text import describe
from probe.model.finding import FindingCode
from probe.report.readable import readable
from tests.judge.story import MAX_HEADLINE
from tests.wording.document import FILE, document
from tests.wording.effects import EFFECTS
from tests.wording.findings import example

_SENTENCE = re.compile(r"[A-Za-z0-9].*\.")
_INNER_END = re.compile(r"[.!?] [A-Z]")


def test_what_users_read_is_what_was_approved() -> None:
    assert document() == FILE.read_text(encoding="utf-8"), "python -m tests.wording writes the new wording"


@pytest.mark.parametrize("code", list(FindingCode))
def test_a_headline_is_one_sentence_of_at_most_twenty_words(code: FindingCode) -> None:
    found = example(code)
    for sentence in (found.sentence, CATALOGUE[code].meaning):
        assert len(sentence.split()) <= MAX_HEADLINE, sentence
        assert _SENTENCE.fullmatch(sentence), sentence
        assert not _INNER_END.search(sentence), sentence


@pytest.mark.parametrize("code", list(FindingCode))
def test_what_to_do_first_comes_first_and_is_one_sentence(code: FindingCode) -> None:
    found = example(code)
    assert found.first.sentence
    assert found.remedy == f"{found.first.sentence} {found.then}"
    assert not _INNER_END.search(found.first.sentence)
    assert len(found.first.sentence.split()) <= MAX_HEADLINE
    assert readable(found.remedy) == found.remedy, "a report and a terminal would cut it"


def test_facts_end_without_a_full_stop_and_say_something() -> None:
    for code in FindingCode:
        for fact in example(code).facts:
            assert fact.text, (code, fact)
            assert fact.text[-1] not in ".;,", (code, fact)


def test_every_kind_of_effect_that_people_are_told_of_has_its_wording() -> None:
    assert {type(effect) for effect in EFFECTS} == set(get_args(Effect)) - {Surprised, TargetsDoubted}
    assert all(describe(effect) for effect in EFFECTS)
