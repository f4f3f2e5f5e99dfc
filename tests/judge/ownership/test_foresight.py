"""What an ExternalDNS would do to a host next, played over what DNS shows."""

from dataclasses import replace

import pytest

from probe.judge.domain import relevant
from probe.judge.ownership import foresight
from probe.judge.ownership.foresight import (
    Deletion,
    Fate,
    ForeseenHost,
    Meeting,
    deletions,
    fates,
    meetings,
    takes_back,
    unwanted,
)
from probe.judge.ownership.lookup import Shape
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Policy, TxtRegistry
from probe.model.question import RecordType
from probe.model.record import Position
from tests.judge.ownership.owned import NEW, OLD, heritage, owned
from tests.judge.preflight.test_ownership import standing

LATEST = (0, 23, 0)
A, AAAA = RecordType.A, RecordType.AAAA
V1 = ExternalDns("v1", version=NEW)
V2 = ExternalDns("v2", "v1", version=NEW)


TAKER = ExternalDns("v2", "v1", version=LATEST, policy=Policy.SYNC)


def host(status: DomainStatus) -> ForeseenHost:
    return ForeseenHost(status.domain.name, relevant(status), status.txts)


def syncing(owner: str = "v1", version: tuple[int, int, int] | None = NEW) -> ExternalDns:
    return ExternalDns(owner, version=version, policy=Policy.SYNC)


def test_what_it_reads_as_its_own_it_deletes_when_it_wants_nothing() -> None:
    assert unwanted(host(standing(owned("v1"))), syncing()) == {Deletion.ACCEPTED}
    assert unwanted(host(standing(owned("blue"))), syncing()) == {Deletion.NONE}
    assert unwanted(host(standing({})), syncing()) == {Deletion.NONE}


@pytest.mark.parametrize("policy", [Policy.UPSERT_ONLY, Policy.CREATE_ONLY])
def test_a_policy_that_deletes_nothing_deletes_nothing(policy: Policy) -> None:
    assert unwanted(host(standing(owned("v1"))), ExternalDns("v1", version=NEW, policy=policy)) == {Deletion.NONE}


def test_a_policy_that_nobody_told_is_the_versions_own_or_either() -> None:
    assert unwanted(host(standing(owned("v1"))), V1) == {Deletion.ACCEPTED, Deletion.NONE}
    stands = standing(owned("v1", "cname", "aaaa"))
    assert unwanted(host(stands), ExternalDns("v1", version=OLD)) == {Deletion.ACCEPTED}


@pytest.mark.case("A5")
@pytest.mark.parametrize(
    ("version", "kinds", "came"),
    [
        ((0, 20, 0), ("cname", "aaaa"), Deletion.REFUSED),
        (OLD, ("cname", "aaaa"), Deletion.REFUSED),
        (NEW, ("a", "aaaa"), Deletion.REFUSED),
        (LATEST, ("a", "aaaa"), Deletion.ACCEPTED),
        (LATEST, ("cname", "aaaa"), Deletion.REFUSED),  # it deletes the a- TXT, and v0.21 wrote none
        (OLD, ("a",), Deletion.NONE),  # it does not read the owner of the A
    ],
)
def test_what_it_has_taken_over_it_deletes_only_with_the_stored_value_at_the_stored_name(
    version: tuple[int, int, int], kinds: tuple[str, ...], came: Deletion
) -> None:
    setup = ExternalDns("v2", "v1", version=version, policy=Policy.SYNC)
    assert unwanted(host(standing(owned("v1", *kinds))), setup) == {came}


def test_a_version_that_nobody_told_is_played_in_each_way_that_it_may_read() -> None:
    stands = standing({"cname": heritage("v1"), "a": heritage("v2"), "aaaa": heritage("v2")})
    assert unwanted(host(stands), syncing(version=None)) == {Deletion.ACCEPTED, Deletion.NONE}


@pytest.mark.case("A3")
def test_it_reads_by_its_own_flags() -> None:
    elsewhere = replace(syncing(), txt_registry=TxtRegistry(prefix="edns-"))
    assert unwanted(host(standing(owned("v1"))), elsewhere) == {Deletion.NONE}


def test_the_same_evidence_is_played_once_however_many_answers_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    unwanted(host(standing(owned("v1"))), syncing())
    monkeypatch.setattr(foresight, "HostedZone", None)  # a second play would need one
    assert unwanted(host(standing(owned("v1"))), syncing()) == {Deletion.ACCEPTED}


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
    assert unwanted(gone, V1) == frozenset()
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
    taker = ExternalDns("ours", "theirs", version=version, policy=policy)
    assert deletions(ExternalDns("theirs", version=version), taker) == found


@pytest.mark.parametrize(
    ("writer", "other", "shape", "found"),
    [
        (V1, syncing("v1"), Shape.ALIAS, {Deletion.ACCEPTED}),  # one owner id: it is its own
        (V1, syncing("v2"), Shape.ALIAS, {Deletion.NONE}),
        (ExternalDns("v1", version=OLD), TAKER, Shape.ALIAS, {Deletion.REFUSED}),
        (ExternalDns("v1", version=OLD), TAKER, Shape.ADDRESSES, {Deletion.ACCEPTED}),  # one TXT name in every version
        (replace(V1, txt_registry=TxtRegistry(prefix="edns-")), TAKER, Shape.ALIAS, {Deletion.NONE}),
        (V1, replace(TAKER, managed_record_types=("CNAME",)), Shape.ALIAS, {Deletion.NONE}),
        (replace(V1, managed_record_types=("AAAA",)), syncing("v1"), Shape.ADDRESSES, {Deletion.NONE}),
        (V1, replace(TAKER, version=None), Shape.ALIAS, {Deletion.REFUSED, Deletion.ACCEPTED}),
    ],
)
def test_what_another_one_wrote_is_deleted_by_how_both_are_set_up(
    writer: ExternalDns, other: ExternalDns, shape: Shape, found: set[Deletion]
) -> None:
    assert deletions(writer, other, shape) == found


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


def one_key(_text: str) -> str | None:
    return None


def other_key(_text: str) -> str | None:
    return None


SEALED, OTHERWISE = (TxtRegistry(unseal=key) for key in (one_key, other_key))


@pytest.mark.parametrize(
    ("v1", "v2", "met", "deleted"),
    [
        (SEALED, SEALED, Meeting.MOVES, Deletion.ACCEPTED),
        (SEALED, TxtRegistry(), Meeting.STAYS, Deletion.NONE),
        (
            TxtRegistry(),
            SEALED,
            Meeting.MOVES,
            Deletion.REFUSED,
        ),  # plain text is read, and deleted as if it were sealed
        (SEALED, OTHERWISE, Meeting.STAYS, Deletion.NONE),
    ],
)
def test_what_a_key_has_sealed_is_read_by_who_has_it(
    v1: TxtRegistry, v2: TxtRegistry, met: Meeting, deleted: Deletion
) -> None:
    both = replace(V1, txt_registry=v1), replace(V2, txt_registry=v2)
    assert meetings(*both, Shape.ALIAS) == {met}
    assert deletions(both[0], replace(TAKER, txt_registry=v2)) == {deleted}


def test_what_was_seen_sealed_is_played_as_it_was_opened() -> None:
    """What was seen stands as it was opened, so that a key changes nothing of what is foretold."""
    stands = host(standing(owned("v1")))
    assert fates(stands, replace(V2, txt_registry=SEALED)) == {"A": {Fate.LED}, "AAAA": {Fate.LED}}
    assert unwanted(stands, replace(syncing(), txt_registry=SEALED)) == {Deletion.ACCEPTED}


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
