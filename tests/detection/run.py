"""One run: the judge asks and folds, as the daemon does; what it said, against what is true."""

import random
from dataclasses import asdict, dataclass, replace
from typing import Any

from probe.judge.findings.flap_cause import CAUSES
from probe.judge.review import initial
from probe.model.effect import FindingRaised, TransitionConfirmed
from probe.model.external_dns import TxtRegistry
from probe.model.finding import Severity
from probe.model.plan import Domain
from probe.model.question import RecordType
from probe.model.record import RecordState
from tests.detection import baselines, cases
from tests.detection.timeline import DAY, Fight, Timeline
from tests.detection.world import World
from tests.judge.answers import NAME, SERVERS, ZONE, book, context, instant
from tests.judge.simulator import Prober, Run

FIGHTS = frozenset({*CAUSES, "flip-flop"})
BOOK_EVERY = 30.0
"""Seconds between two look-ups of the load balancers' names: the plan's default."""

STEP = 60.0
"""Seconds after which a run looks whether it has seen enough."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        case, number: Which run.
        days: Domain-days that it counts for.
        seconds, questions, txt_questions: What was asked, over what time.
        scoreable: It has a fight that is fair to judge; None without a fight.
        delay: (alarm - first change) / (third - first change), as visible; None without an alarm.
        cause, first_cause, last_cause: What the TXT tells, the cause first named (`flip-flop` where none was), the code
            that stood at the end.
        false: Critical findings that are wrong, wrong causes among them; `early` for an alarm before the third change
            in a row, or a cause before the fight's own third change, that no TXT explains.
        phantoms: Changes that were confirmed, but never written.
        named_at: Number of the fight's change by which a cause was named; None while none was.
        weighted_after: Seconds from the first sight of the other side to the verdict `weighted`; None if never said.
        is_weighted: The record is drawn to the end.
        settles, divided: It is a plain cutover; `divided` was said.
        baselines: Detector to the seconds of its first alarm; None for no alarm.
    """

    case: str
    number: int
    days: float
    seconds: float
    questions: int
    txt_questions: int
    scoreable: bool | None
    delay: float | None
    cause: str | None
    first_cause: str | None
    last_cause: str | None
    false: tuple[str, ...]
    phantoms: int
    named_at: int | None
    weighted_after: float | None
    is_weighted: bool
    settles: bool
    divided: bool
    baselines: dict[str, float | None]

    def as_json(self) -> dict[str, Any]:
        """Give it as a line of a results file."""
        return asdict(self)


class Querier(Prober):
    """Asks as the simulator's prober does, and has the load balancers' names answered every half minute."""

    def begin(self) -> None:
        """Put the first look-up into the queue."""
        self._at(0.0, self._look_up)

    def _look_up(self, now: float) -> None:
        known = self.run.context.book
        answered = dict.fromkeys(known.names, instant(now))
        self.run.context = self.run.context._replace(book=replace(known, answered=answered))
        self._at(now + BOOK_EVERY, self._look_up)


def play(case: str, number: int, purpose: str, seconds: float = DAY) -> Outcome:
    """Play one run of a case. `purpose` keeps the seeds of tuning and of reporting apart."""
    rng = random.Random(f"{purpose}/{case}/{number}")
    timeline = _drawn(case, rng, seconds)
    world = World(timeline, rng)
    v1, v2 = timeline.external_dns
    surroundings = context(known=book())._replace(v1=v1, v2=v2)
    domain = Domain(NAME, "first", timeline.expectation, timeline.weights)
    begin = (initial(domain, (TxtRegistry(),), ZONE), surroundings)
    querier = Querier(world, rng, servers=SERVERS, begin=begin)
    querier.begin()
    played = _go(querier, timeline)
    heard = baselines.alarms(world, timeline, random.Random(f"baselines/{purpose}/{case}/{number}"))
    return _outcome((case, number), timeline, world, played, heard)


def _drawn(case: str, rng: random.Random, seconds: float) -> Timeline:
    if case in cases.DAYS:
        return cases.DAYS[case](rng, seconds)
    return (cases.FIGHTS | cases.EVENTS)[case](rng)


def _go(querier: Querier, timeline: Timeline) -> tuple[Run, float]:
    """Run to the end, or until a fight was found and had time to be given its cause."""
    now = min(STEP, timeline.seconds)
    run = querier.go(now)
    while now < timeline.seconds:
        now = min(now + STEP, timeline.seconds)
        run = querier.resume(now)
        alarm = _alarm(run)
        if timeline.fight is not None and alarm is not None:
            written = [change.at for change in timeline.changes]
            cycles = sum(alarm[0] < at <= now for at in written)
            if cycles >= 2 * 3 or now - alarm[0] > 2 * 3600:
                break
    return run, now


def _wrong_causes(fight: Fight, raised: list[tuple[float, str]]) -> list[str]:
    """Give the causes that were named beside the one that the TXT tells."""
    if fight.cause is None:
        return []
    return [code for _, code in raised if code in CAUSES and code != fight.cause]


def _phantoms(run: Run, timeline: Timeline) -> int:
    """Count confirmed changes of A beyond those that were written, where nothing is drawn."""
    if any(len(change.content.shares) > 1 for change in timeline.changes):
        return 0
    confirmed = sum(
        isinstance(effect, TransitionConfirmed) and effect.rdtype is RecordType.A for _, effect in run.effects
    )
    return max(0, confirmed - (len(timeline.changes) - 1))


def _alarm(run: Run) -> tuple[float, str] | None:
    return next(
        (
            (at, effect.finding.code)
            for at, effect in run.effects
            if isinstance(effect, FindingRaised) and effect.finding.code in FIGHTS
        ),
        None,
    )


def _is_early(fight: Fight, world: World, alarm: float | None, named: float | None) -> bool:
    """Tell whether an alarm came before the record went to and fro, or a cause was named before the fight did."""
    in_a_row = fight.third if fight.in_a_row is None else fight.in_a_row
    return (alarm is not None and alarm < world.zone.first_seen(in_a_row)) or (
        named is not None and named < world.zone.first_seen(fight.third)
    )


def _outcome(
    which: tuple[str, int],
    timeline: Timeline,
    world: World,
    played: tuple[Run, float],
    heard: dict[str, float | None],
) -> Outcome:
    run, seconds = played
    fight = timeline.fight
    alarm = _alarm(run)
    delay = None
    begins = None
    if fight is not None:
        begins = world.zone.first_seen(fight.first)
        if alarm is not None and fight.scoreable:
            delay = (alarm[0] - begins) / (world.zone.first_seen(fight.third) - begins)
    raised: list[tuple[float, str]] = [
        (at, effect.finding.code)
        for at, effect in run.effects
        if isinstance(effect, FindingRaised) and effect.finding.severity is Severity.CRITICAL
    ]
    right = timeline.allowed | (FIGHTS if fight is not None else frozenset())
    false: list[str] = [
        code for at, code in raised if code not in right or (begins is not None and code in FIGHTS and at < begins)
    ]
    named_at = None
    if fight is not None:
        false += _wrong_causes(fight, raised)
        named = next((at for at, code in raised if code in CAUSES), None)
        if not timeline.has_txt and _is_early(fight, world, alarm[0] if alarm is not None else None, named):
            false.append("early")
        if named is not None:
            seen = [world.zone.first_seen(number) for number in range(fight.first, len(timeline.changes))]
            named_at = sum(at <= named for at in seen)
    weighted_at = run.first(RecordState.WEIGHTED)
    after = None
    if timeline.weighted_from is not None and weighted_at is not None and world.other_seen is not None:
        after = max(0.0, weighted_at - max(world.other_seen, timeline.weighted_from))
    last = next((finding.code for finding in run.status.findings if finding.code in FIGHTS), None)
    return Outcome(
        case=which[0],
        number=which[1],
        days=timeline.days,
        seconds=seconds,
        questions=run.questions,
        txt_questions=run.txt_questions,
        scoreable=fight.scoreable if fight is not None else None,
        delay=delay,
        cause=fight.cause if fight is not None else None,
        first_cause=next((code for _, code in raised if code in CAUSES), alarm[1] if alarm is not None else None),
        last_cause=last,
        false=tuple(false),
        phantoms=_phantoms(run, timeline),
        named_at=named_at,
        weighted_after=after,
        is_weighted=timeline.weighted_from is not None,
        settles=timeline.settles,
        divided=run.first(RecordState.DIVIDED) is not None,
        baselines=heard,
    )
