"""What the authoritative servers say of one record, and the verdict on it.

NamedTuples, not dataclasses: one is made for each observation, and a tuple costs a third of a frozen dataclass. Where
nearly every observation passes (`repeated`) a tuple in the order of the fields is made into a named one directly:
the type's own constructor takes half as long again.
"""

from typing import NamedTuple, assert_never

from probe.model.clock import Instant
from probe.model.outcome import FailureReason, Response
from probe.model.question import RecordType
from probe.model.server import Server
from probe.model.side import AnswerClass, Side
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

    @property
    def side(self) -> "Position | None":
        """The side that it leads to; None of every other state."""
        match self:
            case RecordState.V1:
                return Position.V1
            case RecordState.V2:
                return Position.V2
            case (
                RecordState.WEIGHTED
                | RecordState.PROPAGATING
                | RecordState.FLAPPING
                | RecordState.DIVIDED
                | RecordState.ABSENT
                | RecordState.FOREIGN
                | RecordState.UNKNOWN
            ):
                return None
            case _:
                assert_never(self)

    @property
    def is_side(self) -> bool:
        """It leads to one side, at every server."""
        return self.side is not None

    @property
    def is_steady(self) -> bool:
        """It leads to v1, to v2, or to both by weights, and goes on as it is."""
        match self:
            case RecordState.V1 | RecordState.V2 | RecordState.WEIGHTED:
                return True
            case (
                RecordState.PROPAGATING
                | RecordState.FLAPPING
                | RecordState.DIVIDED
                | RecordState.ABSENT
                | RecordState.FOREIGN
                | RecordState.UNKNOWN
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_varying(self) -> bool:
        """One answer does not tell the next: no server is to be blamed for what it says at a moment."""
        match self:
            case RecordState.WEIGHTED | RecordState.FLAPPING:
                return True
            case (
                RecordState.V1
                | RecordState.V2
                | RecordState.PROPAGATING
                | RecordState.DIVIDED
                | RecordState.ABSENT
                | RecordState.FOREIGN
                | RecordState.UNKNOWN
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_at_rest(self) -> bool:
        """What every server says stands: nothing is on its way, and no answer is drawn."""
        match self:
            case RecordState.V1 | RecordState.V2 | RecordState.DIVIDED | RecordState.ABSENT:
                return True
            case (
                RecordState.WEIGHTED
                | RecordState.PROPAGATING
                | RecordState.FLAPPING
                | RecordState.FOREIGN
                | RecordState.UNKNOWN
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_unexplained(self) -> bool:
        """A disturbance of it has no steady explanation yet: more answers are wanted."""
        match self:
            case RecordState.PROPAGATING | RecordState.FLAPPING | RecordState.UNKNOWN:
                return True
            case (
                RecordState.V1
                | RecordState.V2
                | RecordState.WEIGHTED
                | RecordState.DIVIDED
                | RecordState.ABSENT
                | RecordState.FOREIGN
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_present(self) -> bool:
        """Something was seen to stand there."""
        match self:
            case RecordState.ABSENT | RecordState.UNKNOWN:
                return False
            case (
                RecordState.V1
                | RecordState.V2
                | RecordState.WEIGHTED
                | RecordState.PROPAGATING
                | RecordState.FLAPPING
                | RecordState.DIVIDED
                | RecordState.FOREIGN
            ):
                return True
            case _:
                assert_never(self)

    @property
    def sets_servers_apart(self) -> bool:
        """Servers answer otherwise than each other and go on doing so: by a fault, or as weights have it."""
        match self:
            case RecordState.DIVIDED | RecordState.WEIGHTED:
                return True
            case (
                RecordState.V1
                | RecordState.V2
                | RecordState.PROPAGATING
                | RecordState.FLAPPING
                | RecordState.ABSENT
                | RecordState.FOREIGN
                | RecordState.UNKNOWN
            ):
                return False
            case _:
                assert_never(self)

    @property
    def ends_share(self) -> bool:
        """Answers given meanwhile say nothing of a share: it begins anew afterwards."""
        match self:
            case RecordState.FLAPPING | RecordState.DIVIDED | RecordState.ABSENT | RecordState.FOREIGN:
                return True
            case RecordState.V1 | RecordState.V2 | RecordState.WEIGHTED | RecordState.PROPAGATING | RecordState.UNKNOWN:
                return False
            case _:
                assert_never(self)


class Position(Word):
    """Where one server's answers place a record: the classes that are evidence, with both kinds of absence as one."""

    V1 = "v1"
    V2 = "v2"
    MIXED = "mixed"
    FOREIGN = "foreign"
    ABSENT = "absent"

    @property
    def side(self) -> Side | None:
        """The one side that it is; None of every other place."""
        match self:
            case Position.V1:
                return Side.V1
            case Position.V2:
                return Side.V2
            case Position.MIXED | Position.FOREIGN | Position.ABSENT:
                return None
            case _:
                assert_never(self)

    @property
    def is_side(self) -> bool:
        """One side."""
        return self.side is not None

    @property
    def leads_to_v1(self) -> bool:
        """Clients reach v1 from there, always or at times."""
        match self:
            case Position.V1 | Position.MIXED:
                return True
            case Position.V2 | Position.FOREIGN | Position.ABSENT:
                return False
            case _:
                assert_never(self)

    @property
    def reaches_a_side(self) -> bool:
        """Clients reach v1 or v2 from there, always or at times."""
        match self:
            case Position.V1 | Position.V2 | Position.MIXED:
                return True
            case Position.FOREIGN | Position.ABSENT:
                return False
            case _:
                assert_never(self)

    @property
    def is_passed(self) -> bool:
        """A hand-over from one place to another may go by way of it: with a gap, or with both sides at once."""
        match self:
            case Position.MIXED | Position.ABSENT:
                return True
            case Position.V1 | Position.V2 | Position.FOREIGN:
                return False
            case _:
                assert_never(self)


def _placed(answer_class: AnswerClass) -> Position | None:
    match answer_class:
        case AnswerClass.V1:
            return Position.V1
        case AnswerClass.V2:
            return Position.V2
        case AnswerClass.MIXED:
            return Position.MIXED
        case AnswerClass.FOREIGN:
            return Position.FOREIGN
        case AnswerClass.NODATA | AnswerClass.NXDOMAIN:
            return Position.ABSENT
        case AnswerClass.FAILED:
            return None
        case _:
            assert_never(answer_class)


POSITIONS = {answer_class: _placed(answer_class) for answer_class in AnswerClass}
"""Where an answer of each class places a record; None where it is no evidence. Each observation is looked up here."""

_made = tuple.__new__


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
        run: Its newest answers in a row that lead to the same position; 0 before the first evidence.
        past: What it said before, bounded, oldest first. Not kept while answers are split by weighted routing: draws
            are no changes.
    """

    server: Server
    answer_class: AnswerClass | None = None
    at: Instant | None = None
    since: Instant | None = None
    response: Response | None = None
    failures: int = 0
    failure: FailureReason | None = None
    run: int = 0
    past: tuple[Spell, ...] = ()

    @property
    def position(self) -> Position | None:
        """Where its newest evidence places the record; None before the first."""
        return None if self.answer_class is None else POSITIONS[self.answer_class]

    def repeated(self, answer_class: AnswerClass, at: Instant, response: Response) -> "ServerStatus":
        """Give it after one more answer that leads to the same position; `_replace` would take three times as long."""
        server, _, _, since, _, _, _, run, past = self
        return _made(ServerStatus, (server, answer_class, at, since, response, 0, None, run + 1, past))


class Transition(NamedTuple):
    """A confirmed change of a record from one position to another."""

    at: Instant
    before: Position
    after: Position
    reversal: bool
    """It undoes the transition before it."""
    uncovered: bool = False
    """The name's own record is gone, and a wildcard answers in its place: nobody has written what is seen since."""


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
        cache: Where the answers come out of caches that the plan names for the zone: the longest time in seconds for
            which one of them held the record lately. A change is seen up to that late. None where servers answer with
            authority.
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
    cache: int | None = None

    def repeated(
        self,
        servers: tuple[ServerStatus, ...],
        answers: tuple[int, ...],
        alias: bool | None,  # noqa: FBT001  # by name it takes longer
    ) -> "RecordStatus":
        """Give it after one more answer that changed nothing else; `_replace` would take three times as long."""
        rdtype, state, since, position, existed, _, _, transitions, reversals, recent, _, disturbed, cache = self
        verdict, changes = (rdtype, state, since, position, existed), (transitions, reversals, recent)
        return _made(RecordStatus, (*verdict, servers, answers, *changes, alias, disturbed, cache))
