"""What a cluster says of a plan's domains, and which hosts the plan lacks; all that strangers wrote is bounded."""

from dataclasses import replace
from typing import Any

import pytest

from probe.inventory.wanted.wishes import hosts_lacking, wishes_of
from probe.model.name import DomainName
from probe.model.plan import Authoritative, Plan, Shard
from probe.model.side import Side
from probe.model.witness import ClusterWish
from tests import plans
from tests.inventory.manifests import NEW, V1_WEB, cluster, external_dns, ingress

MAX_WISHES = MAX_WISH_TARGETS = 16
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP, API = DomainName("shop.example.com."), DomainName("api.example.com.")
READS = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync")


def wishes(
    *objects: dict[str, object], names: tuple[DomainName, ...] = (SHOP,)
) -> dict[DomainName, tuple[ClusterWish, ...]]:
    return wishes_of(cluster(*objects), names, Authoritative())


def test_a_wish_has_its_object_its_external_dns_and_where_it_leads() -> None:
    ((one,),) = wishes(READS, ingress("web", "shop.example.com")).values()
    assert (one.side, one.resource, one.workload, one.owner, one.targets) == (
        Side.V1, "ingress/shop/web", "dns/external-dns", "eks-v1", (V1_WEB,),
    )  # fmt: skip
    assert not one.stopped
    assert not one.by_wildcard


def test_a_set_with_an_identifier_has_it_and_its_weight() -> None:
    told = {
        f"{NEW}set-identifier": "eks-v1",
        f"{NEW}aws-weight": "70",
    }
    ((one,),) = wishes(READS, ingress("web", "shop.example.com", annotations=told)).values()
    assert (one.set_identifier, one.weight) == ("eks-v1", 70)


def test_an_external_dns_without_replicas_is_told_as_stopped() -> None:
    stopped = external_dns("--source=ingress", "--txt-owner-id=eks-v1")
    stopped["spec"]["replicas"] = 0
    ((one,),) = wishes(stopped, ingress("web", "shop.example.com")).values()
    assert one.stopped


@pytest.mark.parametrize(("flags", "enters"), [((), False), (("--aws-zone-match-parent",), True)])
def test_a_filter_below_the_hosted_zone_is_told_with_the_flag_that_opens_it(
    flags: tuple[str, ...],
    enters: bool,  # noqa: FBT001  # a column of the table
) -> None:
    narrow = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--domain-filter=shop.example.com", *flags)
    ((one,),) = wishes(narrow, ingress("web", "shop.example.com")).values()
    assert one.enters(DomainName("example.com.")) is enters
    assert one.enters(SHOP)


def test_each_external_dns_that_would_write_a_host_is_a_wish_and_the_same_one_is_told_once() -> None:
    other = external_dns("--source=ingress", "--txt-owner-id=team", name="team")
    (found,) = wishes(READS, other, ingress("web", "shop.example.com", "shop.example.com")).values()
    assert [one.owner for one in found] == ["eks-v1", "team"]


def test_without_an_external_dns_nobody_is_known_to_want_anything() -> None:
    found = cluster(ingress("web", "shop.example.com"))
    assert found.hosts == {SHOP}
    assert wishes_of(found, [SHOP], Authoritative()) == {}
    assert hosts_lacking(found, plans.plan(API)) == ()


OWNED = ("--source=ingress", "--txt-owner-id=eks", "--policy=sync")


def secret(flag: str) -> dict[str, Any]:
    """Give an ExternalDNS that has one flag of a Secret."""
    found = external_dns("--source=ingress")
    (container,) = found["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": f"EXTERNAL_DNS_{flag}", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}]
    return found


@pytest.mark.parametrize(
    ("setup", "flag"),
    [
        (secret("TXT_OWNER_ID"), "txt-owner-id"),  # both clusters' would be `default`
        (secret("DOMAIN_FILTER"), "domain-filter"),
        (secret("INGRESS_CLASS"), "ingress-class"),
        (external_dns(*OWNED, "--namespace=$(TEAM)"), "namespace"),
        (external_dns(*OWNED, "--annotation-filter=((("), "annotation-filter"),
        (external_dns(*OWNED, "--zone-id-filter=/hostedzone/Z1"), "zone-id-filter"),
        (external_dns(*OWNED, r"--regex-domain-filter=^v1\."), "regex-domain-filter"),
        (external_dns(*OWNED, "--target-net-filter=10.0.0.0/8"), "target-net-filter"),
        (external_dns(*OWNED, "--dry-run"), "dry-run"),
        (external_dns(*OWNED, "--provider=cloudflare"), "provider"),
    ],
)
def test_of_an_external_dns_whose_flags_are_not_known_nobody_says_what_it_overwrites(
    setup: dict[str, Any], flag: str
) -> None:
    found = cluster(setup, ingress("web", "shop.example.com"))
    assert found.workloads[0].unclear == (flag,)
    assert wishes_of(found, [SHOP], Authoritative()) == {}


@pytest.mark.parametrize(("flags", "unclear"), [((), ("txt-owner-id",)), (("--txt-owner-id=eks",), ())])
def test_an_owner_id_that_is_not_told_may_stand_in_a_config_map(
    flags: tuple[str, ...], unclear: tuple[str, ...]
) -> None:
    setup = external_dns("--source=ingress", *flags)
    setup["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "flags"}}]
    assert cluster(setup).workloads[0].unclear == unclear


def test_flags_that_decide_nothing_leave_its_wishes_alone() -> None:
    others = (
        "--provider=aws",
        "--no-dry-run",
        "--regex-domain-filter=",
        "--interval=never",
        "--fqdn-template={{.Name}}",
    )
    assert SHOP in wishes(external_dns(*OWNED, *others), ingress("web", "shop.example.com"))


def test_one_that_writes_into_private_zones_wants_nothing_of_a_public_view_and_the_other_way_round() -> None:
    found = cluster(
        external_dns(*OWNED, "--aws-zone-type=private", name="inside"),
        external_dns(*OWNED, "--aws-zone-type=public", name="outside"),
        external_dns(*OWNED, name="both"),
        ingress("web", "shop.example.com"),
    )
    inside = Authoritative(private_zones=((DomainName("example.com."), ()),))
    public, private = wishes_of(found, [SHOP], Authoritative())[SHOP], wishes_of(found, [SHOP], inside)[SHOP]
    assert [one.workload for one in public] == ["dns/outside", "dns/both"]
    assert [one.workload for one in private] == ["dns/inside", "dns/both"]


def test_two_of_one_application_or_of_one_pod_are_not_taken_for_each_other() -> None:
    def of_application(name: str, owner: str, zone: str) -> dict[str, Any]:
        found = external_dns("--source=ingress", f"--txt-owner-id={owner}", f"--domain-filter={zone}", name=name)
        found["metadata"]["labels"] = {"app.kubernetes.io/instance": "platform"}
        return found

    inside, outside = of_application("inside", "one", "example.com"), of_application("outside", "two", "example.org")
    one_pod = of_application("inside", "one", "example.com")
    one_pod["spec"]["template"]["spec"]["containers"] += outside["spec"]["template"]["spec"]["containers"]
    for objects in ((inside, outside), (one_pod,)):
        (one,) = wishes(*objects, ingress("web", "shop.example.com"))[SHOP]
        assert (one.workload, one.owner) == ("dns/inside", "one")
    alone = cluster(inside).workloads
    assert [found.label for found in alone] == ["dns/platform"]


def test_a_wildcard_covers_what_nobody_wants_by_name() -> None:
    objects = (READS, ingress("any", "*.example.com"), ingress("web", "shop.example.com"))
    found = wishes(*objects, names=(SHOP, API, DomainName("a.b.example.com."), DomainName("example.com.")))
    told = {str(name): [(one.resource, one.by_wildcard) for one in several] for name, several in found.items()}
    assert told == {
        "shop.example.com.": [("ingress/shop/web", False)],
        "api.example.com.": [("ingress/shop/any", True)],
        "a.b.example.com.": [("ingress/shop/any", True)],
    }


def test_objects_without_end_are_bounded_and_none_of_their_names_steers_a_terminal() -> None:
    objects = [ingress(f"web-{number}", "shop.example.com") for number in range(3 * MAX_WISHES)]
    objects[0]["metadata"]["name"] = "a\x1b[31m" + "x" * 1000
    (found,) = wishes(READS, *objects).values()
    assert len(found) == MAX_WISHES
    assert max(len(one.resource) for one in found) < 300
    assert all(one.resource.isprintable() for one in found)


def test_the_targets_of_one_object_are_bounded() -> None:
    many = ingress("web", "shop.example.com")
    targets = [f"192.0.2.{number}" for number in range(10, 11 + MAX_WISH_TARGETS)]
    many["status"]["loadBalancer"]["ingress"] = [{"ip": target} for target in targets]
    ((one,),) = wishes(READS, many).values()
    assert one.targets == tuple(targets[:MAX_WISH_TARGETS])


def plan(*names: str, shard: Shard | None = None) -> Plan:
    return replace(plans.plan(*names), shard=shard or Shard())


def test_hosts_that_a_plan_lacks_are_told_and_what_stands_behind_a_cdn_is_had() -> None:
    found = cluster(READS, ingress("web", "shop.example.com", "new.example.com", "www.example.com"))
    (wave,) = plan(SHOP).waves
    fronted = replace(wave.domains[0], proxied=DomainName("www.example.com."))
    behind = replace(plan(), waves=(replace(wave, domains=(fronted,)),))
    assert hosts_lacking(found, plan(SHOP)) == ("new.example.com.", "www.example.com.")
    assert hosts_lacking(found, behind) == ("new.example.com.",)


@pytest.mark.parametrize("total", [2, 5])
def test_each_host_is_told_by_one_shard(total: int) -> None:
    found = cluster(READS, ingress("web", *(f"h{number}.example.com" for number in range(20))))
    told = [host for ordinal in range(total) for host in hosts_lacking(found, plan(SHOP, shard=Shard(ordinal, total)))]
    assert sorted(told) == sorted(hosts_lacking(found, plan(SHOP)))
