import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.externaldns.naming import RECORD_TYPES, TxtNames, too_long
from probe.model.name import DomainName, canonical

WWW = canonical("www.example.com")
APEX = canonical("example.com")
WILDCARD = canonical("*.example.com")


@pytest.mark.parametrize(
    ("names", "host", "expected"),
    [
        (TxtNames(), WWW, "a-www.example.com."),
        (TxtNames(), APEX, "a-example.com."),
        (TxtNames(), WILDCARD, "a-*.example.com."),
        (TxtNames(prefix="xdns-"), WWW, "xdns-a-www.example.com."),
        (TxtNames(suffix="-xdns"), WWW, "a-www-xdns.example.com."),
        (TxtNames(suffix=".%{record_type}"), WWW, "www.a.example.com."),
        (TxtNames(suffix=".%{record_type}"), APEX, "example.a.com."),
        (TxtNames(prefix="%{record_type}-"), WWW, "a-www.example.com."),
        (TxtNames(prefix="xdns-%{record_type}."), APEX, "xdns-a.example.com."),
        (TxtNames(prefix="xdns-%{record_type}.", wildcard_replacement="any"), WILDCARD, "xdns-a.any.example.com."),
        (TxtNames(prefix="_external-dns."), canonical("svc.example.com"), "_external-dns.a-svc.example.com."),
        (TxtNames(prefix="XDNS-"), WWW, "xdns-a-www.example.com."),
    ],
)
def test_a_txt_stands_where_the_flags_put_it(names: TxtNames, host: DomainName, expected: str) -> None:
    assert names.txt_name(host, "A") == expected


def test_the_old_format_has_neither_type_nor_template() -> None:
    assert TxtNames(prefix="xdns-%{record_type}.").txt_name(WWW, "") == "xdns-.www.example.com."
    assert TxtNames().txt_name(WWW, "") == WWW


def test_only_a_whole_first_label_of_a_star_is_replaced() -> None:
    names = TxtNames(wildcard_replacement="any")

    assert names.txt_name(canonical("*a.example.com"), "A") == "a-*a.example.com."


@given(
    host=st.from_regex(r"[b-z][a-z0-9]{0,20}", fullmatch=True).map(lambda label: canonical(f"{label}.example.com")),
    rdtype=st.sampled_from(RECORD_TYPES),
    names=st.sampled_from(
        [
            TxtNames(),
            TxtNames(prefix="xdns-"),
            TxtNames(prefix="_external-dns."),
            TxtNames(prefix="x-%{record_type}."),
            TxtNames(suffix="-xdns"),
            TxtNames(suffix=".%{record_type}"),
        ]
    ),
)
def test_a_txt_name_read_backwards_tells_its_record(host: DomainName, rdtype: str, names: TxtNames) -> None:
    assert names.record_of(names.txt_name(host, rdtype)) == (host, rdtype)


def test_a_host_that_begins_like_a_type_is_read_as_another_host_s_txt() -> None:
    assert TxtNames().record_of(canonical("a-web.example.com")) == ("web.example.com.", "A")
    assert TxtNames().record_of(canonical("web.example.com")) == ("web.example.com.", "")


def test_a_name_without_the_affix_speaks_for_no_record() -> None:
    assert TxtNames(prefix="xdns-").record_of(canonical("a-web.example.com")) is None
    assert TxtNames(suffix="-xdns").record_of(canonical("a-web.example.com")) is None


def test_a_label_may_have_63_characters() -> None:
    assert not too_long(canonical(f"{'x' * 63}.example.com"))
    assert too_long(canonical(f"{'x' * 64}.example.com"))
