"""`cutover-probe preflight`: would a wave's move go well? One line a check, and an exit status for pipelines."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from probe.cli.assembly import Probe, Route
from probe.cli.errors import EXIT_STATUS, sentences
from probe.cli.look import look
from probe.cli.options import config_option, log_options, output_option, patience_option
from probe.cli.plans import read_plan
from probe.cli.printing import check_line, say, standard_output
from probe.cli.progress import looking
from probe.cli.selection import narrow
from probe.cli.witnesses import read_once, witnesses_of
from probe.cli.zones import zone_facts
from probe.judge.preflight.inputs import PreflightEvidence, ZoneFacts
from probe.judge.preflight.run import preflight
from probe.judge.preflight.set_identifiers import needs_sets
from probe.model.check import Check, CheckOutcome, worst
from probe.model.clock import AlarmClock
from probe.model.plan import Plan
from probe.model.snapshot import Snapshot
from probe.runtime.clock import SystemClock
from probe.runtime.settling import Progress
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up
from probe.web.facts.base import timestamp
from probe.wire.delegation.walk import DelegationWalk
from probe.wire.transport.querier import direct

if TYPE_CHECKING:
    from probe.model.name import DomainName

LONGEST_PREFLIGHT = 180.0
"""Seconds, as `check` has them: a change that travels, or weights that are told from one."""
_PASSES_SHOWN = 3  # passes of one check that are written out: of thirty domains nobody reads thirty good lines


@click.command("preflight")
@config_option
@click.option("--wave", required=True, metavar="WAVE", help="The wave that is to move.")
@output_option("text", "Lines for people, or JSON for programs, on standard output.")
@click.option("--verbose", is_flag=True, help="Write every check out, also where many pass alike.")
@patience_option(LONGEST_PREFLIGHT)
@log_options(LogLevel.ERROR)
@click.pass_context
@sentences
def preflight_command(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    file: Path,
    wave: str,
    output: str,
    verbose: bool,  # noqa: FBT001  # a flag of the command line
    timeout: float,
    log_level: str,
    log_format: str,
) -> None:
    """Look whether a wave is ready to move, before anything does.

    Does v2 resolve and serve each domain with a valid certificate, and as v1 does? Would v2's ExternalDNS take the
    records over, and would v1's let them go? For how long do caches keep what stands now? Are the zone's servers, its
    delegation, its signatures and the resolvers sound? Where weights or a routing are declared, the plan's witnesses
    are asked for set identifiers, which DNS does not show. Nothing is changed by looking.

    \b
    Exit status: 0 it would go well, warnings included; 2 something would not; 3 something cannot be told, and nothing
    fails; 1 the plan is bad, or nothing could be reached.

    \b
    Examples:
      cutover-probe preflight --config plan.yaml --wave core-api
      cutover-probe preflight --config plan.yaml --wave core-api --output json
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    whole = read_plan(file)
    plan = narrow(whole, [wave], ())
    clock = SystemClock()
    set_up(clock, LogLevel(log_level), LogFormat(log_format))
    with looking(plan, clock) as show:
        evidence = asyncio.run(gather(plan, clock, timeout, show))
    evidence = evidence._replace(others=tuple(domain for domain in whole.domains if domain.wave != wave))
    if any(map(needs_sets, plan.domains)):  # nothing else of them counts here, and reading takes credentials
        heard = read_once(plan, witnesses_of(plan, clock), clock, timeout)
        evidence = evidence._replace(witnessed=heard.witnessed, silences=heard.silences)
    checks = preflight(evidence)
    outcome = worst(check.outcome for check in checks)
    if output == "json":
        click.echo(_as_json(evidence.snapshot, wave, checks, outcome))
    else:
        _print(checks, verbose=verbose)
    ctx.exit(EXIT_STATUS[outcome])


async def gather(
    plan: Plan, clock: AlarmClock, patience: float, show: Callable[[Progress], None], *, route: Route = direct
) -> PreflightEvidence:
    """Look at the plan's domains and ask about their zones: everything that `preflight` judges."""
    zones: dict[DomainName, ZoneFacts] = {}

    async def also(probe: Probe, snapshot: Snapshot) -> None:
        walk = DelegationWalk(probe.querier, clock, plan.authoritative)
        zones.update(await zone_facts(probe.querier, walk, snapshot))

    snapshot, _ = await look(plan, clock, patience, show, route=route, also=also)
    return PreflightEvidence(snapshot, zones)


def _as_json(snapshot: Snapshot, wave: str, checks: tuple[Check, ...], outcome: CheckOutcome) -> str:
    document = {
        "at": timestamp(snapshot.at),
        "vantage": snapshot.plan.vantage,
        "wave": wave,
        "outcome": outcome.value,
        "checks": [check._asdict() for check in checks],
    }
    return json.dumps(document, indent=2)


def _print(checks: tuple[Check, ...], *, verbose: bool) -> None:
    console = standard_output()
    alike = Counter(check.name for check in checks if check.outcome is CheckOutcome.PASS)
    told: Counter[str] = Counter()
    for check in checks:
        if check.outcome is CheckOutcome.PASS and alike[check.name] > _PASSES_SHOWN and not verbose:
            told[check.name] += 1
            if told[check.name] == alike[check.name]:
                words = "It passes; --verbose writes each out."
                _line(console, check._replace(subject=f"{alike[check.name]} times", sentence=words))
            continue
        _line(console, check)
    counted = Counter(check.outcome for check in checks)
    console.print(
        f"{counted[CheckOutcome.PASS]} passed, {counted[CheckOutcome.WARN]} to be looked at, "
        f"{counted[CheckOutcome.FAIL]} failed, {counted[CheckOutcome.UNKNOWN]} not known."
    )


def _line(console: Console, check: Check) -> None:
    columns = ((check.name, 14, "default"), (f"{check.subject}: ", 0, "bold"))
    say(console, check_line(check, f"{check.outcome.value:<8}", *columns))
