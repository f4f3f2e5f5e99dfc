"""`cutover-probe gate`: asks a running daemon whether a wave is confirmed, for a deployment's hook or a CI job."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from probe.cli.clocks import tell_of_clocks
from probe.cli.daemon_api import access_to, daemon_options
from probe.cli.errors import ExitStatus, sentences
from probe.cli.gate_query import DaemonReply, ask, together
from probe.cli.options import Duration, output_option, plan_of_daemon_option
from probe.cli.waiting import Waiting
from probe.model.plan import Plan
from probe.runtime.clock import SystemClock


@click.command("gate")
@plan_of_daemon_option
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
@output_option("text", "A sentence, or JSON.")
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
    plan = None if file is None else _read_plan(file)
    access = access_to(plan, **options)
    daemons = access.daemons(plan, wave)
    clock = SystemClock()
    waiting = Waiting(clock)

    async def asked() -> tuple[DaemonReply, ...]:
        async with access.client() as client:
            digest = None if plan is None else plan.digest
            return await ask(client, daemons, digest, wait, clock, tell=lambda one: waiting.show(one.check.sentence))

    replies = asyncio.run(asked())
    reply = together(replies)
    told_at = [(daemon.url, one.at) for daemon, one in zip(daemons, replies, strict=True) if one.at]
    tell_of_clocks(told_at, clock.now().wall)
    if output == "json":
        told = [
            {"url": daemon.url, "exit_status": int(one.status), "reason": one.check.sentence, "facts": one.facts}
            for daemon, one in zip(daemons, replies, strict=True)
        ]
        document = {"wave": wave, "exit_status": int(reply.status), "reason": reply.check.sentence, "daemons": told}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(reply.check.sentence, err=reply.status is ExitStatus.FAILED)
    ctx.exit(reply.status)


def _read_plan(file: Path) -> Plan:
    from probe.cli.plans import read_plan  # noqa: PLC0415  # reading a plan takes as long to load as all the rest

    return read_plan(file)
