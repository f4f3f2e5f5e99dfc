"""The case of a question's letters: random, held to exactly, and given up where a server is proven not to keep it."""

import asyncio
import math
import random

import pytest
from structlog.testing import capture_logs

from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.question import Question, RecordType
from probe.model.server import Transport
from probe.wire.transport.identifiers import Identifiers
from probe.wire.transport.query import Flavours, case_bits, mixed
from tests.wire.querying import HandClock, asking, once, place, response, silenced, traffic
from tests.wire.scriptable_server import Behaviour, ScriptableServer

CASE_LOST = 4
UNMIXED_SECONDS = 3600.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

NAME = "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz.example."
"""With so many letters that none of these tests will ever draw plain case."""
LONG = Question(DomainName(NAME), RecordType.A)
ANSWER = Behaviour(answer=(f"{NAME} 60 IN A 192.0.2.1",))
PORTS = 60_999 - 32_768 + 1
"""Linux' own choice (ip_local_port_range)."""


def folded(message: bytes) -> bytes:
    """Answer as a server that does not keep the case."""
    end = message.index(b"\0\0\x01\0\x01", 12)
    return message[:12] + message[12:end].lower() + message[end:]


FOLDING = Behaviour(answer=ANSWER.answer, mangle=folded)


def asked(server: ScriptableServer, transport: str = "udp") -> list[str]:
    return [one.message.question[0].name.to_text() for one in server.received if one.transport == transport]


@pytest.mark.case("F15")
@pytest.mark.parametrize(
    ("name", "least"),
    [("app.example.com.", 43.7), ("a-app.example.com.", 44.7), ("lb-v1-1234.eu-west-1.elb.amazonaws.com.", 53.0)],
)
def test_a_forger_has_more_than_forty_bits_to_guess(name: str, least: float) -> None:
    letters = sum(letter.isalpha() for letter in name)
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    bits = case_bits(wire + b"\0\x01\0\x01").bit_count()
    assert bits == letters
    assert 16 + math.log2(PORTS) + bits >= least


def test_each_letter_is_drawn_and_nothing_else_changes() -> None:
    server = place(ScriptableServer())
    prepared = Flavours().of(server, edns=True).prepare(Question(DomainName("a1-_b.Example."), RecordType.TXT))
    entropy = Identifiers(random.Random(20).randbytes)
    drawn = {mixed(prepared, entropy.bits(len(prepared.question))) for _ in range(3_000)}
    assert len(drawn) > 400  # of 2^9
    assert {one.lower() for one in drawn} == {prepared.question.lower()}
    assert mixed(prepared, b"\xff" * len(prepared.question)).swapcase() == prepared.question
    assert mixed(prepared, bytes(len(prepared.question))) == prepared.question


@pytest.mark.case("F15")
def test_questions_leave_in_random_case_and_equal_answers_are_one() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script(NAME, ANSWER)
            answers = [await response(querier, place(server), LONG) for _ in range(20)]
            assert len(set(asked(server))) == 20
            assert {one.lower() for one in asked(server)} == {NAME}
            assert answers[0].answer[0].name == NAME
            assert all(one is answers[0] for one in answers)

    asyncio.run(scene())


@pytest.mark.case("F15")
def test_a_forged_answer_in_plain_case_is_not_believed_and_changes_nothing() -> None:
    async def scene() -> None:
        question = b"".join(bytes([len(label)]) + label.encode() for label in NAME.split(".")) + b"\0\x01\0\x01"
        forged = b"??\x84\0\0\x01\0\x01\0\0\0\0" + question + b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x06\x06\x06\x06"
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script(NAME, Behaviour(answer=ANSWER.answer, forged_first=(forged,)))
            with capture_logs() as logs:
                for _ in range(CASE_LOST * 2):
                    assert (await response(querier, place(server), LONG)).answer[0].rdata == ("192.0.2.1",)
            assert logs == []
            assert traffic(querier).mismatched == CASE_LOST * 2
            assert len(set(asked(server))) == CASE_LOST * 2  # still in random case

    asyncio.run(scene())


@pytest.mark.case("F15")
def test_a_server_that_does_not_keep_the_case_is_asked_in_plain_case_for_an_hour_and_that_is_said() -> None:
    async def scene() -> None:
        clock = HandClock()
        async with ScriptableServer() as server, asking(clock) as querier:
            server.script(NAME, FOLDING)
            with capture_logs() as logs:
                for _ in range(3):
                    assert (await response(querier, place(server), LONG)).answer[0].rdata == ("192.0.2.1",)
            assert [(log["server"], log["address"]) for log in logs] == [("ns1.example.", server.address)]
            assert asked(server)[1:] == [NAME, NAME]
            assert len(asked(server, "tcp")) == 1
            assert traffic(querier, transport=Transport.TCP).queries == 1
            clock.advance(UNMIXED_SECONDS - 1)
            await response(querier, place(server), LONG)
            assert asked(server)[3] == NAME
            clock.advance(2)
            await response(querier, place(server), LONG)
            assert asked(server)[4] != NAME

    asyncio.run(scene())


@pytest.mark.case("F15")
def test_where_tcp_does_not_lead_it_takes_several_in_a_row() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            server.script(NAME, Behaviour(answer=ANSWER.answer, mangle=folded, tcp_closes=True))
            for _ in range(CASE_LOST):
                await silenced(querier, place(server), LONG)
            assert isinstance((await once(querier, place(server), LONG)).outcome, Response)
            assert asked(server)[-1] == NAME

    asyncio.run(scene())


def test_an_answer_in_the_right_case_begins_the_count_anew() -> None:
    async def scene() -> None:
        async with ScriptableServer() as server, asking(HandClock()) as querier:
            lost = [Behaviour(answer=ANSWER.answer, mangle=folded, tcp_closes=True)] * 2  # by UDP, and then by TCP
            server.script(NAME, *(lost * (CASE_LOST - 1)), ANSWER, *(lost * (CASE_LOST - 1)), ANSWER)
            for _ in range(2):
                for _ in range(CASE_LOST - 1):
                    await silenced(querier, place(server), LONG)
                await response(querier, place(server), LONG)
            assert NAME not in asked(server)

    asyncio.run(scene())
