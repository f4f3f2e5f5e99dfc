"""`cutover-probe run`: the daemon."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import structlog

from probe.cli.assembly import assemble
from probe.cli.door import Door, door
from probe.cli.errors import sentences
from probe.cli.keeping import take_up_journal
from probe.cli.options import config_option, endpoint, log_options, shard_options, state_option
from probe.cli.options import shard as read_shard
from probe.cli.plans import without_collections
from probe.cli.serving import log_effects, serve, served
from probe.cli.url import url
from probe.cli.witnesses import witnesses_of
from probe.config.load import load
from probe.judge.polling.shard import part_of
from probe.model.plan import Endpoint, Plan, Shard
from probe.runtime.clock import SystemClock
from probe.runtime.daemon import Daemon
from probe.runtime.interpreter import collect_garbage, tune
from probe.runtime.reload import Reloader
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up
from probe.web.history import History


@click.command("run")
@config_option
@click.option(
    "--listen",
    metavar="ADDRESS:PORT",
    callback=endpoint,
    help="The address that serves the status page, the API and the metrics, instead of the plan's `listen`.",
)
@click.option(
    "--web.config.file",
    "web_config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="TLS and passwords, in the format of Prometheus' exporter-toolkit. Without it, every client that reaches the "
    "port "
    "may ask.",
)
@click.option(
    "--web.open-health",
    "open_health",
    is_flag=True,
    help="Answer /-/healthy and /-/ready without password and client certificate.",
)
@click.option(
    "--web.allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Another host name that the server accepts, beside addresses, localhost, this machine's name and that in "
    "the plan's `external_url`. Can be given more than once.",
)
@shard_options
@state_option
@log_options(LogLevel.INFO)
@click.pass_context
@sentences
def run(  # noqa: PLR0913  # click hands over one argument for each option
    ctx: click.Context,
    *,
    file: Path,
    listen: Endpoint | None,
    web_config: Path | None,
    open_health: bool,
    allowed_hosts: tuple[str, ...],
    shard: str,
    total_shards: int,
    state: Path | None,
    log_level: str,
    log_format: str,
) -> None:
    """Watch every domain of a plan until told to stop.

    It asks the authoritative servers and the resolvers, tells over HTTP what it sees (/ is the status page, /metrics is
    for Prometheus), and logs every change. A changed plan file is taken over by itself within seconds, on SIGHUP, and
    on POST /-/reload; a bad one is refused, and said to be. SIGTERM and Ctrl-C end it with status 0.

    \b
    Examples:
      cutover-probe run --config plan.yaml
      cutover-probe run --config plan.yaml --web.config.file web.yaml --web.open-health
      cutover-probe run --config plan.yaml --listen 0.0.0.0:9953 --log.format json
      cutover-probe run --config plan.yaml --state.path /var/lib/cutover-probe/journal.db
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    load_plan = partial(_load, listen, state, read_shard(shard, total_shards, socket.gethostname()))
    plan = load_plan(file)
    set_up(SystemClock(), LogLevel(log_level), LogFormat(log_format))
    tune()
    entry = door(web_config, SystemClock(), open_health=open_health)
    ctx.exit(asyncio.run(_live(plan, file, load_plan, entry, allowed_hosts)))


def _load(listen: Endpoint | None, state: Path | None, shard: Shard, path: Path) -> Plan:
    """Load a plan, with the command line's word on where to listen, what to keep, and which part is this process's."""
    with without_collections():
        whole = load(path)
    plan = whole if shard.total == 1 else part_of(whole, shard)
    if listen is not None:
        plan = replace(plan, listen=listen)
    return plan if state is None else replace(plan, state=replace(plan.state, path=state.absolute()))


async def _live(plan: Plan, file: Path, load_plan: Callable[[Path], Plan], entry: Door, names: tuple[str, ...]) -> int:
    log = structlog.get_logger("probe.run")
    journal, restored, clock = take_up_journal(plan.state)
    history = History()
    probe = assemble(
        plan,
        clock,
        observers=(*log_effects(), history.observe),
        recorder=journal,
        restored=restored,
        witnesses=partial(witnesses_of, clock=clock),
    )
    probe.tasks.eternal("garbage", collect_garbage(clock))
    if entry.watch is not None:
        probe.tasks.eternal("web configuration", entry.watch(probe.engine.web_reloaded).watch())
    watch = served(probe, history, clock)
    probe.tasks.eternal("notify", watch.notifier.run())
    reloader = Reloader(file, plan, load=load_plan, apply=probe.engine.replace, tell=probe.engine.reloaded, clock=clock)
    probe.engine.reloaded(reloader.status())  # or the plan would seem to be loaded anew by the first failing reload

    def started(host: str, port: int) -> None:
        log.info(
            "watching",
            url=url(host, port, tls=entry.access.tls is not None),
            domains=len(plan.domains),
            vantage=plan.vantage,
            plan=str(file),
        )

    daemon = Daemon(
        engine=probe.engine,
        tasks=probe.tasks,
        querier=probe.querier,
        checker=probe.checker,
        web=serve(watch, plan.listen, reloader.request, entry.access, names),
        journal=journal,
        reloader=reloader,
        started=started,
    )
    return await daemon.live()
