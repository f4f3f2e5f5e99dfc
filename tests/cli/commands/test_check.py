import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from probe.cli.commands import check as command
from probe.cli.errors import CommandError
from probe.cli.look import Look
from probe.cli.main import root
from probe.judge.state import forgotten
from probe.model.clock import Clock
from probe.model.delegation import DelegationProblem, ProblemReport
from probe.model.name import canonical
from probe.model.ownership import TxtOwner, TxtStatus
from probe.model.plan import Expectation, Plan, Weights
from probe.model.propagation import Drain
from probe.model.record import Position
from probe.model.snapshot import Snapshot
from probe.runtime.settling import Progress
from tests import snapshots

_PLAN = """vantage: seoul
sides:
  v1: {load_balancers: [v1.elb.example.net]}
  v2: {load_balancers: [v2.elb.example.net]}
waves:
  - name: wave-1
    expect: moving
    domains: [www.example.com, api.example.com]
"""

Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run the command as if its look had shown a snapshot, or had failed."""
    path = tmp_path / "plan.yaml"
    path.write_text(_PLAN)

    def run(shown: Snapshot | CommandError, *arguments: str) -> Result:
        async def look(plan: Plan, _clock: Clock, _patience: float, show: Callable[[Progress], None]) -> Look:
            show(Progress(len(plan.domains), 0, 0))
            if isinstance(shown, CommandError):
                raise shown
            return Look(shown, tuple(map(forgotten, shown.domains)))

        monkeypatch.setattr(command, "look", look)
        return CliRunner().invoke(root, ["check", "--config", str(path), *arguments])

    return run


def calm(expectation: Expectation, position: Position = Position.V2, name: str = "www.example.com") -> Snapshot:
    return snapshots.snapshot((snapshots.calm(snapshots.domain(name, "wave-1", expectation), position),))


def test_all_as_expected_is_0(check: Check) -> None:
    result = check(calm(Expectation.V2))
    assert result.exit_code == 0
    assert "www.example.com" in result.stdout
    assert "1 looked at: 1 as expected, 0 not, 0 not known." in result.stdout
    assert result.stderr == ""


def test_a_domain_elsewhere_is_2_with_its_sentence(check: Check) -> None:
    result = check(calm(Expectation.V1))
    assert result.exit_code == 2
    assert "Every server answers v2." in result.stdout


def test_a_domain_that_is_not_known_is_3(check: Check) -> None:
    unknown = snapshots.unknown(snapshots.domain("www.example.com", "wave-1", Expectation.V1))
    assert check(snapshots.snapshot((unknown,))).exit_code == 3


def test_one_that_fails_outweighs_one_that_is_not_known(check: Check) -> None:
    assert check(snapshots.migration()).exit_code == 2


def test_nothing_reached_is_1(check: Check) -> None:
    result = check(CommandError("No server answered anything."))
    assert result.exit_code == 1
    assert result.stderr == "No server answered anything.\n"


def test_a_table_shows_every_domain_and_every_finding(check: Check) -> None:
    snapshot = snapshots.migration()
    result = check(snapshot)
    for status in snapshot.domains:
        assert status.domain.name.rstrip(".") in result.stdout
        for finding in status.findings:
            assert f"{finding.code}: {finding.sentence}\n  Do: {finding.first.sentence}\n" in result.stdout
            commands = "".join(f"  {line}\n" for line in finding.first.lines)
            assert f"{commands}  Then: {finding.then}\n  Beat: It comes round every 60 s\n" in result.stdout
    for problem in snapshot.delegations[0].problems:
        assert problem.sentence in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("drain", "shown"),
    [
        (None, "-"),
        (Drain(snapshots.ago(100), snapshots.ago(-95), 60), "for 95 s"),
        (Drain(snapshots.ago(500), snapshots.ago(300), 60), "none"),
        (Drain(None, None, None, 2, snapshots.ago(-30)), "for 30 s, at 2"),
        (Drain(None, None, None), "none seen"),
    ],
)
def test_the_table_says_how_far_resolvers_are_and_for_how_long_caches_may_lead_to_v1(
    check: Check, drain: Drain | None, shown: str
) -> None:
    (status,) = calm(Expectation.V2).domains
    result = check(snapshots.snapshot((status._replace(drain=drain),)))
    _, heading, _, row = result.stdout.splitlines()[:4]
    assert "resolvers" in heading
    assert row[heading.index("resolvers") :].startswith("2 of 2")
    assert row[heading.index("v1 in caches") :].strip() == shown


@pytest.mark.parametrize(("weights", "shown"), [(Weights(5, 95), True), (Weights(0, 1), False)])
def test_a_side_that_is_not_proven_to_be_the_only_one_is_shown_as_such(
    check: Check, weights: Weights, *, shown: bool
) -> None:
    (status,) = calm(Expectation.V2).domains
    split = replace(status.domain, expectation=Expectation.WEIGHTED, weights=weights)
    result = check(snapshots.snapshot((status._replace(domain=split),)))
    assert ("v2 so far" in result.stdout) is shown


def test_without_resolvers_the_table_says_nothing_of_them(check: Check) -> None:
    (status,) = calm(Expectation.V2).domains
    result = check(snapshots.snapshot((status._replace(resolvers=()),)))
    assert "resolvers" not in result.stdout


def test_owners_out_of_dns_do_not_fill_the_table(check: Check) -> None:
    (status,) = calm(Expectation.V2).domains
    owners = tuple(TxtOwner(f"{number}{'x' * 119}", None) for number in range(8))
    txts = tuple(TxtStatus(canonical(f"{number}.www.example.com"), owners=owners) for number in range(4))
    result = check(snapshots.snapshot((status._replace(txts=txts),)))
    assert result.stdout.count("xxx…") == 3
    assert "5 more" in " ".join(result.stdout.split())


@pytest.mark.parametrize(("owner", "shown"), [("x" * 40, "x" * 40), ("x" * 41, "x" * 39 + "…")])
def test_an_owner_is_shown_whole_where_it_is_no_longer_than_forty_characters(
    check: Check, owner: str, shown: str
) -> None:
    (status,) = calm(Expectation.V2).domains
    txts = (TxtStatus(canonical("txt.www.example.com"), owners=(TxtOwner(owner, None),)),)
    assert shown in check(snapshots.snapshot((status._replace(txts=txts),))).stdout.split()


@pytest.mark.parametrize(("found", "more"), [(20, False), (21, True)])
def test_a_dead_zones_problems_do_not_fill_the_terminal(check: Check, found: int, *, more: bool) -> None:
    shown = calm(Expectation.V2)
    problems = tuple(
        ProblemReport(DelegationProblem.SILENT, f"ns{number}", f"ns{number} is silent.") for number in range(found)
    )
    (delegation, *_) = shown.delegations
    said = check(replace(shown, delegations=(replace(delegation, problems=problems),))).stdout
    assert said.count("is silent.") == 20
    assert ("1 more problems of delegations" in said) is more


@pytest.mark.parametrize(("held", "told"), [(6, "app-0.example.com, app-1"), (7, "7 domains;")])
def test_few_domains_that_are_seen_through_caches_are_named(check: Check, held: int, told: str) -> None:
    shown = snapshots.fleet(held)
    through = tuple(
        status._replace(records=tuple(record._replace(cache=60) for record in status.records))
        for status in shown.domains
    )
    assert f"the caches of their zones' resolvers: {told}" in check(replace(shown, domains=through)).stdout


@pytest.mark.parametrize("command_name", ["check", "preflight"])
def test_a_look_may_take_a_change_that_travels_and_the_answers_for_a_share_of_one_percent(command_name: str) -> None:
    travels, told_apart, judged = 60, 60, 3_500 / 4_000 * 60
    patience = next(one.default for one in root.commands[command_name].params if one.name == "timeout")
    assert isinstance(patience, float)
    assert travels + told_apart + judged <= patience < 240


def test_json_has_a_fact_for_every_domain_and_nothing_else_on_stdout(check: Check) -> None:
    snapshot = snapshots.migration()
    result = check(snapshot, "--output", "json")
    document = json.loads(result.stdout)
    assert list(document) == ["at", "vantage", "holding", "findings", "domains", "delegations"]
    assert document["holding"] == "fails"
    assert [one["name"] for one in document["domains"]] == [one.domain.name.rstrip(".") for one in snapshot.domains]
    by_name = {one["name"]: one for one in document["domains"]}
    assert by_name["www.example.com"]["holding"] == "holds"
    assert by_name["checkout.example.com"]["holding"] == "fails"
    assert by_name["*.apps.example.com"]["holding"] == "unknown"
    assert by_name["checkout.example.com"]["reason"]
    assert by_name["checkout.example.com"]["findings"][0]["code"] == "fight-same-owner"


def test_a_plan_is_narrowed_before_anything_is_asked(check: Check) -> None:
    result = check(calm(Expectation.V2), "--domain", "wwww.example.com")
    assert result.exit_code == 1
    assert "Did you mean `www.example.com`?" in result.stderr


@pytest.mark.case("F11")
@pytest.mark.parametrize(("code", "status"), [("server-failing", 0), ("probe-blind", 3), ("probe-behind", 3)], ids=str)
def test_what_is_wrong_with_servers_or_the_vantage_is_said_once_and_first(check: Check, code: str, status: int) -> None:
    found = snapshots.finding(code, "example.com", "Something about servers, or about this vantage.")
    shown = replace(calm(Expectation.V2), findings=(found,))
    result = check(shown)
    assert result.exit_code == status
    assert result.stdout.count(f"{code}: ") == 1
    assert result.stdout.index(f"{code}: ") < result.stdout.index("www.example.com")
    document = json.loads(check(shown, "--output", "json").stdout)
    assert [finding["code"] for finding in document["findings"]] == [code]
    assert document["holding"] == ("unknown" if status else "holds")


@pytest.mark.case("F4")
def test_a_domain_that_fails_outweighs_a_vantage_that_sees_little(check: Check) -> None:
    found = snapshots.finding("probe-blind", "example.com", "Nothing is seen of example.org.")
    assert check(replace(calm(Expectation.V1), findings=(found,))).exit_code == 2
