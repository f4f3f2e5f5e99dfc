"""`rehearse` as its users see it: exit status, table, JSON, reports; and the demo's story, foretold over one look."""

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from probe.cli.commands.preflight import gather
from probe.cli.main import root
from probe.config.load import parse
from probe.externaldns.version import MAY_BE
from probe.judge.preflight.rehearsal import today_of
from probe.judge.rehearsal.run import rehearse
from probe.lab.world import World
from probe.model.check import CheckOutcome
from probe.model.rehearsal import Rehearsal
from tests.clock import LoopClock, run_virtual

PLAN = """
vantage: office
sides:
  v1:
    load_balancers: [k8s-v1-1.ap-northeast-2.elb.amazonaws.com]
    external_dns: {txt_owner_id: eks-v1, version: v0.22.0, policy: sync}
  v2:
    load_balancers: [k8s-v2-1.ap-northeast-2.elb.amazonaws.com]
    external_dns: {txt_owner_id: eks-v2, migrate_from_txt_owner: eks-v1, version: VERSION, policy: POLICY}
waves:
  - {name: first, expect: v1, domains: [app.example.com]}
  - {name: later, expect: v1, domains: [stay.example.com]}
"""


def ran(tmp_path: Path, *options: str, version: str = "v0.22.0", policy: str = "upsert-only") -> Result:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace("VERSION", version).replace("POLICY", policy), encoding="utf-8")
    return CliRunner().invoke(root, ["rehearse", "--config", str(file), *options], standalone_mode=False)


def test_a_good_plan_holds_and_lists_what_it_assumed(tmp_path: Path) -> None:
    result = ran(tmp_path, "--offline")
    assert {result.return_value, result.exit_code} <= {0, None}
    assert "first move" in result.output
    assert "Sync by sync" not in result.output, "where nothing goes wrong the table says when"
    assert "first and later: it would go well, with something to know first." in result.output
    assert "Assumptions:" in result.output
    # a take-over writes what it has moved again at every sync, as long as its flag is set (S5)
    assert 'v2\'s ExternalDNS ("eks-v2"): 1.0 requests, none refused (move of first and move of later)' in result.output
    assert "No query was sent" in result.output


@pytest.mark.case("A5")
def test_a_plan_that_deletes_does_not_hold(tmp_path: Path) -> None:
    result = ran(tmp_path, "--offline", "--output", "json", "--wave", "first", version="v0.23.0", policy="sync")
    assert 2 in {result.return_value, result.exit_code}
    told = json.loads(result.output)
    assert told["outcome"] == "fail"
    (later,) = [one for one in told["courses"] if one["wave"] == "later"]
    assert later["faults"] == ["gap", "fight"]
    assert later["gap_ends"] is True
    assert later["culprits"]["gap"] == ['v2\'s ExternalDNS ("eks-v2")']


def test_what_goes_wrong_is_told_sync_by_sync_once_with_what_the_daemon_would_report(tmp_path: Path) -> None:
    said = ran(tmp_path, "--offline", version="v0.23.0", policy="sync").output
    assert said.count("Sync by sync") == 1
    assert "first as-it-is, first rollback, later as-it-is and later rollback: app.example.com and stay" in said
    assert '+1:00  v2\'s ExternalDNS ("eks-v2") deletes A and AAAA' in said
    assert "The daemon would report fight-delete-create, outage and takeover-deletes." in said
    assert said.rstrip().endswith("first and later: it would not go well.")


def test_the_last_line_names_the_waves_that_it_is_said_of(tmp_path: Path) -> None:
    zone = tmp_path / "zone.db"
    v1 = "k8s-v1-1.ap-northeast-2.elb.amazonaws.com."
    owned = '"heritage=external-dns,external-dns/owner=eks-v1"'
    zone.write_text(
        f"$ORIGIN example.com.\n@ 900 IN SOA ns1 host 1 7200 900 1209600 60\napp 300 IN CNAME {v1}\n"
        f"stay 300 IN CNAME {v1}\ncname-app 300 IN TXT {owned}\n",
        encoding="utf-8",
    )
    said = ran(tmp_path, "--zone", str(zone)).output
    assert said.rstrip().endswith("\nlater: it would not go well."), "stay is nobody's, and app moves"
    hurt = ran(tmp_path, "--offline", "--wave", "first", version="v0.23.0", policy="sync").output
    assert hurt.rstrip().endswith("\nfirst and later: it would not go well."), "what moves hurts what does not"


def test_ways_that_come_to_the_same_are_one_row_and_others_tell_their_condition(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace(", version: VERSION, policy: POLICY", ""), encoding="utf-8")
    said = CliRunner().invoke(root, ["rehearse", "--config", str(file), "--offline"], standalone_mode=False).output
    rows = [line for line in said.splitlines() if " later as-it-is " in line]
    assert 1 < len(rows) < len(MAY_BE) * 2, "one for each thing that may come of it"
    assert all("v2 is v0.2" in row for row in rows)


def test_reports_are_written_in_each_format(tmp_path: Path) -> None:
    paths = [tmp_path / f"rehearsal.{suffix}" for suffix in ("md", "html", "json")]
    ran(tmp_path, "--offline", *(word for path in paths for word in ("--report", str(path))))
    plain, page, document = (path.read_text(encoding="utf-8") for path in paths)
    assert plain.startswith("# Rehearsal: first, later: it would go well, with something to know first")
    assert "<h1>Rehearsal: first, later</h1>" in page
    assert json.loads(document)["plays"] == 820
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".rehearsal")]


def test_a_report_tells_the_findings_of_what_goes_wrong(tmp_path: Path) -> None:
    paths = [tmp_path / f"rehearsal.{suffix}" for suffix in ("md", "html", "json")]
    reports = (word for path in paths for word in ("--report", str(path)))
    ran(tmp_path, "--offline", *reports, version="v0.23.0", policy="sync")
    plain, page, document = (path.read_text(encoding="utf-8") for path in paths)
    assert "- The daemon would report: fight-delete-create, outage, takeover-deletes" in plain
    assert "<dt>The daemon would report</dt><dd>fight-delete-create, outage, takeover-deletes</dd>" in page
    findings = [one["findings"] for one in json.loads(document)["courses"] if one["act"] == "as-it-is"]
    assert findings == [["fight-delete-create", "outage", "takeover-deletes"]] * 2


def test_a_record_that_is_nobodys_gets_its_txt_first_and_a_missing_aaaa_is_no_fault(tmp_path: Path) -> None:
    alias = {"HostedZoneId": "ZWKZPGTI48KDX", "DNSName": "k8s-v1-1.ap-northeast-2.elb.amazonaws.com."}
    owner = '"heritage=external-dns,external-dns/owner=eks-v1,external-dns/resource=ingress/a/stay"'
    sets = [
        {"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "a. b. 1 2 3 4 300"}]},
        {"Name": "app.example.com.", "Type": "A", "AliasTarget": {**alias, "EvaluateTargetHealth": True}},
        {"Name": "stay.example.com.", "Type": "A", "AliasTarget": {**alias, "EvaluateTargetHealth": True}},
        {"Name": "a-stay.example.com.", "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": owner}]},
    ]
    zone = tmp_path / "zone.json"
    zone.write_text(json.dumps({"ResourceRecordSets": sets}), encoding="utf-8")
    told = json.loads(ran(tmp_path, "--zone", str(zone), "--output", "json").output)
    (unowned,) = [one for one in told["checks"] if (one["name"], one["subject"]) == ("move", "first")]
    assert unowned["outcome"] == "fail"
    assert "It has no ownership TXT that an ExternalDNS reads, so that none changes it." in unowned["sentence"]
    assert unowned["remedy"].startswith(
        "Where v1 has an object for it, write the ownership TXT that v1's ExternalDNS would"
    )
    (stay,) = [one for one in told["checks"] if (one["name"], one["subject"]) == ("as-it-is", "later")]
    assert stay["outcome"] == "pass", "v1's ExternalDNS adds the AAAA that is missing: nothing leaves v1"


def test_two_sources_are_one_too_many(tmp_path: Path) -> None:
    result = ran(tmp_path, "--offline", "--zone", "zone.json")
    assert "give one of them" in str(result.exception)


def test_a_wave_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert 'no wave "secnd"' in str(ran(tmp_path, "--offline", "--wave", "secnd").exception).replace("`", '"')


def foretold_of_the_story() -> Rehearsal:
    """One look at the demo's story as it stands at its beginning, and the night played from there."""

    async def main(clock: LoopClock) -> Rehearsal:
        async with World(clock, random.Random(5)) as world:
            plan = parse(world.plan_text())
            evidence = await gather(plan, clock, 180, lambda _: None, route=world.route)
            return rehearse(plan, today_of(evidence, plan))

    return run_virtual(main)


def test_the_demos_story_is_foretold() -> None:
    told = foretold_of_the_story()
    found = {(check.name, check.subject, check.outcome.value) for check in told.checks}
    assert ("move", "core-api", "pass") in found
    assert ("as-it-is", "core-api", "unknown") in found, "its plan does not tell --policy of v2"
    assert ("as-it-is", "b2b", "pass") in found, "v2's of the weighted host takes nothing over"
    assert not [check for check in told.checks if check.name == "not-played"]
    fights = {
        check.sentence.split(",")[0]
        for check in told.checks
        if check.name == "move" and check.outcome is CheckOutcome.FAIL and "undo each other's work" in check.sentence
    }
    assert fights == {"shop.example.com", "account.example.com", "login.example.com"}, "what the story is about"


V2_AS_READ = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: external-dns, namespace: dns}
spec:
  template:
    spec:
      containers:
        - name: external-dns
          image: registry.k8s.io/external-dns/external-dns:v0.23.0
          args: [--source=ingress, --txt-owner-id=eks-v2, --migrate-from-txt-owner=eks-v1, --policy=POLICY]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: app.example.com}]}
status: {loadBalancer: {ingress: [{hostname: k8s-v2-1.ap-northeast-2.elb.amazonaws.com}]}}
"""
V1_AS_READ = (
    V2_AS_READ.replace("k8s-v2-1", "k8s-v1-1")
    .replace("--txt-owner-id=eks-v2, --migrate-from-txt-owner=eks-v1", "--txt-owner-id=eks-v1")
    .replace("[{host: app.example.com}]", "[{host: app.example.com}, {host: stay.example.com}]")
    .replace("POLICY", "sync")
)


def as_manifests(tmp_path: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [word for name in files for word in (f"--{name}", f"manifests:{tmp_path / name}.yaml")]


@pytest.mark.case("A5")
def test_the_flags_of_the_clusters_are_played_and_not_those_of_the_plan(tmp_path: Path) -> None:
    sources = as_manifests(tmp_path, v1=V1_AS_READ, v2=V2_AS_READ.replace("POLICY", "sync"))
    result = ran(tmp_path, "--offline", *sources, "--output", "json")  # the plan has v0.22 with upsert-only
    told = json.loads(result.output)
    assert told["outcome"] == "fail"
    (stay,) = [one for one in told["courses"] if one["hosts"] == ["stay.example.com"] and one["act"] == "as-it-is"]
    assert stay["culprits"]["gap"] == ['v2\'s ExternalDNS ("eks-v2")']
    assert any(
        "policy of v2's ExternalDNS dns/external-dns: the plan has upsert-only" in one for one in told["assumptions"]
    )


def test_what_the_clusters_want_is_played(tmp_path: Path) -> None:
    sources = as_manifests(tmp_path, v1=V1_AS_READ, v2=V2_AS_READ.replace("POLICY", "upsert-only"))
    result = ran(tmp_path, "--offline", *sources, "--output", "json")
    told = json.loads(result.output)
    faults = {(one["hosts"][0], one["act"]): one["faults"] for one in told["courses"]}
    assert faults["app.example.com", "as-it-is"] == ["leaves"], "v2 has its object today"
    assert faults["stay.example.com", "as-it-is"] == []
    assert faults["stay.example.com", "move"] == []
    assert "v2 has no object today for stay.example.com." in told["assumptions"]


def test_one_cluster_may_come_from_standard_input_and_the_other_one_be_assumed(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace("VERSION", "v0.22.0").replace("POLICY", "upsert-only"), encoding="utf-8")
    command = ["rehearse", "--config", str(file), "--offline", "--v1", "-"]
    text = V1_AS_READ.replace(", {host: stay.example.com}", "").replace("v0.23.0", "v0.22.0")
    said = CliRunner().invoke(root, command, input=text, standalone_mode=False).output
    assert "What v1 wants is as - had it when it was read." in said
    assert "v1 has no object today for stay.example.com." in said
    assert "v2 has objects for the hosts of waves that have moved, and for no others" in said
    assert "stay.example.com is expected on v1, which has no object for it" in said
    assert said.rstrip().endswith("\nlater: not enough is known.")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--v1", "-", "--v2", "-"), "Standard input can be one side's only"),
        (("--v1", "there"), "is not a source; write kube:CONTEXT"),
        (
            ("--v1-load-balancer", "k8s-1.eu-west-1.elb.amazonaws.com"),
            "--v1, which is not given: write it into the plan",
        ),
    ],
)
def test_sources_that_cannot_be_read_are_sentences(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    assert words in str(ran(tmp_path, "--offline", *options).exception)


def test_standard_input_is_the_plans_or_a_sides() -> None:
    command = ["rehearse", "--config", "-", "--offline", "--v1", "-"]
    result = CliRunner().invoke(root, command, input=PLAN, standalone_mode=False)
    assert str(result.exception) == "Standard input is the plan's or one side's: write one of them into a file."
