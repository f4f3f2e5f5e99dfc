"""What is written down of a watch: everything that goes into the fold, in its order, so that it can be folded again."""

from typing import Generic, NamedTuple, TypeAlias, TypeVar

from probe.model.clock import Instant
from probe.model.dissent import Dissent
from probe.model.domain import DomainStatus
from probe.model.effect import Effect
from probe.model.name import DomainName
from probe.model.neighbour import NeighbourTransition
from probe.model.observation import Observation
from probe.model.plan import Plan
from probe.model.server import Server
from probe.model.service import ServiceCheck
from probe.model.side import Side
from probe.model.witness import Witnessed


class WatchBegun(NamedTuple):
    """A process began to watch.

    Attributes:
        plan: What it watches.
        at: When.
        unwatched_since: When the watch that it goes on with ended; None when it begins anew.
    """

    plan: Plan
    at: Instant
    unwatched_since: Instant | None


class PlanTaken(NamedTuple):
    """Another plan was taken over while watching."""

    plan: Plan
    at: Instant


class ServersFound(NamedTuple):
    """A walk found the authoritative servers of a name, and its zone."""

    name: DomainName
    zone: DomainName | None
    servers: tuple[Server, ...]
    at: Instant


class TimePassed(NamedTuple):
    """Time was let pass for a domain."""

    domain: DomainName
    at: Instant


class ServiceFolded(NamedTuple):
    """An HTTPS check was folded, or what time did to a service without one.

    Attributes:
        domain: Whose service.
        check: What came of the check; None when only time passed.
        at: When.
        present: The addresses that each side had then.
        cut_off: This vantage reached nothing by HTTPS.
    """

    domain: DomainName
    check: ServiceCheck | None
    at: Instant
    present: tuple[tuple[Side, tuple[str, ...]], ...]
    cut_off: bool


class WitnessHeard(NamedTuple):
    """What witnesses beside DNS tell of a domain was folded."""

    domain: DomainName
    witnessed: Witnessed
    at: Instant


class VantageTold(NamedTuple):
    """It was told what is wrong with this vantage or with servers of its zones, or that it no longer is.

    No observation tells of the probe's own pace, so that stands here. What follows from all domains together does as
    well: who judges one of them again does not judge the others.

    Attributes:
        at: When.
        behind: Since when the probe is too slow to judge; None while it keeps pace.
        lost, waiting: Seconds of the last minute in which it did not run, and by which its questions left late.
        dissent: The servers that stood against the others of their zone for several domains, by zone; None in what was
            written before they were written down.
    """

    at: Instant
    behind: Instant | None = None
    lost: float = 0.0
    waiting: float = 0.0
    dissent: Dissent | None = None


Stretches: TypeAlias = tuple[tuple[DomainName | None, float], ...]
"""By which factor calm turns are lengthened, zone by zone. Those of all other zones are not."""


class CalmTurnsStretched(NamedTuple):
    """Calm turns are lengthened otherwise than before: servers, or this process, have more or less time for them."""

    stretches: Stretches
    at: Instant


class SurroundingsKept(NamedTuple):
    """What verdicts rest on at a checkpoint beside what that holds: it stands behind one, unless all is calm.

    Who folds all entries knows it from those before.

    Attributes:
        at: When.
        stretches: How far calm turns were lengthened.
        behind: Since when the probe was too slow to judge; None while it kept pace.
        lost, waiting: Seconds, as `VantageTold` has them.
        dissenting: The servers that stood against the others of their zone for several domains.
        neighbours: The newest confirmed changes, zone by zone, oldest first.
    """

    at: Instant
    stretches: Stretches = ()
    behind: Instant | None = None
    lost: float = 0.0
    waiting: float = 0.0
    dissenting: frozenset[Server] = frozenset()
    neighbours: tuple[tuple[DomainName | None, tuple[NeighbourTransition, ...]], ...] = ()


class EntriesLost(NamedTuple):
    """So many entries could not be written: what was folded between these moments is not all here."""

    lost: int
    since: Instant
    until: Instant


class WatchInterrupted(NamedTuple):
    """The process stood still between these moments (stopped, starved, or the machine slept), and saw nothing."""

    since: Instant
    until: Instant


Entry: TypeAlias = (
    Observation
    | WatchBegun
    | PlanTaken
    | ServersFound
    | TimePassed
    | ServiceFolded
    | WitnessHeard
    | VantageTold
    | CalmTurnsStretched
    | SurroundingsKept
    | EntriesLost
    | WatchInterrupted
    | Effect
)
"""Whatever a journal holds in order. Effects change nothing in the fold: they are what was told at the time."""


class EventsQuery(NamedTuple):
    """Which part of what was told of a domain is wanted.

    Attributes:
        since, until: Wall seconds; both belong to it.
        before: The number that the page before ended with; None for the newest.
        limit: How many at most.
    """

    since: float
    until: float
    before: int | None
    limit: int


class EventsPage(NamedTuple):
    """A part of what was told of a domain.

    Attributes:
        effects: Newest first.
        older: The number that the page after it begins behind; None when there is no older one.
    """

    effects: tuple[Effect, ...]
    older: int | None


class Place(NamedTuple):
    """Where a name is asked: its zone and the authoritative servers of that."""

    name: DomainName
    zone: DomainName | None
    servers: tuple[Server, ...]


Memory = TypeVar("Memory")
Book = TypeVar("Book")
Vantage = TypeVar("Vantage")


class Checkpoint(NamedTuple, Generic[Memory, Book, Vantage]):
    """All that the fold had made of the entries before it; whoever has it needs only fold those after it.

    Three parts are values of the judge's own, of types that it alone knows. Each is None where it could not be read
    back, because another version's judge had written it.

    Attributes:
        at: When.
        plan: The plan in force.
        states: Of every domain its public status, and what the judge remembered beside it.
        places: Of every domain whose servers are known.
        book: The address book.
        billed: Billed questions by zone.
        vantage: What this vantage saw of the world.
    """

    at: Instant
    plan: Plan
    states: tuple[tuple[DomainStatus, Memory | None], ...]
    places: tuple[Place, ...]
    book: Book | None
    billed: tuple[tuple[DomainName, int], ...]
    vantage: Vantage | None = None


class Unwatched(NamedTuple):
    """A time in which nobody watched, or in which nothing could be written down."""

    since: Instant
    until: Instant


class JournalStatus(NamedTuple):
    """How the journal fares.

    Attributes:
        path: Its file.
        writing: What happens is written down. False: only memory has it.
        trouble: Why not, in one sentence that says what to do; empty while all is well.
        entries: Entries written by this process.
        dropped: Entries that could not be written.
        size: Bytes of the file and what belongs to it.
        written: When the newest entry that is safe on disk happened; None before the first.
        unwatched: The newest times in which nobody watched, bounded, oldest first.
    """

    path: str
    writing: bool
    trouble: str
    entries: int
    dropped: int
    size: int
    written: Instant | None
    unwatched: tuple[Unwatched, ...]
