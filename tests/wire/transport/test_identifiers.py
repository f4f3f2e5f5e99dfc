"""Random bytes for ids and letters, fetched many at a time."""

from probe.wire.transport.identifiers import Identifiers

ENTROPY_CHUNK_BYTES = 16_384
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_the_system_is_asked_once_for_thousands_of_ids() -> None:
    fetched: list[int] = []

    def entropy(size: int) -> bytes:
        fetched.append(size)
        return bytes(range(256)) * (size // 256)

    identifiers = Identifiers(entropy)
    ids = [identifiers.take() for _ in range(ENTROPY_CHUNK_BYTES // 2)]
    assert fetched == [ENTROPY_CHUNK_BYTES]
    assert ids[:3] == [b"\0\1", b"\2\3", b"\4\5"]
    assert identifiers.take() == b"\0\1"
    assert fetched == [ENTROPY_CHUNK_BYTES] * 2


def test_an_odd_number_of_bytes_leaves_no_half_of_an_id() -> None:
    identifiers = Identifiers(lambda size: bytes(range(256)) * (size // 256))
    assert identifiers.bits(3) == b"\0\1\2"
    assert identifiers.take() == b"\4\5"
