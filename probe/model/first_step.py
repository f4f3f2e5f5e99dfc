"""What to do first about a finding: whom to stop, with the command for it.

The side that a domain is not expected on has the ExternalDNS to stop. While the domain moves, or is split by weights,
both sides are expected, and people decide. Namespace and deployment have the names of ExternalDNS' own chart; the
contexts have the names of the sides.
"""

from typing import NamedTuple, assert_never

from probe.model.plan import Expectation
from probe.model.side import Side


class FirstStep(NamedTuple):
    """What to do first.

    Attributes:
        sentence: Whom to stop, or what to do, in one sentence.
        command: A command that does it, or that shows where to do it. Names in capitals stand for the reader's own.
            Empty where there is none.
    """

    sentence: str
    command: str = ""


NO_STEP = FirstStep("")
"""Of findings that an earlier version wrote into a journal."""

UPSERT_ONLY = FirstStep(
    "Give v2's ExternalDNS --policy=upsert-only.", "kubectl --context v2 -n external-dns edit deployment/external-dns"
)
"""Where v2's ExternalDNS deletes: no other step is needed to stop that."""

RESTORE = FirstStep(
    "Create the record again.",
    "aws route53 change-resource-record-sets --hosted-zone-id ZONE --change-batch file://RECORD.json",
)
"""Where a record was deleted."""


def stop(side: Side | None) -> FirstStep:
    """Say to stop one side's ExternalDNS; None where the side is not known."""
    context = "CLUSTER" if side is None else side.value
    who = "the ExternalDNS of the cluster that is not to serve the host" if side is None else f"{context}'s ExternalDNS"
    return FirstStep(
        f"Stop {who}.", f"kubectl --context {context} -n external-dns scale deployment/external-dns --replicas=0"
    )


def stop_unexpected(expectation: Expectation) -> FirstStep:
    """Say to stop the ExternalDNS of the side that the domain is not expected on."""
    match expectation:
        case Expectation.V1:
            return stop(Side.V2)
        case Expectation.V2:
            return stop(Side.V1)
        case Expectation.MOVING | Expectation.WEIGHTED:
            return stop(None)
        case _:
            assert_never(expectation)
