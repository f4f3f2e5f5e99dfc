"""One situation has one advice, in the same words: whether preflight, a rehearsal or decommission gives it."""

import pytest

from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0
from probe.judge.advice.measures import END_V1, V2_UPSERTING, one_version, one_way, take_over
from probe.judge.preflight.instances import of_the_plan
from probe.judge.preflight.takeover import take_over as judged_take_over
from probe.judge.rehearsal.run import Today, rehearse
from probe.model.check import CheckOutcome
from probe.model.external_dns import ExternalDns, Policy
from probe.model.plan import Plan
from probe.model.rehearsal import Act
from tests.judge.rehearsal.test_foretold import plan_of

SYNC, UPSERT = Policy.SYNC, Policy.UPSERT_ONLY
V1 = ExternalDns("eks-v1", version=V0_22_0, policy=SYNC)


def remedies(plan: Plan, act: Act) -> set[str]:
    """What a rehearsal advises for an act, for any host."""
    return {one.remedy for one in rehearse(plan, Today({}, "Nothing was asked.")).checks if one.name == act.value}


@pytest.mark.parametrize(
    ("v1", "v2", "words"),
    [
        (V1, ExternalDns("eks-v1", version=V0_22_0, policy=UPSERT), take_over("eks-v1", own_id=True)),
        (V1, ExternalDns("eks-v2", version=V0_22_0, policy=UPSERT), take_over("eks-v1")),
        (V1, ExternalDns("eks-v2", "else", version=V0_22_0, policy=UPSERT), take_over("eks-v1")),
        (
            ExternalDns("eks-v1", "eks-v2", version=V0_22_0, policy=UPSERT),
            ExternalDns("eks-v2", "eks-v1", version=V0_22_0, policy=UPSERT),
            one_way(),
        ),
        (
            ExternalDns("eks-v1", version=V0_21_0, policy=SYNC),
            ExternalDns("eks-v2", "eks-v1", version=V0_22_0, policy=UPSERT),
            one_version("v0.22.0", "eks-v1"),
        ),
    ],
    ids=["one owner id", "no take-over", "a take-over from nobody", "from each other", "two versions"],
)
def test_of_a_move_preflight_and_rehearsal_advise_alike(v1: ExternalDns, v2: ExternalDns, words: str) -> None:
    plan = plan_of(v1, v2)
    told = of_the_plan(plan)[0]
    assert told.outcome is not CheckOutcome.PASS
    assert told.remedy.startswith(words)
    assert remedies(plan, Act.MOVE) == {words}


def test_of_a_take_over_that_deletes_preflight_and_rehearsal_advise_alike() -> None:
    plan = plan_of(V1, ExternalDns("eks-v2", "eks-v1", version=V0_23_0, policy=SYNC))
    (told,) = judged_take_over(plan, plan.domains)
    assert told.remedy == f"{V2_UPSERTING}."
    assert remedies(plan, Act.AS_IT_IS) == {told.remedy}


def test_of_v1s_end_a_rehearsal_advises_what_decommission_does() -> None:
    """`tests/judge/acceptance/test_decommission.py` has the other half: its remedy begins with the same words."""
    plan = plan_of(
        ExternalDns("eks-v1", version=V0_21_0, policy=SYNC),
        ExternalDns("eks-v2", "eks-v1", version=V0_22_0, policy=UPSERT),
    )
    assert f"{END_V1}." in remedies(plan, Act.V1_INGRESS)
