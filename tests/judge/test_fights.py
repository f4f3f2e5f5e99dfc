"""What holds of fights whatever their times are: one change makes none, an end is an end, and order proves nothing."""

from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from probe.model.effect import FindingRaised
from probe.model.finding import Severity
from probe.model.question import ADDRESS_TYPES
from probe.model.record import Position, RecordState
from tests.judge.answers import SERVERS, at_position, observed
from tests.judge.ownership.owned import CAUSES, Owned, Txts, owned

V1, V2 = Position.V1, Position.V2
ROUND = 2.0
"""Seconds from one answer of a server to its next one."""
TXT_EVERY = 5
"""Rounds from one answer of a TXT name to its next one."""
BEGIN = 200.0

Changes = Sequence[tuple[float, Position]]
"""Since when the record leads where, in the order of time."""

owners = st.sampled_from(["default", "eks-v1", "eks-v2"])
sides = st.sampled_from([V1, V2])
lags = st.lists(st.floats(0, 50), min_size=len(SERVERS), max_size=len(SERVERS))


def place(changes: Changes, at: float) -> Position:
    return [position for since, position in changes if since <= max(at, 0.0)][-1]


def told(
    changes: Changes, until: float, txts: Callable[[float], Txts], behind: Sequence[float], order: Sequence[int]
) -> Owned:
    """Let each server answer as the record was `behind` seconds ago, in each round in this order."""
    story = Owned()
    turn = 0
    while story.at < until:
        if turn % TXT_EVERY == 0:
            story.tell(txts(story.at))
        for number in order:
            for rdtype in ADDRESS_TYPES:
                answer = at_position(place(changes, story.at - behind[number]), rdtype)
                story.story.hear(observed(answer, story.at, SERVERS[number], rdtype))
        story.story.wait(story.at)
        story.at += ROUND
        turn += 1
    return story


def critical(story: Owned) -> list[str]:
    return [
        effect.finding.code
        for effect in story.story.effects
        if isinstance(effect, FindingRaised) and effect.finding.severity is Severity.CRITICAL
    ]


@settings(max_examples=15, deadline=None)
@given(lags, st.permutations(range(len(SERVERS))), owners, owners, st.floats(-30, 30))
def test_a_single_change_never_makes_a_fight(
    behind: list[float], order: list[int], before: str, after: str, apart: float
) -> None:
    def txts(at: float) -> Txts:
        return owned(after if at > BEGIN + apart else before)

    story = told([(0.0, V1), (BEGIN, V2)], 420, txts, behind, order)
    assert not CAUSES & set(story.raised())
    assert critical(story) == []
    assert [record.state for record in story.story.status.records] == [RecordState.V2] * 2


@settings(max_examples=4, deadline=None)
@given(st.integers(15, 60), st.integers(15, 60), st.integers(20, 80), st.integers(1, 2))
def test_after_the_end_the_next_fight_needs_its_own_evidence(one: int, other: int, dwell: int, changes: int) -> None:
    story = Owned()
    mine = owned("default")
    story.stand(V1, 200, mine)
    for _ in range(4):
        story.stand(V2, one, mine)
        story.stand(V1, other, mine)
    for _ in range(60):
        story.stand(V1, 60, mine)
        if not CAUSES & story.story.codes:
            break
    assert not CAUSES & story.story.codes
    before = story.causes()
    for number in range(changes):
        story.stand((V2, V1)[number % 2], dwell, mine)
    assert story.causes() == before
    assert story.story.status.state is not RecordState.FLAPPING


@settings(max_examples=5, deadline=None)
@given(
    behind=st.lists(st.floats(0, 10), min_size=len(SERVERS), max_size=len(SERVERS)),
    order=st.permutations(range(len(SERVERS))),
    mutual=st.booleans(),
)
def test_the_order_of_servers_within_the_grace_time_does_not_change_a_cause(
    behind: list[float], order: list[int], *, mutual: bool
) -> None:
    changes = [(0.0, V1), *((BEGIN + 30 * number, (V2, V1)[number % 2]) for number in range(12))]

    def txts(at: float) -> Txts:
        return owned(f"eks-{place(changes, at)}" if mutual else "default")

    causes = [
        told(changes, BEGIN + 300, txts, seconds, turns).causes()[-1:]
        for seconds, turns in (
            (behind, range(len(SERVERS))),
            (behind, order),
            ([behind[1], behind[0], *behind[2:]], range(len(SERVERS))),
        )
    ]
    assert causes == [["fight-mutual-migration" if mutual else "fight-same-owner"]] * 3
