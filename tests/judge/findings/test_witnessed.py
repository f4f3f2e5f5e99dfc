"""`wanted-twice`, `unwanted` and `not-written`: what witnesses beside DNS show, and what they leave alone."""

import random
from collections.abc import Callable, Mapping

import pytest

from probe.judge.findings.witnessed import contest
from probe.judge.review import hear_witness
from probe.model.external_dns import ExternalDns, Policy, Registry, TxtRegistry
from probe.model.finding import Finding, FindingCode, Link, Severity
from probe.model.name import DomainName, canonical
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.side import Side
from probe.model.witness import ClusterReading, ClusterWish, Wanted, Witnessed, Written, WrittenSet
from tests.judge.answers import (
    ADDRESSES,
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    at_position,
    instant,
    nodata,
    observed,
)
from tests.judge.ownership.test_wildcard import HOST, Watch, beneath_a_wildcard
from tests.judge.story import TXT, Story, owned
from tests.judge.wording import whole

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT
PENDING = 120.0
"""As `LATE_AFTER` has it: whoever moves it moves its figure here as well."""

BALANCERS = {Side.V1: V1_BALANCER.removesuffix("."), Side.V2: V2_BALANCER.removesuffix(".")}


def wish(side: Side, setup: ExternalDns | None = None, **other: object) -> ClusterWish:
    given = ClusterWish(
        side, "ingress/shop/web", setup or ExternalDns("prod"), "dns/external-dns", targets=(BALANCERS[side],)
    )
    return given._replace(**other)  # type: ignore[arg-type]  # each test names fields of the wish


def wanted(*wishes: ClusterWish, at: float = 0.0, current: bool = True, whole: bool = True) -> Wanted:
    return Wanted(tuple(ClusterReading(side, instant(at), current, whole) for side in Side), wishes)


def written(*targets: str, at: float = 0.0, current: bool = True, **other: object) -> Written:
    sets = tuple(WrittenSet("A", (target,)) for target in targets)
    return Written(instant(at), current, ZONE, sets=sets)._replace(**other)  # type: ignore[arg-type]  # as above


class Night(Story):
    """A domain that stands, and witnesses that are read every minute."""

    def __init__(self, expectation: Expectation = Expectation.MOVING, position: Position = V1) -> None:
        super().__init__(expectation)
        self.position = position
        self.at = 0.0

    def pass_by(self, seconds: float, tell: Callable[[float], Witnessed] | None = None) -> None:
        until, told = self.at + seconds, float("-inf")
        while self.at < until:
            if tell is not None and self.at - told >= 60:
                told = self.at
                self.state, effects = hear_witness(self.state, tell(self.at), instant(self.at), self.context)
                self.effects += effects
            self.stand(self.position, self.at, self.at)
            self.at += 7.0

    def finding(self, code: FindingCode) -> Finding:
        return next(one for one in self.status.findings if one.code is code)


def affixed(
    owner: str, taken_from: str | None = None, *, prefix: str = "", suffix: str = "", wildcard_replacement: str = ""
) -> ExternalDns:
    return ExternalDns(owner, taken_from, txt_registry=TxtRegistry(prefix, suffix, wildcard_replacement))


def both(*, v1: ExternalDns, v2: ExternalDns) -> Wanted:
    return wanted(wish(Side.V1, v1), wish(Side.V2, v2))


def told_of(told: Wanted, position: Position = V1, expectation: Expectation = Expectation.MOVING) -> Night:
    story = Night(expectation, position)
    story.pass_by(PENDING + 60, lambda _at: Witnessed(told))
    return story


def _twice() -> Finding:
    return told_of(wanted(wish(Side.V1), wish(Side.V2)), expectation=Expectation.V2).finding(FindingCode.WANTED_TWICE)


def _nobody() -> Finding:
    return told_of(wanted()).finding(FindingCode.UNWANTED)


def _other_zone() -> Finding:
    story = Night()
    story.pass_by(400, lambda at: Witnessed(written=written(BALANCERS[Side.V2], at=at)))
    return story.finding(FindingCode.NOT_WRITTEN)


EXAMPLES: Mapping[FindingCode, Callable[[], Finding]] = {
    FindingCode.WANTED_TWICE: _twice,
    FindingCode.UNWANTED: _nobody,
    FindingCode.NOT_WRITTEN: _other_zone,
}

NOT_PLAYED: Mapping[FindingCode, str] = {
    FindingCode.WANTED_TWICE: "before anything is written it is prevented as `fight-same-owner` is ended",
    FindingCode.UNWANTED: "an object is added to a cluster, or a domain is taken out of the plan",
    FindingCode.NOT_WRITTEN: "a delegation is mended, or the witness is given the right hosted zone",
}
"""Why `tests.remedies` plays none of their remedies."""


def test_a_fight_is_told_before_anything_changes() -> None:
    story = Night()
    story.pass_by(10, lambda at: Witnessed(wanted(wish(Side.V1), wish(Side.V2), at=at)))  # by the first word of it
    found = story.finding(FindingCode.WANTED_TWICE)
    assert not any(record.recent for record in story.status.records)
    assert (found.severity, found.link, found.inferred) == (Severity.CRITICAL, Link.WANTED, False)
    assert found.sentence == (
        'Both clusters want app.example.com, and both ExternalDNS have the owner id "prod": they will overwrite each '
        "other."
    )
    assert "Proof: Seen in both clusters: the objects, and the flags of both ExternalDNS" in whole(found)
    assert found.evidence[0].endswith(
        'v1 wants it by ingress/shop/web, which dns/external-dns (owner "prod") reads: '
        "k8s-one.eu-west-1.elb.amazonaws.com"
    )
    assert "--policy=upsert-only" in found.first.sentence


@pytest.mark.parametrize(
    ("v1", "v2", "why"),
    [
        (ExternalDns("eks-v1", "eks-v2"), ExternalDns("eks-v2", "eks-v1"), "each ExternalDNS migrates from the other"),
        (ExternalDns(registry=Registry.NOOP), ExternalDns("v2", registry=Registry.NOOP), "both ExternalDNS keep no re"),
        (
            ExternalDns("one", zone_id_filter=("Z1", "Z2")),
            ExternalDns("one", zone_id_filter=("Z2",)),
            'both ExternalDNS have the owner id "one"',
        ),
        (
            affixed("one", prefix="%{record_type}-"),  # where those without a prefix are
            ExternalDns("one"),
            'both ExternalDNS have the owner id "one"',
        ),
        (
            affixed("one", prefix="X-"),
            affixed("one", prefix="x-", wildcard_replacement="any"),  # it is of wildcards alone
            'both ExternalDNS have the owner id "one"',
        ),
    ],
)
def test_every_way_in_which_nothing_keeps_two_apart_is_named(v1: ExternalDns, v2: ExternalDns, why: str) -> None:
    assert why in told_of(both(v1=v1, v2=v2)).finding(FindingCode.WANTED_TWICE).sentence


@pytest.mark.parametrize(
    "told",
    [
        both(v1=ExternalDns("eks-v1"), v2=ExternalDns("eks-v2")),
        both(v1=ExternalDns("eks-v1"), v2=ExternalDns("eks-v2", "eks-v1")),  # one way: v2 takes over, v1 lets go
        both(v1=ExternalDns("prod", policy=Policy.CREATE_ONLY), v2=ExternalDns("prod")),
        both(v1=ExternalDns("prod", zone_id_filter=("Z1",)), v2=ExternalDns("prod", zone_id_filter=("Z2",))),
        both(v1=ExternalDns(managed_record_types=("CNAME",)), v2=ExternalDns(managed_record_types=("A",))),
        both(v1=ExternalDns("prod", registry=Registry.DYNAMODB), v2=ExternalDns("prod", registry=Registry.DYNAMODB)),
        both(v1=ExternalDns("prod", registry=Registry.NOOP), v2=ExternalDns("prod")),
        wanted(wish(Side.V1, stopped=True), wish(Side.V2)),
        wanted(wish(Side.V1, set_identifier="v1", weight=50), wish(Side.V2, set_identifier="v2", weight=50)),
        wanted(wish(Side.V1), wish(Side.V2, by_wildcard=True)),
        wanted(wish(Side.V1), wish(Side.V2, targets=wish(Side.V1).targets)),
        wanted(wish(Side.V1), wish(Side.V2, targets=(f"dualstack.{BALANCERS[Side.V1].upper()}.",))),
        wanted(wish(Side.V1, targets=("192.0.2.1", "192.0.2.2")), wish(Side.V2, targets=("192.0.2.2", "192.0.2.1"))),
        wanted(*(wish(side, targets=(one,)) for side in Side for one in ("192.0.2.1", "2001:db8::1"))),
        both(v1=affixed("prod", prefix="v1-"), v2=affixed("prod", prefix="v2-")),
        both(v1=affixed("prod", suffix="-txt"), v2=ExternalDns("prod")),
        both(v1=affixed("one", "two", prefix="v1-"), v2=affixed("two", "one", prefix="v2-")),
        both(v1=ExternalDns("one", "two", version=(0, 19, 0)), v2=ExternalDns("two", "one", version=(0, 21, 0))),
        wanted(wish(Side.V1)),
        Wanted((ClusterReading(Side.V1, instant(0), is_current=True, is_whole=True),), (wish(Side.V1), wish(Side.V2))),
    ],
    ids=[
        "owners apart",
        "one takes over",
        "creates only",
        "zones apart",
        "types apart",
        "a table",
        "one registry",
        "stopped",
        "sets apart",
        "name and wildcard",
        "one target",
        "one target, written otherwise",
        "the same addresses in another order",
        "the same addresses of both families",
        "owners under two prefixes",
        "an owner with a suffix and one without",
        "migrations under two prefixes",
        "a migration of a version that has none",
        "one cluster",
        "one witness",
    ],
)  # fmt: skip
def test_what_is_kept_apart_is_no_fight(told: Wanted) -> None:
    story = told_of(told)
    assert story.codes.isdisjoint({"wanted-twice", "unwanted"})


@pytest.mark.parametrize(
    ("zone", "matches_parent", "there"),
    [
        (ZONE, False, False),
        (ZONE, True, True),
        (ZONE, None, True),
        (canonical("app.example.com"), False, True),
        (None, False, True),
    ],
    ids=["above its filter", "with the flag for that", "the flag is not known", "named by its filter", "not read"],
)
def test_whose_filter_keeps_it_out_of_the_hosted_zone_overwrites_nothing(
    zone: DomainName | None,
    matches_parent: bool | None,  # noqa: FBT001  # a column of the table
    there: bool,  # noqa: FBT001  # likewise
) -> None:
    names = (canonical("app.example.com"),)
    narrow = wish(Side.V2, ExternalDns("prod", domain_filter=names, zone_match_parent=matches_parent))
    story = Night()
    read = None if zone is None else written(BALANCERS[Side.V1], zone=zone)
    story.pass_by(PENDING + 60, lambda _at: Witnessed(wanted(wish(Side.V1), narrow), read))
    assert ("wanted-twice" in story.codes) is there


@pytest.mark.parametrize("own", [False, True], ids=["behind the wildcard", "with a record of its own"])
def test_two_that_want_a_wildcard_overwrite_the_names_that_it_answers_for_and_no_other(*, own: bool) -> None:
    watch = Watch(beneath_a_wildcard({(HOST, RecordType.A): ADDRESSES[V1, RecordType.A]} if own else {}))
    watch.run(0, 300)
    told = wanted(wish(Side.V1, by_wildcard=True), wish(Side.V2, by_wildcard=True), at=300)
    assert (contest(watch.status, told, instant(300)) is None) is own


@pytest.mark.parametrize("target", ["192.0.2.9", "k8s-two.eu-west-1.elb.amazonaws.com"])
def test_other_addresses_of_one_family_and_a_name_beside_addresses_are_a_fight(target: str) -> None:
    sides = (wish(Side.V1, targets=("192.0.2.1",)), wish(Side.V2, targets=(target,)))
    assert "wanted-twice" in told_of(wanted(*sides)).codes


def test_two_that_want_one_set_with_an_identifier_are_told_with_it() -> None:
    sets = (wish(side, set_identifier="shop", weight=10) for side in Side)
    found = told_of(wanted(*sets)).finding(FindingCode.WANTED_TWICE)
    assert "Cause: Both write the set 'shop'" in whole(found)


def test_a_name_that_nobody_wants_is_told_after_a_while() -> None:
    story = Night(position=V2)
    story.pass_by(PENDING - 20, lambda at: Witnessed(wanted(at=at)))
    assert "unwanted" not in story.codes
    story.pass_by(60, lambda at: Witnessed(wanted(at=at)))
    found = story.finding(FindingCode.UNWANTED)
    assert (found.severity, found.link) == (Severity.WARNING, Link.WANTED)
    assert found.sentence == ("Neither cluster wants app.example.com, which leads to v2: no ExternalDNS will move it.")
    assert [line.split(": ", 1)[1] for line in found.evidence[:2]] == [
        "v1's cluster has no object for it",
        "v2's cluster has no object for it",
    ]


def owned_by(owner: str, *setups: ExternalDns) -> Finding:
    story = Night()
    v1, v2 = setups or (ExternalDns("eks-v1"), ExternalDns("eks-v2", "eks-v1"))
    story.context = story.context._replace(v1=v1, v2=v2)
    story.hear(observed(owned(owner), 0, rdtype=RecordType.TXT, name=TXT))
    story.pass_by(PENDING + 60, lambda at: Witnessed(wanted(at=at)))
    return story.finding(FindingCode.UNWANTED)


def test_a_record_of_an_owner_that_the_plan_does_not_have_is_laid_at_neither_sides_door() -> None:
    found = owned_by("eks-dr")
    assert found.sentence == (
        "Neither cluster wants app.example.com, which leads to v1: its record is of an owner that the plan does not "
        "have."
    )
    told = whole(found)
    assert 'Owners: Its ownership TXT name "eks-dr"' in told
    assert (
        "Effect: Whoever runs the ExternalDNS of that owner, in a third cluster maybe, keeps it or lets it go" in told
    )
    assert "deletes it" not in told
    assert "find the ExternalDNS of that owner first" in found.then


@pytest.mark.parametrize(
    ("owner", "setups"),
    [
        ("eks-v1", ()),
        ("eks-v2", ()),
        ("older", (ExternalDns("eks-v1"), ExternalDns("eks-v2", "older"))),  # the plan knows it: v2 takes it over
    ],
)
def test_a_record_of_an_owner_in_the_plan_is_nobody_elses(owner: str, setups: tuple[ExternalDns, ...]) -> None:
    found = owned_by(owner, *setups)
    assert found.sentence.endswith("which leads to v1: no ExternalDNS will move it.")
    assert "third cluster" not in whole(found)
    deletes = "The ExternalDNS of that owner deletes it at its next sync" in whole(found)
    assert deletes is (owner != "older")


@pytest.mark.parametrize(
    ("position", "told"),
    [(ABSENT, wanted()), (V1, wanted(whole=False)), (V1, wanted(wish(Side.V2, stopped=True)))],
    ids=["absent", "not all was read", "wanted"],
)
def test_a_name_that_is_not_served_or_may_be_wanted_is_left_alone(position: Position, told: Wanted) -> None:
    assert "unwanted" not in told_of(told, position).codes


def test_a_witness_that_fails_raises_nothing_and_clears_nothing() -> None:
    twice = (wish(Side.V1), wish(Side.V2))
    story = Night()
    story.pass_by(300, lambda at: Witnessed(wanted(*twice, at=at, current=False), written(at=at, current=False)))
    assert story.codes == set()
    story.pass_by(300, lambda at: Witnessed(wanted(*twice, at=at)))
    assert story.codes == {"wanted-twice"}
    story.pass_by(300, lambda at: Witnessed(wanted(at=at, current=False)))
    assert story.codes == {"wanted-twice"}
    assert story.status.state.value == "v1"
    story.pass_by(60, lambda _at: Witnessed())  # it is no witness any more
    assert story.codes == set()


def test_another_zone_than_the_one_that_is_served_is_told() -> None:
    story = Night()
    story.pass_by(PENDING - 20, lambda at: Witnessed(written=written(BALANCERS[Side.V2], at=at)))
    assert "not-written" not in story.codes
    story.pass_by(100, lambda at: Witnessed(written=written(BALANCERS[Side.V2], at=at)))
    found = story.finding(FindingCode.NOT_WRITTEN)
    assert (found.severity, found.link) == (Severity.WARNING, Link.WRITTEN)
    assert found.sentence == (
        "The hosted zone example.com leads app.example.com to v2, and its servers answer otherwise."
    )
    assert "Answers: The servers lead it to v1" in whole(found)
    assert "the cause is inferred" in whole(found)


def test_a_name_that_is_served_and_not_written_is_told() -> None:
    story = Night()
    story.pass_by(300, lambda at: Witnessed(written=written(at=at)))
    assert story.finding(FindingCode.NOT_WRITTEN).sentence == (
        "The hosted zone example.com has no record of app.example.com, and its servers lead it to v1."
    )


def test_a_record_that_is_written_and_never_served_is_told() -> None:
    story = Night(position=ABSENT)
    story.pass_by(300, lambda at: Witnessed(written=written(BALANCERS[Side.V2], at=at)))
    assert "They deny it" in whole(story.finding(FindingCode.NOT_WRITTEN))


@pytest.mark.parametrize(
    ("position", "told"),
    [
        (V1, written(BALANCERS[Side.V1])),
        (V1, written("198.51.100.1")),
        (V1, written(BALANCERS[Side.V1], BALANCERS[Side.V2])),  # Route 53 chooses
        (V1, written("edge.example.net")),  # a CDN before it: no side's
        (V1, written(BALANCERS[Side.V2], is_private=True)),
        (V1, written(BALANCERS[Side.V2], zone=None)),
        (V1, Written(zone=ZONE, is_current=True)),
        (ABSENT, written()),
        (ABSENT, written(sets=(WrittenSet("A", (BALANCERS[Side.V2],), health=False),))),
    ],
    ids=["alias", "address", "both", "elsewhere", "private", "no zone", "unread", "nothing", "unhealthy"],
)
def test_what_agrees_or_cannot_be_compared_is_no_contradiction(position: Position, told: Written) -> None:
    story = Night(position=position)
    story.pass_by(300, lambda at: Witnessed(written=told._replace(at=None if told.at is None else instant(at))))
    assert "not-written" not in story.codes


def test_a_zone_that_was_read_before_the_move_does_not_contradict_it() -> None:
    story = Night()
    before = written(BALANCERS[Side.V1], at=100.0)
    story.pass_by(120, lambda _at: Witnessed(written=before))
    story.position = V2
    story.pass_by(400, lambda _at: Witnessed(written=before))
    assert "not-written" not in story.raised()
    story.pass_by(240, lambda at: Witnessed(written=before._replace(at=instant(at))))
    assert "not-written" in story.raised()  # read anew, and still v1: another zone is served


def weighed(v1: int, v2: int, *, health: bool | None = None) -> tuple[WrittenSet, ...]:
    return tuple(
        WrittenSet("A", (BALANCERS[side],), set_identifier=side.value, weight=weight, health=health)
        for side, weight in ((Side.V1, v1), (Side.V2, v2))
    )


class Drawn(Night):
    """A domain whose answers are drawn in halves."""

    def __init__(self) -> None:
        super().__init__()
        self._rng = random.Random(7)

    def stand(self, position: Position, since: float, until: float, step: float = 7.0) -> None:
        del position, step
        for server in SERVERS:
            for _ in range(2):
                side = self._rng.choice((V1, V2))
                self.hear(observed(at_position(side), since, server))
            self.hear(observed(nodata(), since, server, RecordType.AAAA))
        self.wait(until)


def drawn_against(*sets: WrittenSet, seconds: float = 900, read: float = 0.0) -> Night:
    story = Drawn()
    if read:
        story.pass_by(read)
    story.pass_by(seconds, lambda at: Witnessed(written=written(sets=sets, at=at)))
    return story


def test_weights_that_the_answers_exclude_are_told_of_the_zone_that_has_them() -> None:
    found = drawn_against(*weighed(90, 10)).finding(FindingCode.NOT_WRITTEN)
    assert found.sentence.startswith(
        "The hosted zone example.com has app.example.com at 90:10 (v1:v2), and A leads to v2 "
    )
    assert "a set is left out now and then because its target is not healthy" in whole(found)
    assert found.inferred
    alone = drawn_against(weighed(90, 10)[0]).finding(FindingCode.NOT_WRITTEN)
    assert "at 90:0 (v1:v2), and A leads to v2 in " in alone.sentence


@pytest.mark.parametrize(
    ("sets", "seconds", "read"),
    [
        pytest.param(weighed(50, 50), 900, 0, id="as they are"),
        pytest.param(weighed(65, 35), 900, 0, id="near to what they are"),
        pytest.param(weighed(90, 10, health=False), 900, 0, id="by a health check that fails"),
        pytest.param(weighed(90, 10), 600, 2400, id="read after most answers"),
        pytest.param(weighed(90, 10), 2000, 600, id="read after a sixth of the time that is counted"),
    ],
)
def test_weights_that_answers_do_not_exclude_are_no_contradiction(
    sets: tuple[WrittenSet, ...], seconds: float, read: float
) -> None:
    assert "not-written" not in drawn_against(*sets, seconds=seconds, read=read).raised()


def test_answers_of_a_tenth_of_the_time_may_be_older_than_the_weights_that_were_read() -> None:
    """Counted from 343 s on, and read at 600: a tenth of the time by 3,000 s."""
    assert "not-written" in drawn_against(*weighed(90, 10), seconds=3300, read=600).raised()


def test_an_odd_name_in_an_object_stays_on_its_line() -> None:
    story = told_of(wanted(wish(Side.V1, targets=("x" * 500,)), wish(Side.V2)))
    assert max(map(len, story.finding(FindingCode.WANTED_TWICE).evidence)) < 300
    assert story.status.domain.name == DomainName("app.example.com.")


def by_health(*, fails: Side) -> Written:
    sets = tuple(
        WrittenSet("A", (BALANCERS[side],), set_identifier=side.value, routing="failover", health=side is not fails)
        for side in Side
    )
    return Written(instant(0), is_current=True, zone=ZONE, sets=sets)


@pytest.mark.parametrize(
    ("expected", "before", "code"),
    [(Expectation.V1, V1, FindingCode.PREMATURE), (Expectation.V2, V2, FindingCode.REVERTED)],
)
def test_where_the_zone_shows_that_route_53_chooses_nobody_is_to_take_the_serving_side_away(
    expected: Expectation, before: Position, code: FindingCode
) -> None:
    """Failover that no plan declares: by the usual advice the only side that works would lose its host or writer."""
    other = V2 if before is V1 else V1
    night = Night(expected, before)
    failing = Side.V1 if before is V1 else Side.V2
    night.pass_by(300, lambda _at: Witnessed(written=by_health(fails=failing)))
    night.position = other
    night.pass_by(400, lambda at: Witnessed(written=by_health(fails=failing)._replace(at=instant(at))))
    found = night.finding(code)
    assert "its health check fails" in " ".join(fact.text for fact in found.facts)
    assert found.remedy.startswith("See why Route 53 chooses that side")
    assert "leave the other side's host, its records and its TXT as they are" in found.remedy
    assert not {FindingCode.STALE_OWNER, FindingCode.OWNER_NOT_RETURNED} & night.codes


def test_a_simple_record_in_the_zone_changes_nothing_of_that() -> None:
    night = Night(Expectation.V1, V1)
    night.pass_by(300, lambda at: Witnessed(written=written(BALANCERS[Side.V1], at=at)))
    night.position = V2
    night.pass_by(400, lambda at: Witnessed(written=written(BALANCERS[Side.V2], at=at)))
    assert "upsert-only" in night.finding(FindingCode.PREMATURE).remedy
