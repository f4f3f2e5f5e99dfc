"""What has to be allowed: as much as is asked, and no more."""

import json

import yaml

from probe.inventory.reading.api_server import RESOURCES
from probe.inventory.reading.permissions import cluster_role, iam_policy, rules
from probe.inventory.reading.route53_api import ACTIONS


def test_the_role_may_list_and_watch_what_is_read() -> None:
    role = yaml.safe_load(cluster_role())
    assert (role["kind"], role["metadata"]["name"]) == ("ClusterRole", "cutover-probe-discover")
    assert role["rules"] == rules()
    assert {verb for rule in rules() for verb in rule["verbs"]} == {"list", "watch"}
    allowed = [(group, kind) for rule in rules() for group in rule["apiGroups"] for kind in rule["resources"]]
    assert sorted(allowed) == sorted((resource.group, resource.plural) for resource in RESOURCES)


def test_the_policy_allows_what_is_asked_and_nothing_that_writes() -> None:
    policy = json.loads(iam_policy())
    allowed = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert sorted(allowed) == sorted(f"route53:{action}" for action in ACTIONS)
    assert all(action.startswith(("route53:List", "route53:Get")) for action in allowed)
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}


def test_what_is_of_one_zone_can_be_narrowed_to_it() -> None:
    narrow = [one for one in json.loads(iam_policy())["Statement"] if one["Resource"] != "*"]
    assert [one["Action"] for one in narrow] == [["route53:GetHostedZone", "route53:ListResourceRecordSets"]]
