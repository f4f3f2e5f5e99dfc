"""Addresses of pages."""

from probe.web.words import domain_url


def test_a_name_stays_one_segment_of_its_path() -> None:
    assert domain_url("a/b?c#d.example.com.") == "/domains/a%2Fb%3Fc%23d.example.com"
