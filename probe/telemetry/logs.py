"""Structured logs: JSON for machines, a readable line on a terminal, and nothing hostile in either.

Everything that logs in this process goes through here, uvicorn and asyncio included: structlog's loggers hand over to
the standard library's, and one handler renders both.
"""

import logging
import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, TextIO, assert_never

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from probe.model.clock import Clock
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
from probe.model.effect_text import describe
from probe.model.finding import Finding, Severity
from probe.model.name import display
from probe.model.text import rfc3339
from probe.telemetry.log_choice import LogFormat, LogLevel

REPEAT_SECONDS = 60.0
"""An event that says word for word the same as one before is told once in this time, with the count of what was left
out: often enough to see that it goes on, seldom enough that a broken client cannot fill a disk."""

MAX_REMEMBERED = 1_024
"""Different events remembered for that; the oldest is forgotten first, and at worst told once more."""

_TALKATIVE = ("uvicorn", "httpx", "httpcore", "hpack")
"""Libraries of which only warnings are told. uvicorn tells of its start and end, which the daemon does in its own
words; the others tell of every request, and a DoH resolver gets one for every question."""

_SPARED = {"\t", "\n"}
"""What a traceback may keep."""


_LEVELS: Mapping[Severity, int] = {
    Severity.CRITICAL: logging.ERROR,
    Severity.WARNING: logging.WARNING,
    Severity.INFO: logging.INFO,
}


class _LogHandler(logging.StreamHandler[TextIO]):
    """Loses a line for which there is no room, in memory or where it goes to.

    The library would write its own complaint there, in a form that no reader of the log expects.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        if not isinstance(sys.exc_info()[1], MemoryError | OSError):
            super().handleError(record)


def set_up(
    clock: Clock, level: LogLevel = LogLevel.INFO, form: LogFormat = LogFormat.AUTO, stream: TextIO | None = None
) -> None:
    """Send every log of this process to `stream` (standard error without one).

    Calling it again replaces what was set up before.
    """
    out = stream or sys.stderr
    console = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and out.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow={"repeated"}),
        _Timestamps(clock),
        structlog.processors.format_exc_info,
    ]
    rendering: list[Processor] = [ProcessorFormatter.remove_processors_meta]
    if console:
        colors = out.isatty()
        # plain_traceback, because the traceback has become text above, where it can be made safe.
        plain = structlog.dev.plain_traceback
        rendering += [make_printable, structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    else:
        rendering.append(structlog.processors.JSONRenderer())
    handler = _LogHandler(out)
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=shared, processors=rendering))
    handler.addFilter(Repeats(clock))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(root.level, logging.WARNING))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a second set_up must reach loggers that were used before
    )


def log_effect(logger: structlog.stdlib.BoundLogger, effect: Effect) -> None:
    """Write one event for what a review found, with stable keys; what people are told of it stands in `words`."""
    text = describe(effect)
    level, facts = _facts(effect)
    if text is None:
        logger.log(level, _OF_THE_ENGINE[type(effect)], **facts)
    else:
        logger.log(level, text.event, **facts, words=text.words)


_OF_THE_ENGINE: Mapping[type, str] = {Surprised: "surprised", TargetsDoubted: "targets_doubted"}
"""What only the engine acts on: people are not told of it, and it is logged for those who look into the engine."""


def _facts(effect: Effect) -> tuple[int, dict[str, Any]]:  # noqa: C901  # one case for each effect
    """Give the level of an effect's event, and its keys."""
    facts: dict[str, Any]
    level = logging.INFO
    match effect:
        case StateChanged(domain, rdtype, before, after, at, sentence):
            kind = None if rdtype is None else rdtype.value
            facts = {"domain": display(domain), "record_type": kind, "before": before.value, "after": after.value}
            facts |= {"at": rfc3339(at), "sentence": sentence}
        case TransitionConfirmed(domain, rdtype, change):
            level = logging.WARNING if change.reversal else logging.INFO
            facts = {"domain": display(domain), "record_type": rdtype.value, "before": change.before.value}
            facts |= {"after": change.after.value, "reversal": change.reversal, "uncovered": change.uncovered}
            facts |= {"at": rfc3339(change.at)}
        case FindingRaised(finding, at, until_now):
            level, facts = _LEVELS[finding.severity], {"at": rfc3339(at), **_finding(finding)}
            facts |= {"before": until_now.value} if until_now is not None else {}
        case FindingCleared(finding, at):
            facts = {"at": rfc3339(at), **_finding(finding)}
        case Converged(domain, rdtype, stage, seconds, at):
            facts = {"domain": display(domain), "record_type": rdtype.value, "stage": stage.value}
            facts |= {"seconds": round(seconds, 1), "at": rfc3339(at)}
        case Surprised(domain, question, server):
            level = logging.DEBUG
            facts = {"domain": display(domain), "question": f"{display(question.name)} {question.rdtype.value}"}
            facts |= {"server": display(server.name), "address": server.address}
        case TargetsDoubted(domain):
            level, facts = logging.DEBUG, {"domain": display(domain)}
        case SoakBroken(domain, broken, held):
            level = logging.WARNING
            facts = {"domain": display(domain), "criterion": broken.criterion.value, "held_seconds": round(held, 1)}
            facts |= {"at": rfc3339(broken.at), "sentence": broken.sentence}
        case SoakHeld(domain, at, held):
            facts = {"domain": display(domain), "held_seconds": round(held, 1), "at": rfc3339(at)}
        case ExpectationChanged(wave, before, after, at):
            facts = {"wave": wave, "before": before.value, "after": after.value, "at": rfc3339(at)}
        case _:
            assert_never(effect)
    return level, facts


def printable(text: str, *, spared: set[str] | frozenset[str] = frozenset()) -> str:
    r"""Write every character that a terminal could obey (C0, DEL, C1, bidirectional and line controls) as an escape.

    A backslash is doubled, so that text which contains `\x1b` as letters reads differently from an escape character.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(
        char if char in spared or (char.isprintable() and char != "\\") else char.encode("unicode_escape").decode()
        for char in text
    )


def make_printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Make a console event's keys and values safe to print; a traceback keeps its lines."""
    return {
        printable(str(key)): printable(value, spared=_SPARED) if key in {"exception", "stack"} else _safe(value)
        for key, value in event.items()
    }


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return printable(repr(value))


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "domain": display(finding.domain),
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "facts": "; ".join(f"{fact.label.value}: {fact.text}" for fact in finding.facts),
    }


class _Timestamps:
    """Stamps events with the one clock's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["timestamp"] = rfc3339(self._clock.now())
        return event


class Repeats(logging.Filter):
    """Lets the first of equal events through, and then one in REPEAT_SECONDS with a count of the others.

    Args:
        clock: Tells when the next one is let through.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()  # a handler's filters run before it takes its own
        self._told: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether `record` is to be written; it gets `repeated` when others like it were not."""
        now = self._clock.now().monotonic
        key = f"{record.name} {record.levelno} {_words(record)}"
        with self._lock:
            at, left_out = self._told.get(key, (now - REPEAT_SECONDS, 0))
            if now - at < REPEAT_SECONDS:
                self._told[key] = (at, left_out + 1)
                return False
            self._told[key] = (now, 0)
            self._told.move_to_end(key)
            if len(self._told) > MAX_REMEMBERED:
                self._told.popitem(last=False)
        if left_out and isinstance(record.msg, dict):
            record.msg["repeated"] = left_out
        elif left_out:
            record.repeated = left_out
        return True


def _words(record: logging.LogRecord) -> str:
    if isinstance(record.msg, dict):
        return repr(sorted((key, value) for key, value in record.msg.items() if key != "timestamp"))
    return record.getMessage()
