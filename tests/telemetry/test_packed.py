"""Lines of a scrape are kept packed, and come out as they were written, as often as somebody wants them."""

from probe.telemetry.packed import Body, PackedLines, pack

LINES = "".join(f'cutover_ttl_seconds{{domain="app-{number}.example.com",vantage="here"}} 60\n' for number in range(32))


def test_lines_are_a_fraction_while_they_are_kept_and_whole_afterwards() -> None:
    packed = pack(LINES.encode())

    assert packed.unpacked() == LINES.encode()
    assert packed.size == len(LINES)
    assert len(packed.packed) < len(LINES) / 8


def test_more_than_is_looked_back_into_is_packed_as_well() -> None:
    many = LINES.encode() * 100

    assert pack(many).unpacked() == many


def test_a_body_tells_its_size_and_gives_its_pieces_in_their_order_more_than_once() -> None:
    pieces: tuple[bytes | PackedLines, ...] = (b"# HELP\n", pack(LINES.encode()), b"", b"# EOF\n")
    body = Body(pieces)

    for _ in range(2):
        assert b"".join(body) == b"# HELP\n" + LINES.encode() + b"# EOF\n"
    assert body.size == len(b"".join(body))
