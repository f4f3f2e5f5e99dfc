from dataclasses import replace

import pytest

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.planning import Changes, calculate
from probe.model.external_dns import Policy
from probe.model.name import canonical

HOST = canonical("web.example.com")
HELD = DnsEndpoint(HOST, "A", ("192.0.2.1",), ttl=300, labels={"owner": "v1", "resource": "crd/shop/x"})
WANTED = DnsEndpoint(HOST, "A", ("192.0.2.2",), labels={"resource": "crd/shop/x"})
OTHER = replace(HELD, name=canonical("other.example.com"))
NEW = replace(WANTED, name=canonical("new.example.com"))


def plan(policy: Policy = Policy.SYNC, owner: str = "v1", migrate_from: str = "") -> Changes:
    return calculate((HELD, OTHER), (WANTED, NEW), policy, owner, migrate_from)


def test_sync_creates_updates_and_deletes() -> None:
    changes = plan()

    assert changes.create == (NEW,)
    assert [(update.old, update.new.targets) for update in changes.update] == [(HELD, WANTED.targets)]
    assert changes.delete == (OTHER,)


def test_upsert_only_never_deletes() -> None:
    changes = plan(Policy.UPSERT_ONLY)

    assert (len(changes.create), len(changes.update), changes.delete) == (1, 1, ())


def test_create_only_only_creates() -> None:
    changes = plan(Policy.CREATE_ONLY)

    assert (len(changes.create), changes.update, changes.delete) == (1, (), ())


def test_records_of_another_owner_are_left_alone() -> None:
    changes = plan(owner="v2")

    assert changes == Changes(create=(NEW,))


def test_an_update_keeps_the_owner_and_takes_the_wanted_resource() -> None:
    (update,) = plan().update

    assert update.new.labels == {"owner": "v1", "resource": "crd/shop/x"}


@pytest.mark.parametrize("owner", ["v1", "v2"])
def test_a_further_type_needs_every_present_type_to_be_own(owner: str) -> None:
    wanted = replace(WANTED, rdtype="AAAA", targets=("2001:db8::1",))

    changes = calculate((HELD,), (replace(WANTED, targets=HELD.targets), wanted), Policy.SYNC, owner, "")

    assert changes.create == ((wanted,) if owner == "v1" else ())


def test_a_ttl_that_no_source_configures_is_no_difference() -> None:
    assert calculate((HELD,), (replace(WANTED, targets=HELD.targets),), Policy.SYNC, "v1", "") == Changes()
    (update,) = calculate((HELD,), (replace(WANTED, targets=HELD.targets, ttl=60),), Policy.SYNC, "v1", "").update
    assert update.new.ttl == 60


def test_migrating_updates_everything_owned_again_and_again() -> None:
    same = replace(WANTED, targets=HELD.targets)

    changes = calculate((HELD,), (same,), Policy.SYNC, "v1", "old")

    assert len(changes.update) == 1
    assert changes.worth_applying()


def test_migrating_what_is_equal_with_its_ttl_is_not_worth_applying() -> None:
    same = replace(WANTED, targets=HELD.targets, ttl=300)

    changes = calculate((HELD,), (same,), Policy.SYNC, "v1", "old")

    assert len(changes.update) == 1
    assert not changes.worth_applying()


def test_records_of_different_set_identifiers_are_different_records() -> None:
    ours = replace(WANTED, set_identifier="v2", weight=10)
    theirs = replace(HELD, set_identifier="v1", weight=90)

    changes = calculate((theirs,), (ours,), Policy.SYNC, "v2", "")

    assert changes == Changes(create=(ours,))
