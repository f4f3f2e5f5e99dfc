from dataclasses import replace

import pytest

from probe.cli.errors import CommandError
from probe.cli.selection import narrow
from probe.model.name import DomainName
from probe.model.plan import Plan, Wave
from tests.plans import plan


@pytest.fixture
def two_waves() -> Plan:
    first = plan("a.example.com.", "b.example.com.").waves[0]
    second = plan("c.example.com.", "*.d.example.com.").waves[0]
    return replace(plan("x.example.com."), waves=(first, Wave("second", second.expectation, second.domains)))


def _names(narrowed: Plan) -> list[str]:
    return [domain.name for domain in narrowed.domains]


def test_everything_is_left_when_nothing_is_named(two_waves: Plan) -> None:
    assert narrow(two_waves, (), ()) == two_waves


def test_only_the_named_waves_are_left(two_waves: Plan) -> None:
    assert _names(narrow(two_waves, ("second",), ())) == ["c.example.com.", "*.d.example.com."]
    assert len(_names(narrow(two_waves, ("second", "first"), ()))) == 4


@pytest.mark.parametrize("written", ["c.example.com", "C.Example.COM", "c.example.com."])
def test_domains_may_be_written_as_people_do(two_waves: Plan, written: str) -> None:
    narrowed = narrow(two_waves, (), (written,))
    assert _names(narrowed) == ["c.example.com."]
    assert [wave.name for wave in narrowed.waves] == ["second"]


@pytest.mark.case("D3")
def test_a_domain_behind_a_proxy_has_the_name_that_users_know_as_well(two_waves: Plan) -> None:
    wave = two_waves.waves[0]
    origin = replace(wave.domains[0], proxied=DomainName("www.example.com."))
    behind = replace(two_waves, waves=(replace(wave, domains=(origin, *wave.domains[1:])), two_waves.waves[1]))
    assert _names(narrow(behind, (), ("www.example.com",))) == ["a.example.com."]
    assert _names(narrow(behind, (), ("a.example.com", "c.example.com"))) == ["a.example.com.", "c.example.com."]


def test_a_wildcard_can_be_named(two_waves: Plan) -> None:
    assert _names(narrow(two_waves, (), ("*.d.example.com",))) == ["*.d.example.com."]


@pytest.mark.parametrize(
    ("waves", "domains", "told"),
    [
        (("secnod",), (), "The plan has no wave `secnod`. Did you mean `second`?"),
        (("zzz",), (), "The plan has no wave `zzz`. It has `first`, `second`."),
        ((), ("cc.example.com",), "The plan has no domain `cc.example.com`. Did you mean `c.example.com`?"),
        (("first",), ("c.example.com",), "None of the domains that --domain names is in the waves that --wave names."),
    ],
)
def test_what_the_plan_does_not_have_is_said_with_what_it_may_have_been(
    two_waves: Plan, waves: tuple[str, ...], domains: tuple[str, ...], told: str
) -> None:
    with pytest.raises(CommandError) as raised:
        narrow(two_waves, waves, domains)
    assert raised.value.message == told


@pytest.mark.parametrize(("others", "told"), [(12, "It has `w0`, `w1`, "), (13, "It has 13 others.")])
def test_an_error_lists_a_plans_waves_and_not_a_fleets(two_waves: Plan, others: int, told: str) -> None:
    wave = two_waves.waves[0]
    many = replace(two_waves, waves=tuple(replace(wave, name=f"w{number}") for number in range(others)))
    with pytest.raises(CommandError, match=f"The plan has no wave `zzz`. {told}"):
        narrow(many, ("zzz",), ())


def test_a_name_that_is_none_is_said_to_be_none(two_waves: Plan) -> None:
    with pytest.raises(CommandError, match=r"^--domain `a\.\.b`: "):
        narrow(two_waves, (), ("a..b",))
