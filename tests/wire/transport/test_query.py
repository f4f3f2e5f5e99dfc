"""What a query is made of, and which messages answer it."""

from dataclasses import replace
from itertools import product

import dns.edns
import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model.name import DomainName
from probe.model.question import Question, RecordType
from probe.model.server import CachedAnswers, Server, ServerRole
from probe.wire.transport.query import Flavour, Flavours, Names, answers

LEAST_KEPT = 16384
KEPT_PER_DOMAIN = 16
UDP_PAYLOAD = 1232
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

WWW = Question(DomainName("www.example."), RecordType.A)
SUBNET = Server("r", "192.0.2.9", role=ServerRole.RESOLVER, client_subnet="203.0.113.0/24")
PREPARED = Flavours().of(Server("a.", "192.0.2.1"), edns=True).prepare(WWW)
RESPONSE = b"\x84\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x00\x00\x01\x00\x01"


@pytest.mark.parametrize("edns", [True, False])
def test_a_query_is_what_dnspython_reads(edns: bool) -> None:  # noqa: FBT001  # a parameter of the test
    prepared = Flavour(SUBNET, edns=edns, names=Names()).prepare(WWW)
    message = dns.message.from_wire(b"\x00\x00" + prepared.rest)
    assert message.question[0].to_text() == "www.example. IN A"
    assert message.edns == (0 if edns else -1)
    assert len(message.options) == (2 if edns else 0)
    assert prepared.question == b"\x03www\x07example\x00\x00\x01\x00\x01"


@pytest.mark.parametrize("edns", [True, False])
@pytest.mark.parametrize("rdtype", RecordType)
@pytest.mark.parametrize("name", ["www.example.", ".", "*.e.", r"a\.b.example.", r"\000\255.e.", f"{'a' * 63}.e."])
def test_a_query_has_the_bytes_that_dnspython_gives_a_whole_one(name: str, rdtype: RecordType, edns: bool) -> None:  # noqa: FBT001
    server = replace(SUBNET, dnssec_ok=True)
    options = [dns.edns.NSIDOption(b""), dns.edns.ECSOption.from_text("203.0.113.0/24")]
    flags = int(dns.flags.RD | dns.flags.AD)
    whole = dns.message.make_query(
        name,
        rdtype.value,
        use_edns=0 if edns else False,
        payload=UDP_PAYLOAD,
        options=options if edns else None,
        want_dnssec=edns,
        flags=flags,
        id=0,
    )
    prepared = Flavour(server, edns=edns, names=Names()).prepare(Question(DomainName(name), rdtype))
    assert b"\0\0" + prepared.rest == whole.to_wire()
    assert prepared.rest[10:].startswith(prepared.question)


def test_all_names_of_a_large_plan_are_kept_and_none_is_written_again_in_its_second_round() -> None:
    server = Server("a.", "192.0.2.1")
    flavours = Flavours(domains=2_000)
    names = [DomainName(f"{prefix}{number}.example.") for number in range(2_000) for prefix in "abcdefghij"]
    first = [flavours._names.write(name) for name in names]
    assert all(flavours._names.write(name) is one for name, one in zip(names, first, strict=True))
    for number in range(30_000):
        flavours.of(server, edns=True).prepare(Question(DomainName(f"more-{number}.example."), RecordType.TXT))
    assert len(flavours._names._written) == KEPT_PER_DOMAIN * 2_000
    flavours.resize(0)
    assert len(flavours._names._written) == LEAST_KEPT


def test_a_name_is_written_once_whatever_is_asked_of_it_and_whoever_is_and_nothing_else_of_a_query_is_kept() -> None:
    """Of 10,000 domains whole queries are 40 MB, and names 8."""
    flavours = Flavours()
    for server, edns, rdtype in product((Server("a.", "192.0.2.1"), SUBNET), (True, False), RecordType):
        flavours.of(server, edns=edns).prepare(Question(WWW.name, rdtype))
    assert flavours._names._written == {WWW.name: b"\x03www\x07example\x00"}


def test_the_number_of_names_that_are_kept_is_bounded() -> None:
    names = Names(capacity=3)
    assert names.write(WWW.name) is names.write(WWW.name)
    for number in range(10):
        names.write(DomainName(f"n{number}.example."))
    assert len(names._written) == 3


def test_signatures_and_unvalidated_answers_are_asked_for_where_the_server_is_to_be_asked_so() -> None:
    flavours = Flavours()

    def asked(server: Server) -> dns.message.Message:
        return dns.message.from_wire(b"\x00\x00" + flavours.of(server, edns=True).prepare(WWW).rest)

    plain = Server("a.", "192.0.2.1")
    assert not asked(plain).ednsflags & dns.flags.DO
    assert asked(replace(plain, dnssec_ok=True)).ednsflags & dns.flags.DO
    resolver = replace(plain, role=ServerRole.RESOLVER)
    assert not asked(resolver).flags & dns.flags.CD
    assert asked(replace(resolver, checking_disabled=True)).flags & dns.flags.CD


@pytest.mark.case("D5")
@pytest.mark.parametrize(
    ("cached", "desired"),
    [(CachedAnswers.REFUSED, False), (CachedAnswers.ADMITTED, True), (CachedAnswers.ALWAYS, True)],
)
def test_recursion_is_desired_of_whoever_the_plan_names(cached: CachedAnswers, desired: bool) -> None:  # noqa: FBT001
    flavours = Flavours()
    flavours.of(Server("a.", "192.0.2.1"), edns=True)  # each has a flavour of its own
    prepared = flavours.of(Server("a.", "192.0.2.1", cached=cached), edns=True).prepare(WWW)
    assert bool(dns.message.from_wire(b"\x00\x00" + prepared.rest).flags & dns.flags.RD) is desired


def test_servers_of_one_kind_share_their_queries() -> None:
    flavours = Flavours()
    assert flavours.of(Server("a.", "192.0.2.1"), edns=True) is flavours.of(Server("b.", "192.0.2.2"), edns=True)
    assert flavours.of(Server("a.", "192.0.2.1"), edns=True) is not flavours.of(
        Server("a.", "192.0.2.1", client_subnet="192.0.2.0/24"), edns=True
    )


def test_the_response_to_the_question_answers_it() -> None:
    assert answers(PREPARED, RESPONSE)
    assert answers(PREPARED, RESPONSE.replace(b"www\x07e", b"WwW\x07E"))


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        RESPONSE[:9],
        b"\x04" + RESPONSE[1:],
        b"\xac" + RESPONSE[1:],
        RESPONSE[:3] + b"\x02" + RESPONSE[4:],
        RESPONSE.replace(b"www", b"wwx"),
        RESPONSE[:-3] + b"\x1c\x00\x01",
        RESPONSE[:-1] + b"\x03",
        RESPONSE[:-1],
        b"\x84\x00" + bytes(8),
        b"\x84\x03" + bytes(8),
        b"\x84\x05" + bytes(3) + b"\x01" + bytes(4) + b"\x00" * 12,
    ],
)
def test_anything_else_does_not(rest: bytes) -> None:
    assert not answers(PREPARED, rest)


@pytest.mark.parametrize("rcode", [1, 2, 4, 5])
def test_a_bare_error_does(rcode: int) -> None:
    assert answers(PREPARED, bytes([0x80, rcode]) + bytes(8))


@given(st.binary(max_size=80))
def test_any_bytes_can_be_asked_about(rest: bytes) -> None:
    assert answers(PREPARED, rest) in {True, False}
