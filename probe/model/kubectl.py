"""The commands that open the flags of an ExternalDNS, or stop it, as a shell takes them.

Names are the plan's. Where it tells none, namespace and Deployment have the names of ExternalDNS' own chart and the
context that of the side, and a remark above the commands says which are assumed.
"""

from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

from probe.model.advice import Situation
from probe.model.external_dns import ExternalDns
from probe.model.side import Side

NAMESPACE, WORKLOAD = "external-dns", "deployment/external-dns"
"""Where ExternalDNS' own chart puts it when it is installed as its README has it."""

SYNCS_AWAITED = 2
"""Syncs that an ExternalDNS gets before it is stopped: by one it brings back what the other one has deleted, and one
may fail."""

EDIT, STOP = "edit {}", "stop {}"
"""What is to be done to one: opened, or stopped in the way of its kind."""

_STOPS = {
    "daemonset": """patch {} --patch '{"spec":{"template":{"spec":{"nodeSelector":{"stopped":"by-hand"}}}}}'""",
    "cronjob": """patch {} --patch '{"spec":{"suspend":true}}'""",
}
"""How a kind is stopped that has no replicas: by a label that no node has, and by its own switch."""

_BY_REPLICAS = "scale {} --replicas=0"


class Command(NamedTuple):
    """One command about one ExternalDNS; behind `remark`, where it is one way of several."""

    side: Side
    instance: ExternalDns
    verb: str
    remark: str = ""

    def __str__(self) -> str:
        one = self.instance
        workload = one.workload or WORKLOAD
        verb = _STOPS.get(workload.partition("/")[0], _BY_REPLICAS) if self.verb == STOP else self.verb
        verb = verb.replace("{}", workload, 1)
        return f"{self.remark}kubectl --context {one.context or self.side.value} -n {one.namespace or NAMESPACE} {verb}"

    @property
    def assumed(self) -> tuple[str, ...]:
        """The names in it that the plan does not tell."""
        one = self.instance
        names = (
            ("" if one.context else f"context {self.side.value}"),
            ("" if one.namespace else f"namespace {NAMESPACE}"),
            ("" if one.workload else WORKLOAD),
        )
        return tuple(name for name in names if name)


def edit(situation: Situation, *sides: Side) -> str:
    """Open the flags of the sides' ExternalDNS."""
    return _text(_each(situation, sides, EDIT))


def edit_and_stop(situation: Situation, keeps: Side) -> str:
    """Open the flags of one side's ExternalDNS, wait for syncs of the other side's, and stop that one."""
    other = keeps.other
    seconds = ceil(SYNCS_AWAITED * max(one.interval for one in situation.of(other)))
    return _text([*_each(situation, [keeps], EDIT), *_each(situation, [other], STOP)], {STOP: f"sleep {seconds}"})


def stop(situation: Situation, side: Side) -> str:
    """Stop a side's ExternalDNS."""
    return _text(_each(situation, [side], STOP))


def edit_and_choose(situation: Situation, sides: Iterable[Side]) -> str:
    """Open the flags of the sides' ExternalDNS; below that, as remarks, what stops the one or the other."""
    choices = [
        one._replace(remark=f"# {keeps.value} keeps it: ")
        for keeps in (Side.V2, Side.V1)
        for one in _each(situation, [keeps.other], STOP)
    ]
    return _text([*_each(situation, sides, EDIT), *choices])


def context(situation: Situation) -> str:
    """Name the context of the side that is expected; a word in capitals where none is."""
    side = situation.expected
    return "CLUSTER" if side is None else situation.of(side)[0].context or side.value


def _each(situation: Situation, sides: Iterable[Side], verb: str) -> list[Command]:
    return [Command(side, one, verb) for side in sides for one in situation.of(side)]


def _text(commands: Iterable[Command], before: dict[str, str] | None = None) -> str:
    """Write commands one below the other; `before` has what stands before the first one of a verb."""
    waits = dict(before or {})
    commands = tuple(commands)
    assumed = dict.fromkeys(name for one in commands for name in one.assumed)
    lines = [f"# Names assumed: {', '.join(assumed)}"] if assumed else []
    for one in commands:
        lines += [waits.pop(one.verb)] if one.verb in waits else []
        lines.append(str(one))
    return "\n".join(lines)
