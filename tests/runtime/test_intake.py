"""What comes of an answer: what the judge is told of a domain's surroundings, what is counted, what is asked next."""

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from probe.judge.answer.address_book import open_book
from probe.judge.context import Context
from probe.judge.review import initial
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.effect import Effect, TransitionConfirmed
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.journal import TimePassed, WatchInterrupted
from probe.model.name import DomainName
from probe.model.neighbour import NeighbourTransition
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState, Transition
from probe.model.server import Server
from probe.runtime import intake as module
from probe.runtime.intake import Intake
from probe.runtime.watched import WatchedDomain, WatchedDomains
from tests.judge.answers import (
    NAME,
    RESOLVER,
    SERVERS,
    V1_BALANCER,
    at_position,
    instant,
    nodata,
    observed,
    plan,
    timeout,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ZONE = DomainName("example.com.")
LOOKS = (instant(4), instant(5))
MOVED = Transition(instant(3), Position.V1, Position.V2, reversal=False)


def unsealed(text: str) -> str | None:
    return text


def test_a_field_that_moves_in_a_context_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made by position: two servers or two numbers that change places are no mistake to a type checker."""
    of = plan()
    v1 = replace(of.v1, external_dns=ExternalDns("one"), more_external_dns=(ExternalDns("other"),))
    v2 = replace(of.v2, external_dns=ExternalDns("two"))
    of = replace(
        of,
        v1=v1,
        v2=v2,
        registry=TxtRegistry("prefix-", unseal=unsealed),
        resolvers=(RESOLVER,),
        soak=1234.0,
        probing=Probing(interval=9.0),
    )
    told: list[Context] = []

    def expire(state: DomainState, now: Instant, context: Context) -> tuple[DomainState, tuple[Effect, ...]]:
        told.append(context)
        return state, (TransitionConfirmed(NAME, RecordType.A, MOVED._replace(at=now)),)

    monkeypatch.setattr(module, "expire", expire)
    watched = WatchedDomain(initial(of.domains[0], of.registries), 0, 0.0)
    watched.servers = SERVERS[:3]
    targets: Any = SimpleNamespace(book=open_book(of))
    watched.zone = ZONE
    turns: Any = SimpleNamespace()
    unasked: Any = SimpleNamespace()
    recorder: Any = SimpleNamespace(record=[].append)
    intake = Intake(
        of,
        WatchedDomains((watched,)),
        querier=unasked,
        targets=targets,
        delegations=unasked,
        turns=turns,
        observers=(),
        recorder=recorder,
    )
    vantage: Any = SimpleNamespace(
        silent_to_all=dict.fromkeys(LOOKS, frozenset(SERVERS[:1])).__getitem__,
        pace=SimpleNamespace(behind="late"),
        vantage=SimpleNamespace(loss=0.3),
        dissenting=frozenset(SERVERS[1:2]),
        reported=dict.fromkeys(LOOKS, frozenset(SERVERS[2:3])).__getitem__,
    )
    intake.vantage_watch = vantage
    intake.stretch({ZONE: 2.5}, LOOKS[0])
    for look in LOOKS:
        intake.expire(watched, look)

    names = of.registry
    assert told[1]._asdict() == {
        "book": targets.book,
        "servers": SERVERS[:3],
        "probing": of.probing,
        "v1": ExternalDns("one", txt_registry=names),
        "v2": ExternalDns("two", txt_registry=names),
        "more": ((ExternalDns("other", txt_registry=names),), ()),
        "resolvers": (RESOLVER,),
        "soak": 1234.0,
        "unseal": unsealed,
        "failing": frozenset(SERVERS[:1]),
        "dissenting": frozenset(SERVERS[1:2]),
        "reported": frozenset(SERVERS[2:3]),
        "behind": True,
        "neighbours": (NeighbourTransition(NAME, Position.V1, Position.V2, 4.0, None),),
        "stretch": 2.5,
        "cache": None,
        "declared": False,
        "doubted": (),
        "uncovered": False,
        "loss": 0.3,
    }


class Told:
    """An intake of one domain whose surroundings are written down, and nothing else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.recorded: list[object] = []
        self.doubted: list[str] = []
        self.submitted: list[tuple[Query, ...]] = []
        self.later: list[Callable[[], None]] = []
        self.learned: list[tuple[Observation, bool]] = []
        self.lags: list[tuple[float, float]] = []
        self.billed: list[str] = []
        self.hurried: list[float] = []
        self.target = SimpleNamespace(name=V1_BALANCER, servers=SERVERS[:2], unanswered=0)
        self.is_own_fault = self.is_blind = False
        self.of = replace(plan(), resolvers=(RESOLVER,))
        self.domain = WatchedDomain(initial(self.of.domains[0], self.of.registries), 0, 0.0)
        self.domain.servers = SERVERS[:2]
        targets: Any = SimpleNamespace(
            book=open_book(self.of),
            get={V1_BALANCER: self.target}.get,
            learn=lambda _, observation, *, unseeing: self.learned.append((observation, unseeing)),
        )
        delegations: Any = SimpleNamespace(
            doubt=lambda name: self.doubted.append(f"all of {name}"),
            doubt_zone=lambda name: self.doubted.append(f"one of {name}"),
        )
        turns: Any = SimpleNamespace(hurry_expiry=lambda _, now: self.hurried.append(now), surprised=lambda *_: ())
        recorder: Any = SimpleNamespace(record=self.recorded.append)
        querier: Any = SimpleNamespace(submit=lambda queries, _: self.submitted.append(tuple(queries)))
        self.intake = Intake(
            self.of,
            WatchedDomains((self.domain,)),
            querier=querier,
            targets=targets,
            delegations=delegations,
            turns=turns,
            observers=(),
            recorder=recorder,
            soon=self.later.append,
        )
        watch = self.intake.vantage_watch
        monkeypatch.setattr(watch, "is_own_fault", lambda _: self.is_own_fault)
        monkeypatch.setattr(watch, "is_blind", lambda _: self.is_blind)
        bill: Any = SimpleNamespace(count=lambda name, *_, **__: self.billed.append(name))
        lag: Any = SimpleNamespace(note=lambda late, asked: self.lags.append((late, asked)))
        self.intake.bill, self.intake.lag = bill, lag

    @property
    def answers(self) -> int:
        return sum(self.domain.status.records[0].answers)

    @property
    def gaps(self) -> list[WatchInterrupted]:
        return [one for one in self.recorded if isinstance(one, WatchInterrupted)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


def answer(seconds: float = 1.0, server: Server = SERVERS[0]) -> Observation:
    return observed(at_position(Position.V1), seconds, server)


def test_an_answer_is_written_down_folded_and_billed(told: Told) -> None:
    one = answer()
    told.intake.observe(one)
    assert (told.recorded[0], told.answers, told.billed) == (one, 1, [NAME])
    assert told.intake.statuses == {NAME: told.domain.status}


def test_a_time_out_that_is_the_probes_own_is_no_evidence_and_is_not_written_down(told: Told) -> None:
    told.is_own_fault = True
    told.intake.observe(observed(timeout(), 1.0))
    assert (told.recorded, told.domain.misses, told.domain.status.records[0].servers) == ([], 0, ())


def test_a_silence_while_nothing_is_reached_is_written_down_and_accuses_nobody(told: Told) -> None:
    told.is_blind = True
    silence = observed(timeout(), 1.0)
    told.intake.observe(silence)
    assert (told.recorded, told.domain.misses, told.domain.status.records[0].servers) == ([silence], 0, ())
    told.intake.observe(answer(2.0))
    assert told.answers == 1  # an answer is one, whatever else is not reached


def test_what_a_resolver_says_is_folded_while_the_plan_has_it_and_is_no_look_at_the_domain(told: Told) -> None:
    other = replace(RESOLVER, name="gone", address="192.0.2.98")
    for server in (RESOLVER, other):
        told.intake.observe(observed(at_position(Position.V1), 1.0, server))
    assert [one.server for one in told.domain.status.resolvers] == [RESOLVER]
    assert (told.answers, told.billed, told.intake.passes.last) == (0, [], None)


def test_the_zone_is_walked_anew_once_more_questions_than_servers_came_to_nothing(told: Told) -> None:
    for number in range(3):
        told.intake.observe(observed(timeout(), 1.0 + number))
    assert (told.domain.misses, told.doubted) == (3, [f"all of {NAME}"])
    told.intake.observe(answer(9.0))
    assert told.domain.misses == 0


def test_one_server_that_answers_without_authority_has_its_zone_walked_anew(told: Told) -> None:
    told.intake.observe(observed(Response("NOERROR"), 1.0))
    assert (told.domain.misses, told.doubted) == (1, [f"one of {NAME}"])


@pytest.mark.parametrize(("unanswered", "is_blind", "doubted"), [(1, False, 0), (2, False, 1), (2, True, 0)])
def test_a_load_balancers_zone_is_walked_anew_once_no_server_of_it_answers(
    told: Told, unanswered: int, *, is_blind: bool, doubted: int
) -> None:
    told.target.unanswered, told.is_blind = unanswered, is_blind
    silence = observed(timeout(), 1.0, name=V1_BALANCER)
    told.intake.observe(silence)
    assert told.learned == [(silence, is_blind)]
    assert told.doubted == [f"all of {V1_BALANCER}"] * doubted


def test_answers_to_a_calm_turn_are_counted_down_and_their_lag_is_from_when_they_were_due(told: Told) -> None:
    domain = told.domain
    domain.calm_left, domain.resolver_left, domain.calm_due = 2, 2, 0.5
    told.intake.observe_calm(answer(1.0))
    assert (domain.calm_left, domain.resolver_left) == (1, 2)
    ((late, asked),) = told.lags
    assert late == pytest.approx(0.49)
    assert asked == pytest.approx(0.99)  # it was under way for 10 ms
    told.intake.observe_calm(answer(1.0, RESOLVER))
    assert (domain.calm_left, domain.resolver_left, len(told.lags)) == (1, 1, 1)
    for _ in range(2):
        told.intake.observe_calm(answer(1.0, RESOLVER))
    assert (domain.calm_left, domain.resolver_left, len(told.lags)) == (1, 0, 1)
    for _ in range(3):
        told.intake.observe_calm(answer(1.0))
    assert domain.calm_left == 0


def test_answers_for_txt_names_are_counted_down_by_who_was_asked(told: Told) -> None:
    domain, name = told.domain, told.domain.status.txts[0].name
    domain.calm_left = domain.txt_left = domain.resolver_left = 2
    told.intake.observe_calm(observed(nodata(), 1.0, SERVERS[0], RecordType.TXT, name))
    assert (domain.calm_left, domain.txt_left, domain.resolver_left) == (2, 1, 2)
    assert (domain.status.txts[0].answers, told.billed) == (1, [NAME])
    told.intake.observe_calm(observed(nodata(), 1.0, RESOLVER, RecordType.TXT, name))
    assert (domain.calm_left, domain.txt_left, domain.resolver_left) == (2, 1, 1)
    for server in (*SERVERS, RESOLVER, RESOLVER):
        told.intake.observe_calm(observed(nodata(), 1.0, server, RecordType.TXT, name))
    assert (domain.calm_left, domain.txt_left, domain.resolver_left) == (2, 0, 0)
    assert told.billed == [NAME] * 5  # a resolver sends no bill


def test_a_txt_of_nobody_and_one_of_a_resolver_that_left_the_plan_are_passed_over(told: Told) -> None:
    before, name = told.domain.state, told.domain.status.txts[0].name
    other = replace(RESOLVER, name="gone", address="192.0.2.98")
    told.intake.observe(observed(nodata(), 1.0, SERVERS[0], RecordType.TXT, V1_BALANCER))
    told.intake.observe(observed(nodata(), 1.0, other, RecordType.TXT, name))
    assert told.domain.state is before
    assert told.billed == []


def test_a_domain_is_judged_once_its_answers_have_made_a_verdict(told: Told) -> None:
    told.intake.observe(answer(1.0))
    assert not told.intake.passes.ready
    for turn in range(3):
        for server in SERVERS[:2]:
            for rdtype in (RecordType.A, RecordType.AAAA):
                told.intake.observe(observed(at_position(Position.V1, rdtype), 8.0 + 7 * turn, server, rdtype))
    assert told.domain.status.state is RecordState.V1
    assert told.intake.passes.ready


def test_questions_that_answers_call_for_go_out_together_after_them(told: Told) -> None:
    one, other = (Query(server, Question(NAME, RecordType.A)) for server in SERVERS[:2])
    told.intake.ask_at_once([])
    assert told.later == []
    told.intake.ask_at_once([one])
    told.intake.ask_at_once([other])
    assert (len(told.later), told.submitted) == (1, [])
    told.later.pop()()
    assert told.submitted == [(one, other)]
    told.intake.ask_at_once([one])
    assert len(told.later) == 1


STOOD_STILL = 5.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.mark.parametrize(
    ("awake", "asleep", "is_gap"),
    [
        (STOOD_STILL, 0.0, False),
        (STOOD_STILL + 0.1, 0.0, True),
        (1.0, STOOD_STILL - 1.0, False),
        (1.0, STOOD_STILL, True),  # a machine that sleeps stops the monotonic clock alone
    ],
)
def test_time_in_which_the_process_did_not_run_is_an_interruption(
    told: Told, awake: float, asleep: float, *, is_gap: bool
) -> None:
    first = instant(100.0)
    second = Instant(first.wall + awake + asleep, first.monotonic + awake)
    told.intake.alive(first)
    told.intake.alive(second)
    assert told.gaps == [WatchInterrupted(first, second)] * is_gap


@pytest.mark.parametrize(("after", "is_gap"), [(STOOD_STILL, False), (STOOD_STILL + 0.1, True)])
def test_an_answer_that_is_the_first_sign_after_a_standstill_comes_after_the_interruption(
    told: Told, after: float, *, is_gap: bool
) -> None:
    told.intake.alive(instant(100.0))
    told.intake.observe(answer(100.0 + after))
    kinds = [type(one) for one in told.recorded[:2]]
    assert (kinds[0] is WatchInterrupted) == is_gap


def test_a_mistake_of_the_judge_costs_its_observation_and_is_said_once_and_no_memory_ends_it_all(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[BaseException] = [ValueError(), ValueError(), MemoryError()]

    def fail(*_: object) -> None:
        raise errors.pop(0)

    monkeypatch.setattr(module, "review", fail)
    before = told.domain.state
    with capture_logs() as logs:
        told.intake.observe(answer(1.0))
        told.intake.observe(answer(2.0))
        with pytest.raises(MemoryError):
            told.intake.observe(answer(3.0))
    assert [entry["domain"] for entry in logs] == [NAME]
    assert told.domain.state is before


def test_a_domain_has_a_verdict_once_it_was_seen_and_time_passed(told: Told) -> None:
    told.intake.expire(told.domain, instant(1.0))
    assert not told.intake.passes.ready
    told.domain.seen = True
    told.intake.expire(told.domain, instant(2.0))
    assert told.intake.passes.ready
    assert told.recorded[0] == TimePassed(NAME, instant(1.0))
