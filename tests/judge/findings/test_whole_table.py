"""The whole table: what a record does, how it is written, through what it is seen, and what the plan declares of it.

For each combination stands here what a user is told: the finding's code, or why it is right that there is none, with
what `check` says then. A member that is added anywhere and stands in no table fails a test.

`make test` plays every world through everything that it is seen through under every declaration, which is what a word
hangs on; the forms take turns. `make scenarios` plays each in every form.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from operator import itemgetter
from typing import NamedTuple

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.model.check import CheckOutcome
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.plan import Expectation, Routing, Weights
from probe.model.record import Position, RecordState
from tests.judge.table import STANDING, TRAVELS, Cell, Column, Form, Through, World, drawn_beside, exists, play
from tests.scenarios.matrix import FULL


class Right(NamedTuple):
    """Why it is right that nothing is found, and what `check` says then."""

    why: str
    outcomes: tuple[CheckOutcome, ...] = (CheckOutcome.PASS,)


Word = FindingCode | Right
Row = Mapping[str, Word]

COLUMNS: Mapping[str, Column] = {
    "v1": Column(Expectation.V1),
    "v2": Column(Expectation.V2),
    "moving": Column(Expectation.MOVING),
    "half": Column(Expectation.WEIGHTED, Weights(50, 50)),
    "all v1": Column(Expectation.WEIGHTED, Weights(100, 0)),
    "all v2": Column(Expectation.WEIGHTED, Weights(0, 100)),
    "failover": Column(Expectation.V2, routing=Routing.FAILOVER),
    "latency": Column(Expectation.V2, routing=Routing.LATENCY),
    "geolocation": Column(Expectation.V2, routing=Routing.GEOLOCATION),
    "multivalue": Column(Expectation.V2, routing=Routing.MULTIVALUE),
}
ROUTED = ("failover", "latency", "geolocation", "multivalue")
USERS_ASK = DomainName("www.example.com.")
"""The proxy's name before an origin."""

OPEN = (CheckOutcome.UNKNOWN,)
EXPECTED = Right("It stands where the plan expects it.")
EITHER = Right("Either side is expected while it moves.")
CHOSEN = Right("By the declared routing Route 53 chooses between the sides, and changes its mind.")
ON_ITS_WAY = Right(
    "A change on its way is told by the state, and holds nothing: it ends on a side or as a finding.", OPEN
)
DOUBTED = Right(
    "An address that no load balancer shows yet is doubted for 130 s, as one that grows answers so: the state's "
    "sentence tells it, and nothing holds.",
    OPEN,
)
MOVING = Right("A move on its way is what is expected.")
NOT_CREATED = Right(
    "A name that never was is told by the state, and fails: it is yet to be created.", (CheckOutcome.FAIL,)
)
DRAWN = Right(
    "It is drawn as declared; `check` waits until the answers that tell the share are in.", (*OPEN, CheckOutcome.PASS)
)


def same(word: Word) -> Row:
    """Give a row that says one thing whatever is declared."""
    return dict.fromkeys(COLUMNS, word)


def routed(word: Word) -> Row:
    return dict.fromkeys(ROUTED, word)


CODE = FindingCode
ON_V1: Row = {
    "v1": EXPECTED,
    "v2": CODE.LAGGARD,
    "moving": EITHER,
    "half": CODE.WEIGHTS_ONE_SIDED,
    "all v1": EXPECTED,
    "all v2": CODE.WEIGHTS_OFF,
    **routed(CHOSEN),
}
ON_V2: Row = {
    "v1": CODE.PREMATURE,
    "v2": EXPECTED,
    "moving": EITHER,
    "half": CODE.WEIGHTS_ONE_SIDED,
    "all v1": CODE.WEIGHTS_OFF,
    "all v2": EXPECTED,
    **routed(CHOSEN),
}
TABLE: Mapping[World, Row] = {
    World.V1: ON_V1,
    World.V2: ON_V2,
    World.MIXED: {**same(CODE.MIXED_TARGET), "multivalue": CHOSEN},
    World.FOREIGN: same(CODE.FOREIGN_TARGET),
    World.BESIDE: same(CODE.FOREIGN_TARGET),
    World.NEVER: same(NOT_CREATED),
    World.GONE: same(CODE.OUTAGE),
    World.DEAD: same(CODE.DEAD_TARGET),
    World.SPLIT: {**same(CODE.FAMILY_SPLIT), **routed(CHOSEN)},
    World.BACK: {**ON_V1, "v2": CODE.REVERTED},
    World.TURNS: {**same(CODE.FLIP_FLOP), **routed(CHOSEN)},
    World.COMES: same(CODE.OUTAGE),
    World.STAYS: {**same(CODE.SERVER_DIVIDED), **routed(CHOSEN)},
    World.TRAVELS: {**same(ON_ITS_WAY), "moving": MOVING, **routed(CHOSEN)},
    World.TRAVELS_ABSENT: same(ON_ITS_WAY),
    World.TRAVELS_FOREIGN: {
        **ON_V1,
        **dict.fromkeys(("v1", "moving", "all v1", *ROUTED), DOUBTED),
    },
    World.TRAVELS_MIXED: {**same(ON_ITS_WAY), "multivalue": CHOSEN},
    World.DRAWN: {
        **same(CODE.WEIGHTS_UNDECLARED),
        "half": DRAWN,
        "all v1": CODE.WEIGHTS_OFF,
        "all v2": CODE.WEIGHTS_OFF,
        **routed(CHOSEN),
    },
    World.DRAWN_ABSENT: same(CODE.OUTAGE),
    World.DRAWN_FOREIGN: same(CODE.FOREIGN_TARGET),
    World.DRAWN_MIXED: {**same(CODE.MIXED_TARGET), "multivalue": CHOSEN},
    World.BEATS: {**same(CODE.FLIP_FLOP), **routed(CHOSEN)},
}

FEW = Right(
    "A cache gives one answer a TTL: too few have come since the change to tell the share, and it holds nothing.", OPEN
)
UNTOLD = Right(
    "Behind a cache nothing tells turns from declared draws: `check` holds nothing until the share is told.", OPEN
)
TAKEN_FOR_DRAWS: Row = {"half": UNTOLD, "all v1": CODE.WEIGHTS_OFF, "all v2": CODE.WEIGHTS_OFF}
"""Where weights are declared, each fetch of a cache is a draw; a side without weight is never drawn."""

CACHED: Mapping[World, Row] = {
    World.BACK: {**TABLE[World.BACK], "half": FEW},
    World.TURNS: {**TABLE[World.TURNS], **TAKEN_FOR_DRAWS},
    World.TRAVELS: {**TABLE[World.TRAVELS], "half": CODE.WEIGHTS_OFF, "all v2": CODE.WEIGHTS_OFF},
    World.TRAVELS_ABSENT: {
        **TABLE[World.TRAVELS_ABSENT],
        **dict.fromkeys(("half", "all v1", "all v2"), CODE.OUTAGE),
    },
    World.TRAVELS_MIXED: {
        **TABLE[World.TRAVELS_MIXED],
        **dict.fromkeys(("half", "all v1", "all v2"), CODE.MIXED_TARGET),
    },
    World.DRAWN: {**TABLE[World.DRAWN], **dict.fromkeys(("v1", "v2", "moving"), CODE.FLIP_FLOP)},
    World.BEATS: {**TABLE[World.BEATS], **dict.fromkeys(("half", "all v1", "all v2"), CODE.WEIGHTS_OFF)},
}
"""What caches of a private zone let be seen otherwise: one answer a TTL, drawn or written, and no telling which."""

FORMS: Mapping[Through, Sequence[Form]] = {
    Through.SERVERS: tuple(Form),
    Through.WILDCARD: (Form.BOTH, Form.CNAME),
    Through.CACHES: (Form.BOTH, Form.CNAME),
}


def plays(*, full: bool) -> Iterable[tuple[World, Form, Through, Sequence[str]]]:
    """Give which columns each world is played under, in each form and through everything: all, or each in one form."""
    for (number, world), (through, all_forms) in product(enumerate(World), FORMS.items()):
        forms = [form for form in all_forms if exists(world, form)]
        for place, form in enumerate(forms):
            columns = [name for turn, name in enumerate(COLUMNS) if full or (turn + number) % len(forms) == place]
            yield world, form, through, columns


def word(cell: Cell, column: str) -> Word:
    row = CACHED.get(cell.world, TABLE[cell.world]) if cell.through is Through.CACHES else TABLE[cell.world]
    return row[column]


@pytest.mark.long
@pytest.mark.parametrize(
    ("world", "form", "through", "columns"),
    [pytest.param(*one, id=f"{one[0].name}-{one[1].name}-{one[2].name}") for one in plays(full=FULL)],
)
def test_a_user_is_told_of_every_combination_or_it_is_right_that_nothing_is_said(
    world: World, form: Form, through: Through, columns: Sequence[str]
) -> None:
    for name in columns:
        cell = Cell(world, form, through, COLUMNS[name])
        status = play(cell).status
        told, codes = verdict(status).outcome, {finding.code for finding in status.findings}
        match word(cell, name):
            case Right(_, outcomes):
                assert codes == set(), cell
                assert told in outcomes, cell
            case code:
                assert code in codes, f"{cell}: {status.state.value} and {sorted(codes)}"
                assert told is CheckOutcome.FAIL, cell


def test_every_word_is_heard_and_every_form_is_played_in_every_world_and_under_every_declaration() -> None:
    sample, every = (
        {(world, form, through, name) for world, form, through, columns in plays(full=full) for name in columns}
        for full in (False, True)
    )
    assert sample < every
    for triple in (itemgetter(0, 2, 3), itemgetter(0, 1, 2), itemgetter(1, 2, 3)):
        assert set(map(triple, sample)) == set(map(triple, every))


def test_every_combination_has_its_word() -> None:
    assert set(TABLE) == set(World)
    assert all(set(row) == set(COLUMNS) for row in (*TABLE.values(), *CACHED.values()))


def test_every_member_of_what_is_judged_stands_in_the_table() -> None:
    """A place, a routing or an expectation that is added has to be given its row or its column."""
    drawn = {beside for world in World if (beside := drawn_beside(world)) is not None}
    assert set(STANDING.values()) == set(Position)
    assert set(TRAVELS.values()) == drawn == set(Position) - {Position.V1}
    assert {column.expectation for column in COLUMNS.values()} == set(Expectation)
    assert {column.routing for column in COLUMNS.values()} == {None, *Routing}
    assert FORMS.keys() == set(Through)
    assert {form for forms in FORMS.values() for form in forms} == set(Form)


STATES: Mapping[RecordState, World] = {
    RecordState.V1: World.V1,
    RecordState.V2: World.V2,
    RecordState.WEIGHTED: World.DRAWN,
    RecordState.PROPAGATING: World.TRAVELS,
    RecordState.FLAPPING: World.TURNS,
    RecordState.DIVIDED: World.STAYS,
    RecordState.ABSENT: World.GONE,
    RecordState.FOREIGN: World.FOREIGN,
}
"""The world in which each state is reached; `unknown` is that of no answer, in which no finding is raised."""


def test_every_state_is_reached_by_a_world() -> None:
    assert set(STATES) == set(RecordState) - {RecordState.UNKNOWN}
    for state, world in STATES.items():
        assert play(Cell(world, Form.BOTH, Through.SERVERS, COLUMNS["moving"])).status.state is state


@pytest.mark.parametrize("world", [World.V1, World.MIXED, World.FOREIGN, World.GONE, World.DEAD, World.SPLIT])
def test_an_origin_behind_a_proxy_is_told_of_like_any_name(world: World) -> None:
    column = COLUMNS["v2"]
    cells = [Cell(world, Form.BOTH, Through.SERVERS, one) for one in (column, column._replace(proxied=USERS_ASK))]
    bare, proxied = (play(cell).status for cell in cells)
    assert proxied.findings == bare.findings
    assert proxied.findings
    assert verdict(proxied) == verdict(bare)
