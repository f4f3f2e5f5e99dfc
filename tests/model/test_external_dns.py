"""What the flags of an ExternalDNS let through."""

import pytest

from probe.model.external_dns import ExternalDns, passes
from probe.model.name import DomainName


@pytest.mark.parametrize(
    ("name", "domain", "passed"),
    [
        ("example.com.", "example.com.", True),
        ("a.example.com.", "example.com.", True),
        ("badexample.com.", "example.com.", False),
        ("example.com.", ".example.com.", False),  # alike from v0.12 to v0.22
        ("a.example.com.", ".example.com.", True),
        ("a.b.example.com.", ".example.com.", True),
        ("badexample.com.", ".example.com.", False),
        (".example.com.", "example.com.", True),  # one filter lies within another
        (".a.example.com.", ".example.com.", True),
        ("example.com.", ".", True),
    ],
)
def test_a_filter_with_a_leading_dot_means_what_is_below_alone(name: str, domain: str, *, passed: bool) -> None:
    assert passes(DomainName(name), DomainName(domain)) is passed


@pytest.mark.parametrize(
    ("filters", "alone", "with_the_flag"),
    [
        ((), True, True),
        (("example.com.",), True, True),
        (("com.",), True, True),
        (("a.example.com.",), False, True),
        ((".a.example.com.",), False, False),  # one with a dot has no zone above it
        ((".example.com.",), False, False),
        (("a.example.com.", "example.com."), True, True),
        (("other.org.",), False, False),
    ],
)
def test_a_hosted_zone_is_entered_by_its_own_name_and_one_above_the_filter_with_a_flag(
    filters: tuple[str, ...], *, alone: bool, with_the_flag: bool
) -> None:
    names, apex = tuple(map(DomainName, filters)), DomainName("example.com.")
    assert ExternalDns(domain_filter=names, zone_match_parent=False).enters(apex) is alone
    assert ExternalDns(domain_filter=names, zone_match_parent=True).enters(apex) is with_the_flag
    untold = ExternalDns(domain_filter=names).enters(apex)
    assert untold is (alone if alone is with_the_flag else None)
