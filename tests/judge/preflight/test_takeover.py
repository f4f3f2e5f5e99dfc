"""What v2's take-over deletes of the other waves: said before it runs."""

from dataclasses import replace

import pytest

from probe.judge.preflight.takeover import take_over
from probe.model.check import Check, CheckOutcome
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.name import canonical
from probe.model.plan import Domain, Expectation
from tests.judge.preflight.test_ownership import setups

V1 = ExternalDns("eks-v1", version=(0, 22, 0))
V2 = ExternalDns("eks-v2", "eks-v1", version=(0, 22, 0))
STAY = Domain(canonical("stay.example.com"), "later", Expectation.V1)


def judged(v2: ExternalDns, *others: Domain, v1: ExternalDns = V1) -> tuple[Check, ...]:
    return take_over(setups(v1, v2), others or (STAY,))


@pytest.mark.case("A5")
@pytest.mark.parametrize(
    ("version", "policy"), [((0, 23, 0), Policy.SYNC), ((0, 22, 0), None), ((0, 21, 0), None), (None, Policy.SYNC)]
)
def test_a_take_over_with_sync_fails_and_names_the_hosts(
    version: tuple[int, int, int] | None, policy: Policy | None
) -> None:
    (check,) = judged(replace(V2, version=version, policy=policy))
    assert check.outcome is CheckOutcome.FAIL
    assert "stay.example.com" in check.sentence
    assert "--policy=upsert-only" in check.remedy


@pytest.mark.case("A5")
def test_what_is_not_known_is_said_as_not_known() -> None:
    (known,) = judged(replace(V2, version=(0, 21, 0)))  # its default is sync
    (unknown,) = judged(V2)
    assert "with --policy=sync" in known.sentence
    assert "a --policy that the plan does not tell (sync deletes)" in unknown.sentence


@pytest.mark.case("A5")
def test_what_route_53_does_with_it_depends_on_the_version() -> None:
    (old,) = judged(replace(V2, policy=Policy.SYNC))
    (new,) = judged(replace(V2, policy=Policy.SYNC, version=(0, 23, 0)))
    assert "Route 53 refuses the deletions of its version" in old.sentence
    assert "deletes them at its first sync" in new.sentence


@pytest.mark.parametrize("policy", [Policy.UPSERT_ONLY, Policy.CREATE_ONLY])
def test_a_policy_that_deletes_nothing_is_safe(policy: Policy) -> None:
    (check,) = judged(replace(V2, policy=policy))
    assert check.outcome is CheckOutcome.PASS


@pytest.mark.parametrize("names", [("shop.example.com",), ("app.example.com", "www.example.com")])
def test_a_filter_keeps_the_other_waves_out(names: tuple[str, ...]) -> None:
    (check,) = judged(replace(V2, policy=Policy.SYNC, domain_filter=tuple(map(canonical, names))))
    assert check.outcome is CheckOutcome.WARN
    assert "stay.example.com" not in check.sentence


@pytest.mark.parametrize("expectation", [Expectation.MOVING, Expectation.V2, Expectation.WEIGHTED])
def test_what_v2_wants_already_is_not_deleted(expectation: Expectation) -> None:
    (check,) = judged(replace(V2, policy=Policy.SYNC), replace(STAY, expectation=expectation))
    assert check.outcome is CheckOutcome.WARN


@pytest.mark.case("A5")
def test_what_v1s_version_wrote_decides_what_route_53_does() -> None:
    (check,) = judged(replace(V2, policy=Policy.SYNC, version=(0, 23, 0)), v1=replace(V1, version=(0, 21, 0)))
    assert check.outcome is CheckOutcome.FAIL
    assert "they name the TXT of its version, and v1's stands at another name" in check.sentence
    assert judged(replace(V2, version=(0, 15, 1))) == (), "it has no such flag"


@pytest.mark.parametrize(
    "v1", [replace(V1, txt_registry=TxtRegistry(prefix="edns-")), replace(V1, registry=Registry.DYNAMODB)]
)
def test_what_v2_does_not_read_it_does_not_delete(v1: ExternalDns) -> None:
    (check,) = judged(replace(V2, policy=Policy.SYNC), v1=v1)
    assert check.outcome is CheckOutcome.WARN
    assert "stay.example.com" not in check.sentence


def test_with_v1s_own_id_it_deletes_without_taking_over() -> None:
    both = replace(V2, txt_owner_id="eks-v1", migrate_from_txt_owner=None, policy=Policy.SYNC)
    (check,) = judged(both)
    assert check.outcome is CheckOutcome.FAIL
    assert "has v1's owner id, and --policy=sync" in check.sentence
    assert "stay.example.com. Its version deletes them at its first sync." in check.sentence
    assert judged(replace(both, policy=Policy.UPSERT_ONLY)) == ()


def test_another_owners_hosts_are_left_alone() -> None:
    (check,) = judged(replace(V2, policy=Policy.SYNC), v1=replace(V1, txt_owner_id="blue"))
    assert check.outcome is CheckOutcome.WARN


def test_without_the_flag_nothing_is_taken() -> None:
    assert judged(replace(V2, migrate_from_txt_owner=None)) == ()


def test_of_many_hosts_the_first_are_named_and_the_rest_counted() -> None:
    many = [replace(STAY, name=canonical(f"d{number}.example.com")) for number in range(30)]
    (check,) = judged(replace(V2, policy=Policy.SYNC), *many)
    assert "d0.example.com, d1.example.com" in check.sentence
    assert "d29.example.com" not in check.sentence
    assert "more" in check.sentence


@pytest.mark.case("D2", "A5")
@pytest.mark.parametrize("v1", [V1, replace(V1, registry=Registry.NOOP), replace(V1, registry=Registry.DYNAMODB)])
@pytest.mark.parametrize("version", [(0, 15, 1), (0, 21, 0), (0, 22, 0), (0, 23, 0)])
def test_a_v2_without_a_registry_deletes_what_it_has_no_object_for_whoever_owns_it(
    v1: ExternalDns, version: tuple[int, int, int]
) -> None:
    v2 = ExternalDns("eks-v2", version=version, registry=Registry.NOOP, policy=Policy.SYNC)
    (check,) = judged(v2, v1=v1)
    assert check.outcome is CheckOutcome.FAIL
    assert check.sentence.startswith("v2's ExternalDNS has --registry=noop and --policy=sync: it takes every record")
    assert "stay.example.com. Its version deletes them at its first sync." in check.sentence
    assert judged(replace(v2, policy=Policy.UPSERT_ONLY), v1=v1) == ()
    assert judged(replace(v2, domain_filter=(canonical("app.example.com"),)), v1=v1) == ()
