"""Two ExternalDNS with several hosts in the fight: what is done about one of these acts on all of them."""

import re
from collections.abc import Callable

import pytest

from probe.externaldns.version import V0_15_1, V0_21_0, V0_22_0, V0_23_0
from probe.judge.advice.of_fights import mutual_migration, same_owner, two_registries, version_mix
from probe.judge.advice.of_records import reverted
from probe.model.advice import Advise, Situation
from probe.model.external_dns import ExternalDns, Policy
from probe.model.name import canonical
from probe.model.plan import Expectation
from probe.model.side import Side
from tests.lab.builders import delete
from tests.remedies.faults import CARE, HASTE, SOON, V1, V2, Pair, Steps, calm, stay_with_v1
from tests.remedies.stage import EARLIER, HOST, LATER, Stage
from tests.remedies.watch import AFTERWARDS

BESIDE = canonical("beside.example.com")
"""A host of another wave that is in the fight as well."""
PAIRS = ((V0_21_0, V0_21_0), (V0_21_0, V0_22_0), (V0_22_0, V0_22_0), (V0_22_0, V0_23_0))
OLD_TO_NEW = (V0_21_0, V0_22_0)
POLICIES = (Policy.SYNC, Policy.UPSERT_ONLY)
Remedy = Callable[[Stage], Steps]


def fight(pair: Pair, policy: Policy) -> Stage:
    """Both clusters have both hosts, and each of them one that the other one has not."""
    stage = Stage(7, pair)
    for side in Side:
        stage.flags(side, txt_owner_id="default", policy=policy)
    stage.want(V1, HOST, BESIDE, LATER)
    stage.run(V1)
    stage.advance(stage.now + calm(stage))
    stage.want(V2, HOST, BESIDE, EARLIER)
    stage.run(V2)
    stage.advance(stage.now + CARE)
    return stage


def play(stage: Stage, remedy: Remedy) -> float:
    """Carry it out, and give when it was done."""
    for pause in remedy(stage):
        stage.advance(stage.now + pause)
    done = stage.now
    stage.advance(done + AFTERWARDS)
    return done


def hide(stage: Stage, host: str) -> None:
    """Give v2's --exclude-domains, and --policy=upsert-only with it."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    stage.exclude(V2, host.rstrip("."))


def take_over(stage: Stage, *cleaned: str) -> Steps:
    """Stop v1's, let v2's take over, delete the old TXT of some hosts, and start v1's again."""
    stage.stop(V1)
    yield HASTE
    stage.flags(V2, txt_owner_id="eks-v2", migrate_from_txt_owner="default")
    yield SOON
    for host in cleaned:
        stage.remove_txt(canonical(host), "default")
    yield CARE
    stage.flags(V1, policy=Policy.UPSERT_ONLY)
    stage.run(V1)
    yield CARE


def all_to_v2(stage: Stage) -> Steps:
    """As v2's page says where no other host is expected on v1."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield CARE
    yield from take_over(stage, HOST, BESIDE)


def all_to_v2_but_one_txt(stage: Stage) -> Steps:
    """The same with the TXT of one host only: what was said once."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield CARE
    yield from take_over(stage, HOST)


def each_to_its_own_by_v2s_page(stage: Stage) -> Steps:
    """HOST's page: v2 keeps it, and the other host is expected on v1."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield HASTE
    hide(stage, BESIDE)
    yield CARE
    yield from take_over(stage, HOST)


def one_back_by_v1s_page(stage: Stage) -> Steps:
    """The other host's page: v1 keeps it, and HOST is expected on v2."""
    stage.flags(V1, policy=Policy.UPSERT_ONLY)
    yield HASTE
    hide(stage, BESIDE)
    yield CARE


def both_pages(stage: Stage) -> Steps:
    yield from one_back_by_v1s_page(stage)
    yield from take_over(stage, HOST)


def stands(stage: Stage, host: str, side: Side) -> bool:
    return stage.leads(canonical(host)) == {"A": (side,), "AAAA": (side,)}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_with_the_old_txt_of_every_host_gone_none_is_fought_over(pair: Pair, policy: Policy) -> None:
    stage = fight(pair, policy)
    done = play(stage, all_to_v2)

    for host in (HOST, BESIDE):
        assert stands(stage, host, V2)
        assert stage.changes(host, done) == []
    assert stands(stage, LATER, V1)


def test_with_the_old_txt_of_one_host_gone_the_other_one_is_fought_over_by_two_versions() -> None:
    stage = fight(OLD_TO_NEW, Policy.UPSERT_ONLY)
    done = play(stage, all_to_v2_but_one_txt)

    assert stage.changes(HOST, done) == []
    assert len(stage.changes(BESIDE, done)) > 10  # two a minute


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("pair", PAIRS, ids=str)
@pytest.mark.parametrize("remedy", [each_to_its_own_by_v2s_page, both_pages])
def test_hosts_that_each_side_is_to_keep_are_parted_without_a_gap(remedy: Remedy, pair: Pair, policy: Policy) -> None:
    stage = fight(pair, policy)
    followed = stage.now
    done = play(stage, remedy)

    assert stands(stage, HOST, V2)
    assert stands(stage, BESIDE, V1)
    assert stands(stage, LATER, V1)
    for host in (HOST, BESIDE):
        assert stage.changes(host, done) == []
        assert stage.gaps(host, followed) == []


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_host_that_is_hidden_from_v2s_is_v1s_at_its_next_sync_though_nobody_is_stopped(
    pair: Pair, policy: Policy
) -> None:
    stage = fight(pair, policy)
    done = play(stage, one_back_by_v1s_page)

    assert stands(stage, BESIDE, V1)
    assert stage.changes(BESIDE, done) == []
    assert stage.runs(V1)
    assert stage.runs(V2)


def test_stopping_v2s_for_the_one_host_takes_the_other_one_back_as_well() -> None:
    stage = fight((V0_22_0, V0_22_0), Policy.UPSERT_ONLY)
    play(stage, stay_with_v1)

    assert stands(stage, BESIDE, V1)
    assert stands(stage, HOST, V1)  # it is expected on v2


MIGRATING = ((V0_21_0, V0_21_0), (V0_22_0, V0_22_0), (V0_21_0, V0_22_0), (V0_22_0, V0_23_0))
TWO_VERSIONS = ((V0_15_1, V0_22_0), (V0_21_0, V0_22_0), (V0_21_0, V0_23_0))
MIXED_WAVES = [
    *(pytest.param("mutual", pair, id=f"mutual-{pair[0]}-{pair[1]}") for pair in MIGRATING),
    *(pytest.param("versions", pair, id=f"versions-{pair[0]}-{pair[1]}") for pair in TWO_VERSIONS),
]


def fight_of_owners(kind: str, pair: Pair) -> Stage:
    """Both clusters have both hosts, with owner ids of their own: each migrates from the other, or v2's from v1's."""
    stage = Stage(11, pair)
    if kind == "mutual":
        stage.flags(V1, migrate_from_txt_owner="eks-v2")
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST, BESIDE, LATER)
    stage.run(V1)
    stage.advance(stage.now + calm(stage))
    stage.flags(V2, migrate_from_txt_owner="eks-v1")
    stage.want(V2, HOST, BESIDE, EARLIER)
    stage.run(V2)
    stage.advance(stage.now + CARE)
    assert all(len(stage.changes(host, stage.now - CARE)) > 2 for host in (HOST, BESIDE))  # each is fought over
    return stage


def only_v1s_is_stopped(stage: Stage) -> Steps:
    """The first step without its condition, and no more."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield CARE
    stage.stop(V1)
    yield CARE


def hidden_and_given_back(stage: Stage) -> Steps:
    """HOST's page: v2 keeps it, and the other host is expected on v1."""
    hide(stage, BESIDE)
    yield HASTE
    stage.correct_txt(BESIDE, "eks-v2", "eks-v1")  # mutual migration needs none: v1's takes it by itself
    yield CARE
    if stage.leads(BESIDE).get("AAAA") == (V2,):  # v1's version does not write it
        going = [one for one in stage.zone.record_sets() if one.name == BESIDE and one.rdtype == "AAAA"]
        txts = [one for one in stage.txts(BESIDE) if one.name.startswith("aaaa-")]
        stage.write(*delete(*going, *txts))
    stage.stop(V1)
    yield HASTE
    newest = max(cluster.version for cluster in stage.clusters.values())
    stage.flags(V1, version=newest, migrate_from_txt_owner="", policy=Policy.UPSERT_ONLY)
    stage.run(V1)
    yield CARE


def hidden_without_txt(stage: Stage) -> Steps:
    """Of two that migrate from each other: what is hidden from v2's is v1's at its next sync."""
    hide(stage, BESIDE)
    yield CARE


def given_back_while_v2s_runs(stage: Stage) -> Steps:
    """BESIDE's page where versions differ: v1 keeps it, and HOST is expected on v2."""
    hide(stage, BESIDE)
    stage.correct_txt(BESIDE, "eks-v2", "eks-v1")
    yield CARE
    stage.drop(V2, BESIDE)
    stage.exclude(V2)
    yield CARE


@pytest.mark.parametrize(("kind", "pair"), MIXED_WAVES)
def test_stopping_v1s_for_the_one_host_takes_the_other_one_to_v2_as_well(kind: str, pair: Pair) -> None:
    stage = fight_of_owners(kind, pair)
    play(stage, only_v1s_is_stopped)

    assert set(stage.leads(BESIDE).values()) == {(V2,)}  # it is expected on v1
    assert stands(stage, HOST, V2)


@pytest.mark.parametrize(("kind", "pair"), MIXED_WAVES)
def test_what_is_hidden_and_given_back_stays_on_v1_while_the_other_one_stays_on_v2(kind: str, pair: Pair) -> None:
    stage = fight_of_owners(kind, pair)
    followed = stage.now
    done = play(stage, hidden_and_given_back)

    assert stands(stage, HOST, V2)
    assert set(stage.leads(BESIDE).values()) == {(V1,)}
    for host in (HOST, BESIDE, LATER, EARLIER):
        assert stage.changes(host, done) == []
    for host in (HOST, LATER, EARLIER):
        assert stage.gaps(host, followed) == []


@pytest.mark.parametrize("pair", MIGRATING, ids=str)
def test_of_two_that_migrate_from_each_other_v1s_takes_back_what_is_hidden_from_v2s(pair: Pair) -> None:
    stage = fight_of_owners("mutual", pair)
    done = play(stage, hidden_without_txt)

    assert stands(stage, BESIDE, V1)
    assert stage.changes(BESIDE, done) == []
    assert all(stage.runs(side) for side in Side)


@pytest.mark.parametrize("pair", TWO_VERSIONS[1:], ids=str)
def test_of_two_versions_one_host_is_given_back_while_both_run(pair: Pair) -> None:
    stage = fight_of_owners("versions", pair)
    followed = stage.now
    done = play(stage, given_back_while_v2s_runs)

    assert stands(stage, BESIDE, V1)
    assert stage.changes(BESIDE, done) == []
    assert stage.gaps(BESIDE, followed) == []


WAYS: dict[str, Advise] = {
    "same-owner": same_owner,
    "mutual-migration": mutual_migration,
    "version-mix": version_mix,
    "two-registries": two_registries,
}
ALIKE = ExternalDns(version=(0, 22, 0))


@pytest.mark.parametrize("expectation", Expectation)
@pytest.mark.parametrize("advise", WAYS.values(), ids=WAYS)
def test_no_page_of_a_fight_stops_an_external_dns_without_a_word_of_its_other_hosts(
    advise: Advise, expectation: Expectation
) -> None:
    for one in (Situation(expectation), Situation(expectation, (ALIKE,), (ALIKE,))):
        page = advise(one)
        before, _, after = page.first.sentence.partition(" in this fight")
        first = page.first.sentence if not after else before
        assert re.search(r"(^|, |then )stop (v\d's|the one)", first) is None or "no host" in first
        told = f"{page.first.sentence} {page.then}"
        assert re.search(r"another host|no host|each host", told.partition(" in this fight")[0])
        assert "--exclude-domains" in told


def test_what_went_back_stops_v1s_only_where_no_other_host_is_led_to_v2() -> None:
    page = reverted(Situation(Expectation.V2))
    before, _, after = page.first.sentence.partition("unless v1 keeps another host of both, ")
    assert "stop" not in before.lower()
    assert after == "stop v1's after two syncs if it wrote this."
    assert page.then.startswith("If v1 keeps one that v2 has too, hide it from v2's first")


def test_the_pages_say_so() -> None:
    on_v1, on_v2, moving = (same_owner(Situation(one)) for one in (Expectation.V1, Expectation.V2, Expectation.MOVING))

    for page, other in ((on_v1, "v2"), (on_v2, "v1")):
        before, _, after = page.first.sentence.partition(f"unless {other} keeps another host in this fight, ")
        assert "stop" not in before.lower()
        assert after.startswith(f"stop {other}'s after")
        assert page.then.startswith("If it does, hide ")
    assert "whose cluster is to serve no host in this fight" in moving.first.sentence
    for page in (on_v2, moving):
        assert "the ownership TXT of every host that v2's has taken over" in page.then
