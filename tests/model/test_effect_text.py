"""Each effect that people are told of has one wording; the engine's own have none."""

import pytest

from probe.model.clock import Instant
from probe.model.confirmation import Break, Criterion
from probe.model.convergence import Stage
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    SoakBroken,
    SoakHeld,
    StateChanged,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.effect_text import describe
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, Transition

NAME, AT = DomainName("app.example.com."), Instant(1_790_000_000.0, 5.0)
BACK = Transition(AT, Position.V2, Position.V1, reversal=True)


@pytest.mark.parametrize(
    ("effect", "event", "words"),
    [
        (StateChanged(NAME, None, RecordState.V1, RecordState.V2, AT, "It moved."), "state_changed", "v1 became v2"),
        (
            StateChanged(NAME, RecordType.A, RecordState.V1, RecordState.FLAPPING, AT, ""),
            "state_changed",
            "A: v1 became flapping",
        ),
        (TransitionConfirmed(NAME, RecordType.A, BACK), "transition_confirmed", "A went from v2 to v1 (back)"),
        (
            SoakBroken(NAME, Break(AT, Criterion.RESOLVERS, "Not converged: r1."), 159.0),
            "soak_broken",
            "the soak starts again after 2 min 39 s, broken by resolvers: Not converged: r1.",
        ),
        (SoakHeld(NAME, AT, 1800.0), "soak_held", "has held every criterion for 30 min"),
        (
            Converged(NAME, RecordType.A, Stage.ALL_SERVERS, 12.0, AT),
            "converged",
            "the change of A has reached all servers, 12 s after its first server",
        ),
        (
            ExpectationChanged("first", Expectation.V1, Expectation.V2, AT),
            "expectation_changed",
            "the schedule now expects v2 (until now v1)",
        ),
    ],
)
def test_each_effect_has_one_wording(effect: Effect, event: str, words: str) -> None:
    text = describe(effect)
    assert text is not None
    assert (text.event, text.words) == (event, words)


def test_what_only_concerns_the_probe_is_not_told() -> None:
    assert describe(TargetsDoubted(NAME)) is None
