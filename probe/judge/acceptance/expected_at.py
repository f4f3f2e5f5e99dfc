"""What is expected at a moment: a pure function of the plan and the time.

A schedule holds every step, the one without a date first, so that the plan of any moment gives the plan of any other.
"""

from dataclasses import replace

from probe.model.plan import Domain, Plan, Schedule, Step, Wave


def in_force(plan: Plan, wall: float) -> Plan:
    """Give the plan with what it expects at `wall` (seconds since the epoch); the same object when nothing differs."""
    waves = tuple(_wave_at(wave, wall) for wave in plan.waves)
    if all(now is before for now, before in zip(waves, plan.waves, strict=True)):
        return plan
    return replace(plan, waves=waves)


def next_change(plan: Plan) -> float | None:
    """Tell when something else will be expected of a wave, in seconds since the epoch; None when never."""
    upcoming = [wave.upcoming.at for wave in plan.waves if wave.upcoming is not None and wave.upcoming.at is not None]
    return min(upcoming, default=None)


def _wave_at(wave: Wave, wall: float) -> Wave:
    if not wave.schedule:
        return wave
    current, upcoming = _steps(wave.schedule, wall)
    domains = tuple(_domain_at(domain, wall) for domain in wave.domains)
    if (
        wave.expectation is current.expectation
        and wave.upcoming == upcoming
        and all(now is before for now, before in zip(domains, wave.domains, strict=True))
    ):
        return wave
    return replace(wave, expectation=current.expectation, upcoming=upcoming, domains=domains)


def _domain_at(domain: Domain, wall: float) -> Domain:
    if not domain.schedule:
        return domain
    current, upcoming = _steps(domain.schedule, wall)
    if (domain.expectation, domain.weights, domain.upcoming) == (current.expectation, current.weights, upcoming):
        return domain
    return replace(domain, expectation=current.expectation, weights=current.weights, upcoming=upcoming)


def _steps(schedule: Schedule, wall: float) -> tuple[Step, Step | None]:
    """Give the step in force at `wall` and the one after it."""
    begun = sum(step.at is None or step.at <= wall for step in schedule)
    return schedule[begun - 1], schedule[begun] if begun < len(schedule) else None
