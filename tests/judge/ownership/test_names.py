import pytest

from probe.judge.ownership.names import KIND_PLACES, readable_places, txt_name, txt_places
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName, canonical
from probe.model.ownership import TxtKind


def names(host: str, **flags: str) -> list[str]:
    return [name.rstrip(".") for _, name in txt_places(canonical(host), TxtRegistry(**flags))]  # type: ignore[arg-type]  # the flags used here are all texts


def test_without_affixes_every_generation_has_its_name() -> None:
    assert names("www.example.com") == [
        "a-www.example.com",
        "aaaa-www.example.com",
        "cname-www.example.com",
        "www.example.com",
    ]


@pytest.mark.parametrize(
    ("flags", "host", "expected"),
    [
        ({}, "example.com", "a-example.com"),
        ({}, "*.example.com", "a-*.example.com"),
        ({"prefix": "xdns-"}, "www.example.com", "xdns-a-www.example.com"),
        ({"suffix": "-xdns"}, "www.example.com", "a-www-xdns.example.com"),
        ({"suffix": ".%{record_type}"}, "www.example.com", "www.a.example.com"),
        ({"suffix": ".%{record_type}"}, "example.com", "example.a.com"),
        ({"prefix": "%{record_type}-"}, "www.example.com", "a-www.example.com"),
        ({"prefix": "xdns-%{record_type}."}, "example.com", "xdns-a.example.com"),
        ({"prefix": "xdns-%{record_type}."}, "www.example.com", "xdns-a.www.example.com"),
        (
            {"prefix": "xdns-%{record_type}.", "wildcard_replacement": "any"},
            "*.example.com",
            "xdns-a.any.example.com",
        ),
        ({"prefix": "_external-dns."}, "svc.example.com", "_external-dns.a-svc.example.com"),
    ],
)
def test_the_type_stands_where_external_dns_puts_it(flags: dict[str, str], host: str, expected: str) -> None:
    assert names(host, **flags)[0] == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"prefix": "xdns-"}, "xdns-www.example.com"),
        ({"prefix": "xdns-%{record_type}."}, "xdns-.www.example.com"),
        ({"suffix": "-%{record_type}"}, "www-.example.com"),
    ],
)
def test_the_legacy_name_has_no_type_and_an_empty_template(flags: dict[str, str], expected: str) -> None:
    assert names("www.example.com", **flags)[-1] == expected


def test_a_legacy_name_with_an_empty_label_does_not_exist() -> None:
    registry = TxtRegistry(suffix=".%{record_type}")
    assert txt_name(DomainName("www.example.com."), TxtKind.BARE, registry) is None
    assert names("www.example.com", suffix=".%{record_type}") == [
        "www.a.example.com",
        "www.aaaa.example.com",
        "www.cname.example.com",
    ]


@pytest.mark.parametrize(
    ("length", "missing"),
    [(57, []), (58, ["cname-"]), (59, ["aaaa-", "cname-"]), (61, ["aaaa-", "cname-"]), (62, ["a-", "aaaa-", "cname-"])],
)
def test_a_label_that_grows_too_long_has_no_txt_of_that_type(length: int, missing: list[str]) -> None:
    host = "h" * length
    expected = [f"{kind}{host}.example.com" for kind in ("a-", "aaaa-", "cname-", "") if kind not in missing]
    assert names(f"{host}.example.com") == expected


def test_a_wildcard_replacement_touches_only_a_first_label_that_is_a_star() -> None:
    assert names("*a.example.com", wildcard_replacement="any")[0] == "a-*a.example.com"
    assert names("www.*.example.com", wildcard_replacement="any")[0] == "a-www.*.example.com"


def test_flags_are_compared_in_lower_case_as_external_dns_does() -> None:
    assert names("www.example.com", prefix="XDNS-%{Record_Type}-")[0] == "xdns-a-www.example.com"


def test_a_host_that_looks_like_a_txt_name_gets_its_own_forward_names() -> None:
    assert names("a-web.example.com") == [
        "a-a-web.example.com",
        "aaaa-a-web.example.com",
        "cname-a-web.example.com",
        "a-web.example.com",
    ]


def test_the_root_has_no_txt_names() -> None:
    assert names(".") == []


def test_a_name_is_one_object_where_it_is_asked_for_and_where_it_is_read() -> None:
    """A status has those that are asked for, and a memory of the plan's size those that are read."""
    host, registry = DomainName("nobody-else-has-it.example.com."), TxtRegistry()
    asked = txt_places(host, registry)
    read = readable_places(host, registry)
    assert all(read[KIND_PLACES[kind]] is name for kind, name in asked)
    assert asked[-1] == (TxtKind.BARE, host)
    assert asked[-1][1] is host
    assert [
        kind
        for kind, place in KIND_PLACES.items()
        if readable_places(DomainName("a-web.example.com."), registry)[place] is None
    ] == [TxtKind.BARE]
