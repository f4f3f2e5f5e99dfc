"""What is advised was played, for every pair of setups that can go wrong."""

from itertools import product

import pytest

from probe.judge.rehearsal.cast import casts
from probe.judge.rehearsal.course import course
from probe.judge.rehearsal.group import HostGroup, performed
from probe.judge.rehearsal.remedies import remedy
from probe.judge.rehearsal.stand import planned
from probe.model.external_dns import ExternalDns, Policy
from probe.model.name import canonical
from probe.model.plan import Domain, Expectation, Plan, SidePlan, Wave
from probe.model.rehearsal import Act
from probe.model.side import Side

VERSIONS = [(0, 17, 0), (0, 21, 0), (0, 22, 0), (0, 23, 0)]
OWNERS = [("v2", "v1"), ("v1", None), ("v2", None)]


@pytest.mark.parametrize(("owner", "migrate"), OWNERS)
@pytest.mark.parametrize(("old", "new", "policy"), list(product(VERSIONS, VERSIONS, [Policy.SYNC, Policy.UPSERT_ONLY])))
@pytest.mark.long
def test_every_pair_that_goes_wrong_has_a_remedy_or_says_that_it_has_none(
    old: tuple[int, int, int], new: tuple[int, int, int], policy: Policy, owner: str, migrate: str | None
) -> None:
    name = canonical("app.example.com")
    domain = Domain(name, "wave", Expectation.V1)
    old_side, new_side = (
        SidePlan(Side.V1, (canonical("v1.elb"),), (), ExternalDns("v1", None, old, policy=Policy.SYNC)),
        SidePlan(Side.V2, (canonical("v2.elb"),), (), ExternalDns(owner, migrate, new, policy=policy)),
    )
    plan = Plan("test", old_side, new_side, (Wave("wave", Expectation.V1, (domain,)),))
    (cast,) = casts(plan)
    group = HostGroup("wave", Expectation.V1, planned(domain, plan, cast), cast.players, (name,))
    played = performed(group)
    for act in (Act.AS_IT_IS, Act.MOVE):
        if course(act, group, "", played[act]).faults:
            assert remedy(act, group, played), f"{act} of {old} beside {new} goes wrong, and nothing helps"
