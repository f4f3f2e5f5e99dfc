from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.lab.dns_message import (
    HEADER_SIZE,
    Refusal,
    _parse,
    _respond,
    read,
    refuse,
    respond,
)
from probe.model.name import DomainName
from probe.route53.reply import Records, ServedQuery, ServedReply

WEB = DomainName("web.example.com.")
LONG = ServedReply(
    answer=(Records(WEB, "TXT", 300, tuple(f'"{n}{"x" * 240}"' for n in range(20))),), authoritative=True
)


def query(name: str = "web.example.com", rdtype: str = "A", **more: Any) -> dns.message.Message:
    return dns.message.make_query(name, rdtype, **more)


def answered(asked: dns.message.Message, reply: ServedReply, *, udp: bool = True) -> dns.message.Message:
    return dns.message.from_wire(respond(asked.to_wire(), reply, udp=udp))


def lengths_sent_whole(asked: dns.message.Message, *lengths: int, udp: bool) -> list[int]:
    """Give those lengths at which a reply, one TXT of so many octets in all, is sent and not truncated."""
    bare = len(respond(asked.to_wire(), of_texts('""'), udp=False)) - 1
    found = []
    for length in lengths:
        full, rest = divmod(length - bare, 256)
        texts = ["x" * 255] * full + (["x" * (rest - 1)] if rest else [])
        wire = respond(asked.to_wire(), of_texts(*(f'"{text}"' for text in texts)), udp=udp)
        found += [len(wire)] if not dns.message.from_wire(wire).flags & dns.flags.TC else []
    return found


def of_texts(*texts: str) -> ServedReply:
    return ServedReply(answer=(Records(WEB, "TXT", 300, (" ".join(texts),)),))


def test_a_query_is_read_in_lower_case_and_answered_in_the_case_it_was_asked_in() -> None:
    asked = query("wEb.eXample.Com")
    assert read(asked.to_wire()) == ServedQuery(WEB, "A", recursion_desired=True)
    wire = respond(asked.to_wire(), ServedReply(answer=(Records(WEB, "A", 60, ("192.0.2.1",)),)), udp=True)
    assert b"\x03wEb\x07eXample\x03Com" in wire
    assert wire[:2] == asked.to_wire()[:2]
    assert dns.message.from_wire(wire).question[0].name.to_text() == "wEb.eXample.Com."


@pytest.mark.parametrize("label", ["remembered", "r" * 63])  # 63 octets: RFC 1035 section 2.3.4
def test_a_question_is_remembered_whatever_the_case_of_its_letters(label: str) -> None:
    names = (f"{label}.example.com", f"{label[0].upper()}{label[1:]}.eXaMpLe.CoM", f"{label}.example.com".upper())
    first, *others = (query(name, "HTTPS").to_wire() for name in names)  # 65, a capital A
    owner = DomainName(f"{label}.example.com.")
    reply = ServedReply(authority=(Records(owner, "NS", 60, (f"ns.{label}.example.com.",)),))
    assert read(first) == ServedQuery(owner, "HTTPS", recursion_desired=True)
    respond(first, reply, udp=True)
    before = _parse.cache_info().misses, _respond.cache_info().misses
    for name, wire in zip(names[1:], others, strict=True):
        assert read(wire) == read(first)
        answer = dns.message.from_wire(respond(wire, reply, udp=True))
        assert answer.id == int.from_bytes(wire[:2], "big")
        assert answer.question[0].name.to_text() == answer.authority[0].name.to_text() == f"{name}."
        assert answer.authority[0][0].to_text() == f"ns.{name}."
    assert (_parse.cache_info().misses, _respond.cache_info().misses) == before


def test_a_name_that_points_into_the_header_leaves_the_type_as_it_was_asked() -> None:
    header = b"\x00\x07\x01\x00\x00\x01" + bytes(6)
    assert read(header + b"\xc0\x06\x00\x41\x00\x01") == ServedQuery(DomainName("."), "HTTPS", recursion_desired=True)


@pytest.mark.parametrize(("octets", "remembered"), [(300, 1), (301, 0)])
def test_what_is_longer_than_any_honest_question_is_read_and_answered_and_not_remembered(
    octets: int, remembered: int
) -> None:
    def padded(length: int) -> bytes:
        return query(use_edns=0, options=[dns.edns.GenericOption(dns.edns.OptionType.PADDING, bytes(length))]).to_wire()

    wire = padded(octets + 2 - len(padded(0)))  # all but the id
    before = [one.cache_info().misses for one in (_parse, _respond)]
    assert isinstance(read(wire), ServedQuery)
    respond(wire, ServedReply("NXDOMAIN"), udp=True)
    assert [one.cache_info().misses for one in (_parse, _respond)] == [count + remembered for count in before]


@pytest.mark.parametrize("scrap", [b"", b"\x3f", b"\xc0\x0c", b"\x80", b"\x03AbC", b"\x03AbC\x00\x00\x41"])
def test_a_question_without_an_end_is_read_as_none(scrap: bytes) -> None:
    assert read(b"\x00\x07\x01\x00\x00\x01" + bytes(6) + scrap) == Refusal("FORMERR")


def test_flags_follow_the_reply_and_rd_is_only_copied() -> None:
    asked = query()
    asked.flags = dns.flags.Flag(0)
    assert answered(asked, ServedReply(authoritative=True)).flags == dns.flags.QR | dns.flags.AA
    asked.flags = dns.flags.RD
    assert answered(asked, ServedReply(recursion_available=True)).flags == dns.flags.QR | dns.flags.RD | dns.flags.RA


def test_values_are_sent_in_the_order_of_the_reply() -> None:
    addresses = tuple(f"192.0.2.{n}" for n in (9, 3, 7, 1, 5, 2, 8))
    reply = answered(query(), ServedReply(answer=(Records(WEB, "A", 60, addresses),)))
    assert [rdata.to_text() for rdata in reply.answer[0]] == list(addresses)


@pytest.mark.parametrize(
    ("edns", "payload", "limit"),
    [(False, 0, 512), (0, 100, 512), (0, 1232, 1232), (0, 65000, 4096)],  # without a size: RFC 1035 section 4.2.1
)
def test_a_reply_too_long_for_the_clients_datagrams_is_truncated(edns: object, payload: int, limit: int) -> None:
    asked = query(rdtype="TXT", use_edns=edns, payload=payload)
    wire = respond(asked.to_wire(), LONG, udp=True)
    assert len(wire) <= limit
    reply = dns.message.from_wire(wire)
    assert reply.flags & dns.flags.TC
    assert (reply.answer, reply.authority, len(reply.question)) == ([], [], 1)
    assert (reply.edns >= 0) == (edns is not False)
    assert lengths_sent_whole(asked, limit, limit + 1, udp=True) == [limit]


def test_over_tcp_nothing_is_truncated() -> None:
    reply = answered(query(rdtype="TXT"), LONG, udp=False)
    assert not reply.flags & dns.flags.TC
    assert len(reply.answer[0]) == 20


def test_more_than_a_message_can_hold_is_truncated_even_over_tcp() -> None:
    values = tuple(" ".join([f'"{n:04d}{"x" * 250}"'] * 15) for n in range(30))
    reply = answered(query(rdtype="TXT"), ServedReply(answer=(Records(WEB, "TXT", 1, values),)), udp=False)
    assert reply.flags & dns.flags.TC
    assert lengths_sent_whole(query(rdtype="TXT"), 65_535, 65_536, udp=False) == [65_535]  # two octets of length


def test_the_machines_name_is_told_only_to_who_asks_for_it() -> None:
    reply = ServedReply(nsid="ns-1.awsdns-00.com.1")
    asked = query(use_edns=0, options=[dns.edns.NSIDOption(b"")])
    (option,) = answered(asked, reply).options
    assert isinstance(option, dns.edns.NSIDOption)
    assert option.nsid == b"ns-1.awsdns-00.com.1"
    assert answered(query(use_edns=0), reply).options == ()
    assert answered(query(use_edns=False), reply).edns == -1


def test_a_client_subnet_comes_back_with_scope_zero() -> None:
    asked = query(use_edns=0, options=[dns.edns.ECSOption("203.0.113.0", 24)])
    (option,) = answered(asked, ServedReply()).options
    assert isinstance(option, dns.edns.ECSOption)
    assert (option.address, option.srclen, option.scopelen) == ("203.0.113.0", 24, 0)


def test_extended_errors_are_sent_with_edns() -> None:
    (option,) = answered(query(use_edns=0), ServedReply(errors=(3,))).options
    assert isinstance(option, dns.edns.EDEOption)
    assert option.code == dns.edns.EDECode.STALE_ANSWER


def test_an_edns_version_that_nobody_knows_is_badvers() -> None:
    reply = answered(query(use_edns=1), ServedReply(answer=(Records(WEB, "A", 60, ("192.0.2.1",)),)))
    assert reply.rcode() == dns.rcode.BADVERS
    assert reply.answer == []


def test_txt_octal_escapes_become_bytes() -> None:
    reply = answered(query(rdtype="TXT"), ServedReply(answer=(Records(WEB, "TXT", 1, (r'"\101\"" "b"',)),)))
    assert reply.answer[0][0].strings == (b'A"', b"b")


def test_names_beyond_letters_survive() -> None:
    asked = query(r"a\.b\000\200.example.com")
    reading = read(asked.to_wire())
    assert isinstance(reading, ServedQuery)
    wire = respond(asked.to_wire(), ServedReply(answer=(Records(reading.name, "A", 1, ("192.0.2.1",)),)), udp=True)
    reply = dns.message.from_wire(wire)
    assert reply.answer[0].name == reply.question[0].name == dns.name.from_text(r"a\.b\000\200.example.com")


def test_replies_and_scraps_are_never_replied_to() -> None:
    assert read(b"") is None
    assert read(bytes(HEADER_SIZE - 1)) is None
    assert read(dns.message.make_response(query()).to_wire()) is None


def test_what_is_no_question_of_this_class_is_refused_with_the_fitting_code() -> None:
    update = query()
    update.set_opcode(dns.opcode.NOTIFY)
    assert read(update.to_wire()) == Refusal("NOTIMP")
    assert read(query(rdclass="CH").to_wire()) == Refusal("REFUSED")
    assert read(query(rdtype="AXFR").to_wire()) == Refusal("REFUSED")
    assert read(bytes(HEADER_SIZE)) == Refusal("FORMERR")
    assert read(query().to_wire()[:-3]) == Refusal("FORMERR")


def test_a_refusal_is_a_bare_header_with_the_id() -> None:
    wire = query().to_wire()[:-3]
    reply = refuse(wire, Refusal("FORMERR"))
    assert (len(reply), reply[:2], reply[2] & 0x80, reply[3]) == (HEADER_SIZE, wire[:2], 0x80, 1)


@given(st.one_of(st.binary(max_size=600), st.binary(max_size=40).map(lambda tail: query().to_wire() + tail)))
def test_garbage_never_raises(wire: bytes) -> None:
    reading = read(wire)
    if isinstance(reading, ServedQuery):
        assert respond(wire, ServedReply(nsid="x"), udp=True)[:2] == wire[:2]
    elif reading is not None:
        assert refuse(wire, reading)[:2] == wire[:2]


@given(st.integers(min_value=0, max_value=60), st.integers(min_value=0, max_value=255), st.booleans())
def test_a_damaged_query_never_raises(position: int, byte: int, udp: bool) -> None:  # noqa: FBT001 -- hypothesis draws it
    wire = bytearray(query(use_edns=0, options=[dns.edns.NSIDOption(b"")]).to_wire())
    wire[position % len(wire)] = byte
    reading = read(bytes(wire))
    if isinstance(reading, ServedQuery):
        respond(bytes(wire), ServedReply(nsid="x", answer=(Records(reading.name, "A", 1, ("192.0.2.1",)),)), udp=udp)
