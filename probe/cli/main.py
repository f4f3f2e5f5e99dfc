"""The command `cutover-probe`."""

import sys

import click

from probe import __version__
from probe.cli.command_table import CommandTable
from probe.cli.errors import run_command

_COMMANDS = {
    "check": "check:check",
    "confirm": "confirm:confirm",
    "gate": "gate:gate",
    "decommission": "decommission:decommission",
    "demo": "demo:demo",
    "discover": "discover:discover_command",
    "preflight": "preflight:preflight_command",
    "rehearse": "rehearse:rehearse_command",
    "run": "run:run",
    "replay": "replay:replay",
    "config": "config:config_group",
}
"""Where each command stands in `probe.cli.commands`: the module, and its name in it."""


@click.group("cutover-probe", invoke_without_command=True, commands=CommandTable(_COMMANDS))
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


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run_command(root, sys.argv[1:]))
