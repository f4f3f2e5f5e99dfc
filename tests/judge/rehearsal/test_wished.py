"""Clusters that were read: what their objects want is played, and what they lack is not assumed."""

from collections.abc import Mapping

import pytest

from probe.judge.rehearsal.cast import casts
from probe.judge.rehearsal.rewrite import ChosenBy
from probe.judge.rehearsal.run import ReadClusters, Today, rehearse
from probe.judge.rehearsal.stand import planned
from probe.judge.rehearsal.wished import ReadSide, ReadWish
from probe.model.check import CheckOutcome
from probe.model.name import DomainName, canonical
from probe.model.rehearsal import Act, Course, Fault, Rehearsal
from probe.model.side import Side
from tests.judge.rehearsal.test_run import V1, of, only, plan, take_over

HOSTS = tuple(map(canonical, ("app.example.com", "web.example.com", "stay.example.com")))
APP, WEB, STAY = HOSTS
WISH = ReadWish(None)
V1_WANTS, V2_WANTS = ReadSide(Side.V1, (WISH,)), ReadSide(Side.V2, (WISH,))
V1_LACKS, V2_LACKS = ReadSide(Side.V1), ReadSide(Side.V2)
AS_ASSUMED = dict.fromkeys(HOSTS, (V1_WANTS, V2_LACKS))

Wanted = Mapping[DomainName, tuple[ReadSide, ...]]


def played(wanted: Wanted, v2: str = "", v1: str = V1, unplayable: Mapping[DomainName, str] | None = None) -> Rehearsal:
    """Play over what v1's ExternalDNS has written as the plan has it."""
    read = ReadClusters(frozenset(Side), wanted, unplayable or {}, ("A sentence of the clusters.",))
    told = plan(v2 or take_over(), v1)
    lacking = [one for one in told.domains if V1_LACKS in wanted.get(one.name, ())]
    stands = {one.name: planned(one, told, casts(told)[0]) for one in lacking}
    return rehearse(told, Today(stands, "Nothing was asked.", clusters=read))


def of_host(told: Rehearsal, act: Act, host: DomainName) -> Course:
    (found,) = [one for one in told.courses if one.act is act and host in one.hosts]
    return found


def test_clusters_that_are_as_was_assumed_come_to_the_same() -> None:
    assumed = rehearse(plan(take_over()), Today({}, "Nothing was asked."))
    read = played(AS_ASSUMED)
    assert read.courses == assumed.courses
    assert read.checks == assumed.checks


def test_a_host_that_v2_wants_already_leaves_before_its_wave() -> None:
    told = played({**AS_ASSUMED, STAY: (V1_WANTS, V2_WANTS)})
    early = of_host(told, Act.AS_IT_IS, STAY)
    assert early.faults == (Fault.LEAVES,)
    assert early.culprits == ((Fault.LEAVES, ('v2\'s ExternalDNS ("eks-v2")',)),)
    assert of_host(told, Act.AS_IT_IS, APP).faults == ()


KEPT = "Take the hosts out of v2, or out of what its ExternalDNS reads (--annotation-filter), until their wave moves."
KEPT_AND = "Stop v2's ExternalDNS until both are done: " + KEPT[0].lower() + KEPT[1:-1] + "; "


@pytest.mark.parametrize(
    ("v2", "act", "advice"),
    [
        ("", Act.AS_IT_IS, KEPT),
        ("{txt_owner_id: eks-v1, version: v0.22.0, policy: upsert-only}", Act.AS_IT_IS, KEPT),
        (  # kept from v2 alone, what v1 owns would be deleted
            "{txt_owner_id: eks-v1, version: v0.22.0, policy: sync}",
            Act.AS_IT_IS,
            KEPT_AND + "run v2's ExternalDNS with --policy=upsert-only",
        ),
        (
            "{txt_owner_id: eks-v1, version: v0.22.0, policy: upsert-only}",
            Act.MOVE,
            KEPT_AND + "give v2's ExternalDNS a --txt-owner-id of its own and --migrate-from-txt-owner=eks-v1",
        ),
    ],
)
def test_what_helps_a_host_that_v2_wants_already_is_to_keep_it_from_v2(v2: str, act: Act, advice: str) -> None:
    told = played(dict.fromkeys(HOSTS, (V1_WANTS, V2_WANTS)), v2)
    (check,) = [one for one in told.checks if one.name == act.value and one.subject == "first"]
    assert check.outcome is CheckOutcome.FAIL
    assert check.remedy.startswith(advice)


def test_hosts_that_v2_does_not_want_yet_need_not_be_kept_from_it() -> None:
    told = played(AS_ASSUMED, "{txt_owner_id: eks-v1, version: v0.22.0, policy: upsert-only}")
    assert not [one for one in told.checks if "out of what its ExternalDNS reads" in one.remedy], "v2 wants none"


def test_a_host_that_v1_has_no_object_for_is_deleted_as_it_is_and_has_no_way_back() -> None:
    told = played({**AS_ASSUMED, WEB: (V1_LACKS, V2_LACKS)})
    assert of_host(told, Act.AS_IT_IS, WEB).faults == (Fault.GONE,)
    assert of_host(told, Act.AS_IT_IS, APP).faults == ()
    kept = played({**AS_ASSUMED, WEB: (V1_LACKS, V2_LACKS)}, v1=V1.replace("sync", "upsert-only"))
    assert of_host(kept, Act.MOVE, WEB).faults == ()
    assert (
        Fault.STAYS in of_host(kept, Act.ROLLBACK, WEB).faults or Fault.GONE in of_host(kept, Act.ROLLBACK, WEB).faults
    )


def test_a_cluster_that_was_not_read_is_assumed_as_before() -> None:
    told = played({APP: (V1_WANTS,)})
    assert of_host(told, Act.MOVE, APP).faults == ()
    assert of_host(told, Act.AS_IT_IS, STAY).faults == ()


def test_sets_are_as_the_objects_say_whatever_the_plan_declares() -> None:
    sides = (
        ReadSide(Side.V1, (WISH._replace(by=ChosenBy("blue", 90)),)),
        ReadSide(Side.V2, (WISH._replace(by=ChosenBy("green", 10)),)),
    )
    told = played({**AS_ASSUMED, APP: sides})
    assert of_host(told, Act.AS_IT_IS, APP).faults == (Fault.LEAVES,), "v2 has its set there today"
    assert of_host(told, Act.MOVE, APP).ends == ("v1 (weight 90) and v2 (weight 10)",)
    assert of_host(told, Act.V1_INGRESS, APP).ends == ("v2",)


def test_of_two_externaldns_only_the_one_that_reads_the_object_wants_it() -> None:
    two = (
        "[{name: a, txt_owner_id: eks-v1, version: v0.22.0, policy: sync}, "
        "{name: b, txt_owner_id: other, version: v0.22.0, policy: sync}]"
    )
    by_b = ReadSide(Side.V1, (ReadWish("b"),))
    told = played(dict.fromkeys(HOSTS, (by_b, V2_LACKS)), v1=two)
    as_it_is = of_host(told, Act.AS_IT_IS, APP)
    assert as_it_is.faults == (), "it was written by b, and a has nothing to delete"
    assert as_it_is.owners == ('"other"',)


def test_what_stands_is_as_the_object_has_it_written() -> None:
    addresses = ReadSide(Side.V1, (WISH._replace(ttl=30, addresses=True),))
    told = played({**AS_ASSUMED, APP: (addresses, V2_LACKS)})
    assert of_host(told, Act.AS_IT_IS, APP).moments == (), "an A with that TTL stands, and nothing is to be changed"


def test_a_ttl_that_an_object_sets_anew_is_written_and_moves_nothing() -> None:
    told = plan(take_over())
    before, after = (ReadSide(Side.V1, (WISH._replace(ttl=ttl, addresses=True),)) for ttl in (300, 30))
    stand = planned(told.domains[0], told, casts(told)[0], (before,))
    read = ReadClusters(frozenset(Side), {**AS_ASSUMED, APP: (after, V2_LACKS)}, {})
    course = of_host(rehearse(told, Today({APP: stand}, "A zone.", clusters=read)), Act.AS_IT_IS, APP)
    assert len(course.moments) == 1
    assert course.faults == ()


def test_what_an_object_keeps_from_being_played_is_a_sentence() -> None:
    told = played(
        AS_ASSUMED, unplayable={APP: "leads to cdn.example.net by ingress/shop/web of v1: it was not played."}
    )
    (check,) = [one for one in told.checks if one.name == "not-played"]
    assert check.sentence.startswith("app.example.com leads to cdn.example.net by ingress/shop/web of v1")
    assert check.outcome is CheckOutcome.UNKNOWN
    assert all(APP not in one.hosts for one in told.courses)


@pytest.mark.parametrize(
    ("sides", "words", "gone"),
    [
        (frozenset(Side), "The objects of v1 and v2 are as they were read", "have the same kind"),
        (frozenset({Side.V1}), "v2 has objects for the hosts of waves that have moved", "Until a wave moves only v1"),
        (frozenset({Side.V2}), "v1 has an object for every host of the plan", "Until a wave moves only v1"),
    ],
)
def test_what_was_read_is_not_assumed_and_what_was_not_is(sides: frozenset[Side], words: str, gone: str) -> None:
    read = ReadClusters(sides, {}, {}, ("A sentence of the clusters.",))
    told = rehearse(plan(take_over()), Today({}, "Nothing was asked.", clusters=read)).assumptions
    assert "A sentence of the clusters." in told
    assert any(one.startswith(words) for one in told)
    assert not any(gone in one for one in told)
    assert any("runs with the flags that were read" in one for one in told)


def test_a_deletion_that_goes_is_told_with_its_host() -> None:
    told = played({**AS_ASSUMED, WEB: (V1_LACKS, V2_LACKS)})
    found = [one for one in of(told, Act.AS_IT_IS, "first") if one.outcome is CheckOutcome.FAIL]
    assert "web.example.com" in found[0].sentence
    assert only(told, Act.AS_IT_IS, "later").outcome is CheckOutcome.PASS
