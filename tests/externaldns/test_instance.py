from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.version import V0_15_1, V0_21_0, V0_22_0, V0_23_0, Version
from probe.model.external_dns import Policy
from probe.model.name import canonical
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import ResourceRecordSet

V1 = "k8s-v1alb-111.eu-west-1.elb.amazonaws.com"
V2 = "k8s-v2alb-222.eu-west-1.elb.amazonaws.com"

HOSTS = st.frozensets(st.sampled_from(["web", "api", "shop", "b.shop", "www"]), max_size=5)
VERSIONS = st.sampled_from([V0_15_1, V0_21_0, V0_22_0])
OWNERS = st.sampled_from(["v1", "v2", "default"])


def new_zone() -> HostedZone:
    return HostedZone(canonical("example.com"), "Z1", (canonical("ns-1.awsdns-01.org"),))


def external_dns(
    zone: HostedZone, hosts: frozenset[str], target: str, flags: Flags, version: Version = V0_22_0
) -> ExternalDnsInstance:
    wanted = [ingress(f"{host}.example.com", target, "ingress/shop/web") for host in sorted(hosts)]
    return ExternalDnsInstance(version, flags, lambda: wanted, zone)


def owned_by_others(zone: HostedZone, owner: str) -> frozenset[ResourceRecordSet]:
    """Ownership TXT records that name someone else."""
    return frozenset(
        record
        for record in zone.record_sets()
        if record.rdtype == "TXT" and f"external-dns/owner={owner}," not in record.values[0]
    )


@settings(deadline=None)
@given(hosts=HOSTS, version=VERSIONS, owner=OWNERS, policy=st.sampled_from(Policy))
def test_alone_in_its_zone_an_instance_writes_once_and_is_quiet(
    hosts: frozenset[str], version: Version, owner: str, policy: Policy
) -> None:
    instance = external_dns(new_zone(), hosts, V1, Flags(owner, policy=policy), version)

    first = instance.sync()

    assert len(first) == (1 if hosts else 0)
    assert all(batch.accepted for batch in first)
    assert instance.sync() == ()


@settings(deadline=None)
@given(first=HOSTS, second=HOSTS, versions=st.tuples(VERSIONS, VERSIONS), owners=st.tuples(OWNERS, OWNERS))
def test_nobody_touches_what_another_owner_s_txt_guards(
    first: frozenset[str], second: frozenset[str], versions: tuple[Version, Version], owners: tuple[str, str]
) -> None:
    zone = new_zone()
    external_dns(zone, first, V1, Flags(owners[0]), versions[0]).sync()
    guarded = owned_by_others(zone, owners[1])

    external_dns(zone, second, V2, Flags(owners[1]), versions[1]).sync()

    assert owned_by_others(zone, owners[1]) >= guarded


@settings(deadline=None)
@given(hosts=HOSTS.filter(bool), version=st.sampled_from([V0_21_0, V0_22_0]))
def test_two_instances_of_one_owner_overwrite_each_other_for_ever(hosts: frozenset[str], version: Version) -> None:
    zone = new_zone()
    sides = [external_dns(zone, hosts, target, Flags(), version) for target in (V1, V2)]
    pictures = []
    for _ in range(3):
        for side in sides:
            assert side.sync() != ()
            pictures.append(frozenset(zone.record_sets()))

    assert pictures[0] == pictures[2] == pictures[4] != pictures[1] == pictures[3] == pictures[5]


def test_the_old_version_knows_no_migration() -> None:
    zone = new_zone()
    web = frozenset({"web"})
    external_dns(zone, web, V1, Flags("v1"), V0_15_1).sync()

    assert external_dns(zone, web, V2, Flags("v2", migrate_from_txt_owner="v1"), V0_15_1).sync() == ()


def test_what_the_source_wants_is_read_at_every_sync() -> None:
    hosts: list[str] = []
    instance = ExternalDnsInstance(
        V0_22_0, Flags(), lambda: [ingress(host, V1, "ingress/shop/web") for host in hosts], new_zone()
    )
    assert instance.sync() == ()

    hosts.append("web.example.com")

    assert len(instance.sync()) == 1


def types(zone: HostedZone) -> set[str]:
    return {record.rdtype for record in zone.record_sets() if record.name.startswith("web.")}


def test_a_type_that_is_not_managed_is_neither_written_nor_deleted() -> None:
    zone = new_zone()
    external_dns(zone, frozenset({"web"}), V1, Flags("v1", managed_record_types=("A", "CNAME"))).sync()
    assert types(zone) == {"A"}
    external_dns(zone, frozenset({"web"}), V1, Flags("v1")).sync()
    assert types(zone) == {"A", "AAAA"}
    external_dns(zone, frozenset(), V1, Flags("v1", managed_record_types=("A", "CNAME"))).sync()
    assert types(zone) == {"AAAA"}


def test_a_hosted_zone_that_the_filter_keeps_out_is_not_touched() -> None:
    zone = new_zone()
    instance = external_dns(zone, frozenset({"web"}), V1, Flags("v1"))
    assert replace(instance, zone_id_filter=("Z2",)).sync() == ()
    assert types(zone) == set()
    assert replace(instance, zone_id_filter=("Z2", "Z1")).sync()
    assert types(zone) == {"A", "AAAA"}


@pytest.mark.case("D2")
@pytest.mark.parametrize("version", [V0_15_1, V0_21_0, V0_22_0, V0_23_0])
def test_without_a_registry_every_record_is_its_own_and_no_txt_is_written(version: Version) -> None:
    """registry/noop/noop.go: an empty owner id, by which the plan filters nothing."""
    zone = new_zone()
    external_dns(zone, frozenset({"web", "api"}), V1, Flags("v1"), version).sync()
    before = frozenset(record for record in zone.record_sets() if record.rdtype == "TXT")
    taker = external_dns(zone, frozenset({"web"}), V2, Flags("v2", owns_all=True), version)
    (batch,) = taker.sync()
    assert batch.accepted
    assert taker.sync() == ()
    led = {record.name: record.alias.dns_name for record in zone.record_sets() if record.alias is not None}
    assert led == {canonical("web.example.com"): canonical(V2)}
    assert frozenset(record for record in zone.record_sets() if record.rdtype == "TXT") == before, "v1's TXT stay"


@pytest.mark.case("D2")
@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        (Policy.SYNC, {"web": V2}),
        (Policy.UPSERT_ONLY, {"web": V2, "api": V1}),
        (Policy.CREATE_ONLY, {"web": V1, "api": V1}),
    ],
)
def test_without_a_registry_only_the_policy_keeps_a_record_from_it(policy: Policy, kept: dict[str, str]) -> None:
    zone = new_zone()
    external_dns(zone, frozenset({"web", "api"}), V1, Flags("v1")).sync()
    external_dns(zone, frozenset({"web"}), V2, Flags(policy=policy, owns_all=True)).sync()
    led = {record.name: record.alias.dns_name for record in zone.record_sets() if record.alias is not None}
    assert led == {canonical(f"{host}.example.com"): canonical(target) for host, target in kept.items()}


@pytest.mark.case("D2")
def test_what_one_without_a_registry_writes_has_no_owner_and_a_take_over_leaves_it() -> None:
    zone = new_zone()
    web = frozenset({"web"})
    external_dns(zone, web, V1, Flags(owns_all=True)).sync()
    assert types(zone) == {"A", "AAAA"}
    assert not any(record.rdtype == "TXT" for record in zone.record_sets())
    assert external_dns(zone, web, V2, Flags("v2", migrate_from_txt_owner="default")).sync() == ()
