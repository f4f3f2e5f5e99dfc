"""What `--v1` and `--v2` are given as `SOURCE`, to clusters: the same options of `discover` and `rehearse`."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import click

from probe.cli.errors import CommandError
from probe.config.mistakes import Unusable, quoted
from probe.config.names import parse_load_balancer
from probe.inventory.origin import Origin
from probe.inventory.reading.api_server import read_api_server
from probe.inventory.reading.kubeconfig import IN_CLUSTER, read_context
from probe.inventory.reading.manifests import UnreadableSource, read_manifests
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.host import Balancer
from probe.inventory.wanted.inventory import Inventory, take_inventory
from probe.inventory.wanted.workload_flags import reached_by
from probe.model.name import display
from probe.model.side import Side

MANIFESTS = "manifests:"
"""What stands before a folder."""

KUBE = "kube:"
"""What stands before a context of the kubeconfig; alone it is the current one, and `kube:in-cluster` a pod's own."""


def cluster_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options that name both clusters; it takes them as `v1`, `v2`, `v1_balancers`, `v2_balancers`.

    Args:
        required: Whether both have to be named.
    """
    of_v2 = "The cluster that they move to." if required else "The cluster that they move to, likewise."
    options = (
        click.option(
            "--v1",
            "v1",
            multiple=True,
            required=required,
            metavar="SOURCE",
            help="The cluster that the domains leave: kube:CONTEXT, manifests:FOLDER, manifests:FILE, or - for "
            "standard input; may be repeated.",
        ),
        click.option("--v2", "v2", multiple=True, required=required, metavar="SOURCE", help=of_v2),
        *(
            click.option(
                f"--{side}-load-balancer",
                f"{side}_balancers",
                multiple=True,
                metavar="NAME",
                help=f"One more load balancer of {side}.",
            )
            for side in Side
        ),
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class GivenCluster(NamedTuple):
    """What one side's options were given: sources, and load balancers beside those that statuses name."""

    side: Side
    sources: tuple[str, ...]
    balancers: tuple[str, ...]


def read_clusters(*given: GivenCluster) -> tuple[Inventory, ...]:
    """Read the clusters that sources were given for.

    Raises:
        CommandError: A source cannot be read at all, or standard input is to be both sides'.
    """
    if all("-" in one.sources for one in given):
        raise CommandError("Standard input can be one side's only: write the other one's objects into a file.")
    for one in given:
        if one.balancers and not one.sources:
            raise CommandError(
                f"--{one.side}-load-balancer is one more beside those of --{one.side}, which is not given: write it "
                "into the plan."
            )
    return tuple(read_cluster(*one) for one in given if one.sources)


def read_cluster(side: Side, sources: Iterable[str], balancers: Iterable[str]) -> Inventory:
    """Read a cluster.

    Args:
        side: Whose.
        sources: `kube:CONTEXT`, `manifests:DIR` (a folder or a file), or `-` for standard input.
        balancers: Load balancers that are its own beside those that its objects' statuses name.

    Raises:
        CommandError: A source cannot be read at all.
    """
    sources = tuple(sources)
    budget = Budget()
    objects = Objects()
    for source in sources:
        found = _read(side, source, budget)
        objects.found |= found.found
        objects.notices += found.notices
    inventory = take_inventory(side, " ".join(sources), objects)
    if not objects.found:
        told = "".join(f"\n{notice}" for notice in objects.notices[:5])
        raise CommandError(f"--{side} {quoted(' '.join(sources))} has no object that ExternalDNS could read.{told}")
    given = tuple(_given(side, one) for one in balancers)
    context = _context(sources)
    workloads = inventory.workloads
    if context:
        workloads = tuple(reached_by(one, context) for one in workloads)
    return replace(inventory, workloads=workloads, balancers=(*inventory.balancers, *given))


def _context(sources: tuple[str, ...]) -> str:
    """Give the kubeconfig's context that was read, where it was one alone and has a name; else nothing."""
    name = sources[0].removeprefix(KUBE) if len(sources) == 1 and sources[0].startswith(KUBE) else ""
    return "" if name == IN_CLUSTER else name


def _read(side: Side, source: str, budget: Budget) -> Objects:
    where = source if source == "-" else source.removeprefix(MANIFESTS)
    if source.startswith(KUBE):
        try:
            return read_api_server(read_context(source.removeprefix(KUBE)), budget)
        except UnreadableSource as error:
            raise CommandError(f"--{side} {quoted(source)}: {error}.") from error
    if where == source != "-":
        raise CommandError(
            f"--{side} {quoted(source)} is not a source; write {KUBE}CONTEXT, {MANIFESTS}FOLDER, {MANIFESTS}FILE, or - "
            "for standard input."
        )
    try:
        return read_manifests(where, budget)
    except UnreadableSource as error:
        raise CommandError(f"--{side} {quoted(source)}: {error}.") from error


def _given(side: Side, text: str) -> Balancer:
    try:
        name = display(parse_load_balancer(text))
    except Unusable as error:
        raise CommandError(f"--{side}-load-balancer: {error.message}; {error.remedy}.") from error
    return Balancer(name, Origin("the command line"), f"--{side}-load-balancer", name.startswith("internal-"))
