"""What watching costs: questions, the bill, and the judge's time against the time that asking takes.

What asking takes is what the daemon's whole path takes for calm domains, less what judging is of it: schedule, sockets,
matching, reading and counting. The querier alone and a loop of bare sockets that checks nothing are given beside it.
Judging and asking are measured by turns and the median of each is taken, because the machine's speed drifts.
"""

import random
import time
from dataclasses import dataclass, replace
from statistics import median

from probe.judge.review import initial, review
from probe.model.external_dns import TxtRegistry
from probe.model.observation import Observation
from probe.model.plan import Domain, Expectation
from probe.model.question import RecordType
from probe.model.side import AnswerClass
from tests.bench.contestant import apart
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
QUESTIONS = {"bare": 50_000, "querier": 50_000, "whole": 50_000}
"""Questions that each way of asking puts in a round."""
NAMES = 1_000
MINUTE = 60.0
ROUNDS = 3
_DENIALS = (AnswerClass.NODATA, AnswerClass.NXDOMAIN)


@dataclass(frozen=True)
class Cost:
    """What it comes to.

    Attributes:
        questions_a_minute, billed_a_minute: Of a calm domain with A, AAAA and TXT.
        judging, judging_weighted, judging_fight: Microseconds of CPU to judge an observation of a calm record, of a
            weighted one, and of one in a fight.
        bare_loop, querier, whole_path: The same for a question: of a loop that only asks, of the daemon's querier
            alone, and of the daemon, the judging of a calm record included.
    """

    questions_a_minute: float
    billed_a_minute: float
    judging: float
    judging_weighted: float
    judging_fight: float
    bare_loop: float
    querier: float
    whole_path: float

    @property
    def asking(self) -> float:
        """Microseconds of CPU that the daemon takes for a question, its judging left out."""
        return self.whole_path - self.judging


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
    records = {"calm": observations, "weighted": drawn, "fight": fought}
    judging: dict[str, list[float]] = {name: [] for name in records}
    asking: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    with responders(1) as ports:
        for _ in range(ROUNDS):
            for name, count in QUESTIONS.items():
                asked = apart(name, ports[0], NAMES, count)
                asking[name].append(1e6 * asked.cpu / asked.queries)
            for name, recorded in records.items():
                judging[name].append(_judging(recorded))
    return Cost(
        questions * MINUTE / SECONDS,
        (calm_run.txt_questions + denials) * MINUTE / SECONDS,
        *(median(judging[name]) for name in ("calm", "weighted", "fight")),
        *(median(asking[name]) for name in ("bare", "querier", "whole")),
    )


def _watch(timeline: Timeline, rng: random.Random) -> tuple[Run, list[Observation]]:
    prober = Prober(World(timeline, rng), rng, keep=True)
    run = prober.go(timeline.seconds)
    return run, [each for each in run.observations if each.question.rdtype is RecordType.A]


def _judging(observations: list[Observation]) -> float:
    """Microseconds of CPU to fold an observation of the A record."""
    status = initial(Domain(NAME, "first", Expectation.MOVING), (TxtRegistry(),), ZONE)
    surroundings = context(*SERVERS)
    begun = time.process_time()
    for observation in observations:
        status, _ = review(status, observation, surroundings)
    return 1e6 * (time.process_time() - begun) / len(observations)
