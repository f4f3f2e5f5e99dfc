"""What the plan can say of the ExternalDNS that run, and of routing: in the model as it was written."""

import re

import pytest

from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.name import DomainName, canonical
from probe.model.plan import Routing
from probe.model.side import Side
from tests.config.plans import mistakes, plan, text

APP = canonical("app.example.com")
SIDES = """sides:
  v1: {{load_balancers: [v1.elb.example.net], external_dns: {v1}}}
  v2: {{load_balancers: [v2.elb.example.net], external_dns: {v2}}}
"""


def sides(v1: str = "{}", v2: str = "{}") -> str:
    return SIDES.format(v1=v1, v2=v2)


@pytest.mark.case("D1")
def test_a_side_has_one_or_several() -> None:
    one = plan(sides=sides(v2="{txt_owner_id: eks-v2}"))
    assert one.v2.instances == (ExternalDns("eks-v2"),)
    both = "[{name: public, txt_owner_id: eks-v2}, {name: private, txt_owner_id: eks-v2-private}]"
    several = plan(sides=sides(v2=both))
    assert several.v2.instances == (ExternalDns("eks-v2", name="public"), ExternalDns("eks-v2-private", name="private"))
    assert several.v2.external_dns == several.v2.instances[0]


@pytest.mark.case("A3")
def test_registry_settings_belong_to_an_instance_and_the_plans_are_the_default() -> None:
    made = plan(sides=sides(v2="{txt_registry: {prefix: edns-}, registry: txt}"), more="txt_registry: {suffix: -x}\n")
    (v1,) = made.external_dns(Side.V1, APP)
    (v2,) = made.external_dns(Side.V2, APP)
    assert (v1.names, v2.names) == (TxtRegistry(suffix="-x"), TxtRegistry(prefix="edns-"))
    assert made.registries == (TxtRegistry(suffix="-x"), TxtRegistry(prefix="edns-"))


@pytest.mark.case("D2")
@pytest.mark.parametrize("registry", [Registry.DYNAMODB, Registry.NOOP, Registry.AWS_SD])
def test_another_registry_has_no_txt_names_to_ask(registry: Registry) -> None:
    made = plan(sides=sides(f"{{registry: {registry}}}", f"{{registry: {registry}}}"))
    assert made.v1.external_dns.registry is registry
    assert made.registries == ()


def test_everything_else_is_kept_as_written() -> None:
    made = plan(
        sides=sides(
            v2="{policy: upsert-only, zone_id_filter: [Z1A], annotation_prefix: external-dns.alpha.kubernetes.io/}"
        )
    )
    setup = made.v2.external_dns
    assert setup.policy is Policy.UPSERT_ONLY
    assert (setup.zone_id_filter, setup.annotation_prefix) == (("Z1A",), "external-dns.alpha.kubernetes.io/")
    assert made.v1.external_dns.policy is None


def test_where_it_runs_is_kept_and_says_nothing_of_its_flags() -> None:
    made = plan(
        sides=sides(v2="{context: 'arn:aws:eks:eu-west-1:1:cluster/b', namespace: dns, workload: statefulset/x}")
    )
    setup = made.v2.external_dns
    told = (setup.context, setup.namespace, setup.workload)
    assert told == ("arn:aws:eks:eu-west-1:1:cluster/b", "dns", "statefulset/x")
    assert not setup.is_told


@pytest.mark.parametrize(
    "flags",
    [
        "{context: 'a b'}",
        "{context: '$(id)'}",
        "{context: '-n'}",
        "{namespace: Platform}",
        "{namespace: 'a;b'}",
        "{workload: external-dns}",
        "{workload: pod/external-dns}",
        "{workload: 'deployment/a b'}",
    ],
)
def test_what_a_shell_would_take_apart_is_no_place(flags: str) -> None:
    ((_, _, message),) = mistakes(text(sides=sides(v2=flags)))
    assert re.search("cannot be used as a context|is no namespace|is no Deployment", message)


@pytest.mark.parametrize(
    "flags",
    [
        "{txt_owner_id: 'é'}",
        "{txt_owner_id: 'a b'}",
        "{txt_owner_id: 'a=b'}",
        "{migrate_from_txt_owner: 'a,b'}",
    ],
)
def test_what_a_txt_does_not_hold_is_no_owner_id(flags: str) -> None:
    ((_, _, message),) = mistakes(text(sides=sides(v2=flags)))
    assert "cannot be an owner id in a TXT record" in message


def test_the_types_that_it_manages_and_how_it_writes_are_kept() -> None:
    made = plan(sides=sides(v2="{managed_record_types: [A, CNAME], prefer_cname: true}"))
    setup, default = made.v2.external_dns, made.v1.external_dns
    assert (setup.managed_record_types, setup.prefer_cname) == (("A", "CNAME"), True)
    assert (default.managed_record_types, default.prefer_cname) == (("A", "AAAA", "CNAME"), None)


@pytest.mark.parametrize(
    ("host", "seen"),
    [("app.example.com", True), ("example.com", True), ("a.internal.example.com", False), ("app.example.org", False)],
)
def test_an_instance_sees_what_its_filters_let_through(host: str, *, seen: bool) -> None:
    made = plan(sides=sides(v2="{domain_filter: [example.com], exclude_domains: [internal.example.com]}"))
    assert bool(made.external_dns(Side.V2, canonical(host))) is seen
    assert made.external_dns(Side.V1, canonical(host))


@pytest.mark.parametrize(
    ("host", "seen"), [("example.com", False), ("app.example.com", True), ("x.test", True), ("a.x.test", False)]
)
def test_a_filter_that_begins_with_a_dot_means_what_is_below_it_alone(host: str, *, seen: bool) -> None:
    made = plan(sides=sides(v2="{domain_filter: [.example.com, x.test], exclude_domains: [.x.test]}"))
    assert bool(made.external_dns(Side.V2, canonical(host))) is seen


@pytest.mark.case("D3")
def test_routing_is_declared_for_a_wave_or_a_domain() -> None:
    waves = """waves:
  - name: first
    expect: moving
    routing: latency
    domains: [app.example.com, {name: shop.example.com, routing: failover}]
"""
    app, shop = plan(waves=waves).domains
    assert (app.routing, shop.routing) == (Routing.LATENCY, Routing.FAILOVER)
    assert app.has_sets


@pytest.mark.case("D3")
def test_behind_a_proxy_the_origin_is_watched() -> None:
    waves = """waves:
  - name: first
    expect: moving
    domains: [{name: shop.example.com, proxied: {origin: origin.example.com}}]
"""
    (domain,) = plan(waves=waves).domains
    assert domain.name == DomainName("origin.example.com.")
    assert domain.proxied == DomainName("shop.example.com.")
