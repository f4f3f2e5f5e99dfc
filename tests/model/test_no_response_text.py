"""What a server does instead of answering, in words."""

import pytest

from probe.model.no_response_text import no_response_words
from probe.model.outcome import FailureReason


def test_one_refusal_says_what_it_tells_and_a_lasting_one_names_its_rcode() -> None:
    words = no_response_words(FailureReason.REFUSED)
    assert words.once == "refused the query: it does not serve the zone, or not to this vantage"
    assert words.lasting == "refuses every question (REFUSED)"


@pytest.mark.parametrize("reason", FailureReason)
def test_no_two_reasons_are_told_alike(reason: FailureReason) -> None:
    others = [no_response_words(other) for other in FailureReason if other is not reason]
    words = no_response_words(reason)
    assert words.once not in {other.once for other in others}
    assert words.lasting not in {other.lasting for other in others}
