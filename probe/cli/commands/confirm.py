"""`cutover-probe confirm`: holds waves to every criterion for a whole soak, and writes the sign-off report."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.text import Text

from probe.cli.errors import EXIT_STATUS, CommandError, sentences
from probe.cli.options import Duration, config_option, log_options, output_option, report_option
from probe.cli.plans import read_plan
from probe.cli.printing import STYLES, answer, print_rows, say, standard_output
from probe.cli.selection import narrow
from probe.cli.sign_off import ReportFile, as_json, open_reports, sign_off
from probe.cli.soak import Soaked, SoakLimits, soak
from probe.cli.soak_progress import Display, progress
from probe.config.mistakes import quoted
from probe.judge.acceptance.expected_at import in_force
from probe.model.check import CheckOutcome
from probe.model.clock import AlarmClock, Clock
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Domain, Expectation, Plan, Wave
from probe.model.text import duration, wall
from probe.report.readable import readable
from probe.report.sign_off import SignOff
from probe.runtime.clock import SystemClock
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up

START = 180.0
"""Seconds beyond twice the soak that a confirmation may take unless told: `check`'s patience for a first verdict."""


@click.command("confirm", short_help="Hold moved waves for a whole soak, and sign them off.")
@config_option
@click.option("--wave", "waves", multiple=True, required=True, metavar="WAVE", help="Which wave; may be repeated.")
@click.option(
    "--soak",
    "soak_for",
    type=Duration(),
    metavar="DURATION",
    help="How long every criterion has to hold, such as 30m.  [default: the plan's `soak`]",
)
@click.option(
    "--timeout",
    type=Duration(),
    metavar="DURATION",
    help="The longest it may take. It ends earlier when the remaining time is too short for a soak.  "
    "[default: twice the soak and three minutes]",
)
@click.option(
    "--expect",
    type=click.Choice([one.value for one in Expectation if one.side is not None]),
    help="Expect this side instead of what the plan expects at present.",
)
@report_option("the sign-off report")
@click.option("--signed-by", default="", metavar="NAME", help="The name that signs the report.")
@output_option("table", "The outcome for people, or the whole report for programs, on standard output.")
@log_options(LogLevel.ERROR)
@click.pass_context
@sentences
def confirm(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    file: Path,
    waves: tuple[str, ...],
    soak_for: float | None,
    timeout: float | None,
    expect: str | None,
    reports: tuple[Path, ...],
    signed_by: str,
    output: str,
    log_level: str,
    log_format: str,
) -> None:
    """Hold waves that have moved to every criterion for a whole soak, and write the sign-off report.

    All domains of the waves have to hold all of it at once: every authoritative server answers the expected side for A
    and AAAA, resolvers have converged and caches are drained, the name's other view (public or private, where resolvers
    see it) is not on the other side, the owner is the expected one, the service answers, no finding is open. A domain
    that fails one starts its clock again; time without answers does not count.

    Ctrl-C ends it early, with a report of what was seen until then.

    \b
    Exit status: 0 all of it held for the whole soak; 2 something was seen that does not hold; 3 not enough evidence;
    1 the plan is bad, nothing could be reached, or a report cannot be written.

    \b
    Examples:
      cutover-probe confirm --config plan.yaml --wave internal-tools
      cutover-probe confirm --config plan.yaml --wave internal-tools --soak 1h --report sign-off.html
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    clock = SystemClock()
    plan = narrow(read_plan(file), waves, ())
    limits = _limits(plan, soak_for, timeout)
    plan = _held_to(plan, expect, limits, clock)
    set_up(clock, LogLevel(log_level), LogFormat(log_format))
    files = open_reports(reports)
    try:
        soaked = _soak(plan, clock, limits)
        report = sign_off(soaked, limits, signed_by)
        for place in files:
            _write(place, report)
    finally:
        for place in files:
            place.drop()
    if soaked.failure:
        raise CommandError(soaked.failure)
    if output == "json":
        click.echo(as_json(report))
    else:
        _print_outcome(report, reports)
    ctx.exit(EXIT_STATUS[report.check.outcome])


def _soak(plan: Plan, clock: AlarmClock, limits: SoakLimits) -> Soaked:
    with progress(limits.soak) as shown:
        return asyncio.run(_watch(plan, clock, limits, shown))


async def _watch(plan: Plan, clock: AlarmClock, limits: SoakLimits, shown: Display) -> Soaked:
    interrupted = asyncio.Event()
    with _signals(interrupted):
        return await soak(plan, clock, limits, show=shown.show, tell=shown.tell, interrupted=interrupted)


@contextmanager
def _signals(interrupted: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end it with what is known; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def end(number: signal.Signals) -> None:
        interrupted.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _limits(plan: Plan, soak_for: float | None, timeout: float | None) -> SoakLimits:
    seconds = plan.soak if soak_for is None else soak_for
    longest = 2 * seconds + START if timeout is None else timeout
    if longest < seconds:
        raise CommandError(
            f"--timeout {duration(longest)} is shorter than the soak of {duration(seconds)}: nothing could be "
            "confirmed. Raise --timeout, or shorten the soak."
        )
    return SoakLimits(seconds, longest)


def _held_to(plan: Plan, expect: str | None, limits: SoakLimits, clock: Clock) -> Plan:
    """Give the plan with this soak, and with what the waves are held to; refuse a wave that is held to nothing."""
    if expect is not None:
        side = Expectation(expect)
        plan = replace(plan, waves=tuple(_wave_held_to(wave, side) for wave in plan.waves))
    now = clock.now().wall
    plan = in_force(replace(plan, soak=limits.soak), now)
    for wave in plan.waves:
        step = wave.upcoming
        later = "" if step is None or step.at is None else f" until {wall(step.at)}"
        if wave.expectation is Expectation.MOVING and not (later and _in_time(wave, limits, now)):
            raise CommandError(
                f"The plan expects the wave {quoted(wave.name)} to be moving{later}, on either side: there is nothing "
                "to hold it to. Set its `expect` to `v2` once it has moved, or say --expect v2."
            )
    return plan


def _in_time(wave: Wave, limits: SoakLimits, now: float) -> bool:
    """Tell whether the schedule expects one side early enough for a whole soak."""
    return wave.upcoming is not None and (wave.upcoming.at or now) + limits.soak <= now + limits.timeout


def _wave_held_to(wave: Wave, side: Expectation) -> Wave:
    def domain(one: Domain) -> Domain:
        return replace(one, expectation=side, weights=None, schedule=(), upcoming=None)

    domains = tuple(map(domain, wave.domains))
    return replace(wave, expectation=side, schedule=(), upcoming=None, domains=domains)


def _write(place: ReportFile, report: SignOff) -> None:
    try:
        place.write(report)
    except OSError as error:
        raise CommandError(f"The report {quoted(place.path)} could not be written: {error.strerror}.") from error


def _print_outcome(report: SignOff, reports: tuple[Path, ...]) -> None:
    console = standard_output()
    statuses = [domain.status for domain in report.domains]
    headings = ("confirmed", "domain", "wave", "expected", "state", "held", "unwatched", "breaks")
    print_rows(console, headings, [_row(status) for status in statuses])
    for status in statuses:
        for check in status.confirmation.criteria:
            if check.outcome is not CheckOutcome.PASS:
                say(console, Text(f"{check.subject}, {check.name}: {readable(check.sentence)}"))
    told = Text(f"{report.word.capitalize()}. ", style=f"bold {STYLES[report.check.outcome]}")
    say(console, told.append(readable(report.check.sentence), style="default"))
    for path in reports:
        say(console, Text(f"Report: {path}"))


def _row(status: DomainStatus) -> tuple[Text, ...]:
    one = status.confirmation
    words = (
        display(status.domain.name),
        status.domain.wave,
        status.domain.expectation.value,
        status.state.value,
        duration(one.held),
        duration(one.unwatched),
        str(one.breaks),
    )
    return (answer(CheckOutcome.PASS if one.confirmed else CheckOutcome.FAIL), *map(Text, words))
