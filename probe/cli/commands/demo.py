"""`cutover-probe demo`: a simulated migration on loopback, and the daemon watching it."""

import asyncio
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, assert_never

import click
import structlog
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from probe.cli.assembly import Probe, assemble
from probe.cli.errors import CommandError, sentences
from probe.cli.keeping import take_up_journal
from probe.cli.options import FiniteNumber, log_options, state_option
from probe.cli.serving import serve, served
from probe.cli.url import url
from probe.config.load import parse
from probe.lab.clock import ScaledClock
from probe.lab.story_stage import Scene
from probe.lab.world import World
from probe.model.clock import AlarmClock
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.finding import Severity
from probe.model.name import ROOT, display
from probe.model.plan import Endpoint, State
from probe.model.snapshot import ReloadStatus
from probe.model.text import clock_time
from probe.runtime.clock import SystemClock
from probe.runtime.daemon import Daemon
from probe.runtime.interpreter import collect_garbage, tune
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up
from probe.web.history import History
from probe.web.server_error import ServerError
from probe.web.web_server import WebServer

DEMO_PORT = 9953
"""The plan's default port; when it is taken, any free one will do for a demonstration."""
LOOPBACK = "127.0.0.1"
MAX_SPEED = 60.0
"""Above it, a second of the wall holds more than a sync interval, and timeouts fall below what loopback needs."""


@click.command("demo", short_help="Show a simulated migration, with what goes wrong in one.")
@click.option(
    "--speed",
    type=FiniteNumber(0.1, MAX_SPEED),
    default=10.0,
    show_default=True,
    help="How many times faster than real time the simulated world runs.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"The page's port on {LOOPBACK}; 0 takes any free one.  [default: {DEMO_PORT}, or a free one if it is taken]",
)
@click.option(
    "--duration", type=FiniteNumber(min=0, min_open=True), help="End after so many seconds.  [default: at Ctrl-C]"
)
@click.option("--seed", type=int, default=1, show_default=True, help="The seed: another number plays another run.")
@state_option
@log_options(LogLevel.WARNING)
@click.pass_context
@sentences
def demo(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    speed: float,
    port: int | None,
    duration: float | None,
    seed: int,
    state: Path | None,
    log_level: str,
    log_format: str,
) -> None:
    """Show a migration that goes well and wrong, simulated on this machine.

    A Route 53, two clusters' load balancers, their ExternalDNS and four resolvers run on loopback. In fourteen minutes
    (a minute and a half at the usual speed) you see a clean move, a weighted split, two kinds of fight, a hand-over
    with a hole, and hosts that come and go; then the fights end and come back. Nothing leaves this machine.

    \b
    Examples:
      cutover-probe demo
      cutover-probe demo --speed 1 --port 8080
      cutover-probe demo --state.path demo.db    then: cutover-probe replay demo.db
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    if state is not None and state.exists():
        raise CommandError(
            f"{state} exists already, and a demonstration does not continue a journal: name another file."
        )
    clock = ScaledClock(SystemClock(), speed)
    set_up(clock, LogLevel(log_level), LogFormat(log_format))
    tune()
    ctx.exit(asyncio.run(_play(clock, _Wishes(speed, port, duration, seed, state))))


class _Wishes(NamedTuple):
    """What the command line says."""

    speed: float
    port: int | None
    duration: float | None
    seed: int
    state: Path | None


class _Programme:
    """What the terminal shows: the page's address first, then the scenes and findings as they come.

    Words stand beside their times, never below them, so that times can be read down the edge also after hours.
    """

    def __init__(self, clock: AlarmClock) -> None:
        self._clock = clock
        self._console = Console(file=sys.stdout, highlight=False)
        self._held: list[Table] | None = []
        self._began = clock.now().monotonic

    def begins(self) -> None:
        """Count the time from now on: the story begins."""
        self._began = self._clock.now().monotonic

    def opens(self, page: str, speed: float) -> None:
        """Show where the page is, and what happened before it was there."""
        held, self._held = self._held or [], None
        lines = Text("The status page:  ").append(page, style="bold underline")
        lines.append(f"\nMetrics:          {page}metrics\nFacts as JSON:    {page}api/v1/status")
        lines.append(f"\nTime runs {speed:g} times as fast. Ctrl-C ends it.", style="dim")
        lines.append("\nEach line has the story's minute, and what the page's clock (UTC) says then.", style="dim")
        self._console.print(Panel(lines, title="Cutover Probe: a simulated migration", expand=False))
        for line in held:
            self._console.print(line)

    def scene(self, scene: Scene) -> None:
        """Tell what happens in the simulated world."""
        self._tell(Text(f"{scene.title}. ", style="bold").append(scene.sentence, style="default"))

    def effect(self, effect: Effect) -> None:
        """Tell what the probe makes of it."""
        match effect:
            case FindingRaised(finding, _):
                style = "bold red" if finding.severity is Severity.CRITICAL else "yellow"
                self._tell(Text(f"{finding.code}: ", style=style).append(finding.sentence, style="default"))
            case FindingCleared(finding, _):
                # What the probe finds out about itself is of no domain.
                whose = "" if finding.domain == ROOT else f" of {display(finding.domain)}"
                self._tell(Text(f"{finding.code}{whose} is over.", style="green"))
            case (
                StateChanged()
                | TransitionConfirmed()
                | Converged()
                | Surprised()
                | TargetsDoubted()
                | SoakBroken()
                | SoakHeld()
                | ExpectationChanged()
            ):
                pass  # the page tells
            case _:
                assert_never(effect)

    def _tell(self, words: Text) -> None:
        now = self._clock.now()
        minutes, seconds = divmod(int(now.monotonic - self._began), 60)
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_row(Text(f"{minutes:3d}:{seconds:02d}", style="dim"), Text(clock_time(now), style="dim"), words)
        if self._held is None:
            self._console.print(line)
        else:
            self._held.append(line)


async def _play(clock: AlarmClock, wishes: _Wishes) -> int:
    programme = _Programme(clock)
    try:
        curtain = asyncio.Event()
        draw = random.Random(wishes.seed)  # noqa: S311  # a seed repeats a run
        async with World(clock, draw, on_scene=programme.scene, curtain=curtain) as world:
            return await _watch(world, clock, programme, curtain, wishes)
    except OSError as error:
        raise CommandError(f"The simulated servers cannot be started on {LOOPBACK}: {error}.") from error


async def _raise(curtain: asyncio.Event, probe: Probe, clock: AlarmClock, programme: _Programme) -> None:
    """Begin the story when every domain has been observed: what happens before would be missed."""
    while not probe.engine.snapshot().ready:
        await clock.sleep(1.0)
    programme.begins()
    curtain.set()


async def _watch(
    world: World, clock: AlarmClock, programme: _Programme, curtain: asyncio.Event, wishes: _Wishes
) -> int:
    plan = parse(world.plan_text(listen=f"{LOOPBACK}:0"), Path("plan.yaml"))
    # A timeout is lab time like everything else; a busy machine answers itself within a second of the wall's time.
    plan = replace(plan, probing=replace(plan.probing, timeout=max(plan.probing.timeout, wishes.speed)))
    plan = replace(plan, state=State(wishes.state))
    journal = take_up_journal(plan.state).journal
    history = History()
    probe = assemble(plan, clock, observers=[programme.effect, history.observe], route=world.route, recorder=journal)
    watch = served(probe, history, clock)
    probe.tasks.eternal("garbage", collect_garbage(SystemClock()))
    probe.tasks.passing("curtain", _raise(curtain, probe, clock, programme))
    loaded = clock.now()

    def reload() -> ReloadStatus:
        return ReloadStatus(successful=False, at=loaded, error="the demonstration has no plan file")

    def web(number: int) -> WebServer:
        return serve(watch, Endpoint(LOOPBACK, number), reload)

    daemon = Daemon(
        engine=probe.engine,
        tasks=probe.tasks,
        querier=probe.querier,
        checker=probe.checker,
        web=_WithFallback(web(DEMO_PORT), web(0)) if wishes.port is None else web(wishes.port),
        journal=journal,
        reloader=None,
        started=lambda host, port: programme.opens(url(host, port), wishes.speed),
    )
    if wishes.duration is not None:
        asyncio.get_running_loop().call_later(wishes.duration, daemon.end, "its time is over")
    return await daemon.live()


class _WithFallback:
    """Serves on the port that people expect, or on a free one when it is taken."""

    def __init__(self, expected: WebServer, other: WebServer) -> None:
        self._server = expected
        self._other = other

    def start(self) -> tuple[str, int]:
        try:
            return self._server.start()
        except ServerError:
            structlog.get_logger("probe.demo").info("the default port is taken", port=DEMO_PORT)
            self._server = self._other
            return self._server.start()

    def stop(self) -> None:
        self._server.stop()
