"""What clusters put in the place of what a plan tells: their ExternalDNS, their load balancers, and their wishes."""

from dataclasses import replace
from typing import Any

import pytest

from probe.config.load import parse
from probe.inventory.origin import Notice, Origin
from probe.inventory.proposal.cluster_wishes import as_read, is_whole, wishes_as_read
from probe.inventory.wanted.inventory import Inventory
from probe.judge.rehearsal.rewrite import ChosenBy
from probe.judge.rehearsal.run import ReadClusters
from probe.judge.rehearsal.wished import ReadSide, ReadWish
from probe.model.external_dns import Policy
from probe.model.name import canonical, display
from probe.model.plan import Plan
from probe.model.side import Side
from tests.inventory.manifests import NEW, V1_WEB, V2_WEB, cluster, external_dns
from tests.inventory.proposal.surveys import v1_host, v2_host

PLAN = f"""
vantage: office
sides:
  v1:
    load_balancers: [{V1_WEB}]
    external_dns: {{txt_owner_id: eks-v1, version: v0.22.0, policy: sync}}
  v2:
    load_balancers: [{V2_WEB}]
    external_dns: {{txt_owner_id: eks-v2, migrate_from_txt_owner: eks-v1, version: v0.22.0, policy: upsert-only}}
waves:
  - {{name: first, expect: v1, domains: [a.example.com, b.example.com]}}
"""
A, B = canonical("a.example.com"), canonical("b.example.com")
FLAGS = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync")


def written() -> Plan:
    return parse(PLAN)


def v1_of(*documents: Any) -> Inventory:
    return cluster(*documents)


def read(*inventories: Inventory) -> ReadClusters:
    return wishes_as_read(as_read(written(), inventories), inventories, written())


def test_flags_are_the_clusters_and_what_no_image_tells_is_the_plans() -> None:
    there = external_dns(
        "--source=ingress", "--txt-owner-id=eks-v1", "--policy=upsert-only", "--interval=5m", version="v0.21.0"
    )
    (found,) = as_read(written(), [v1_of(there, v1_host("a.example.com"))]).v1.instances
    assert (found.version, found.policy, found.interval) == ((0, 21, 0), Policy.UPSERT_ONLY, 300.0)
    untold = external_dns("--source=ingress", "--txt-owner-id=eks-v1", version="latest")
    (found,) = as_read(written(), [v1_of(untold, v1_host("a.example.com"))]).v1.instances
    assert (found.version, found.policy) == ((0, 22, 0), Policy.SYNC)
    assert as_read(written(), [v1_of(FLAGS, v1_host("a.example.com"))]).v2 == written().v2


def test_a_load_balancer_that_the_plan_lacks_is_the_clusters() -> None:
    other = "k8s-other-1.ap-northeast-2.elb.amazonaws.com"
    plan = as_read(written(), [v1_of(FLAGS, v1_host("a.example.com", target=other))])
    assert [display(one) for one in plan.v1.load_balancers] == [V1_WEB, other]
    both = as_read(written(), [v1_of(FLAGS, v1_host("a.example.com", target=V2_WEB))])
    assert both.v1.load_balancers == written().v1.load_balancers, "the plan says that it is v2's"


def test_what_is_wanted_and_what_is_not() -> None:
    found = read(v1_of(FLAGS, v1_host("a.example.com")))
    assert found.sides == {Side.V1}
    assert found.wanted == {A: (ReadSide(Side.V1, (ReadWish(None),)),), B: (ReadSide(Side.V1),)}
    assert "v1 has no object today for b.example.com." in found.assumptions


def test_what_could_not_be_read_whole_is_not_said_to_lack_anything() -> None:
    gap = replace(
        v1_of(FLAGS, v1_host("a.example.com")), notices=(Notice(Origin("x"), "HTTPRoutes are forbidden.", is_gap=True),)
    )
    assert not is_whole(gap)
    found = read(gap)
    assert B not in found.wanted
    assert any("Not all that v1 may want could be read" in one for one in found.assumptions)
    assert not is_whole(v1_of(external_dns("--source=ingress", "--source=istio-gateway", "--txt-owner-id=eks-v1")))


def test_sets_times_to_live_and_health_are_the_objects() -> None:
    annotations = {
        f"{NEW}set-identifier": "blue",
        f"{NEW}aws-weight": "90",
        f"{NEW}ttl": "30",
        f"{NEW}aws-evaluate-target-health": "false",
    }
    found = read(v1_of(FLAGS, v1_host("a.example.com", annotations=annotations)))
    (side,) = found.wanted[A]
    assert side.wishes == (ReadWish(None, ChosenBy("blue", 90), 30, evaluates=False),)


def test_of_several_externaldns_each_has_its_name_and_its_wishes() -> None:
    two = [
        external_dns(
            "--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync", "--domain-filter=a.example.com", name="a"
        ),
        external_dns(
            "--source=ingress", "--txt-owner-id=eks-b", "--policy=sync", "--domain-filter=b.example.com", name="b"
        ),
    ]
    inventory = v1_of(*two, v1_host("a.example.com", "b.example.com"))
    assert [one.name for one in as_read(written(), [inventory]).v1.instances] == ["dns/a", "dns/b"]
    found = read(inventory)
    assert [found.wanted[host][0].wishes[0].name for host in (A, B)] == ["dns/a", "dns/b"]


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        (
            [v1_host("a.example.com", annotations={f"{NEW}target": "cdn.example.net"})],
            "leads to cdn.example.net by ingress/shop/web of v1",
        ),
        ([v1_host("a.example.com", target=V2_WEB)], "which is v2's by the plan"),
        (
            [
                v1_host("a.example.com", name=name, annotations={f"{NEW}set-identifier": name, f"{NEW}aws-weight": "1"})
                for name in ("one", "two")
            ],
            "is wanted by v1 as several record sets (set identifiers one and two)",
        ),
        (
            [
                v1_host(
                    "a.example.com",
                    annotations={f"{NEW}set-identifier": "x", f"{NEW}aws-region": "eu-west-1"},
                )
            ],
            "has latency routing by ingress/shop/web of v1, and not by the plan",
        ),
    ],
)
def test_what_cannot_be_played_has_a_sentence(hosts: list[Any], words: str) -> None:
    found = read(v1_of(FLAGS, *hosts))
    assert words in found.unplayable[A]
    assert found.unplayable[A].endswith("it was not played.")


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([v1_host("a.example.com")], "No ExternalDNS was found in v1: the plan's were played"),
        (
            [
                external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=upsert-only"),
                v1_host("a.example.com"),
            ],
            (
                "Where the plan and a cluster differ, the cluster's was played: policy of v1's ExternalDNS "
                "dns/external-dns: the plan has sync, the cluster upsert-only."
            ),
        ),
        ([FLAGS, v1_host("a.example.com", "m.example.com")], "v1 wants 1 host that the plan lacks (m.example.com)"),
        (
            [external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync", "--regex-domain-filter=a")],
            "v1's dns/external-dns has --regex-domain-filter, which is not followed",
        ),
    ],
)
def test_what_was_taken_for_granted_is_listed(documents: list[Any], sentence: str) -> None:
    assert any(one.startswith(sentence) for one in read(v1_of(*documents)).assumptions)


def test_an_externaldns_without_replicas_is_played_and_one_that_is_gone_is_not() -> None:
    stopped = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync")
    stopped["spec"]["replicas"] = 0
    told = read(v1_of(stopped, v1_host("a.example.com"))).assumptions
    assert "v1's dns/external-dns has no replicas, and was played as if it ran." in told
    other = [
        external_dns("--source=ingress", f"--txt-owner-id=new-{name}", "--policy=sync", name=name)
        for name in ("a", "b")
    ]
    told = read(v1_of(*other, v1_host("a.example.com"))).assumptions
    assert 'v1\'s ExternalDNS "eks-v1" of the plan was not found there, and was not played.' in told


def test_both_sides_are_told_apart() -> None:
    v2 = cluster(
        external_dns("--source=ingress", "--txt-owner-id=eks-v2", "--migrate-from-txt-owner=eks-v1", "--policy=sync"),
        v2_host("a.example.com"),
        side=Side.V2,
    )
    found = read(v1_of(FLAGS, v1_host("a.example.com", "b.example.com")), v2)
    assert found.wanted[A] == (ReadSide(Side.V1, (ReadWish(None),)), ReadSide(Side.V2, (ReadWish(None),)))
    assert found.wanted[B] == (ReadSide(Side.V1, (ReadWish(None),)), ReadSide(Side.V2))


def secret(*arguments: str, name: str = "external-dns") -> dict[str, Any]:
    """An ExternalDNS whose owner id stands in a Secret."""
    one = external_dns("--source=ingress", "--txt-owner-id=$(OWNER)", "--policy=sync", *arguments, name=name)
    (container,) = one["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": "OWNER", "valueFrom": {"secretKeyRef": {"name": "dns", "key": "owner"}}}]
    return one


def test_an_owner_id_that_a_secret_holds_is_the_plans() -> None:
    inventory = v1_of(secret(), v1_host("a.example.com"))
    (found,) = as_read(written(), [inventory]).v1.instances
    assert found.txt_owner_id == "eks-v1", "and not the default, which nobody has told"
    told = read(inventory)
    assert not told.unplayable
    assert (
        "v1's dns/external-dns has --txt-owner-id of a value that was not read: the plan's was played."
        in told.assumptions
    )


def test_hosts_of_an_externaldns_that_is_none_of_the_plans_are_not_played() -> None:
    inventory = v1_of(secret(name="x"), secret(name="y"), v1_host("a.example.com"))
    assert read(inventory).unplayable[A] == (
        "is written by v1's dns/x, whose --txt-owner-id is not known: it was not played."
    )
