"""What is advised about a record: tests/remedies plays it."""

from probe.judge.advice.of_records import reverted
from probe.model.advice import Situation
from probe.model.plan import Expectation


def test_a_record_that_was_reverted_is_expected_on_v2_whatever_is_known() -> None:
    assert reverted(Situation()).first == reverted(Situation(Expectation.V2)).first
