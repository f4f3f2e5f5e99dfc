"""The plan's `witnesses`: nobody unless it says so, each as `discover` takes it, and what is missing is a sentence."""

from pathlib import Path

import pytest

from probe.config.load import load
from probe.config.mistakes import PlanError
from probe.config.rules import witnesses as rules
from probe.model.side import Side
from probe.model.witness_sources import ClusterSource, Route53Source, WitnessSources
from tests.config.plans import plan, text

BOTH = "witnesses: {kubernetes: {v1: {context: eks-v1}, v2: {in_cluster: true}}}\n"
ROUTE53 = "witnesses: {route53: {}}\n"


def test_a_plan_without_witnesses_asks_nobody() -> None:
    assert plan().witnesses == WitnessSources()
    assert not plan().witnesses
    assert not plan(more="witnesses: {}\n").witnesses


def test_clusters_are_found_by_a_context_or_from_within() -> None:
    found = plan(more=BOTH).witnesses
    assert (found.cluster(Side.V1), found.cluster(Side.V2)) == (
        ClusterSource(context="eks-v1"), ClusterSource(in_cluster=True),
    )  # fmt: skip
    assert found
    assert (found.cluster_interval, found.route53) == (60, None)


def test_a_kubeconfig_stands_beside_the_plan(tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    path = tmp_path / "plan.yaml"
    path.write_text(text(more="witnesses: {kubernetes: {v1: {kubeconfig: config}, interval: 30s}}\n"))
    found = load(path).witnesses
    assert (found.v1, found.v2, found.cluster_interval) == (ClusterSource(tmp_path / "config"), None, 30)


def test_route_53_is_asked_as_the_environment_says_or_by_profile_and_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "find_spec", lambda _: object())
    assert plan(more=ROUTE53).witnesses.route53 == Route53Source()
    role = "arn:aws:iam::123456789012:role/team/dns"
    more = f"witnesses: {{route53: {{profile: prod, role: '{role}', zones: [Z1], interval: 10m}}}}\n"
    assert plan(more=more).witnesses.route53 == Route53Source("prod", role, ("Z1",), 600)


def test_a_library_that_is_missing_is_told_with_its_place_and_only_to_those_who_need_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "find_spec", lambda _: None)
    assert plan(more=BOTH).witnesses
    with pytest.raises(PlanError) as raised:
        plan(more=ROUTE53)
    assert str(raised.value).endswith(
        ":9:13: the library that asks Route 53 (boto3) is not installed; install it "
        "(`pip install 'cutover-probe[route53]'`), or take the key out"
    )
