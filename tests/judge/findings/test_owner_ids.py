"""An owner id that the plan does not have: in other letters, or of nobody whom it knows."""

from dataclasses import replace

import pytest

from probe.judge.context import Context
from probe.model.external_dns import Registry
from probe.model.finding import FindingCode, Severity
from probe.model.record import Position
from tests.judge.ownership.owned import NEW, OLD, Owned, owned, with_versions
from tests.judge.wording import whole

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT


def in_other_letters() -> Owned:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V2, 300, owned("V2"))
    return move


def of_a_stranger() -> Owned:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V1, 300, owned("eks-old"))
    return move


EXAMPLES = {
    FindingCode.OWNER_CASE: lambda: in_other_letters().finding("owner-case"),
    FindingCode.FOREIGN_OWNER: lambda: of_a_stranger().finding("foreign-owner"),
}
NOT_PLAYED = {FindingCode.OWNER_CASE: "the plan is corrected, or a flag gets back the id that it had"}


def test_an_owner_that_the_plan_has_in_other_letters_is_told_with_both() -> None:
    move = in_other_letters()
    assert move.raised() == ["owner-case"]
    found = move.finding("owner-case")
    assert found.severity is Severity.WARNING
    assert whole(found) == (
        'The ownership TXT of app.example.com names "V2", and the plan has "v2".\n'
        'Owners: a-app.example.com and aaaa-app.example.com name "V2"; by the plan v2\'s is "v2"\n'
        "Cause: They differ in upper and lower case, or in blanks, alone: to ExternalDNS two owners\n"
        'Effect: An ExternalDNS with the id "v2" neither updates nor deletes the record'
    )


@pytest.mark.parametrize(
    ("owner", "told"), [("v2", False), (" v2", True), ("v2-blue", False), ("other", False), ("V1", True)]
)
def test_what_differs_by_more_than_letters_is_another_owner_and_no_slip(owner: str, *, told: bool) -> None:
    move = Owned(with_versions(NEW, NEW))
    move.stand(V2, 300, owned(owner))
    assert ("owner-case" in move.raised()) is told


def test_where_the_plan_has_both_spellings_neither_is_a_slip() -> None:
    both = with_versions(NEW, NEW)
    move = Owned(both._replace(v1=replace(both.v1, txt_owner_id="V2")))
    move.stand(V2, 300, owned("V2"))
    assert "owner-case" not in move.raised()


def test_an_owner_whom_the_plan_does_not_know_is_told_wherever_the_record_leads() -> None:
    stranger = of_a_stranger()
    assert stranger.raised() == ["foreign-owner"]
    found = stranger.finding("foreign-owner")
    assert found.severity is Severity.WARNING
    assert whole(found) == (
        'The ownership TXT of app.example.com names "eks-old", and by the plan no ExternalDNS that sees it has that id.'
        '\nOwners: a-app.example.com and aaaa-app.example.com name "eks-old"; by the plan they have "v1" and "v2"\n'
        "Effect: No ExternalDNS of the plan updates or deletes the record"
    )
    moved = Owned(with_versions(NEW, NEW))
    moved.stand(V2, 300, owned("eks-old"))
    assert moved.raised() == ["foreign-owner"]
    moved.stand(V2, 300, owned("v2"))
    assert moved.story.status.findings == ()


def _renamed(v1: str, v2: str, *, migrates: str | None = None) -> Context:
    both = with_versions(NEW, NEW)
    return both._replace(
        v1=replace(both.v1, txt_owner_id=v1), v2=replace(both.v2, txt_owner_id=v2, migrate_from_txt_owner=migrates)
    )


def _too_old_to_migrate() -> Context:
    context = _renamed("v1", "v2", migrates="eks-old")
    return context._replace(v2=replace(context.v2, version=(0, 19, 0)))


@pytest.mark.parametrize(
    ("context", "told"),
    [
        pytest.param(_renamed("default", "default"), False, id="no id is set: nothing is known of owners"),
        pytest.param(_renamed("default", "v2"), True, id="one is"),
        pytest.param(_renamed("v1", "v2", migrates="eks-old"), False, id="v2's takes over from it"),
        pytest.param(_too_old_to_migrate(), True, id="v2's would, and its version cannot"),
        pytest.param(_renamed("v1", "v2", migrates="eks-older"), True, id="v2's takes over from another one"),
        pytest.param(_renamed("v1", "eks-old"), False, id="v2's has it"),
        pytest.param(_renamed("v1", "EKS-old"), False, id="owner-case says it"),
    ],
)
def test_an_owner_that_somebody_has_or_takes_over_from_is_no_stranger(context: Context, *, told: bool) -> None:
    move = Owned(context)
    move.stand(V1, 300, owned("eks-old"))
    assert ("foreign-owner" in move.raised()) is told


def test_from_whom_somebody_takes_over_is_no_id_that_somebody_has() -> None:
    move = Owned(_renamed("v1", "v2", migrates="eks-older"))
    move.stand(V1, 300, owned("eks-old"))
    assert 'by the plan they have "v1" and "v2"\n' in whole(move.finding("foreign-owner"))


def test_a_stranger_beside_a_known_owner_contradicts_and_is_not_told_twice() -> None:
    move = Owned(with_versions(OLD, NEW))
    move.stand(V1, 900, owned("eks-old", "a") | owned("v1", "cname", "aaaa"))
    assert move.raised() == ["contradicting-owners"]


def test_of_a_registry_that_dns_does_not_show_nothing_is_foretold() -> None:
    both = with_versions(NEW, NEW)
    move = Owned(both._replace(v2=replace(both.v2, registry=Registry.DYNAMODB)))
    move.stand(V1, 300, owned("eks-old"))
    assert "Effect" not in whole(move.finding("foreign-owner"))
