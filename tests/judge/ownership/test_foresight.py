"""What an ExternalDNS would do to a host next, played over what DNS shows."""

import pytest

from probe.judge.domain import relevant
from probe.judge.ownership.foresight import ForeseenHost, deletes, takes_back
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
