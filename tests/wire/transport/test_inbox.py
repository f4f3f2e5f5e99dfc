"""Calm answers are taken in together, a moment later, as if each had been read when it came; nothing urgent waits."""

import asyncio
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.server import Server
from probe.wire.transport import sockets
from tests.patience import HANG
from tests.wire.loopback import free_port
from tests.wire.querying import LIMITS, WWW, HandClock, asking, once, place, settle, traffic, until
from tests.wire.scriptable_server import SILENT, Behaviour, ScriptableServer

if TYPE_CHECKING:
    from probe.model.observation import Observation
    from probe.wire.transport.querier import WireQuerier

GATHERED_SECONDS = 0.04
SHARED = 4
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1",))
NAMES = tuple(f"app-{number}.example." for number in range(12))


def questions(server: ScriptableServer) -> Iterator[Query]:
    for name in NAMES:
        server.script(name, Behaviour(answer=(f"{name} 60 IN A 192.0.2.1",)))
        yield Query(place(server), Question(DomainName(name), RecordType.A))


async def come(querier: "WireQuerier", server: ScriptableServer, number: int) -> None:
    """Wait until so many questions have been answered, and the answers lie in the sockets."""
    await until(lambda: len(server.received) == number)
    await settle()
    for shared in next(iter(querier._udp._pools.values()))._current:
        if shared is not None and shared.live:
            await asyncio.to_thread(_readable, shared.socket)


def _readable(waiting: socket.socket) -> None:
    with socket.socket(fileno=socket.dup(waiting.fileno())) as same:
        same.settimeout(HANG)
        same.recv(1, socket.MSG_PEEK)


LIMITS_OF_MANY = LIMITS._replace(queries_per_second=1000.0)


def test_answers_to_calm_questions_are_taken_in_together_after_a_moment_and_their_times_are_their_own() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            querier.submit(questions(server), heard.append, gathered=True)
            await come(querier, server, len(NAMES))
            await clock.pass_time(GATHERED_SECONDS - 0.001)
            assert heard == []
            await clock.pass_time(0.001)
            assert len(heard) == len(NAMES)
            assert {one.at for one in heard} == {clock.now()}
            assert len({id(one.at) for one in heard}) <= SHARED  # one moment for all that a socket held
            counted = traffic(querier)
            # Real microseconds of which the hand's clock knows nothing: each waited, and none for longer than it may.
            assert 0.0 <= counted.duration_sum < GATHERED_SECONDS * len(NAMES)

    asyncio.run(scene())


def test_the_loop_is_woken_up_once_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            querier.submit(questions(server), heard.append, gathered=True)
            looked = 0
            take_in = querier._udp.inbox.take_in

            def counted() -> None:
                nonlocal looked
                looked += 1
                take_in()

            monkeypatch.setattr(type(querier._udp.inbox), "take_in", lambda _: counted())
            await come(querier, server, len(NAMES))
            await clock.pass_time(GATHERED_SECONDS)
            assert (looked, len(heard)) == (1, len(NAMES))

    asyncio.run(scene())


def test_what_comes_later_than_that_is_taken_in_as_it_comes() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, held=True))
            querier.submit([Query(place(server), WWW)], heard.append, gathered=True)
            await until(lambda: bool(server.received))
            await clock.pass_time(GATHERED_SECONDS)
            clock.advance(0.5)
            server.release()
            await until(lambda: bool(heard))
            assert heard[0].elapsed == pytest.approx(GATHERED_SECONDS + 0.5)

    asyncio.run(scene())


def test_an_urgent_question_has_all_taken_in_as_it_comes() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            querier.submit(questions(server), heard.append, gathered=True)
            server.script("www.example.", ANSWER)
            assert (await once(querier, place(server))).question == WWW
            await until(lambda: len(heard) == len(NAMES))  # no time has passed

    asyncio.run(scene())


def test_calm_questions_beside_an_urgent_one_that_waits_keep_none_waiting() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            server.script("www.example.", SILENT)
            waiting = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: bool(server.received))
            querier.submit(questions(server), heard.append, gathered=True)
            await until(lambda: len(heard) == len(NAMES))
            await clock.pass_time(LIMITS.timeout)
            await waiting

    asyncio.run(scene())


def test_once_urgent_ones_are_over_calm_ones_are_gathered_again() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            server.script("www.example.", ANSWER)
            await once(querier, place(server))
            querier.submit(questions(server), heard.append, gathered=True)
            assert querier._udp.inbox.gathering
            await come(querier, server, len(NAMES) + 1)
            assert heard == []
            await clock.pass_time(GATHERED_SECONDS)
            assert len(heard) == len(NAMES)

    asyncio.run(scene())


def test_an_answer_that_has_come_when_its_time_is_over_is_an_answer() -> None:
    """It waits with others for a moment that ends after its question's last."""

    async def scene() -> None:
        clock, heard, late = HandClock(), list["Observation"](), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, held=True))
            querier.submit([Query(place(server), WWW)], late.append, gathered=True)
            await until(lambda: bool(server.received))
            await clock.pass_time(LIMITS.timeout - 0.01)
            querier.submit(questions(server), heard.append, gathered=True)
            server.release()
            await come(querier, server, len(NAMES) + 1)
            await clock.pass_time(0.01)
            assert len(late) == 1
            assert isinstance(late[0].outcome, Response)

    asyncio.run(scene())


def test_without_stamps_nothing_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round trip would look longer than it is."""
    monkeypatch.setattr(sockets, "SO_TIMESTAMPNS", -1)

    async def scene() -> None:
        heard = list["Observation"]()
        async with ScriptableServer() as server, asking(HandClock(), LIMITS_OF_MANY) as querier:
            querier.submit(questions(server), heard.append, gathered=True)
            await until(lambda: len(heard) == len(NAMES))

    asyncio.run(scene())


def test_a_port_where_nobody_listens_is_unreachable_when_the_moment_is_over() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with asking(clock) as querier:
            nobody = Server("gone.example.", "127.0.0.1", free_port())
            querier.submit([Query(nobody, WWW)], heard.append, gathered=True)
            await clock.pass_time(GATHERED_SECONDS)
            assert [one.outcome for one in heard] == [NoResponse(FailureReason.UNREACHABLE, "connection refused")]

    asyncio.run(scene())


def test_it_can_be_closed_while_it_gathers() -> None:
    async def scene() -> None:
        clock, heard = HandClock(), list["Observation"]()
        async with ScriptableServer() as server, asking(clock, LIMITS_OF_MANY) as querier:
            querier.submit(questions(server), heard.append, gathered=True)
        await clock.pass_time(GATHERED_SECONDS)
        assert heard == []

    asyncio.run(scene())
