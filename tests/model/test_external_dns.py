"""What the flags of an ExternalDNS let through."""

import pytest

from probe.model.external_dns import passes
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
