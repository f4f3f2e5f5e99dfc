"""`cutover-probe gate`: asks a running daemon whether a wave is confirmed, for a deployment's hook or a CI job."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from probe.cli.asking import access_to, daemon_options
from probe.cli.errors import ExitStatus, sentences
from probe.cli.gate_asking import Word, ask, together
from probe.cli.options import Duration
from probe.config.load import load
from probe.runtime.clock import SystemClock


@click.command("gate")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The plan file: tells where the daemon listens, and the daemon has to have taken over exactly this file.",
)
@click.option("--wave", required=True, metavar="WAVE", help="Which wave.")
@daemon_options
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
@click.pass_context
@sentences
def gate(
    ctx: click.Context,
    /,
    file: Path | None,
    wave: str,
    wait: float,
    output: str,
    **options: Any,
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
    access = access_to(plan, **options)
    daemons = access.daemons(plan, wave)

    async def asked() -> tuple[Word, ...]:
        async with access.client() as client:
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
