"""What a health check says of the record sets that it decides about, by what its checkers saw."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

HEALTHY_SHARE = 0.18
"""Of a health check's checkers more than this have to see the endpoint healthy (developer guide, "How Amazon Route 53
determines whether a health check is healthy"): a fault between one region and the endpoint counts for nothing."""


class CheckHealth(NamedTuple):
    """What a health check says.

    Attributes:
        is_healthy: Whether Route 53 answers the record sets that name it; None where the API does not tell.
        why: By what, in a few words.
    """

    is_healthy: bool | None
    why: str


MISSING = CheckHealth(None, "no such health check exists: what Route 53 does then is not defined")
"""Of a record set whose health check was deleted."""


def health_of(config: Mapping[str, Any], statuses: Sequence[str]) -> CheckHealth:
    """Judge a health check as Route 53 does.

    Args:
        config: `HealthCheckConfig`.
        statuses: What each of its checkers saw last.
    """
    if config.get("Disabled"):
        return CheckHealth(not config.get("Inverted"), "it is disabled")
    if not statuses:
        return CheckHealth(None, f"the API does not tell the status of the type {config.get('Type')}")
    passing = sum(one.startswith("Success") for one in statuses)
    sees = passing / len(statuses) > HEALTHY_SHARE
    why = f"{passing} of {len(statuses)} checkers report success"
    return CheckHealth(not sees, f"{why}, inverted") if config.get("Inverted") else CheckHealth(sees, why)
