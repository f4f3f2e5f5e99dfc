"""Reads the witnesses beside DNS again and again, and tells the intake what they say of each domain.

Each reading has a thread of its own, which nobody waits for: the loop goes on asking, and the process' end too. A
witness has one at most, however long it hangs. Where the far side can be watched, the thread goes on after the reading
and hands over what changes, until it is time to read all anew. What comes back is folded some domains at a time, so
that a plan of thousands delays no question.
"""

import asyncio
import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

import structlog

from probe.judge.polling.readings import knowledge_at, pause_after, pause_after_break, regular_pause
from probe.judge.testimony import ClusterHeard, ZonesHeard, is_news, witnessed_by
from probe.model.clock import Clock, Instant
from probe.model.name import DomainName, display
from probe.model.plan import Plan
from probe.model.ports import Witness
from probe.model.testimony import (
    ClusterTestimony,
    Knowledge,
    Testimony,
    WatchedNow,
    WatchEnd,
    WitnessSilence,
    WitnessStatus,
    ZoneTestimony,
)
from probe.runtime.intake import Intake
from probe.runtime.watched import WatchedDomain

FIRST_SECONDS = 2.0
"""Within so many the first reading begins, and the next after a reload: several probes start at once."""

FOLDS_PER_PULSE = 10
"""Domains that are told something new, twenty times a second: each takes the judge some tenth of a millisecond."""

LOOKS_PER_PULSE = 200
"""Domains that are looked at for it: each takes some microseconds."""

LOGGED_HOSTS = 10
"""Hosts that the plan lacks that one line of the log names."""


Said: TypeAlias = Testimony | WatchedNow | WatchEnd
"""What a reading's thread says, one after the other."""


class ReadingPart(NamedTuple):
    """Something that came of a reading's thread.

    Attributes:
        outcome: What it says. What it raised, or None, is its end.
        busy: The seconds of CPU that it took since the part before.
    """

    outcome: Said | BaseException | None
    busy: float = 0.0


ReadingThread: TypeAlias = Callable[[Callable[[], Iterator[Said]], Callable[[ReadingPart], None], str], None]
"""Lets work be done elsewhere and hands each part of it to a sink, on the event loop; the name is for people."""


def no_witnesses(plan: Plan) -> tuple[Witness, ...]:
    """Make none, whatever the plan says: DNS alone is asked."""
    del plan
    return ()


def in_thread(work: Callable[[], Iterator[Said]], sink: Callable[[ReadingPart], None], name: str) -> None:
    """Do work in a thread that the process' end does not wait for, and that ends when nobody listens any more."""
    loop = asyncio.get_running_loop()

    def is_handed_over(part: ReadingPart) -> bool:
        try:
            loop.call_soon_threadsafe(sink, part)
        except RuntimeError:  # the loop is closed
            return False
        return True

    def run() -> None:
        begun = time.thread_time()
        end: BaseException | None = None
        try:
            for said in work():
                now = time.thread_time()
                if not is_handed_over(ReadingPart(said, now - begun)):
                    return
                begun = now
        except BaseException as error:  # noqa: BLE001  # it goes to the loop, which decides
            end = error
        is_handed_over(ReadingPart(end, time.thread_time() - begun))

    threading.Thread(target=run, name=name, daemon=True).start()


def _work(witness: Witness, plan: Plan, given_up: Callable[[], bool]) -> Iterator[Said]:
    """Read a witness, and then follow it for as long as it can be."""
    told = witness.read(plan, given_up)
    yield told
    if not isinstance(told, WitnessSilence) and not given_up():
        yield from witness.follow(plan, given_up)


class _Reading:
    """One reading that is under way, or followed by watches."""

    __slots__ = ("asked", "at", "given_up", "is_read", "spoke")

    def __init__(self, at: Instant, asked: frozenset[DomainName]) -> None:
        self.at = at
        self.spoke = at.monotonic
        self.is_read = False
        self.asked = asked
        self.given_up = threading.Event()


class _WitnessCell:
    """One witness: when it is read next, and what came of it."""

    __slots__ = (
        "asked",
        "breaks",
        "busy",
        "due",
        "error",
        "failures",
        "heard",
        "knowledge",
        "read",
        "reading",
        "since",
        "unwatched",
        "watched",
        "witness",
    )

    def __init__(self, witness: Witness, at: Instant, due: float) -> None:
        self.witness = witness
        self.since = at
        self.due = due
        self.reading: _Reading | None = None
        self.read: Instant | None = None
        self.heard: ClusterTestimony | ZoneTestimony | None = None
        self.asked: frozenset[DomainName] = frozenset()
        self.busy = 0.0
        self.failures = 0
        self.error = ""
        self.breaks = 0
        self.watched = False
        self.unwatched = ""
        self.knowledge = Knowledge.AWAITED

    def knowledge_at(self, now: float) -> Knowledge:
        return knowledge_at(
            now,
            self.since.monotonic,
            None if self.read is None else self.read.monotonic,
            regular_pause(self.witness.interval, self.busy),
        )

    @property
    def known(self) -> ClusterHeard | ZonesHeard:
        heard, side = self.heard, self.witness.side
        if side is None:
            return ZonesHeard(self.knowledge, heard if isinstance(heard, ZoneTestimony) else None, self.read)
        cluster = heard if isinstance(heard, ClusterTestimony) else None
        return ClusterHeard(side, self.knowledge, cluster, self.read, self.asked)

    @property
    def status(self) -> WitnessStatus:
        heard = self.heard
        cluster = heard if isinstance(heard, ClusterTestimony) else None
        return WitnessStatus(
            self.witness.name,
            self.knowledge,
            None if self.read is None and not self.failures else not self.failures,
            self.since,
            self.read,
            self.failures,
            self.error,
            () if heard is None else heard.gaps,
            () if cluster is None else cluster.lacking,
            None if cluster is None else cluster.lacking_count,
            self.watched,
            self.unwatched,
        )


class WitnessFeed:
    """The witnesses of a plan. Belongs to the event loop; only `statuses` may be read from any thread.

    Args:
        plan: The plan in force.
        make: Makes its witnesses.
        intake: Folds what they say.
        clock: Tells when a reading ended.
        rng: Draws the jitter.
        may_hear: Tells whether a domain may be told yet.
        thread: Lets a reading be done elsewhere.
        earlier: Told when there is something to do before what was known of.

    Attributes:
        statuses: How each fares, in the plan's order.
    """

    def __init__(  # noqa: PLR0913  # whom it asks, whom it tells, and how
        self,
        plan: Plan,
        make: Callable[[Plan], Sequence[Witness]],
        *,
        intake: Intake,
        clock: Clock,
        rng: random.Random,
        may_hear: Callable[[WatchedDomain], bool],
        thread: ReadingThread = in_thread,
        earlier: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._plan = plan
        self._make = make
        self._intake = intake
        self._clock = clock
        self._rng = rng
        self._may_hear = may_hear
        self._thread = thread
        self._earlier = earlier
        self._log = structlog.get_logger("probe.witnesses")
        self._cells: list[_WitnessCell] | None = None  # made at the first pulse: what is read has a time
        self._busy: set[str] = set()  # names of witnesses whose thread has not ended, of an earlier plan's too
        self._pending: deque[DomainName] = deque()
        self._told_lacking: dict[str, frozenset[DomainName]] = {}
        self.statuses: tuple[WitnessStatus, ...] = ()

    def replace(self, plan: Plan, at: Instant) -> None:
        """Go by another plan: read everything anew, for its domains; of witnesses that stay nothing is forgotten."""
        before, self._plan = self._plan, plan
        if self._cells is None:
            return
        if (plan.witnesses, plan.shard) == (before.witnesses, before.shard):
            for cell in self._cells:
                cell.due = min(cell.due, self._soon(at.monotonic))
                if cell.reading is not None:
                    cell.reading.given_up.set()  # it reads for the plan before
        else:
            self._end()
            self._cells = self._begin_cells(at)
        self._tell_all()
        self._show()

    @property
    def next_due(self) -> float:
        """The monotonic second at which there is something to do; in the past while domains wait to be told.

        That a word grows old or a reading takes too long, which counts in minutes, is seen whenever it is looked at.
        """
        if self._cells is None or self._pending:
            return -math.inf
        idle = (cell for cell in self._cells if cell.reading is None and cell.witness.name not in self._busy)
        return min((cell.due for cell in idle), default=math.inf)

    def pulse(self, at: Instant) -> None:
        """Begin the readings that are due, let the rest grow old, and tell some of what is new."""
        if self._cells is None:
            self._cells = self._begin_cells(at)
            self._tell_all()  # what an earlier process heard is not current, or of a witness that is none any more
        changed = False
        for cell in self._cells:
            changed |= self._pulse(cell, at)
        if changed:
            self._tell_all()
            self._show()
        if self._pending:
            self._tell_some(at)

    def _begin_cells(self, at: Instant) -> list[_WitnessCell]:
        cells = [_WitnessCell(witness, at, self._soon(at.monotonic)) for witness in self._make(self._plan)]
        self.statuses = tuple(cell.status for cell in cells)
        return cells

    def _end(self) -> None:
        for cell in self._cells or ():
            if cell.reading is not None:
                cell.reading.given_up.set()

    def _soon(self, now: float) -> float:
        return now + FIRST_SECONDS * self._rng.random()

    def _pulse(self, cell: _WitnessCell, at: Instant) -> bool:
        """Look after one witness; tell whether anything about it is different."""
        now, reading = at.monotonic, cell.reading
        if reading is None:
            if now >= cell.due and cell.witness.name not in self._busy:
                self._begin(cell, at)
        elif now - reading.spoke >= cell.witness.patience and not reading.given_up.is_set():
            reading.given_up.set()
            patience = f"{cell.witness.patience:.0f} s"
            said_nothing = f"Nothing came of its watches for {patience}."
            self._fail(cell, said_nothing if reading.is_read else f"A reading did not end within {patience}.")
            return True
        knowledge = cell.knowledge_at(now)
        if knowledge is cell.knowledge:
            return False
        self._log.warning("a witness' word ages", witness=cell.witness.name, knowledge=knowledge.value)
        cell.knowledge = knowledge
        if knowledge is Knowledge.FORGOTTEN:
            cell.heard = None
        return True

    def _begin(self, cell: _WitnessCell, at: Instant) -> None:
        plan, name = self._plan, cell.witness.name
        cell.reading = reading = _Reading(at, frozenset(domain.name for domain in plan.domains))
        self._busy.add(name)
        work = partial(_work, cell.witness, plan, reading.given_up.is_set)
        sink = partial(self._take, cell, reading)
        try:
            self._thread(work, sink, f"witness {name}")
        except RuntimeError as error:  # the system gives no more threads
            sink(ReadingPart(error))

    def _take(self, cell: _WitnessCell, reading: _Reading, part: ReadingPart) -> None:
        """Take what came of a reading, unless it was given up, or the witness is none any more."""
        outcome = part.outcome
        self._earlier(self._clock.now().monotonic)
        if outcome is None or isinstance(outcome, BaseException):
            self._busy.discard(cell.witness.name)
            cell.reading = None
        if isinstance(outcome, MemoryError):
            raise outcome
        if reading.given_up.is_set() or cell not in (self._cells or ()):
            return  # when it is read again has been said
        reading.spoke = self._clock.now().monotonic
        match outcome:
            case None:
                return  # so has it here, and what it said is taken already
            case ClusterTestimony() | ZoneTestimony():
                cell.busy, reading.is_read = part.busy, True
                self._succeed(cell, reading, outcome, reading.at)
                self._pause(cell)
            case WitnessSilence():
                cell.busy = part.busy
                self._fail(cell, outcome.reason)
            case WatchedNow():
                cell.watched = True
                cell.unwatched = ""
                self._succeed(cell, reading, outcome.testimony, outcome.at)
            case WatchEnd():
                self._end_watch(cell, reading, outcome)
            case BaseException():
                self._log.error("a witness' reader failed", witness=cell.witness.name, exc_info=outcome)
                self._fail(cell, f"Its reader failed ({type(outcome).__name__}).")
        self._tell_all()
        self._show()

    def _succeed(
        self, cell: _WitnessCell, reading: _Reading, heard: ClusterTestimony | ZoneTestimony, at: Instant
    ) -> None:
        name, gaps = cell.witness.name, () if cell.heard is None else cell.heard.gaps
        if cell.failures or cell.read is None:
            self._log.info("a witness is read", witness=name, failures=cell.failures)
        if heard.gaps and heard.gaps != gaps:
            self._log.warning("a witness is not read as a whole", witness=name, gaps=heard.gaps)
        cell.read, cell.heard, cell.asked = at, heard, reading.asked
        cell.failures, cell.error = 0, ""
        cell.knowledge = Knowledge.CURRENT
        if isinstance(heard, ClusterTestimony):
            self._tell_lacking(name, heard)

    def _fail(self, cell: _WitnessCell, why: str) -> None:
        cell.failures += 1
        if why != cell.error:
            self._log.warning("a witness cannot be read", witness=cell.witness.name, error=why, failures=cell.failures)
        cell.error = why
        cell.watched = False
        self._pause(cell)

    def _end_watch(self, cell: _WitnessCell, reading: _Reading, end: WatchEnd) -> None:
        """Read anew what can be watched no longer: soon, or at its interval where it does not let itself be watched."""
        name, now = cell.witness.name, self._clock.now().monotonic
        cell.watched = False
        if end.is_refused:
            if end.reason != cell.unwatched:
                self._log.warning("a witness may not be watched", witness=name, why=end.reason)
            cell.unwatched = end.reason
            return
        lasted = now - reading.at.monotonic
        cell.breaks = 1 if lasted >= regular_pause(cell.witness.interval, cell.busy) else cell.breaks + 1
        self._log.info("a witness' watch broke", witness=name, why=end.reason, breaks=cell.breaks)
        cell.due = now + pause_after_break(cell.witness.interval, cell.breaks, cell.busy, self._rng.random())

    def _pause(self, cell: _WitnessCell) -> None:
        pause = pause_after(cell.witness.interval, cell.failures, cell.busy, self._rng.random())
        cell.due = self._clock.now().monotonic + pause

    def _tell_lacking(self, name: str, heard: ClusterTestimony) -> None:
        """Log hosts that the plan lacks and that were not told of before."""
        lacking = frozenset(heard.lacking)
        fresh = sorted(lacking - self._told_lacking.get(name, frozenset()))
        self._told_lacking[name] = lacking
        if fresh:
            hosts = [display(host) for host in fresh[:LOGGED_HOSTS]]
            self._log.warning("the plan lacks hosts", witness=name, hosts=hosts, lacking=heard.lacking_count)

    def _tell_all(self) -> None:
        """Look at every domain once more, in the plan's order."""
        self._pending = deque(self._intake.watched_domains.names)

    def _tell_some(self, at: Instant) -> None:
        cells = self._cells or ()
        clusters = [one for cell in cells if isinstance(one := cell.known, ClusterHeard)]
        zones = next((one for cell in cells if isinstance(one := cell.known, ZonesHeard)), None)
        folds, waiting = 0, []
        for _ in range(min(len(self._pending), LOOKS_PER_PULSE)):
            if folds == FOLDS_PER_PULSE:
                break
            name = self._pending.popleft()
            watched_domain = self._intake.watched_domains.named(name)
            if watched_domain is None:
                continue
            if not self._may_hear(watched_domain):
                waiting.append(name)
                continue
            told = witnessed_by(watched_domain.status.witnessed, name, self._plan.witnesses, clusters, zones)
            if is_news(watched_domain.status, told):
                self._intake.hear_witness(watched_domain, told, at)
                folds += 1
        self._pending.extend(waiting)

    def _show(self) -> None:
        self.statuses = tuple(cell.status for cell in self._cells or ())
