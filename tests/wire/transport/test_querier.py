"""The querier: pace, fairness, limits that change, an orderly end, and outcomes that are never wrong."""

import asyncio
import socket
from collections import Counter
from typing import Any

import pytest

from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.ports import Querier, Query
from probe.model.question import Question, RecordType
from probe.model.server import Server, ServerRole, Transport
from probe.wire.transport import querier as querier_module
from probe.wire.transport import server_queues
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier
from tests.wire.querying import (
    LIMITS,
    WWW,
    HandClock,
    asking,
    at,
    once,
    place,
    response,
    settle,
    silenced,
    traffic,
    until,
)
from tests.wire.scriptable_server import GARBAGE, REFUSED, SERVFAIL, SILENT, Behaviour, ScriptableServer

RELEASE_SECONDS = 0.02
MAX_WAITING = 50_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1",))


def test_it_is_the_querier_of_the_model() -> None:
    querier: Querier = WireQuerier(HandClock(), LIMITS)
    assert querier.waiting() == 0
    assert querier.traffic() == ()


def test_a_server_gets_no_more_than_its_rate_and_the_wait_is_not_elapsed_time() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(20.0, 64, 2.0)) as querier:
            server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []
            querier.submit([Query(place(server), WWW)] * 6, outcomes.append)
            await until(lambda: len(outcomes) == 3)
            assert querier.waiting() == 3
            for pause, answered in ((0.02, 4), (0.02, 5), (0.04, 6)):  # each token at the next release
                await clock.pass_time(pause)
                assert len(outcomes) == answered - 1
                await clock.pass_time(RELEASE_SECONDS)
                await until(lambda answered=answered: len(outcomes) == answered)  # type: ignore[misc]  # a lambda's default is untyped
            assert [observation.elapsed for observation in outcomes] == [0.0] * 6
            assert len({observation.at for observation in outcomes}) == 4
            assert querier.waiting() == 0

    asyncio.run(scene())


def test_two_servers_at_one_address_share_its_rate() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(20.0, 64, 2.0)) as querier:
            server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []
            both = [Query(place(server), WWW), Query(at(place(server), name="ns2.example."), WWW)]
            querier.submit(both * 2, outcomes.append)
            await until(lambda: len(outcomes) == 3)
            await settle()
            assert querier.waiting() == 1

    asyncio.run(scene())


def test_a_retry_counts_for_the_pace() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(5.0, 64, 2.0)) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, truncated=True))
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: querier.waiting() == 1)
            assert [received.transport for received in server.received] == ["udp"]
            await clock.pass_time(0.2)
            assert isinstance((await asked).outcome, Response)
            assert [received.transport for received in server.received] == ["udp", "tcp"]

    asyncio.run(scene())


def test_servers_have_their_turn_one_after_the_other() -> None:
    async def scene() -> None:
        async with (
            ScriptableServer() as one,
            ScriptableServer() as two,
            asking(HandClock(), QueryLimits(1000.0, 1, 2.0)) as querier,
        ):
            for server in (one, two):
                server.script("www.example.", ANSWER)
            order: list[Server] = []
            queries = [Query(place(one), WWW)] * 50 + [Query(place(two), WWW)] * 3
            querier.submit(queries, lambda observation: order.append(observation.server))
            await until(lambda: len(order) == 53)
            assert order[:6] == [place(one), place(two)] * 3

    asyncio.run(scene())


def test_a_paced_server_delays_nobody_else() -> None:
    async def scene() -> None:
        async with (
            ScriptableServer() as one,
            ScriptableServer() as two,
            asking(HandClock(), QueryLimits(20.0, 64, 2.0)) as querier,
        ):
            for server in (one, two):
                server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []
            querier.submit([Query(place(one), WWW)] * 50 + [Query(place(two), WWW)] * 2, outcomes.append)
            await until(lambda: len(outcomes) == 5)
            assert Counter(observation.server for observation in outcomes) == {place(one): 3, place(two): 2}
            assert querier.waiting() == 47

    asyncio.run(scene())


def test_an_address_with_a_rate_of_its_own_keeps_it_over_all_views_and_when_the_general_limit_changes() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(1000.0, 64, 2.0)) as querier:
            server.script("www.example.", ANSWER)
            own = at(place(server), queries_per_second=2.0)
            seen = at(own, name="ns1@kt", client_subnet="203.0.113.0/24")
            outcomes: list[Observation] = []
            querier.submit([Query(own, WWW), Query(seen, WWW), Query(own, WWW)], outcomes.append)
            await until(lambda: len(outcomes) == 1)
            querier.reconfigure(QueryLimits(500.0, 64, 2.0))
            await clock.pass_time(0.5)
            await until(lambda: len(outcomes) == 2)
            await settle()
            assert querier.waiting() == 1

    asyncio.run(scene())


def test_no_more_than_the_limit_is_in_flight() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(1000.0, 3, 2.0)) as querier:
            server.script("www.example.", SILENT, SILENT, SILENT, ANSWER)
            outcomes: list[Observation] = []
            querier.submit([Query(place(server), WWW)] * 5, outcomes.append)
            await until(lambda: len(server.received) == 3)
            await settle()
            assert querier.waiting() == 2
            await clock.pass_time(2.0)
            await until(lambda: len(outcomes) == 5)
            assert [isinstance(observation.outcome, NoResponse) for observation in outcomes] == [True] * 3 + [False] * 2

    asyncio.run(scene())


def test_limits_can_be_changed_while_questions_wait_and_fly() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(1.0, 1, 60.0)) as querier:
            server.script("www.example.", SILENT, ANSWER)
            outcomes: list[Observation] = []
            querier.submit([Query(place(server), WWW)] * 12, outcomes.append)
            await until(lambda: len(server.received) == 1)
            await clock.pass_time(1.0)
            querier.reconfigure(QueryLimits(100.0, 64, 1.5))
            await until(lambda: len(outcomes) == 1)
            await clock.pass_time(0.5)
            await until(lambda: len(outcomes) >= 10)
            await clock.pass_time(0.5)
            await until(lambda: len(outcomes) == 12)
            reasons = Counter(type(observation.outcome) for observation in outcomes)
            assert reasons == {Response: 11, NoResponse: 1}

    asyncio.run(scene())


def test_nothing_is_dropped_silently_when_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querier_module, "MAX_WAITING", 10)

    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, QueryLimits(20.0, 64, 2.0)) as querier:
            server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []
            querier.submit([Query(place(server), WWW)] * 15, outcomes.append)
            assert not outcomes
            assert querier.waiting() <= 10
            await settle()
            refused = [observation.outcome for observation in outcomes if isinstance(observation.outcome, NoResponse)]
            detail = "not asked: 10 questions wait for this server already"
            assert refused == [NoResponse(FailureReason.UNREACHABLE, detail)] * 5
            for _ in range(20):
                await clock.pass_time(0.05)
            await until(lambda: len(outcomes) == 15)

    asyncio.run(scene())


def test_all_names_of_a_thousand_domains_may_wait_for_one_server() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock(), QueryLimits(20.0, 64, 2.0)) as querier:
            outcomes: list[Observation] = []
            querier.submit([Query(place(server), WWW)] * (MAX_WAITING + 3), outcomes.append)
            await settle()
            assert sum(isinstance(one.outcome, NoResponse) for one in outcomes) == 3

    asyncio.run(scene())


def test_servers_that_are_not_asked_any_more_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_queues, "MAX_QUEUES", 3)

    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            for number in range(20):
                await response(querier, at(place(server), name=f"ns{number}.example."))
            assert len(querier._queues.opened) <= 3
            assert traffic(querier).queries == 20

    asyncio.run(scene())


def test_a_route_leads_elsewhere_or_nowhere() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server:
            server.script("www.example.", ANSWER)
            routes = {("203.0.113.1", 53): (server.address, server.port)}
            async with asking(HandClock(), route=lambda address, port: routes.get((address, port))) as querier:
                reached = Server("ns1.example.", "203.0.113.1")
                for transport in (Transport.UDP, Transport.TCP):
                    assert (await response(querier, at(reached, transport=transport))).rcode == "NOERROR"
                nowhere = at(reached, address="203.0.113.2")
                assert await silenced(querier, nowhere) == NoResponse(FailureReason.UNREACHABLE, "no route")

    asyncio.run(scene())


def test_a_sink_may_ask_again_at_once() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []

            def sink(observation: Observation) -> None:
                outcomes.append(observation)
                if len(outcomes) < 20:
                    querier.submit([Query(place(server), WWW)], sink)

            querier.submit([Query(place(server), WWW)], sink)
            await until(lambda: len(outcomes) == 20)

    asyncio.run(scene())


def test_a_failing_sink_is_reported_and_costs_nobody_else_the_answer() -> None:
    async def scene() -> None:
        reported: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []

            def broken(_: Observation) -> None:
                raise LookupError("a mistake")

            querier.submit([Query(place(server), WWW)], broken)
            querier.submit([Query(place(server), WWW)], outcomes.append)
            await until(lambda: len(outcomes) == 1)
            assert [str(context["exception"]) for context in reported] == ["a mistake"]

    asyncio.run(scene())


def test_closing_calls_no_sink_any_more_and_leaves_nobody_waiting() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock(), QueryLimits(20.0, 64, 2.0)) as querier:
            server.script("www.example.", Behaviour(held=True))
            outcomes: list[Observation] = []
            querier.submit([Query(place(server), WWW)] * 4, outcomes.append)
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: len(server.received) == 3)
            await querier.aclose()
            server.release()
            querier.submit([Query(place(server), WWW)], outcomes.append)
            await settle()
            assert not outcomes
            closed = NoResponse(FailureReason.UNREACHABLE, "the querier was closed")
            assert (await asked).outcome == closed
            assert await silenced(querier, place(server)) == closed
            await querier.aclose()

    asyncio.run(scene())


def test_a_cancelled_question_harms_nobody() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, held=True), ANSWER)
            asked = asyncio.ensure_future(querier.ask(place(server), WWW))
            await until(lambda: len(server.received) == 1)
            asked.cancel()
            await settle()
            server.release()
            assert (await response(querier, place(server))).rcode == "NOERROR"

    asyncio.run(scene())


def test_out_of_descriptors_is_a_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:

            def exhausted(*_: object, **__: object) -> socket.socket:
                raise OSError(24, "Too many open files")

            monkeypatch.setattr("probe.wire.transport.sockets.socket.socket", exhausted)
            assert await silenced(querier, place(server)) == NoResponse(
                FailureReason.UNREACHABLE, "too many open files"
            )

    asyncio.run(scene())


def test_a_mixed_crowd_of_bad_servers_never_gives_a_wrong_outcome() -> None:
    """Each name has its own address; whatever the servers do, no question gets another's answer."""

    async def scene() -> None:
        clock = HandClock()
        names = [DomainName(f"n{number}.example.") for number in range(40)]
        async with (
            ScriptableServer(seed=7) as server,
            asking(clock, QueryLimits(1e6, 256, 2.0)) as querier,
        ):
            for number, name in enumerate(names):
                answer = (f"{name} 60 IN A 192.0.2.{number}",)
                crowd = [
                    Behaviour(answer=answer, loss=0.3),
                    Behaviour(answer=answer, copies=2),
                    Behaviour(answer=answer, truncated=True),
                    Behaviour(answer=answer, wrong_id=True),
                    Behaviour(answer=answer, question=names[number - 1]),
                    Behaviour(answer=answer, other_port=True),
                    Behaviour(answer=answer, without_edns=True),
                    Behaviour(answer=answer, held=True),
                    GARBAGE,
                    SILENT,
                    SERVFAIL,
                    REFUSED,
                ]
                query_order = crowd[number % len(crowd) :] + crowd[: number % len(crowd)]
                server.script(name, *query_order * 3)
            outcomes: list[Observation] = []
            queries = [Query(place(server), Question(name, RecordType.A)) for name in names] * 30
            querier.submit(queries, outcomes.append)
            for _ in range(60):
                if len(outcomes) == len(queries):
                    break
                for _ in range(20):
                    await asyncio.sleep(0.001)  # noqa: TID251  # the network's own time
                server.release()
                await clock.pass_time(0.5)
            assert len(outcomes) == len(queries)
            good = 0
            for observation in outcomes:
                outcome = observation.outcome
                number = names.index(observation.question.name)
                if isinstance(outcome, NoResponse):
                    assert outcome.reason is FailureReason.TIMEOUT
                elif outcome.rcode == "NOERROR":
                    assert [rrset.rdata for rrset in outcome.answer] == [(f"192.0.2.{number}",)]
                    good += 1
                else:
                    assert outcome.rcode in {"SERVFAIL", "REFUSED"}
            assert good > 200

    asyncio.run(scene())


def test_a_resolver_and_an_authoritative_server_are_counted_apart() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            await response(querier, place(server))
            await response(querier, at(place(server), role=ServerRole.RESOLVER, group="google"))
            assert [(entry.group, entry.transport, entry.queries) for entry in querier.traffic()] == [
                ("authoritative", Transport.UDP, 1),
                ("google", Transport.UDP, 1),
            ]

    asyncio.run(scene())


def test_yielding_questions_let_all_others_for_their_server_go_first_and_hold_no_other_server_up() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with (
            ScriptableServer() as one,
            ScriptableServer() as two,
            asking(clock, QueryLimits(1.0, 64, 2.0)) as querier,
        ):
            for server in (one, two):
                server.script("www.example.", ANSWER)
                server.script("later.example.", ANSWER)
            answered: list[Observation] = []
            later = Question(DomainName("later.example."), RecordType.A)
            querier.submit([Query(place(one), later)] * 3, answered.append, yielding=True)
            querier.submit([Query(place(one), WWW)] * 2, answered.append)
            querier.submit([Query(place(two), later)], answered.append, yielding=True)
            assert [querier.waiting_for(place(one)), querier.waiting_for(place(two))] == [4, 0]
            for number in range(2, 7):
                await until(lambda number=number: len(answered) == number)  # type: ignore[misc]  # a lambda's default is untyped
                await clock.pass_time(1.0)
            assert [observation.question for observation in answered if observation.server == place(one)] == [
                later,
                WWW,
                WWW,
                later,
                later,
            ]
            assert querier.waiting() == querier.waiting_for(place(one)) == 0

    asyncio.run(scene())


def test_what_waits_for_the_pace_of_several_servers_leaves_together() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with (
            ScriptableServer() as one,
            ScriptableServer() as two,
            asking(clock, QueryLimits(20.0, 64, 2.0)) as querier,
        ):
            for server in (one, two):
                server.script("www.example.", ANSWER)
            outcomes: list[Observation] = []
            querier.submit([Query(place(one), WWW)] * 4, outcomes.append)
            await clock.pass_time(0.009)
            querier.submit([Query(place(two), WWW)] * 4, outcomes.append)
            await clock.pass_time(0.029)  # the first one's token is there for 8 ms, the other's for a moment not yet
            await until(lambda: len(outcomes) == 6)
            await clock.pass_time(0.002)
            await until(lambda: len(outcomes) == 8)
            assert len({observation.at for observation in outcomes[6:]}) == 1

    asyncio.run(scene())


def test_nothing_waits_for_a_server_that_was_never_asked() -> None:
    async def scene() -> None:
        async with asking(HandClock()) as querier:
            assert querier.waiting_for(Server("ns9", "192.0.2.9")) == 0

    asyncio.run(scene())
