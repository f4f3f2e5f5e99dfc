"""Which cause a fight is given, told change by change, and in which words."""

import pytest

from probe.judge.findings.diagnose import MAX_EVIDENCE
from probe.judge.record.state import Episode
from probe.judge.state import DomainState
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import addresses, instant, observed
from tests.judge.ownership.owned import CAUSES, NEW, OLD, Owned, Txts, heritage, owned, with_versions

SEALED = "c2VhbGVk" * 14


def by_turns(fight: Owned, v1: Txts, v2: Txts, cycles: int = 3) -> None:
    fight.stand(Position.V1, 300, v1)
    for _ in range(cycles):
        fight.stand(Position.V2, 40, v2)
        fight.stand(Position.V1, 20, v1)


def test_one_owner_that_stands_is_a_fight_of_equals_and_is_named_with_beat_and_shares() -> None:
    fight = Owned()
    mine = owned("default")
    by_turns(fight, mine, mine)
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    sentence = fight.cause().sentence
    assert sentence.startswith(
        'Two ExternalDNS with the same owner id "default" overwrite app.example.com (A and AAAA) every 60 s '
    )
    assert "it leads to v2 for 67% and v1 for 33% of the time" in sentence
    assert "last to v1 at 2026-09-21 14:21:" in sentence
    assert "the next change is due at 2026-09-21 14:21:" in sentence
    assert fight.story.status.flip_period == 60
    assert 'TXT a-app.example.com names owner "default" for ingress/shop/web' in fight.cause().evidence[0]
    assert "inferred from its beat" in fight.cause().sentence
    assert fight.cause().remedy.startswith("Give v2's ExternalDNS a --txt-owner-id of its own")


def test_two_objects_of_one_owner_are_both_named() -> None:
    fight = Owned()
    by_turns(fight, {"a": heritage("prod", "ingress/shop/old")}, {"a": heritage("prod", "ingress/shop/new")})
    assert fight.causes() == ["fight-same-owner"]
    assert "seen in TXT, which changes with the target" in fight.cause().sentence
    assert "for different objects, ingress/shop/new and ingress/shop/old" in fight.cause().sentence


def test_ciphertext_that_changes_at_every_write_is_a_fight_of_equals_too() -> None:
    fight = Owned()
    by_turns(fight, {"a": f'"{SEALED}"'}, {"a": f'"{SEALED[::-1]}"'})
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    assert "the same owner id (encrypted in their TXT)" in fight.cause().sentence


def test_an_owner_that_flips_with_the_target_is_a_mutual_migration() -> None:
    fight = Owned()
    by_turns(fight, owned("v1"), owned("v2"))
    assert fight.causes() == ["fight-mutual-migration"]
    assert 'between "v1" and "v2"' in fight.cause().sentence


def test_an_owner_that_alternates_proves_nothing_where_weights_are_declared() -> None:
    fight = Owned(expectation=Expectation.WEIGHTED)
    by_turns(fight, owned("v1"), owned("v2"))
    assert fight.causes() == ["flip-flop"]


@pytest.mark.parametrize("versions", [(OLD, NEW), (None, None), (OLD, None)])
def test_two_names_that_stand_against_each_other_while_a_flips_are_a_mix_of_versions(
    versions: tuple[tuple[int, int, int] | None, tuple[int, int, int] | None],
) -> None:
    fight = Owned(with_versions(*versions))
    before = owned("v1", "cname", "aaaa")
    after = {**owned("v1", "cname"), **owned("v2")}
    fight.stand(Position.V1, 300, before)
    for _ in range(3):
        fight.stand(Position.V2, 40, after, aaaa=Position.V2)
        fight.stand(Position.V1, 20, after, aaaa=Position.V2)
    assert fight.causes() == ["flip-flop", "fight-version-mix"]
    sentence = fight.cause().sentence
    assert 'a-app.example.com names "v2" and cname-app.example.com names "v1"' in sentence
    assert "overwrite app.example.com (A) every 60 s" in sentence


def test_an_old_owner_left_behind_does_not_hide_a_fight_of_equals() -> None:
    fight = Owned(with_versions(NEW, NEW))
    mine = {**owned("prod"), "cname": heritage("long-gone")}
    by_turns(fight, mine, mine)
    assert fight.causes() == ["flip-flop", "fight-same-owner"]


def test_a_record_that_comes_and_goes_with_its_txt_is_deleted_and_created() -> None:
    fight = Owned()
    mine = owned("prod")
    fight.stand(Position.V1, 300, mine)
    for _ in range(3):
        fight.stand(Position.ABSENT, 30, {})
        fight.stand(Position.V1, 30, mine)
    assert fight.causes() == ["fight-delete-create"]
    assert 'the same owner id "prod" and --policy=sync want different hosts' in fight.cause().sentence


@pytest.mark.case("B8b")
@pytest.mark.parametrize("away", [10, 20, 40])
def test_one_absence_in_a_fight_between_the_sides_is_no_deleting_and_creating(away: int) -> None:
    fight = Owned()
    mine = owned("prod")
    fight.stand(Position.V1, 300, mine)
    for dwell in (20, 70, 30):  # no beat so far
        fight.stand(Position.V2, dwell, mine)
        fight.stand(Position.V1, 20, mine)
    fight.stand(Position.ABSENT, away, {})
    for _ in range(3):
        fight.stand(Position.V1, 20, mine)
        fight.stand(Position.V2, 20, mine)
    assert "fight-delete-create" not in fight.causes()


@pytest.mark.parametrize("value", ['"v=spf1 -all"', '"heritage=someone-else,external-dns/owner=v1"'])
def test_without_ownership_it_is_a_flip_flop(value: str) -> None:
    fight = Owned()
    by_turns(fight, {"bare": value}, {"bare": value})
    assert fight.causes() == ["flip-flop"]
    assert fight.cause().sentence.startswith("app.example.com: A changes to and fro between v1 and v2, ")
    assert "every 60 s" in fight.cause().sentence


def test_a_cause_that_sharpens_takes_the_place_of_the_other_at_one_moment() -> None:
    fight = Owned()
    by_turns(fight, {}, {})
    for _ in range(2):
        fight.stand(Position.V2, 40, owned("prod"))
        fight.stand(Position.V1, 20, owned("prod"))
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    told = [effect for effect in fight.story.effects if isinstance(effect, FindingRaised | FindingCleared)]
    changes = [effect for effect in told if effect.finding.code in CAUSES]
    assert [type(effect) for effect in changes] == [FindingRaised, FindingRaised, FindingCleared]
    assert changes[1].at == changes[2].at


def test_a_cause_stays_while_txt_is_not_answered_and_goes_when_the_record_is_quiet() -> None:
    fight = Owned()
    mine = owned("prod")
    by_turns(fight, mine, mine, cycles=2)
    for _ in range(3):
        for position in (Position.V2, Position.V1):
            fight.stand_without_txt(position, 30)
    assert fight.cause().code == "fight-same-owner"
    fight.stand(Position.V1, 400, mine)
    assert fight.story.status.state is RecordState.V1
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    assert not {finding.code for finding in fight.story.status.findings} & CAUSES
    assert fight.story.status.flip_period is None


def test_a_hostile_owner_is_shown_and_bounded() -> None:
    fight = Owned()
    mine = {"a": heritage("x" * 4000)}
    by_turns(fight, mine, mine)
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    assert len(fight.cause().sentence) < 600


def test_the_evidence_is_bounded_however_long_the_fight() -> None:
    fight = Owned()
    mine = owned("prod")
    by_turns(fight, mine, mine, cycles=20)
    assert len(fight.cause().evidence) <= MAX_EVIDENCE
    assert any("went from v1 to v2" in line for line in fight.cause().evidence)


def test_a_record_that_flaps_too_fast_for_its_changes_to_be_confirmed_has_a_cause_as_well() -> None:
    fight = Owned()
    fight.stand(Position.V1, 60, owned("prod"))
    status, memory = fight.story.state
    proven = Episode(1, began=instant(50), controllers=True)
    restless = tuple(record._replace(fighting=True, episode=proven) for record in memory.records)
    fight.story.state = DomainState(status, memory._replace(records=restless))
    fight.story.hear(observed(addresses(RecordType.A, "203.0.113.1"), fight.at))
    fight.at += 10
    fight.tell(owned("prod"))
    fight.story.wait(fight.at)
    assert fight.story.status.state is RecordState.FLAPPING
    assert fight.causes() == ["flip-flop"]  # it was read beside one side only: the burst's next rounds will tell
    fight.story.wait(fight.at + 20)
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    assert "overwrite app.example.com (A) (inferred" in fight.cause().sentence
