"""A soak as a drawing, also of what was never confirmed."""

import pytest

from probe.model.clock import Instant
from probe.model.record import RecordState
from probe.report.render import to_html, to_markdown
from probe.report.sign_off import DomainReport
from probe.report.timeline import Span, lanes
from tests.report.reports import BEGAN, held, report
from tests.snapshots import NOW

SPAN = Span(BEGAN, NOW)


def unconfirmed(since: Instant | None = None, *, turns: bool = True) -> DomainReport:
    """A domain whose records lead somewhere, as one of two servers says: nothing was ever confirmed."""
    domain = held()
    records = tuple(
        record._replace(state=RecordState.UNKNOWN, since=since, recent=(), transitions=0)
        for record in domain.status.records
    )
    return domain._replace(status=domain.status._replace(records=records), course=domain.course if turns else ())


@pytest.mark.case("F2")
def test_a_record_that_was_never_confirmed_has_a_lane_without_paint() -> None:
    assert [(lane.label, lane.stretches) for lane in lanes(unconfirmed(), SPAN)[:2]] == [("A", ()), ("AAAA", ())]


@pytest.mark.case("F2")
def test_a_soak_that_ended_before_its_first_look_has_lanes_without_paint() -> None:
    assert [lane.stretches for lane in lanes(unconfirmed(turns=False), SPAN)] == [(), (), ()]


@pytest.mark.case("F2")
def test_a_record_that_was_confirmed_at_the_very_end_is_drawn_without_width() -> None:
    assert lanes(unconfirmed(since=NOW), SPAN)[0].stretches == ()


@pytest.mark.case("F2")
@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_a_report_of_what_was_never_confirmed_is_written(write: object) -> None:
    text = write(report(unconfirmed(), unconfirmed(turns=False)))  # type: ignore[operator]  # parametrize hides the type
    assert "www.example.com" in text
