"""What is advised where the plan tells more; tests/remedies plays it, line by line and at every pair of versions."""

import pytest

from probe.judge.advice.of_fights import delete_create, mutual_migration, same_owner, version_mix
from probe.model.advice import Situation
from probe.model.external_dns import ExternalDns, Policy
from probe.model.plan import Expectation

QUIET = ExternalDns(policy=Policy.UPSERT_ONLY)


@pytest.mark.parametrize(("expectation", "other"), [(Expectation.V1, "v2"), (Expectation.V2, "v1")])
def test_who_is_declared_to_delete_nothing_needs_no_policy_before_the_other_one_is_stopped(
    expectation: Expectation, other: str
) -> None:
    first = same_owner(Situation(expectation, v1=(QUIET,), v2=(QUIET,))).first
    assert first.sentence == f"Unless {other} keeps another host in this fight, stop {other}'s ExternalDNS."
    assert [line.split()[2] for line in first.command.splitlines()[1:]] == [other]


def test_the_policy_comes_first_where_the_plan_does_not_tell_it() -> None:
    first = same_owner(Situation(Expectation.V2, v1=(QUIET,), v2=(ExternalDns(),))).first
    assert first.sentence.startswith("Give v2's ExternalDNS --policy=upsert-only; unless v1 keeps another host ")
    assert [line.split()[0] for line in first.command.splitlines()] == ["#", "kubectl", "sleep", "kubectl"]


def test_while_it_moves_nobody_is_named_and_the_sentence_says_how_to_decide() -> None:
    first = same_owner(Situation(Expectation.MOVING)).first
    assert "v1's to go on with the move, v2's to undo it" in first.sentence
    assert not any("scale" in line for line in first.command.splitlines() if not line.startswith("#"))
    declared = same_owner(Situation(Expectation.MOVING, v1=(QUIET,), v2=(QUIET,))).first
    assert declared.sentence.startswith("Stop the one whose cluster is to serve no host in this fight: ")
    half = same_owner(Situation(Expectation.MOVING, v1=(ExternalDns(name="public"),), v2=(QUIET,))).first
    assert half.sentence.startswith("Give v1's ExternalDNS (public) --policy=upsert-only; ")


def test_each_side_that_keeps_the_host_has_a_way_of_its_own() -> None:
    on_v1, on_v2 = (same_owner(Situation(one)).then for one in (Expectation.V1, Expectation.V2))
    assert "it leaves v1's records alone" in on_v1
    assert "--migrate-from-txt-owner" not in on_v1
    assert "--migrate-from-txt-owner" in on_v2


def test_of_two_versions_v2s_is_not_stopped_where_v1_keeps_the_host() -> None:
    first = version_mix(Situation(Expectation.V1)).first
    assert "do not stop it" in first.sentence
    assert "scale" not in first.command


def test_both_are_kept_from_deleting_where_each_deletes_the_others_hosts() -> None:
    contexts = [line.split()[2] for line in delete_create(Situation()).first.command.splitlines()[1:]]
    assert contexts == ["v2", "v1"]


OLD, NEW = ExternalDns(version=(0, 21, 0)), ExternalDns(version=(0, 22, 0))


@pytest.mark.parametrize("expectation", [Expectation.MOVING, Expectation.V2])
def test_nobody_is_stopped_while_v2s_does_not_read_who_owns_a(expectation: Expectation) -> None:
    advice = mutual_migration(Situation(expectation, v1=(NEW,), v2=(OLD,)))
    assert advice.first.sentence.endswith("and stop neither: v2's does not read who owns A.")
    assert "scale" not in advice.first.command
    assert advice.then.startswith("Bring v2's to v1's version")


@pytest.mark.parametrize(
    ("expectation", "v1", "v2"),
    [
        (Expectation.V2, OLD, NEW),
        (Expectation.V2, OLD, OLD),
        (Expectation.V2, ExternalDns(), NEW),
        (Expectation.V2, OLD, ExternalDns()),
        (Expectation.V1, NEW, OLD),
    ],
)
def test_where_what_keeps_the_host_reads_all_the_other_one_is_stopped_first(
    expectation: Expectation, v1: ExternalDns, v2: ExternalDns
) -> None:
    assert "scale" in mutual_migration(Situation(expectation, v1=(v1,), v2=(v2,))).first.command


@pytest.mark.parametrize("expectation", [None, Expectation.MOVING, Expectation.V2])
@pytest.mark.parametrize(("v1", "v2"), [(NEW, ExternalDns()), (ExternalDns(), OLD), (ExternalDns(), ExternalDns())])
def test_where_the_versions_leave_it_open_nobody_is_stopped_first_and_what_depends_on_them_is_said(
    expectation: Expectation | None, v1: ExternalDns, v2: ExternalDns
) -> None:
    advice = mutual_migration(Situation(expectation, v1=(v1,), v2=(v2,)))
    assert advice.first.sentence.endswith("and stop neither before both run one version.")
    assert "scale" not in advice.first.command
    assert "It depends on the versions, which the plan does not tell" in advice.then
