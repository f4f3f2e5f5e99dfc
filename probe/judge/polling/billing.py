"""Which questions Route 53 charges for.

Queries that an alias to an AWS resource answers are free; all others are billed: TXT, CNAME and plain records, and
denials (NXDOMAIN, NODATA), which no alias answers. What a VPC's resolver asks about a private zone is free. A question
that brought no response is not counted: whether it reached Route 53 cannot be known.
"""

from probe.judge.answer.held import is_held
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.question import RecordType
from probe.model.server import ServerRole


def is_billed(observation: Observation, alias: bool | None) -> bool:  # noqa: FBT001  # a verdict handed on, no switch
    """Tell whether Route 53 bills the question of an observation to the zone's owner.

    Args:
        observation: What was asked, and what came of it.
        alias: Whether the answer comes from an alias (`probe.judge.answer.alias`, kept in `RecordStatus.alias`). None,
            where its addresses are known from the plan's networks only, counts as billed, so that the price that is
            shown is never too low.
    """
    outcome = observation.outcome
    if observation.server.role is not ServerRole.AUTHORITATIVE or not isinstance(outcome, Response):
        return False
    if is_held(observation.server, outcome):
        return False
    if outcome.rcode not in ("NOERROR", "NXDOMAIN"):
        return False  # REFUSED and the like: not this zone's server
    return observation.question.rdtype is RecordType.TXT or alias is not True
