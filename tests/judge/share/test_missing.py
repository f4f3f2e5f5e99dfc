"""How little a few answers say about a side that none of them shows: held to drawing them."""

import random

import pytest

from probe.judge.share.missing import chance_unseen, may_be_unseen

ONCE_IN_TWENTY = 0.05
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.mark.parametrize(("share", "answers"), [(0.05, 22), (0.1, 22), (0.01, 100), (0.5, 4)])
def test_the_chance_is_the_one_that_drawing_shows(share: float, answers: int) -> None:
    rng = random.Random(1)
    runs = 4_000
    unseen = sum(all(rng.random() >= share for _ in range(answers)) for _ in range(runs))
    assert chance_unseen(share, answers) == pytest.approx(unseen / runs, abs=0.03)


def test_of_no_answer_everything_may_be_unseen_and_of_many_little() -> None:
    assert chance_unseen(0.3, 0) == 1.0
    assert may_be_unseen(0) == 1.0
    assert may_be_unseen(1) == pytest.approx(1 - ONCE_IN_TWENTY)
    assert may_be_unseen(59) == pytest.approx(0.05, abs=0.001)  # the rule of three: 3 / 59
    assert may_be_unseen(299) == pytest.approx(0.01, abs=0.001)


@pytest.mark.parametrize("answers", [1, 7, 22, 300])
def test_the_share_that_may_be_unseen_is_missed_one_time_in_twenty(answers: int) -> None:
    assert chance_unseen(may_be_unseen(answers), answers) == pytest.approx(ONCE_IN_TWENTY)
