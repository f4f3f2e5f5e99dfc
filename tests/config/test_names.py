"""Domain names: what is accepted, in which form, and what people write by mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.config.mistakes import Unusable
from probe.config.names import fold_load_balancer, parse_filter, parse_name
from probe.model.name import canonical


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("app.example.com", "app.example.com."),
        ("App.Example.COM.", "app.example.com."),
        ("위키.example.com", "xn--9q5b29o.example.com."),
        ("위키。example。com。", "xn--9q5b29o.example.com."),
        ("\uff21\uff30\uff30.example.com", "app.example.com."),
        ("faß.example", "xn--fa-hia.example."),
        ("XN--9Q5B29O.example.com", "xn--9q5b29o.example.com."),
        ("k8s-shared-v1--x.ap-northeast-2.elb.amazonaws.com", "k8s-shared-v1--x.ap-northeast-2.elb.amazonaws.com."),
        ("1.example.com", "1.example.com."),
        ("a" * 63 + ".example.com", "a" * 63 + ".example.com."),
    ],
)
def test_a_name_is_kept_absolute_lower_case_and_ascii(written: str, kept: str) -> None:
    assert parse_name(written) == kept


def test_a_wildcard_is_kept_where_one_may_stand() -> None:
    assert parse_name("*.위키.example.com", wildcard=True) == "*.xn--9q5b29o.example.com."
    with pytest.raises(Unusable, match="is a wildcard"):
        parse_name("*.example.com")


@pytest.mark.case("D4")
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (r"\052.example.com", "*.example.com."),
        (r"\052.apps.example.com.", "*.apps.example.com."),
        (r"app\055one.example.com", "app-one.example.com."),
    ],
)
def test_a_name_as_an_export_writes_it_is_understood(written: str, kept: str) -> None:
    assert parse_name(written, wildcard=True) == kept


def test_a_zone_may_be_a_single_label_but_a_service_may_not() -> None:
    assert parse_name("internal", single_label=True) == "internal."
    with pytest.raises(Unusable, match="not a full name"):
        parse_name("internal")


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("https://app.example.com:8443/login?x=1", "write the name only: `app.example.com`"),
        ("app.example.com:443", "write the name only: `app.example.com`"),
        ("app.example.com/healthz", "write the name only: `app.example.com`"),
        ("192.0.2.1", "write the domain name; addresses of a side belong under `addresses`"),
        ("[2001:db8::1]", "write the domain name; addresses of a side belong under `addresses`"),
        ("my_app.example.com", "an Ingress host cannot have one (RFC 1123): check the name, perhaps `-` is meant"),
    ],
)
def test_what_people_write_instead_of_a_name_gets_a_remedy_that_helps(written: str, remedy: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse_name(written)
    assert caught.value.remedy == remedy


def test_credentials_in_a_url_are_not_repeated() -> None:
    with pytest.raises(Unusable) as caught:
        parse_name("https://user:hunter2@app.example.com/")
    assert "hunter2" not in caught.value.message + caught.value.remedy


def test_the_longest_name_fits_and_one_character_more_does_not() -> None:
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert parse_name(longest) == longest + "."
    with pytest.raises(Unusable, match="254 characters"):
        parse_name(longest + "a")


@given(st.text(max_size=80))
def test_a_name_that_was_accepted_once_is_accepted_again_unchanged(text: str) -> None:
    try:
        name = parse_name(text, wildcard=True)
    except Unusable:
        return
    assert parse_name(name, wildcard=True) == name
    assert name.isascii()
    assert name == canonical(name)


def test_dualstack_is_folded_away_but_only_as_a_label() -> None:
    assert fold_load_balancer(canonical("dualstack.lb.example.net")) == "lb.example.net."
    assert fold_load_balancer(canonical("dualstack-lb.example.net")) == "dualstack-lb.example.net."


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("example.com", "example.com."),
        (".Example.com.", ".example.com."),
        (".위키.example.com", ".xn--9q5b29o.example.com."),
        ("com", "com."),
    ],
)
def test_a_filter_keeps_the_dot_that_it_begins_with(written: str, kept: str) -> None:
    assert parse_filter(written) == kept


@pytest.mark.parametrize("written", [".", "..example.com", ".a b", "*.example.com"])
def test_what_no_filter_can_be_is_refused(written: str) -> None:
    with pytest.raises(Unusable):
        parse_filter(written)


def test_a_name_that_is_far_too_long_is_refused_before_its_letters_are_looked_at() -> None:
    with pytest.raises(
        Unusable, match=r"is not a valid internationalised name \(40,000 characters, and DNS allows 253\)"
    ):
        parse_name("\u0301\u0316" * 20_000)
