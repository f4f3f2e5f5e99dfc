"""Telling receivers directly: what came of it, what it has cost, and what a template of a message may say."""

from typing import NamedTuple

from probe.model.word import Word


class NotificationFailure(Word):
    """Why a post brought nothing."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    """Status 4xx: credentials, or alerts that it does not take."""
    THROTTLED = "throttled"
    """Status 429, or 503 with Retry-After: it is told again when it wants to be, within bounds."""
    FAILED = "failed"
    """Any other status but 2xx."""


class NotificationCounts(NamedTuple):
    """One receiver's counts since the start.

    Attributes:
        receiver: An Alertmanager's URL, or a webhook's name: the URL of a webhook may be a secret.
        sent: Alerts that it took, repetitions included.
        failures: Posts that brought nothing, by reason.
    """

    receiver: str
    sent: int = 0
    failures: tuple[tuple[NotificationFailure, int], ...] = ()


class Placeholder(Word):
    """What may stand in braces in a webhook's template."""

    STATUS = "status"
    """`firing` or `resolved`."""
    ALERTNAME = "alertname"
    SEVERITY = "severity"
    SUBJECT = "subject"
    """The domain; of an alert about servers their hosted zone, of one about the probe its vantage."""
    DOMAIN = "domain"
    WAVE = "wave"
    CODE = "code"
    VANTAGE = "vantage"
    SUMMARY = "summary"
    """What happens, and whom to stop."""
    DESCRIPTION = "description"
    """What happens, what to do in order with the command, the facts, and the newest evidence."""
    BEGAN = "began"
    """When it began, in UTC."""
    PAGE = "page"
    """The URL of the page that shows it; empty without an `external_url`."""
    RUNBOOK = "runbook"
    LINKS = "links"
    """Page and runbook, as the format writes links."""
