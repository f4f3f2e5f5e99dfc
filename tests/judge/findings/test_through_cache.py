"""What is said of a record that changes to and fro behind a cache."""

import pytest

from probe.judge.domain_text import SEEN_ALIKE
from probe.judge.findings.evidence import Found
from probe.judge.findings.through_cache import alternates
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.side import AnswerClass, Side
from probe.model.spell import Spell
from probe.model.witness import ClusterReading, ClusterWish, Wanted, Witnessed, Written, WrittenSet
from tests.judge.answers import V1_BALANCER, V2_BALANCER, ZONE, context, instant, plan
from tests.judge.caches import VPC, held
from tests.judge.zones import routed, simple


def flapping(cache: int | None) -> DomainStatus:
    past = tuple(
        Spell(place, instant(75.0 * number)) for number, place in enumerate((AnswerClass.V1, AnswerClass.V2) * 2)
    )
    server = ServerStatus(VPC, AnswerClass.V1, instant(300.0), instant(300.0), held(Position.V1, 60), run=1, past=past)
    record = RecordStatus(
        RecordType.A, RecordState.FLAPPING, instant(300.0), Position.V1, existed=True, servers=(server,), cache=cache
    )
    return DomainStatus(plan().domains[0], records=(record, RecordStatus(RecordType.AAAA, RecordState.ABSENT)))


def told_of(status: DomainStatus) -> tuple[str, Found]:
    told = alternates(status, instant(300.0), context())
    assert told is not None
    return told


def test_it_names_the_places_and_the_cache_and_no_cause() -> None:
    code, found = told_of(flapping(60))
    assert code == "flip-flop"
    assert found.sentence == "app.example.com (A) alternates, and the writer is not known."
    assert [fact.text for fact in found.facts] == [
        "A alternates between v1 and v2",
        f"Seen through a cache of at least 60 s: {SEEN_ALIKE}",
    ]


def test_with_authority_the_causes_of_a_fight_are_looked_for() -> None:
    assert alternates(flapping(None), instant(300.0), context()) is None


def in_zone(*sets: WrittenSet, private: bool = True) -> DomainStatus:
    written = Written(instant(290.0), is_current=True, zone=ZONE, is_private=private, sets=sets)
    return flapping(60)._replace(witnessed=Witnessed(written=written))


def test_the_zone_tells_weights_where_a_cache_does_not() -> None:
    code, found = told_of(in_zone(routed("one", V1_BALANCER, 90), routed("two", V2_BALANCER, 10)))
    assert (code, found.inferred) == ("flip-flop", True)
    assert found.sentence == "app.example.com (A) alternates, and Route 53 chooses between 2 record sets."
    assert 'The hosted zone has A "one" (weight 90) and A "two" (weight 10)' in [fact.text for fact in found.facts]
    assert "the hosted zone example.com has A" in found.evidence[0]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (in_zone(simple(V1_BALANCER)), "holds no sets of it between which Route 53 chooses"),
        (in_zone(routed("one", V1_BALANCER, 1), routed("two", V2_BALANCER, 1), private=False), SEEN_ALIKE),
        (in_zone(), SEEN_ALIKE),
    ],
    ids=["simple", "the public view", "nothing"],
)  # fmt: skip
def test_the_writer_stays_unknown_where_the_zone_has_no_sets(status: DomainStatus, words: str) -> None:
    code, found = told_of(status)
    assert code == "flip-flop"
    assert found.sentence.endswith("and the writer is not known.")
    assert words in found.facts[-1].text


@pytest.mark.parametrize(("registry", "code"), [(Registry.TXT, "fight-same-owner"), (Registry.NOOP, "flip-flop")])
def test_both_clusters_tell_a_fight_where_a_cache_does_not(registry: Registry, code: str) -> None:
    setup = ExternalDns("prod", registry=registry)
    wishes = tuple(
        ClusterWish(side, "ingress/shop/web", setup, "dns/external-dns", targets=(balancer,))
        for side, balancer in zip(Side, (V1_BALANCER, V2_BALANCER), strict=True)
    )
    readings = tuple(ClusterReading(side, instant(290.0), is_current=True, is_whole=True) for side in Side)
    status = flapping(60)._replace(witnessed=Witnessed(Wanted(readings, wishes)))
    named, found = told_of(status)
    assert (named, found.inferred) == (code, False)
    assert found.sentence == "app.example.com (A) alternates: both clusters want it, and overwrite each other."
    assert "v1 wants it by ingress/shop/web" in found.evidence[0]
    failing = Wanted(tuple(one._replace(is_current=False) for one in readings), wishes)
    assert told_of(status._replace(witnessed=Witnessed(failing)))[1].sentence.endswith("the writer is not known.")
