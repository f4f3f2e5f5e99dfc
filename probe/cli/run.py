"""`cutover-probe run`: the daemon."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import structlog

from probe.cli.assembly import assemble, log_effects, serve, url
from probe.cli.errors import sentences
from probe.cli.options import config_option, endpoint, log_options
from probe.config.load import load
from probe.model.plan import Endpoint, Plan
from probe.runtime.clock import SystemClock
from probe.runtime.daemon import Daemon
from probe.runtime.interpreter import collect_garbage, tune
from probe.runtime.reload import Reloader
from probe.telemetry.logs import LogFormat, LogLevel, set_up


@click.command("run")
@config_option
@click.option(
    "--listen",
    metavar="ADDRESS:PORT",
    callback=endpoint,
    help="Where the status page, the API and the metrics are served, instead of the plan's `listen`.",
)
@log_options(LogLevel.INFO)
@click.pass_context
@sentences
def run(ctx: click.Context, file: Path, listen: Endpoint | None, log_level: str, log_format: str) -> None:
    """Watch every domain of a plan until told to stop.

    It asks the authoritative servers and the resolvers, tells over HTTP what it sees (/ is the status page, /metrics is
    for Prometheus), and logs every change. A changed plan file is taken over by itself within seconds, on SIGHUP, and
    on POST /-/reload; a bad one is refused, and said to be. SIGTERM and Ctrl-C end it with status 0.

    \b
    Examples:
      cutover-probe run --config plan.yaml
      cutover-probe run --config plan.yaml --listen 0.0.0.0:9953 --log.format json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    load_plan = partial(_load, listen)
    plan = load_plan(file)
    set_up(SystemClock(), LogLevel(log_level), LogFormat(log_format))
    tune()
    ctx.exit(asyncio.run(_live(plan, file, load_plan)))


def _load(listen: Endpoint | None, path: Path) -> Plan:
    """Load a plan, with the command line's word on where to listen."""
    plan = load(path)
    return plan if listen is None else replace(plan, listen=listen)


async def _live(plan: Plan, file: Path, load_plan: Callable[[Path], Plan]) -> int:
    clock = SystemClock()
    log = structlog.get_logger("probe.run")
    probe = assemble(plan, clock, observers=log_effects())
    probe.tasks.eternal("garbage", collect_garbage(clock))
    reloader = Reloader(file, plan, load=load_plan, apply=probe.engine.replace, tell=probe.engine.reloaded, clock=clock)
    probe.engine.reloaded(reloader.status())  # or the plan would seem to be loaded anew by the first failing reload

    def started(host: str, port: int) -> None:
        log.info("watching", url=url(host, port), domains=len(plan.domains), vantage=plan.vantage, plan=str(file))

    daemon = Daemon(
        engine=probe.engine,
        tasks=probe.tasks,
        asker=probe.asker,
        web=serve(probe, plan.listen, reloader.request),
        reloader=reloader,
        started=started,
    )
    return await daemon.live()
