"""The ports: what the running program wants of its edges, in the model's words. One fake per port in the tests."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from probe.model.check import Check
from probe.model.clock import Instant
from probe.model.delegation import Delegation
from probe.model.domain import DomainStatus
from probe.model.journal import Checkpoint, Entry, EventsPage, EventsQuery, JournalStatus
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.plan import HttpCheck, Plan, Wave
from probe.model.question import Question
from probe.model.reason import Explanation
from probe.model.server import Server
from probe.model.service import ServiceCheck
from probe.model.side import Side
from probe.model.snapshot import ReloadStatus, Snapshot
from probe.model.testimony import Testimony, WatchedNow, WatchEnd
from probe.model.traffic import Traffic


class Query(NamedTuple):
    """One question to put to one server."""

    server: Server
    question: Question


class Querier(Protocol):
    """Puts questions to servers. Never raises for anything that the network does."""

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        """Put a batch of questions without waiting; `sink` is called once for each, in the order of completion.

        `sink` runs on the event loop and must not block. Per-server pacing may delay a question; the wait for its
        turn does not count as elapsed time.

        Args:
            queries: The questions.
            sink: Gets the observations.
            yielding: Each lets all other questions for its server go first.
            gathered: Nobody waits for them urgently: what comes back may be taken in together, a moment later.
        """

    async def ask(self, server: Server, question: Question) -> Observation:
        """Put one question and wait for its observation."""

    def waiting(self) -> int:
        """How many questions wait for their turn at a server."""

    def waiting_for(self, server: Server) -> int:
        """How many wait for their turn at this one."""

    def traffic(self) -> tuple[Traffic, ...]:
        """What the asking has cost so far."""

    async def aclose(self) -> None:
        """Give up what is in flight (its sink is not called any more) and close every socket."""


class ServiceQuery(NamedTuple):
    """One HTTPS check to make: the domain's, at one address of one side."""

    domain: DomainName
    side: Side
    address: str
    http: HttpCheck


class ServiceChecker(Protocol):
    """Makes HTTPS checks at the addresses that it is given, and nowhere else. Never raises for the network."""

    def submit(self, queries: Iterable[ServiceQuery], sink: Callable[[ServiceCheck], None]) -> None:
        """Make checks without waiting; `sink` is called once for each, on the event loop, in the order of completion.

        Pacing for each address may delay a check; the wait for its turn does not count as elapsed time.
        """

    def waiting(self) -> int:
        """How many checks wait for their turn or are under way."""

    def forget(self) -> None:
        """Read trusted certificates anew: the plan, and with it the files that it names, may have changed."""

    async def aclose(self) -> None:
        """Give up what is under way (its sink is not called any more) and close every connection."""


class Delegator(Protocol):
    """Finds who is authoritative for a name."""

    async def find(self, name: DomainName) -> Delegation:
        """Walk the delegation for `name`. Never raises: what went wrong is in the delegation's problems."""

    def forget(self, zone: DomainName) -> None:
        """Forget what earlier walks found of `zone` and everything below it: the next `find` walks again."""


class Recorder(Protocol):
    """Writes down what happens. Nothing here waits for a disk, and nothing raises when one fails."""

    def record(self, entry: Entry) -> None:
        """Take one entry, in the order in which the fold takes it. On the event loop."""

    def wants_checkpoint(self, at: Instant) -> bool:
        """Tell whether it is time for a checkpoint. On the event loop."""

    def checkpoint(self, checkpoint: Checkpoint[Any, Any, Any]) -> None:
        """Take all that is known at this point among the entries. On the event loop."""

    def status(self) -> JournalStatus | None:
        """Tell how it fares; None where nothing is meant to be kept. For any thread."""


class Witness(Protocol):
    """A witness beside DNS: a cluster, or Route 53. Read again and again, each time in a thread of its own."""

    @property
    def name(self) -> str:
        """How pages, logs and metrics call it."""

    @property
    def side(self) -> Side | None:
        """Whose cluster it is; None of the hosted zones."""

    @property
    def interval(self) -> float:
        """Seconds between two readings."""

    @property
    def patience(self) -> float:
        """Seconds that a reading may take."""

    def read(self, plan: Plan, given_up: Callable[[], bool]) -> Testimony:
        """Read it once for a plan's domains. Blocks, and never raises for what the far side does.

        `given_up` is asked again and again, and ends the reading when it says so.
        """

    def follow(self, plan: Plan, given_up: Callable[[], bool]) -> Iterator[WatchedNow | WatchEnd]:
        """Watch it after a reading that succeeded, in the same thread: until it is time to read it anew.

        Blocks between what it gives. What cannot be watched gives nothing, at once. A `WatchEnd` is the last.
        """


SnapshotSource = Callable[[], Snapshot]
"""Callable from any thread: the present snapshot."""

Reload = Callable[[], ReloadStatus]
"""Callable from any thread: loads the plan again and waits for the outcome."""

Explain = Callable[[DomainStatus, Snapshot], Explanation]
"""Callable from any thread: why a domain of a snapshot has its state."""

Events = Callable[[DomainName, EventsQuery], EventsPage | None]
"""Callable from any thread: what the journal tells of a domain; None where nothing is kept, or it cannot be read."""

Preflight = Callable[[Snapshot, Wave], tuple[Check, ...]]
"""Callable from any thread: every check of whether a wave of a snapshot would move well now."""
