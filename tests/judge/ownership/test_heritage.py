import base64
import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.ownership.heritage import read, text_of
from probe.model.ownership import TxtOwner

MAX_OWNER_TEXT, MAX_OWNERS = 128, 8
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


VALUE = '"heritage=external-dns,external-dns/owner=v1,external-dns/resource=ingress/shop/web"'


def owners(values: tuple[str, ...]) -> tuple[TxtOwner, ...]:
    return read(values).owners


def opaque(values: tuple[str, ...]) -> int:
    return read(values).opaque


def test_owner_and_resource_are_read() -> None:
    assert owners((VALUE,)) == (TxtOwner("v1", "ingress/shop/web"),)


def test_a_value_without_a_resource_has_none() -> None:
    assert owners(('"heritage=external-dns,external-dns/owner=default"',)) == (TxtOwner("default", None),)


@pytest.mark.parametrize(
    "value",
    [
        '"v=spf1 -all"',
        '"heritage=someone-else,external-dns/owner=v1"',
        '"external-dns/owner=v1"',
        '"heritage=external-dns"',
        '"heritage=external-dns,external-dns/owner="',
        '"qg4DrVmUaCXwKxCsCEyyZkQIZ8jUQgvpyUt2JhUbYz8oZ5rWnA=="',
        '""',
        "",
    ],
)
def test_what_is_not_external_dns_or_not_readable_has_no_owner(value: str) -> None:
    assert owners((value,)) == ()


def test_every_string_of_an_rrset_is_read_in_its_order() -> None:
    other = VALUE.replace("owner=v1", "owner=v2")
    assert [owner.owner for owner in owners(('"v=spf1 -all"', VALUE, other))] == ["v1", "v2"]


def test_the_strings_of_one_record_are_one_text() -> None:
    assert owners(('"heritage=external-dns,exter" "nal-dns/owner=v1"',)) == (TxtOwner("v1", None),)


def test_quotes_inside_the_value_are_stripped_as_external_dns_does() -> None:
    assert owners((r'"\"heritage=external-dns,external-dns/owner=v1\""',)) == (TxtOwner("v1", None),)


def test_an_equals_sign_in_an_owner_belongs_to_it() -> None:
    assert owners(('"heritage=external-dns,external-dns/owner=a=b"',)) == (TxtOwner("a=b", None),)


def test_hostile_owners_are_cut_and_counted() -> None:
    long = f'"heritage=external-dns,external-dns/owner={"x" * 200}"'
    assert owners((long,)) == (TxtOwner("x" * MAX_OWNER_TEXT + "...", None),)
    assert len(owners((VALUE,) * 50)) == MAX_OWNERS


def test_the_longest_owner_id_that_a_plan_may_have_is_read_whole_and_a_longer_one_is_another() -> None:
    longest = "x" * MAX_OWNER_TEXT
    told = [f'"heritage=external-dns,external-dns/owner={text}"' for text in (longest, longest + "y")]
    assert [one.owner == longest for one in owners(tuple(told))] == [True, False]


ODD = ("eks%v2%s%d", "{owner}{0}", "<script>", "a&b;c", "$(id)", "`id`", "../../x", "eks'v2", "EKS-V2", "~!@#")


@pytest.mark.parametrize("owner", ODD)
def test_an_odd_owner_reads_as_it_is_written(owner: str) -> None:
    assert owners((f'"heritage=external-dns,external-dns/owner={owner}"',)) == (TxtOwner(owner, None),)


@given(st.text(max_size=300))
def test_whatever_the_text_the_reading_is_printable_ascii(value: str) -> None:
    assert all(" " <= character <= "~" for character in text_of(value))
    for owner in owners((value, f'"heritage=external-dns,external-dns/owner={value}"')):
        assert owner.owner.isprintable()
        assert owner.owner.isascii()


def test_escaped_octets_stay_escaped_when_they_cannot_be_shown() -> None:
    assert text_of(r'"a\007b\044c"') == r"a\007b,c"


def sealed(text: str, seed: int = 1) -> str:
    """Make what ExternalDNS would write with a key: nonce, ciphertext, tag."""
    compressed = gzip.compress(text.encode())
    return base64.b64encode(random.Random(seed).randbytes(12 + len(compressed) + 16)).decode()


@pytest.mark.parametrize(("owner", "resource"), [("v", ""), ("cluster-one", "ingress/shop/web"), ("o" * 63, "r" * 300)])
def test_an_encrypted_value_is_recognised_by_its_form(owner: str, resource: str) -> None:
    told = f",external-dns/resource={resource}" if resource else ""
    value = f'"{sealed(f"heritage=external-dns,external-dns/owner={owner}{told}")}"'
    assert opaque((value,)) == 1
    assert owners((value,)) == ()


@pytest.mark.parametrize(
    "value",
    [
        VALUE,
        '"v=spf1 -all"',
        '"qg4DrVmUaCXwKxCsCEyyZkQIZ8jUQgvpyUt2JhUbYz8oZ5rWnA=="',
        '""',
        "",
        f'"{"A" * 2000}"',
        '"====" "A==="',
    ],
)
def test_a_plain_value_or_a_short_or_long_token_is_not_encrypted_ownership(value: str) -> None:
    assert opaque((value,)) == 0


@given(st.text(max_size=300))
def test_whatever_the_text_it_is_counted_once_at_most(value: str) -> None:
    assert opaque((value,)) in (0, 1)
