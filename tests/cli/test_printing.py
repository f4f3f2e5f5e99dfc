"""Tables that fit, at every width: the verdict first, no heading broken, nothing cut off."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from probe.cli.printing import CHECK_ANSWERS, answer, check_line, print_rows, say, standard_output
from probe.model.check import Check, CheckOutcome

HEADINGS = ("holds", "domain", "wave", "expected", "state", "A", "AAAA", "TXT owner")
NAMES = ("grafana.internal-tools.example.com", "checkout-api.shop-production.example.com", "kafka-ui.example.com")


def rows(*names: str) -> list[tuple[Text, ...]]:
    cells = ("internal-tools", "v2", "propagating", "v2", "-", "eks-production-v2")
    outcomes = (CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN)
    return [(answer(outcomes[number % 3]), Text(name), *map(Text, cells)) for number, name in enumerate(names)]


def printed(width: int, *names: str, terminal: bool = True) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, color_system=None, highlight=False)
    print_rows(console, HEADINGS, rows(*names))
    return file.getvalue().splitlines()


@pytest.mark.case("E1")
def test_at_80_columns_every_domain_has_its_verdict_first() -> None:
    lines = printed(80, *NAMES)
    assert max(map(len, lines)) <= 80
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == [
        f"yes        {NAMES[0]}",
        f"no         {NAMES[1]}",
        f"not known  {NAMES[2]}",
    ]
    assert lines[1:3] == [
        "           wave internal-tools  expected v2  state propagating  A v2  AAAA -",
        "           TXT owner eks-production-v2",
    ]


@pytest.mark.case("E1")
@pytest.mark.parametrize("width", [40, 60, 80, 100, 132, 200])
def test_no_width_loses_a_verdict_or_breaks_a_heading(width: int) -> None:
    lines = printed(width, *NAMES)
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for name in NAMES:
        assert name in text.replace(" ", "") or name in text
    for heading in HEADINGS[2:]:
        assert heading in text
    assert len(re.findall(r"(?:^|\s)(?:yes|no|not known)\s", "\n".join(lines))) == len(NAMES)


@pytest.mark.case("E1")
def test_where_there_is_room_it_is_a_table_with_the_verdict_first() -> None:
    lines = [line for line in printed(160, *NAMES) if line.strip()]
    assert lines[0].split() == ["holds", "domain", "wave", "expected", "state", "A", "AAAA", "TXT", "owner"]
    assert [line.split()[0] for line in lines[2:]] == ["yes", "no", "not"]


@pytest.mark.case("E1")
def test_a_file_gets_a_table_however_wide_it_is() -> None:
    name = ".".join(["a" * 60] * 4)
    lines = [line for line in printed(160, name, terminal=False) if line.strip()]
    assert len(lines) == 3
    assert name in lines[2]


def test_a_cell_of_any_length_is_whole_in_a_file() -> None:
    name = "a" * 9_000
    assert any(name in line for line in printed(160, name, terminal=False))


def test_what_is_printed_to_a_file_has_160_columns(capsys: pytest.CaptureFixture[str]) -> None:
    for length in (160, 161):
        standard_output().print("a" * 80 + " " + "b" * (length - 81))
    assert [len(line.rstrip()) for line in capsys.readouterr().out.splitlines()] == [160, 80, 80]


@given(st.integers(30, 220), st.lists(st.text("abcdefghij-.*", min_size=1, max_size=120), min_size=1, max_size=4))
def test_nothing_is_wider_than_the_terminal_and_no_character_of_a_name_is_lost(width: int, names: list[str]) -> None:
    lines = printed(width, *names)
    assert max(map(len, lines)) <= width
    squeezed = "".join("".join(lines).split())
    assert all(name in squeezed for name in names)


def test_a_check_says_what_to_do_only_where_it_did_not_pass() -> None:
    check = Check("ttl", "app.example.com", CheckOutcome.WARN, "Caches keep it for 300 s.", "Lower it.")
    assert check_line(check, "warn  ", ("ttl", 5, "")).plain == "warn  ttl  Caches keep it for 300 s. Lower it."
    assert check_line(check._replace(outcome=CheckOutcome.PASS), "").plain == "Caches keep it for 300 s."


def test_a_sentence_stays_whole_in_a_file_and_is_broken_between_words_on_a_terminal() -> None:
    sentence = " ".join(["word"] * 40)
    for terminal, longest in ((False, 199), (True, 79)):
        file = io.StringIO()
        say(Console(file=file, width=80, force_terminal=terminal, color_system=None), Text(sentence))
        assert max(len(line.rstrip()) for line in file.getvalue().splitlines()) == longest


def test_every_outcome_answers_a_question() -> None:
    assert set(CHECK_ANSWERS) == set(CheckOutcome)
