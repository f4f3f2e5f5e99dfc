"""An engine over fakes: a small Route 53 in a dictionary, in virtual time."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from probe.model.clock import AlarmClock
from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.outcome import Outcome
from probe.model.plan import Authoritative, Plan
from probe.model.ports import Delegator, Query, Recorder, Witness
from probe.model.question import Question, RecordType
from probe.model.server import Server, ServerRole
from probe.model.side import Side
from probe.runtime.engine import Engine
from probe.runtime.restored import RestoredState
from probe.runtime.tasks import Tasks
from probe.runtime.witness_feed import ReadingThread, in_thread
from tests import fakes
from tests.clock import LoopClock, run_virtual
from tests.fakes import Asked, FakeAsker, FakeChecker, FakeDelegator, server
from tests.plans import V1_NAME, V2_NAME

if TYPE_CHECKING:
    from probe.model.effect import Effect

ZONE = "example.com."
ELB_ZONE = "elb.amazonaws.com."
FOUR = tuple(server(number) for number in range(1, 5))
ELB_SERVERS = tuple(server(number, "net.") for number in range(11, 13))
RESOLVER = Server("google", "8.8.8.8", role=ServerRole.RESOLVER, group="google")

ADDRESSES = {
    (Side.V1, RecordType.A): ("198.51.100.1", "198.51.100.2"),
    (Side.V1, RecordType.AAAA): ("2001:db8:1::1",),
    (Side.V2, RecordType.A): ("203.0.113.1", "203.0.113.2"),
    (Side.V2, RecordType.AAAA): ("2001:db8:2::1",),
}

OWNERSHIP = '"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/web"'


class World:
    """What the servers say: each name's side, one owner for all of them, everything else silent or denied."""

    def __init__(self) -> None:
        self.sides: dict[str, Side] = {}
        self.load_balancers_answer = True
        self.silent: set[Server] = set()
        self.refusing: dict[Server, Outcome] = {}  # what a server says to everything
        self.refused: dict[tuple[Server, str], Outcome] = {}  # what it says to one name alone
        self.everything_is_silent = False
        self.stuck: Server | None = None  # answers v1 for the plan's names, whatever they are
        self.special: dict[Question, Outcome] = {}

    def __call__(self, ask: Query) -> Outcome:
        fault = self._fault(ask) or self.special.get(ask.question)
        if fault is not None:
            return fault
        name = ask.question.name
        if name in (V1_NAME, V2_NAME):
            if not self.load_balancers_answer:
                return fakes.TIMEOUT
            return self._addresses(Side.V1 if name == V1_NAME else Side.V2, ask.question)
        if ask.server == self.stuck and ask.question.rdtype is not RecordType.TXT:
            return self._addresses(Side.V1, ask.question)
        return self._txt(ask.question) if ask.question.rdtype is RecordType.TXT else self._record(ask.question)

    def _txt(self, question: Question) -> Outcome:
        owned = question.name.startswith(("a-", "aaaa-"))
        return fakes.answer(question, OWNERSHIP) if owned else fakes.nxdomain()

    def _record(self, question: Question) -> Outcome:
        side = self.sides.get(question.name)
        return fakes.nxdomain() if side is None else self._addresses(side, question)

    def _fault(self, ask: Query) -> Outcome | None:
        if self.everything_is_silent or ask.server in self.silent:
            return fakes.TIMEOUT
        return self.refusing.get(ask.server) or self.refused.get((ask.server, ask.question.name))

    def _addresses(self, side: Side, question: Question) -> Outcome:
        return fakes.answer(question, *ADDRESSES[side, question.rdtype])


class Bench:
    """The engine, and handles on everything around it."""

    def __init__(
        self,
        clock: AlarmClock,
        plan: Plan,
        world: World,
        *,
        recorder: Recorder | None = None,
        restored: RestoredState | None = None,
        seed: int = 7,
        querier: type[FakeAsker] = FakeAsker,
        witnesses: Callable[[Plan], Sequence[Witness]] = lambda _: (),
        reading: ReadingThread = in_thread,
        zones: Mapping[str, tuple[Server, ...]] | None = None,
    ) -> None:
        self.clock = clock
        self.world = world
        self.tasks = Tasks()
        self.querier = querier(clock, world)
        self.checker = FakeChecker(clock)
        self.delegator = FakeDelegator(clock, {ZONE: FOUR, ELB_ZONE: ELB_SERVERS, **(zones or {})})
        self.delegators: list[Authoritative] = []
        self.limits: list[Plan] = []
        self.effects: list[Effect] = []
        self.beats = 0
        self.engine = Engine(
            plan,
            querier=self.querier,
            checker=self.checker,
            delegator=self._delegator,
            reconfigure=self.limits.append,
            clock=clock,
            rng=random.Random(seed),
            tasks=self.tasks,
            observers=[self.effects.append],
            beat=self._beat,
            recorder=recorder,
            restored=restored,
            witnesses=witnesses,
            reading=reading,
        )

    def _beat(self) -> None:
        self.beats += 1

    def _delegator(self, authoritative: Authoritative) -> Delegator:
        self.delegators.append(authoritative)
        return self.delegator

    def status(self, name: str) -> DomainStatus:
        return next(status for status in self.engine.snapshot().domains if status.domain.name == name)

    def asked(self, name: str, since: float = 0.0, rdtypes: tuple[RecordType, ...] = (RecordType.A,)) -> list[Asked]:
        wanted = {Question(DomainName(name), rdtype) for rdtype in rdtypes}
        return [asked for asked in self.querier.asked if asked.question in wanted and asked.at >= since]


def run_engine(
    plan: Plan,
    scenario: Callable[[Bench], Awaitable[None]],
    world: World | None = None,
    querier: type[FakeAsker] = FakeAsker,
    zones: Mapping[str, tuple[Server, ...]] | None = None,
    *,
    recorder: Recorder | None = None,
) -> None:
    """Start an engine on `plan` in virtual time and play `scenario`; every name of the plan is on v1 unless told."""

    async def main(clock: LoopClock) -> None:
        bench = Bench(clock, plan, world or World(), querier=querier, zones=zones, recorder=recorder)
        for domain in plan.domains:
            bench.world.sides.setdefault(domain.name, Side.V1)
        bench.engine.start()
        await scenario(bench)
        await bench.tasks.aclose(1.0)

    run_virtual(main)
