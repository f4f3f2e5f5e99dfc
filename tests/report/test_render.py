"""The report as it is written down: complete, escaped, and in need of nothing else."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.finding import FindingCode
from probe.report.readable import readable
from probe.report.render import markdown, to_html, to_markdown
from probe.report.sign_off import CANNOT_KNOW
from probe.report.timeline import WIDTH, Span, axis, breaks, lanes
from tests.report.reports import BEGAN, held, lost, report
from tests.snapshots import NOW

LONGEST = 2_000
MARKS = 6
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

BOTH = report(held(), lost(), outcome=CheckOutcome.FAIL, signed_by="R. Oncall <on@call>")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(text)
    return parser.tags


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_a_report_says_who_what_when_and_by_which_plan(write: object) -> None:
    text = write(BOTH)  # type: ignore[operator]  # parametrize hides the type
    for word in (
        "does not hold",
        "eu-central-1",
        "Cutover Probe 1.2.3",
        "3f2a" * 16,
        "2027-01-15 09:00:00 UTC",
        "2027-01-15 10:00:00 UTC",
        "www.example.com",
        "checkout.example.com",
        "networkaddress.cache.ttl",
        "3 earlier events are left out",
    ):
        assert word in text, word


def test_what_dns_cannot_know_is_in_every_report_whatever_came_of_it() -> None:
    for sentence in CANNOT_KNOW:
        assert markdown(sentence) in to_markdown(report(held()))


def test_html_loads_nothing_and_runs_nothing() -> None:
    told = tags(to_html(BOTH))
    assert not {tag for tag, _ in told} & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for tag, attributes in told:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "action", "xlink:href"}:
                assert value is not None
                assert value.startswith("#"), value
    assert "url(" not in to_html(BOTH)
    assert "default-src 'none'" in to_html(BOTH)


def test_html_escapes_what_dns_said() -> None:
    text = to_html(BOTH)
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7*7}}" in text  # a template expression of a stranger stays text


def test_markdown_takes_nothing_that_dns_said_for_markup() -> None:
    text = to_markdown(BOTH)
    assert "<script>" not in text
    assert r"\<script\>alert(1)\</script\>" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    columns = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert columns == {3, 4, 8}  # the facts, the criteria, the domains: no cell breaks its row


@pytest.mark.parametrize("code", list(FindingCode))
def test_what_is_to_be_done_is_never_cut(code: FindingCode) -> None:
    remedy = CATALOGUE[code].remedy
    assert readable(remedy) == remedy


@example("x" * (LONGEST + 1))
@given(st.text(max_size=600))
def test_readable_text_is_one_bounded_line_without_controls(text: str) -> None:
    line = readable(text)
    assert len(line) <= LONGEST
    assert line.isprintable() or not line


@given(st.text(alphabet="<>|`*_[]{}#~!&\\a", max_size=50))
def test_markdown_escapes_every_character_that_means_something(text: str) -> None:
    unescaped = re.sub(r"\\[\\`*_{}\[\]<>|#~!&]", "", markdown(text))
    assert re.fullmatch("a*", unescaped)


def drawings(text: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]  # noqa: S314  # our own text


def test_every_domain_has_its_timeline_drawn() -> None:
    drawn = drawings(to_html(BOTH))
    assert len(drawn) == 2
    first = drawn[0]
    words = [rect.get("class") for rect in first.iter("rect")]
    assert words == ["p-v1", "p-v2", "p-v1", "p-v2", "p-unknown", "p-fails", "p-passes"]
    assert [line.get("class") for line in drawn[1].iter("line")].count("break") == 1


SPAN = Span(BEGAN, NOW)


def test_a_lane_shows_where_a_record_led_and_when_that_changed() -> None:
    a, aaaa, criteria = lanes(held(), SPAN)
    assert [(part.start, part.width, part.word) for part in a.stretches] == [(0.0, 333.3, "v1"), (333.3, 666.7, "v2")]
    assert aaaa.stretches == a.stretches
    assert [part.word for part in criteria.stretches] == ["unknown", "fails", "passes"]
    assert a.stretches[1].title == "v2 from 09:20:00 UTC"


def test_a_break_is_marked_where_it_happened() -> None:
    (mark,) = breaks(lost(), SPAN)
    assert mark.place == pytest.approx(833.3)


@given(st.floats(0.0, 1_000_000.0))
def test_the_axis_names_few_round_moments_within_the_drawing(length: float) -> None:
    span = Span(BEGAN, Instant(BEGAN.wall + length, BEGAN.monotonic + length))
    marks = axis(span)
    assert len(marks) <= 2 * MARKS
    assert all(0 <= mark.place <= WIDTH for mark in marks)
    assert [mark.place for mark in marks] == sorted(mark.place for mark in marks)


def test_criteria_that_the_plan_cannot_judge_are_named() -> None:
    text = to_markdown(report(held()))
    assert "service, for www.example.com: the plan has no HTTPS check." in text
    assert "## Criteria that the plan gives no means to judge" in text
