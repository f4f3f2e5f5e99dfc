"""The key file of ExternalDNS' TXT encryption."""

import base64
from pathlib import Path

import pytest

from probe.config.key import InvalidKey, looks_like_key, read_key

_KEY = bytes(range(1, 33))


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("content", [_KEY, base64.b64encode(_KEY)], ids=["raw", "base64"])
def test_a_key_is_read_raw_or_in_base64_with_or_without_a_line_end(
    tmp_path: Path, content: bytes, ending: bytes
) -> None:
    (tmp_path / "key").write_bytes(content + ending)
    assert read_key(tmp_path / "key") == _KEY


@pytest.mark.parametrize(
    "content",
    [b"", _KEY[:-1], _KEY + b"!", base64.b64encode(_KEY[:-1]), base64.urlsafe_b64encode(b"\xff" * 32), b"x" * 5000],
)
def test_what_is_no_key_is_refused_by_its_length_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(InvalidKey, match=r"^has (more than )?\d+ bytes that are no AES-256 key$"):
        read_key(tmp_path / "key")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidKey, match="cannot be read"):
        read_key(tmp_path / "key")


def test_a_path_is_not_taken_for_a_key() -> None:
    assert looks_like_key(base64.b64encode(_KEY).decode())
    assert looks_like_key("0123456789abcdef0123456789abcdef")
    assert not looks_like_key("secrets/txt-key")
    assert not looks_like_key("/run/secrets/external-dns/txtkey")
