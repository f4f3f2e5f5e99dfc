"""The judge watches a host of a stage, while a fault comes about and its remedy is followed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from probe.externaldns.instance import Flags
from probe.externaldns.version import Version
from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.context import Context, setups_of
from probe.judge.review import initial
from probe.lab.propagation import Propagation
from probe.model import plan as plans
from probe.model.effect import FindingRaised
from probe.model.external_dns import ExternalDns
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.name import DomainName, canonical
from probe.model.outcome import Outcome, Response, RRset
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.side import Side
from probe.route53.answer import Surroundings, answer
from probe.route53.health import Health
from probe.route53.reply import ServedQuery, ServedReply
from tests.judge.answers import SERVERS, instant
from tests.judge.simulator import Prober, Run
from tests.lab.builders import Addresses
from tests.remedies.faults import HASTE, Fault, Steps
from tests.remedies.stage import BALANCERS, ZONE, Cluster, Stage
from tests.scenarios.play import shown

LOOK = 5.0
"""Seconds between two looks of the operator at what is open."""

FOUND_WITHIN = 2400.0
"""Seconds from the beginning of a fault within which its finding is raised."""

AFTERWARDS = 960.0
"""Seconds for which it is watched after the last step: a fight is over after five minutes, a hazard after two syncs and
an answer of each TXT name."""

OVER_WITHIN = 3600.0
"""Seconds after the last step within which what is critical is cleared: a fight's own beats are counted, and a short
dwell that was missed makes a beat long."""


class Answers:
    """The stage's zone on the zone's servers."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._propagation = Propagation(stage.zone, stage.clock, stage.rng)
        self._replicas = [self._propagation.replica() for _ in SERVERS]
        self._around = Surroundings(Addresses(), Health(), stage.rng)
        self._responses: dict[ServedReply, Response] = {}

    def settle(self) -> None:
        self._propagation.settle()

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName) -> Outcome:
        self.stage.advance(at)
        reply = answer(self._replicas[server].version(), ServedQuery(name, rdtype.value), self._around)
        if reply not in self._responses:
            self._responses[reply] = shown(reply)
        return self._responses[reply]


@dataclass(frozen=True)
class Played:
    """What came of it.

    Attributes:
        stage: As it is at the end.
        followed: When the first step of the remedy was done.
        done: When the last one was.
        new: Critical findings that were raised since anything was touched, and had not been before.
        critical: What is open and critical at the end, whenever it was raised.
        open: What is open at the end.
    """

    stage: Stage
    followed: float
    done: float
    new: tuple[FindingCode, ...]
    critical: tuple[FindingCode, ...]
    open: tuple[FindingCode, ...]


def follow(fault: Fault, pair: tuple[Version, Version], seed: int, wait: float) -> Played:
    """Let a fault come about, wait for its finding, follow its remedy, and watch what comes of it."""
    stage = Stage(seed, pair)
    answers = Answers(stage)
    domain = plans.Domain(fault.watched, "first", fault.expectation, fault.weights)
    begin = (initial(domain, _plan(stage, domain).registries, ZONE), _context(stage, domain))
    cause = fault.cause(stage)
    first = next(cause)
    stage.advance(30.0)
    answers.settle()
    prober = Prober(answers, stage.rng, begin=begin)
    prober.go(0.0)
    prober.run.context = _context(stage, domain)

    def steps(doing: Steps) -> None:
        """Do one after the other. The plan follows, with a new owner id at the end only (docs/runbook.md)."""
        ids = {side: cluster.flags for side, cluster in stage.clusters.items()}
        for pause in doing:
            prober.run.context = _context(stage, domain, ids)
            _on(prober, stage, pause)
        prober.run.context = _context(stage, domain)

    _on(prober, stage, first)
    steps(cause)
    begun = stage.now
    _until(prober, stage, lambda run: fault.code in run.raised(), begun)
    _on(prober, stage, wait or HASTE)
    followed = stage.now
    before = prober.run.raised()
    steps(fault.remedy(stage))
    done = stage.now
    _on(prober, stage, AFTERWARDS)
    while _goes_on(prober.run, fault) and stage.now < done + OVER_WITHIN:
        _on(prober, stage, LOOK)
    # What comes before anything is done comes of the fault itself.
    touched = min(at for at in stage.touched if at >= followed)
    raised = [
        effect.finding
        for at, effect in prober.run.effects
        if isinstance(effect, FindingRaised) and at >= touched and effect.finding.code not in before
    ]
    return Played(
        stage,
        followed,
        done,
        _critical(raised),
        _critical(prober.run.status.findings),
        tuple(finding.code for finding in prober.run.status.findings),
    )


def _goes_on(run: Run, fault: Fault) -> bool:
    """Tell whether its finding is open, or a critical one that came of it: `reverted` time and again is a fight."""
    return any(one.code is fault.code or one.severity is Severity.CRITICAL for one in run.status.findings)


def _critical(findings: Iterable[Finding]) -> tuple[FindingCode, ...]:
    return tuple(finding.code for finding in findings if finding.severity is Severity.CRITICAL)


def _on(prober: Prober, stage: Stage, seconds: float) -> None:
    until = stage.now + seconds
    prober.resume(until)
    stage.advance(until)


def _until(prober: Prober, stage: Stage, holds: Callable[[Run], bool], begun: float) -> None:
    while not holds(prober.run):
        assert stage.now < begun + FOUND_WITHIN, sorted(prober.run.raised())
        _on(prober, stage, LOOK)


def _context(stage: Stage, domain: plans.Domain, ids: Mapping[Side, Flags] | None = None) -> Context:
    plan = _plan(stage, domain, ids)
    book = _teach(open_book(plan))
    v1, v2, more = setups_of(plan, domain.name)
    return Context(book, SERVERS, plan.probing, v1, v2, more=more)


def _plan(stage: Stage, domain: plans.Domain, ids: Mapping[Side, Flags] | None = None) -> plans.Plan:
    """Write the plan as both clusters are at present, but for owner ids that were other ones before."""
    v1, v2 = (
        plans.SidePlan(side, (BALANCERS[side],), external_dns=_setup(cluster, (ids or {}).get(side, cluster.flags)))
        for side, cluster in stage.clusters.items()
    )
    return plans.Plan("test", v1, v2, (plans.Wave("first", domain.expectation, (domain,)),))


def _setup(cluster: Cluster, ids: Flags) -> ExternalDns:
    flags, version = cluster.flags, cluster.version
    return ExternalDns(
        ids.txt_owner_id,
        ids.migrate_from_txt_owner or None,
        (version.major, version.minor, version.patch),
        flags.interval,
        policy=flags.policy,
        domain_filter=tuple(map(canonical, cluster.domain_filter)),
        zone_match_parent=flags.matches_parent,
    )


def _teach(book: AddressBook) -> AddressBook:
    addresses = Addresses()
    for side, name in BALANCERS.items():
        for rdtype in ADDRESS_TYPES:
            rrset = RRset(name, rdtype, 60, addresses.addresses(name, rdtype))
            book = book.learn(side, name, Response("NOERROR", authoritative=True, answer=(rrset,)), instant(0))
    return book
