"""What is wrong with one of a zone's servers, as the others show."""

from probe.judge.context import Context
from probe.judge.domain import relevant
from probe.judge.findings.evidence import Found, word_by_word
from probe.judge.record.state import dissenters
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.outcome import FailureReason
from probe.model.record import RecordState, ServerStatus
from probe.model.text import listed

SILENT_AFTER = 180.0
"""Seconds without evidence from one server, while others give it, after which the server is reported."""

REFUSALS = 4
"""Consecutive answers without evidence (refused, lame, ...) beside that: such answers are not lost by chance."""

LOSSES = 12
"""Consecutive timeouts beside that: by chance at 20 % loss once in 2 * 10^8 turns, at 40 % once in 60,000."""

_LOST = frozenset({FailureReason.TIMEOUT, FailureReason.UNREACHABLE})
_UNSTEADY = frozenset({RecordState.FLAPPING, RecordState.WEIGHTED})


def server_divided(status: DomainStatus, at: Instant, _context: Context) -> Found | None:
    """A server that stands by another word than the confirmed one, or that is silent while others answer.

    When no server answers, none is accused: then it is the vantage that is blind. While one family flaps or
    is drawn by weights, no server is accused of what it says of the other: both are written in one batch.
    """
    names: dict[str, str] = {}
    unsteady = any(record.state in _UNSTEADY for record in status.records)
    for record in relevant(status):
        if record.state is RecordState.DIVIDED and record.position is not None and not unsteady:
            for server in dissenters(record):
                word = server.answer_class.value if server.answer_class is not None else "nothing"
                names[server.server.name] = (
                    f"{display(server.server.name)} keeps answering {word} for {record.rdtype.value}"
                )
        silent = [server for server in record.servers if _is_silent(server, at)]
        if len(silent) < len(record.servers):
            for server in silent:
                reason = server.failure.value if server.failure is not None else "silence"
                names.setdefault(server.server.name, f"{display(server.server.name)} gives no answer ({reason})")
    if not names:
        return None
    return Found(
        f"{display(status.domain.name)}: {listed(list(names.values()))}, while the other servers agree.",
        word_by_word(relevant(status)),
    )


def _is_silent(server: ServerStatus, at: Instant) -> bool:
    enough = LOSSES if server.failure in _LOST else REFUSALS
    return server.failures >= enough and (server.at is None or at.monotonic - server.at.monotonic >= SILENT_AFTER)
