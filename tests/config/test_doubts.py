"""What a good plan says and probably does not mean: told by `config check`, with its place, and accepted."""

import re
from pathlib import Path

import pytest

from probe.config.load import doubts, parse
from tests.config.plans import domains, text
from tests.config.test_external_dns import sides

NAME = Path("plan.yaml")


def doubted(v1: str, v2: str) -> list[str]:
    """What is doubted of a plan with these ExternalDNS; it is loaded all the same."""
    content = text(sides=sides(v1, v2))
    parse(content)
    return list(map(str, doubts(content.encode(), NAME)))


def test_two_that_migrate_from_each_other_are_told_once_with_both_places_and_what_to_do() -> None:
    (told,) = doubted(
        "{txt_owner_id: a, migrate_from_txt_owner: b}",
        "{txt_owner_id: b, migrate_from_txt_owner: a}",
    )
    assert told.startswith("plan.yaml:3:")
    assert "`v1` migrates from `b`, and `v2` from `a` (line 4): where they run at one time" in told
    assert "remove it from the other side's ExternalDNS" in told


def test_an_owner_id_that_is_left_out_is_the_default_one() -> None:
    assert doubted("{migrate_from_txt_owner: b}", "{txt_owner_id: b, migrate_from_txt_owner: default}")


def test_two_prefixes_that_name_the_same_txt_keep_nothing_apart() -> None:
    v1 = '{txt_owner_id: a, migrate_from_txt_owner: b, txt_registry: {prefix: "%{record_type}-"}}'
    assert doubted(v1, "{txt_owner_id: b, migrate_from_txt_owner: a}")


def test_a_circle_of_three_is_told_as_one_of_two_is() -> None:
    v2 = (
        "[{name: x, txt_owner_id: b, migrate_from_txt_owner: a}, {name: y, txt_owner_id: c, migrate_from_txt_owner: b}]"
    )
    (told,) = doubted("{txt_owner_id: a, migrate_from_txt_owner: c}", v2)
    assert "`v1` migrates from `c`, and `v2` from `b` (line 4), `v2` from `a` (line 4)" in told


@pytest.mark.parametrize(
    ("v1", "v2"),
    [
        ("{txt_owner_id: a}", "{txt_owner_id: b, migrate_from_txt_owner: a}"),
        ("{txt_owner_id: a, migrate_from_txt_owner: b}", "{txt_owner_id: b}"),
        ("{txt_owner_id: a, migrate_from_txt_owner: old}", "{txt_owner_id: b, migrate_from_txt_owner: a}"),
        (
            "{txt_owner_id: a, migrate_from_txt_owner: b, domain_filter: [one.example.com]}",
            "{txt_owner_id: b, migrate_from_txt_owner: a, domain_filter: [two.example.com]}",
        ),
        (
            "{txt_owner_id: a, migrate_from_txt_owner: b, zone_id_filter: [Z0123456789AB]}",
            "{txt_owner_id: b, migrate_from_txt_owner: a, zone_id_filter: [Z9876543210CD]}",
        ),
        (
            "{txt_owner_id: a, migrate_from_txt_owner: b, txt_registry: {prefix: v1-}}",
            "{txt_owner_id: b, migrate_from_txt_owner: a}",
        ),
    ],
    ids=["one way", "the way back", "a chain", "filters keep them apart", "zones do", "TXT names do"],
)
def test_what_leads_somewhere_is_not_doubted(v1: str, v2: str) -> None:
    assert doubted(v1, v2) == []


@pytest.mark.parametrize("version", ["v0.99.0", "v1.0.0", "v0.24.0", "v0.11.1"])
def test_a_version_whose_habits_are_not_known_is_doubted(version: str) -> None:
    (told,) = doubted("{}", f"{{version: {version}}}")
    assert re.match(rf"plan\.yaml:4:\d+: what ExternalDNS `{version}` does is not known", told)


@pytest.mark.parametrize(
    ("version", "minor"),
    [("v0.22.99", "v0.22"), ("v0.22.1", "v0.22"), ("v0.23.5", "v0.23"), ("0.13.3", "v0.13"), ("v0.12.3", "v0.12")],
)
def test_a_patch_release_that_is_not_known_is_doubted(version: str, minor: str) -> None:
    """It never was, or came after this program: v0.13.3 was never published."""
    (told,) = doubted("{}", f"{{version: {version}}}")
    assert f"no release `{version}` of ExternalDNS is known: the probe assumes what {minor} does" in told


@pytest.mark.parametrize("version", ["v0.12.0", "v0.13.6", "v0.15.1", "v0.21.0", "v0.23.0"])
def test_a_version_that_is_known_is_not_doubted(version: str) -> None:
    assert doubted("{}", f"{{version: {version}}}") == []


def asked(key: str, zone: str) -> list[str]:
    """What is doubted of servers that are given for a zone."""
    more = f"authoritative: {{{key}: {{{zone}: ['192.0.2.53:53']}}}}\n"
    content = text(waves=domains("app.example.com", "{name: a.cdn.test, proxied: {origin: b.origin.test}}"), more=more)
    parse(content)
    return list(map(str, doubts(content.encode(), NAME)))


@pytest.mark.parametrize("key", ["overrides", "private_zones"])
def test_servers_of_a_zone_in_which_nothing_lies_are_doubted(key: str) -> None:
    (told,) = asked(key, "exmaple.com")
    assert "no domain or load balancer of the plan is in `exmaple.com`, so its servers are asked only if an" in told


@pytest.mark.parametrize("zone", ["example.com", "Example.COM.", "app.example.com", "com", "origin.test", "net"])
def test_servers_of_a_zone_in_which_something_lies_are_not_doubted(zone: str) -> None:
    assert asked("overrides", zone) == []
