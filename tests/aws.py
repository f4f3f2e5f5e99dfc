"""Route 53 over HTTP without AWS: moto's server, the lab's, and an environment in which no credentials are found."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest

from probe.inventory.reading.route53_api import is_possible
from probe.lab.http_server import HttpServer
from probe.lab.route53_api.api import Route53Api
from probe.model.clock import Clock
from probe.route53.account import Route53
from tests.handled_http import Handler, handled
from tests.patience import HANG
from tests.real import do_without

KEY_ID, SECRET, SESSION = "AKIAEXAMPLEEXAMPLE00", "a-secret-that-nobody-may-see", "a-session-token-that-nobody-may-see"


def require_boto3() -> None:
    """Skip the test where boto3 is not installed (fail it with REQUIRE_REAL=1)."""
    if not is_possible():
        do_without("boto3 is not installed: tests against Route 53's API cannot run")


def client_error(code: str, operation: str, status: int = 400, message: str = "") -> Exception:
    """Make boto3's error of an answer."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  # the extra may be missing

    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error: Exception = ClientError(answer, operation)
    return error


def no_answer(kind: str, **parts: Any) -> Exception:
    """Make one of boto3's errors that come before any answer."""
    from botocore import exceptions  # noqa: PLC0415  # as above

    error: Exception = getattr(exceptions, kind)(**parts)
    return error


def without_credentials(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """See to it that neither a variable, nor a file, nor a machine's role gives credentials."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def with_credentials(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Give credentials by the environment, and a Route 53 to ask."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ROUTE_53", endpoint)


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's server on a free port of loopback; gives its URL."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  # as above

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        # Its zones are the process', from other tests as well.
        httpx.post(f"{url}/moto-api/reset", timeout=HANG).raise_for_status()
        yield url
    finally:
        server.stop()


@contextmanager
def repeating(status: int, answer: str) -> Iterator[str]:
    """Run what is no AWS on a free port of loopback; gives its URL.

    Args:
        status: Of every answer.
        answer: Its body, with `{echo}` for the request's head and `{root}` for the element of a list of zones.
    """

    class Repeating(Handler):
        def requested(self) -> None:
            self.content()
            echo = escape(" ".join(f"{name}: {value}" for name, value in self.headers.items()))
            self.respond(status, answer.format(echo=echo, root="ListHostedZonesResponse").encode())

    with handled(Repeating) as url:
        yield url


@contextmanager
def lab_server(route53: Route53, clock: Clock) -> Iterator[str]:
    """Run the lab's Route 53 in a thread of its own; gives its URL. It throttles by the clock that it is handed."""
    ready = threading.Event()
    stopping: list[asyncio.Event] = []
    urls: list[str] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        server = HttpServer(Route53Api(route53, clock, throttle=True).app())
        urls.append(await server.start())
        stopping.append(asyncio.Event())
        loops.append(asyncio.get_running_loop())
        ready.set()
        await stopping[0].wait()
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(HANG)
        yield urls[0]
    finally:
        loops[0].call_soon_threadsafe(stopping[0].set)
        thread.join()
