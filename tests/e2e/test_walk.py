"""The daemon finds the servers itself: from a root to a top-level zone to the zone, all real and on one port."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import call
from tests.e2e.daemon import daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.updates import change
from tests.real_servers import bind, free_port, knot, nsd, powerdns

pytestmark = [pytest.mark.e2e, pytest.mark.real]

ROOT, TLD, CHILD, LAME = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"

ROOT_ZONE = f"""
@ SOA a.root. hostmaster. 1 7200 900 1209600 300
@ NS a.root.
a.root. A {ROOT}
com. NS a.tld.com.
a.tld.com. A {TLD}
"""
COM_ZONE = f"""
@ NS a.tld
a.tld A {TLD}
shop NS ns1.shop
shop NS ns2.shop
ns1.shop A {CHILD}
ns2.shop A {LAME}
cloud NS ns.cloud
ns.cloud A {TLD}
"""
CLOUD_ZONE = f"""
@ NS ns
ns A {TLD}
old.elb A {V1}
old.elb A 192.0.2.2
new.elb A {V2}
"""
SHOP_ZONE = f"""
@ NS ns1
@ NS ns2
ns1 A {CHILD}
ns2 A {LAME}
www A {V1}
a-www TXT {OWNERSHIP}
api A {V2}
a-api TXT {OWNERSHIP}
"""
WWW, API = "www.shop.com", "api.shop.com"
GONE = "gone.elb.cloud.com"
SIDES = {
    "v1": {"load_balancers": ["old.elb.cloud.com"]},
    "v2": {"load_balancers": ["dualstack.New.elb.cloud.com"]},
}


def test_the_walk_finds_servers_and_load_balancers_names_the_lame_one_and_survives_the_zones_death(
    command: Path, tmp_path: Path
) -> None:
    port = free_port(ROOT, TLD, CHILD, LAME)
    with (
        bind({".": ROOT_ZONE}, port=port),
        knot({"com": COM_ZONE, "cloud.com": CLOUD_ZONE}, addresses=(TLD,), port=port),
        powerdns({"elsewhere.org": f"@ NS ns\nns A {LAME}"}, addresses=(LAME,), port=port),
        ExitStack() as child,
    ):
        child.enter_context(nsd({"shop.com": SHOP_ZONE}, addresses=(CHILD,), port=port))
        text = plan_text(
            wave("moved", "v2", API),
            wave("rest", "v1", WWW),
            sides=SIDES,
            authoritative={"start": [f"{ROOT}:{port}"], "port": port},
        )
        plan = plan_file(tmp_path, text)
        with daemon(command, plan) as running:
            running.wait_until(
                "both are where they should be",
                lambda scrape: (scrape.state(WWW), scrape.state(API)) == ("v1", "v2"),
            )
            status = running.api("status")
            shop = next(walk for walk in status["delegations"] if walk["zone"] == "shop.com")
            assert shop["servers"] == [CHILD]
            assert [(problem["problem"], problem["subject"]) for problem in shop["problems"]] == [
                ("lame", f"ns2.shop.com ({LAME})")
            ]
            assert {(target["side"], target["address"]) for target in status["targets"]} == {
                ("v1", V1),
                ("v1", "192.0.2.2"),
                ("v2", V2),
            }
            assert call(command, "check", "--config", plan).status == 0

            child.close()
            running.wait_for("its silence is told", lambda: _failure(running.domain(WWW)) == "unreachable")
            told = running.domain(WWW)
            assert told["state"] == "v1"  # silence is no evidence
            assert "leads to v1 by the last answer of its only server" in told["sentence"]
            assert told["findings"] == []
            assert not running.api("status")["blind"]  # the load balancers' names are still answered

            child.enter_context(nsd({"shop.com": SHOP_ZONE}, addresses=(CHILD,), port=port))
            running.wait_for("it answers again", lambda: _failure(running.domain(WWW)) is None)
            scrape = running.scrape()
            assert scrape.state(WWW) == "v1"
            assert scrape.transitions(WWW) == 0
            assert running.states(WWW) == ["unknown", "v1"]


def test_a_name_whose_zone_is_not_delegated_is_unknown_in_so_many_words(command: Path, tmp_path: Path) -> None:
    port = free_port(ROOT, TLD)
    with (
        bind({".": ROOT_ZONE}, port=port),
        knot({"com": COM_ZONE, "cloud.com": CLOUD_ZONE}, addresses=(TLD,), port=port) as registry,
    ):
        change(registry, "update delete shop.com. NS", zone="com")
        text = plan_text(
            wave("rest", "v1", WWW), sides=SIDES, authoritative={"start": [f"{ROOT}:{port}"], "port": port}
        )
        plan = plan_file(tmp_path, text)
        with daemon(command, plan) as running:
            running.wait_until("it is ready", lambda scrape: scrape.total("cutover_ready") == 1)
            running.wait_for(
                "it is said", lambda: "no authoritative server was found" in running.domain(WWW)["sentence"]
            )
            told = running.domain(WWW)
            assert told["state"] == "unknown"
            assert told["findings"] == []
            (missing,) = [walk for walk in running.api("status")["delegations"] if walk["zone"] is None]
            assert "its zone is not delegated" in missing["problems"][0]["sentence"]
        checked = call(command, "check", "--config", plan)
        assert checked.status == 3, checked
        assert WWW in checked.out


def test_a_load_balancer_that_does_not_resolve_is_said_and_its_addresses_are_not_called_foreign(
    command: Path, tmp_path: Path
) -> None:
    port = free_port(ROOT, TLD, CHILD, LAME)
    with (
        bind({".": ROOT_ZONE}, port=port),
        knot({"com": COM_ZONE, "cloud.com": CLOUD_ZONE}, addresses=(TLD,), port=port),
        nsd({"shop.com": SHOP_ZONE}, addresses=(CHILD, LAME), port=port),
    ):
        sides = {**SIDES, "v2": {"load_balancers": [GONE]}}
        text = plan_text(
            wave("rest", "moving", WWW, API),
            sides=sides,
            authoritative={"start": [f"{ROOT}:{port}"], "port": port},
        )
        plan = plan_file(tmp_path, text)
        with daemon(command, plan) as running:
            running.wait_until("the other one is on v1", lambda scrape: scrape.state(WWW) == "v1")
            running.wait_for("it is said", lambda: GONE in running.domain(API)["sentence"])
            told = running.domain(API)
            assert told["state"] == "unknown"
            assert told["findings"] == []
            (warning,) = [event for event in running.events(level="warning") if event.get("load_balancer") == GONE]
            assert warning["side"] == "v2"
        checked = call(command, "check", "--config", plan, "--timeout", "10")
        assert checked.status == 3, checked
        assert GONE in checked.out


def _failure(domain: Any) -> str | None:
    failure: str | None = domain["records"][0]["servers"][0]["failure"]
    return failure
