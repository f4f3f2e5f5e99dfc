"""The command `cutover-probe`."""

import sys

import click

from probe import __version__
from probe.cli.commands.check import check
from probe.cli.commands.config import config_group
from probe.cli.commands.confirm import confirm
from probe.cli.commands.decommission import decommission
from probe.cli.commands.demo import demo
from probe.cli.commands.discover import discover_command
from probe.cli.commands.gate import gate
from probe.cli.commands.preflight import preflight_command
from probe.cli.commands.rehearse import rehearse_command
from probe.cli.commands.replay import replay
from probe.cli.commands.run import run
from probe.cli.errors import run_command


@click.group("cutover-probe", invoke_without_command=True)
@click.version_option(__version__, prog_name="cutover-probe", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Watch DNS while domains move from one EKS cluster (v1) to another (v2).

    Cutover Probe asks the authoritative name servers which cluster's load balancers each domain leads to, tells a
    fight between two ExternalDNS from everything that only looks like one, and says what to do about it.

    \b
    To begin:
      cutover-probe demo                        a simulated migration on this machine, and the page that shows it
      cutover-probe config init plan.yaml       a commented plan to start from
      cutover-probe discover --v1 ... --v2 ...  the plan, out of both clusters' manifests
      cutover-probe config check plan.yaml      is the plan good?
      cutover-probe check --config plan.yaml    one look at every domain
      cutover-probe rehearse --config plan.yaml play the night before it
      cutover-probe run --config plan.yaml      watch, for as long as the migration lasts
      cutover-probe confirm --config plan.yaml --wave internal-tools     did it work? hold it, and sign it off
      cutover-probe replay journal.db           judge again what a watch has seen

    \b
    Exit status: 0 it holds; 1 the command could not do its work; 2 it was looked at and does not hold;
    3 there is not enough evidence to say.
    """  # noqa: D301  # the character \\b tells click to leave a paragraph's lines as they are
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


root.add_command(check)
root.add_command(confirm)
root.add_command(gate)
root.add_command(decommission)
root.add_command(demo)
root.add_command(discover_command)
root.add_command(preflight_command)
root.add_command(rehearse_command)
root.add_command(run)
root.add_command(replay)
root.add_command(config_group)


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run_command(root, sys.argv[1:]))
