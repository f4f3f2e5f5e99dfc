"""What is expected is a function of the plan and the time, and nothing else."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from probe.judge.acceptance.expected_at import in_force, next_change
from probe.model.plan import Domain, Expectation, Plan, Step, Wave, Weights
from tests.plans import plan

NIGHT = 1_796_122_800.0  # 2026-12-01 20:00:00 +09:00
STEPS = (
    Step(None, Expectation.V1),
    Step(NIGHT, Expectation.WEIGHTED, Weights(90, 10)),
    Step(NIGHT + 3600, Expectation.WEIGHTED, Weights(50, 50)),
    Step(NIGHT + 7200, Expectation.V2),
)
MOMENTS = st.floats(NIGHT - 10_000, NIGHT + 20_000)


def scheduled() -> Plan:
    """The plan as it is loaded: a wave with steps, and one without."""
    base = plan("a.example.com.", "b.example.com.", expectation=Expectation.V1)
    (first,) = base.waves
    dated = Wave(
        "dated",
        Expectation.V1,
        tuple(
            replace(domain, wave="dated", schedule=STEPS, upcoming=STEPS[1])
            for domain in plan("c.example.com.", "d.example.com.", expectation=Expectation.V1).domains
        ),
        STEPS,
        STEPS[1],
    )
    return replace(base, waves=(first, dated))


def expected(at: float) -> tuple[Expectation, Weights | None]:
    """What the steps say, read naively."""
    newest = [step for step in STEPS if step.at is None or step.at <= at][-1]
    return newest.expectation, newest.weights


@given(MOMENTS, MOMENTS)
def test_the_way_to_a_moment_does_not_matter(first: float, second: float) -> None:
    assert in_force(in_force(scheduled(), first), second) == in_force(scheduled(), second)


@given(MOMENTS)
def test_every_domain_of_a_wave_expects_what_the_newest_step_says(at: float) -> None:
    undated, dated = in_force(scheduled(), at).waves
    assert undated == scheduled().waves[0]
    assert dated.expectation is expected(at)[0]
    for domain in dated.domains:
        assert (domain.expectation, domain.weights) == expected(at)
        assert domain.upcoming == dated.upcoming


@given(MOMENTS)
def test_the_next_change_is_the_first_step_that_lies_ahead(at: float) -> None:
    moment = next_change(in_force(scheduled(), at))
    ahead = [step.at for step in STEPS if step.at is not None and step.at > at]
    assert moment == min(ahead, default=None)


def test_a_step_is_in_force_at_its_very_moment_and_nothing_is_made_anew_between_two() -> None:
    before, after = (in_force(scheduled(), NIGHT + seconds) for seconds in (-0.001, 0.0))
    assert before.waves[1].expectation is Expectation.V1
    assert after.waves[1].expectation is Expectation.WEIGHTED
    assert in_force(after, NIGHT + 3599) is after


def test_a_plan_without_a_schedule_is_left_alone() -> None:
    base = plan("a.example.com.")
    assert in_force(base, NIGHT) is base
    assert next_change(base) is None


def test_a_domain_with_weights_of_its_own_keeps_them_through_the_steps() -> None:
    own = (STEPS[0], Step(NIGHT, Expectation.WEIGHTED, Weights(255, 1)))
    domain = Domain(plan("a.example.com.").domains[0].name, "first", Expectation.V1, schedule=own, upcoming=own[1])
    wave = Wave("first", Expectation.V1, (domain,), STEPS[:2], STEPS[1])
    now = in_force(replace(scheduled(), waves=(wave,)), NIGHT + 1)
    assert now.domains[0].weights == Weights(255, 1)
