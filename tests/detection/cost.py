"""What watching a calm domain costs: questions, the bill, and the judge's time against the time that asking takes."""

import random
import time
from dataclasses import dataclass, replace

from probe.judge.review import initial, review
from probe.model.external_dns import TxtRegistry
from probe.model.observation import Observation
from probe.model.plan import Domain, Expectation
from probe.model.question import RecordType
from probe.model.side import AnswerClass
from tests.bench import bare_loop
from tests.bench.contestant import names
from tests.bench.responder import responders
from tests.detection import legit
from tests.detection.fights import CASES as FIGHTS
from tests.detection.fights import same_owner
from tests.detection.timeline import Timeline
from tests.detection.world import World
from tests.detection.zone import Change
from tests.judge.answers import NAME, SERVERS, ZONE, context
from tests.judge.simulator import Prober, Run

SECONDS = 6 * 3600.0
QUESTIONS = 50_000
NAMES = 1_000
MINUTE = 60.0
ROUNDS = 5
_DENIALS = (AnswerClass.NODATA, AnswerClass.NXDOMAIN)


@dataclass(frozen=True)
class Cost:
    """Questions and billed ones of a calm domain with A, AAAA and TXT; microseconds of CPU an observation."""

    questions_a_minute: float
    billed_a_minute: float
    judging: float
    judging_weighted: float
    judging_fight: float
    asking: float


def measure() -> Cost:
    """Measure all in this process: the judge over recorded observations, asking with the bare loop."""
    rng = random.Random("cost")
    sides = same_owner(rng)
    calm = replace(legit.stable(rng, SECONDS), changes=(Change(0.0, sides.v1),), has_txt=True)
    calm_run, observations = _watch(calm, rng)
    _, drawn = _watch(legit.drawn(rng, SECONDS / 2, v2_share=0.7), rng)
    _, fought = _watch(FIGHTS["60 s"](rng), rng)
    questions = calm_run.questions + calm_run.txt_questions
    # Both families are aliases and never billed; TXT always is (Route 53's prices), as are denials.
    denials = sum(
        count
        for record in calm_run.status.records
        for answer_class, count in zip(AnswerClass, record.answers, strict=True)
        if answer_class in _DENIALS
    )
    with responders(1) as ports:
        asked = bare_loop.run(ports[0], names(NAMES), QUESTIONS)
    return Cost(
        questions * MINUTE / SECONDS,
        (calm_run.txt_questions + denials) * MINUTE / SECONDS,
        _judging(observations),
        _judging(drawn),
        _judging(fought),
        1e6 * asked.cpu / asked.queries,
    )


def _watch(timeline: Timeline, rng: random.Random) -> tuple[Run, list[Observation]]:
    prober = Prober(World(timeline, rng), rng, keep=True)
    run = prober.go(timeline.seconds)
    return run, [each for each in run.observations if each.question.rdtype is RecordType.A]


def _judging(observations: list[Observation]) -> float:
    """Microseconds of CPU to fold an observation of the A record: the least of some rounds, as it is the machine's."""
    best = float("inf")
    for _ in range(ROUNDS):
        status = initial(Domain(NAME, "first", Expectation.MOVING), (TxtRegistry(),), ZONE)
        surroundings = context(*SERVERS)
        begun = time.process_time()
        for observation in observations:
            status, _ = review(status, observation, surroundings)
        best = min(best, time.process_time() - begun)
    return 1e6 * best / len(observations)
