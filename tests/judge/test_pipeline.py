"""The pipeline of a verdict: its stages, and that each has what it needs when its turn comes."""

from collections.abc import Callable
from importlib import import_module

import pytest

from probe.judge.pipeline import PIPELINE, conclude
from probe.judge.state import DomainState
from probe.model.domain import DomainStatus
from probe.model.outcome import Response
from probe.model.plan import Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import SERVERS, at_position, context, instant, observed
from tests.judge.story import Story, owned

BROUGHT: tuple[tuple[str, ...], ...] = (
    ("shares",),
    ("lacked",),
    ("state", "since"),
    ("expected_since",),
    ("sentence",),
    ("flip_period",),
    ("cached_answers", "resolvers", "convergences", "drain"),
    ("findings",),
    ("confirmation",),
    ("decommission",),
)
"""What each stage brings up to date, in the table's order."""


def moved() -> DomainState:
    """A domain that was on v1 and is on v2, with what follows from that left to be concluded."""
    story = Story(Expectation.V2)
    story.stand(Position.V1, 0, 60)
    story.stand(Position.V2, 67, 400)
    stale = story.status._replace(
        state=RecordState.UNKNOWN, since=None, expected_since=None, sentence="", findings=(), drain=None
    )
    return story.state.with_status(stale)


def test_every_stage_says_why_it_stands_where_it_does() -> None:
    assert len(PIPELINE) == len(BROUGHT)
    assert all(stage.reason for stage in PIPELINE)


@pytest.mark.parametrize("number", range(len(PIPELINE)))
def test_a_stage_changes_its_own_part_and_nothing_else(number: int) -> None:
    before = moved()
    for stage in PIPELINE[:number]:
        before = stage.conclude(before, instant(410), context())
    after = PIPELINE[number].conclude(before, instant(410), context()).status
    changed = {name for name in DomainStatus._fields if getattr(after, name) != getattr(before.status, name)}
    assert changed <= set(BROUGHT[number])


def test_of_a_calm_domain_caches_and_the_soak_go_on_alone_and_every_other_stage_gives_the_state_itself() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 400)
    calm = conclude(story.state, instant(400), context())
    anew = {
        brought
        for stage, brought in zip(PIPELINE, BROUGHT, strict=True)
        if stage.conclude(calm, instant(405), context()) is not calm
    }
    assert anew == {BROUGHT[6], BROUGHT[8]}


def test_concluding_twice_at_one_moment_changes_nothing_more() -> None:
    once = conclude(moved(), instant(410), context())
    assert conclude(once, instant(410), context()) == once


def test_a_judgement_looks_for_each_owner_once_and_reads_alike_answers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rules and a criterion ask who owns the records; four servers of a zone answer them alike."""
    story = Story(Expectation.V1)
    answers = {rdtype: at_position(Position.V1, rdtype) for rdtype in ADDRESS_TYPES}
    for turn in range(10):
        for number, server in enumerate(SERVERS):
            for rdtype, answer in answers.items():
                form = answer.in_form(f"m{number}", bytes([turn]))
                story.hear(observed(form, 7.0 * turn, server, rdtype))
        for txt in story.status.txts:
            rrset = owned("default").answer[0]._replace(name=txt.name)
            told = Response("NOERROR", authoritative=True, answer=(rrset,))
            story.hear(observed(told, 7.0 * turn, SERVERS[0], RecordType.TXT, txt.name))
        story.wait(7.0 * turn)
    assert (story.status.state, story.codes) == (RecordState.V1, set())
    asked = {
        "probe.judge.ownership.lookup._reads": len(ADDRESS_TYPES),  # by one ExternalDNS: no name names another owner
        "probe.judge.propagation.cached.lifetime": len(ADDRESS_TYPES),
        "probe.judge.findings.positions.follow": len(ADDRESS_TYPES),
        "probe.judge.findings.hazard._moved_at": 1,
        "probe.judge.findings.servers.undrawn": 0,  # no server differs, and none is silent
    }
    for rdtype, answer in answers.items():
        story.hear(observed(answer.in_form("m9", b""), 70.0, SERVERS[0], rdtype))
    counts = {place: counted(monkeypatch, place) for place in asked}
    story.state = story.state.judged_at(None)  # or the soak would go on alone
    story.wait(71.0)
    assert {place: len(calls) for place, calls in counts.items()} == asked


def counted(monkeypatch: pytest.MonkeyPatch, place: str) -> list[object]:
    """Note every call of a function from now on, where a module has it by this name."""
    module, _, name = place.rpartition(".")
    function = getattr(import_module(module), name)
    calls: list[object] = []

    def noted(*arguments: object) -> object:
        calls.append(arguments)
        return function(*arguments)

    monkeypatch.setattr(place, noted)
    return calls


def without(number: int) -> Callable[[DomainState], DomainState]:
    def folded(state: DomainState) -> DomainState:
        for stage in (*PIPELINE[:number], *PIPELINE[number + 1 :], PIPELINE[number]):
            state = stage.conclude(state, instant(410), context())
        return state

    return folded


@pytest.mark.parametrize("number", [2, 3, 7], ids=["state", "expectation", "findings"])
def test_a_stage_that_comes_last_instead_of_in_its_place_gives_another_verdict(number: int) -> None:
    assert without(number)(moved()) != conclude(moved(), instant(410), context())
