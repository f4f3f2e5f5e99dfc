"""Logs, as they are read by programs and by people at a terminal."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from probe.model.clock import Instant
from probe.model.confirmation import Break, Criterion
from probe.model.convergence import Stage
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.finding import Severity
from probe.model.name import canonical
from probe.model.plan import Expectation
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState, Transition
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import log_effect, printable, set_up
from tests.snapshots import NOW, SERVERS, finding

MAX_REMEMBERED = 1_024
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

NAME = canonical("app.example.com")
EVIL = "\x1b[31mred\x1b]0;title\x07\x00\r\n\x7f\x9b31m\u202eright-to-left\u2028"


@dataclass
class Still:
    """A clock that stands until a test moves it."""

    instant: Instant = NOW

    def now(self) -> Instant:
        return self.instant

    async def sleep(self, seconds: float) -> None:
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.instant = Instant(self.instant.wall + seconds, self.instant.monotonic + seconds)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _give_logging_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    libraries = {name: logging.getLogger(name).level for name in ("uvicorn", "httpx", "httpcore", "hpack")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in libraries.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def logger() -> structlog.stdlib.BoundLogger:
    bound: structlog.stdlib.BoundLogger = structlog.get_logger("probe.test")
    return bound


def events(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def effect_event(effect: Effect) -> dict[str, Any]:
    out = io.StringIO()
    set_up(Still(), LogLevel.DEBUG, stream=out)
    log_effect(logger(), effect)
    (event,) = events(out)
    return event


def test_logs_that_are_not_on_a_terminal_are_json_with_the_clocks_time() -> None:
    out = io.StringIO()
    set_up(Still(), stream=out)

    logger().info("started", domains=3)

    assert events(out) == [
        {
            "event": "started",
            "domains": 3,
            "level": "info",
            "logger": "probe.test",
            "timestamp": "2027-01-15T10:00:00.000Z",
        }
    ]


def test_logs_on_a_terminal_are_a_readable_line() -> None:
    out = Terminal()
    set_up(Still(), stream=out)

    logger().warning("slow", domain="app.example.com")

    assert not out.getvalue().startswith("{")
    assert "slow" in out.getvalue()
    assert "app.example.com" in out.getvalue()


@pytest.mark.parametrize(
    ("form", "out", "is_json"),
    [(LogFormat.JSON, Terminal(), True), (LogFormat.CONSOLE, io.StringIO(), False)],
)
def test_the_format_can_be_chosen(form: LogFormat, out: io.StringIO, *, is_json: bool) -> None:
    set_up(Still(), form=form, stream=out)

    logger().info("started")

    assert out.getvalue().startswith("{") is is_json


def test_the_level_holds_for_every_logger() -> None:
    out = io.StringIO()
    set_up(Still(), LogLevel.WARNING, stream=out)

    logger().info("quiet")
    logging.getLogger("asyncio").info("quiet")
    logger().error("loud")

    assert [event["event"] for event in events(out)] == ["loud"]


class _Full(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def write(self, _: str) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "begins"),
    [(MemoryError(), ""), (OSError(28, "No space left"), ""), (TypeError("ours"), "--- Logging error ---")],
)
def test_a_line_without_room_is_lost_and_nothing_in_another_form_is_written(
    error: Exception, begins: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(Still(), stream=_Full(error))
    logger().critical("memory has ended")
    assert next(iter(capsys.readouterr().err.splitlines()), "") == begins


def test_the_standard_librarys_logs_are_json_too_with_their_traceback() -> None:
    out = io.StringIO()
    set_up(Still(), stream=out)

    try:
        raise ValueError("broken")  # noqa: TRY301  # a traceback is what is wanted
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in %s application", "ASGI")

    (event,) = events(out)
    assert event["event"] == "Exception in ASGI application"
    assert event["level"] == "error"
    assert event["exception"].endswith("ValueError: broken")


def test_uvicorns_own_story_of_its_life_is_left_out() -> None:
    out = io.StringIO()
    set_up(Still(), stream=out)

    logging.getLogger("uvicorn.error").info("Started server process")

    assert out.getvalue() == ""


@pytest.mark.parametrize("level", [LogLevel.DEBUG, LogLevel.INFO])
def test_the_http_clients_word_on_every_question_is_left_out(level: LogLevel) -> None:
    out = io.StringIO()
    set_up(Still(), level, stream=out)

    logging.getLogger("httpx").info("HTTP Request: POST https://192.0.2.1/dns-query")
    logging.getLogger("httpcore.http2").debug("send_request_headers.started")

    assert out.getvalue() == ""


def test_a_second_set_up_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    set_up(Still(), stream=first)
    log = logger()
    log.info("one")
    set_up(Still(), stream=second)
    log.info("two")

    assert [event["event"] for event in events(first)] == ["one"]
    assert [event["event"] for event in events(second)] == ["two"]


def test_a_change_of_state_has_stable_keys() -> None:
    event = effect_event(
        StateChanged(NAME, RecordType.A, RecordState.V1, RecordState.FLAPPING, NOW, "It goes to and fro.")
    )

    assert event == {
        "event": "state_changed",
        "level": "info",
        "logger": "probe.test",
        "timestamp": "2027-01-15T10:00:00.000Z",
        "domain": "app.example.com",
        "record_type": "A",
        "before": "v1",
        "after": "flapping",
        "at": "2027-01-15T10:00:00.000Z",
        "sentence": "It goes to and fro.",
        "words": "A: v1 became flapping",
    }


def test_a_change_of_the_whole_domain_has_no_record_type() -> None:
    event = effect_event(StateChanged(NAME, None, RecordState.V1, RecordState.V2, NOW, "Moved."))

    assert event["record_type"] is None


@pytest.mark.parametrize(("reversal", "level"), [(False, "info"), (True, "warning")])
def test_a_transition_is_louder_when_it_goes_back(*, reversal: bool, level: str) -> None:
    transition = Transition(NOW, Position.V2, Position.V1, reversal)

    event = effect_event(TransitionConfirmed(NAME, RecordType.AAAA, transition))

    assert (event["event"], event["level"], event["reversal"]) == ("transition_confirmed", level, reversal)
    assert (event["record_type"], event["before"], event["after"]) == ("AAAA", "v2", "v1")


@pytest.mark.parametrize(
    ("severity", "level"),
    [(Severity.CRITICAL, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "info")],
)
def test_a_finding_is_as_loud_as_it_is_severe(severity: Severity, level: str) -> None:
    raised = finding("outage", "app.example.com", "It is gone.", severity=severity)

    event = effect_event(FindingRaised(raised, NOW))

    assert (event["event"], event["level"], event["code"]) == ("finding_raised", level, "outage")
    assert (event["domain"], event["sentence"]) == ("app.example.com", "It is gone.")
    assert event["remedy"] == raised.remedy


def test_a_finding_that_has_become_critical_is_told_as_loud_as_it_is_with_what_it_was() -> None:
    event = effect_event(FindingRaised(finding("family-split", "app.example.com", "Apart."), NOW, Severity.WARNING))

    assert (event["level"], event["severity"], event["before"]) == ("error", "critical", "warning")


def test_a_change_that_has_arrived_is_told_with_its_stage_and_its_time() -> None:
    event = effect_event(Converged(NAME, RecordType.A, Stage.ALL_RESOLVERS, 61.25, NOW))

    assert (event["event"], event["level"], event["record_type"]) == ("converged", "info", "A")
    assert (event["stage"], event["seconds"]) == ("all_resolvers", 61.2)


def test_a_finding_that_is_over_is_told_once_more() -> None:
    event = effect_event(FindingCleared(finding("outage", "app.example.com", "It is gone."), NOW))

    assert (event["event"], event["level"]) == ("finding_cleared", "info")


def test_a_broken_soak_is_a_warning_that_says_what_was_held() -> None:
    event = effect_event(SoakBroken(NAME, Break(NOW, Criterion.OWNERSHIP, "v1 owns it."), 61.26))
    assert (event["event"], event["level"], event["criterion"]) == ("soak_broken", "warning", "ownership")
    assert (event["held_seconds"], event["sentence"]) == (61.3, "v1 owns it.")
    assert effect_event(SoakHeld(NAME, NOW, 1800.0))["event"] == "soak_held"


def test_a_step_of_a_schedule_is_told() -> None:
    event = effect_event(ExpectationChanged("first", Expectation.V1, Expectation.MOVING, NOW))
    assert (event["event"], event["wave"], event["before"], event["after"]) == (
        "expectation_changed",
        "first",
        "v1",
        "moving",
    )


@pytest.mark.parametrize("effect", [Surprised(NAME, Question(NAME, RecordType.A), SERVERS[0]), TargetsDoubted(NAME)])
def test_what_the_probe_does_next_is_told_only_when_debugging(effect: Effect) -> None:
    assert effect_event(effect)["level"] == "debug"


def test_json_holds_hostile_text_in_escapes_alone() -> None:
    hostile = replace(finding("outage", "app.example.com", EVIL), remedy=EVIL)
    out = io.StringIO()
    set_up(Still(), stream=out)

    log_effect(logger(), FindingRaised(hostile, NOW))

    (line,) = out.getvalue().splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["sentence"] == EVIL


def test_hostile_text_never_reaches_the_terminal_as_control() -> None:
    out = io.StringIO()
    set_up(Still(), form=LogFormat.CONSOLE, stream=out)

    log_effect(logger(), FindingRaised(finding("outage", "app.example.com", EVIL), NOW))
    logger().info(EVIL, **{EVIL: EVIL}, several=(EVIL, {EVIL}))
    logging.getLogger("foreign").warning("%s", EVIL)
    try:
        raise ValueError(EVIL)  # noqa: TRY301  # a traceback is what is wanted
    except ValueError:
        logger().exception("failed")

    text = out.getvalue()
    assert r"\x1b[31mred\x1b]0;title\x07\x00\r\n\x7f\x9b31m\u202eright-to-left\u2028" in text
    assert {char for char in text if not char.isprintable()} <= {"\n"}
    assert "Traceback" in text


def test_a_line_break_in_hostile_text_cannot_fake_another_event() -> None:
    out = io.StringIO()
    set_up(Still(), form=LogFormat.CONSOLE, stream=out)

    logger().info("txt_read", value="v\n2027-01-15T10:00:00.000Z [error] finding_raised")

    assert len(out.getvalue().splitlines()) == 1


@given(st.text())
def test_printable_text_is_printable_and_loses_nothing(text: str) -> None:
    shown = printable(text)

    assert shown.isprintable()
    assert len({printable(text), printable(text + "\x1b"), printable(text + "\\x1b")}) == 3


def test_equal_events_are_told_once_a_minute_with_a_count() -> None:
    out, clock = io.StringIO(), Still()
    set_up(clock, stream=out)

    for _ in range(120):
        logger().warning("server_silent", server="192.0.2.1")
        clock.pass_by(1)
    logger().warning("server_silent", server="192.0.2.1")

    assert [event.get("repeated") for event in events(out)] == [None, 59, 59]


def test_equal_events_of_the_standard_library_are_counted_too() -> None:
    out, clock = io.StringIO(), Still()
    set_up(clock, stream=out)

    for _ in range(3):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    clock.pass_by(60)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    assert [event.get("repeated") for event in events(out)] == [None, 2]


def test_different_events_are_all_told() -> None:
    out = io.StringIO()
    set_up(Still(), stream=out)

    for number in range(50):
        logger().info("state_changed", domain=f"app-{number}.example.com")

    assert len(events(out)) == 50


def test_remembering_events_is_bounded() -> None:
    out = io.StringIO()
    set_up(Still(), stream=out)
    repeats = logging.getLogger().handlers[0].filters[0]

    for number in range(MAX_REMEMBERED + 100):
        logger().info("odd", number=number)

    assert len(repeats._told) == MAX_REMEMBERED  # type: ignore[union-attr]  # the bound has no public face
