"""Heads of responses: read strictly, in any pieces, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.wire.http.response_head import HeadReader, MalformedResponseError, ResponseHead

MAX_RESPONSE_HEAD, MAX_INTERIM = 65_536, 8
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

OK = b"HTTP/1.1 200 OK\r\n"


def read(octets: bytes, size: int | None = None) -> ResponseHead | None:
    """Take it in, in pieces of a size."""
    reader = HeadReader()
    step = size or len(octets)
    for start in range(0, len(octets), step):
        head = reader.take(octets[start : start + step])
        if head is not None:
            return head
    return None


@pytest.mark.parametrize("size", [1, 2, 3, 7, None])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_a_head_is_read_in_whatever_pieces_it_comes(size: int | None, line_end: bytes) -> None:
    octets = OK + b"Server:  nginx \r\nX-A:one\r\nx-a: two\r\nX-Empty:\r\n\r\nbody\r\n\r\n"
    head = read(octets.replace(b"\r\n", line_end), size)
    assert head == ResponseHead(200, {"server": "nginx", "x-a": "one, two", "x-empty": ""})


@pytest.mark.parametrize("size", [1, None])
def test_interim_responses_come_before_the_answer(size: int | None) -> None:
    octets = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK + b"A: b\r\n\r\n"
    assert read(octets, size) == ResponseHead(200, {"a": "b"})


def test_another_protocol_is_an_answer_for_who_asked_for_none() -> None:
    assert read(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n") == ResponseHead(101, {"upgrade": "h2c"})


def test_a_few_interim_responses_are_meant_and_more_are_a_flood() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert read(interim * MAX_INTERIM + OK + b"\r\n") == ResponseHead(200, {})
    with pytest.raises(MalformedResponseError, match="interim"):
        read(interim * (MAX_INTERIM + 1))


@pytest.mark.parametrize("size", [1, 4096, None])
def test_a_head_is_bounded_with_all_that_comes_before_it(size: int | None) -> None:
    longest = OK + b"X: " + b"y" * (MAX_RESPONSE_HEAD - len(OK) - len(b"X: \r\n\r\n")) + b"\r\n\r\n"
    assert len(longest) == MAX_RESPONSE_HEAD
    assert read(longest + b"body" * MAX_RESPONSE_HEAD, size) is not None
    for larger in (longest.replace(b"y", b"yy", 1), b"HTTP/1.1 100 Continue\r\n\r\n" + longest):
        with pytest.raises(MalformedResponseError, match="64 KiB"):
            read(larger, size)


def test_what_is_not_whole_is_waited_for() -> None:
    assert read(OK + b"Server: nginx\r\n") is None
    assert HeadReader().take(b"") is None


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 000 No\r\n\r\n",
        b"http/1.1 200 OK\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b": no name\r\n\r\n",
        OK + b"A : b\r\n\r\n",
        OK + b" folded: at first\r\n\r\n",
        OK + b"A: b\x00c\r\n\r\n",
        OK + b"A: b\rc\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        OK + b"Content-Length: +1\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nbroken\r\n\r\n" + OK + b"\r\n",
    ],
)
def test_what_is_none_is_refused_without_being_repeated(octets: bytes) -> None:
    with pytest.raises(MalformedResponseError) as caught:
        read(octets)
    assert str(caught.value) in {"it is no HTTP response", "a malformed header", "a malformed Content-Length"}


def test_a_folded_line_is_one_with_that_before_it() -> None:
    assert read(OK + b"A: one\r\n\t two\r\nB: three\r\n\r\n") == ResponseHead(200, {"a": "one two", "b": "three"})


def test_text_is_utf_8_or_else_latin_1() -> None:
    head = read(OK + "A: ä\r\n".encode() + b"B: \xe4\r\n\r\n")
    assert head == ResponseHead(200, {"a": "ä", "b": "ä"})


@given(st.binary(max_size=200), st.integers(1, 50))
def test_no_octets_break_it_and_pieces_make_no_difference(octets: bytes, size: int) -> None:
    def outcome(size: int | None) -> object:
        try:
            return read(OK + octets + b"\r\n\r\n", size)
        except MalformedResponseError as error:
            return str(error)

    assert outcome(size) == outcome(None)
