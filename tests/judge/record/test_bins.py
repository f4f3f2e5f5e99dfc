from hypothesis import given
from hypothesis import strategies as st

from probe.judge.record.bins import Bin, counted, empty, fair

FAIR = 2
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


answers = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30)


def told(said: list[tuple[int, bool]]) -> Bin:
    bin_ = empty(9.0, 4)
    for server, elsewhere in said:
        bin_ = counted(bin_, server, elsewhere=elsewhere)
    return bin_


@given(answers, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_within_a_bin_does_not_matter(said: list[tuple[int, bool]], random: object) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands a random.Random
    assert told(said) == told(shuffled)


@given(answers)
def test_no_server_counts_more_than_its_fair_part(said: list[tuple[int, bool]]) -> None:
    heard, elsewhere = fair(told(said))
    assert 0 <= elsewhere <= heard <= 4 * FAIR
    assert fair(told([*said, *[(0, True)] * 40]))[0] <= heard + FAIR
