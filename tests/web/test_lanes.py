"""Strips of time, drawn from what is remembered."""

from dataclasses import replace

from probe.model.clock import Instant
from probe.model.effect import StateChanged, TransitionConfirmed
from probe.model.journal import JournalStatus, Unwatched
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus, Transition
from probe.model.side import AnswerClass
from probe.model.spell import Spell
from probe.web.history import History, PastEvents
from probe.web.lanes import WIDTH, Lane, record_lanes, span_for, timeline
from tests.snapshots import NOW, ago, fleet, migration

CLOSE = 900.0
WIDE = 3600.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

NAME = fleet(1).domains[0].domain.name


def drawn(
    record: RecordStatus,
    *,
    running_for: float = 7_200,
    past: PastEvents | None = None,
    unwatched: tuple[Unwatched, ...] = (),
) -> list[tuple[int, int, str | None]]:
    """The strip of one record, in a daemon that has run for some seconds."""
    journal = JournalStatus(
        "j", writing=True, trouble="", entries=0, dropped=0, size=0, written=None, unwatched=unwatched
    )
    now = replace(fleet(1), started=ago(running_for), journal=journal)
    (lane,) = record_lanes(now.domains[0]._replace(records=(record,)), past or PastEvents(), now)
    return shapes(lane)


def shapes(lane: Lane) -> list[tuple[int, int, str | None]]:
    return [(part.start, part.width, part.word) for part in lane.stretches]


def record(*recent: Transition, transitions: int | None = None) -> RecordStatus:
    return RecordStatus(
        RecordType.A,
        RecordState.V2,
        ago(10),
        recent[-1].after if recent else Position.V2,
        recent=recent,
        transitions=len(recent) if transitions is None else transitions,
    )


def change(seconds_ago: float, before: Position, after: Position) -> Transition:
    return Transition(ago(seconds_ago), before, after, reversal=False)


def confirmed(transition: Transition) -> TransitionConfirmed:
    return TransitionConfirmed(NAME, RecordType.A, transition)


def test_a_record_that_never_changed_is_one_stretch() -> None:
    assert drawn(record()) == [(0, WIDTH, "v2")]


def test_a_change_half_an_hour_ago_is_in_the_middle() -> None:
    moved = change(1_800, Position.V1, Position.V2)

    assert drawn(record(moved)) == [(0, 500, "v1"), (500, 500, "v2")]


def test_changes_before_the_hour_are_not_drawn_but_where_they_led_is() -> None:
    old = change(5_000, Position.V1, Position.ABSENT)

    assert drawn(record(old)) == [(0, WIDTH, "absent")]


def test_the_time_before_the_probe_began_is_not_known() -> None:
    assert drawn(record(), running_for=900) == [(0, 750, None), (750, 250, "v2")]


def test_the_time_before_forgotten_changes_is_not_known() -> None:
    newest = change(1_800, Position.V1, Position.V2)

    assert drawn(record(newest, transitions=50)) == [(0, 500, None), (500, 500, "v2")]


def test_a_weighted_record_is_weighted_since_it_is_and_so_is_what_its_servers_say() -> None:
    split = record()._replace(state=RecordState.WEIGHTED, since=ago(1_800))
    assert drawn(split) == [(0, WIDTH // 2, "v2"), (WIDTH // 2, WIDTH // 2, "weighted")]
    now = fleet(1)
    (status,) = now.domains
    servers = tuple(
        ServerStatus(server.server, AnswerClass.V1, ago(5), ago(900)) for server in status.records[0].servers
    )
    shown = timeline(status._replace(records=(split._replace(servers=servers),)), PastEvents(), now, WIDE)
    lanes = next(lanes for name, lanes in shown.groups if name == "A")
    assert servers
    assert {lane.stretches[-1].word for lane in lanes} == {"weighted"}
    assert {part.word for lane in lanes[1:] for part in lane.stretches} <= {None, "weighted"}


def test_a_record_without_evidence_is_not_known() -> None:
    assert drawn(RecordStatus(RecordType.A)) == [(0, WIDTH, None)]


def test_a_change_at_this_very_moment_or_ahead_of_it_does_not_break_the_strip() -> None:
    ahead = Transition(Instant(NOW.wall + 5, NOW.monotonic + 5), Position.V1, Position.V2, reversal=False)

    assert drawn(record(ahead)) == [(0, WIDTH, "v1")]


def test_the_history_reaches_further_back_than_the_record_itself() -> None:
    first, second = change(2_700, Position.V1, Position.V2), change(1_800, Position.V2, Position.V1)
    past = PastEvents(moves=(confirmed(first), confirmed(second)))

    assert drawn(record(second, transitions=2), past=past) == [(0, 250, "v1"), (250, 250, "v2"), (500, 500, "v1")]


def test_a_record_that_was_resumed_knows_what_happened_before_this_process() -> None:
    first, second = change(2_700, Position.V1, Position.V2), change(900, Position.V2, Position.V1)
    past = PastEvents(moves=(confirmed(second),))

    told = drawn(record(first, second), past=past, running_for=1_200)

    assert told == [(0, 250, None), (250, 500, "v2"), (750, 250, "v1")]


def test_a_time_in_which_nobody_watched_is_not_known() -> None:
    gap = Unwatched(ago(1_800), ago(900))

    assert drawn(record(), unwatched=(gap,)) == [(0, 500, "v2"), (500, 250, None), (750, 250, "v2")]


def test_each_server_has_a_strip_of_its_own_changes() -> None:
    now = fleet(1)
    status = now.domains[0]
    server = (
        status.records[0]
        .servers[0]
        ._replace(answer_class=AnswerClass.V2, since=ago(900), past=(Spell(AnswerClass.NXDOMAIN, ago(2_700)),))
    )
    a = status.records[0]._replace(servers=(server,))

    of = timeline(status._replace(records=(a,)), PastEvents(), now, WIDE)

    (_, (_, lane)) = of.groups[1]
    assert (lane.label, lane.detail) == ("ns-11.awsdns-11.com.", "192.0.2.11")
    assert shapes(lane) == [(0, 250, None), (250, 500, "absent"), (750, 250, "v2")]
    assert lane.summary == "v2 from 09:45:00; 1 change shown"
    assert "absent" in of.words


def test_a_domain_has_a_strip_of_its_states() -> None:
    now = fleet(1)
    event = StateChanged(NAME, None, RecordState.V1, RecordState.FLAPPING, ago(1_800), "")

    of = timeline(now.domains[0], PastEvents(events=(event,)), now, WIDE)

    (_, (lane,)) = of.groups[0]
    assert shapes(lane) == [(0, 500, "v1"), (500, 500, "flapping")]


def test_a_fight_is_looked_at_more_closely_than_the_rest() -> None:
    spans = {status.state: span_for(status) for status in migration().domains}

    assert spans[RecordState.FLAPPING] == CLOSE < spans[RecordState.V2] == WIDE


def test_what_a_history_keeps_is_what_is_drawn() -> None:
    history = History()
    history.observe(confirmed(change(1_800, Position.V1, Position.V2)))

    assert drawn(record(transitions=1), past=history.of(NAME)) == [(0, 500, "v1"), (500, 500, "v2")]
