"""Snapshots to show: a migration in the middle of its second wave, with everything going wrong that can.

The values are what the daemon would publish: findings in the catalogue's codes, TXT contents as a hostile sender would
write them. `migration()` is one such moment; `fleet()` is many ordinary domains, for questions of size.
"""

from collections.abc import Iterable
from dataclasses import replace

from probe.judge.acceptance.waves import waves
from probe.judge.findings import catalogue
from probe.model.check import Check, CheckOutcome
from probe.model.clock import Instant
from probe.model.confirmation import Break, Confirmation, Criterion
from probe.model.convergence import CONVERGENCE_BUCKETS, ConvergenceCounts, Stage
from probe.model.decommission import Decommission, Precondition
from probe.model.delegation import Delegation, DelegationProblem, ProblemReport
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns
from probe.model.finding import FactLabel, Finding, LabelledFact, Severity
from probe.model.name import DomainName, canonical, display
from probe.model.notification import NotificationCounts, NotificationFailure
from probe.model.outcome import FailureReason, Response, RRset
from probe.model.ownership import TxtOwner, TxtStatus
from probe.model.plan import Domain, Expectation, Plan, SidePlan, Wave, Weights
from probe.model.propagation import Convergence, Drain
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus, Transition
from probe.model.resolver import ResolverCache, ResolverStatus, ResolverVerdict
from probe.model.server import Server, ServerRole, Transport, ZoneView
from probe.model.service import Certificate, ServiceAddress, ServiceCheck, ServiceFailure, ServiceState, ServiceStatus
from probe.model.share import Share, ShareVerdict
from probe.model.side import AnswerClass, Side
from probe.model.snapshot import ReloadStatus, ScheduleStatus, Snapshot, TargetAddress
from probe.model.testimony import Knowledge, WitnessStatus
from probe.model.traffic import DURATION_BUCKETS, Traffic
from probe.model.witness import ClusterReading, ClusterWish, Wanted, Witnessed, Written, WrittenSet

START = 1_800_000_000.0
"""Wall time at which these daemons began: 2027-01-15 08:00:00 UTC."""
NOW = Instant(START + 7_200.0, 7_200.0)
SUBJECT = "a domain"  # of checks whose subject nobody looks at: it is the domain that they stand in

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}\\027[31m"
"""What an owner may read like: markup, quotes, a template expression, an escaped control character."""

CATALOGUE = tuple(catalogue.CATALOGUE.values())
"""The findings as the daemon hands them to its edges."""
REMEDY: dict[str, str] = {entry.code: entry.remedy for entry in CATALOGUE}

SERVERS = tuple(
    Server(f"ns-{number}.awsdns-{number:02}.{tld}.", f"192.0.2.{number}")
    for number, tld in ((11, "com"), (12, "net"), (13, "org"), (14, "co.uk"))
)
RESOLVERS = (
    Server("google", "8.8.8.8", role=ServerRole.RESOLVER, group="google"),
    Server("google", "2001:4860:4860::8888", role=ServerRole.RESOLVER, group="google"),
    Server("quad9", "9.9.9.9", 853, ServerRole.RESOLVER, Transport.DOT, "quad9", tls_name="dns.quad9.net"),
)

WITNESSES = (
    WitnessStatus(
        "kubernetes-v1",
        Knowledge.OLD,
        up=False,
        since=Instant(START, 0.0),
        read=Instant(START + 6_000.0, 6_000.0),
        failures=4,
        error="The API server of `eks-v1` refuses the credentials (401): log in again, or renew the token.",
    ),
    WitnessStatus(
        "kubernetes-v2",
        Knowledge.CURRENT,
        up=True,
        since=Instant(START, 0.0),
        read=Instant(START + 7_170.0, 7_170.0),
        gaps=("`httproutes` was not read: it may not be listed (403).",),
        lacking=tuple(DomainName(f"new-{number}.example.com.") for number in range(6)),
        lacking_count=6,
        watched=True,
    ),
    WitnessStatus("route53", Knowledge.AWAITED, up=None, since=Instant(START, 0.0)),
)
"""One that fails, one that tells more than the plan has, and one that was not read yet."""

ADDRESSES: dict[Position, dict[RecordType, tuple[str, ...]]] = {
    Position.V1: {RecordType.A: ("198.51.100.10", "198.51.100.11"), RecordType.AAAA: ("2001:db8:1::10",)},
    Position.V2: {RecordType.A: ("203.0.113.20", "203.0.113.21"), RecordType.AAAA: ("2001:db8:2::20",)},
    Position.FOREIGN: {RecordType.A: ("192.0.2.99",), RecordType.AAAA: ("2001:db8:f::99",)},
}
CLASSES = {
    Position.V1: AnswerClass.V1,
    Position.V2: AnswerClass.V2,
    Position.FOREIGN: AnswerClass.FOREIGN,
    Position.ABSENT: AnswerClass.NXDOMAIN,
    Position.MIXED: AnswerClass.MIXED,
}


def ago(seconds: float) -> Instant:
    """The moment `seconds` before NOW."""
    return Instant(NOW.wall - seconds, NOW.monotonic - seconds)


def response(name: DomainName, rdtype: RecordType, position: Position) -> Response:
    """What a server would send for a record at `position`."""
    addresses = ADDRESSES.get(position, {}).get(rdtype, ())
    if not addresses:
        return Response("NXDOMAIN", authoritative=True, size=120)
    return Response(
        "NOERROR", authoritative=True, answer=(RRset(name, rdtype, 60, tuple(sorted(addresses))),), size=140
    )


def server_status(
    server: Server, name: DomainName, rdtype: RecordType, position: Position, since: float, *, silent: bool = False
) -> ServerStatus:
    """One server's newest word."""
    return ServerStatus(
        server,
        CLASSES[position],
        ago(3),
        ago(since),
        response(name, rdtype, position),
        failures=4 if silent else 0,
        failure=FailureReason.TIMEOUT if silent else None,
    )


VERDICTS = {
    position: ResolverVerdict.CONVERGED if position in (Position.V1, Position.V2) else ResolverVerdict.UNKNOWN
    for position in Position
}
DRAINS = {
    position: Drain(ago(100), ago(-20), 60, 1, ago(-19)) if position is Position.V2 else None for position in Position
}
"""A domain on v2 left v1 a hundred seconds ago; one resolver may still lead there."""


def record(
    name: DomainName,
    rdtype: RecordType,
    state: RecordState,
    positions: Iterable[Position],
    *,
    since: float = 3600,
    recent: tuple[Transition, ...] = (),
    silent: Server | None = None,
) -> RecordStatus:
    """A record whose servers stand at `positions`, in their order."""
    places = tuple(positions)
    counts = [0] * len(AnswerClass)
    order = list(AnswerClass)
    for place in places:
        counts[order.index(CLASSES[place])] += 128
    return RecordStatus(
        rdtype,
        state,
        ago(since),
        places[0],
        existed=True,
        servers=tuple(
            server_status(server, name, rdtype, place, since, silent=server is silent)
            for server, place in zip(SERVERS, places, strict=True)
        ),
        answers=tuple(counts),
        transitions=len(recent),
        reversals=sum(transition.reversal for transition in recent),
        recent=recent,
        alias=True,
    )


def txt(name: str, *owners: TxtOwner, values: tuple[str, ...] | None = None, since: float = 3600) -> TxtStatus:
    """What stands at one ownership name."""
    shown = tuple(
        f'"heritage=external-dns,external-dns/owner={owner.owner},external-dns/resource={owner.resource}"'
        for owner in owners
    )
    return TxtStatus(canonical(name), values if values is not None else shown, owners, ago(40), ago(since))


def resolver_statuses(name: DomainName, position: Position, *, late: bool = False) -> tuple[ResolverStatus, ...]:
    """What every resolver says of both types; with `late`, quad9 still has the old side, and one address is silent."""
    del name
    statuses = []
    for server in RESOLVERS:
        behind = late and server.name == "quad9"
        answer_class = AnswerClass.V1 if behind else CLASSES[position]
        statuses += [
            ResolverStatus(
                server,
                rdtype,
                answer_class,
                ago(12),
                ago(900),
                None if position is Position.ABSENT else 31,
                FailureReason.TIMEOUT if late and ":" in server.address else None,
                ResolverVerdict.LATE if behind else VERDICTS[position],
                ago(45) if behind else None,
                (
                    ResolverCache(answer_class, ago(-19), ago(12)),
                    *([ResolverCache(answer_class, ago(-50), ago(42))] * behind),
                ),
                errors=(3,) if behind else (),
                scope=24 if server.client_subnet else None,
            )
            for rdtype in ADDRESS_TYPES
        ]
    return tuple(statuses)


def flips(count: int, period: float = 60.0) -> tuple[Transition, ...]:
    """`count` transitions to and fro, the newest 20 seconds ago."""
    sides = (Position.V1, Position.V2)
    return tuple(
        Transition(ago(20 + period * (count - 1 - turn)), sides[turn % 2], sides[(turn + 1) % 2], reversal=turn > 0)
        for turn in range(count)
    )


def finding(code: str, domain: str, sentence: str, *, severity: Severity | None = None, since: float = 600) -> Finding:
    """An open finding of the catalogue."""
    entry = catalogue.CATALOGUE[code]
    return Finding(
        entry.code,
        severity or entry.severity,
        canonical(domain),
        sentence,
        entry.remedy,
        NOW.wall - since,
        ("08:59:12 ns-11 answers v1", f'08:59:40 TXT "{HOSTILE}"', "09:00:12 ns-11 answers v2"),
        entry.link,
        inferred=entry.inferred,
        first=entry.first,
        facts=(
            LabelledFact(FactLabel.BEAT, "It comes round every 60 s"),
            LabelledFact(FactLabel.OWNERS, f'"{HOSTILE}"'),
        ),
        advice=entry.key(None),
    )


def domain(name: str, wave: str, expectation: Expectation, weights: Weights | None = None) -> Domain:
    """A domain of the plan."""
    return Domain(canonical(name), wave, expectation, weights)


def status(
    plan_domain: Domain,
    state: RecordState,
    a: RecordStatus,
    aaaa: RecordStatus,
    sentence: str,
    *,
    txts: tuple[TxtStatus, ...] = (),
    findings: tuple[Finding, ...] = (),
    resolvers: tuple[ResolverStatus, ...] = (),
) -> DomainStatus:
    """A domain's status with both of its records."""
    return DomainStatus(plan_domain, state, a.since, sentence, (a, aaaa), txts, resolvers, findings)


def calm(plan_domain: Domain, position: Position, *, owner: str = "cluster-v2", since: float = 5400) -> DomainStatus:
    """A domain that stands quietly on one side."""
    name = plan_domain.name
    state = RecordState(position.value)
    a, aaaa = (record(name, rdtype, state, (position,) * 4, since=since) for rdtype in ADDRESS_TYPES)
    return status(
        plan_domain,
        state,
        a,
        aaaa,
        f"Every server answers {position.value}.",
        txts=(txt(f"a-{name}", TxtOwner(owner, "ingress/shop/web")), txt(f"aaaa-{name}", TxtOwner(owner, None))),
        resolvers=resolver_statuses(name, position),
    )._replace(
        drain=DRAINS[position],
        confirmation=confirmed(position, since),
        services=services(name),
        decommission=decommission(owner) if plan_domain.expectation is Expectation.V2 else None,
    )


def services(name: DomainName, *, broken: bool = False) -> tuple[ServiceStatus, ...]:
    """The HTTPS of both sides; with `broken`, v2's certificate is for other names, in hostile words."""
    told = []
    for side, address in ((Side.V1, "198.51.100.10"), (Side.V2, "203.0.113.20")):
        bad = broken and side is Side.V2
        check = ServiceCheck(
            name,
            side,
            address,
            ago(21),
            0.034,
            ServiceFailure.NAME_MISMATCH if bad else None,
            f"certificate: {HOSTILE}" if bad else "",
            None if bad else 200,
            Certificate(HOSTILE if bad else display(name), "Test CA", (HOSTILE,), START - 86_400.0, START + 864_000.0),
            () if bad else (("x-cluster", side.value), ("server", HOSTILE)),
        )
        told.append(
            ServiceStatus(
                side,
                ServiceState.DOWN if bad else ServiceState.UP,
                ago(900),
                (ServiceAddress(check, 4, failing=bad, since=ago(900)),),
            )
        )
    return tuple(told)


def decommission(owner: str) -> Decommission:
    """Whether v1's Ingress may go: not while v1's ExternalDNS reads a TXT as its own."""
    released = owner == "cluster-v2"
    told = "v1's ExternalDNS reads no TXT as its own." if released else f"The TXT names {HOSTILE}."
    outcome = CheckOutcome.PASS if released else CheckOutcome.FAIL
    on_v2 = "All 4 servers answer v2 for A and AAAA."
    return Decommission(
        outcome,
        (
            Check(Precondition.ON_V2.value, SUBJECT, CheckOutcome.PASS, on_v2),
            Check(Precondition.RELEASED.value, SUBJECT, outcome, told, "Stop v1's ExternalDNS."),
        ),
        ("That v1's ExternalDNS is stopped.",),
        () if released else (canonical("cname-blog.example.com"),),
        () if released else (canonical("blog.example.com"),),
    )


def confirmed(position: Position, since: float = 5400) -> Confirmation:
    """What has held for so long, and been watched but for ten seconds."""
    told = f"All 4 servers answer {position.value} for A and AAAA."
    criteria = (
        Check(Criterion.AUTHORITATIVE.value, SUBJECT, CheckOutcome.PASS, told),
        Check(Criterion.FINDINGS.value, SUBJECT, CheckOutcome.PASS, "No finding is open."),
    )
    held = since - 10.0
    at = ago(since - 1800.0) if held >= 1800.0 else None
    return Confirmation(criteria, CheckOutcome.PASS, ago(since), held, 10.0, NOW, at is not None, at)


def broken() -> Confirmation:
    """What held for a while until somebody overwrote it."""
    sentence = f"ns-1.example.com (192.0.2.11) answers v1 for A, and an owner reads {HOSTILE}."
    criteria = (Check(Criterion.AUTHORITATIVE.value, SUBJECT, CheckOutcome.FAIL, sentence),)
    cause = Break(ago(600), Criterion.AUTHORITATIVE, sentence)
    return Confirmation(criteria, CheckOutcome.FAIL, breaks=1, broken=cause)


def fighting(plan_domain: Domain) -> DomainStatus:
    """A domain over which two ExternalDNS with one owner fight (S1)."""
    name = plan_domain.name
    recent = flips(7)
    a, aaaa = (
        record(name, rdtype, RecordState.FLAPPING, (Position.V2, Position.V2, Position.V1, Position.V2), recent=recent)
        for rdtype in ADDRESS_TYPES
    )
    return status(
        plan_domain,
        RecordState.FLAPPING,
        a,
        aaaa,
        "The target goes to and fro every 60 s while `default` stays its owner.",
        txts=(txt(f"a-{name}", TxtOwner("default", "ingress/shop/checkout")),),
        findings=(
            finding(
                "fight-same-owner",
                name,
                "Both clusters write checkout.example.com as owner `default`: every sync undoes the other.",
            ),
            finding("default-owner", name, "The owner is still `default`: the next migration has no handle."),
        ),
        resolvers=resolver_statuses(name, Position.V2, late=True),
    )._replace(flip_period=60.25, confirmation=broken())


def split(plan_domain: Domain) -> DomainStatus:
    """A on v2 and AAAA on v1 (S13), with a server that has gone silent."""
    name = plan_domain.name
    moved = (Transition(ago(1500), Position.V1, Position.V2, reversal=False),)
    return status(
        plan_domain,
        RecordState.DIVIDED,
        record(name, RecordType.A, RecordState.V2, (Position.V2,) * 4, since=1500, recent=moved, silent=SERVERS[2]),
        record(name, RecordType.AAAA, RecordState.V1, (Position.V1,) * 4),
        "A leads to v2, AAAA still to v1: clients with IPv6 stay on the old cluster.",
        txts=(
            txt(f"a-{name}", TxtOwner("cluster-v2", "ingress/shop/api")),
            txt(f"aaaa-{name}", TxtOwner("cluster-v1", "ingress/shop/api")),
        ),
        findings=(finding("family-split", name, "A of api.example.com leads to v2, AAAA to v1."),),
        resolvers=resolver_statuses(name, Position.V2),
    )._replace(convergences=(Convergence(RecordType.A, moved[0], ago(1472), ago(1390)),))


def outage(plan_domain: Domain) -> DomainStatus:
    """A name that has gone (S19), with hostile ownership left behind."""
    name = plan_domain.name
    gone = (Transition(ago(95), Position.V2, Position.ABSENT, reversal=False),)
    a, aaaa = (
        record(name, rdtype, RecordState.ABSENT, (Position.ABSENT,) * 4, since=95, recent=gone)
        for rdtype in ADDRESS_TYPES
    )
    owners = tuple(TxtOwner(f"{HOSTILE}-{number}", HOSTILE) for number in range(12))
    return status(
        plan_domain,
        RecordState.ABSENT,
        a,
        aaaa,
        "The name does not exist at any of its servers since 95 s; caches keep that for up to 15 minutes.",
        txts=(
            txt(f"a-{name}", *owners, values=tuple(f'"{HOSTILE} {number}"' for number in range(12))),
            txt(str(name), values=('"v=spf1 -all"',)),
        ),
        findings=(
            finding("outage", name, f"NXDOMAIN at all four servers; the TXT says {HOSTILE}.", since=95),
            finding("stale-owner", name, "v1 still reads the TXT as its own.", severity=Severity.CRITICAL),
        ),
        resolvers=resolver_statuses(name, Position.ABSENT),
    )


def propagating(plan_domain: Domain) -> DomainStatus:
    """A change that has reached two of four servers."""
    name = plan_domain.name
    a, aaaa = (
        record(name, rdtype, RecordState.PROPAGATING, (Position.V2, Position.V1, Position.V2, Position.V1), since=14)
        for rdtype in ADDRESS_TYPES
    )
    return status(
        plan_domain,
        RecordState.PROPAGATING,
        a,
        aaaa,
        "Two of four servers answer v2 since 14 s.",
        txts=(txt(f"a-{name}", TxtOwner("cluster-v2", "ingress/shop/cart"), since=14),),
        resolvers=resolver_statuses(name, Position.V1),
    )._replace(services=services(name, broken=True))


def weighted(plan_domain: Domain) -> DomainStatus:
    """Independent draws between the sides."""
    name = plan_domain.name
    places = (Position.V1, Position.V1, Position.V2, Position.V1)
    a, aaaa = (record(name, rdtype, RecordState.WEIGHTED, places) for rdtype in ADDRESS_TYPES)
    return status(
        plan_domain,
        RecordState.WEIGHTED,
        a,
        aaaa,
        "21 % of the answers lead to v2; 20 % are declared.",
        resolvers=resolver_statuses(name, Position.V1),
    )._replace(
        shares=(
            Share(RecordType.A, ago(5000), 948, 252, 0.16, 0.27, ShareVerdict.AS_DECLARED, 0),
            Share(RecordType.AAAA, ago(20), 3, 1, 0.0, 0.99, ShareVerdict.OPEN, 440),
        )
    )


def unknown(plan_domain: Domain) -> DomainStatus:
    """Nothing observed yet."""
    records = tuple(
        RecordStatus(rdtype, servers=tuple(ServerStatus(server) for server in SERVERS)) for rdtype in ADDRESS_TYPES
    )
    resolvers = tuple(ResolverStatus(server, rdtype) for server in RESOLVERS for rdtype in ADDRESS_TYPES)
    txts = (TxtStatus(canonical(f"a-{plan_domain.name}")),)
    return DomainStatus(plan_domain, records=records, txts=txts, resolvers=resolvers)


def snapshot(
    domains: tuple[DomainStatus, ...], *, blind: bool = False, reload_error: str = "", ready: bool = True
) -> Snapshot:
    """Everything around `domains`, with every part of the daemon having something to tell."""
    by_wave: dict[str, list[DomainStatus]] = {}
    for one in domains:
        by_wave.setdefault(one.domain.wave, []).append(one)
    plan = Plan(
        vantage="eu-central-1",
        v1=SidePlan(Side.V1, (canonical("k8s-v1.elb.example.net"),), external_dns=ExternalDns("cluster-v1")),
        v2=SidePlan(
            Side.V2,
            (canonical("k8s-v2.elb.example.net"),),
            external_dns=ExternalDns("cluster-v2", migrate_from_txt_owner="default"),
        ),
        waves=tuple(
            Wave(wave, members[0].domain.expectation, tuple(member.domain for member in members))
            for wave, members in by_wave.items()
        ),
        resolvers=RESOLVERS,
        digest="3f2a",
    )
    zone = canonical("example.com")
    return Snapshot(
        at=NOW,
        started=Instant(START, 0.0),
        plan=plan,
        domains=domains,
        targets=tuple(
            TargetAddress(side, address, f"k8s-{side}.elb.example.net.", ago(7000), ago(10))
            for side, position in ((Side.V1, Position.V1), (Side.V2, Position.V2))
            for rdtype in ADDRESS_TYPES
            for address in ADDRESSES[position][rdtype]
        ),
        delegations=(
            Delegation(
                zone,
                SERVERS,
                tuple(canonical(server.name) for server in SERVERS),
                tuple(canonical(server.name) for server in SERVERS),
                (ProblemReport(DelegationProblem.SILENT, SERVERS[2].name, f"{SERVERS[2].name} does not answer."),),
                ago(1800),
            ),
        ),
        traffic=(
            Traffic(
                "authoritative",
                Transport.UDP,
                48_211,
                ((FailureReason.TIMEOUT, 17), (FailureReason.SERVFAIL, 2)),
                (0, 3, 210, 9_000, 30_000, 8_000, 900, 70, 9, 0, 0, 0, 2),
                1_204.75,
                late=3,
                duplicates=1,
                mismatched=2,
            ),
            Traffic("quad9", Transport.DOT, 612, (), (0,) * len(DURATION_BUCKETS) + (612,), 4_000.5),
        ),
        billed=((zone, 3_120),),
        schedule=ScheduleStatus(0.004, 0.031, ago(9), 2),
        reload=ReloadStatus(not reload_error, Instant(START, 0.0), reload_error),
        blind=blind,
        ready=ready,
        convergence=(
            ConvergenceCounts(Stage.ALL_SERVERS, (0, 0, 2, 5, 9, 4, 1) + (0,) * (len(CONVERGENCE_BUCKETS) - 6), 431.5),
            ConvergenceCounts(Stage.ALL_RESOLVERS, (0,) * 8 + (3, 2) + (0,) * (len(CONVERGENCE_BUCKETS) - 9), 702.25),
        ),
        waves=waves(plan, domains),
        notifications=(
            NotificationCounts("http://alertmanager-0:9093", 41),
            NotificationCounts("http://alertmanager-1:9093", 3, ((NotificationFailure.TIMEOUT, 7),)),
        ),
        witnesses=WITNESSES,
    )


def migration(*, blind: bool = False, reload_error: str = "") -> Snapshot:
    """The middle of the second of three waves."""
    return snapshot(
        (
            calm(domain("www.example.com", "wave-1", Expectation.V2), Position.V2),
            calm(domain("blog.example.com", "wave-1", Expectation.V2), Position.V2, owner="default"),
            outage(domain("login.example.com", "wave-1", Expectation.V2)),
            fighting(domain("checkout.example.com", "wave-2", Expectation.MOVING)),
            split(domain("api.example.com", "wave-2", Expectation.MOVING)),
            propagating(domain("cart.example.com", "wave-2", Expectation.MOVING)),
            weighted(domain("search.example.com", "wave-2", Expectation.WEIGHTED, Weights(80, 20))),
            calm(domain("billing.example.com", "wave-3", Expectation.V1), Position.V1, owner="cluster-v1"),
            unknown(domain("*.apps.example.com", "wave-3", Expectation.V1)),
        ),
        blind=blind,
        reload_error=reload_error,
        ready=False,
    )


def fleet(size: int) -> Snapshot:
    """`size` quiet domains in waves of fifty."""
    return snapshot(
        tuple(
            calm(domain(f"app-{number}.example.com", f"wave-{number // 50 + 1}", Expectation.V2), Position.V2)
            for number in range(size)
        )
    )


def with_witnesses(of: Snapshot, *names: str) -> Snapshot:
    """The same, and both clusters and the hosted zone are read for some domains: both clusters want them."""
    return replace(
        of, domains=tuple(_witnessed(one) if display(one.domain.name) in names else one for one in of.domains)
    )


def _witnessed(status: DomainStatus) -> DomainStatus:
    same = ExternalDns("default")
    wishes = tuple(
        ClusterWish(
            side, f"ingress/shop/{HOSTILE}", same, "external-dns/external-dns", targets=(f"{side.value}.example.",)
        )
        for side in Side
    )
    readings = tuple(ClusterReading(side, ago(20), is_current=True, is_whole=True) for side in Side)
    sets = (WrittenSet("A", ("198.51.100.10",)), WrittenSet("AAAA", (f"{HOSTILE}.example.",)))
    written = Written(ago(40), is_current=True, zone=canonical("example.com"), sets=sets)
    return status._replace(witnessed=Witnessed(Wanted(readings, wishes), written))


def with_other_view(of: Snapshot, name: str, position: Position) -> Snapshot:
    """The same, and a resolver inside the VPC sees a private view of a domain, of a hostile owner, at `position`."""
    inside = Server("vpc", "10.0.0.2", role=ServerRole.RESOLVER, group="vpc", sees=ZoneView.PRIVATE)
    heard = ResolverStatus(inside, RecordType.A, CLASSES[position], ago(25), ago(25), ttl=60)
    owner = txt(f"a-{name}", TxtOwner(HOSTILE, "ingress/shop/web"))._replace(server=inside)
    domains = tuple(
        one._replace(other_view=(heard,), other_txts=(owner,)) if display(one.domain.name) == name else one
        for one in of.domains
    )
    return replace(of, plan=replace(of.plan, resolvers=(*of.plan.resolvers, inside)), domains=domains)
