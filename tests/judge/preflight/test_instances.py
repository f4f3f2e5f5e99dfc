"""What both sides' ExternalDNS let move, by the plan alone."""

from dataclasses import replace

import pytest

from probe.judge.preflight.instances import of_the_plan
from probe.judge.preflight.ownership import of_domain
from probe.model.check import CheckOutcome
from probe.model.external_dns import ExternalDns, Policy, Registry
from probe.model.name import DomainName
from tests.judge.ownership.owned import NEW, OLD
from tests.judge.preflight.test_ownership import V1, V2, setups, standing, versions


def test_owner_ids_that_are_equal_fight_whatever_stands_in_dns() -> None:
    (check,) = of_the_plan(setups(replace(V1, txt_owner_id="same"), replace(V2, txt_owner_id="same")))
    assert check.outcome is CheckOutcome.FAIL
    assert "overwrites the other's record at every sync" in check.sentence
    # With `sync` v2's would delete what only v1 wants as soon as v1's is stopped.
    assert "Or give v2's --policy=upsert-only, then: Stop v1's ExternalDNS before" in check.remedy


def test_a_plan_that_tells_nothing_of_either_is_not_taken_at_its_defaults() -> None:
    asked, _ = of_the_plan(setups(ExternalDns(), ExternalDns()))
    assert (asked.outcome, "external_dns" in asked.remedy) == (CheckOutcome.UNKNOWN, True)


def test_a_mutual_migration_is_told() -> None:
    (check,) = of_the_plan(setups(replace(V1, migrate_from_txt_owner="v2")))
    assert check.outcome is CheckOutcome.FAIL
    assert "each takes every record over from the other" in check.sentence


def test_a_migration_from_nobody_leaves_a_gap_and_one_from_somebody_else_takes_nothing() -> None:
    (gap,) = of_the_plan(setups(v2=replace(V2, migrate_from_txt_owner=None)))
    assert (gap.outcome, "does not exist until its next sync" in gap.sentence) == (CheckOutcome.WARN, True)
    (other,) = of_the_plan(setups(v2=replace(V2, migrate_from_txt_owner="else")))
    assert other.outcome is CheckOutcome.FAIL


def test_versions_that_the_plan_does_not_tell_are_asked_for() -> None:
    good, asked = of_the_plan(versions(None, NEW))
    assert good.outcome is CheckOutcome.PASS
    assert (asked.outcome, "v1" in asked.sentence) == (CheckOutcome.WARN, True)


def test_two_versions_that_fight_are_told_by_the_plan_alone() -> None:  # S12
    told = of_the_plan(versions(OLD, NEW))[0]
    assert told.outcome is CheckOutcome.FAIL
    assert "v2's ExternalDNS (v0.22.0) would take an alias A over" in told.sentence
    assert told.remedy.startswith("Run one version on both sides (v0.22.0)")


def test_two_versions_that_split_the_families_are_told_by_the_plan_alone() -> None:  # S13
    told = of_the_plan(versions(NEW, OLD))[0]
    assert told.outcome is CheckOutcome.FAIL
    assert "A would not move, while AAAA does" in told.sentence
    one_type = of_the_plan(setups(v2=replace(V2, managed_record_types=("A",))))[0]
    assert "changes A or AAAA alone (--managed-record-types=A)" in one_type.sentence


def test_v1_that_migrates_from_v2_alone_is_no_mutual_migration() -> None:
    (told,) = of_the_plan(setups(replace(V1, migrate_from_txt_owner="v2"), replace(V2, migrate_from_txt_owner=None)))
    assert (told.outcome, "has no --migrate-from-txt-owner" in told.sentence) == (CheckOutcome.WARN, True)


def test_whom_filters_keep_apart_does_not_matter() -> None:
    one, other = (DomainName("a.example.com."),), (DomainName("b.example.com."),)
    (told,) = of_the_plan(setups(replace(V1, txt_owner_id="same", domain_filter=one), replace(V2, domain_filter=other)))
    assert (told.outcome, "meets no ExternalDNS of v1" in told.sentence) == (CheckOutcome.PASS, True)


def test_who_sees_nothing_that_moves_is_another_waves_matter() -> None:
    """Two teams with an ExternalDNS each: what one's have wrong is no fault of the other one's wave."""
    mine, theirs = DomainName("a.example.com."), DomainName("b.example.com.")
    plan = setups(replace(V1, domain_filter=(mine,)), replace(V2, domain_filter=(mine,)))
    same = ExternalDns("same", version=NEW, policy=Policy.SYNC, domain_filter=(theirs,))
    both = replace(plan, v1=replace(plan.v1, more_external_dns=(same,)), v2=replace(plan.v2, more_external_dns=(same,)))
    assert [check.outcome for check in of_the_plan(both, [mine])] == [CheckOutcome.PASS]
    assert [check.outcome for check in of_the_plan(both, [theirs])] == [CheckOutcome.FAIL]
    assert [check.outcome for check in of_the_plan(both)] == [CheckOutcome.PASS, CheckOutcome.FAIL]


@pytest.mark.case("E4")
def test_annotations_that_the_other_side_does_not_read_are_told() -> None:
    _, told = of_the_plan(versions(OLD, NEW))
    assert (told.outcome, "external-dns.alpha.kubernetes.io/" in told.sentence) == (CheckOutcome.WARN, True)
    assert "--annotation-prefix=external-dns.alpha.kubernetes.io/" in told.remedy
    kept = replace(V2, annotation_prefix="external-dns.alpha.kubernetes.io/")
    assert len(of_the_plan(setups(replace(V1, version=OLD), kept))) == 1


@pytest.mark.case("A5")
@pytest.mark.parametrize(
    "given", [{"migrate_from_txt_owner": None}, {"txt_owner_id": "v1"}, {"migrate_from_txt_owner": "x"}]
)
def test_the_advice_to_take_over_names_the_policy(given: dict[str, str | None]) -> None:
    (check,) = of_the_plan(setups(v2=replace(V2, **given)))  # type: ignore[arg-type]  # fields of the class
    assert "--policy=upsert-only" in check.remedy


def test_a_version_that_is_not_known_here_is_said_to_be_taken_for_the_newest_that_is() -> None:
    _, told = of_the_plan(versions((0, 99, 1), (0, 99, 1)))
    assert (told.outcome, told.sentence) == (
        CheckOutcome.WARN,
        "What ExternalDNS v0.99.1 does is not known: the probe assumes v0.23.",
    )
    assert len(of_the_plan(versions((0, 23, 5), (0, 23, 5)))) == 1


def test_a_version_older_than_any_that_is_known_is_said_to_be_so() -> None:
    told = {check.sentence: check.outcome for check in of_the_plan(versions((0, 11, 0), (0, 22, 0)))}
    assert told["What ExternalDNS v0.11.0 does is not known: the probe goes by its changelog."] is CheckOutcome.WARN


@pytest.mark.case("D2", "A5")
@pytest.mark.parametrize(("policy", "deletes"), [(Policy.SYNC, True), (None, True), (Policy.UPSERT_ONLY, False)])
@pytest.mark.parametrize("v1", [V1, replace(V1, registry=Registry.DYNAMODB)])
def test_a_v2_that_keeps_no_registry_takes_everything_and_its_remedy_lets_hosts_move(
    policy: Policy | None, v1: ExternalDns, *, deletes: bool
) -> None:
    v2 = ExternalDns("v2", version=NEW, registry=Registry.NOOP, policy=policy)
    (check,) = of_the_plan(setups(v1, v2))
    assert check.outcome is CheckOutcome.FAIL
    assert "takes every record that it sees for its own, whoever owns it" in check.sentence
    assert ("deletes all others" in check.sentence) is deletes
    assert check.sentence.endswith("v1's leads its own back at every sync.")
    followed = replace(v2, registry=Registry.TXT, migrate_from_txt_owner="v1", policy=Policy.UPSERT_ONLY)
    assert check.remedy.startswith(
        "Run v2's ExternalDNS with --registry=txt. Give v2's ExternalDNS a --txt-owner-id of its own"
    )
    if v1 is V1:
        assert "--migrate-from-txt-owner=v1" in check.remedy
        assert of_the_plan(setups(v1, followed))[0].outcome is CheckOutcome.PASS


@pytest.mark.case("D2")
def test_a_v2_without_a_registry_that_only_creates_moves_nothing() -> None:
    v2 = ExternalDns("v2", version=NEW, registry=Registry.NOOP, policy=Policy.CREATE_ONLY)
    (check,) = of_the_plan(setups(v2=v2))
    assert (check.outcome, "(--policy=create-only): no host would move" in check.sentence) == (CheckOutcome.FAIL, True)


@pytest.mark.case("D2")
def test_a_v1_that_keeps_no_registry_leaves_no_owner_to_take_over_from() -> None:
    (check,) = of_the_plan(setups(replace(V1, registry=Registry.NOOP)))
    assert check.outcome is CheckOutcome.FAIL
    assert "its records have no owner" in check.sentence
    assert check.remedy.startswith("Stop v1's ExternalDNS")


@pytest.mark.case("D2")
def test_where_neither_keeps_a_registry_no_take_over_is_advised() -> None:
    v1 = replace(V1, registry=Registry.NOOP)
    v2 = ExternalDns("v2", version=NEW, registry=Registry.NOOP, policy=Policy.SYNC)
    (check,) = of_the_plan(setups(v1, v2))
    (followed,) = of_the_plan(setups(v1, replace(v2, registry=Registry.TXT)))
    assert (check.outcome, followed.outcome) == (CheckOutcome.FAIL, CheckOutcome.FAIL)
    assert check.remedy == f"Run v2's ExternalDNS with --registry=txt. {followed.remedy}"
    assert "--migrate-from-txt-owner" not in check.remedy


@pytest.mark.case("D2")
@pytest.mark.parametrize("other", [V1, replace(V1, registry=Registry.NOOP)])
def test_a_domain_of_a_v2_without_a_registry_has_no_owner_that_keeps_it(other: ExternalDns) -> None:
    check = of_domain(standing({}), setups(other, ExternalDns("v2", version=NEW, registry=Registry.NOOP)))
    assert (check.outcome, "whoever owns it" in check.sentence) == (CheckOutcome.WARN, True)
