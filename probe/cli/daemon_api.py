"""Asking running daemons over HTTP: where they are, whom they trust, and how much of an answer is taken.

What `gate` and `decommission` have in common.
"""

import asyncio
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

import click
import httpx

from probe.cli.errors import CommandError
from probe.cli.gate_answer import problem_detail
from probe.cli.url import url as url_of
from probe.config.mistakes import quoted
from probe.model.plan import Plan
from probe.report.readable import readable

F = TypeVar("F", bound=Callable[..., Any])

PASSWORD_VARIABLE = "CUTOVER_PROBE_PASSWORD"  # noqa: S105  # the name of the variable
SILENT_FOR = 10.0
"""Seconds for a connection, and for the next bytes of an answer: a wave of thousands of domains takes one.

Free by a factor of two: what it does not end, `WHOLE_WITHIN` does.
"""
WHOLE_WITHIN = 60.0
"""Seconds for one answer altogether: what comes byte by byte ends as well, and a pipeline with it."""
LARGEST = 64 * 1024 * 1024
"""Bytes of an answer: 10,000 domains with all of their criteria take a quarter of it."""
BYTES_A_VALUE = 8
"""That are taken for each value of it, told by commas and brackets before it is read: a value takes 64 bytes of memory
and more, so that 64 MiB of empty lists would be 1.4 GiB. The API's are some 20 bytes long."""

_OPTIONS = (
    click.option(
        "--url",
        "urls",
        multiple=True,
        metavar="URL",
        help="The daemon's URL, instead of the plan's `listen`; repeat it for every shard and every vantage.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="The CA certificates (PEM) that verify the daemon's, instead of the system's.",
    ),
    click.option(
        "--cert-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A client certificate (PEM).",
    ),
    click.option(
        "--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The client certificate's key."
    ),
    click.option("--user", metavar="NAME", help="The user name, where the daemon requires a password."),
    click.option(
        "--password-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help=f"A file with the password; without it, it is read from the variable {PASSWORD_VARIABLE}.",
    ),
)


class DaemonApi(NamedTuple):
    """Whom to ask for what: where it is, without a slash at the end, and the wave."""

    url: str
    wave: str

    @property
    def facts(self) -> str:
        """Where the wave's facts are."""
        return f"{self.url}/api/v1/waves/{quote(self.wave, safe='')}"


class DaemonAccess(NamedTuple):
    """Running daemons, and how to be let in."""

    urls: tuple[str, ...]
    trust: ssl.SSLContext
    auth: httpx.BasicAuth | None

    def client(self) -> httpx.AsyncClient:
        """Make what asks them."""
        # Not compressed: a few bytes could become any number of them, before they can be counted.
        identity = {"Accept-Encoding": "identity"}
        return httpx.AsyncClient(
            verify=self.trust,
            auth=self.auth,
            timeout=SILENT_FOR,
            headers=identity,
            trust_env=False,  # a proxy for the Internet must not read the password
        )

    def daemons(self, plan: Plan | None, wave: str) -> tuple[DaemonApi, ...]:
        """Give whom to ask about a wave.

        Raises:
            CommandError: The plan has no such wave.
        """
        if plan is not None and wave not in {one.name for one in plan.waves}:
            raise CommandError(
                f"The plan has no wave {quoted(wave)}. It has {', '.join(quoted(w.name) for w in plan.waves)}."
            )
        return tuple(DaemonApi(url, wave) for url in self.urls)


def daemon_options(command: F) -> F:
    """Let a command be told how to reach daemons; `access_to` takes what it is told."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def access_to(  # noqa: PLR0913  # one argument for each option
    plan: Plan | None,
    *,
    urls: tuple[str, ...],
    ca_file: Path | None,
    cert_file: Path | None,
    key_file: Path | None,
    user: str | None,
    password_file: Path | None,
) -> DaemonAccess:
    """Give the daemons that the options name, or that of the plan's `listen` without an address among them.

    Raises:
        CommandError: They name none, or a file cannot be used.
    """
    places = tuple(_checked(url) for url in urls or (_url_of(plan),))
    return DaemonAccess(places, _trust(ca_file, cert_file, key_file), _credentials(user, password_file))


def _url_of(plan: Plan | None) -> str:
    if plan is None:
        raise CommandError("Give the daemon's address: --url URL, or --config FILE for the plan's `listen`.")
    if plan.listen.port == 0:
        raise CommandError("The plan listens on any free port: give its address with --url.")
    return url_of(plan.listen.address, plan.listen.port)


def _checked(url: str) -> str:
    remedy = f"--url {quoted(url)}: write it as `https://probe.example.com:9953`."
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise CommandError(remedy) from error
    if parts.username is not None or parts.password is not None:
        raise CommandError("--url carries credentials, which others could read: use --user and --password-file.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandError(remedy)
    return url.rstrip("/")


def _trust(ca_file: Path | None, cert_file: Path | None, key_file: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
        if cert_file is not None:
            context.load_cert_chain(cert_file, key_file)
    except (ssl.SSLError, OSError) as error:
        raise CommandError(f"The certificates could not be loaded: {error.strerror or error}.") from error
    return context


def _credentials(user: str | None, password_file: Path | None) -> httpx.BasicAuth | None:
    if user is None:
        if password_file is not None:
            raise CommandError("--password-file needs --user.")
        return None
    if password_file is None:
        password = os.environ.get(PASSWORD_VARIABLE)
        if password is None:
            raise CommandError(f"--user needs a password: --password-file, or the variable {PASSWORD_VARIABLE}.")
        return httpx.BasicAuth(user, password)
    try:
        return httpx.BasicAuth(user, password_file.read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The password cannot be read from {quoted(password_file)}.") from error


class EndlessError(Exception):
    """The answer goes on and on."""


async def get(client: httpx.AsyncClient, address: str) -> httpx.Response:
    """Ask once.

    Raises:
        EndlessError: The answer is larger than any of the daemon's.
        httpx.HTTPError, httpx.InvalidURL: It could not be asked.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(WHOLE_WITHIN), client.stream("GET", address) as response:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise EndlessError("its answer is compressed, and could be of any size")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise EndlessError("its answer does not end")
    except TimeoutError as error:
        raise EndlessError(f"its answer does not end within {WHOLE_WITHIN:g} s") from error
    if sum(map(body.count, (b",", b"[", b"{"))) > LARGEST // BYTES_A_VALUE:
        raise EndlessError("its answer has more values than any of a daemon's")
    return httpx.Response(response.status_code, content=bytes(body))


def refusal(response: httpx.Response, daemon: DaemonApi) -> str:
    """Say in the daemon's own words why it gives no answer."""
    try:
        told = readable(problem_detail(response.content))
    except ValueError:
        told = f"HTTP {response.status_code}"
    return f"The daemon at {daemon.url} says: {told}"


def no_daemon(daemon: DaemonApi) -> str:
    """Say that something answers in its place, in a way that it never does."""
    return f"What answers at {daemon.url} is not this version's Cutover Probe."
