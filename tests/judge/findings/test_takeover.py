"""`takeover-deletes`: seen in the TXT, inferred from the plan."""

import pytest

from probe.model.external_dns import ExternalDns, Policy
from probe.model.finding import Finding, Severity
from probe.model.plan import Expectation
from probe.model.record import Position
from probe.model.side import Side
from tests.judge.answers import context, without_ipv6
from tests.judge.ownership.owned import NEW, OLD, Owned, heritage, owned
from tests.judge.wording import whole

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT
LATEST = (0, 23, 0)


def story(
    version: tuple[int, int, int] | None = LATEST,
    policy: Policy | None = Policy.SYNC,
    expectation: Expectation = Expectation.V1,
) -> Owned:
    v2 = ExternalDns("eks-v2", "eks-v1", version=version, policy=policy)
    return Owned(context()._replace(v1=ExternalDns("eks-v1", version=NEW), v2=v2), expectation)


@pytest.mark.case("A5")
def test_a_host_that_v2_would_delete_is_named_before_it_does() -> None:
    told = story()
    told.stand(V1, 120, owned("eks-v1"))
    found = told.finding("takeover-deletes")
    assert found.severity is Severity.CRITICAL
    assert found.sentence == "v2's ExternalDNS deletes app.example.com, which v1 owns, at its next sync."
    assert "By the plan, which expects the domain on v1, v2 has no object for it" in whole(found)
    assert "--policy=upsert-only" in found.remedy


@pytest.mark.case("A5")
def test_what_route_53_refuses_is_said_so() -> None:
    told = story(OLD, None)  # the default of v0.21 is sync
    told.stand(V1, 120, owned("eks-v1", "cname", "aaaa"))
    assert "tries to delete app.example.com, which v1 owns, at every sync" in told.finding("takeover-deletes").sentence
    assert "Effect: Route 53 refuses the deletions of its version" in whole(told.finding("takeover-deletes"))


@pytest.mark.case("A5")
def test_a_fight_over_existence_knows_the_take_over() -> None:
    told = story()
    told.stand(V1, 60, owned("eks-v1"))
    for _ in range(4):
        told.stand(ABSENT, 20, {})
        told.stand(V1, 20, owned("eks-v1"))
    assert "takeover-deletes" in {finding.code for finding in told.story.status.findings}
    fight = told.finding("fight-delete-create")
    assert fight.sentence == (
        "v2's ExternalDNS takes app.example.com (A and AAAA) over and deletes it; v1's creates it again."
    )
    assert 'migrates from "eks-v1"' in whole(fight)
    assert "the same owner id" not in whole(fight)
    assert fight.first.sentence == "Give v2's ExternalDNS --policy=upsert-only."


def _coming_and_going(told: Owned, owner: str = "eks-v1") -> Finding:
    told.stand(V1, 60, owned(owner))
    for _ in range(4):
        told.stand(ABSENT, 20, {})
        told.stand(V1, 20, owned(owner))
    return told.finding("fight-delete-create")


@pytest.mark.parametrize("expectation", [Expectation.MOVING, Expectation.V2])
def test_where_v2_is_to_have_the_host_the_plans_flags_say_who_takes_it_and_that_its_object_is_missing_is_inferred(
    expectation: Expectation,
) -> None:
    fight = _coming_and_going(story(expectation=expectation))
    assert fight.sentence.startswith("v1's ExternalDNS creates app.example.com (A and AAAA), and v2's deletes it")
    assert (
        'Cause: v2\'s ExternalDNS ("eks-v2") migrates from "eks-v1" with --policy=sync\n'
        "Cause: It seems to have no object for this domain (inferred)\n"
    ) in whole(fight)
    assert "the same owner id" not in whole(fight)
    assert "By the present plan" not in whole(fight)
    assert fight.inferred
    assert fight.advice == "stop-deleting"
    assert fight.first.sentence == "Give v2's ExternalDNS --policy=upsert-only."
    assert "in one change" not in fight.remedy


@pytest.mark.parametrize(
    ("v2", "owner"),
    [
        (ExternalDns("eks-v1", version=LATEST, policy=Policy.SYNC), "eks-v1"),  # one owner id
        (ExternalDns("eks-v2", "eks-v1", version=LATEST, policy=Policy.UPSERT_ONLY), "eks-v1"),  # it deletes nothing
        (ExternalDns("eks-v2", "eks-v1", version=LATEST, policy=Policy.SYNC), "blue"),  # another's
        (ExternalDns(), "eks-v1"),  # nothing is known
    ],
)
def test_where_the_plans_flags_do_not_tell_one_owner_id_is_probable_and_no_more(v2: ExternalDns, owner: str) -> None:
    told = Owned(context()._replace(v1=ExternalDns("eks-v1", version=NEW), v2=v2))
    fight = _coming_and_going(told, owner)
    assert "Cause: Probably both have the same owner id and --policy=sync" in whole(fight)
    assert fight.advice == "usual"
    assert "Where both have one owner id, give v2's then" in fight.remedy


def test_v1s_that_deletes_what_v2s_creates_is_no_take_over_by_v2s() -> None:
    told = story(expectation=Expectation.MOVING)
    told.stand(V2, 60, owned("eks-v1"))
    for _ in range(4):
        told.stand(ABSENT, 20, {})
        told.stand(V2, 20, owned("eks-v1"))
    assert "migrates from" not in whole(told.finding("fight-delete-create"))


@pytest.mark.case("B9")
def test_a_fight_over_existence_says_which_side_deletes() -> None:
    told = Owned(context()._replace(v1=ExternalDns("prod", version=NEW), v2=ExternalDns("prod", version=NEW)))
    told.stand(V2, 60, owned("prod"))
    for _ in range(4):
        told.stand(ABSENT, 20, {})
        told.stand(V2, 20, owned("prod"))
    fight = told.finding("fight-delete-create")
    assert "v2's ExternalDNS creates app.example.com (A and AAAA), and v1's deletes it every 40 s." in fight.sentence
    assert fight.remedy.startswith("Give both ExternalDNS --policy=upsert-only")


@pytest.mark.parametrize(
    ("version", "policy", "expectation", "owner"),
    [
        (LATEST, Policy.UPSERT_ONLY, Expectation.V1, "eks-v1"),
        (NEW, None, Expectation.V1, "eks-v1"),  # no default, and nothing told: nothing is accused
        (None, None, Expectation.V1, "eks-v1"),
        (LATEST, Policy.SYNC, Expectation.MOVING, "eks-v1"),  # v2 wants it
        (LATEST, Policy.SYNC, Expectation.V1, "blue"),  # another's
    ],
)
def test_nothing_is_said_where_nothing_would_be_deleted_or_nothing_is_known(
    version: tuple[int, int, int] | None, policy: Policy | None, expectation: Expectation, owner: str
) -> None:
    told = story(version, policy, expectation)
    told.stand(V1, 120, {"a": heritage(owner), "aaaa": heritage(owner)})
    assert "takeover-deletes" not in told.raised()


@pytest.mark.case("A5")
def test_what_becomes_of_a_host_is_played_over_the_txt_that_stand() -> None:
    other_name = story()  # v0.23, over what v0.21 wrote for an alias: it deletes a TXT that is not there
    other_name.stand(V1, 120, owned("eks-v1", "cname"))
    found = other_name.finding("takeover-deletes")
    assert found.sentence == "v2's ExternalDNS may delete app.example.com, which v1 owns, at its next sync."
    assert "whether the record is an alias" in whole(found)
    assert "Route 53 refuses the deletions: they name the TXT of its version" in whole(found)


def test_a_version_that_the_plan_does_not_tell_may_delete_what_some_version_reads() -> None:
    told = story(None)
    told.stand(V1, 120, owned("eks-v1", "a"))
    assert "may delete app.example.com, which v1 owns" in told.finding("takeover-deletes").sentence


def test_what_v2_does_not_manage_it_does_not_delete() -> None:
    told = Owned(
        context()._replace(
            v1=ExternalDns("eks-v1", version=NEW),
            v2=ExternalDns("eks-v2", "eks-v1", version=LATEST, policy=Policy.SYNC, managed_record_types=("CNAME",)),
        ),
        Expectation.V1,
    )
    told.stand(V1, 120, owned("eks-v1"))
    assert "takeover-deletes" not in told.raised()


@pytest.mark.case("A5")
@pytest.mark.parametrize(
    ("version", "does"),
    [
        (LATEST, "deletes app.example.com, which v1 owns, at its next sync"),
        (OLD, "may delete app.example.com, which v1 owns"),
    ],
)
def test_a_family_that_a_host_never_had_was_not_deleted(version: tuple[int, int, int], does: str) -> None:
    told = story(version)
    told.stand(V1, 120, owned("eks-v1", "a" if version == LATEST else "cname"), aaaa=ABSENT)
    found = told.finding("takeover-deletes")
    assert does in found.sentence
    assert "again and again" not in found.sentence
    assert "AAAA" not in found.sentence


@pytest.mark.case("A5")
def test_a_host_without_ipv6_that_is_deleted_is_told_by_its_a() -> None:
    told = story()
    told.stand(V1, 60, owned("eks-v1", "a"), aaaa=ABSENT)
    told.stand(ABSENT, 40, {})
    assert told.finding("takeover-deletes").sentence == (
        "v2's ExternalDNS deletes app.example.com (A) again and again."
    )


@pytest.mark.case("A5")
def test_a_family_that_v1_lacks_is_not_deleted_after_a_host_went_back() -> None:
    v2 = ExternalDns("eks-v2", "eks-v1", version=LATEST, policy=Policy.SYNC)
    around = context(known=without_ipv6(Side.V1))._replace(v1=ExternalDns("eks-v1", version=NEW), v2=v2)
    told = Owned(around, Expectation.V1)
    told.stand(V2, 60, owned("eks-v2"))
    told.stand(V1, 120, owned("eks-v1"), aaaa=ABSENT)
    assert told.finding("takeover-deletes").sentence.startswith("v2's ExternalDNS deletes app.example.com, which v1")
