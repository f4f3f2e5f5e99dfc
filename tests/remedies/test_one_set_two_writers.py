"""Two ExternalDNS that write the weight of one set identifier: the remedy for a share that alternates, played."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.version import V0_15_1, V0_21_0, V0_22_0, V0_23_0, Version
from probe.model.external_dns import Policy
from probe.model.name import canonical
from probe.route53.hosted_zone import HostedZone
from tests.remedies.faults import is_old

V1 = "k8s-v1alb-111.eu-west-1.elb.amazonaws.com"
V2 = "k8s-v2alb-222.eu-west-1.elb.amazonaws.com"
VERSIONS = (V0_15_1, V0_21_0, V0_22_0, V0_23_0)
PAIRS = tuple((v1, v2) for v1, v2 in product(VERSIONS, VERSIONS) if is_old(v2) <= is_old(v1))
"""Of v1's and v2's ExternalDNS: an older one beside v0.22 finds no owner where that keeps it, and writes nothing."""


def weighed(load_balancer: str, weight: int, identifier: str) -> DnsEndpoint:
    return ingress("web.example.com", load_balancer, "ingress/shop/web", weight=weight, set_id=identifier)


class Clusters:
    """Two clusters that were given the same two weighted objects, the second one with another weight in it."""

    def __init__(self, versions: tuple[Version, Version]) -> None:
        self.zone = HostedZone(canonical("example.com"), "Z1", (canonical("ns-1.awsdns-01.org"),))
        self.wants = [
            [weighed(V1, 80, "on-v1"), weighed(V2, 20, "on-v2")],
            [weighed(V1, 80, "on-v1"), weighed(V2, 53, "on-v2")],
        ]
        sources = (lambda: self.wants[0], lambda: self.wants[1])
        self.writers = [
            ExternalDnsInstance(version, Flags(), source, self.zone)
            for version, source in zip(versions, sources, strict=True)
        ]

    def give_both(self, policy: Policy) -> None:
        self.writers = [replace(one, flags=replace(one.flags, policy=policy)) for one in self.writers]

    def weights(self) -> dict[str, int | None]:
        """Give the weight of each set of the host's A that stands."""
        return {
            one.set_identifier or "": one.weight
            for one in self.zone.record_sets()
            if one.rdtype == "A" and one.name == canonical("web.example.com")
        }

    def syncs(self, rounds: int = 4) -> Iterator[dict[str, int | None]]:
        """Give what stands after each sync of either."""
        for _ in range(rounds):
            for writer in self.writers:
                assert all(batch.accepted for batch in writer.sync())
                yield self.weights()


@pytest.mark.parametrize("versions", PAIRS, ids=str)
def test_they_overwrite_the_weight_of_the_set_that_both_have(versions: tuple[Version, Version]) -> None:
    clusters = Clusters(versions)
    stood = list(clusters.syncs())
    assert [one["on-v2"] for one in stood] == [20, 53] * 4
    assert {one["on-v1"] for one in stood} == {80}


@pytest.mark.parametrize("versions", PAIRS, ids=str)
@pytest.mark.parametrize("own", [True, False], ids=["own identifier", "taken out"])
def test_with_upsert_only_an_identifier_in_one_cluster_only_ends_it_and_no_set_is_ever_missing(
    versions: tuple[Version, Version], *, own: bool
) -> None:
    clusters = Clusters(versions)
    list(clusters.syncs())
    clusters.give_both(Policy.UPSERT_ONLY)
    stood = list(clusters.syncs(2))
    clusters.wants[0] = [weighed(V1, 80, "on-v1")] + ([weighed(V2, 20, "on-v2-by-v1")] if own else [])
    stood += clusters.syncs()
    assert all({"on-v1", "on-v2"} <= one.keys() for one in stood)
    last = {"on-v1": 80, "on-v2": 53} | ({"on-v2-by-v1": 20} if own else {})
    assert list(clusters.syncs(2)) == [last] * 4


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_with_sync_and_one_owner_id_the_other_one_deletes_the_set(version: Version) -> None:
    """So the policy comes first, and is kept for as long as they share an owner id."""
    clusters = Clusters((version, version))
    list(clusters.syncs())
    clusters.wants[0] = [weighed(V1, 80, "on-v1")]
    assert any("on-v2" not in one for one in clusters.syncs())
