"""Carries out the commands of a first step on a stage, line by line, as they stand: who reads no more does this."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from probe.model.advice import Situation
from probe.model.external_dns import ExternalDns, Policy
from probe.model.plan import Expectation
from probe.model.side import Side
from tests.remedies.stage import Stage

ON_AN_EXTERNAL_DNS = re.compile(
    r"kubectl --context (?P<side>v1|v2) -n external-dns (?P<verb>edit|scale) deployment/external-dns( --replicas=0)?"
)
WAIT = re.compile(r"sleep (?P<seconds>\d+)")
BY_HAND = re.compile(r"aws route53 change-resource-record-sets .*")
LOOKS = re.compile(
    r"kubectl (--context CLUSTER|--context v[12]|-n NAMESPACE) (get|describe|top) .*"
    r"|kubectl -n NAMESPACE top .*"
    r"|aws route53 (list-resource-record-sets|get-hosted-zone) .*"
    r"|aws elbv2 describe-load-balancers .*|aws cloudtrail lookup-events .*"
    r"|dig .*"
)
"""Commands that change nothing."""

Hand = Callable[[Stage], object]
"""What is changed in the hosted zone by hand."""


def commands(command: str) -> list[str]:
    """Give the lines that a shell carries out."""
    return [line for line in command.splitlines() if not line.startswith("#")]


def changes_something(command: str) -> bool:
    """Tell whether a line does more than look; an unknown one is taken to."""
    return not all(LOOKS.fullmatch(line) for line in commands(command))


def situation(stage: Stage, expectation: Expectation, *, declared: bool) -> Situation:
    """Say what is known: the plan declares each policy, or tells of none."""
    v1, v2 = ((ExternalDns(policy=stage.clusters[side].flags.policy) if declared else ExternalDns(),) for side in Side)
    return Situation(expectation, v1, v2)


def carry_out(stage: Stage, lines: list[str], hand: Hand | None, pause: float) -> Iterator[float]:
    """Do one line after the other; an editor is opened to write what the sentence says: --policy=upsert-only."""
    for line in lines:
        wait, change = WAIT.fullmatch(line), ON_AN_EXTERNAL_DNS.fullmatch(line)
        if wait is not None:
            yield float(wait["seconds"])
        elif change is not None:
            side = Side(change["side"])
            if change["verb"] == "edit":
                stage.flags(side, policy=Policy.UPSERT_ONLY)
            else:
                stage.stop(side)
            yield pause
        elif BY_HAND.fullmatch(line):
            assert hand is not None, line
            hand(stage)
            yield pause
        else:
            assert LOOKS.fullmatch(line), line


def declare(stage: Stage, policies: tuple[Policy, Policy]) -> None:
    """Let each side run with a policy, whatever a fault asks for."""
    stage.forced = dict(zip(Side, policies, strict=True))
    for side, policy in stage.forced.items():
        stage.clusters[side].flags = replace(stage.clusters[side].flags, policy=policy)
