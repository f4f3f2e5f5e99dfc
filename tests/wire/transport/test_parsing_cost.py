"""What a message may cost: bounded before it is parsed, and never so tightly that an honest one is refused."""

import struct
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model.outcome import FailureReason, NoResponse, Response
from probe.wire.transport.parsing_cost import _Scan, allowance, is_too_dear
from probe.wire.transport.reader import read
from tests.wire.expanding import QUESTION, expanding, long_name, record, response

BASE = 10000
MAX_HOPS = 127
MOST = 40000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.bin"))


def addresses(count: int, name: str = "www.example.", rdtype: str = "A") -> bytes:
    made = dns.message.make_response(dns.message.make_query(name, rdtype))
    values = [f"198.18.{number >> 8}.{number & 255}" for number in range(count)]
    made.answer.append(dns.rrset.from_text(name, 60, "IN", rdtype, *values))
    return made.to_wire(max_size=65_535)


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(expanding(1_224), id="NS, 1,224 bytes"),
        pytest.param(expanding(14_000), id="NS, 14 KB, as over TCP"),
        pytest.param(expanding(1_224, rdtype=15, before=b"\0\1"), id="MX"),
        pytest.param(expanding(1_224, rdtype=6), id="SOA"),
        pytest.param(expanding(1_224, rdtype=35, before=b"\0\1\0\1\0\0\0"), id="NAPTR"),
        pytest.param(expanding(1_224, rdtype=24, before=bytes(18)), id="SIG"),
        pytest.param(response([record(1, long_name() + b"\0\1", rdclass=3)] * 40), id="A of class CH"),
        pytest.param(response([record(16, b"\0" * 8_000)]), id="TXT of empty strings"),
        pytest.param(response([record(41, b"\xff\xff\0\0" * 5_000, b"\0")], 2), id="OPT of empty options"),
        pytest.param(response([record(55, b"\1\1\0\1aa" + long_name() * 20)]), id="HIP"),
        pytest.param(response([record(64, b"\0\1\0" + b"".join(struct.pack("!HH", n, 0) for n in range(700, 2_700)))]),
                     id="SVCB of empty parameters"),
        pytest.param(response([record(47, b"\0" + b"".join(bytes([n, 32]) + b"\xff" * 32 for n in range(256)))]),
                     id="NSEC of every type"),
        pytest.param(struct.pack("!6H", 0, 0x8400, 900, 0, 0, 0) + QUESTION + b"\xc0\x0c\0\1\0\1" * 899,
                     id="900 questions"),
    ],
)  # fmt: skip
def test_what_would_keep_the_loop_busy_is_malformed_before_it_is_parsed(
    wire: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: object, **__: object) -> None:
        pytest.fail("it was parsed")

    monkeypatch.setattr(dns.message, "from_wire", parse)
    assert read(wire) == NoResponse(FailureReason.MALFORMED, f"would take too long to parse for its {len(wire)} bytes")


@pytest.mark.case("F1")
@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(addresses(400), id="as many values as a record set can have"),
        pytest.param(addresses(400, "a." * 9 + "example."), id="the same, of a name of ten labels"),
        pytest.param(response([record(2, b"\1" + bytes([97 + n]) + b"\x0croot-servers\3net\0") for n in range(13)], 1),
                     id="a root referral"),
        pytest.param(response([record(16, (b"\xff" + bytes([97 + n]) * 255) * 15) for n in range(15)]),
                     id="TXT values of 4,000 bytes"),
        pytest.param(response([record(5, long_name(120))]), id="one name of 120 labels"),
    ],
)  # fmt: skip
def test_what_an_honest_server_sends_is_parsed(wire: bytes) -> None:
    assert isinstance(read(wire), Response)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_no_message_of_the_corpus_is_too_dear(file: Path) -> None:
    assert not is_too_dear(file.read_bytes())


def test_a_chain_of_pointers_ends() -> None:
    """Each leads to the one before it, for four bytes of text and two thousand steps: an old dnspython walks them."""
    chain = b"\0" + b"".join(struct.pack("!H", 0xC000 | (0 if n == 0 else 2 * n - 1) + 12 + len(QUESTION) + 12)
                             for n in range(MAX_HOPS + 1))  # fmt: skip
    first = record(65_280, chain)
    last = struct.pack("!H", 0xC000 | 12 + len(QUESTION) + len(first) - 2)
    assert is_too_dear(response([first, record(1, b"\1\2\3\4", owner=last)]))


def test_the_allowance_grows_with_the_message_and_ends() -> None:
    assert allowance(0) == BASE
    assert allowance(1_232) == BASE + 3 * 1_232
    assert allowance(65_535) == MOST


@given(st.binary(max_size=300))
def test_any_bytes_can_be_weighed(wire: bytes) -> None:
    assert is_too_dear(b"\0" * 12 + wire) in (True, False)
    assert is_too_dear(wire) in (True, False)


@pytest.mark.parametrize(
    ("records", "section", "microseconds"),
    [
        pytest.param([], 0, 44, id="a question of two labels"),
        pytest.param([record(1, b"\1\2\3\4")], 0, 91, id="an address record, whose owner is a pointer"),
        pytest.param([record(1, b"\1\2\3\4")] * 10, 0, 514, id="ten of them"),
        pytest.param([record(5, b"\3www\7example\3com\0")], 0, 116, id="a CNAME to a name of three labels"),
        pytest.param([record(5, long_name(120))], 0, 3809, id="and to one of 120: the square of them"),
        pytest.param([record(16, b"\1a" * 10)], 0, 139, id="ten strings"),
        pytest.param([record(16, (b"\xff" + b"a" * 255) * 15)], 0, 2069, id="fifteen strings of 255 bytes"),
        pytest.param([record(41, b"\0\x0a\0\0" * 10, b"\0")], 2, 184, id="ten options"),
        pytest.param([record(55, b"\0" * 40)], 0, 589, id="40 bytes of rdata that is not looked into"),
        pytest.param([record(35, b"\0\1\0\1\0\0\0\0")], 0, 4093, id="a name at a place that is not known"),
    ],
)
def test_each_part_of_a_message_has_its_price(records: list[bytes], section: int, microseconds: int) -> None:
    """As measured of dnspython, rounded up: 40 a record, 2 a label of an owner, 6 and their square of one in rdata."""
    wire = response(records, section)
    scan = _Scan(wire)
    scan.walk()
    assert allowance(len(wire)) - scan._left == microseconds
