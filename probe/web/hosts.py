"""Under which names the server may be asked: the answer to DNS rebinding.

A page of a stranger's site can let its own name lead to this server's address: the browser then takes both for one
site, and the page may read and reload. What gives it away is the Host header (RFC 9110 section 7.2), which has the
stranger's name. An address has no such name, so every one is let in: pods and port-forwards are asked by theirs.
"""

from collections.abc import Callable, Collection
from http import HTTPStatus
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from probe.web.problem import refusal

LOCALHOST = "localhost"
"""Browsers let it lead nowhere else (RFC 6761 section 6.3)."""


class KnownHosts:
    """Refuses what is asked under a name that nobody has given this server.

    Args:
        app: What is asked.
        names: The names, in lower case and without a trailing dot; looked at with every request.
    """

    def __init__(self, app: ASGIApp, names: Callable[[], Collection[str]]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            header = Headers(scope=scope).get("host")
            # Only HTTP/1.0 comes without (the parser sees to that), and no browser speaks it.
            if header is not None and not is_known(header, self._names()):
                text = (
                    "This server does not know the name that it was asked by. Ask it by its address, or name it with"
                    " `external_url` in the plan or --web.allowed-host."
                )
                await refusal(scope, text, HTTPStatus.MISDIRECTED_REQUEST)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_known(header: str, names: Collection[str]) -> bool:
    """Tell whether a Host header has an address, or one of the names; its port may be a port-forward's."""
    host = _host(header)
    return host == LOCALHOST or host in names or _is_address(host)


def _host(header: str) -> str:
    """Take the port off."""
    host = header.strip().lower()
    if host.startswith("["):
        inside, bracket, port = host[1:].partition("]")
        return inside if bracket and ":" in inside and _is_port(port) else ""
    name, _, port = host.partition(":")
    return name.removesuffix(".") if not port or port.isdecimal() else ""


def _is_port(text: str) -> bool:
    return not text or (text[0] == ":" and text[1:].isdecimal())


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
