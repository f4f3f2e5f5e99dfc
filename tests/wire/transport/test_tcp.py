"""Over TCP: framing, strays, and connections that end too early."""

import asyncio

import pytest

from probe.model.outcome import FailureReason, NoResponse
from probe.model.server import Server, Transport
from tests.wire.loopback import free_port
from tests.wire.querying import LIMITS, HandClock, asking, once, place, response, silenced, traffic, until
from tests.wire.scriptable_server import REFUSED, SERVFAIL, SILENT, Behaviour, ScriptableServer, broken_after_question

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1",))
LARGE = Behaviour(answer=tuple(f'www.example. 60 IN TXT "{number:03} {"x" * 240}"' for number in range(200)))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_answer_of_any_size_comes_over_tcp(address: str) -> None:
    async def scene() -> None:
        async with ScriptableServer(address) as server, asking(HandClock()) as querier:
            server.script("www.example.", LARGE)
            answer = await response(querier, place(server, Transport.TCP))
            assert len(answer.answer[0].rdata) == 200
            assert answer.size > 40_000
            assert [received.transport for received in server.received] == ["tcp"]
            assert traffic(querier, transport=Transport.TCP).queries == 1

    asyncio.run(scene())


@pytest.mark.parametrize(("behaviour", "rcode"), [(SERVFAIL, "SERVFAIL"), (REFUSED, "REFUSED")])
def test_an_error_of_the_server_stays_a_response(behaviour: Behaviour, rcode: str) -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", behaviour)
            assert (await response(querier, place(server, Transport.TCP))).rcode == rcode

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("behaviour", "reason", "detail"),
    [
        (Behaviour(tcp_closes=True), FailureReason.UNREACHABLE, "connection closed without an answer"),
        (Behaviour(tcp_cut=1), FailureReason.UNREACHABLE, "connection closed without an answer"),
        (Behaviour(tcp_cut=20), FailureReason.MALFORMED, "the connection ended inside a message"),
        (
            Behaviour(answer=ANSWER.answer, mangle=broken_after_question),
            FailureReason.MALFORMED,
            "does not parse (FormError)",
        ),
        (
            Behaviour(mangle=lambda message: message[:2] + b"\x86" + message[3:]),
            FailureReason.MALFORMED,
            "truncated where nothing need be",
        ),
    ],
)
def test_a_server_that_misbehaves_on_a_stream_is_a_silence(
    behaviour: Behaviour, reason: FailureReason, detail: str
) -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", behaviour)
            assert await silenced(querier, place(server, Transport.TCP)) == NoResponse(reason, detail)
            assert traffic(querier, transport=Transport.TCP).failures == ((reason, 1),)

    asyncio.run(scene())


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(Behaviour(answer=ANSWER.answer, wrong_id=True), id="wrong id"),
        pytest.param(Behaviour(answer=ANSWER.answer, question="other.example."), id="wrong question"),
        pytest.param(Behaviour(mangle=lambda _: b""), id="empty message"),
        pytest.param(Behaviour(mangle=lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"), id="another protocol"),
    ],
)
def test_what_does_not_match_on_a_stream_is_counted_and_never_believed(behaviour: Behaviour) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", behaviour)
            asked = asyncio.ensure_future(once(querier, place(server, Transport.TCP)))
            await until(lambda: bool(server.received) and traffic(querier, transport=Transport.TCP).mismatched == 1)
            await clock.pass_time(LIMITS.timeout)
            outcome = (await asked).outcome
            assert isinstance(outcome, NoResponse)
            assert outcome.reason is FailureReason.TIMEOUT

    asyncio.run(scene())


def test_a_stream_of_strays_is_given_up() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(wrong_id=True, copies=20))
            silence = await silenced(querier, place(server, Transport.TCP))
            assert silence == NoResponse(FailureReason.MALFORMED, "16 messages that answer nothing that was asked")
            assert traffic(querier, transport=Transport.TCP).mismatched == 16

    asyncio.run(scene())


def test_a_silent_server_is_a_timeout_and_its_connection_is_closed() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", SILENT)
            asked = asyncio.ensure_future(once(querier, place(server, Transport.TCP)))
            await until(lambda: bool(server.received))
            await clock.pass_time(LIMITS.timeout)
            observation = await asked
            assert observation.outcome == NoResponse(FailureReason.TIMEOUT, "no answer within 2 s")
            assert observation.elapsed == pytest.approx(LIMITS.timeout)
            await until(lambda: not server.open_connections)

    asyncio.run(scene())


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    async def scene() -> None:
        async with asking(HandClock()) as querier:
            server = Server("gone.example.", "127.0.0.1", free_port(), transport=Transport.TCP)
            silence = await silenced(querier, server)
            assert silence.reason is FailureReason.UNREACHABLE
            assert "refused" in silence.detail or "connect" in silence.detail

    asyncio.run(scene())


def test_a_server_without_edns_is_asked_plainly_over_tcp() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, without_edns=True))
            assert (await response(querier, place(server, Transport.TCP))).rcode == "NOERROR"
            assert [received.message.edns for received in server.received] == [0, -1]

    asyncio.run(scene())
