"""`cutover-probe rehearse`: plays the move before the night, and says what would happen, when, and what to change."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from probe import __version__
from probe.cli.cluster_sources import GivenCluster, cluster_options, read_clusters
from probe.cli.commands.preflight import LONGEST_PREFLIGHT, gather
from probe.cli.errors import EXIT_STATUS, CommandError, sentences
from probe.cli.options import config_option, log_options, output_option, patience_option, report_option
from probe.cli.plans import STANDARD_INPUT, read_plan
from probe.cli.progress import looking
from probe.cli.rehearsed import print_rehearsal
from probe.cli.selection import narrow
from probe.cli.sign_off import open_reports
from probe.cli.zone_export import negative_ttl, seen_zones, stands_of
from probe.cli.zone_sources import ZONE_HELP, read_zones, tsig_option
from probe.inventory.proposal.cluster_wishes import as_read, wishes_as_read
from probe.inventory.written.zone import WrittenZone
from probe.judge.preflight.rehearsal import today_of
from probe.judge.rehearsal.run import Today, rehearse
from probe.model.clock import AlarmClock
from probe.model.name import display
from probe.model.plan import Plan
from probe.model.rehearsal import Course
from probe.model.side import Side
from probe.model.text import listed
from probe.report.rehearsal import RehearsalReport, rehearsal_to_html, rehearsal_to_markdown
from probe.runtime.clock import SystemClock
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up
from probe.web.facts.base import timestamp

BY_THE_PLAN = (
    "No query was sent: each host is assumed to be as the ExternalDNS of the side that the plan expects it on would "
    "have written "
    "it, with that one's owner id."
)
"""What `--offline` takes for granted."""


@click.command("rehearse", short_help="Rehearse the migration sync by sync, before it happens.")
@config_option
@click.option("--wave", metavar="WAVE", help="Only this wave moves.  [default: all, in the plan's order]")
@cluster_options(required=False)
@click.option("--offline", is_flag=True, help="Send no query: the zone is derived from the plan alone.")
@click.option(
    "--zone",
    "zones",
    multiple=True,
    metavar="ZONE",
    help=f"Take the zones from here, and send no query. {ZONE_HELP}",
)
@tsig_option
@report_option("a report")
@output_option("table", "A table and a timeline for people, or everything for programs, on standard output.")
@patience_option(LONGEST_PREFLIGHT)
@log_options(LogLevel.ERROR)
@click.pass_context
@sentences
def rehearse_command(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    ctx: click.Context,
    file: Path,
    wave: str | None,
    v1: tuple[str, ...],
    v2: tuple[str, ...],
    v1_balancers: tuple[str, ...],
    v2_balancers: tuple[str, ...],
    offline: bool,  # noqa: FBT001  # a flag of the command line
    zones: tuple[str, ...],
    tsig_file: Path | None,
    reports: tuple[Path, ...],
    output: str,
    timeout: float,
    log_level: str,
    log_format: str,
) -> None:
    """Play the whole night before it: what each ExternalDNS will do to each host, sync by sync, in all phases.

    The plan says how both sides' ExternalDNS are set up; one look at DNS (or `--zone`, or nothing) says what stands.
    With `--v1` and `--v2`, as `discover` takes them, each cluster's ExternalDNS is played with the flags that it has,
    and with what its objects want. Then each wave moves, comes back, and loses v1: told are the gaps and what caches
    make of them, fights, deletions, what Route 53 refuses, who owns each host afterwards, and what has to be changed so
    that it goes well. What is told to change was played as well. Nothing is written anywhere.

    \b
    Exit status: 0 it would go well, warnings included; 2 something would not; 3 something cannot be told, and nothing
    fails; 1 the plan is bad, or nothing could be reached.

    \b
    Examples:
      cutover-probe rehearse --config plan.yaml
      cutover-probe rehearse --config plan.yaml --wave core-api --report rehearsal.html
      cutover-probe rehearse --config plan.yaml --zone route53:prod
      cutover-probe rehearse --config plan.yaml --v1 kube:eks-v1 --v2 manifests:rendered/
      cutover-probe rehearse --config plan.yaml --offline
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    if offline and zones:
        raise CommandError("--offline derives the zone from the plan and --zone reads it: give one of them.")
    if file == STANDARD_INPUT and "-" in (*v1, *v2):
        raise CommandError("Standard input is the plan's or one side's: write one of them into a file.")
    plan = read_plan(file)
    if wave is not None:
        narrow(plan, [wave], ())
    clusters = read_clusters(GivenCluster(Side.V1, v1, v1_balancers), GivenCluster(Side.V2, v2, v2_balancers))
    written, plan = plan, as_read(plan, clusters)
    held = read_zones(zones, (domain.name for domain in plan.domains), tsig_file)
    clock = SystemClock()
    set_up(clock, LogLevel(log_level), LogFormat(log_format))
    files = open_reports(reports)
    try:
        today = _today(plan, clock, timeout, held, offline=offline)
        if clusters:
            today = today._replace(clusters=wishes_as_read(plan, clusters, written))
        rehearsal = rehearse(plan, today, wave)
        waves = (wave,) if wave is not None else tuple(one.name for one in plan.waves)
        report = RehearsalReport(rehearsal, plan, waves, clock.now(), __version__)
        writers = {".md": rehearsal_to_markdown, ".html": rehearsal_to_html}
        for place in files:
            place.put(writers.get(place.path.suffix.lower(), rehearsal_to_json)(report))
    finally:
        for place in files:
            place.drop()
    if output == "json":
        click.echo(rehearsal_to_json(report))
    else:
        print_rehearsal(rehearsal, waves)
    ctx.exit(EXIT_STATUS[rehearsal.outcome])


def _today(plan: Plan, clock: AlarmClock, patience: float, zones: Sequence[WrittenZone], *, offline: bool) -> Today:
    if offline:
        return Today({}, BY_THE_PLAN)
    if zones:
        origins = listed([str(zone.origin) for zone in zones])
        source = f"Hosts are as {origins} had them when it was read; what has changed since then is not known."
        return Today(stands_of(zones, plan), source, negative_ttl(zones), is_whole=True, zones=seen_zones(zones, plan))
    with looking(plan, clock) as show:
        evidence = asyncio.run(gather(plan, clock, patience, show))
    return today_of(evidence, plan)


def rehearsal_to_json(report: RehearsalReport) -> str:
    """Write everything for programs; a gap that does not end is null."""
    rehearsal = report.rehearsal
    document: dict[str, Any] = {
        "at": timestamp(report.at),
        "vantage": report.plan.vantage,
        "plan": {"file": report.plan.source.name if report.plan.source else None, "digest": report.plan.digest},
        "waves": list(report.waves),
        "outcome": rehearsal.outcome.value,
        "checks": [check._asdict() for check in rehearsal.checks],
        "courses": [_course(one) for one in rehearsal.courses],
        "requests": [one._asdict() for one in rehearsal.requests],
        "assumptions": list(rehearsal.assumptions),
        "plays": rehearsal.plays,
    }
    return json.dumps(document, indent=2)


def _course(one: Course) -> dict[str, Any]:
    return {
        **one._asdict(),
        "hosts": [display(host) for host in one.hosts],
        "gap": one.gap if one.gap < float("inf") else None,
        "gap_ends": one.gap < float("inf"),
        "culprits": {fault.value: list(names) for fault, names in one.culprits},
        "moments": [moment._asdict() for moment in one.moments],
    }
