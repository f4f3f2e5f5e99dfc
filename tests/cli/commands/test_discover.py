"""`discover` as its users see it: the plan on standard output, what is wrong on standard error, exit statuses."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from probe.cli.commands import discover
from probe.cli.look import Look
from probe.cli.main import root
from probe.config.load import parse
from probe.model.domain import DomainStatus
from probe.model.plan import Expectation, Plan
from probe.model.record import RecordState
from tests.inventory.manifests import DATA, V1_WEB
from tests.snapshots import migration

V1, V2 = f"manifests:{DATA / 'v1'}", f"manifests:{DATA / 'v2'}"
ZONE = str(DATA / "zone.json")


@pytest.fixture(autouse=True)
def _no_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/no/such/kubeconfig")


def ran(*options: str, stdin: str = "", v1: str = V1, v2: str = V2) -> Result:
    command = ["discover", "--v1", v1, "--v2", v2, *options]
    return CliRunner().invoke(root, command, input=stdin, standalone_mode=False)


def refusal(*options: str, **more: str) -> str:
    result = ran(*options, **more)
    assert result.exception is not None
    return str(result.exception)


def test_the_plan_goes_to_standard_output_and_what_is_wrong_to_standard_error() -> None:
    result = ran("--zone", ZONE, "--vantage", "office")
    assert result.return_value == 0
    plan = parse(result.stdout)
    assert (plan.vantage, len(plan.domains)) == ("office", 8)
    assert result.stderr.startswith("fails: v1's external-dns/external-dns runs v0.15.0")
    assert "warning: 1 host is wanted by v1 only (m.example.com)" in result.stderr


def test_one_side_may_come_from_standard_input() -> None:
    text = "---\n".join(path.read_text(encoding="utf-8") for path in sorted((DATA / "v1").iterdir()))
    result = ran(v1="-", stdin=text)
    assert parse(result.stdout).v1.external_dns.version == (0, 15, 0)
    assert "<standard input>:" in result.stdout
    assert "Standard input can be one side's only" in refusal(v1="-", v2="-")


def test_a_plan_that_lacks_something_does_not_hold(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(ran("--zone", ZONE).stdout, encoding="utf-8")
    same = ran("--zone", ZONE, "--diff", str(plan))
    assert (same.return_value, same.stdout) == (0, "The plan says what both clusters and the zone say.\n")
    plan.write_text(plan.read_text(encoding="utf-8").replace("- forgotten.example.com", "- kept.example.com"), "utf-8")
    less = ran("--zone", ZONE, "--diff", str(plan))
    assert less.return_value == 2
    assert less.stdout.startswith("lacks: the domain forgotten.example.com (proposed for the wave unwanted")
    assert "too much: the domain kept.example.com: no object that was read wants it\n" in less.stdout


def test_a_diff_of_what_could_not_be_read_whole_is_not_known(tmp_path: Path) -> None:
    plan, broken = tmp_path / "plan.yaml", tmp_path / "broken.yaml"
    plan.write_text(ran("--zone", ZONE).stdout, encoding="utf-8")
    broken.write_text("kind: Ingress\nmetadata: {name: a\n", encoding="utf-8")
    result = ran("--zone", ZONE, "--diff", str(plan), "--v1", f"manifests:{broken}")
    assert result.return_value == 3
    assert "not everything could be read" in result.stdout
    assert f"{broken}:3: this `Ingress` cannot be read and was skipped" in result.stderr


@pytest.mark.parametrize(("broken", "more"), [(20, ""), (21, "… and 1 more place that could not be read")])
def test_what_could_not_be_read_does_not_fill_the_terminal(tmp_path: Path, broken: int, more: str) -> None:
    for number in range(broken):
        (tmp_path / f"{number}.yaml").write_text("kind: Ingress\nmetadata: {name: a\n", encoding="utf-8")
    said = ran("--zone", ZONE, "--v1", f"manifests:{tmp_path}").stderr
    assert said.count("cannot be read and was skipped") == 20
    assert ("more place" in said) is bool(more)
    assert more in said


def test_load_balancers_that_no_status_tells_can_be_given(tmp_path: Path) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, namespace: shop}\n"
        "spec: {rules: [{host: a.example.com}]}\n",
        encoding="utf-8",
    )
    assert "v1 has no load balancer of its own" in refusal(v1=f"manifests:{bare}")
    result = ran("--v1-load-balancer", f"dualstack.{V1_WEB}", v1=f"manifests:{bare}")
    assert parse(result.stdout).v1.load_balancers == (f"{V1_WEB}.",)
    assert "unknown: 1 host of v1 has no load balancer in any status" in result.stderr
    assert "--v1-load-balancer: `192.0.2.1` is an IP address" in refusal("--v1-load-balancer", "192.0.2.1")


@pytest.mark.parametrize(
    ("v1", "words"),
    [
        ("v1", "is not a source; write kube:CONTEXT"),
        ("manifests:/no/such/folder", "neither a folder nor a file"),
        ("kube:prod", "--v1 `kube:prod`: there is no kubeconfig"),
        (f"manifests:{DATA / 'zone.json'}", "has no object that ExternalDNS could read"),
    ],
)
def test_what_is_no_source_is_refused_with_what_to_write(v1: str, words: str) -> None:
    assert words in refusal(v1=v1)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("/no/such/zone", "cannot be read: No such file"),
        ("route53:prod@z", "is no hosted zone's id"),
        (str(DATA / "v1" / "shop.yaml"), "zone"),
    ],
)
def test_what_is_no_zone_is_refused(zone: str, words: str) -> None:
    assert words in refusal("--zone", zone)


@pytest.mark.parametrize(("word", "begins"), [("cluster", "apiVersion: rbac"), ("route53", '{\n  "Version": "2012')])
def test_what_has_to_be_allowed_is_written_without_any_source(word: str, begins: str) -> None:
    result = CliRunner().invoke(root, ["discover", "--print-permissions", word])
    assert result.exit_code == 0
    assert result.output.startswith(begins)


def test_two_zones_of_one_name_are_looked_at_one_by_one() -> None:
    assert "Two of the zones are `example.com`" in refusal("--zone", ZONE, "--zone", ZONE)


def test_a_vantage_has_to_be_a_label() -> None:
    assert "cannot be a label" in refusal("--vantage", "two words")


def test_strangers_text_cannot_steer_a_terminal_or_end_a_comment(tmp_path: Path) -> None:
    evil = tmp_path / "evil.yaml"
    evil.write_text(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"
        'metadata: {name: "a\\e[2J\\nwaves: []", namespace: "x\\ny: 1"}\n'
        'spec: {rules: [{host: a.example.com}, {host: "b\\e]0;x.example.com"}]}\n'
        f"status: {{loadBalancer: {{ingress: [{{hostname: {V1_WEB}}}]}}}}\n",
        encoding="utf-8",
    )
    result = ran(v1=f"manifests:{evil}")
    assert "\x1b" not in result.output
    assert "a.example.com." in {domain.name for domain in parse(result.stdout).domains}


def test_without_a_zone_the_servers_can_be_asked_where_each_host_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def looked(plan: Plan, clock: object, patience: float, show: object) -> Look:
        del clock, show
        assert 60 <= patience < 120  # a change that travels is over by then
        asked.append(len(plan.domains))
        statuses = [DomainStatus(domain, RecordState.V2) for domain in plan.domains]
        return Look(replace(migration(), plan=plan, domains=tuple(statuses)), ())

    monkeypatch.setattr(discover, "look", looked)
    result = ran("--look")
    assert asked == [7]
    assert {wave.expectation for wave in parse(result.stdout).waves} == {Expectation.V2}
    assert "the servers were asked where each name leads" in result.stdout
    assert "# Declared by `cutover-probe/wave: shop`. They lead to v2 now." in result.stdout
