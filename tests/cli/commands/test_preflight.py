"""`preflight` over the simulated migration, in virtual time over real sockets, and what the command writes."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from probe.cli.commands import preflight as command
from probe.cli.main import root
from probe.cli.selection import narrow
from probe.config.load import parse
from probe.judge.preflight.inputs import PreflightEvidence, ZoneFacts
from probe.judge.preflight.run import preflight
from probe.lab.world import World
from probe.model.check import Check, CheckOutcome, worst
from probe.model.clock import Clock
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.runtime.settling import Progress
from tests.clock import LoopClock, run_virtual
from tests.snapshots import REMEDY, fleet, migration

ZONES = {DomainName("example.com."): ZoneFacts(900, delegation_signer=False, keys=False)}


def flown(wave: str, change: Callable[[str], str] = lambda text: text) -> tuple[tuple[Check, ...], float]:
    """Look at a wave of the story as it stands at its beginning; give also how long it took."""

    async def main(clock: LoopClock) -> tuple[tuple[Check, ...], float]:
        async with World(clock, random.Random(5)) as world:
            plan = narrow(parse(change(world.plan_text())), [wave], ())
            evidence = await command.gather(plan, clock, 180, lambda _: None, route=world.route)
            return preflight(evidence), clock.now().monotonic

    return run_virtual(main)


def outcome(checks: tuple[Check, ...], name: str) -> set[CheckOutcome]:
    found = {check.outcome for check in checks if check.name == name}
    assert found, name
    return found


def test_a_wave_of_the_story_is_ready_but_for_what_nobody_checks_and_a_resolver_that_stretches_ttls() -> None:
    checks, seconds = flown("core-api")
    assert worst(check.outcome for check in checks) is CheckOutcome.WARN
    assert seconds < 15
    for name in ("load-balancer", "record", "servers", "dnssec", "resolvers"):
        assert outcome(checks, name) == {CheckOutcome.PASS}
    assert outcome(checks, "negative-ttl") == {CheckOutcome.WARN}  # Route 53's 15 minutes
    (first, _) = (check for check in checks if check.name == "ttl")
    # how many virtual seconds pass between the answer and the end of the look depends on real sockets
    assert re.search(r"the resolver isp still holds an answer for (5 min|4 min 5\d s):", first.sentence), first.sentence
    assert [check.sentence for check in checks if check.name == "ownership" and check.subject == "api.example.com"] == [
        "v2's ExternalDNS will take it over, by a-api.example.com."
    ]


def test_an_owner_that_v2_does_not_migrate_from_fails() -> None:
    checks, _ = flown(
        "core-api", lambda text: text.replace("migrate_from_txt_owner: v1", "migrate_from_txt_owner: blue")
    )
    assert worst(check.outcome for check in checks) is CheckOutcome.FAIL
    told = [check for check in checks if check.name == "ownership" and check.outcome is CheckOutcome.FAIL]
    assert {check.subject for check in told} == {"plan", "api.example.com", "auth.example.com"}
    assert all("change nothing, and log nothing" in check.sentence for check in told if check.subject != "plan")


def test_one_owner_id_for_both_sides_fails() -> None:
    def same(text: str) -> str:
        return re.sub(r" *migrate_from_txt_owner: v1\n", "", text.replace("txt_owner_id: v2", "txt_owner_id: v1"))

    checks, _ = flown("core-api", same)
    assert next(check.outcome for check in checks if check.subject == "plan") is CheckOutcome.FAIL


def test_a_load_balancer_of_v2_that_is_not_there_fails() -> None:
    def without(text: str) -> str:
        return re.sub(r"k8s-ingress-v2-[0-9a-f]+-\d+", "k8s-ingress-v2-0000000000-1", text)

    checks, _ = flown("core-api", without)
    assert outcome(checks, "load-balancer") == {CheckOutcome.FAIL}
    assert worst(check.outcome for check in checks) is CheckOutcome.FAIL


@pytest.fixture
def fly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command as if its look had shown this evidence."""
    path = tmp_path / "plan.yaml"
    path.write_text(
        "vantage: seoul\n"
        "sides:\n  v1: {load_balancers: [v1.elb.example.net]}\n  v2: {load_balancers: [v2.elb.example.net]}\n"
        "waves:\n  - {name: wave-1, expect: v1, domains: [www.example.com]}\n"
    )

    def run(evidence: PreflightEvidence, *arguments: str) -> Result:
        async def gather(
            plan: Plan, _clock: Clock, _patience: float, show: Callable[[Progress], None]
        ) -> PreflightEvidence:
            show(Progress(len(plan.domains), 0, 0))
            return evidence

        monkeypatch.setattr(command, "gather", gather)
        return CliRunner().invoke(root, ["preflight", "--config", str(path), "--wave", "wave-1", *arguments])

    return run


def test_many_checks_that_pass_alike_are_one_line_unless_all_are_wanted(fly: Callable[..., Result]) -> None:
    short, long = (fly(PreflightEvidence(fleet(12), ZONES), *flags) for flags in ((), ("--verbose",)))
    assert sum(line.startswith("pass    record") for line in short.output.splitlines()) == 1
    assert "12 times: It passes; --verbose writes each out." in short.output
    assert sum(line.startswith("pass    record") for line in long.output.splitlines()) == 12
    assert "\x1b" not in short.output + long.output


@pytest.mark.parametrize(("domains", "written"), [(3, 3), (4, 1)])
def test_few_checks_that_pass_alike_are_written_out(fly: Callable[..., Result], domains: int, written: int) -> None:
    shown = fly(PreflightEvidence(fleet(domains), ZONES))
    assert sum(line.startswith("pass    record") for line in shown.output.splitlines()) == written


def test_failures_are_written_out_with_what_to_do_and_end_with_2(fly: Callable[..., Result]) -> None:
    shown = fly(PreflightEvidence(migration(), ZONES))
    assert shown.exit_code == 2
    assert "fail    record        checkout.example.com: fight-same-owner:" in shown.output
    assert REMEDY["fight-same-owner"] in shown.output


def test_programs_get_every_check(fly: Callable[..., Result]) -> None:
    shown = fly(PreflightEvidence(fleet(5), ZONES), "--output", "json")
    document = json.loads(shown.output)
    assert (document["wave"], document["vantage"]) == ("wave-1", "eu-central-1")
    assert sum(check["name"] == "record" for check in document["checks"]) == 5
    assert {"name", "subject", "outcome", "sentence", "remedy"} == set(document["checks"][0])


@pytest.mark.case("A5")
def test_the_move_is_played_and_what_fails_of_it_is_a_check() -> None:
    def deleting(text: str) -> str:
        return text.replace("version: v0.22.0", "version: v0.23.0\n      policy: sync")

    checks, _ = flown("core-api", deleting)
    failing = [check for check in checks if check.name == "rehearsal" and check.outcome is CheckOutcome.FAIL]
    assert [check.subject for check in failing] == ["core-api"]
    assert "api.example.com and auth.example.com, as it is, with nothing moved" in failing[0].sentence
    assert "--policy=upsert-only" in failing[0].remedy
    untold, _ = flown("core-api")
    (open_way,) = [check for check in untold if check.name == "rehearsal"]
    assert open_way.outcome is CheckOutcome.WARN, "its plan does not tell --policy of v2"
    assert "would fail in some of the ways that the plan leaves open" in open_way.sentence
