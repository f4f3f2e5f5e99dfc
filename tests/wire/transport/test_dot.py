"""Over TLS: whose certificate is believed, and how connections are shared, renewed and let go."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.server import ServerRole, Transport
from probe.wire.transport.limits import QueryLimits
from tests.wire.http.certificates import Certificate, make_certificate
from tests.wire.querying import LIMITS, WWW, HandClock, asking, at, once, place, response, silenced, traffic, until
from tests.wire.scriptable_server import SILENT, Behaviour, ScriptableServer

if TYPE_CHECKING:
    from probe.model.observation import Observation

KEPT_OPEN_SECONDS = 10.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1",))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("dot"), "DNS:dns.example", "IP:127.0.0.1")


@pytest.mark.parametrize("tls_name", ["dns.example", None])
def test_a_certificate_for_the_name_or_else_the_address_is_believed(
    certificate: Certificate, tls_name: str | None
) -> None:
    async def scene() -> None:
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", ANSWER)
            resolver = at(place(server, Transport.DOT), tls_name=tls_name, role=ServerRole.RESOLVER, group="quad")
            assert (await response(querier, resolver)).answer[0].rdata == ("192.0.2.1",)
            assert traffic(querier, "quad", Transport.DOT).queries == 1

    asyncio.run(scene())


def test_a_certificate_for_another_name_is_not_believed(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            silence = await silenced(querier, at(place(server, Transport.DOT), tls_name="other.example"))
            assert silence.reason is FailureReason.UNREACHABLE
            assert silence.detail.startswith("certificate: ")
            assert not server.received

    asyncio.run(scene())


def test_a_certificate_of_an_unknown_authority_is_not_believed(certificate: Certificate) -> None:
    async def scene() -> None:
        async with ScriptableServer(tls=certificate.server_context()) as server, asking(HandClock()) as querier:
            silence = await silenced(querier, at(place(server, Transport.DOT), tls_name="dns.example"))
            assert silence.reason is FailureReason.UNREACHABLE
            assert silence.detail.startswith("certificate: ")

    asyncio.run(scene())


def test_a_server_that_speaks_no_tls_is_unreachable(certificate: Certificate) -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock(), trust=certificate.trust()) as querier:
            asked = asyncio.ensure_future(once(querier, place(server, Transport.DOT)))
            # It reads the handshake as the length of a message, and waits for the rest of it.
            await until(lambda: bool(server.open_connections))
            server.drop_connections()
            outcome = (await asked).outcome
            assert isinstance(outcome, NoResponse)
            assert outcome.reason is FailureReason.UNREACHABLE

    asyncio.run(scene())


def test_questions_share_one_connection_and_answers_may_come_in_any_order(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            resolver = place(server, Transport.DOT)
            server.script("first.example.", Behaviour(answer=("first.example. 60 IN A 192.0.2.1",), held=True))
            server.script("second.example.", Behaviour(answer=("second.example. 60 IN A 192.0.2.2",)))
            first = asyncio.ensure_future(
                response(querier, resolver, Question(DomainName("first.example."), RecordType.A))
            )
            await until(lambda: bool(server.received))
            second = await response(querier, resolver, Question(DomainName("second.example."), RecordType.A))
            assert second.answer[0].rdata == ("192.0.2.2",)
            server.release()
            assert (await first).answer[0].rdata == ("192.0.2.1",)
            assert server.connections == 1

    asyncio.run(scene())


def test_an_idle_connection_is_closed_and_the_next_question_opens_another(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(clock, trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", ANSWER)
            await response(querier, place(server, Transport.DOT))
            await clock.pass_time(KEPT_OPEN_SECONDS / 2)
            await response(querier, place(server, Transport.DOT))
            assert server.connections == 1
            await clock.pass_time(KEPT_OPEN_SECONDS / 2)
            assert server.open_connections == 1
            await clock.pass_time(KEPT_OPEN_SECONDS)
            await until(lambda: not server.open_connections)
            await response(querier, place(server, Transport.DOT))
            assert server.connections == 2

    asyncio.run(scene())


def test_a_connection_that_the_server_closed_meanwhile_is_replaced_within_the_same_question(
    certificate: Certificate,
) -> None:
    async def scene() -> None:
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", ANSWER, Behaviour(tcp_closes=True), ANSWER)
            for _ in range(2):
                await response(querier, place(server, Transport.DOT))
            assert server.connections == 2
            assert traffic(querier, transport=Transport.DOT).queries == 3
            server.drop_connections()
            await response(querier, place(server, Transport.DOT))
            assert server.connections == 3

    asyncio.run(scene())


def test_a_server_that_closes_every_connection_is_unreachable(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", Behaviour(tcp_closes=True))
            silence = await silenced(querier, place(server, Transport.DOT))
            assert silence == NoResponse(FailureReason.UNREACHABLE, "connection closed without an answer")
            assert server.connections == 1

    asyncio.run(scene())


def test_a_silent_connection_is_not_used_again_after_a_timeout(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(clock, trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", SILENT, ANSWER)
            asked = asyncio.ensure_future(once(querier, place(server, Transport.DOT)))
            await until(lambda: bool(server.received))
            await clock.pass_time(LIMITS.timeout)
            assert (await asked).outcome == NoResponse(FailureReason.TIMEOUT, "no answer within 2 s")
            await response(querier, place(server, Transport.DOT))
            assert server.connections == 2
            await until(lambda: server.open_connections == 1)

    asyncio.run(scene())


def test_an_answer_after_the_timeout_counts_as_late_when_others_keep_the_connection(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(clock, trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", Behaviour(held=True), ANSWER)
            asked = asyncio.ensure_future(once(querier, place(server, Transport.DOT)))
            await until(lambda: len(server.received) == 1)
            await clock.pass_time(LIMITS.timeout / 2)
            await response(querier, place(server, Transport.DOT))
            await clock.pass_time(LIMITS.timeout / 2)
            assert isinstance((await asked).outcome, NoResponse)
            server.release()
            await until(lambda: traffic(querier, transport=Transport.DOT).late == 1)
            await response(querier, place(server, Transport.DOT))
            assert server.connections == 1

    asyncio.run(scene())


def test_a_connection_that_leaves_1024_questions_unanswered_is_replaced(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        limits = QueryLimits(queries_per_second=1e6, max_in_flight=2_000, timeout=LIMITS.timeout)
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(clock, limits, trust=certificate.trust()) as querier,
        ):
            resolver = place(server, Transport.DOT)
            server.script("www.example.", ANSWER)
            server.script("lost.example.", SILENT)
            lost = Query(resolver, Question(DomainName("lost.example."), RecordType.A))
            given_up: list[Observation] = []

            async def lose(count: int) -> None:
                """Lose so many while others are answered, and ask once more."""
                sent, ended = len(server.received) + count, len(given_up) + count
                querier.submit([lost] * count, given_up.append)
                await until(lambda: len(server.received) == sent)
                await clock.pass_time(LIMITS.timeout / 2)
                await response(querier, resolver)
                await clock.pass_time(LIMITS.timeout / 2)
                await until(lambda: len(given_up) == ended)
                await response(querier, resolver)

            await lose(1_023)
            assert server.connections == 1
            await lose(1)
            assert server.connections == 2
            assert all(isinstance(observation.outcome, NoResponse) for observation in given_up)

    asyncio.run(scene())


def test_a_handshake_that_never_ends_is_a_timeout(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock, trust=certificate.trust()) as querier:
            asked = asyncio.ensure_future(once(querier, place(server, Transport.DOT)))
            await until(lambda: bool(server.open_connections))
            await clock.pass_time(LIMITS.timeout)
            assert (await asked).outcome == NoResponse(FailureReason.TIMEOUT, "no answer within 2 s")
            await until(lambda: not server.open_connections)

    asyncio.run(scene())


def test_wrong_ids_and_wrong_questions_are_never_believed(certificate: Certificate) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(clock, trust=certificate.trust()) as querier,
        ):
            wrong = (Behaviour(answer=ANSWER.answer, wrong_id=True), Behaviour(question="other.example."))
            server.script("www.example.", *wrong, ANSWER)
            for number in (1, 2):
                asked = asyncio.ensure_future(once(querier, place(server, Transport.DOT)))
                await until(lambda number=number: len(server.received) == number)  # type: ignore[misc]  # a lambda's default is untyped
                await clock.pass_time(LIMITS.timeout)
                assert isinstance((await asked).outcome, NoResponse)
            assert isinstance((await once(querier, place(server, Transport.DOT))).outcome, Response)
            assert traffic(querier, transport=Transport.DOT).mismatched == 2

    asyncio.run(scene())


def test_a_stream_of_strays_is_given_up(certificate: Certificate) -> None:
    async def scene() -> None:
        async with (
            ScriptableServer(tls=certificate.server_context()) as server,
            asking(HandClock(), trust=certificate.trust()) as querier,
        ):
            server.script("www.example.", Behaviour(wrong_id=True, copies=20), ANSWER)
            silence = await silenced(querier, place(server, Transport.DOT))
            assert silence == NoResponse(FailureReason.MALFORMED, "16 messages that answer nothing that was asked")
            await response(querier, place(server, Transport.DOT))
            assert server.connections == 2

    asyncio.run(scene())


def test_closing_ends_what_is_in_flight_and_every_connection(certificate: Certificate) -> None:
    async def scene() -> None:
        async with ScriptableServer(tls=certificate.server_context()) as server:
            server.script("www.example.", SILENT)
            async with asking(HandClock(), trust=certificate.trust()) as querier:
                asked = asyncio.ensure_future(once(querier, place(server, Transport.DOT)))
                await until(lambda: bool(server.received))
            assert (await asked).outcome == NoResponse(FailureReason.UNREACHABLE, "the querier was closed")
            assert (await asked).question == WWW
            await until(lambda: not server.open_connections)

    asyncio.run(scene())
