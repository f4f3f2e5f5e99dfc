"""Which cause a fight is given, told change by change, and in which words."""

import pytest

from probe.judge.context import Context
from probe.judge.record.state import Episode
from probe.judge.review import initial
from probe.judge.state import DomainState
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import ZONE, addresses, context, instant, observed
from tests.judge.ownership.owned import CAUSES, NEW, OLD, Owned, Txts, heritage, owned, with_versions
from tests.judge.wording import whole

MAX_EVIDENCE = 28
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


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
    assert whole(fight.cause()) == (
        'Two ExternalDNS with the same owner id "default" overwrite app.example.com (A and AAAA) every 60 s.\n'
        'Owners: "default"\n'
        "Proof: Inferred: the changes keep the beat of two controllers\n"
        "Beat: It comes round every 60 s\n"
        "Share: 67% on v2 and 33% on v1 of the time\n"
        "Last change: To v1 at 2026-09-21 14:21:00 UTC\n"
        "Next change: Due at 2026-09-21 14:21:20 UTC"
    )
    assert fight.story.status.flip_period == 60
    assert 'TXT a-app.example.com names owner "default" for ingress/shop/web' in fight.cause().evidence[0]
    assert fight.cause().first.sentence.startswith("Give both ExternalDNS --policy=upsert-only; ")


@pytest.mark.parametrize(("expectation", "side"), [(Expectation.V1, "v2"), (Expectation.V2, "v1")])
def test_whom_to_stop_follows_from_what_is_expected(expectation: Expectation, side: str) -> None:
    fight = Owned(expectation=expectation)
    by_turns(fight, owned("default"), owned("default"))
    first = fight.cause().first
    assert f"unless {side} keeps another host in this fight, stop {side}'s after two of its syncs." in first.sentence
    assert first.command.endswith(
        f"kubectl --context {side} -n external-dns scale deployment/external-dns --replicas=0"
    )
    assert fight.cause().remedy.startswith(f"{first.sentence} If it does, hide ")


def test_two_objects_of_one_owner_are_both_named() -> None:
    fight = Owned()
    by_turns(fight, {"a": heritage("prod", "ingress/shop/old")}, {"a": heritage("prod", "ingress/shop/new")})
    assert fight.causes() == ["fight-same-owner"]
    assert "Proof: Seen: TXT changes with the target" in whole(fight.cause())
    assert "for different objects: ingress/shop/new and ingress/shop/old" in whole(fight.cause())


def test_ciphertext_that_changes_at_every_write_is_a_fight_of_equals_too() -> None:
    fight = Owned()
    by_turns(fight, {"a": f'"{SEALED}"'}, {"a": f'"{SEALED[::-1]}"'})
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    assert "the same encrypted owner id" in fight.cause().sentence


@pytest.mark.case("A7", "B7")
def test_an_owner_that_returns_after_two_others_tells_of_more_than_two_that_migrate() -> None:
    fight = Owned()
    fight.stand(Position.V1, 300, owned("v1"))
    for _ in range(4):
        for place, owner in ((Position.V2, "v2"), (Position.FOREIGN, "v3"), (Position.V1, "v1")):
            fight.stand(place, 20, owned(owner))
    assert fight.causes()[-1:] == ["fight-mutual-migration"]
    told = whole(fight.cause())
    assert told.startswith("Several ExternalDNS take app.example.com (A and AAAA) from each other every 60 s.\n")
    assert 'Owners: "v1", "v2" and "v3"' in told
    assert "Each migrates from another's owner" in told


def test_an_owner_that_flips_with_the_target_is_a_mutual_migration() -> None:
    fight = Owned()
    by_turns(fight, owned("v1"), owned("v2"))
    assert fight.causes() == ["fight-mutual-migration"]
    assert 'from each other every 60 s, between the owners "v1" and "v2".' in fight.cause().sentence


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
    text = whole(fight.cause())
    assert 'Owners: a-app.example.com names "v2" and cname-app.example.com names "v1"' in text
    assert text.startswith("Two versions of ExternalDNS overwrite app.example.com (A) every 60 s, ")


@pytest.mark.case("A3")
@pytest.mark.parametrize("version", [NEW, None])
def test_two_registries_with_names_of_their_own_are_no_two_versions(version: tuple[int, int, int] | None) -> None:
    suffixed = TxtRegistry(suffix="-edns")
    v1 = ExternalDns("v1", version=version, txt_registry=suffixed)
    fight = Owned(context()._replace(v1=v1, v2=ExternalDns("v2", version=version)))
    domain = fight.story.status.domain
    fight.story.state = initial(domain, (TxtRegistry(), suffixed), ZONE)
    for number in range(100):
        turn = 0 if number < 30 else number // 3 % 2
        for kind in ("a", "aaaa", "cname", "app"):
            name = DomainName(f"{'' if kind == 'app' else kind + '-'}app-edns.example.com.")
            fight.told(name, heritage("v1") if kind in ("a", "aaaa") else None)
        fight.stand((Position.V1, Position.V2)[turn], 10, owned("v2", "a"), aaaa=Position.ABSENT)
    assert fight.causes() == ["flip-flop", "fight-version-mix"]
    text = whole(fight.cause())
    assert text.startswith("Two ExternalDNS overwrite app.example.com (A) every 60 s, each of which reads another")
    assert "Cause: Each reads another TXT by its own --txt-prefix or --txt-suffix" in text
    assert "version" not in fight.cause().remedy
    told = (
        "Where one was stopped, delete its ownership TXT, by its own prefix or suffix, of each host that the other one"
    )
    assert told in fight.cause().remedy


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
    assert whole(fight.cause()).startswith(
        "v1's ExternalDNS creates app.example.com (A and AAAA), and v2's deletes it every 60 s.\n"
        'Owners: "prod"\n'
        "Cause: Probably both have the same owner id and --policy=sync, and want different hosts\n"
    )


def _two_ids(policy: Policy | None = None) -> Context:
    """Each side has an owner id of its own, by the plan."""
    return context()._replace(v1=ExternalDns("v1"), v2=ExternalDns("v2", "v1", policy=policy))


def test_a_fight_of_one_owner_that_the_plan_has_for_one_side_only_says_so_and_trusts_no_policy_of_the_other() -> None:
    fight = Owned(_two_ids(Policy.UPSERT_ONLY), Expectation.V2)
    by_turns(fight, owned("v1"), owned("v1"))
    assert fight.cause().code == "fight-same-owner"
    assert (
        'Cause: By the present plan v2\'s ExternalDNS (owner id "v2") would not do this: it wrote with other flags, or '
        "an ExternalDNS did that the plan lacks\n"
    ) in whole(fight.cause())
    assert fight.cause().first.sentence.startswith("Give v2's ExternalDNS --policy=upsert-only; unless v1 keeps ")


@pytest.mark.parametrize(
    "v2", [ExternalDns("v1", policy=Policy.UPSERT_ONLY), ExternalDns("v1", registry=Registry.DYNAMODB)]
)
def test_a_fight_that_the_plan_explains_or_whose_owners_dns_does_not_show_is_held_against_no_plan(
    v2: ExternalDns,
) -> None:
    fight = Owned(context()._replace(v1=ExternalDns("v1"), v2=v2))
    by_turns(fight, owned("v1"), owned("v1"))
    assert fight.cause().code == "fight-same-owner"
    assert "By the present plan" not in whole(fight.cause())


@pytest.mark.case("D2")
@pytest.mark.parametrize(
    ("v2", "words", "why"),
    [
        (
            ExternalDns("v2", registry=Registry.NOOP),
            "by the plan no TXT keeps v2's ExternalDNS from it",
            "v2's ExternalDNS has --registry=noop: it takes every record that it sees for its own, whoever owns it",
        ),
        (
            ExternalDns("v1", registry=Registry.NOOP),  # it reads and writes no id, whatever it is given
            "by the plan no TXT keeps v2's ExternalDNS from it",
            "v2's ExternalDNS has --registry=noop: it takes every record that it sees for its own, whoever owns it",
        ),
        (
            ExternalDns("v2", registry=Registry.DYNAMODB),
            "what v2's ExternalDNS owns is not visible in DNS",
            "v2's ExternalDNS has --registry=dynamodb: what it owns is not visible in DNS",
        ),
    ],
)
def test_two_of_which_no_txt_tells_what_one_owns_do_not_have_the_same_owner_id(
    v2: ExternalDns, words: str, why: str
) -> None:
    fight = Owned(context()._replace(v1=ExternalDns("v1"), v2=v2))
    by_turns(fight, owned("v1"), owned("v1"))
    assert fight.causes() == ["flip-flop"]
    assert fight.cause().inferred
    assert whole(fight.cause()).startswith(f"app.example.com (A and AAAA) alternates between v1 and v2, and {words}.\n")
    assert f"Cause: {why}\nProof: Inferred: the changes keep the beat of two controllers\n" in whole(fight.cause())


@pytest.mark.case("D2")
def test_people_who_lead_a_record_to_and_fro_are_no_external_dns_that_no_txt_keeps_from_it() -> None:
    fight = Owned(context()._replace(v1=ExternalDns("v1"), v2=ExternalDns("v2", registry=Registry.NOOP)))
    fight.stand(Position.V1, 300, owned("v1"))
    for number, dwell in enumerate((150, 340, 95, 410)):
        fight.stand((Position.V2, Position.V1)[number % 2], dwell, owned("v1"))
    assert fight.causes() == ["flip-flop"]
    assert "and the writer is not known." in fight.cause().sentence


@pytest.mark.case("D2")
def test_objects_that_change_with_the_target_show_two_writers_of_txt_whatever_the_plan_says() -> None:
    fight = Owned(context()._replace(v1=ExternalDns("prod"), v2=ExternalDns("v2", registry=Registry.NOOP)))
    by_turns(fight, {"a": heritage("prod", "ingress/shop/old")}, {"a": heritage("prod", "ingress/shop/new")})
    assert fight.causes()[-1] == "fight-same-owner"


@pytest.mark.case("D2")
def test_one_that_takes_all_for_its_own_deletes_what_it_does_not_want_without_the_owners_id() -> None:
    fight = Owned(context()._replace(v1=ExternalDns("v1"), v2=ExternalDns("v2", registry=Registry.NOOP)))
    fight.stand(Position.V1, 300, owned("v1"))
    for _ in range(3):
        fight.stand(Position.ABSENT, 30, {})
        fight.stand(Position.V1, 30, owned("v1"))
    assert fight.causes() == ["fight-delete-create"]
    assert "v1's ExternalDNS creates app.example.com (A and AAAA), and v2's deletes it" in fight.cause().sentence
    assert "Cause: v2's ExternalDNS has --registry=noop: it takes every record" in whole(fight.cause())
    assert "the same owner id" not in whole(fight.cause())


@pytest.mark.parametrize(
    ("owner", "words"),
    [
        ("v1", "v1's ExternalDNS creates app.example.com (A and AAAA), and v2's deletes it"),
        ("v2", "One ExternalDNS creates app.example.com (A and AAAA), and v2's deletes it"),
        ("prod", "One ExternalDNS creates app.example.com (A and AAAA), and another one deletes it"),
    ],
)
def test_nobody_is_said_to_create_or_delete_what_by_the_plan_is_another_owners(owner: str, words: str) -> None:
    fight = Owned(_two_ids())
    fight.stand(Position.V1, 300, owned(owner))
    for _ in range(3):
        fight.stand(Position.ABSENT, 30, {})
        fight.stand(Position.V1, 30, owned(owner))
    assert fight.cause().sentence.startswith(words)
    assert ("By the present plan" in whole(fight.cause())) is (owner != "v1")


@pytest.mark.parametrize(
    "dwells",
    [
        pytest.param((120, 230, 60, 240, 120), id="at odd times"),
        pytest.param((60, 60, 120, 60), id="at the syncs of one, as soon as it can"),
    ],
)
def test_a_host_that_one_external_dns_removes_and_makes_again_has_no_two_writers(dwells: tuple[int, ...]) -> None:
    fight = Owned()
    mine = owned("prod")
    fight.stand(Position.V1, 300, mine)
    for number, dwell in enumerate(dwells):
        away = number % 2 == 0
        fight.stand(Position.ABSENT if away else Position.V1, dwell, {} if away else mine)
    assert fight.causes() == ["flip-flop"]
    assert "outage" in fight.raised()


@pytest.mark.parametrize("dwells", [(180, 360), (150, 110, 220, 90)])
def test_a_retry_whose_owner_goes_with_the_target_is_no_fight(dwells: tuple[int, ...]) -> None:
    fight = Owned()
    stands = ((Position.V1, owned("v1")), (Position.V2, owned("v2")))
    fight.stand(Position.V1, 300, owned("v1"))
    for number, dwell in enumerate((*dwells, 40)):
        place, txts = stands[(number + 1) % 2]
        fight.stand(place, dwell, txts)
    assert fight.causes() == ["flip-flop"]


@pytest.mark.case("B8b")
@pytest.mark.parametrize("away", [10, 20, 40])
@pytest.mark.long
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
    assert fight.cause().sentence == (
        "app.example.com (A and AAAA) alternates between v1 and v2 every 60 s, and the writer is not known."
    )
    assert "Answers: A alternates between v1 and v2: 6 changes within " in whole(fight.cause())
    assert "Beat: It comes round every 60 s" in whole(fight.cause())


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


@pytest.mark.case("B7", "B8")
@pytest.mark.parametrize(("dwells", "pace"), [((10, 10), " every 20 s."), ((70, 80), " every 2 min 30 s.")])
def test_the_headline_says_how_often_and_afterwards_for_how_long_nothing_changed(
    dwells: tuple[int, int], pace: str
) -> None:
    fight = Owned()
    mine = owned("default")
    fight.stand(Position.V1, 300, mine)
    for _ in range(4):
        fight.stand(Position.V2, dwells[0], mine)
        fight.stand(Position.V1, dwells[1], mine)
    assert fight.cause().sentence.endswith(pace)
    fight.stand(Position.V1, 1.5 * max(dwells), mine)
    assert ", no change for " in fight.cause().sentence
    assert len(fight.cause().sentence.split()) <= 20


def test_a_hostile_owner_is_shown_and_bounded() -> None:
    fight = Owned()
    mine = {"a": heritage("x" * 4000)}
    by_turns(fight, mine, mine)
    assert fight.causes() == ["flip-flop", "fight-same-owner"]
    assert (
        fight.cause().sentence
        == "Two ExternalDNS with the same owner id overwrite app.example.com (A and AAAA) every 60 s."
    )
    assert max(len(fact.text) for fact in fight.cause().facts) < 600


@pytest.mark.long
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
    assert "overwrite app.example.com (A), no change for 30 s." in fight.cause().sentence
    assert "Beat:" not in whole(fight.cause())
