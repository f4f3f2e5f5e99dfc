"""What watching a plan costs."""

from dataclasses import replace

import pytest

from probe.judge.polling.cost import ServerCost, cost_plan, price
from probe.model.external_dns import TxtRegistry
from probe.model.name import canonical
from probe.model.plan import Authoritative, Domain, Endpoint, Expectation, HttpCheck, Plan, Probing, SidePlan, Wave
from probe.model.server import Server, ServerRole
from probe.model.side import Side


def _plan(
    *names: str, resolvers: int = 0, probing: Probing | None = None, authoritative: Authoritative | None = None
) -> Plan:
    domains = tuple(Domain(canonical(name), "w", Expectation.MOVING) for name in names)
    return Plan(
        vantage="seoul",
        v1=SidePlan(Side.V1, load_balancers=(canonical("v1.elb.example.net"),)),
        v2=SidePlan(Side.V2, load_balancers=(canonical("v2.elb.example.net"),)),
        waves=(Wave("w", Expectation.MOVING, domains),),
        resolvers=tuple(Server(f"r{i}", f"192.0.2.{i}", role=ServerRole.RESOLVER) for i in range(resolvers)),
        probing=probing or Probing(),
        authoritative=authoritative or Authoritative(),
    )


def test_a_calm_domain_with_the_defaults_stays_within_twenty_questions_a_minute_and_four_billed() -> None:
    costs = cost_plan(_plan("app.example.com"))
    assert costs.per_domain_minute == pytest.approx(2 * 60 / 7 + 4 * 60 / 120)
    assert costs.per_domain_minute <= 20
    assert costs.day.queries / (24 * 60) == pytest.approx(2.0)
    assert costs.day.queries / (24 * 60) <= 4


def test_only_txt_is_billed_for_aliases_and_everything_authoritative_otherwise() -> None:
    costs = cost_plan(_plan("app.example.com", resolvers=3))
    assert [group.group for group in costs.groups if group.billed] == [ServerCost.TXT]
    assert costs.month.queries == pytest.approx(2 * 60 * 24 * 30)
    assert costs.month_without_aliases.queries == pytest.approx((2 + 120 / 7) * 60 * 24 * 30)


def test_cost_grows_with_the_number_of_domains_but_not_for_load_balancers() -> None:
    one, ten = cost_plan(_plan("a.example.com")), cost_plan(_plan(*(f"d{i}.example.com" for i in range(10))))
    by_group = {group.group: group for group in one.groups}
    for group in ten.groups:
        factor = 1 if group.group is ServerCost.LOAD_BALANCERS else 10
        assert group.per_second == pytest.approx(by_group[group.group].per_second * factor)
    assert ten.month.usd == pytest.approx(one.month.usd * 10)


def test_the_groups_add_up_to_the_total() -> None:
    costs = cost_plan(_plan("a.example.com", "b.example.com", resolvers=2))
    assert costs.per_second == pytest.approx(sum(group.per_second for group in costs.groups))
    resolvers = next(group for group in costs.groups if group.group is ServerCost.RESOLVERS)
    assert resolvers.per_domain_minute == pytest.approx(2 * 2 * 60 / 30)


def test_each_resolver_gets_the_questions_for_every_domain() -> None:
    costs = cost_plan(_plan("a.example.com", "b.example.com", "c.example.com", resolvers=2))
    assert costs.resolvers is not None
    assert costs.resolvers.servers == 2
    assert costs.resolvers.per_server_second == pytest.approx(3 * 2 / 30)
    assert cost_plan(_plan("a.example.com")).resolvers is None


def test_all_views_of_a_resolver_share_its_address_and_its_own_limit() -> None:
    plan = _plan("a.example.com", "b.example.com", "c.example.com", resolvers=2)
    first, second = plan.resolvers
    views = tuple(
        replace(second, name=f"r1@{name}", client_subnet="203.0.113.0/24", queries_per_second=0.5) for name in "abc"
    )
    costs = cost_plan(replace(plan, resolvers=(first, replace(second, queries_per_second=0.5), *views)))
    assert costs.resolvers is not None
    assert costs.resolvers.servers == 2
    assert costs.resolvers.per_server_second == pytest.approx(4 * 3 * 2 / 30)
    assert costs.resolvers.share == pytest.approx(4 * 3 * 2 / 30 / 0.5)


def test_names_that_dns_cannot_hold_are_not_counted() -> None:
    long = cost_plan(_plan("a" * 60 + ".example.com"))
    short = cost_plan(_plan("a.example.com"))
    assert long.day.queries < short.day.queries


def test_the_registrys_flags_decide_how_many_txt_names_there_are() -> None:
    plan = _plan("a.example.com")
    without_legacy = replace(plan, registry=TxtRegistry(prefix="%{record_type}."))
    assert cost_plan(without_legacy).day.queries == pytest.approx(cost_plan(plan).day.queries * 3 / 4)


@pytest.mark.parametrize(
    ("queries", "usd"), [(0, 0.0), (1_000_000, 0.40), (1_000_000_000, 400.0), (1_500_000_000, 500.0)]
)
def test_the_price_falls_beyond_the_first_billion_of_a_month(queries: float, usd: float) -> None:
    assert price(queries) == pytest.approx(usd)


def test_servers_of_overridden_zones_are_counted_by_themselves_the_longest_zone_winning() -> None:
    overrides = (
        (canonical("example.com"), (Endpoint("192.0.2.1"), Endpoint("192.0.2.2"))),
        (canonical("sub.example.com"), (Endpoint("192.0.2.3"),)),
    )
    costs = cost_plan(
        _plan("a.example.com", "b.sub.example.com", "c.example.net", authoritative=Authoritative(overrides=overrides))
    )
    assert [(load.zone, load.domains, load.servers) for load in costs.loads] == [
        (None, 1, 8),
        ("example.com.", 1, 2),
        ("sub.example.com.", 1, 1),
    ]


def test_asking_over_one_address_family_gives_each_server_twice_as_much() -> None:
    both = cost_plan(_plan("a.example.com")).loads[0]
    one = cost_plan(_plan("a.example.com", authoritative=Authoritative(ipv6=False))).loads[0]
    assert one.per_server_second == pytest.approx(2 * both.per_server_second)
    assert one.share == pytest.approx(one.per_server_second / 20)


def test_an_hour_of_burst_is_bounded_by_the_budget_however_short_the_rounds() -> None:
    slow = cost_plan(_plan("a.example.com", probing=Probing(burst_interval=10.0)))
    fast = cost_plan(_plan("a.example.com", probing=Probing(burst_interval=0.5)))
    assert slow.burst_questions <= fast.burst_questions == pytest.approx(3600 + 2 * 3600 + 120 + 0.2 * 3600)
    assert 0 < fast.burst_hour.queries < fast.burst_questions
    assert fast.burst_hour.usd == pytest.approx(fast.burst_hour.queries * 0.4e-6)


def test_checks_are_counted_for_both_sides_of_the_domains_that_have_one() -> None:
    bare = _plan("app.example.com", "shop.example.com", "api.example.com")
    (wave,) = bare.waves
    checked = tuple(replace(domain, http=HttpCheck()) for domain in wave.domains[:2])
    costs = cost_plan(replace(bare, waves=(replace(wave, domains=(*checked, wave.domains[2])),)))
    assert costs.checked == 2
    assert costs.checks_per_second == pytest.approx(2 * 2 / Probing().service_interval)
    assert cost_plan(bare).checked == cost_plan(bare).checks_per_second == 0
