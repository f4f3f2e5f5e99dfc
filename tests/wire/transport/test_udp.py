"""Over UDP: what is asked, and what a question ends in; see test_udp_matching for what is believed."""

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import dns.edns
import dns.flags
import pytest

from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.server import Server, ServerRole, Transport
from probe.wire.transport import sockets
from probe.wire.transport.inbox import Inbox
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.sockets import SharedSocket
from tests.wire.loopback import free_port
from tests.wire.querying import LIMITS, WWW, HandClock, asking, at, once, place, response, silenced, traffic, until
from tests.wire.scriptable_server import (
    REFUSED,
    SERVFAIL,
    SILENT,
    Behaviour,
    ScriptableServer,
)

QUESTIONS_PER_SOCKET = 1024
SECONDS_PER_SOCKET = 10.0
SHARED = 4
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

if TYPE_CHECKING:
    from probe.model.observation import Observation

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1", "www.example. 60 IN A 192.0.2.2"))


def test_an_answer_becomes_an_observation_with_its_times() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, held=True))
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: bool(server.received))
            clock.advance(0.25)
            server.release()
            observation = await asked
        assert observation.question == WWW
        assert observation.server == place(server)
        assert observation.at == clock.now()
        assert observation.elapsed == 0.25
        assert isinstance(observation.outcome, Response)
        assert observation.outcome.answer[0].rdata == ("192.0.2.1", "192.0.2.2")

    asyncio.run(scene())


def test_an_authoritative_server_is_asked_without_and_a_resolver_with_recursion() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            await response(querier, place(server))
            await response(querier, at(place(server), role=ServerRole.RESOLVER))
        to_authority, to_resolver = (received.message for received in server.received)
        assert not to_authority.flags & (dns.flags.RD | dns.flags.AD)
        assert to_resolver.flags & dns.flags.RD
        assert to_resolver.flags & dns.flags.AD

    asyncio.run(scene())


def test_a_query_offers_1232_bytes_and_asks_for_the_server_identifier() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, nsid=b"fra-7"))
            assert (await response(querier, place(server))).nsid == "fra-7"
        query = server.received[0].message
        assert query.payload == 1232
        assert [option.otype for option in query.options] == [dns.edns.OptionType.NSID]

    asyncio.run(scene())


def test_a_client_subnet_is_sent_only_when_the_server_has_one_and_its_scope_is_read() -> None:
    async def scene() -> None:
        scoped = dns.edns.ECSOption("203.0.113.0", 24, 20)
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, options=(scoped,)))
            answer = await response(querier, at(place(server), client_subnet="203.0.113.0/24"))
            await response(querier, place(server))
        assert answer.client_subnet_scope == 20
        with_subnet, without = (received.message.options for received in server.received)
        assert [option.to_text() for option in with_subnet if isinstance(option, dns.edns.ECSOption)] == [
            "ECS 203.0.113.0/24 scope/0"
        ]
        assert not any(isinstance(option, dns.edns.ECSOption) for option in without)

    asyncio.run(scene())


def test_equal_messages_give_the_same_response_object_whatever_their_ids() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            first = await response(querier, place(server))
            second = await response(querier, place(server))
        ids = {received.message.id for received in server.received}
        assert len(ids) == 2
        assert first is second

    asyncio.run(scene())


@pytest.mark.parametrize(("behaviour", "rcode"), [(SERVFAIL, "SERVFAIL"), (REFUSED, "REFUSED")])
def test_an_error_of_the_server_stays_a_response_and_counts_as_a_failure(behaviour: Behaviour, rcode: str) -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", behaviour)
            assert (await response(querier, place(server))).rcode == rcode
            assert traffic(querier).failures == ((FailureReason(rcode.lower()), 1),)
            assert sum(traffic(querier).duration_counts) == 1

    asyncio.run(scene())


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(SILENT, id="silence"),
        pytest.param(Behaviour(loss=1.0), id="loss"),
    ],
)
def test_a_server_that_says_nothing_is_a_timeout_at_the_time_it_is_due(behaviour: Behaviour) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", behaviour)
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: bool(server.received))
            await clock.pass_time(LIMITS.timeout - 0.01)
            assert not asked.done()
            await clock.pass_time(0.01)
            observation = await asked
            assert observation.outcome == NoResponse(FailureReason.TIMEOUT, "no answer within 2 s")
            assert observation.elapsed == pytest.approx(LIMITS.timeout)
            assert traffic(querier).failures == ((FailureReason.TIMEOUT, 1),)
            assert sum(traffic(querier).duration_counts) == 0

    asyncio.run(scene())


def test_a_truncated_answer_is_asked_for_again_over_tcp() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, truncated=True))
            assert (await response(querier, place(server))).answer[0].rdata == ("192.0.2.1", "192.0.2.2")
            assert [received.transport for received in server.received] == ["udp", "tcp"]
            assert traffic(querier).queries == 1
            assert traffic(querier, transport=Transport.TCP).queries == 1
            assert sum(traffic(querier, transport=Transport.TCP).duration_counts) == 1

    asyncio.run(scene())


def test_truncation_with_a_silent_tcp_side_is_a_timeout_of_its_own() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", Behaviour(truncated=True), SILENT)
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: len(server.received) == 2)
            await clock.pass_time(LIMITS.timeout)
            outcome = (await asked).outcome
            assert isinstance(outcome, NoResponse)
            assert outcome.reason is FailureReason.TIMEOUT
            assert traffic(querier, transport=Transport.TCP).failures == ((FailureReason.TIMEOUT, 1),)

    asyncio.run(scene())


def test_a_server_without_edns_is_asked_plainly_and_this_is_remembered_for_a_while() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, without_edns=True))
            for _ in range(2):
                assert (await response(querier, place(server))).rcode == "NOERROR"
            assert [received.message.edns for received in server.received] == [0, -1, -1]
            clock.advance(599.0)
            await response(querier, place(server))
            assert [received.message.edns for received in server.received[3:]] == [-1]
            clock.advance(2.0)
            await response(querier, place(server))
            await response(querier, place(server))
            assert [received.message.edns for received in server.received[4:]] == [0, -1, -1]
            assert traffic(querier).queries == 7

    asyncio.run(scene())


def test_a_server_that_says_formerr_to_everything_is_asked_twice_and_no_more() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(rcode="FORMERR"))
            for _ in range(2):
                assert (await response(querier, place(server))).rcode == "FORMERR"
            assert [received.message.edns for received in server.received] == [0, -1, 0, -1]

    asyncio.run(scene())


def test_a_port_where_nobody_listens_is_unreachable_without_waiting() -> None:
    async def scene() -> None:
        async with asking(HandClock()) as querier:
            for address in ("127.0.0.1", "::1"):
                server = Server("gone.example.", address, free_port(address))
                assert await silenced(querier, server) == NoResponse(FailureReason.UNREACHABLE, "connection refused")

    asyncio.run(scene())


def test_a_refused_port_does_not_spoil_the_questions_to_others() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            gone = Server("gone.example.", "127.0.0.1", free_port())
            outcomes: list[Observation] = []
            querier.submit([Query(gone, WWW), Query(place(server), WWW)] * 30, outcomes.append)
            await until(lambda: len(outcomes) == 60)
            for observation in outcomes:
                assert isinstance(observation.outcome, Response) == (observation.server != gone)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (Server("ns.", "not an address"), FailureReason.UNREACHABLE),
        (Server("ns.", "127.0.0.1", 0), FailureReason.UNREACHABLE),
        (Server("ns.", "127.0.0.1", client_subnet="nonsense"), FailureReason.MALFORMED),
    ],
)
def test_what_cannot_be_sent_is_a_silence(server: Server, reason: FailureReason) -> None:
    async def scene() -> None:
        async with asking(HandClock()) as querier:
            assert (await silenced(querier, server)).reason is reason

    asyncio.run(scene())


@pytest.mark.parametrize("name", ["www.example", "", "a..example.", f"{'x' * 64}.example.", "\\300.example."])
def test_a_name_that_no_query_can_carry_is_a_silence(name: str) -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            question = Question(DomainName(name), RecordType.A)
            assert (await silenced(querier, place(server), question)).reason is FailureReason.MALFORMED
            assert not server.received

    asyncio.run(scene())


def test_sockets_are_renewed_by_count_and_by_age_and_old_ones_are_heard_to_the_end() -> None:
    async def scene() -> None:
        clock = HandClock()
        limits = QueryLimits(queries_per_second=1e6, max_in_flight=100, timeout=2.0)
        async with ScriptableServer() as server, asking(clock, limits) as querier:
            server.script("www.example.", ANSWER)
            server.script("held.example.", Behaviour(held=True))
            held = asyncio.ensure_future(
                once(querier, place(server), Question(DomainName("held.example."), RecordType.A))
            )
            await until(lambda: bool(server.received))
            answered: list[Observation] = []

            async def ask(count: int) -> set[int]:
                """Ask so many, and give the ports that they came from."""
                before = len(answered)
                querier.submit([Query(place(server), WWW)] * count, answered.append)
                await until(lambda: len(answered) == before + count)
                return {received.source[1] for received in server.received[-count:]}

            first = await ask(SHARED * QUESTIONS_PER_SOCKET - 1)
            assert len(first) == SHARED
            second = await ask(SHARED)
            assert len(second - first) == SHARED
            assert all(isinstance(observation.outcome, Response) for observation in answered)
            server.release()
            assert isinstance((await held).outcome, Response)
            clock.advance(SECONDS_PER_SOCKET - 0.5)
            assert await ask(SHARED) == second
            clock.advance(0.5)
            third = await ask(SHARED)
            assert len(third - second) == SHARED

    asyncio.run(scene())


def test_answers_come_over_ipv6_too() -> None:
    async def scene() -> None:
        async with ScriptableServer("::1") as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER)
            assert (await response(querier, place(server))).rcode == "NOERROR"
            spelled_out = at(place(server), address="0:0:0:0:0:0:0:1")
            assert (await response(querier, spelled_out)).rcode == "NOERROR"

    asyncio.run(scene())


def test_full_buffers_of_the_system_delay_a_question_and_lose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", ANSWER)
            full = [BlockingIOError(11, "full"), OSError(105, "no buffer space")]

            class Full(socket.socket):
                def sendto(self, *args: Any) -> int:
                    if full:
                        raise full.pop(0)
                    return super().sendto(*args)

            monkeypatch.setattr("probe.wire.transport.sockets.socket.socket", Full)
            asked = asyncio.ensure_future(once(querier, place(server)))
            for _ in range(2):
                await clock.pass_time(0.0)
                assert querier.waiting() == 1
                await clock.pass_time(0.004)
                assert querier.waiting() == 1  # five milliseconds are given to them to drain
                await clock.pass_time(0.001)
            observation = await asked
            assert isinstance(observation.outcome, Response)
            assert observation.elapsed == 0.0
            assert traffic(querier).queries == 1

    asyncio.run(scene())


def test_a_socket_is_not_read_again_once_it_has_given_every_answer_that_it_owes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = 0

    class Counted(SharedSocket):
        def __init__(self, family: int, renew_at: float, inbox: Inbox) -> None:
            super().__init__(family, renew_at, inbox)
            receive = self.recvfrom

            def counted(size: int, flags: int = 0) -> tuple[bytes, Any]:
                nonlocal reads
                reads += 1
                return receive(size, flags)

            self.recvfrom = counted

    async def scene() -> None:
        nonlocal reads
        monkeypatch.setattr(sockets, "SharedSocket", Counted)
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", ANSWER, Behaviour(answer=ANSWER.answer, copies=2))
            await response(querier, place(server))
            assert reads == 1
            await response(querier, place(server))
            await until(lambda: traffic(querier).duplicates == 1)
            assert reads == 2 + 2  # it was woken up for the copy, and then read to the end

    asyncio.run(scene())
