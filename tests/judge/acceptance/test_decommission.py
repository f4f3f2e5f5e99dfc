"""May v1's Ingress go? Never while v1's ExternalDNS reads the record as its own, whatever else holds."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.decommission import UNSEEN, decommission
from probe.judge.review import adopt, expire
from probe.model.check import Check, CheckOutcome
from probe.model.confirmation import Criterion
from probe.model.decommission import Decommission, Precondition
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.name import DomainName
from probe.model.plan import Expectation, HttpCheck, Routing
from probe.model.record import Position
from tests.judge.answers import NAME, ZONE, instant, plan
from tests.judge.ownership.owned import NEW, OLD, Owned, Txts, owned
from tests.judge.preflight.test_ownership import with_aliases

UNWATCHED = 86_400.0
SOAK = 30.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

ANCIENT = (0, 15, 1)
HOUR = 3600.0


class Moved(Owned):
    """A domain that moved from v1 to v2, watched all the way."""

    def __init__(
        self,
        v1: ExternalDns = ExternalDns("v1", version=NEW),  # noqa: B008  # frozen
        v2: ExternalDns = ExternalDns("v2", "v1", version=NEW),  # noqa: B008  # frozen
    ) -> None:
        super().__init__(with_aliases(alias=True)._replace(v1=v1, v2=v2, soak=SOAK), Expectation.V2)

    def move(self, before: Txts, after: Txts, *, since: float = 400.0) -> "Moved":
        self.stand(Position.V1, 60, before)
        self.stand(Position.V2, since, after)
        return self

    def verdict(self) -> Decommission:
        found = self.story.status.decommission
        assert found is not None
        return found

    def requirement(self, precondition: Precondition) -> Check:
        return next(one for one in self.verdict().checks if one.name == precondition.value)


def test_a_move_that_is_over_allows_it_as_far_as_can_be_seen_and_says_what_cannot() -> None:
    verdict = Moved().move(owned("v1"), owned("v2")).verdict()
    assert verdict.outcome is CheckOutcome.PASS, verdict
    assert {one.name for one in verdict.checks} == set(Precondition) - {Precondition.SERVING, Precondition.OTHER_VIEW}
    assert verdict.unseen[: len(UNSEEN)] == UNSEEN
    assert "upsert-only" in UNSEEN[0]
    assert verdict.unseen[-1] == "That v2 serves it: the plan has no `http` check."
    assert verdict.leftovers == ()


def test_nothing_is_said_of_a_domain_that_is_not_expected_on_v2() -> None:
    told = Owned(expectation=Expectation.V1)
    told.stand(Position.V1, 60, owned("v1"))
    assert told.story.status.decommission is None


def test_v1s_owner_at_the_name_that_v1_reads_forbids_it() -> None:  # S8
    moved = Moved().move(owned("v1"), owned("v1"))
    assert moved.verdict().outcome is CheckOutcome.FAIL
    released = moved.requirement(Precondition.RELEASED)
    assert released.outcome is CheckOutcome.FAIL
    assert "a-app.example.com" in released.sentence
    assert "deletes it when its Ingress is deleted" in released.sentence
    assert "Stop v1's ExternalDNS" in released.remedy


def test_what_counts_is_what_v1s_version_reads_and_not_what_v2s_does() -> None:  # S12, S15
    both = owned("v2") | owned("v1", "cname")
    old = Moved(ExternalDns("v1", version=OLD)).move(owned("v1", "cname", "aaaa"), both)
    assert old.requirement(Precondition.RELEASED).outcome is CheckOutcome.FAIL
    assert "cname-app.example.com" in old.requirement(Precondition.RELEASED).sentence
    new = Moved().move(owned("v1") | owned("v1", "cname"), both)
    assert new.requirement(Precondition.RELEASED).outcome is CheckOutcome.PASS
    assert new.verdict().leftovers == (DomainName(f"cname-{NAME}"),)


def test_a_version_that_is_not_known_is_taken_for_each_that_it_may_be() -> None:
    both = owned("v2") | owned("v1", "cname")
    moved = Moved(ExternalDns("v1")).move(owned("v1"), both)
    assert moved.requirement(Precondition.RELEASED).outcome is CheckOutcome.FAIL


def test_a_bare_txt_of_old_times_forbids_it_where_v1_reads_no_other() -> None:
    after = owned("v2") | owned("v1", "bare")
    moved = Moved(ExternalDns("v1", version=(0, 11, 0))).move(owned("v1", "bare"), after)
    assert moved.requirement(Precondition.RELEASED).outcome is CheckOutcome.FAIL


def test_one_owner_id_for_both_forbids_it_whatever_stands() -> None:  # S19
    moved = Moved(ExternalDns("same", version=NEW), ExternalDns("same", version=NEW)).move(owned("same"), owned("same"))
    assert moved.verdict().outcome is CheckOutcome.FAIL
    released = moved.requirement(Precondition.RELEASED)
    assert "together with its own Ingress" in released.sentence
    # With `sync` v2's would delete what only v1 wants as soon as v1's is stopped, and no one would bring it back.
    assert released.remedy.startswith("Give v2's ExternalDNS --policy=upsert-only first. Stop v1's ExternalDNS")
    assert "a --txt-owner-id of its own and --migrate-from-txt-owner=same" in released.remedy


@pytest.mark.parametrize(
    ("v1", "said"),
    [
        (ExternalDns("v1", version=NEW), "is deleted, unless its --policy forbids that (the plan does not tell)."),
        (ExternalDns("v1", version=NEW, policy=Policy.SYNC), "is deleted."),
        (ExternalDns("v1", version=OLD), "is deleted."),
    ],
)
def test_a_deletion_is_said_as_a_fact_where_the_policy_is_known_only(v1: ExternalDns, said: str) -> None:
    kinds = ("cname", "aaaa") if v1.version == OLD else ()
    moved = Moved(v1).move(owned("v1", *kinds), owned("v1", *kinds))
    assert moved.requirement(Precondition.RELEASED).sentence.endswith(f"when its Ingress {said}")


def test_txt_that_was_not_answered_since_the_move_is_not_believed() -> None:
    moved = Moved()
    moved.stand(Position.V1, 60, owned("v1"))
    moved.stand_without_txt(Position.V2, 200)
    assert moved.requirement(Precondition.RELEASED).outcome is CheckOutcome.UNKNOWN


def test_an_encrypted_owner_is_not_guessed() -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    txts = tuple(txt._replace(owners=(), opaque=1) if txt.owners else txt for txt in moved.story.status.txts)
    found = decommission(moved.story.status._replace(txts=txts), instant(moved.at), moved.story.context)
    assert found is not None
    assert next(one.outcome for one in found.checks if one.name == Precondition.RELEASED) is CheckOutcome.UNKNOWN


def test_caches_are_waited_for() -> None:
    moved = Moved().move(owned("v1"), owned("v2"), since=40)
    assert moved.requirement(Precondition.DRAINED).outcome is CheckOutcome.FAIL
    assert "Caches may lead to v1 until" in moved.requirement(Precondition.DRAINED).sentence
    moved.stand(Position.V2, 300, owned("v2"))
    assert moved.requirement(Precondition.DRAINED).outcome is CheckOutcome.PASS


def test_a_move_that_nobody_watched_is_waited_out() -> None:
    told = Moved()
    told.stand(Position.V2, 60, owned("v2"))
    for waited, outcome in ((0, CheckOutcome.UNKNOWN), (UNWATCHED - 60, CheckOutcome.UNKNOWN), (60, CheckOutcome.WARN)):
        later = instant(told.at + waited + (UNWATCHED if outcome.holds else 0))
        found = decommission(told.story.status, later, told.story.context)
        assert found is not None
        assert next(one.outcome for one in found.checks if one.name == Precondition.DRAINED) is outcome


def test_v1_at_a_single_server_forbids_it() -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    status = moved.story.status
    criteria = tuple(
        Check(one.name, one.subject, CheckOutcome.FAIL, "ns-2 answers v1.")
        if one.name == Criterion.AUTHORITATIVE
        else one
        for one in status.confirmation.criteria
    )
    status = status._replace(confirmation=status.confirmation._replace(criteria=criteria))
    found = decommission(status, instant(moved.at), moved.story.context)
    assert found is not None
    assert found.outcome is CheckOutcome.FAIL


def test_silence_makes_it_unknown_again() -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    moved.story.wait(moved.at + HOUR)
    assert moved.verdict().outcome is not CheckOutcome.PASS


@pytest.mark.parametrize("outcome", list(CheckOutcome))
def test_the_service_of_v2_counts_where_the_plan_has_a_check(outcome: CheckOutcome) -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    status = moved.story.status
    word = Check(Criterion.SERVICE.value, "b.example.com", outcome, "HTTPS on v2.")
    status = status._replace(
        domain=replace(status.domain, http=HttpCheck()),
        confirmation=status.confirmation._replace(criteria=(*status.confirmation.criteria, word)),
    )
    found = decommission(status, instant(moved.at), moved.story.context)
    assert found is not None
    assert found.outcome is outcome
    assert len(found.unseen) == len(UNSEEN)


def test_without_any_judgement_nothing_is_allowed() -> None:
    (domain,) = plan(Expectation.V2).domains
    moved = Moved().move(owned("v1"), owned("v2"))
    bare = DomainStatus(domain)
    found = decommission(bare, instant(0), moved.story.context)
    assert found is not None
    assert found.outcome is not CheckOutcome.PASS


def test_another_expectation_takes_the_verdict_back_at_once() -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    other = replace(moved.story.status.domain, expectation=Expectation.V1)
    adopted = adopt(moved.story.state, other, (TxtRegistry(),), ZONE)
    assert adopted.status.decommission is None
    assert expire(adopted, instant(moved.at), moved.story.context)[0].status.decommission is None


EDNS = TxtRegistry(prefix="edns-")


@pytest.mark.case("A3")
def test_a_txt_that_v1_reads_by_its_own_flags_holds_the_record_whatever_v2s_flags_are() -> None:
    v2 = ExternalDns("v2", version=NEW, txt_registry=EDNS)
    moved = Moved(ExternalDns("default", version=OLD), v2)
    moved.move(owned("default", "cname"), owned("default", "cname"))
    released = moved.requirement(Precondition.RELEASED)
    assert released.outcome.holds is False
    assert "cname-app.example.com names v1's owner" in released.sentence


@pytest.mark.case("A3")
def test_a_txt_that_only_the_other_sides_flags_find_does_not() -> None:
    v1 = ExternalDns("default", version=OLD, txt_registry=EDNS)
    moved = Moved(v1, ExternalDns("v2", version=NEW))
    moved.move(owned("default", "cname"), owned("default", "cname"))
    assert moved.requirement(Precondition.RELEASED).outcome.holds is True


@pytest.mark.case("D1")
def test_every_instance_of_v1_has_to_let_go_and_any_of_v2_may_own_it() -> None:
    surroundings = with_aliases(alias=True)._replace(
        v1=ExternalDns("v1", version=NEW),
        v2=ExternalDns("v2", version=NEW),
        more=((ExternalDns("v1-private", version=NEW),), (ExternalDns("v2-private", version=NEW),)),
    )
    for owner, released in (("v2-private", True), ("v1-private", False)):
        told = Owned(surroundings, Expectation.V2)
        told.stand(Position.V1, 60, owned("v1"))
        told.stand(Position.V2, 400, owned(owner))
        verdict = told.story.status.decommission
        assert verdict is not None
        by_name = {one.name: one.outcome for one in verdict.checks}
        assert by_name[Precondition.RELEASED].holds is released
        assert (by_name[Precondition.OWNED].holds is True) is released


@pytest.mark.case("D2")
@pytest.mark.parametrize(
    ("registry", "holds"), [(Registry.DYNAMODB, None), (Registry.AWS_SD, None), (Registry.NOOP, False)]
)
def test_ownership_that_dns_does_not_show_is_said_so(registry: Registry, *, holds: bool | None) -> None:
    moved = Moved(ExternalDns("v1", version=NEW, registry=registry)).move({}, {})
    assert moved.requirement(Precondition.RELEASED).outcome.holds is holds


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy.SYNC, "and deletes those that it has no object for."),
        (None, "and with --policy=sync, which the plan does not rule out, deletes those that it has no object for."),
    ],
)
def test_what_a_registry_of_none_deletes_is_a_fact_only_where_the_policy_is_told(
    policy: Policy | None, words: str
) -> None:
    moved = Moved(ExternalDns("v1", registry=Registry.NOOP, policy=policy)).move({}, {})
    assert moved.requirement(Precondition.RELEASED).sentence.endswith(words)


@pytest.mark.parametrize(("policy", "holds"), [(Policy.UPSERT_ONLY, True), (Policy.SYNC, False), (None, False)])
def test_a_policy_that_deletes_nothing_releases(policy: Policy | None, *, holds: bool) -> None:
    moved = Moved(ExternalDns("v1", version=NEW, policy=policy)).move(owned("v1"), owned("v1"))
    assert moved.requirement(Precondition.RELEASED).outcome.holds is holds


@pytest.mark.case("D3")
@pytest.mark.parametrize("routing", list(Routing))
def test_v1_may_not_go_while_a_declared_routing_may_choose_it(routing: Routing) -> None:
    moved = Moved().move(owned("v1"), owned("v2"))
    status = moved.story.status
    told = decommission(
        status._replace(domain=replace(status.domain, routing=routing)), instant(moved.at), moved.story.context
    )
    assert told is not None
    assert told.outcome is CheckOutcome.FAIL
    on_v2 = next(one for one in told.checks if one.name == Precondition.ON_V2.value)
    assert (
        on_v2.sentence == f"The plan declares {routing.value} routing: Route 53 may lead clients to v1 at any moment."
    )
    assert "Remove v1's record set" in on_v2.remedy
