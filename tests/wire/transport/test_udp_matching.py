"""Over UDP: what is believed, and what is dropped and counted."""

import asyncio

import pytest

from probe.model.name import DomainName
from probe.model.outcome import FailureReason, NoResponse, Response
from probe.model.question import Question, RecordType
from tests.wire.querying import LIMITS, HandClock, asking, once, place, response, silenced, traffic, until
from tests.wire.scriptable_server import (
    EMPTY_DATAGRAM,
    GARBAGE,
    Behaviour,
    ScriptableServer,
    broken_after_question,
    cname_chain,
)

ANSWER = Behaviour(answer=("www.example. 60 IN A 192.0.2.1", "www.example. 60 IN A 192.0.2.2"))


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(GARBAGE, id="garbage"),
        pytest.param(EMPTY_DATAGRAM, id="empty datagram"),
        pytest.param(Behaviour(answer=ANSWER.answer, wrong_id=True), id="wrong id"),
        pytest.param(Behaviour(answer=ANSWER.answer, question="other.example."), id="wrong question"),
        pytest.param(Behaviour(answer=ANSWER.answer, other_port=True), id="another source port"),
        pytest.param(
            Behaviour(mangle=lambda message: message[:2] + b"\x00" + message[3:]), id="a query, not a response"
        ),
        pytest.param(Behaviour(mangle=lambda message: message[:2] + b"\xa8" + message[3:]), id="another opcode"),
        pytest.param(Behaviour(mangle=lambda message: message[:2]), id="the id and nothing else"),
        pytest.param(
            Behaviour(mangle=lambda message: message[:2] + b"\x84\x00" + bytes(8)), id="no question, no error"
        ),
        pytest.param(
            Behaviour(mangle=lambda message: message.replace(b"\x00\x01\x00\x01", b"\x00\x1c\x00\x01", 1)),
            id="wrong type",
        ),
    ],
)
def test_what_does_not_match_is_dropped_and_counted_and_the_question_goes_on_waiting(behaviour: Behaviour) -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", behaviour, ANSWER)
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: bool(querier.traffic()) and traffic(querier).mismatched == 1)
            assert not asked.done()
            await clock.pass_time(LIMITS.timeout)
            observation = await asked
            outcome = observation.outcome
            assert observation.elapsed == pytest.approx(LIMITS.timeout)
            assert isinstance(outcome, NoResponse)
            assert outcome.reason is FailureReason.TIMEOUT
            assert (await response(querier, place(server))).answer[0].rdata == ("192.0.2.1", "192.0.2.2")

    asyncio.run(scene())


def test_the_true_answer_is_believed_after_forged_ones_with_the_right_id() -> None:
    async def scene() -> None:
        forged = b"??\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00\x04evil\x07example\x00\x00\x01\x00\x01"
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, forged_first=(forged, b"junk", b"")))
            assert (await response(querier, place(server))).answer[0].name == "www.example."
            assert traffic(querier).mismatched == 3

    asyncio.run(scene())


def test_a_datagram_from_a_stranger_is_nobodys_but_counted() -> None:
    async def scene() -> None:
        async with (
            ScriptableServer() as server,
            asking(HandClock()) as querier,
            ScriptableServer("127.0.0.2") as stranger,
        ):
            server.script("www.example.", Behaviour(answer=ANSWER.answer, held=True))
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: bool(server.received))
            stranger.send_datagram(b"hello", ("127.0.0.1", server.received[0].source[1]))
            await until(lambda: len(querier.traffic()) == 2)
            assert traffic(querier, "unsolicited").mismatched == 1
            server.release()
            assert isinstance((await asked).outcome, Response)

    asyncio.run(scene())


def test_a_matched_message_that_does_not_parse_is_malformed() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, mangle=broken_after_question))
            silence = await silenced(querier, place(server))
            assert silence.reason is FailureReason.MALFORMED
            assert traffic(querier).failures == ((FailureReason.MALFORMED, 1),)

    asyncio.run(scene())


def test_a_datagram_that_is_longer_than_offered_is_read_and_one_beyond_all_bounds_is_malformed() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            long = tuple(f"www.example. 60 IN TXT {'x' * 250}{number}" for number in range(10))
            server.script(
                "www.example.", Behaviour(answer=long), Behaviour(answer=long * 3, mangle=lambda m: m + bytes(9000))
            )
            assert (await response(querier, place(server))).size > 1232
            silence = await silenced(querier, place(server))
            assert silence == NoResponse(FailureReason.MALFORMED, "a datagram of more than 4096 bytes")

    asyncio.run(scene())


def test_an_error_without_a_question_section_is_believed_since_it_is_no_evidence() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script("www.example.", Behaviour(mangle=lambda message: message[:2] + b"\x80\x05" + bytes(8)))
            assert (await response(querier, place(server))).rcode == "REFUSED"

    asyncio.run(scene())


def test_second_answers_count_as_duplicates_and_late_ones_as_late() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script("www.example.", Behaviour(answer=ANSWER.answer, copies=3), Behaviour(held=True, copies=2))
            await response(querier, place(server))
            await until(lambda: traffic(querier).duplicates == 2)
            asked = asyncio.ensure_future(once(querier, place(server)))
            await until(lambda: len(server.received) == 2)
            await clock.pass_time(LIMITS.timeout)
            assert isinstance((await asked).outcome, NoResponse)
            server.release()
            await until(lambda: traffic(querier).duplicates == 3)
            assert traffic(querier).late == 1
            assert traffic(querier).mismatched == 0

    asyncio.run(scene())


def test_an_endless_cname_chain_is_one_answer_and_is_not_followed() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            question = Question(DomainName("0.chain.example."), RecordType.A)
            server.script("0.chain.example.", Behaviour(answer=cname_chain(40)))
            assert len((await response(querier, place(server), question)).answer) == 40
            assert len(server.received) == 1

    asyncio.run(scene())
