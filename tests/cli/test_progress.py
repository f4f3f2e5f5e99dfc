"""What is told while a command looks or waits, where standard error is no terminal. Time is moved by hand."""

import pytest

from probe.cli.progress import looking
from probe.runtime.settling import Progress
from tests.clock import FakeClock
from tests.plans import plan

FIRST_LINE = 3.0
NEXT_LINE = 15.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

LOOKING = Progress(total=2, looked=2, settled=1)


@pytest.mark.case("E2")
def test_a_piped_look_says_within_seconds_that_it_goes_on_and_again_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = FakeClock()
    with looking(plan("a.example.com.", "b.example.com."), clock) as show:
        for _ in range(600):
            show(LOOKING)
            clock.advance(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "3 s: 1 of 2 domains settled, asking again: 1 not clear yet"
    assert len(lines) == 1 + int((60 - FIRST_LINE) // NEXT_LINE)


@pytest.mark.case("E2")
def test_a_look_that_is_over_at_once_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    with looking(plan("a.example.com."), clock) as show:
        show(Progress(1, 0, 0))
        clock.advance(FIRST_LINE - 0.1)
        show(Progress(1, 1, 1))
    assert capsys.readouterr().err == ""


@pytest.mark.case("E2")
@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(3, 0, 0), "0 of 3 domains settled, finding servers and load balancers"),
        (Progress(3, 1, 1), "1 of 3 domains settled, looking"),
        (Progress(3, 3, 3), "3 of 3 domains settled, asking about their zones"),
        (
            Progress(1, 1, 1, weighing=1, answers=1_200, needed=800),
            "looking; 1,200 answers of some 2,000 to judge the weights of 1 domain by",
        ),
    ],
)
def test_a_line_says_what_is_waited_for(progress: Progress, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    with looking(plan("a.example.com."), clock) as show:
        clock.advance(FIRST_LINE)
        show(progress)
    assert words in capsys.readouterr().err
