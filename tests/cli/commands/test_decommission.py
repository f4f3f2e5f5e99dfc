"""`decommission`, between a daemon's answers and an exit status; the answers are the real API's."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from probe.cli.daemon_api import DaemonAccess
from probe.cli.main import root
from probe.judge.acceptance.waves import waves
from probe.model.clock import Instant
from probe.model.plan import Expectation
from probe.model.snapshot import Snapshot
from probe.runtime.clock import SystemClock
from tests.snapshots import NOW, fleet, migration
from tests.web.ports import Far, get

Query = Callable[..., Result]
PLAN = """vantage: seoul
sides:
  v1: {load_balancers: [v1.elb.example.net]}
  v2: {load_balancers: [v2.elb.example.net]}
waves:
  - {name: wave-1, expect: v2, domains: [www.example.com]}
  - {name: wave-3, expect: v1, domains: [billing.example.com]}
"""


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Query:
    """Run the command against a daemon that shows a snapshot, or does not answer; its clock may be `ahead`."""

    def run(shown: Snapshot | None, *arguments: str, ahead: float = 0.0) -> Result:
        async def handle(request: httpx.Request) -> httpx.Response:
            if shown is None:
                raise httpx.ConnectError("refused")
            answer = await asyncio.to_thread(get, request.url.raw_path.decode(), Far(snapshot=shown))
            return httpx.Response(answer.status_code, content=answer.content)

        client = httpx.MockTransport(handle)
        monkeypatch.setattr(DaemonAccess, "client", lambda _: httpx.AsyncClient(transport=client))
        told = Instant(NOW.wall - ahead, NOW.monotonic)
        monkeypatch.setattr(SystemClock, "now", lambda _: told)
        return CliRunner().invoke(root, ["decommission", "--url", "http://probe.test", *arguments])

    return run


def test_domains_of_which_v1_may_go_are_told_with_every_precondition_and_what_cannot_be_seen(ask: Query) -> None:
    told = ask(fleet(2), "--wave", "wave-1")
    assert told.exit_code == 0, told.output
    assert "app-0.example.com: yes, v1's Ingress may go" in told.output
    assert "on-v2     All 4 servers answer v2 for A and AAAA." in told.output
    assert told.output.count("That v1's ExternalDNS is stopped.") == 1


def test_a_domain_that_v1_still_owns_forbids_it_and_names_what_is_to_be_cleaned(ask: Query) -> None:
    told = ask(migration(), "--wave", "wave-1")
    assert told.exit_code == 2, told.output
    assert "blog.example.com: no" in told.output
    assert "Stop v1's ExternalDNS." in told.output
    assert "afterwards delete the TXT cname-blog.example.com" in told.output
    assert "afterwards delete in the zone of the other view the TXT blog.example.com" in told.output
    assert "\x1b" not in told.output


def test_a_wave_that_is_not_expected_on_v2_forbids_it(ask: Query) -> None:
    told = ask(migration(), "--wave", "wave-3")
    assert told.exit_code == 2
    assert "billing.example.com: no, it is not expected on v2." in told.output


def unjudged() -> Snapshot:
    """As soon after a start: nothing is known of a domain that is expected on v2."""
    shown = fleet(2)
    first, second = (status._replace(decommission=None) for status in shown.domains)
    statuses = (first, shown.domains[1])
    assert second.domain.expectation is Expectation.V2
    return replace(shown, domains=statuses, waves=waves(shown.plan, statuses))


def test_a_domain_that_is_not_judged_yet_is_not_known_and_no_domain_that_is_expected_elsewhere(ask: Query) -> None:
    told = ask(unjudged(), "--wave", "wave-1")
    assert told.exit_code == 3, told.output
    assert "app-0.example.com: not known, it has not been judged yet." in told.output
    assert "v1 of wave wave-1 is not known to be removable: app-0.example.com (not judged yet)." in told.output


def test_a_blind_daemon_cannot_tell(ask: Query) -> None:
    told = ask(replace(fleet(1), blind=True), "--wave", "wave-1")
    assert told.exit_code == 3
    assert "reaches no server at present" in told.output


def test_programs_get_the_facts(ask: Query) -> None:
    told = ask(fleet(1), "--wave", "wave-1", "--output", "json")
    document = json.loads(told.output)
    assert document["exit_status"] == 0
    (domain,) = document["waves"][0]["domains"]
    assert domain["decommission"]["requirements"][0] == {
        "precondition": "on-v2",
        "holds": True,
        "sentence": "All 4 servers answer v2 for A and AAAA.",
        "remedy": "",
    }


def test_a_daemon_that_does_not_answer_a_wave_that_is_none_and_a_question_without_one_end_with_a_sentence(
    ask: Query,
) -> None:
    assert ask(None, "--wave", "wave-1").exit_code == 1
    unknown = ask(fleet(1), "--wave", "nothing")
    assert unknown.exit_code == 1
    nobody = ask(fleet(1))
    assert nobody.exit_code == 1
    assert "--wave WAVE" in str(nobody.output) + str(nobody.exception)


def test_the_daemon_has_to_go_by_the_very_plan_and_waves_that_have_not_moved_are_not_asked_for(
    ask: Query, tmp_path: Path
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    other = ask(migration(), "--config", str(path))
    assert other.exit_code == 1
    assert "another plan" in other.output + str(other.exception)


def test_a_status_that_is_nested_too_deeply_is_no_daemons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path.endswith("/status") else 404, content=b"[" * 100_000)

    transport = httpx.MockTransport(handle)
    monkeypatch.setattr(DaemonAccess, "client", lambda _: httpx.AsyncClient(transport=transport))
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    told = CliRunner().invoke(root, ["decommission", "--url", "http://probe.test", "--config", str(plan)])
    assert told.exit_code == 1
    assert "What answers at http://probe.test is not this version's Cutover Probe." in told.output + str(told.exception)


def test_clocks_apart_are_said_once_and_change_nothing_else(ask: Query) -> None:
    together, apart = (ask(migration(), "--wave", "wave-1", "--wave", "wave-2", ahead=ahead) for ahead in (0.0, 300.0))
    assert together.stderr == ""
    assert apart.stderr.count("The answer of http://probe.test is 5 min ahead of this machine's clock") == 1
    assert (apart.exit_code, apart.stdout) == (together.exit_code, together.stdout)
