"""Any hours of a domain's past: which are asked for, and the page that has them."""

import pytest

from probe.model.effect import StateChanged, TransitionConfirmed
from probe.model.journal import EventsPage, EventsQuery
from probe.model.name import canonical
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, Transition
from probe.web.looking import Looking, text
from tests.snapshots import NOW, ago
from tests.web.markup import Page
from tests.web.ports import Far, get

PAGE = 100
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

NAME = "checkout.example.com"
MOVED = TransitionConfirmed(
    canonical(NAME), RecordType.A, Transition(ago(3_600), Position.V1, Position.V2, reversal=False)
)


def test_eight_hours_are_what_is_shown_unless_something_else_is_asked_for() -> None:
    assert Looking.read({}, NOW.wall) == (NOW.wall - 28_800, NOW.wall, None, 8)
    assert Looking.read({"hours": "1"}, NOW.wall).since == NOW.wall - 3_600


def test_two_moments_in_utc_are_taken_as_they_are_and_one_alone_is_open() -> None:
    wanted = Looking.read({"since": text(NOW.wall - 60), "until": text(NOW.wall)}, NOW.wall + 5)
    assert wanted[:2] == (NOW.wall - 60, NOW.wall)
    assert Looking.read({"since": text(NOW.wall - 60)}, NOW.wall).until == NOW.wall
    assert Looking.read({"until": text(NOW.wall)}, NOW.wall).since == 0.0


@pytest.mark.parametrize(
    "given",
    [
        {"hours": "-1"},
        {"hours": "9" * 40},
        {"hours": "\u0664"},
        {"since": "yesterday"},
        {"before": "x"},
        {"since": "0001-01-01T00:00:00+23:59"},
        {"hours": "9999999999"},
        {"until": "9999-12-31T23:59:59"},
    ],
)
def test_whatever_makes_no_sense_narrows_nothing_and_never_fails(given: dict[str, str]) -> None:
    answer = get(f"/domains/{NAME}/events", params=given)
    assert answer.status_code == 200
    assert Page(answer.text).faults == []


@pytest.mark.case("E5")
def test_the_page_has_the_journals_events_and_leads_to_older_ones() -> None:
    asked: list[EventsQuery] = []

    def events(query: EventsQuery) -> EventsPage:
        asked.append(query)
        record = StateChanged(canonical(NAME), RecordType.A, RecordState.V1, RecordState.V2, NOW, "left out")
        return EventsPage((record, MOVED), 77)

    page = Page(get(f"/domains/{NAME}/events?hours=8&before=99", Far(events=events)).text)

    assert asked == [EventsQuery(NOW.wall - 28_800, NOW.wall, 99, PAGE)]
    assert "2027-01-15 09:00:00 UTC A went from v1 to v2" in page.text
    assert "left out" not in page.text
    (older,) = [one["href"] for one in page.all("a") if one.get("rel") == "next"]
    assert (
        older
        == f"?since={text(NOW.wall - 28_800).replace(':', '%3A')}&until={text(NOW.wall).replace(':', '%3A')}&before=77"
    )


def test_without_a_journal_what_is_remembered_is_shown_and_said_to_be() -> None:
    far = Far()
    far.history.observe(StateChanged(canonical(NAME), None, RecordState.V1, RecordState.V2, NOW, "It moved."))
    text_of = Page(get(f"/domains/{NAME}/events", far).text).text
    assert "It moved." in text_of
    assert "this is what this process remembers" in text_of
