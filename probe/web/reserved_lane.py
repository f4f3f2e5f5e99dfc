"""Who gives way when more connections come than are wanted: health and metrics keep a lane of their own.

An idle connection costs its owner nothing and must not keep anybody out: the one that has been idle longest is closed
for the next that comes. When all are busy, some more are let in, on which only health and metrics are answered; and
when these are full as well, the one whose request is oldest goes, but no scrape that is under way: one of 10,000
domains takes seconds while 200 people open pages, and would be the oldest. So whoever asks now is always let in.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_CONNECTIONS = 128
"""Connections that are answered: a handful of Prometheis, people and health checks need far fewer."""

RESERVED = 16
"""Connections beyond these on which health and metrics are answered: more than two kubelets and four Prometheis."""

LANE = frozenset({"/-/healthy", "/-/ready", "/metrics"})


class Connection(Protocol):
    """What has to be known of a connection.

    Attributes:
        active: When it last brought something, in seconds of the loop.
    """

    active: float

    @property
    def idle(self) -> bool:
        """Whether no request of it is being answered."""

    @property
    def is_in_lane(self) -> bool:
        """Whether it is being answered about health or with metrics."""


C = TypeVar("C", bound=Connection)


def gives_way(others: Iterable[C]) -> tuple[C | None, bool]:
    """Tell which connection is closed for a new one, if any, and whether the new one is only for health and metrics.

    Args:
        others: Those that are open.
    """
    open_now = list(others)
    if len(open_now) < MAX_CONNECTIONS:
        return None, False
    idle = [one for one in open_now if one.idle]
    if idle:
        return min(idle, key=_active), False
    if len(open_now) < MAX_CONNECTIONS + RESERVED:
        return None, True
    others_than_lane = [one for one in open_now if not one.is_in_lane]
    # More of them than the lane has room for are no Prometheus': whoever holds so many must not keep the next one out.
    has_room = len(open_now) - len(others_than_lane) <= RESERVED
    return min(others_than_lane if has_room else open_now, key=_active), True


def _active(connection: Connection) -> float:
    return connection.active


class ReservedLane:
    """Answers nothing but health and metrics on connections that came when all others were busy.

    Args:
        app: Who answers on all other connections.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope.get("state", {}).get("crowded") and scope["path"] not in LANE:
            text = f"{MAX_CONNECTIONS} connections are busy already: try again a little later.\n"
            busy = PlainTextResponse(text, 503, {"Connection": "close", "Retry-After": "1"})
            await busy(scope, receive, send)
            return
        await self._app(scope, receive, send)
