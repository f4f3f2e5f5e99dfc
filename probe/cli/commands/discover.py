"""`cutover-probe discover`: writes the plan out of both clusters' manifests and the zone; or says what a plan lacks."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import click

from probe.cli.cluster_sources import GivenCluster, cluster_options, read_clusters
from probe.cli.errors import CommandError, ExitStatus, sentences
from probe.cli.look import look
from probe.cli.plans import read_plan
from probe.cli.printing import standard_output
from probe.cli.progress import looking
from probe.cli.zone_sources import ZONE_HELP, read_zones, tsig_option
from probe.config.load import parse
from probe.config.mistakes import PlanError
from probe.inventory.proposal.hazards import hazards
from probe.inventory.proposal.lacking import Difference, Differing, compare
from probe.inventory.proposal.plan_text import NoTarget, plan_text
from probe.inventory.proposal.seen import seen_positions
from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.told import Told
from probe.inventory.proposal.waves import is_label, propose_waves
from probe.inventory.reading.permissions import cluster_role, iam_policy
from probe.model.check import CheckOutcome
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.record import Position
from probe.model.side import Side
from probe.model.text import plural
from probe.runtime.clock import SystemClock
from probe.telemetry.log_choice import LogFormat, LogLevel
from probe.telemetry.logs import set_up

LONGEST_GLANCE = 60.0
"""Seconds of a look: calm hosts are told in ten; what is not settled by then is taken as it stands."""

_OUTCOME_IN_WORDS = {
    CheckOutcome.FAIL: "fails",
    CheckOutcome.UNKNOWN: "unknown",
    CheckOutcome.WARN: "warning",
    CheckOutcome.PASS: "passes",
}
_MAX_NOTICES = 20  # on a terminal; the plan has them all


PERMISSIONS = {"cluster": cluster_role, "route53": iam_policy}
"""What `--print-permissions` writes: a ClusterRole, or an IAM policy."""


def _print_permissions(ctx: click.Context, option: click.Parameter, word: str | None) -> None:
    del option
    if word is not None:
        click.echo(PERMISSIONS[word](), nl=False)
        ctx.exit(ExitStatus.HOLDS)


@click.command("discover", short_help="Write the plan out of both clusters' manifests and the zone.")
@cluster_options(required=True)
@click.option(
    "--zone",
    "zones",
    multiple=True,
    metavar="ZONE",
    help=ZONE_HELP,
)
@tsig_option
@click.option(
    "--look",
    "ask",
    is_flag=True,
    help="Ask the authoritative servers where each host leads now, that `expect` be that also without a zone.",
)
@click.option("--vantage", default="here", show_default=True, metavar="NAME", help="Where the probe will run.")
@click.option(
    "--diff",
    "plan_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PLAN",
    help="Write no plan: say what this one lacks, has too much, or says otherwise.",
)
@click.option(
    "--print-permissions",
    type=click.Choice(list(PERMISSIONS)),
    expose_value=False,
    is_eager=True,
    callback=_print_permissions,
    help="Write what has to be allowed and end: a ClusterRole for kube:, or an IAM policy for route53:.",
)
@sentences
def discover_command(  # noqa: PLR0913, PLR0917  # click hands over one argument for each option
    v1: tuple[str, ...],
    v2: tuple[str, ...],
    zones: tuple[str, ...],
    tsig_file: Path | None,
    v1_balancers: tuple[str, ...],
    v2_balancers: tuple[str, ...],
    ask: bool,  # noqa: FBT001  # a flag of the command line
    vantage: str,
    plan_file: Path | None,
) -> int:
    """Write the plan out of what both clusters want and what stands: sides, ExternalDNS, waves, every domain.

    Read are Ingresses, Services, Gateways and their routes, DNSEndpoints, and every ExternalDNS with its flags; out of
    clusters, folders, rendered charts, or what `kubectl get -o yaml` wrote. The plan goes to standard output, each
    value with the place where it was found; what is wrong already goes to standard error, and into the plan as
    comments. Nothing is written anywhere else.

    \b
    Exit status: 0 the plan was written, or (--diff) the plan lacks nothing; 2 it lacks something or says it otherwise;
    3 it lacks nothing, but not everything could be read; 1 something could not be used.

    \b
    Examples:
      cutover-probe discover --v1 kube:eks-v1 --v2 kube:eks-v2 --zone route53:prod > plan.yaml
      kubectl get ingress,service,deployment -A -o yaml | cutover-probe discover --v1 - --v2 manifests:rendered/
      cutover-probe discover --print-permissions cluster | kubectl --context eks-v1 apply -f -
      cutover-probe discover --v1 manifests:v1/ --v2 manifests:v2/ --zone zone.json --diff plan.yaml
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    if not is_label(vantage):
        raise CommandError(f"--vantage {vantage!r} cannot be a label: use letters, digits, `.`, `_` and `-`.")
    plan = None if plan_file is None else read_plan(plan_file)
    sides = read_clusters(GivenCluster(Side.V1, v1, v1_balancers), GivenCluster(Side.V2, v2, v2_balancers))
    survey = Survey(sides[0], sides[1], read_zones(zones, {host for one in sides for host in one.hosts}, tsig_file))
    if plan is not None:
        return _tell(compare(plan, survey, propose_waves(survey)), survey, hazards(survey))
    text, proposed = _written(survey, vantage)
    if ask:
        survey = replace(survey, seen=_seen(proposed))
        text, _ = _written(survey, vantage)
    click.echo(text, nl=False)
    _warn(survey, hazards(survey))
    return ExitStatus.HOLDS


def _written(survey: Survey, vantage: str) -> tuple[str, Plan]:
    """Write the plan, and give it as `config check` reads it."""
    try:
        text = plan_text(survey, propose_waves(survey), hazards(survey), vantage=vantage)
    except NoTarget as error:
        raise CommandError(str(error)) from error
    try:
        return text, parse(text)
    except PlanError as error:
        raise CommandError(
            f"The plan that was made is not a good one, which is a fault of this program:\n{error}"
        ) from error


def _seen(plan: Plan) -> Mapping[DomainName, Position]:
    """Look at every domain once, as `check` does."""
    clock = SystemClock()
    set_up(clock, LogLevel.ERROR, LogFormat.AUTO)
    with looking(plan, clock) as show:
        return seen_positions(asyncio.run(look(plan, clock, LONGEST_GLANCE, show)).snapshot.domains)


def _tell(differences: Iterable[Differing], survey: Survey, found: tuple[Told, ...]) -> int:
    """Print the differences, and give the exit status."""
    console = standard_output()
    differences = tuple(differences)
    for one in differences:
        console.print(f"{one.difference}: {one.sentence}", markup=False, soft_wrap=True)
    if any(one.difference.counts for one in differences):
        return ExitStatus.DOES_NOT_HOLD
    gaps = [one for one in (*survey.v1.notices, *survey.v2.notices) if one.is_gap]
    if gaps or any(one.check.outcome is CheckOutcome.UNKNOWN for one in found):
        console.print("The plan lacks nothing that was read, but not everything could be read:", markup=False)
        _warn(survey, tuple(one for one in found if one.check.outcome is CheckOutcome.UNKNOWN))
        return ExitStatus.UNKNOWN
    if not any(one.difference is Difference.TOO_MUCH for one in differences):
        console.print("The plan says what both clusters and the zone say.", markup=False)
    return ExitStatus.HOLDS


def _warn(survey: Survey, found: tuple[Told, ...]) -> None:
    for one in found:
        click.echo(f"{_OUTCOME_IN_WORDS[one.check.outcome]}: {one.check.sentence} {one.check.remedy}", err=True)
    notices = tuple(
        dict.fromkeys((*survey.v1.notices, *survey.v2.notices, *(n for z in survey.zones for n in z.notices)))
    )
    for notice in notices[:_MAX_NOTICES]:
        click.echo(str(notice), err=True)
    if len(notices) > _MAX_NOTICES:
        left = plural(len(notices) - _MAX_NOTICES, "more place")
        click.echo(f"… and {left} that could not be read or understood; the plan lists them.", err=True)
