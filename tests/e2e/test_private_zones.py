"""A private zone: real authority that nobody can ask, and a real Unbound that answers for it out of its cache."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import call
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.real_servers import RealServer, nsd, unbound

pytestmark = [pytest.mark.e2e, pytest.mark.real, pytest.mark.case("D5")]

ZONE = "corp.example.com"
MOVED, WAITING = f"argo.{ZONE}", f"grafana.{ZONE}"
RECORDS = f"""
@ NS ns
ns A 127.0.0.1
argo A {V2}
a-argo TXT {OWNERSHIP}
grafana A {V1}
a-grafana TXT {OWNERSHIP}
"""


@pytest.fixture(scope="module")
def resolver() -> Iterator[RealServer]:
    with nsd({ZONE: RECORDS}) as hidden, unbound({ZONE: (hidden.address, hidden.port)}, addresses=("127.0.0.9",)) as up:
        yield up


@pytest.fixture(params=["private_zones", "overrides"])
def plan(request: pytest.FixtureRequest, resolver: RealServer, tmp_path: Path) -> Path:
    where = {request.param: {ZONE: [f"{resolver.address}:{resolver.port}"]}}
    return plan_file(tmp_path, plan_text(wave("moved", "v2", MOVED), wave("next", "v1", WAITING), authoritative=where))


def test_it_is_judged_through_the_cache_and_said_so(command: Path, plan: Path) -> None:
    checked = call(command, "check", "--config", plan, "--output", "json")
    assert checked.status == 0, checked
    domains = {domain["name"]: domain for domain in json.loads(checked.out)["domains"]}
    assert {name: domain["state"] for name, domain in domains.items()} == {MOVED: "v2", WAITING: "v1"}
    for domain in domains.values():
        assert "1 of 1 resolver" in domain["sentence"]
        assert re.search(
            r"Seen through a cache of at least \d+ s: a change is seen up to its TTL late", domain["sentence"]
        )
        assert "authoritative" not in domain["sentence"]
        assert [owner["owner"] for txt in domain["txts"] for owner in txt["owners"]] == ["prod"]


def test_before_a_move_nothing_claims_that_its_servers_have_authority(command: Path, plan: Path) -> None:
    checked = call(command, "preflight", "--config", plan, "--wave", "next", "--output", "json")
    checks = {check["name"]: check for check in json.loads(checked.out)["checks"]}
    assert checks["record"]["outcome"] == "pass"
    assert checks["ttl"]["outcome"] == "pass"
    assert "no delegation is looked at" in checks["servers"]["sentence"]
    assert "with authority" not in checks["servers"]["sentence"]


def test_people_are_told_as_well(command: Path, plan: Path) -> None:
    checked = call(command, "check", "--config", plan)
    assert checked.status == 0, checked
    told = " ".join(checked.out.split())
    assert f"Seen through the caches of their zones' resolvers: {MOVED} and {WAITING}; a change is seen" in told


def test_what_moved_is_confirmed_through_the_cache(command: Path, plan: Path) -> None:
    plan.write_text(plan.read_text(encoding="utf-8") + "soak: 5s\n", encoding="utf-8")
    confirmed = call(command, "confirm", "--config", plan, "--wave", "moved")
    assert confirmed.status == 0, confirmed
    assert "authoritative server" not in confirmed.out + confirmed.err
