"""What an Alertmanager is owed at each look, and what it is told of an alert's beginning and end."""

from typing import Any

import pytest

from probe.model.alert import Patience
from probe.model.clock import Instant
from probe.model.plan import Alertmanager
from probe.notify.alert import Condition
from probe.notify.alertmanager import AlertmanagerReceiver, as_json
from probe.notify.book import Book, StandingAlert

REPEAT_SECONDS, BATCH, STANDS_FOR, RESOLVED_FOR = 60.0, 64, 240.0, 900.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

KEEP = 300.0
PATIENT = Patience(60.0, KEEP)
BEGAN = 1_800_000_000.0


def at(seconds: float) -> Instant:
    return Instant(BEGAN + seconds, seconds)


def standing(
    number: int = 0, severity: str = "critical", *, fired: bool = True, ended: float | None = None, link: str = ""
) -> StandingAlert:
    labels = (("alertname", "CutoverOutage"), ("domain", f"app-{number}.example.com"), ("severity", severity))
    condition = Condition(labels, "It is absent.", "", "https://x.example/r#outage", None, PATIENT, link)
    return StandingAlert(condition, BEGAN, fired, ended)


def book(*alerts: StandingAlert) -> Book:
    return {one.condition.labels: one for one in alerts}


def told(receiver: AlertmanagerReceiver, of: Book, seconds: float) -> list[int]:
    """Take what is owed at a moment, and give how many alerts each post tells."""
    parcels = receiver.owed(of, at(seconds))
    for parcel in parcels:
        parcel.taken(at(seconds))
    return [parcel.alerts for parcel in parcels]


@pytest.fixture
def receiver() -> AlertmanagerReceiver:
    return AlertmanagerReceiver(Alertmanager("https://am.example.com"))


def test_a_firing_alert_is_told_again_every_minute_and_not_before(receiver: AlertmanagerReceiver) -> None:
    of = book(standing())
    assert told(receiver, of, 0.0) == [1]
    assert told(receiver, of, REPEAT_SECONDS - 0.1) == []
    assert told(receiver, of, REPEAT_SECONDS) == [1]
    assert told(receiver, of, 2 * REPEAT_SECONDS - 0.1) == []


def test_what_was_not_taken_is_owed_at_the_next_look(receiver: AlertmanagerReceiver) -> None:
    assert [parcel.alerts for parcel in receiver.owed(book(standing()), at(0))] == [1]
    assert told(receiver, book(standing()), 1.0) == [1]


def test_an_end_is_told_at_once_and_one_that_was_never_told_to_begin_has_none(receiver: AlertmanagerReceiver) -> None:
    assert told(receiver, book(standing()), 0.0) == [1]
    over = standing(ended=1.0)
    assert told(receiver, book(over), 1.0 + KEEP - 0.1) == [1]  # kept: a minute is over since it was told
    assert told(receiver, book(over), 1.0 + KEEP) == [1]
    assert told(receiver, book(over), 1.0 + KEEP + RESOLVED_FOR) == []
    assert told(receiver, book(standing(1, fired=False), standing(2, fired=False, ended=1.0)), 5.0) == []


def test_what_left_the_book_is_told_anew_when_it_comes_back(receiver: AlertmanagerReceiver) -> None:
    assert told(receiver, book(standing()), 0.0) == [1]
    assert told(receiver, {}, 1.0) == []
    assert told(receiver, book(standing()), 2.0) == [1]


def test_many_alerts_go_out_in_batches_and_what_is_critical_first(receiver: AlertmanagerReceiver) -> None:
    warnings = [standing(number, "warning") for number in range(BATCH)]
    parcels = receiver.owed(book(*warnings, standing(BATCH)), at(0))
    assert [parcel.alerts for parcel in parcels] == [BATCH, 1]
    parcels[0].taken(at(0))
    assert [parcel.alerts for parcel in receiver.owed(book(*warnings, standing(BATCH)), at(1))] == [1]
    assert told(receiver, book(standing(BATCH)), 1.0) == []  # it stood in the first batch


def written(alert: StandingAlert, seconds: float) -> dict[str, Any]:
    (one,) = as_json([alert], at(seconds))
    return one


def test_a_firing_alert_ends_by_itself_after_four_minutes_in_which_it_is_not_told_again() -> None:
    assert STANDS_FOR == 4 * REPEAT_SECONDS
    assert written(standing(), 100.0) == {
        "labels": {"alertname": "CutoverOutage", "domain": "app-0.example.com", "severity": "critical"},
        "annotations": {
            "summary": "It is absent.",
            "description": "",
            "runbook_url": "https://x.example/r#outage",
        },
        "startsAt": "2027-01-15T08:00:00.000Z",
        "endsAt": "2027-01-15T08:05:40.000Z",
    }
    assert written(standing(ended=90.0), 100.0)["endsAt"] == "2027-01-15T08:05:40.000Z"  # it is kept


def test_one_that_is_over_ended_when_its_keeping_did_and_never_before_it_began() -> None:
    over = standing(ended=100.0)
    assert written(over, 100.0 + KEEP)["endsAt"] == "2027-01-15T08:06:40.000Z"
    assert written(over, 100.0 + KEEP + 500.0)["endsAt"] == "2027-01-15T08:06:40.000Z"
    assert written(over, 100.0 + KEEP + RESOLVED_FOR)["endsAt"] == "2027-01-15T08:06:40.000Z"  # its post came late
    stepped_back = at(100.0 + KEEP)._replace(wall=BEGAN - 3_600.0)
    assert as_json([over], stepped_back)[0]["endsAt"] == "2027-01-15T08:00:00.000Z"


def test_its_page_is_linked_where_there_is_one() -> None:
    assert written(standing(link="https://c.example.com"), 0.0)["generatorURL"] == "https://c.example.com"
