"""The benchmark's tables."""

from collections.abc import Sequence
from statistics import median

from rich.table import Table

from tests.detection import baselines, cases, goals
from tests.detection.cost import Cost
from tests.detection.run import Outcome

HOUR = 3600.0
FIFTH = 5


def fight_table(outcomes: Sequence[Outcome]) -> Table:
    """Fights: were they found, how soon, and were they called by their name."""
    table = Table(
        *("fight", "runs", "scoreable", "recall", "wanted", "delay: median", "p90", "wanted ", "right cause"),
        *("named by the 5th change", "false or early", "phantoms", "found of the others"),
        *(f"found by {name}" for name in baselines.NAMES),
        title="fights",
    )
    for case in cases.FIGHTS:
        own = [outcome for outcome in outcomes if outcome.case == case]
        scoreable = [outcome for outcome in own if outcome.scoreable]
        if not scoreable:
            continue
        goal = goals.FIGHT_GOALS.get(case, goals.FightGoal())
        delays = sorted(outcome.delay for outcome in scoreable if outcome.delay is not None)
        found = len(delays) / len(scoreable)
        table.add_row(
            case,
            f"{len(own):,}",
            f"{len(scoreable):,}",
            _held(f"{found:.2%}", found >= goal.recall),
            f"{goal.recall:.1%}",
            _delay(quantile(delays, 0.5), goal.median),
            _delay(quantile(delays, 0.9), goal.p90),
            " / ".join("-" if figure is None else f"{figure:g}" for figure in (goal.median, goal.p90)),
            _causes(scoreable),
            _named(scoreable),
            _held(str(sum(bool(outcome.false) for outcome in own)), not any(outcome.false for outcome in own)),
            _held(str(sum(outcome.phantoms for outcome in own)), not any(outcome.phantoms for outcome in own)),
            _others(own),
            *(f"{_share(scoreable, name):.0%}" for name in baselines.NAMES),
        )
    return table


def legit_table(outcomes: Sequence[Outcome]) -> Table:
    """Everything else: was anybody woken for nothing."""
    table = Table(
        *(
            "no fight",
            "domain-days",
            "false alarms",
            "a 1,000 days",
            "at most (95 %)",
            "`fight-*`",
            "phantoms",
            "called weighted within 3 min",
        ),
        *("never divided", *(f"alarmed by {name}" for name in baselines.NAMES)),
        title="legitimate changes and noise",
    )
    for case in (*cases.DAYS, *cases.EVENTS):
        own = [outcome for outcome in outcomes if outcome.case == case]
        if not own:
            continue
        days = sum(outcome.days for outcome in own)
        false = sum(bool(outcome.false) for outcome in own)
        table.add_row(
            case,
            f"{days:,.0f}",
            _held(str(false), false / days <= goals.FALSE_ALARMS_PER_DAY),
            f"{1000 * false / days:.2f}",
            f"{1000 * goals.most_false_alarms(false, days):.2f}",
            _fights_named(own),
            _held(str(sum(outcome.phantoms for outcome in own)), not any(outcome.phantoms for outcome in own)),
            _weighted(own),
            _undivided(own),
            *(f"{_share(own, name):.0%}" for name in baselines.NAMES),
        )
    return table


def cost_table(cost: Cost) -> Table:
    """What watching costs."""
    table = Table("cost", "wanted", "measured", "of asking", title="what watching costs")
    for name, wanted, measured in (
        ("questions a minute of a calm domain (A, AAAA, TXT)", goals.QUESTIONS_A_MINUTE, cost.questions_a_minute),
        ("of them billed, aliases", goals.BILLED_A_MINUTE, cost.billed_a_minute),
    ):
        table.add_row(name, f"at most {wanted:g}", _held(f"{measured:.1f}", measured <= wanted), "")
    for name, measured in (
        ("µs to judge an observation of a calm record", cost.judging),
        ("of a weighted one", cost.judging_weighted),
        ("of one in a fight", cost.judging_fight),
    ):
        ratio = _held(f"{measured / cost.asking:.2f}", measured < cost.asking)
        table.add_row(name, f"below asking: {cost.asking:.1f}", f"{measured:.1f}", ratio)
    for name, measured in (
        ("µs to ask: the whole path less judging", cost.asking),
        ("the querier alone", cost.querier),
        ("a bare socket loop", cost.bare_loop),
    ):
        table.add_row(name, "", f"{measured:.1f}", f"{measured / cost.asking:.2f}")
    return table


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Give the value at a share of an ordered sequence."""
    if not ordered:
        return None
    return median(ordered) if share == 0.5 else ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _delay(measured: float | None, wanted: float | None) -> str:
    if measured is None:
        return "-"
    return _held(f"{measured:.2f}", wanted is None or measured <= wanted)


def _causes(outcomes: Sequence[Outcome]) -> str:
    told = [outcome for outcome in outcomes if outcome.cause is not None and outcome.first_cause is not None]
    if not told:
        return "-"
    right = sum(outcome.first_cause == outcome.last_cause == outcome.cause for outcome in told) / len(told)
    return _held(f"{right:.2%}", right >= goals.RIGHT_CAUSE)


def _named(outcomes: Sequence[Outcome]) -> str:
    """Give the share of fights of which a cause was named by the fifth change."""
    soon = sum(outcome.named_at is not None and outcome.named_at <= FIFTH for outcome in outcomes)
    return f"{soon / len(outcomes):.0%}"


def _others(outcomes: Sequence[Outcome]) -> str:
    """Give how many of the fights that are not fair to judge were found all the same."""
    others = [outcome for outcome in outcomes if not outcome.scoreable]
    return f"{sum(outcome.first_cause is not None for outcome in others)} of {len(others)}" if others else "-"


def _fights_named(outcomes: Sequence[Outcome]) -> str:
    """Count runs in which a fight of two ExternalDNS was named, where nobody fights."""
    named = sum(any(code.startswith("fight-") for code in outcome.false) for outcome in outcomes)
    return _held(str(named), not named)


def _weighted(outcomes: Sequence[Outcome]) -> str:
    drawn = [outcome for outcome in outcomes if outcome.is_weighted]
    if not drawn:
        return "-"
    soon = sum(
        outcome.weighted_after is not None and outcome.weighted_after <= goals.WEIGHTED_WITHIN for outcome in drawn
    )
    return _held(f"{soon / len(drawn):.2%}", soon / len(drawn) >= goals.WEIGHTED_SHARE)


def _undivided(outcomes: Sequence[Outcome]) -> str:
    settling = [outcome for outcome in outcomes if outcome.settles]
    if not settling:
        return "-"
    never = sum(not outcome.divided for outcome in settling) / len(settling)
    return _held(f"{never:.2%}", never >= goals.NEVER_DIVIDED)


def _share(outcomes: Sequence[Outcome], baseline: str) -> float:
    return sum(outcome.baselines[baseline] is not None for outcome in outcomes) / len(outcomes)


def _held(text: str, held: bool) -> str:  # noqa: FBT001 - a word of the two that a cell is made of
    return text if held else f"{text} (missed)"
