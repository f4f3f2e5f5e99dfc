"""What is known about a domain: the value that the judge folds observations into and that every edge reads.

NamedTuples, not dataclasses: one is made for each observation, and a tuple costs a third of a frozen dataclass.
"""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.decommission import Decommission
from probe.model.finding import Finding
from probe.model.name import DomainName
from probe.model.outcome import FailureReason, Response
from probe.model.plan import Domain
from probe.model.question import RecordType
from probe.model.resolver import ResolverStatus
from probe.model.server import Server
from probe.model.service import ServiceStatus
from probe.model.side import AnswerClass
from probe.model.spell import Spell
from probe.model.word import Word


class RecordState(Word):
    """The verdict on a record or a domain."""

    V1 = "v1"
    V2 = "v2"
    WEIGHTED = "weighted"
    """Independent draws between the sides."""
    PROPAGATING = "propagating"
    """Servers disagree after a change, within the grace time."""
    FLAPPING = "flapping"
    DIVIDED = "divided"
    """Servers disagree beyond the grace time; for a domain also: A and AAAA are on different sides."""
    ABSENT = "absent"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"
    """Too little evidence."""


class Position(Word):
    """Where one server's answers place a record: the classes that are evidence, with both kinds of absence as one."""

    V1 = "v1"
    V2 = "v2"
    MIXED = "mixed"
    FOREIGN = "foreign"
    ABSENT = "absent"


class ServerStatus(NamedTuple):
    """What one authoritative server says of one record.

    Attributes:
        server: Who.
        answer_class: Its newest evidence; None before the first.
        at: When that evidence arrived (None before the first).
        since: When it began to say so without interruption by other evidence.
        response: The newest response that is evidence.
        failures: Consecutive silences since then.
        failure: The reason of the newest silence, None while it answers.
        memory: The record judge's own memory of this server: nobody else reads it, and it changes with the judge.
        past: What it said before, bounded, oldest first. Not kept while answers are drawn by weights: draws are no
            changes.
    """

    server: Server
    answer_class: AnswerClass | None = None
    at: Instant | None = None
    since: Instant | None = None
    response: Response | None = None
    failures: int = 0
    failure: FailureReason | None = None
    memory: object = None
    past: tuple[Spell, ...] = ()


class Transition(NamedTuple):
    """A confirmed change of a record from one position to another."""

    at: Instant
    before: Position
    after: Position
    reversal: bool
    """It undoes the transition before it."""


class TxtOwner(NamedTuple):
    """One ExternalDNS ownership value. `owner` and `resource` come out of DNS: hostile, printable ASCII, bounded."""

    owner: str
    resource: str | None


class TxtKind(Word):
    """Which record of a host an ownership TXT speaks for, by the type in its name."""

    A = "a"
    AAAA = "aaaa"
    CNAME = "cname"
    BARE = ""
    """The host's own name, without a type: the only format before ExternalDNS v0.12, written beside others to v0.17."""


class TxtReading(NamedTuple):
    """What once stood at a TXT name.

    Attributes:
        owners: What could be read.
        opaque: How many values may have been encrypted ownership.
        since, until: When it was first and last answered so.
        beside: Where the record it speaks for led meanwhile, at servers that stood by it.
    """

    owners: tuple[TxtOwner, ...]
    opaque: int
    since: Instant
    until: Instant
    beside: tuple[Position, ...] = ()


class TxtStatus(NamedTuple):
    """What stands at one name at which an ExternalDNS may keep its ownership TXT.

    Attributes:
        name: The TXT name.
        values: The RRset's values in presentation format, empty when there is none.
        owners: What could be read of them, in their order.
        at: When it was last answered; None before.
        since: Since when it reads so.
        kind: Which record it speaks for; None when nobody said.
        opaque: How many of the values may be encrypted ownership.
        answers: Answers in a row that read so.
        past: What stood there before, bounded, oldest first.
        beside: Where the record it speaks for led while it read so, at servers that stood by it.
        server: Who gave the newest answer.
    """

    name: DomainName
    values: tuple[str, ...] = ()
    owners: tuple[TxtOwner, ...] = ()
    at: Instant | None = None
    since: Instant | None = None
    kind: TxtKind | None = None
    opaque: int = 0
    answers: int = 0
    past: tuple[TxtReading, ...] = ()
    beside: tuple[Position, ...] = ()
    server: Server | None = None


class Trace(NamedTuple):
    """An answer of the authoritative servers that caches may hold, whether or not it is still given.

    Attributes:
        rdtype: The record's type.
        position: Where the answer led.
        at: When a server last gave it.
        ttl: The longest TTL in seconds with which it was given; that of a denial by RFC 2308 section 5.
        until: The last moment at which a cache that took it and obeys its TTL may hold it, as far as was seen.
        chained: Seconds for which addresses may be held that were looked up behind it: those of a CNAME's target.
    """

    rdtype: RecordType
    position: Position
    at: Instant
    ttl: int
    until: Instant
    chained: int = 0


class Drain(NamedTuple):
    """When no cache that obeys TTLs can lead to v1 any more: exists once no authoritative server answers v1.

    Attributes:
        last_v1: When an authoritative server last answered v1; None when that was not watched.
        deadline: From then on no cache that obeys TTLs leads to v1, or denies the record after a gap; None likewise.
        ttl: The longest time in seconds for which that answer may be held: its TTL, with what is chained to it.
        holding: Resolvers that answer v1, or of which a cache may.
        held_until: The latest moment until which a cache of theirs says that it holds it; None when none does.
    """

    last_v1: Instant | None
    deadline: Instant | None
    ttl: int | None
    holding: int = 0
    held_until: Instant | None = None


class Convergence(NamedTuple):
    """How one transition of a record arrived everywhere. It begins at the first server that showed it.

    Attributes:
        rdtype: The record's type.
        transition: What changed, and when the first server showed it.
        servers_at: When the last of the servers that answer showed it; None before.
        resolvers_at: When no resolver that answers had anything else any more; None before, and where none is watched.
        overtaken: The record changed again before; what is None then stays so.
    """

    rdtype: RecordType
    transition: Transition
    servers_at: Instant | None = None
    resolvers_at: Instant | None = None
    overtaken: bool = False


class RecordStatus(NamedTuple):
    """One record: its verdict, and the evidence for it.

    Attributes:
        rdtype: A or AAAA. A CNAME in the answer stands in for both and is judged under each.
        state: The verdict.
        since: Since when (None before the first observation).
        position: The confirmed position, None before the first agreement.
        existed: It has been seen with an answer at some time: its absence is an outage then.
        servers: One entry per server, in a fixed order.
        answers: Count of answers per AnswerClass, in that enum's order.
        transitions, reversals: Counts of confirmed changes.
        recent: The newest transitions, bounded, oldest first.
        alias: The newest answer was bare addresses of a side (Route 53 alias: not billed); None unknown.
        disturbed: Since when answers have not all agreed, None while they do. A burst goes on while this stands
            without an explanation.
        memory: The record judge's own working memory: nobody else reads it, and it changes with the judge.
    """

    rdtype: RecordType
    state: RecordState = RecordState.UNKNOWN
    since: Instant | None = None
    position: Position | None = None
    existed: bool = False
    servers: tuple[ServerStatus, ...] = ()
    answers: tuple[int, ...] = (0,) * len(AnswerClass)
    transitions: int = 0
    reversals: int = 0
    recent: tuple[Transition, ...] = ()
    alias: bool | None = None
    disturbed: Instant | None = None
    memory: object = None


class Criterion(Word):
    """What has to hold for the whole soak before a domain counts as confirmed."""

    AUTHORITATIVE = "authoritative"
    """Every server answers the expected side, for both families."""
    RESOLVERS = "resolvers"
    """Every resolver that is watched serves the expected side, and no cache can hold the other one."""
    OWNERSHIP = "ownership"
    """The owner is the one that the plan expects, and nothing about ownership is dangerous."""
    SERVICE = "service"
    """The domain's HTTPS works on the side that it leads to."""
    FINDINGS = "findings"
    """Nothing is open that is critical or a warning."""
    WATCHED = "watched"
    """Answers keep coming: what nobody looked at has not been seen to hold."""


class Standing(Word):
    """How a criterion stands at one moment."""

    PASSES = "passes"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Judgement(NamedTuple):
    """One criterion at one moment, with the reason in a sentence."""

    criterion: Criterion
    standing: Standing
    sentence: str


class Break(NamedTuple):
    """The moment at which a soak was broken, by which criterion, and what that said then."""

    at: Instant
    criterion: Criterion
    sentence: str


class Confirmation(NamedTuple):
    """Whether a domain has held what its wave expects for long enough.

    Attributes:
        criteria: Every criterion that applies, as it stands now.
        standing: All of them together: fails when one fails, else unknown when one is, else passes.
        since: Since when none of them has failed; None while one does, or before all have passed for the first time.
        held: Seconds since then in which all of them were seen to pass. Never more than was watched.
        unwatched: Seconds since then in which nobody looked, or one of them was unknown: they are not held.
        until: The newest moment that evidence reaches to; None before the first.
        confirmed: `held` has reached the plan's soak.
        confirmed_at: When it did; None while it has not.
        breaks: How often a soak that had begun was broken.
        broken: The newest such break, None before the first.
    """

    criteria: tuple[Judgement, ...] = ()
    standing: Standing = Standing.UNKNOWN
    since: Instant | None = None
    held: float = 0.0
    unwatched: float = 0.0
    until: Instant | None = None
    confirmed: bool = False
    confirmed_at: Instant | None = None
    breaks: int = 0
    broken: Break | None = None


class ShareVerdict(Word):
    """What a share of v2 says about the declared weights."""

    AS_DECLARED = "as-declared"
    """Every share that is not excluded is near the declared one."""
    OFF = "off"
    """The declared share is excluded."""
    OPEN = "open"
    """Too few answers to say."""


class Share(NamedTuple):
    """How often a record that is drawn by weights leads to v2: the answers since the share was last seen to change.

    Attributes:
        rdtype: Whose.
        since: When counting began; None before the first look.
        v1, v2: Answers of all servers that led to either side.
        lower, upper: The interval that holds the true share, 0 to 1: at all times together with a chance of 9,999 in
            10,000 (`probe.judge.share`).
        verdict: By the declared weights; None where none are declared.
        needed: How many more answers will decide, if they go on as they came: 0 when it is decided, None when nothing
            is declared or no end is in sight.
        memory: The judge's own: nobody else reads it.
    """

    rdtype: RecordType
    since: Instant | None = None
    v1: int = 0
    v2: int = 0
    lower: float = 0.0
    upper: float = 1.0
    verdict: ShareVerdict | None = None
    needed: int | None = None
    memory: object = None

    @property
    def answers(self) -> int:
        """How many answers it rests on."""
        return self.v1 + self.v2

    @property
    def ratio(self) -> float | None:
        """The share of v2 among the answers, 0 to 1; None before the first."""
        return self.v2 / self.answers if self.answers else None


class DomainStatus(NamedTuple):
    """One domain: the verdict over its records, and everything that is shown of it.

    Attributes:
        domain: The plan's word on it.
        state: The verdict.
        since: Since when (None before the first observation).
        sentence: What happens, in one sentence for people.
        records: A and AAAA.
        txts: The ownership TXT names.
        resolvers: What resolvers say, one entry per resolver and type.
        findings: What is open, worst first.
        expected_since: When the judge first saw the domain with its present expectation.
        flip_period: While it flaps with a beat: seconds from one change to the next of the same kind.
        confirmation: Whether it has held what is expected for long enough.
        shares: Of its records that are drawn by weights, or declared to be: the share of v2.
        drain: When no cache can lead to v1 any more; None while v1 is answered, or was never of concern.
        convergences: How its newest transitions arrived, bounded, oldest first.
        traces: What caches may hold, one entry per record and position at most.
        services: Its HTTPS service on v1 and on v2, where the plan has a check for it.
        decommission: Whether v1's Ingress may be deleted; None while the plan does not expect the domain on v2.
    """

    domain: Domain
    state: RecordState = RecordState.UNKNOWN
    since: Instant | None = None
    sentence: str = ""
    records: tuple[RecordStatus, ...] = ()
    txts: tuple[TxtStatus, ...] = ()
    resolvers: tuple[ResolverStatus, ...] = ()
    findings: tuple[Finding, ...] = ()
    expected_since: Instant | None = None
    flip_period: float | None = None
    confirmation: Confirmation = Confirmation()
    shares: tuple[Share, ...] = ()
    drain: Drain | None = None
    convergences: tuple[Convergence, ...] = ()
    traces: tuple[Trace, ...] = ()
    services: tuple[ServiceStatus, ...] = ()
    decommission: Decommission | None = None
