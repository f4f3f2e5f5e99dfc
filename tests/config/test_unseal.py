"""Opening encrypted ownership TXT, and never showing the key."""

import copy
import gzip
import logging
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.config import unseal
from probe.config.load import load, parse
from probe.config.mistakes import PlanError
from probe.config.unseal import Unsealer
from tests.config.plans import text
from tests.sealing import KEY, OTHER_KEY, GcmCipher, packed, sealed

MAX_PLAIN = 4096
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

HERITAGE = "heritage=external-dns,external-dns/owner=v1,external-dns/resource=ingress/shop/web"
NONCE = b"0123456789ab"


@given(st.text(max_size=400))
def test_what_was_sealed_with_the_key_is_opened(plain: str) -> None:
    encodable = plain.encode("utf-8", "replace").decode()
    assert Unsealer(KEY)(GcmCipher(KEY).encrypt(encodable)) == encodable


def test_a_value_made_as_go_makes_it_is_opened() -> None:
    # Go's gzip writer: no name, no time, operating system "unknown" (255).
    member = bytearray(gzip.compress(HERITAGE.encode(), mtime=0))
    member[9] = 255
    assert Unsealer(KEY)(sealed(bytes(member), KEY, NONCE)) == HERITAGE


def test_another_key_opens_nothing() -> None:
    assert Unsealer(OTHER_KEY)(GcmCipher(KEY).encrypt(HERITAGE)) is None


@given(st.binary(max_size=200))
def test_whatever_is_no_sealed_text_is_none(octets: bytes) -> None:
    opener = Unsealer(KEY)
    assert opener(octets.decode("latin-1")) is None
    assert opener(sealed(octets, OTHER_KEY, NONCE)) is None


@given(st.integers(0, 90), st.integers(0, 7))
def test_one_flipped_bit_is_noticed(place: int, bit: int) -> None:
    octets = bytearray(GcmCipher(KEY).encrypt(HERITAGE).encode())
    octets[place] ^= 1 << bit
    assert Unsealer(KEY)(octets.decode("latin-1")) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", packed(HERITAGE.encode())[:-9], packed(b"x" * (MAX_PLAIN + 1)), packed(bytes(50_000_000))],
    ids=["nothing", "plain", "cut", "long", "bomb"],
)
def test_what_is_sealed_and_no_small_gzip_is_none(content: bytes) -> None:
    assert Unsealer(KEY)(sealed(content, KEY, NONCE)) is None


def test_openers_are_equal_when_their_keys_are() -> None:
    assert Unsealer(KEY) == Unsealer(bytes(KEY))
    assert Unsealer(KEY) != Unsealer(OTHER_KEY)
    assert len({Unsealer(KEY), Unsealer(KEY), Unsealer(OTHER_KEY)}) == 2


def write(folder: Path, key: bytes) -> Path:
    (folder / "key").write_bytes(key)
    path = folder / "plan.yaml"
    path.write_text(text(more="txt_registry: {decryption_key_file: key}\n"), encoding="utf-8")
    return path


def test_a_plan_opens_with_its_key_and_reads_it_again_when_it_is_loaded_again(tmp_path: Path) -> None:
    first, same = load(write(tmp_path, KEY)), load(write(tmp_path, KEY))
    other = load(write(tmp_path, OTHER_KEY))
    assert first.registry.unseal is not None
    assert first.registry.unseal(GcmCipher(KEY).encrypt(HERITAGE)) == HERITAGE
    assert first.registry == same.registry  # no domain is read anew for it
    assert first.registry != other.registry


def test_a_plan_without_a_key_opens_nothing() -> None:
    assert parse(text()).registry.unseal is None


def test_a_key_is_in_no_text_that_a_plan_can_be_made_to_show(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    plan = load(write(tmp_path, b"0123456789abcdef0123456789abcdef"))
    logging.getLogger("test").warning("%r %s", plan, plan.registry.unseal)
    for shown in (repr(plan), str(plan.registry), repr(plan.registry.unseal), caplog.text):
        assert "0123456789abcdef" not in shown
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="a key is not written down"):
            leave(plan.registry.unseal)


def test_without_the_library_a_key_is_a_mistake_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unseal, "find_spec", lambda _name: None)
    with pytest.raises(PlanError) as caught:
        load(write(tmp_path, KEY))
    (mistake,) = caught.value.mistakes
    assert str(mistake).startswith(f"{tmp_path / 'plan.yaml'}:")
    assert "pip install 'cutover-probe[encryption]'" in str(mistake)
    assert parse(text()).registry.unseal is None


def test_a_key_that_vanishes_while_the_plan_is_loaded_is_a_mistake_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, KEY)
    monkeypatch.setattr("probe.config.rules.sides.read_key", Path.unlink)
    with pytest.raises(PlanError, match="the key file cannot be read"):
        load(path)
