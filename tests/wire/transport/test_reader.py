"""From bytes to a Response: canonical text, bounds, and a Silence for everything that does not parse."""

from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rrset
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probe.model.outcome import ExtendedError, FailureReason, NoResponse, Response, RRset
from probe.wire.transport.reader import read

MAX_ERROR_TEXT = 256
MAX_ERRORS = 8
MAX_NSID = 128
MAX_RDATA_TEXT = 17000
MAX_RECORDS = 1000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.bin"))


def message(*answer: str, options: tuple[dns.edns.Option, ...] = ()) -> dns.message.Message:
    query = dns.message.make_query("www.example.", "A", use_edns=0)
    made = dns.message.make_response(query)
    made.flags |= dns.flags.AA
    if options:
        made.use_edns(0, options=list(options))
    for line in answer:
        name, ttl, rdtype, rdata = line.split(maxsplit=3)
        made.answer.append(dns.rrset.from_text(name, int(ttl), "IN", rdtype, rdata))
    return made


def parsed(made: dns.message.Message | bytes) -> Response:
    outcome = read(made if isinstance(made, bytes) else made.to_wire(max_size=65535))
    assert isinstance(outcome, Response), outcome
    return outcome


def raw_answer(rdtype: int, rdata: bytes, *, count: int = 1, rdclass: int = 1) -> bytes:
    """Make a response to `www.example. A` with records of any content."""
    header = b"\x12\x34\x84\x00\x00\x01" + count.to_bytes(2, "big") + bytes(4)
    record = b"\xc0\x0c" + rdtype.to_bytes(2, "big") + rdclass.to_bytes(2, "big") + b"\x00\x00\x00\x3c"
    record += len(rdata).to_bytes(2, "big") + rdata
    return header + b"\x03www\x07example\x00\x00\x01\x00\x01" + record * count


def assert_plain(outcome: Response | NoResponse) -> None:
    """Whatever the sender put in, only bounded printable ASCII comes out."""
    texts = [outcome.detail] if isinstance(outcome, NoResponse) else [outcome.rcode, outcome.nsid or ""]
    if isinstance(outcome, Response):
        for rrset in outcome.answer + outcome.authority + outcome.additional:
            texts += [rrset.name, rrset.rdtype, *rrset.rdata]
            assert rrset.name == rrset.name.lower()
            assert rrset.name.endswith(".")
            assert list(rrset.rdata) == sorted(set(rrset.rdata))
        texts += [error.text for error in outcome.errors]
        assert outcome.wire[:2] == b"\x00\x00"
        assert outcome.size == len(outcome.wire)
    for text in texts:
        assert text.isascii()
        assert text.isprintable()
        assert len(text) <= MAX_RDATA_TEXT


def test_records_of_one_name_and_type_are_one_sorted_set_with_the_lowest_ttl() -> None:
    answer = parsed(
        message("www.example. 60 A 192.0.2.9", "WWW.Example. 30 A 192.0.2.10", "www.example. 90 A 192.0.2.9")
    )
    assert answer.answer == (RRset("www.example.", "A", 30, ("192.0.2.10", "192.0.2.9")),)  # type: ignore[arg-type]  # a DomainName


def test_two_cnames_of_one_name_are_both_shown() -> None:
    answer = parsed(message("www.example. 60 CNAME a.example.", "www.example. 60 CNAME b.example."))
    assert answer.answer[0].rdata == ("a.example.", "b.example.")


def test_sets_stay_in_the_order_of_the_message() -> None:
    answer = parsed(message("www.example. 60 CNAME z.example.", "z.example. 60 A 192.0.2.1"))
    assert [(rrset.name, rrset.rdtype) for rrset in answer.answer] == [("www.example.", "CNAME"), ("z.example.", "A")]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("www.example. 60 CNAME LB-1.EU.elb.Example.", "lb-1.eu.elb.example."),
        ("www.example. 60 NS Ns-1.Example.", "ns-1.example."),
        ("www.example. 60 SOA NS.Example. Admin.Example. 1 7200 900 1209600 86400",
         "ns.example. admin.example. 1 7200 900 1209600 86400"),
        ("www.example. 60 AAAA 2001:DB8:0:0::1", "2001:db8::1"),
        ("www.example. 60 MX 10 Mail.Example.", "10 mail.example."),
        ('www.example. 60 TXT "Heritage=External-DNS" "b"', '"Heritage=External-DNS" "b"'),
        (r'www.example. 60 TXT "a\"b\\c\009\200"', r'"a\"b\\c\009\200"'),
    ],
)  # fmt: skip
def test_rdata_is_canonical_presentation_text(line: str, text: str) -> None:
    assert parsed(message(line)).answer[0].rdata == (text,)


def test_names_are_lower_case_and_escaped() -> None:
    made = message()
    made.answer.append(dns.rrset.from_text(r"A\.b\000\255.Example.", 60, "IN", "A", "192.0.2.1"))
    assert parsed(made).answer[0].name == r"a\.b\000\255.example."


def test_a_type_whose_text_is_not_plain_is_shown_in_the_generic_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns.rdata.GenericRdata, "to_text", lambda _: "ü\n")
    assert parsed(raw_answer(65280, b"\x00\xff\x1b")).answer[0].rdata == ("\\# 3 00ff1b",)


def test_flags_and_rcode_are_read() -> None:
    made = message()
    made.flags |= dns.flags.RA | dns.flags.AD
    made.set_rcode(dns.rcode.BADVERS)
    answer = parsed(made)
    assert (answer.rcode, answer.authoritative, answer.recursion_available, answer.authenticated) == (
        "BADVERS",
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("nsid", "text"), [(b"fra-7.ns", "fra-7.ns"), (b"\x00\xff", "00ff"), (b"", ""), (b"x" * 500, "x" * MAX_NSID)]
)
def test_the_server_identifier_is_text_or_hexadecimal_and_bounded(nsid: bytes, text: str) -> None:
    assert parsed(message(options=(dns.edns.NSIDOption(nsid),))).nsid == text


def test_without_a_server_identifier_there_is_none() -> None:
    assert parsed(message()).nsid is None


def test_extended_errors_are_bounded_plain_text() -> None:
    options = tuple(
        dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, text)
        for text in ("no reach", "\x1b[2Jé", "y" * 2000, *("more",) * 20)
    )
    errors = parsed(message(options=options)).errors
    assert errors[:3] == (
        ExtendedError(22, "no reach"),
        ExtendedError(22, r"\027[2J\195\169"),
        ExtendedError(22, "y" * MAX_ERROR_TEXT),
    )
    assert len(errors) == MAX_ERRORS


def test_the_scope_of_a_client_subnet_is_read() -> None:
    assert parsed(message(options=(dns.edns.ECSOption("192.0.2.0", 24, 16),))).client_subnet_scope == 16


@pytest.mark.parametrize(
    ("wire", "detail"),
    [
        (b"", "shorter than a header"),
        (bytes(11), "shorter than a header"),
        (b"\x00\x00\x84\x00\x00\x01\xff\xff\x00\x00\x00\x00", f"announces more than {MAX_RECORDS} records"),
        (raw_answer(16, b"\x05hello", rdclass=3), "a record of class CH"),
        (raw_answer(16, (b"\xff" + b"\x00" * 255) * 17), f"an rdata of more than {MAX_RDATA_TEXT} characters"),
        (raw_answer(1, b"\xc0\x00\x02"), "does not parse (FormError)"),
        (raw_answer(1, b"\xc0\x00\x02\x01") + b"junk", "does not parse (TrailingJunk)"),
        (raw_answer(5, b"\xc0\xff"), "does not parse (BadPointer)"),
    ],
)
def test_what_does_not_parse_or_is_too_much_is_malformed(wire: bytes, detail: str) -> None:
    assert read(wire) == NoResponse(FailureReason.MALFORMED, detail)


def test_the_largest_txt_value_of_route_53_is_read() -> None:
    strings = (b"\xff" + b"\x07" * 255) * 15
    (text,) = parsed(raw_answer(16, strings)).answer[0].rdata
    assert text.count('"') == 30


def test_the_message_is_kept_as_evidence_without_its_id() -> None:
    wire = raw_answer(1, b"\xc0\x00\x02\x01")
    assert parsed(wire).wire == b"\x00\x00" + wire[2:]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_is_read_as_its_names_say(path: Path) -> None:
    outcome = read(path.read_bytes())
    assert_plain(outcome)
    assert isinstance(outcome, NoResponse) == path.stem.startswith("bad-")


def test_the_corpus_is_there() -> None:
    assert len(CORPUS) > 20


@given(st.binary(max_size=600))
@example(bytes(12))
def test_any_bytes_are_a_response_or_a_silence(wire: bytes) -> None:
    assert_plain(read(wire))


@given(st.sampled_from(CORPUS), st.data())
def test_a_damaged_message_is_a_response_or_a_silence(path: Path, data: st.DataObject) -> None:
    wire = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        if wire:
            wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    assert_plain(read(bytes(wire[: data.draw(st.integers(0, len(wire)))])))


@given(st.sampled_from([1, 2, 5, 6, 16, 28, 33, 41, 43, 46, 48, 64, 65, 250, 256, 257, 65280]), st.binary(max_size=300))
def test_any_rdata_of_any_type_is_a_response_or_a_silence(rdtype: int, rdata: bytes) -> None:
    assert_plain(read(raw_answer(rdtype, rdata)))


@given(st.binary(max_size=100))
def test_any_edns_option_is_a_response_or_a_silence(options: bytes) -> None:
    header = b"\x00\x00\x84\x00\x00\x01\x00\x00\x00\x00\x00\x01\x03www\x07example\x00\x00\x01\x00\x01"
    opt = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00" + len(options).to_bytes(2, "big") + options
    assert_plain(read(header + opt))


def test_memory_that_ends_while_a_message_is_read_is_not_held_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(dns.message, "from_wire", exhausted)
    with pytest.raises(MemoryError):
        read(bytes(12))
