"""What every response carries, and what no request may bring: pure ASGI, so that streamed bodies stay streams."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    # The pages load their own style sheet and script and nothing else; names out of DNS can never become code.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the names under migration are nobody else's business
    "Cross-Origin-Resource-Policy": "same-origin",
}

MAX_REQUEST_BODY = 1_024
"""Bytes of a request's body. Nothing here reads one; a client that sends a form's worth with a reload is let be."""


class StrictHeaders:
    """Adds the headers above, and `Cache-Control: no-store` where a response says nothing about caching.

    Args:
        app: Whose responses they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class SmallRequests:
    """Refuses a request that announces a large body, or one of unknown length, before anything is read of it.

    The connection ends with the refusal: what follows could be the body, or, to whoever stands in between and reads
    Content-Length where this server reads Transfer-Encoding, somebody else's request (RFC 9112 section 11.2).

    Args:
        app: Who answers all others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            length = headers.get("content-length", "0")
            if "transfer-encoding" in headers or not length.isdecimal() or int(length) > MAX_REQUEST_BODY:
                text = f"The request's body is too large: nothing here takes more than {MAX_REQUEST_BODY} bytes.\n"
                refusal = PlainTextResponse(text, 413, {"Connection": "close"})
                await StrictHeaders(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)
