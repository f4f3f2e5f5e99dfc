"""What has happened is kept, bounded, and read while it is written."""

import threading

from probe.model.confirmation import Break, Criterion
from probe.model.effect import (
    Effect,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TransitionConfirmed,
)
from probe.model.name import DomainName, canonical
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState, Transition
from probe.web.events import events
from probe.web.history import History
from tests.snapshots import NOW, SERVERS, ago, finding

EVENTS_KEPT = 96
MAX_REMEMBERED_DOMAINS = 20_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

NAME = canonical("shop.example.com")
FINDING = finding("outage", NAME, "It is gone.", since=95)


def moved(seconds_ago: float, rdtype: RecordType = RecordType.A, name: DomainName = NAME) -> TransitionConfirmed:
    return TransitionConfirmed(name, rdtype, Transition(ago(seconds_ago), Position.V1, Position.V2, reversal=False))


def changed(seconds_ago: float, rdtype: RecordType | None = None) -> StateChanged:
    return StateChanged(NAME, rdtype, RecordState.V1, RecordState.V2, ago(seconds_ago), "It leads to v2.")


def told(*effects: Effect) -> History:
    history = History()
    for effect in effects:
        history.observe(effect)
    return history


def test_the_changes_of_each_record_are_kept_apart() -> None:
    past = told(moved(20), moved(10, RecordType.AAAA), moved(5)).of(NAME)

    assert [one.at for one in past.transitions(RecordType.A)] == [ago(20), ago(5)]
    assert [one.at for one in past.transitions(RecordType.AAAA)] == [ago(10)]


def test_of_states_only_the_domains_own_are_kept() -> None:
    past = told(changed(20, RecordType.A), changed(10)).of(NAME)

    assert [event.at for event in past.events if isinstance(event, StateChanged)] == [ago(10)]


def test_what_is_kept_of_a_domain_is_bounded() -> None:
    history = told(
        *(moved(5_000 - number) for number in range(5 * EVENTS_KEPT)), *(changed(number) for number in range(500))
    )

    assert len(history.of(NAME).moves) == 2 * EVENTS_KEPT
    assert len(history.of(NAME).events) == EVENTS_KEPT
    assert history.of(NAME).moves[-1] == moved(5_000 - 5 * EVENTS_KEPT + 1)


def test_domains_that_were_not_heard_of_for_long_give_way() -> None:
    history = History()
    for number in range(MAX_REMEMBERED_DOMAINS + 10):
        history.observe(moved(1, name=canonical(f"d{number}.example.com")))

    assert history.of(canonical("d9.example.com")).moves == ()
    assert history.of(canonical("d10.example.com")).moves != ()


def test_everything_that_a_page_would_show_is_news_and_nothing_else() -> None:
    history = History()
    for effect in (moved(1), changed(1), FindingRaised(FINDING, NOW), FindingCleared(FINDING, NOW)):
        before = history.version
        history.observe(effect)
        assert history.version > before
    before = history.version
    history.observe(Surprised(NAME, Question(NAME, RecordType.A), SERVERS[0]))
    assert history.version == before


def test_events_are_told_in_words_the_newest_first() -> None:
    broken = Break(ago(30), Criterion.FINDINGS, "A finding is open.")

    past = told(
        changed(90),
        FindingRaised(FINDING, ago(80)),
        SoakBroken(NAME, broken, 600.0),
        FindingCleared(FINDING, ago(20)),
        SoakHeld(NAME, ago(10), 1_800.0),
    ).of(NAME)

    assert [(one.what, one.words) for one in events(past)] == [
        ("has held every criterion for 30 min", ""),
        ("outage is over", "It was open for 75 s."),
        ("the soak starts again after 10 min, broken by findings", "A finding is open."),
        ("outage (critical)", "It is gone."),
        ("v1 became v2", "It leads to v2."),
    ]


def test_it_is_read_while_it_is_written() -> None:
    history, done, failures = History(), threading.Event(), []

    def read() -> None:
        while not done.is_set():
            past = history.of(NAME)
            if len(past.transitions(RecordType.A)) != len(past.moves):
                failures.append(past)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(5_000):
        history.observe(moved(number))
    done.set()
    reader.join()

    assert failures == []
