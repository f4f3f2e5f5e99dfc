"""Reading dashboards: their panels, their queries, and these with values for Grafana's variables."""

from collections.abc import Iterator
from typing import Any


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Go through the panels that show data, those in rows included."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def queries(board: dict[str, Any]) -> Iterator[str]:
    """Go through the queries of all panels."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield target["expr"]


def with_values(query: str, *, domain: str, interval: str = "20s") -> str:
    """Put in what Grafana would: everything of the variables with several choices, one domain, and a span of time."""
    return (
        query.replace('=~"$domain"', '=~".*"')
        .replace("$domain", domain)
        .replace("$vantage", ".*")
        .replace("$wave", ".*")
        .replace("$__rate_interval", interval)
    )
