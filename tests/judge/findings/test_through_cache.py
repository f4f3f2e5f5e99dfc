"""What is said of a record that changes to and fro behind a cache."""

from probe.judge.domain import SEEN_ALIKE
from probe.judge.findings.through_cache import alternates
from probe.model.domain import DomainStatus
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from probe.model.spell import Spell
from tests.judge.answers import instant, plan
from tests.judge.caches import VPC, held


def flapping(cache: int | None) -> DomainStatus:
    past = tuple(
        Spell(place, instant(75.0 * number)) for number, place in enumerate((AnswerClass.V1, AnswerClass.V2) * 2)
    )
    server = ServerStatus(VPC, AnswerClass.V1, instant(300.0), instant(300.0), held(Position.V1, 60), run=1, past=past)
    record = RecordStatus(
        RecordType.A, RecordState.FLAPPING, instant(300.0), Position.V1, existed=True, servers=(server,), cache=cache
    )
    return DomainStatus(plan().domains[0], records=(record, RecordStatus(RecordType.AAAA, RecordState.ABSENT)))


def test_it_names_the_places_and_the_cache_and_no_cause() -> None:
    found = alternates(flapping(60))
    assert found is not None
    assert found.sentence == "app.example.com (A) alternates, and the writer is not known."
    assert [fact.text for fact in found.facts] == [
        "A alternates between v1 and v2",
        f"Seen through a cache of at least 60 s: {SEEN_ALIKE}",
    ]


def test_with_authority_the_causes_of_a_fight_are_looked_for() -> None:
    assert alternates(flapping(None)) is None
