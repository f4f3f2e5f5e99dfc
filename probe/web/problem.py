"""Why a request is not answered: a page for browsers, a problem document for programs (RFC 9457), else a sentence."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Scope

from probe.web.facts.findings import Problem

API = "/api/"
"""Everything below it is answered to programs."""


def refusal(scope: Scope, text: str, status: int, page: Callable[[], str] | None = None) -> Response:
    """Say in the caller's form why it is not answered.

    Args:
        scope: The request.
        text: The sentence.
        status: The HTTP status code.
        page: Makes a page of it, for those who take one; None where there is none.
    """
    if scope["path"].startswith(API):
        problem = Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=text)
        return Response(problem.model_dump_json(), status, media_type="application/problem+json")
    if page is not None and "text/html" in Headers(scope=scope).get("accept", ""):
        return HTMLResponse(page(), status)
    return PlainTextResponse(text + "\n", status)
