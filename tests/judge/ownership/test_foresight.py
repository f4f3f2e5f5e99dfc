"""What an ExternalDNS would do to a host next, played over what DNS shows."""

import pytest

from probe.judge.domain import relevant
from probe.judge.ownership.foresight import (
    Deletion,
    Fate,
    ForeseenHost,
    Meeting,
    deletes,
    deletions,
    fates,
    meetings,
    takes_back,
)
from probe.judge.ownership.lookup import Shape
from probe.model.domain import DomainStatus
from probe.model.external_dns import MANAGED_TYPES, ExternalDns, Policy, TxtRegistry
from probe.model.question import RecordType
from probe.model.record import Position
from tests.judge.ownership.owned import NEW, OLD, heritage, owned
from tests.judge.preflight.test_ownership import standing

LATEST = (0, 23, 0)
A, AAAA = RecordType.A, RecordType.AAAA
V1 = ExternalDns("v1", version=NEW)
V2 = ExternalDns("v2", "v1", version=NEW)


def host(status: DomainStatus) -> ForeseenHost:
    return ForeseenHost(status.domain.name, relevant(status), status.txts)


def test_what_it_reads_as_its_own_it_deletes_when_it_wants_nothing() -> None:
    assert deletes(host(standing(owned("v1"))), V1) == {True}
    assert deletes(host(standing(owned("blue"))), V1) == {False}
    assert deletes(host(standing({})), V1) == {False}


@pytest.mark.parametrize("policy", [Policy.UPSERT_ONLY, Policy.CREATE_ONLY])
def test_a_policy_that_deletes_nothing_deletes_nothing(policy: Policy) -> None:
    assert deletes(host(standing(owned("v1"))), ExternalDns("v1", version=NEW, policy=policy)) == {False}


@pytest.mark.case("A5")
@pytest.mark.parametrize(("version", "gone"), [((0, 20, 0), False), (OLD, False), (NEW, False), (LATEST, True)])
def test_what_it_has_taken_over_it_deletes_only_with_the_stored_value(
    version: tuple[int, int, int], *, gone: bool
) -> None:
    kinds = ("cname", "aaaa") if version < NEW else ("a", "aaaa")
    setup = ExternalDns("v2", "v1", version=version, policy=Policy.SYNC)
    assert deletes(host(standing(owned("v1", *kinds))), setup) == {gone}


def test_a_version_that_nobody_told_is_played_in_each_way_that_it_may_read() -> None:
    stands = standing({"cname": heritage("v1"), "a": heritage("v2"), "aaaa": heritage("v2")})
    assert deletes(host(stands), ExternalDns("v1")) == {True, False}


@pytest.mark.case("A3")
def test_it_reads_by_its_own_flags() -> None:
    elsewhere = ExternalDns("v1", version=NEW, txt_registry=TxtRegistry(prefix="edns-"))
    assert deletes(host(standing(owned("v1"))), elsewhere) == {False}


def test_one_version_takes_nothing_back_and_two_do() -> None:
    assert takes_back(host(standing(owned("v1"))), V1, V2) == ()
    old = ExternalDns("v1", version=OLD)
    back = takes_back(host(standing(owned("v1", "cname", "aaaa"))), old, V2)
    assert [record.rdtype for record in back] == [A]  # S12: the AAAA has one TXT name in every version


def test_mutual_migration_takes_everything_back() -> None:
    both = ExternalDns("v1", "v2", version=NEW)
    back = takes_back(host(standing(owned("v1"))), both, V2)
    assert {record.rdtype for record in back} == {A, AAAA}


def test_addresses_have_one_txt_name_in_every_version() -> None:  # S22b
    stands = standing(owned("v1", "a", "aaaa"), alias=False)
    assert takes_back(host(stands), ExternalDns("v1", version=OLD), V2) == ()


def test_a_host_that_does_not_stand_is_neither_deleted_nor_taken() -> None:
    gone = host(standing({}, position=Position.ABSENT))
    assert deletes(gone, V1) == frozenset()
    assert takes_back(gone, V1, V2) == ()


@pytest.mark.case("A5")
@pytest.mark.parametrize(
    ("version", "policy", "found"),
    [
        ((0, 19, 0), Policy.SYNC, {Deletion.NONE}),  # it has no such flag
        ((0, 20, 0), None, {Deletion.REFUSED}),  # its default is sync
        (OLD, Policy.UPSERT_ONLY, {Deletion.NONE}),
        (NEW, Policy.SYNC, {Deletion.REFUSED}),
        (NEW, None, {Deletion.REFUSED, Deletion.NONE}),  # it has no default
        (LATEST, Policy.SYNC, {Deletion.ACCEPTED}),
        (None, Policy.SYNC, {Deletion.REFUSED, Deletion.ACCEPTED}),
        (None, Policy.CREATE_ONLY, {Deletion.NONE}),
    ],
)
def test_what_is_taken_over_and_not_wanted_is_deleted_by_version_and_policy(
    version: tuple[int, int, int] | None, policy: Policy | None, found: set[Deletion]
) -> None:
    assert deletions(version, policy, MANAGED_TYPES) == found


@pytest.mark.parametrize(
    ("v1", "v2", "found"),
    [
        (V1, V2, Meeting.MOVES),
        (V1, ExternalDns("v2", version=NEW), Meeting.STAYS),  # S2
        (V1, ExternalDns("v2", "else", version=NEW), Meeting.STAYS),
        (V1, ExternalDns("v1", version=NEW), Meeting.FIGHT),  # S1
        (V1, ExternalDns("v1", version=NEW, policy=Policy.CREATE_ONLY), Meeting.STAYS),  # S27
        (V1, ExternalDns("v2", "v1", version=NEW, policy=Policy.CREATE_ONLY), Meeting.STAYS),
        (ExternalDns("v1", "v2", version=NEW), V2, Meeting.FIGHT),  # S6
        (ExternalDns("v1", version=OLD), V2, Meeting.FIGHT),  # S12
        (V1, ExternalDns("v2", "v1", version=OLD), Meeting.SPLIT),  # S13
        (V1, ExternalDns("v2", "v1", version=NEW, managed_record_types=("A",)), Meeting.SPLIT),
        (ExternalDns("v1"), V2, Meeting.MOVES),  # what is not told is taken to be alike
    ],
)
def test_two_that_want_one_host_move_it_leave_it_or_fight(v1: ExternalDns, v2: ExternalDns, found: Meeting) -> None:
    assert meetings(v1, v2, Shape.ALIAS) == {found}


def test_two_versions_do_not_fight_over_addresses() -> None:  # S22b
    assert meetings(ExternalDns("v1", version=OLD), V2, Shape.ADDRESSES) == {Meeting.MOVES}


@pytest.mark.parametrize(
    ("status", "v2", "found"),
    [
        (standing(owned("v1")), V2, {"A": {Fate.LED}, "AAAA": {Fate.LED}}),
        (standing(owned("blue")), V2, {"A": {Fate.LEFT}, "AAAA": {Fate.LEFT}}),
        (standing(owned("v1")), ExternalDns("v2", "v1", version=OLD), {"A": {Fate.LEFT}, "AAAA": {Fate.LED}}),  # S13
        (standing(owned("v1")), ExternalDns("v2", "v1"), {"A": {Fate.LEFT, Fate.LED}, "AAAA": {Fate.LED}}),
        (
            standing(owned("v1")),
            ExternalDns("v2", "v1", version=NEW, policy=Policy.CREATE_ONLY),
            {"A": {Fate.LEFT}, "AAAA": {Fate.LEFT}},
        ),
        (
            standing(owned("v1")),
            ExternalDns("v2", "v1", version=NEW, managed_record_types=("A",)),
            {"A": {Fate.LED}, "AAAA": {Fate.LEFT}},
        ),
        (standing(owned("v2"), position=Position.V2), V2, {"A": {Fate.LED}, "AAAA": {Fate.LED}}),
        (standing(owned("blue"), position=Position.V2), V2, {"A": {Fate.LEFT}, "AAAA": {Fate.LEFT}}),
        (standing({}, position=Position.ABSENT), V2, {"A": {Fate.LED}, "AAAA": {Fate.LED}}),
        (standing(owned("v1"), position=Position.ABSENT), V2, {"A": {Fate.UNOWNED}, "AAAA": {Fate.UNOWNED}}),  # S23
        (
            standing(owned("v1"), position=Position.ABSENT),
            ExternalDns("v2", version=(0, 18, 0)),
            {"A": {Fate.REFUSED}, "AAAA": {Fate.REFUSED}},
        ),
    ],
)
def test_what_becomes_of_a_host_that_it_wants_is_told_by_type(
    status: DomainStatus, v2: ExternalDns, found: dict[str, set[Fate]]
) -> None:
    assert fates(host(status), v2) == found
