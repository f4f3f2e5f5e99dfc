"""What is wrong, or will be, by what both clusters want and what stands: told before anything moves."""

from probe.inventory.proposal.host_hazards import HOST_RULES
from probe.inventory.proposal.setup_hazards import SETUP_RULES
from probe.inventory.proposal.survey import Survey
from probe.inventory.proposal.told import Told
from probe.model.check import WORST_FIRST


def hazards(survey: Survey) -> tuple[Told, ...]:
    """Look for everything that a plan cannot show, the worst first."""
    found = [one for rule in (*SETUP_RULES, *HOST_RULES) for one in rule(survey)]
    return tuple(sorted(found, key=lambda one: WORST_FIRST.index(one.check.outcome)))
