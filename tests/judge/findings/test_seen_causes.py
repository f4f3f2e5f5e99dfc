"""Causes that witnesses beside DNS show: said as seen, with who saw it and when; and what they leave as it is."""

from collections.abc import Callable

import pytest

from probe.judge.explain import explain
from probe.judge.review import hear_witness
from probe.model.external_dns import ExternalDns, Policy, Registry
from probe.model.plan import Expectation
from probe.model.record import Position, RecordState
from probe.model.side import Side
from probe.model.witness import ClusterReading, ClusterWish, Wanted, Witnessed, Written, WrittenSet
from tests.judge.answers import V1_BALANCER, V2_BALANCER, ZONE, instant, plan
from tests.judge.ownership.owned import Owned, owned
from tests.judge.wording import whole
from tests.judge.zones import routed, simple

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT
BALANCERS = {Side.V1: V1_BALANCER, Side.V2: V2_BALANCER}
SETS = (routed("one", V1_BALANCER, 100), routed("two", V2_BALANCER, 0))

Told = Callable[[float, Position], Witnessed]


def wish(side: Side, setup: ExternalDns) -> ClusterWish:
    return ClusterWish(side, f"ingress/shop/{side.value}", setup, "dns/external-dns", targets=(BALANCERS[side],))


def wanted(v1: ExternalDns | None, v2: ExternalDns | None, *, current: bool = True) -> Callable[[float], Wanted]:
    wishes = tuple(wish(side, setup) for side, setup in zip(Side, (v1, v2), strict=True) if setup is not None)
    return lambda at: Wanted(tuple(ClusterReading(side, instant(at), current, True) for side in Side), wishes)  # noqa: FBT003  # the reading is whole


def zone(*sets: WrittenSet, current: bool = True) -> Callable[[float], Written]:
    return lambda at: Written(instant(at), current, ZONE, sets=sets)


class Watched(Owned):
    """A fight over a record, with witnesses that are read once in each dwell."""

    def __init__(self, tell: Told, expectation: Expectation = Expectation.MOVING) -> None:
        super().__init__(expectation=expectation)
        self.tells = tell

    def dwell(self, position: Position, seconds: float, txts: dict[str, str]) -> None:
        self.stand(position, seconds / 2, txts)
        told = self.tells(self.at, position)
        self.story.state, effects = hear_witness(self.story.state, told, instant(self.at), self.story.context)
        self.story.effects += effects
        self.stand(position, seconds / 2, txts)

    def alternate(self, txts: dict[str, str], *, dwells: tuple[tuple[float, float], ...] = ((40, 20),) * 3) -> None:
        self.dwell(V1, 60, txts)
        for away, back in dwells:
            self.dwell(V2, away, txts)
            self.dwell(V1, back, txts)

    def why(self) -> str:
        return explain(self.story.state, instant(self.at), plan()).sentence


UNSTEADY = ((20.0, 70.0), (60.0, 20.0), (30.0, 100.0))
"""Dwells without a beat: nobody infers controllers from them."""

OTHER_BEAT = ((40.0, 40.0),) * 4
"""A beat of two controllers, but not that of the declared intervals: health checks may have it."""

PROD = ExternalDns("prod")


def of_clusters(v1: ExternalDns, v2: ExternalDns) -> Told:
    both = wanted(v1, v2)
    return lambda at, _position: Witnessed(both(at))


def test_a_fight_without_a_beat_is_named_by_what_both_clusters_want() -> None:
    blind = Watched(lambda _at, _position: Witnessed())
    blind.alternate(owned("prod"), dwells=UNSTEADY)
    assert blind.cause().code == "flip-flop"

    fight = Watched(of_clusters(PROD, PROD))
    fight.alternate(owned("prod"), dwells=UNSTEADY)
    found = fight.cause()
    assert found.code == "fight-same-owner"
    assert not found.inferred
    assert "Proof: Seen in both clusters: the objects, and the flags of both ExternalDNS" in whole(found)
    assert "Inferred" not in whole(found)
    assert found.evidence[0].startswith("2026-09-21 ")
    assert 'v1 wants it by ingress/shop/v1, which dns/external-dns (owner "prod") reads' in found.evidence[0]
    assert fight.story.status.state is RecordState.FLAPPING


def test_who_has_no_load_balancer_yet_overwrites_nothing() -> None:
    def told(at: float, _position: Position) -> Witnessed:
        both = wanted(PROD, PROD)(at)
        one, other = both.wishes
        return Witnessed(both._replace(wishes=(one, other._replace(targets=()))))

    fight = Watched(told)
    fight.alternate(owned("prod"), dwells=UNSTEADY)
    assert fight.cause().code == "flip-flop"


def test_each_from_the_other_is_named_by_the_flags_of_both() -> None:
    fight = Watched(of_clusters(ExternalDns("eks-v1", "eks-v2"), ExternalDns("eks-v2", "eks-v1")))
    fight.alternate({}, dwells=UNSTEADY)
    assert fight.cause().code == "fight-mutual-migration"
    assert not fight.cause().inferred


def test_two_without_a_registry_are_told_as_such() -> None:
    none = ExternalDns(registry=Registry.NOOP)
    fight = Watched(of_clusters(none, none))
    fight.alternate({})
    found = fight.cause()
    assert found.code == "flip-flop"
    assert found.sentence == (
        "app.example.com (A and AAAA) alternates between v1 and v2 every 60 s, and both clusters overwrite it."
    )
    assert "Cause: Both clusters want it, and both ExternalDNS keep no registry" in whole(found)
    assert not found.inferred


def test_what_the_flags_show_corrects_what_was_inferred() -> None:
    told = Witnessed()
    fight = Watched(lambda _at, _position: told)
    fight.alternate(owned("prod"))
    assert (fight.cause().code, fight.cause().inferred) == ("fight-same-owner", True)
    told = Witnessed(wanted(ExternalDns("eks-v1", "eks-v2"), ExternalDns("eks-v2", "eks-v1"))(fight.at))
    fight.dwell(V2, 40, owned("prod"))
    assert (fight.cause().code, fight.cause().inferred) == ("fight-mutual-migration", False)


@pytest.mark.parametrize(
    "later",
    [wanted(PROD, PROD, current=False), wanted(PROD, ExternalDns("eks-v2"))],
    ids=["the witness fails", "the flags are mended"],
)
def test_what_was_seen_stays_seen_until_the_fight_is_over(later: Callable[[float], Wanted]) -> None:
    told = wanted(PROD, PROD)
    fight = Watched(lambda at, _position: Witnessed(told(at)))
    fight.alternate(owned("prod"), dwells=UNSTEADY)
    told = later
    fight.dwell(V2, 40, owned("prod"))
    found = fight.cause()
    assert (found.code, found.inferred) == ("fight-same-owner", False)
    assert "Proof: Seen in both clusters" in whole(found)
    assert "Inferred" not in whole(found)


@pytest.mark.parametrize(
    "told",
    [
        wanted(PROD, PROD, current=False),
        wanted(ExternalDns("v1"), ExternalDns("v2")),
        lambda _at: wanted(PROD, PROD)(-15_000.0),
    ],
    ids=["fails", "owners apart", "old"],
)
def test_a_witness_that_fails_or_shows_no_contest_names_nothing(told: Callable[[float], Wanted]) -> None:
    fight = Watched(lambda at, _position: Witnessed(told(at)))
    fight.alternate(owned("prod"), dwells=UNSTEADY)
    assert fight.cause().code == "flip-flop"
    assert "Seen in both" not in whole(fight.cause())
    steady = Watched(lambda at, _position: Witnessed(told(at)))
    steady.alternate(owned("prod"))
    assert (steady.cause().code, steady.cause().inferred) == ("fight-same-owner", True)


def test_what_comes_and_goes_is_deleted_whatever_both_want() -> None:
    fight = Watched(of_clusters(PROD, PROD))
    mine = owned("prod")
    fight.dwell(V1, 300, mine)
    for _ in range(3):
        fight.dwell(ABSENT, 30, {})
        fight.dwell(V1, 30, mine)
    assert fight.cause().code == "fight-delete-create"
    assert "Seen in both clusters" not in whole(fight.cause())


def _taken(told: Callable[[float], Wanted]) -> Watched:
    """It comes and goes where by the plan v2's migrates from v1's owner and deletes, and both clusters are read."""
    fight = Watched(lambda at, _position: Witnessed(told(at)))
    v2 = ExternalDns("v2", "v1", version=(0, 23, 0), policy=Policy.SYNC)
    fight.story.context = fight.story.context._replace(v1=ExternalDns("v1"), v2=v2)
    fight.dwell(V1, 300, owned("v1"))
    for _ in range(3):
        fight.dwell(ABSENT, 30, {})
        fight.dwell(V1, 30, owned("v1"))
    assert fight.cause().code == "fight-delete-create"
    return fight


def test_that_v2s_has_no_object_for_what_it_takes_and_deletes_is_seen_where_its_cluster_is_read() -> None:
    text = whole(_taken(wanted(ExternalDns("v1"), None)).cause())
    assert "no object that its ExternalDNS reads has the host" in text
    assert "It seems to have no object" not in text


def test_one_that_is_seen_with_an_object_for_the_host_is_not_said_to_delete_it_for_want_of_one() -> None:
    apart = ExternalDns("v2", "v1", managed_record_types=("TXT",))
    assert "migrates from" not in whole(_taken(wanted(None, apart)).cause())


def test_a_simple_record_that_is_read_to_and_fro_is_a_fight_that_was_seen() -> None:
    both = wanted(ExternalDns("v1"), ExternalDns("v2"))
    places = {V1: zone(simple(V1_BALANCER), simple(V1_BALANCER, "AAAA")), V2: zone(simple(V2_BALANCER))}
    fight = Watched(lambda at, position: Witnessed(both(at), places[position](at)))
    fight.alternate(owned("prod"))
    found = fight.cause()
    assert (found.code, found.inferred) == ("fight-same-owner", False)
    assert "Proof: Seen in the hosted zone, whose record was read leading to and fro, and in both clusters" in whole(
        found
    )
    read = [line for line in found.evidence if "the hosted zone example.com has A" in line]
    assert len(read) >= 3
    assert {line.rsplit(": ", 1)[1] for line in read} == {V1_BALANCER.rstrip("."), V2_BALANCER.rstrip(".")}


def test_one_writer_is_not_seen_fighting_with_itself() -> None:
    one = wanted(ExternalDns("v1"), None)
    places = {V1: zone(simple(V1_BALANCER)), V2: zone(simple(V2_BALANCER))}
    fight = Watched(lambda at, position: Witnessed(one(at), places[position](at)))
    fight.alternate(owned("prod"))
    assert fight.cause().code == "flip-flop"
    assert "Seen in both" not in whole(fight.cause())


def v1_stopped(at: float) -> Wanted:
    both = wanted(PROD, PROD)(at)
    one, other = both.wishes
    return both._replace(wishes=(one._replace(stopped=True), other))


@pytest.mark.parametrize(
    ("told", "words", "shown"),
    [
        (wanted(PROD, None), "v2's cluster does not have it written", "no object that its ExternalDNS reads has the"),
        (wanted(None, None), "neither cluster has it written", "no object that its ExternalDNS reads has the host"),
        (v1_stopped, "v1's cluster does not have it written", "dns/external-dns is stopped"),
    ],
    ids=["one wants it", "none wants it", "one is stopped"],
)
def test_a_beat_names_no_external_dns_whose_cluster_is_seen_not_to_write(
    told: Callable[[float], Wanted], words: str, shown: str
) -> None:
    """It said "two ExternalDNS", and to stop one that had no replicas: somebody else leads the record there."""
    fight = Watched(lambda at, _position: Witnessed(told(at)))
    fight.alternate(owned("prod"))
    found = fight.cause()
    assert found.code == "flip-flop"
    assert found.sentence.endswith(f"every 60 s, and {words}.")
    assert shown in whole(found)


def test_a_fight_that_was_named_keeps_its_name_when_its_remedy_is_seen() -> None:
    told = Witnessed()
    fight = Watched(lambda _at, _position: told)
    fight.alternate(owned("prod"))
    assert fight.cause().code == "fight-same-owner"
    told = Witnessed(wanted(None, PROD)(fight.at))
    fight.dwell(V2, 40, owned("prod"))
    assert fight.cause().code == "fight-same-owner"


def of_zone(*sets: WrittenSet) -> Told:
    return lambda at, _position: Witnessed(written=zone(*sets)(at))


def test_sets_in_the_zone_are_no_fight_and_silence_nothing() -> None:
    fight = Watched(of_zone(SETS[0]._replace(health=False), SETS[1]))
    fight.alternate(owned("prod"), dwells=OTHER_BEAT)
    found = fight.cause()
    assert fight.story.status.state is RecordState.FLAPPING
    assert (found.code, found.severity.value, found.inferred) == ("flip-flop", "critical", True)
    assert found.sentence == (
        "app.example.com (A and AAAA) alternates between v1 and v2 every 80 s, and Route 53 chooses between 2 record "
        "sets."
    )
    assert 'A "one" (weight 100, its health check fails) and A "two" (weight 0)' in whole(found)
    assert "Seen in the hosted zone: its sets; that nothing rewrites them is inferred" in whole(found)


def test_the_beat_of_the_declared_intervals_is_a_fight_over_a_set() -> None:
    fight = Watched(of_zone(*SETS))
    fight.alternate(owned("prod"))
    assert (fight.cause().code, fight.cause().inferred) == ("fight-same-owner", True)


def test_an_owner_that_goes_with_its_set_proves_no_migration() -> None:
    fight = Watched(of_zone(*SETS))
    fight.dwell(V1, 300, owned("v1"))
    for _ in range(3):
        fight.dwell(V2, 40, owned("v2"))
        fight.dwell(V1, 20, owned("v1"))
    assert fight.causes() == ["flip-flop"]


def test_sets_that_are_read_late_correct_a_cause_that_was_inferred() -> None:
    told = Witnessed()
    fight = Watched(lambda at, _position: told._replace(written=zone(*SETS)(at)) if told.written else told)
    fight.alternate(owned("prod"), dwells=OTHER_BEAT)
    assert fight.cause().code == "fight-same-owner"
    told = Witnessed(written=zone()(0.0))
    fight.dwell(V2, 40, owned("prod"))
    assert fight.cause().code == "flip-flop"
    assert fight.story.status.state is RecordState.FLAPPING


@pytest.mark.parametrize(
    "told",
    [
        zone(*SETS, current=False),
        zone(routed("one", V1_BALANCER, 1), routed("two", V1_BALANCER, 1)),
        lambda at: zone(*SETS)(at)._replace(is_private=True),
        lambda _at: zone(*SETS)(-15_000.0),
    ],
    ids=["fails", "one place", "the private view", "old"],
)
def test_a_zone_that_does_not_tell_leaves_the_cause_as_it_is(told: Callable[[float], Written]) -> None:
    fight = Watched(lambda at, _position: Witnessed(written=told(at)))
    fight.alternate(owned("prod"))
    assert (fight.cause().code, fight.cause().inferred) == ("fight-same-owner", True)
    assert "Route 53 chooses" not in fight.why()


def test_the_explanation_says_what_the_zone_has_and_when_that_was_seen() -> None:
    story = Watched(of_zone(*SETS), Expectation.WEIGHTED)
    story.dwell(V1, 60, owned("prod"))
    told = explain(story.story.state, instant(story.at), plan()).sentence
    assert "Seen in the hosted zone example.com at 2026-09-21 14:13:50 UTC: " in told
    assert 'A "one" (weight 100) leads to ' in told
    assert "Declared are 50:50 (v1:v2), and written are A 100:0." in told
    assert "nothing to choose" not in told


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ((simple(V1_BALANCER),), "Route 53 has nothing to choose between there"),
        ((), "it stands there in no record."),
    ],
)
def test_the_explanation_says_when_there_are_no_weights(sets: tuple[WrittenSet, ...], words: str) -> None:
    story = Watched(of_zone(*sets))
    story.dwell(V1, 60, owned("prod"))
    assert words in story.why()
    assert "Declared" not in story.why()


def test_without_a_witness_nothing_is_said_of_the_zone() -> None:
    story = Watched(lambda _at, _position: Witnessed())
    story.dwell(V1, 60, owned("prod"))
    assert story.why() == "A is v1 and AAAA is v1, and so is the domain."


def standing(told: Witnessed, position: Position = V1, expectation: Expectation = Expectation.V2) -> Watched:
    story = Watched(lambda at, _position: read_at(told, at), expectation)
    for _ in range(6):
        story.dwell(position, 60, {})
    return story


def read_at(told: Witnessed, at: float) -> Witnessed:
    wanted, written = told
    if wanted is not None:
        wanted = wanted._replace(readings=tuple(one._replace(at=instant(at)) for one in wanted.readings))
    return Witnessed(wanted, None if written is None else written._replace(at=instant(at)))


def test_what_v2_lacks_is_seen_instead_of_read_from_ownership() -> None:
    late = standing(Witnessed(wanted(PROD, None)(0)))
    assert "Seen in v2's cluster at 2026-09-21 " in whole(late.finding("laggard"))
    assert "no object that its ExternalDNS reads has the host" in whole(late.finding("laggard"))
    stopped = wanted(PROD, PROD)(0)
    stopped = stopped._replace(wishes=tuple(one._replace(stopped=one.side is Side.V2) for one in stopped.wishes))
    assert "dns/external-dns is stopped (no replicas, or suspended)" in whole(
        standing(Witnessed(stopped)).finding("laggard")
    )


@pytest.mark.parametrize(
    "told", [wanted(PROD, PROD)(0), wanted(PROD, None, current=False)(0)], ids=["it wants it", "fails"]
)
def test_what_v2_wants_or_may_want_is_not_called_missing(told: Wanted) -> None:
    assert "Seen in v2's cluster" not in whole(standing(Witnessed(told)).finding("laggard"))


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ((), "Cause: Seen in the hosted zone at 2026-09-21 14:19:40 UTC: it was deleted there"),
        ((simple(V1_BALANCER),), "Cause: Seen in the hosted zone at 2026-09-21 14:19:40 UTC: A leads to v1"),
    ],
    ids=["deleted", "stands"],
)
def test_a_zone_that_was_read_since_tells_an_outage_from_a_deletion(sets: tuple[WrittenSet, ...], words: str) -> None:
    story = Watched(of_zone(*sets))
    story.stand(V1, 300, {})
    story.stand(ABSENT, 60, {})
    assert "Cause" not in whole(story.finding("outage"))
    story.dwell(ABSENT, 40, {})
    assert words in whole(story.finding("outage"))
