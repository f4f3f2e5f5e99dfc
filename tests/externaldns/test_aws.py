from collections.abc import Sequence
from dataclasses import replace

import pytest

from probe.externaldns.aws import AwsProvider
from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.planning import Changes, Update
from probe.model.name import DomainName, canonical
from probe.route53.records import Change, ChangeAction, InvalidChangeBatchError, ResourceRecordSet

HOST = canonical("web.example.com")
ALB = "k8s-v1alb-111.eu-west-1.elb.amazonaws.com"


class RefusingZone:
    """Refuses every batch that touches one of its bad names."""

    name = canonical("example.com")
    zone_id = "Z1"

    def __init__(self, *bad: DomainName) -> None:
        self.bad = bad

    def record_sets(self) -> tuple[ResourceRecordSet, ...]:
        return ()

    def change(self, changes: Sequence[Change]) -> None:
        if any(change.record.name in self.bad for change in changes):
            raise InvalidChangeBatchError(("no",))


def actions(changes: Changes) -> list[tuple[ChangeAction, str]]:
    (batch,) = AwsProvider().apply(changes, RefusingZone())
    return [(change.action, change.record.rdtype) for change in batch.changes]


def a_record(name: str, target: str = "192.0.2.1") -> DnsEndpoint:
    return DnsEndpoint(canonical(name), "A", (target,))


def test_a_load_balancer_becomes_two_aliases_with_the_region_s_zone() -> None:
    wanted = DnsEndpoint(HOST, "CNAME", (ALB,), ttl=60)

    alias, twin = AwsProvider().adjust((wanted,))

    assert (alias.rdtype, twin.rdtype) == ("A", "AAAA")
    assert alias.ttl == 300
    (batch,) = AwsProvider().apply(Changes(create=(alias,)), RefusingZone())
    target = batch.changes[0].record.alias
    assert target is not None
    assert (target.hosted_zone_id, target.dns_name) == ("Z32O12XQLNTSW2", ALB + ".")


def test_any_other_name_stays_a_cname() -> None:
    (kept,) = AwsProvider().adjust((DnsEndpoint(HOST, "CNAME", ("cdn.example.net",)),))

    assert (kept.rdtype, kept.alias) == ("CNAME", False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (DnsEndpoint(HOST, "A", (ALB,), alias=True), a_record("web.example.com")),
        (a_record("web.example.com"), DnsEndpoint(HOST, "A", ("192.0.2.1",), weight=10)),
        (a_record("web.example.com"), DnsEndpoint(HOST, "A", ("192.0.2.1",), set_identifier="v2")),
        (DnsEndpoint(HOST, "CNAME", ("cdn.example.net",)), a_record("web.example.com")),
    ],
    ids=["alias to plain", "policy appears", "set identifier changes", "type changes"],
)
def test_route_53_is_not_asked_to_upsert_across_kinds(old: DnsEndpoint, new: DnsEndpoint) -> None:
    sent = actions(Changes(update=(Update(old, new),)))

    assert sent == [(ChangeAction.DELETE, old.rdtype), (ChangeAction.CREATE, new.rdtype)]


def test_a_changed_target_or_weight_is_an_upsert() -> None:
    old = DnsEndpoint(HOST, "A", ("192.0.2.1",), weight=10, set_identifier="v2")
    new = DnsEndpoint(HOST, "A", ("192.0.2.2",), weight=20, set_identifier="v2")

    assert actions(Changes(update=(Update(old, new),))) == [(ChangeAction.UPSERT, "A")]


def test_names_outside_the_zone_are_passed_over() -> None:
    assert AwsProvider().apply(Changes(create=(a_record("a-example.com"),)), RefusingZone()) == ()


def test_a_refused_batch_is_sent_again_host_by_host_with_each_host_s_txt() -> None:
    txt = DnsEndpoint(canonical("a-bad.example.com"), "TXT", ('"x"',), owned_record=canonical("bad.example.com"))
    changes = Changes(create=(a_record("bad.example.com"), a_record("good.example.com"), txt))

    sent = AwsProvider().apply(changes, RefusingZone(canonical("bad.example.com")))

    assert [batch.accepted for batch in sent] == [False, False, True]
    assert [len(batch.changes) for batch in sent] == [3, 2, 1]


def test_a_refused_batch_of_one_host_is_not_sent_again() -> None:
    sent = AwsProvider().apply(
        Changes(create=(a_record("bad.example.com"),)), RefusingZone(canonical("bad.example.com"))
    )

    assert [batch.errors for batch in sent] == [("no",)]


def many(count: int) -> Changes:
    hosts = [a_record(f"d{number}.example.com") for number in range(count)]
    txts = [
        replace(host, name=canonical(f"a-{host.name}"), rdtype="TXT", targets=('"x"',), owned_record=host.name)
        for host in hosts
    ]
    return Changes(create=(*hosts, *txts))


@pytest.mark.parametrize(
    ("hosts", "sizes"), [(0, []), (1, [2]), (500, [1000]), (501, [1000, 2]), (1100, [1000, 1000, 200])]
)
def test_changes_are_cut_into_batches_of_a_thousand(hosts: int, sizes: list[int]) -> None:
    sent = AwsProvider().apply(many(hosts), RefusingZone())
    assert [len(batch.changes) for batch in sent] == sizes


def test_a_record_and_its_txt_are_never_parted() -> None:
    for batch in AwsProvider().apply(many(777), RefusingZone()):
        names = {change.record.name for change in batch.changes}
        assert all(f"a-{name}" in names for name in names if not name.startswith("a-"))


def test_long_values_and_upserts_fill_a_batch_sooner() -> None:
    hosts = [replace(a_record(f"d{number}.example.com"), rdtype="TXT", targets=("x" * 250,)) for number in range(200)]
    created = AwsProvider().apply(Changes(create=tuple(hosts)), RefusingZone())
    upserted = AwsProvider().apply(Changes(update=tuple(Update(host, host) for host in hosts)), RefusingZone())
    assert [len(batch.changes) for batch in created] == [128, 72]  # 32,000 octets
    assert [len(batch.changes) for batch in upserted] == [64, 64, 64, 8]


def test_a_refused_batch_leaves_the_others_alone() -> None:
    sent = AwsProvider().apply(many(501), RefusingZone(canonical("d0.example.com")))
    assert [batch.accepted for batch in sent].count(False) == 2  # its batch, and the host alone
    assert len(sent) == 1 + 500 + 1
