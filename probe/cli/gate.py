"""`cutover-probe gate`: asks a running daemon whether a wave is confirmed, for a deployment's hook or a CI job."""

import asyncio
import json
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx

from probe.cli.assembly import url as url_of
from probe.cli.errors import CommandError, ExitStatus, sentences
from probe.cli.gate_asking import ANSWER_WITHIN, Daemon, Word, ask, together
from probe.cli.options import Duration
from probe.config.load import load
from probe.config.mistakes import quoted
from probe.model.plan import Plan
from probe.runtime.clock import SystemClock

PASSWORD_VARIABLE = "CUTOVER_PROBE_PASSWORD"  # noqa: S105  # the name of the variable


@click.command("gate")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The plan file: tells where the daemon listens, and the daemon has to have taken over exactly this file.",
)
@click.option("--wave", required=True, metavar="WAVE", help="Which wave.")
@click.option(
    "--url",
    "urls",
    multiple=True,
    metavar="URL",
    help="Where the daemon is, instead of the plan's `listen`; repeat it for every shard and every vantage.",
)
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
    urls: tuple[str, ...],
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
    Several daemons, shards or vantages, have to confirm it all.

    \b
    Exit status: 0 it is confirmed; 2 something was seen that does not hold; 3 not enough evidence yet (it is soaking,
    or cannot be seen); 1 the daemon could not be asked. With --wait, 2 and 3 are said only after that time.

    \b
    Examples:
      cutover-probe gate --config plan.yaml --wave internal-tools --wait 45m
      cutover-probe gate --url https://probe.example.com --wave internal-tools --user ci --output json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    plan = load(file) if file is not None else None
    daemons = [Daemon(_checked(url), wave) for url in urls or (_url_of(plan),)]
    if plan is not None and wave not in {one.name for one in plan.waves}:
        raise CommandError(
            f"The plan has no wave {quoted(wave)}. It has {', '.join(quoted(w.name) for w in plan.waves)}."
        )
    trust, auth = _trust(ca_file, cert_file, key_file), _credentials(user, password_file)

    async def asked() -> tuple[Word, ...]:
        async with httpx.AsyncClient(verify=trust, auth=auth, timeout=ANSWER_WITHIN) as client:
            return await ask(client, daemons, None if plan is None else plan.digest, wait, SystemClock())

    words = asyncio.run(asked())
    word = together(words)
    if output == "json":
        told = [
            {"url": daemon.url, "exit_status": int(one.status), "reason": one.reason, "facts": one.facts}
            for daemon, one in zip(daemons, words, strict=True)
        ]
        document = {"wave": wave, "exit_status": int(word.status), "reason": word.reason, "daemons": told}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(word.reason, err=word.status is ExitStatus.FAILED)
    ctx.exit(word.status)


def _url_of(plan: Plan | None) -> str:
    if plan is None:
        raise CommandError("Say where the daemon is: --url URL, or --config FILE for the plan's `listen`.")
    if plan.listen.port == 0:
        raise CommandError("The plan listens on any free port: say --url to tell which one it was.")
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
