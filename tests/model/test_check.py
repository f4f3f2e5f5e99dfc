"""The outcomes of a look, and what many of them come to together."""

import pytest

from probe.cli.errors import EXIT_STATUS, ExitStatus
from probe.model.check import WORST_FIRST, CheckOutcome, worst

PASS, WARN, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.WARN, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("outcomes", "together"),
    [
        ([PASS], PASS),
        ([PASS, WARN], WARN),
        ([WARN, UNKNOWN, PASS], UNKNOWN),
        ([UNKNOWN, FAIL, WARN], FAIL),
        ([], UNKNOWN),
    ],
)
def test_the_worst_speaks_for_all_and_what_is_not_known_goes_before_a_warning(
    outcomes: list[CheckOutcome], together: CheckOutcome
) -> None:
    assert worst(iter(outcomes)) is together


def test_every_outcome_has_its_place_its_words_and_its_exit_status() -> None:
    assert set(WORST_FIRST) == set(EXIT_STATUS) == set(CheckOutcome)
    assert [(one.holds, one.standing, int(EXIT_STATUS[one])) for one in (PASS, WARN, FAIL, UNKNOWN)] == [
        (True, "passes", 0),
        (True, "passes", 0),
        (False, "fails", 2),
        (None, "unknown", 3),
    ]


def test_no_outcome_says_that_the_command_could_not_do_its_work() -> None:
    assert ExitStatus.FAILED not in EXIT_STATUS.values()
