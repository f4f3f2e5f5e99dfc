"""What happens to records, as the daemon tells it: a move, a fight, a deletion, a server that stays behind, weights.

One daemon watches all of it, for as long as this file takes. The zone example.com stands on a BIND that takes updates
and notifies a Knot and an NSD, which transfer it; example.net stands on three servers that know nothing of each other;
example.org is split by weighted routing, by PowerDNS.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.command import call
from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.updates import delete, point
from tests.real_servers import RealServer, bind, free_port, knot, nsd, powerdns

pytestmark = [pytest.mark.e2e, pytest.mark.real]

PRIMARY, SECOND, THIRD = "127.0.0.1", "127.0.0.2", "127.0.0.3"
DRAWING = "127.0.0.4", "127.0.0.5"

MOVING, FOUGHT, LOST = "moving.example.com", "fought.example.com", "lost.example.com"
STUCK = "stuck.example.net"
SPLIT = "split.example.org"

ZONE = f"""
@ NS ns1
@ NS ns2
@ NS ns3
ns1 A {PRIMARY}
ns2 A {SECOND}
ns3 A {THIRD}
moving 5 A {V1}
a-moving 5 TXT {OWNERSHIP}
fought 5 A {V1}
lost 5 A {V1}
a-lost 5 TXT {OWNERSHIP}
stuck 5 A {V1}
a-stuck 5 TXT {OWNERSHIP}
"""
WEIGHTED_ZONE = f"""
@ NS ns1
ns1 A {DRAWING[0]}
split LUA A "pickwrandom({{{{70,'{V1}'}},{{30,'{V2}'}}}})"
"""

WEIGHTED_FOR = 60.0
"""Seconds over which draws must never be taken for anything else, once they were recognised."""


class Scene(NamedTuple):
    """Everything that runs."""

    daemon: Daemon
    plan: Path
    primary: RealServer
    second: RealServer


@pytest.fixture(scope="module")
def scene(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    port = free_port(PRIMARY, SECOND, THIRD, *DRAWING)
    zones = {"example.com": ZONE, "example.net": ZONE}
    apart = {"example.net": ZONE}
    with (
        bind(zones, port=port, secondaries=(SECOND, THIRD)) as primary,
        knot(apart, addresses=(SECOND,), port=port, transfers={"example.com": primary}) as second,
        nsd(apart, addresses=(THIRD,), port=port, transfers={"example.com": primary}),
        powerdns({"example.org": WEIGHTED_ZONE}, addresses=DRAWING, port=port),
    ):
        three = [f"{address}:{port}" for address in (PRIMARY, SECOND, THIRD)]
        text = plan_text(
            wave("first", "v2", MOVING),
            wave("others", "moving", FOUGHT, LOST, STUCK),
            wave("split", "weighted", SPLIT, weights={"v1": 70, "v2": 30}),
            authoritative={
                "overrides": {
                    "example.com": three,
                    "example.net": three,
                    "example.org": [f"{address}:{port}" for address in DRAWING],
                }
            },
        )
        plan = plan_file(tmp_path_factory.mktemp("records"), text)
        with daemon(command, plan) as running:
            running.wait_until(
                "every record is on v1",
                lambda scrape: {scrape.state(name) for name in (MOVING, FOUGHT, LOST, STUCK)} == {"v1"},
            )
            yield Scene(running, plan, primary, second)


def test_a_clean_move_is_one_transition_and_nothing_else(command: Path, scene: Scene) -> None:
    before = call(command, "check", "--config", scene.plan, "--domain", MOVING)
    assert before.status == 2, before
    assert "v1" in before.out

    point(scene.primary, MOVING, V2, zone="example.com")
    scrape = scene.daemon.wait_until("it is on v2", lambda scrape: scrape.state(MOVING) == "v2")
    assert scrape.transitions(MOVING) == 1
    assert scrape.reversals(MOVING) == 0
    states = [state for state in scene.daemon.states(MOVING) if state != "divided"]  # a slow zone transfer is just that
    assert list(dict.fromkeys(states)) == ["unknown", "v1", "propagating", "v2"]
    assert scene.daemon.events("finding_raised", domain=MOVING, severity="critical") == []
    assert [transition["after"] for transition in scene.daemon.domain(MOVING)["records"][0]["recent"]] == ["v2"]

    after = call(command, "check", "--config", scene.plan, "--domain", MOVING)
    assert after.status == 0, after
    assert "v2" in after.out


def test_a_record_that_is_written_to_and_fro_flaps_with_the_third_change_and_is_told_of_once(scene: Scene) -> None:
    for change, address in enumerate((V2, V1), start=1):
        _fight_over(scene, address, change)
    assert scene.daemon.scrape().findings(FOUGHT) <= {"unowned"}

    _fight_over(scene, V2, 3)
    scrape = scene.daemon.wait_until("it flaps", lambda scrape: scrape.state(FOUGHT) == "flapping")
    assert scrape.transitions(FOUGHT) == 3
    assert scrape.reversals(FOUGHT) == 2
    assert scrape.findings(FOUGHT) == {"flip-flop"}

    for change, address in enumerate((V1, V2), start=4):
        _fight_over(scene, address, change)
    # A pause of seconds is no end: one sync that fails must not make a fight look finished.
    assert scene.daemon.scrape().state(FOUGHT) == "flapping"
    raised = scene.daemon.events("finding_raised", domain=FOUGHT, severity="critical")
    assert [event["code"] for event in raised] == ["flip-flop"]
    assert raised[0]["level"] == "error"
    assert scene.daemon.events("finding_cleared", domain=FOUGHT, severity="critical") == []
    told = scene.daemon.domain(FOUGHT)
    assert told["state"] == "flapping"
    (finding,) = told["findings"]
    assert finding["code"] == "flip-flop"
    assert sum("went from" in line for line in finding["evidence"]) == 5


def _fight_over(scene: Scene, address: str, change: int) -> None:
    point(scene.primary, FOUGHT, address, zone="example.com")
    scene.daemon.wait_until(f"change {change} is seen", lambda scrape: scrape.transitions(FOUGHT) == change)


def test_a_deleted_name_is_an_outage_until_it_is_back(scene: Scene) -> None:
    delete(scene.primary, LOST, zone="example.com")
    scrape = scene.daemon.wait_until("it is absent", lambda scrape: scrape.state(LOST) == "absent")
    assert scrape.findings(LOST) == {"outage"}
    (finding,) = scene.daemon.domain(LOST)["findings"]
    # The smaller of the SOA record's TTL and its MINIMUM (RFC 2308 section 5).
    assert "may cache the negative answer for 60 s" in finding["sentence"]

    point(scene.primary, LOST, V1, zone="example.com")
    scrape = scene.daemon.wait_until("the finding is cleared", lambda scrape: not scrape.findings(LOST))
    assert scrape.transitions(LOST) == 2
    assert [event["code"] for event in scene.daemon.events("finding_cleared", domain=LOST)] == ["outage"]
    assert "flapping" not in scene.daemon.states(LOST)


def test_a_server_that_keeps_the_old_answer_divides_the_record_after_the_grace_time_and_is_named(scene: Scene) -> None:
    point(scene.primary, STUCK, V2, zone="example.net")
    point(scene.second, STUCK, V2, zone="example.net")
    scrape = scene.daemon.wait_until("it is divided", lambda scrape: scrape.state(STUCK) == "divided")
    assert scene.daemon.states(STUCK) == ["unknown", "v1", "propagating", "divided"]
    assert not scrape.findings(STUCK) - {"server-divided"}
    scene.daemon.wait_until("the server is named", lambda scrape: scrape.findings(STUCK) == {"server-divided"})
    told = scene.daemon.domain(STUCK)
    (finding,) = told["findings"]
    assert f"{THIRD} keeps answering v1 for " in finding["sentence"]
    assert SECOND not in finding["sentence"]
    assert {server["address"]: server["answer_class"] for server in told["records"][0]["servers"]} == {
        PRIMARY: "v2",
        SECOND: "v2",
        THIRD: "v1",
    }
    assert {server["address"]: server["answers"] for server in told["records"][0]["servers"]}[THIRD] == [V1]


def test_weighted_answers_are_weighted_and_never_anything_worse(scene: Scene) -> None:
    scene.daemon.wait_until("it is weighted", lambda scrape: scrape.state(SPLIT) == "weighted")
    (recognised,) = scene.daemon.events("state_changed", domain=SPLIT, record_type=None, after="weighted")
    scene.daemon.wait_for(
        "a minute of draws", lambda: scene.daemon.age(recognised) >= WEIGHTED_FOR, within=2 * WEIGHTED_FOR
    )
    assert scene.daemon.states(SPLIT)[-1] == "weighted"
    assert not {"flapping", "divided", "foreign", "absent"} & set(scene.daemon.states(SPLIT))
    scrape = scene.daemon.scrape()
    assert scrape.findings(SPLIT) == set()
    drawn = {side: scrape.total("cutover_answers_total", domain=SPLIT, answer_class=side) for side in ("v1", "v2")}
    # 30 % of some hundred draws: five standard errors on either side
    assert 0.1 < drawn["v2"] / (drawn["v1"] + drawn["v2"]) < 0.5
