"""Who plays, in each way that the plan leaves open."""

from dataclasses import replace

import pytest

from probe.externaldns.version import MAY_BE, V0_22_0
from probe.judge.ownership.filters import SeenZone
from probe.judge.rehearsal.cast import casts, doubts
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.name import canonical
from probe.model.plan import Plan, SidePlan
from probe.model.side import Side

TOLD = ExternalDns("v1", version=(0, 21, 0), policy=Policy.SYNC)


def plan(v1: ExternalDns, v2: ExternalDns, *more: ExternalDns) -> Plan:
    registry = TxtRegistry("edns-")
    return Plan(
        "test",
        SidePlan(Side.V1, external_dns=v1),
        SidePlan(Side.V2, external_dns=v2, more_external_dns=more),
        (),
        registry=registry,
    )


def test_a_plan_that_tells_all_has_one_cast_without_a_condition() -> None:
    (cast,) = casts(plan(TOLD, TOLD))
    assert cast.condition == ""
    assert [one.side for one in cast.players] == [Side.V1, Side.V2]
    assert all(one.setup.names.prefix == "edns-" for one in cast.players), "the plan's registry is the default"


def test_an_old_version_without_a_policy_syncs() -> None:
    (cast,) = casts(plan(TOLD, ExternalDns("v2", version=(0, 21, 0))))
    assert cast.players[1].policy is Policy.SYNC


def test_a_new_version_without_a_policy_is_played_both_ways() -> None:
    both = casts(plan(TOLD, ExternalDns("v2", version=V0_22_0)))
    assert [cast.players[1].policy for cast in both] == [Policy.SYNC, Policy.UPSERT_ONLY]
    assert both[0].condition == "--policy of v2 is sync"


def test_versions_that_are_not_told_are_alike_and_played_as_each_that_may_be() -> None:
    found = casts(plan(ExternalDns("v1", policy=Policy.SYNC), ExternalDns("v2", "v1", policy=Policy.SYNC)))
    assert [{one.version for one in cast.players} for cast in found] == [{version} for version in MAY_BE]
    assert found[0].condition == "the ExternalDNS of v1 and v2 is v0.21.0"


@pytest.mark.parametrize(
    ("migrate", "policy", "ways"),
    [(None, Policy.SYNC, 2), ("v1", Policy.UPSERT_ONLY, 2), ("v1", Policy.SYNC, 3), (None, None, 3), ("v1", None, 4)],
)
def test_versions_that_do_the_same_with_the_flags_of_all_are_played_once(
    migrate: str | None, policy: Policy | None, ways: int
) -> None:
    """v0.23 deletes otherwise than v0.22 does, and only what it has taken over."""
    found = casts(plan(ExternalDns("v1", policy=policy), ExternalDns("v2", migrate, policy=policy)))
    assert len(found) == ways
    assert any("is v0.22.0 or v0.23.0" in cast.condition for cast in found) is (ways < len(MAY_BE) or policy is None)


def test_another_registry_does_not_play() -> None:
    (cast,) = casts(plan(TOLD, ExternalDns("v2", registry=Registry.DYNAMODB, version=V0_22_0, policy=Policy.SYNC)))
    assert [one.side for one in cast.players] == [Side.V1]


def test_a_name_is_part_of_the_label() -> None:
    (cast,) = casts(plan(TOLD, TOLD, ExternalDns("x", version=V0_22_0, policy=Policy.SYNC, name="private")))
    assert cast.players[-1].label == 'v2\'s ExternalDNS private ("x")'


def test_known_versions_leave_no_doubt() -> None:
    assert doubts(plan(TOLD, ExternalDns("v2", "v1", version=(0, 23, 4)))) == ()
    (old,) = doubts(plan(ExternalDns(version=(0, 5, 0)), TOLD))
    assert "older than any that was recorded" in old


def test_whether_a_zone_above_a_filter_is_entered_is_one_cast_each_where_it_is_not_told() -> None:
    host, zone = canonical("app.example.com"), canonical("example.com")
    narrow = replace(TOLD, txt_owner_id="v2", domain_filter=(host,))
    found = casts(plan(TOLD, narrow), {host: SeenZone(zone)})
    assert [cast.condition for cast in found] == [
        "the ExternalDNS of v2 has no --aws-zone-match-parent",
        "the ExternalDNS of v2 has --aws-zone-match-parent",
    ]
    assert [cast.players[1].setup.zone_match_parent for cast in found] == [False, True]
    for told in (replace(narrow, zone_match_parent=True), replace(narrow, domain_filter=(zone,))):
        assert [cast.condition for cast in casts(plan(TOLD, told), {host: SeenZone(zone)})] == [""]
    assert len(casts(plan(TOLD, narrow), {host: SeenZone(host)})) == 1, "the host is its own zone"
    assert len(casts(plan(TOLD, narrow))) == 1, "no zone was seen"
    old = replace(narrow, version=(0, 14, 0))
    assert [cast.condition for cast in casts(plan(TOLD, old), {host: SeenZone(zone)})] == [""], "it has no such flag"
