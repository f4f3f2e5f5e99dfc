"""`cutover-probe gate`: asks a running daemon whether a wave is confirmed, for a deployment's hook or a CI job."""

import asyncio
import json
import os
import ssl
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import click
import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from probe.cli.assembly import url as url_of
from probe.cli.errors import CommandError, ExitStatus, sentences
from probe.cli.options import Duration
from probe.config.load import load
from probe.config.mistakes import quoted
from probe.judge.wording import duration
from probe.model.clock import Clock
from probe.model.plan import Plan
from probe.model.status import Standing
from probe.report.render import readable
from probe.runtime.clock import SystemClock
from probe.web.facts.findings import Problem

PASSWORD_VARIABLE = "CUTOVER_PROBE_PASSWORD"  # noqa: S105  # the name of the variable
POLL = 2.0
"""Seconds between two questions while waiting: the answer changes with the daemon's answers, every few seconds."""
ANSWER_WITHIN = 10.0
"""Seconds for one answer: a wave of thousands of domains takes one."""
LARGEST = 64 * 1024 * 1024
"""Bytes of an answer: 10,000 domains with all of their criteria take a quarter of it."""


class Answer(BaseModel):
    """What the daemon says of the wave, as far as it counts here: `/api/v1/waves/NAME`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    confirmed: bool
    standing: Standing
    sentence: str
    held: float
    blind: bool
    plan_digest: str


class Word(NamedTuple):
    """What is known: the exit status, why in one sentence, and the daemon's own facts if it gave any."""

    status: ExitStatus
    reason: str
    facts: dict[str, Any] | None = None


@click.command("gate")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The plan file: tells where the daemon listens, and the daemon has to have taken over exactly this file.",
)
@click.option("--wave", required=True, metavar="WAVE", help="Which wave.")
@click.option("--url", metavar="URL", help="Where the daemon is, instead of the plan's `listen`.")
@click.option(
    "--wait",
    type=Duration(positive=False),
    default="0s",
    show_default=True,
    metavar="DURATION",
    help="How long to wait for the wave to be confirmed, such as 45m.",
)
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="A sentence, or JSON."
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificates (PEM) that the daemon's is trusted by, instead of the system's.",
)
@click.option(
    "--cert-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A certificate (PEM) to show to it.",
)
@click.option(
    "--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="That certificate's key."
)
@click.option("--user", metavar="NAME", help="Who asks, where the daemon wants a password.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=f"A file with the password; without it, it is read from the variable {PASSWORD_VARIABLE}.",
)
@click.pass_context
@sentences
def gate(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    file: Path | None,
    wave: str,
    url: str | None,
    wait: float,
    output: str,
    ca_file: Path | None,
    cert_file: Path | None,
    key_file: Path | None,
    user: str | None,
    password_file: Path | None,
) -> None:
    """Ask a running daemon whether a wave is confirmed. It asks over HTTP alone, and probes nothing.

    Confirmed is a wave of which every domain has been seen to hold every criterion for the plan's `soak`. With --config
    the daemon has to have taken over that very file, byte for byte: a hook must not go by the plan of an hour ago.

    \b
    Exit status: 0 it is confirmed; 2 something was seen that does not hold; 3 not enough evidence yet (it is soaking,
    or cannot be seen); 1 the daemon could not be asked. With --wait, 2 and 3 are said only after that time.

    \b
    Examples:
      cutover-probe gate --config plan.yaml --wave internal-tools --wait 45m
      cutover-probe gate --url https://probe.example.com --wave internal-tools --user ci --output json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    plan = load(file) if file is not None else None
    address = _address(plan, url, wave)
    trust, auth = _trust(ca_file, cert_file, key_file), _credentials(user, password_file)
    digest = None if plan is None else plan.digest

    async def asked() -> Word:
        async with httpx.AsyncClient(verify=trust, auth=auth, timeout=ANSWER_WITHIN) as client:
            return await confirmed(client, address, digest, wait, SystemClock())

    word = asyncio.run(asked())
    if output == "json":
        document = {"wave": wave, "url": address, "exit_status": int(word.status), "reason": word.reason}
        click.echo(json.dumps({**document, "facts": word.facts}, indent=2))
    else:
        click.echo(word.reason, err=word.status is ExitStatus.FAILED)
    ctx.exit(word.status)


def _address(plan: Plan | None, url: str | None, wave: str) -> str:
    if url is None:
        if plan is None:
            raise CommandError("Say where the daemon is: --url URL, or --config FILE for the plan's `listen`.")
        if plan.listen.port == 0:
            raise CommandError("The plan listens on any free port: say --url to tell which one it was.")
        url = url_of(plan.listen.address, plan.listen.port)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CommandError(f"--url {quoted(url)}: write it as `https://probe.example.com:9953`.")
    if parts.username is not None or parts.password is not None:
        raise CommandError("--url carries credentials, which others could read: use --user and --password-file.")
    if plan is not None and wave not in {one.name for one in plan.waves}:
        raise CommandError(
            f"The plan has no wave {quoted(wave)}. It has {', '.join(quoted(w.name) for w in plan.waves)}."
        )
    return f"{url.rstrip('/')}/api/v1/waves/{quote(wave, safe='')}"


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


async def confirmed(client: httpx.AsyncClient, address: str, digest: str | None, wait: float, clock: Clock) -> Word:
    """Ask until the wave is confirmed or the time is up; what waiting cannot change ends it at once.

    Args:
        client: Asks, with whatever it takes to be answered.
        address: The wave's facts.
        digest: Of the plan that the daemon has to go by; None takes any.
        wait: Seconds.
        clock: Paces the questions.
    """
    enough = clock.now().monotonic + wait
    while True:
        word, final = await _ask(client, address, digest)
        left = enough - clock.now().monotonic
        if final or word.status is ExitStatus.HOLDS or left <= 0:
            return word
        await clock.sleep(min(POLL, left))


async def _ask(client: httpx.AsyncClient, address: str, digest: str | None) -> tuple[Word, bool]:
    """Ask once; tell also whether the answer would be the same however long one waited."""
    try:
        response = await _get(client, address)
    except (httpx.HTTPError, httpx.InvalidURL, _EndlessError) as error:
        why = readable(str(error)) or type(error).__name__
        return Word(ExitStatus.FAILED, f"The daemon at {address} could not be asked: {why}."), False
    if response.status_code == httpx.codes.NOT_FOUND:
        # The daemon may not have taken over the plan with this wave yet: with --wait, give it the time.
        return Word(ExitStatus.FAILED, _refusal(response, address)), digest is None
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        told = f"The daemon at {address} wants another user or password (HTTP {response.status_code})."
        return Word(ExitStatus.FAILED, told), True
    if response.status_code != httpx.codes.OK:
        return Word(ExitStatus.FAILED, _refusal(response, address)), False
    try:
        wave = Answer.model_validate_json(response.content)
        facts = json.loads(response.content)
    except (ValidationError, ValueError):
        return Word(ExitStatus.FAILED, f"What answers at {address} is not this version's Cutover Probe."), False
    return _judge(wave, digest)._replace(facts=facts), False


class _EndlessError(Exception):
    """The answer goes on and on."""


async def _get(client: httpx.AsyncClient, address: str) -> httpx.Response:
    async with client.stream("GET", address) as response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise _EndlessError("its answer does not end")
    return httpx.Response(response.status_code, content=bytes(body))


def _refusal(response: httpx.Response, address: str) -> str:
    try:
        told = readable(Problem.model_validate_json(response.content).detail)
    except ValidationError:
        told = f"HTTP {response.status_code}"
    return f"The daemon at {address} says: {told}"


def _judge(wave: Answer, digest: str | None) -> Word:
    sentence = readable(wave.sentence)
    if digest is not None and wave.plan_digest != digest:
        return Word(
            ExitStatus.UNKNOWN,
            f"The daemon goes by another plan than this file (it has {readable(wave.plan_digest[:12])}, the file is "
            f"{digest[:12]}): it has not taken it over yet, or refused it.",
        )
    if wave.blind:
        return Word(ExitStatus.UNKNOWN, f"The daemon reaches no server at present. Before that: {sentence}")
    if wave.standing is Standing.FAILS:
        return Word(ExitStatus.DOES_NOT_HOLD, sentence)
    if wave.confirmed and wave.standing is Standing.PASSES:
        return Word(ExitStatus.HOLDS, sentence)
    seen = f" It was seen to hold for {duration(wave.held)} before." if wave.standing is Standing.UNKNOWN else ""
    return Word(ExitStatus.UNKNOWN, f"{sentence}{seen}")
