"""Commands have the plan's names, say which are assumed, and come in an order in which each may be the last."""

import shlex
from dataclasses import replace

import pytest

from probe.model.advice import Situation
from probe.model.external_dns import ExternalDns
from probe.model.kubectl import context, edit, edit_and_choose, edit_and_stop, stop
from probe.model.plan import Expectation
from probe.model.side import Side

V1, V2 = Side
TOLD = ExternalDns(context="eks-b", namespace="dns", workload="statefulset/edns", interval=45.5)


def test_what_the_plan_does_not_tell_is_assumed_and_said() -> None:
    assert edit(Situation(), V2) == (
        "# Names assumed: context v2, namespace external-dns, deployment/external-dns\n"
        "kubectl --context v2 -n external-dns edit deployment/external-dns"
    )
    half = Situation(v1=(ExternalDns(namespace="dns"),))
    assert stop(half, V1).splitlines()[0] == "# Names assumed: context v1, deployment/external-dns"


def test_nothing_is_said_to_be_assumed_where_the_plan_tells_it_all() -> None:
    assert stop(Situation(v2=(TOLD,)), V2) == "kubectl --context eks-b -n dns scale statefulset/edns --replicas=0"


def test_every_instance_of_a_side_is_meant() -> None:
    both = Situation(v1=(TOLD, ExternalDns(context="eks-b", namespace="other", workload="deployment/x")))
    assert [line.split()[4] for line in edit(both, V1).splitlines()] == ["dns", "other"]


def test_who_is_left_deletes_nothing_and_two_syncs_pass_before_the_other_one_is_stopped() -> None:
    lines = edit_and_stop(Situation(v1=(TOLD,), v2=(TOLD,)), V2).splitlines()
    assert [line.split()[0] for line in lines] == ["kubectl", "sleep", "kubectl"]
    assert lines[1] == "sleep 91"  # two of 45.5 s
    assert lines[0].endswith("edit statefulset/edns")
    assert lines[2].endswith("--replicas=0")


def test_where_people_decide_what_stops_is_a_remark_that_no_shell_carries_out() -> None:
    told = edit_and_choose(Situation(v1=(TOLD,), v2=(TOLD,)), (V2, V1)).splitlines()
    assert [line.startswith("#") for line in told] == [False, False, True, True]
    assert told[2] == "# v2 keeps it: kubectl --context eks-b -n dns scale statefulset/edns --replicas=0"


def test_the_context_is_that_of_the_expected_side() -> None:
    assert context(Situation(Expectation.V2, v2=(TOLD,))) == "eks-b"
    assert context(Situation(Expectation.V1, v2=(TOLD,))) == "v1"
    assert context(Situation(Expectation.MOVING, v2=(TOLD,))) == "CLUSTER"


@pytest.mark.parametrize(
    ("workload", "command"),
    [
        ("rollout/edns", ["scale", "rollout/edns", "--replicas=0"]),
        ("cronjob/edns", ["patch", "cronjob/edns", "--patch", '{"spec":{"suspend":true}}']),
        (
            "daemonset/edns",
            [
                "patch",
                "daemonset/edns",
                "--patch",
                '{"spec":{"template":{"spec":{"nodeSelector":{"stopped":"by-hand"}}}}}',
            ],
        ),
    ],
)
def test_each_kind_is_stopped_in_its_own_way(workload: str, command: list[str]) -> None:
    told = Situation(v1=(replace(TOLD, workload=workload),))
    assert shlex.split(stop(told, V1)) == ["kubectl", "--context", "eks-b", "-n", "dns", *command]
    assert edit(told, V1).endswith(f"edit {workload}")
