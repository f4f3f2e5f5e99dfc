"""What telling Alertmanagers has cost, and what came of it."""

from typing import NamedTuple

from probe.model.word import Word


class NotificationFailure(Word):
    """Why a post brought nothing."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    """Status 4xx: credentials, or alerts that it does not take."""
    FAILED = "failed"
    """Any other status but 2xx."""


class NotificationCounts(NamedTuple):
    """One Alertmanager's counts since the start.

    Attributes:
        alertmanager: Its URL.
        sent: Alerts that it took, repetitions included.
        failures: Posts that brought nothing, by reason.
    """

    alertmanager: str
    sent: int = 0
    failures: tuple[tuple[NotificationFailure, int], ...] = ()
