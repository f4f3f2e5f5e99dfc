"""A name in a public and a private zone: BIND with two views, and an Unbound inside that sees the private one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.command import Called, call
from tests.e2e.daemon import daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.real_servers import INSIDE, RealServer, bind, unbound

pytestmark = [pytest.mark.e2e, pytest.mark.real]

LOOKING = "20s"
"""Until it is given up, two seconds' soak before: enough to hear every server, on however busy a machine."""
ZONE = "corp.example.com"
BOTH, LEFT = f"both.{ZONE}", f"left.{ZONE}"
THEIRS = OWNERSHIP.replace("owner=prod", "owner=inside")
RECORDS = f"""
@ NS ns
ns A 127.0.0.1
both A {V2}
a-both TXT {OWNERSHIP}
left A {V2}
a-left TXT {OWNERSHIP}
"""
RECORDS_INSIDE = f"""
@ NS ns
ns A 127.0.0.1
both A {V2}
a-both TXT {THEIRS}
left A {V1}
a-left TXT {THEIRS}
"""


class Horizon(NamedTuple):
    """Who answers to whom.

    Attributes:
        public: The zone's server, as all the world sees it.
        vpc: The resolver inside, which sees the private zone.
        internet: One outside.
    """

    public: RealServer
    vpc: RealServer
    internet: RealServer


@pytest.fixture(scope="module")
def horizon() -> Iterator[Horizon]:
    with (
        bind({ZONE: RECORDS}, inside={ZONE: RECORDS_INSIDE}) as public,
        unbound(
            {ZONE: (public.address, public.port)}, addresses=("127.0.0.9",), options=f"outgoing-interface: {INSIDE}"
        ) as vpc,
        unbound({ZONE: (public.address, public.port)}, addresses=("127.0.0.10",)) as internet,
    ):
        yield Horizon(public, vpc, internet)


def watched(name: str, server: RealServer, sees: str) -> dict[str, Any]:
    return {"name": name, "address": server.address, "port": server.port, "sees": sees}


@pytest.fixture
def plan(horizon: Horizon, tmp_path: Path) -> Path:
    """Both names have moved in public; the private view of one of them has not."""
    text = plan_text(
        wave("both", "v2", BOTH),
        wave("left", "v2", LEFT),
        authoritative={"overrides": {ZONE: [f"{horizon.public.address}:{horizon.public.port}"]}},
        resolvers=[watched("vpc", horizon.vpc, "private")],
    )
    return plan_file(tmp_path, text)


def named(called: Called, name: str) -> dict[str, Any]:
    """Give the check of this name for each subject of a command's JSON."""
    return {check["subject"]: check for check in json.loads(called.out)["checks"] if check["name"] == name}


def test_check_tells_where_the_views_differ_and_whose_the_records_are(command: Path, plan: Path) -> None:
    looked = call(command, "check", "--config", plan)
    assert looked.status == 0, looked  # the view that is judged is as expected
    told = " ".join(looked.out.split())
    assert f"{LEFT}, public and private: They differ: the public one leads to v2, and the private one leads to" in told
    assert f"{BOTH}, public and private" not in told
    views = {
        domain["name"]: domain["why"]["views"]
        for domain in json.loads(call(command, "check", "--config", plan, "--output", "json").out)["domains"]
    }
    assert [(one["state"], one["owners"]) for one in views[LEFT]["seen"]] == [("v2", ["prod"]), ("v1", ["inside"])]
    assert [(one["state"], one["owners"]) for one in views[BOTH]["seen"]] == [("v2", ["prod"]), ("v2", ["inside"])]
    assert (views[LEFT]["differ"], views[BOTH]["differ"]) == (True, False)


def test_preflight_warns_of_the_view_that_a_move_leaves_behind(command: Path, plan: Path) -> None:
    told: dict[str, dict[str, Any]] = {}
    for moving in ("both", "left"):
        told |= named(call(command, "preflight", "--config", plan, "--wave", moving, "--output", "json"), "other-view")
    assert (told[BOTH]["outcome"], told[BOTH]["sentence"]) == ("pass", "Both lead to v2.")
    assert told[LEFT]["outcome"] == "warn"
    assert "Make sure that the private view may stay where it is" in told[LEFT]["remedy"]


def test_confirm_signs_off_only_what_both_views_hold(command: Path, plan: Path) -> None:
    both = call(command, "confirm", "--config", plan, "--wave", "both", "--soak", "2s")
    assert both.status == 0, both
    short = ["--soak", "2s", "--timeout", LOOKING, "--output", "json"]
    left = call(command, "confirm", "--config", plan, "--wave", "left", *short)
    assert left.status == 2, left
    (domain,) = json.loads(left.out)["domains"]
    told = {one["criterion"]: one for one in domain["confirmation"]["criteria"]}
    assert told["other-view"]["standing"] == "fails"
    assert told["other-view"]["sentence"] == 'The private view leads to v1 (owner "inside"), by the caches of vpc.'
    assert [name for name, one in told.items() if one["standing"] == "fails"] == ["other-view"]


def test_v1_may_not_go_while_a_daemon_sees_the_private_view_on_it(command: Path, plan: Path, tmp_path: Path) -> None:
    with daemon(command, plan, tmp_path / "log") as watching:

        def known() -> bool:
            return all((watching.domain(name)["views"] or {}).get("differ") is not None for name in (LEFT, BOTH))

        watching.wait_for("both views are known", known)
        told = call(command, "decommission", "--config", plan, "--wave", "left", "--url", watching.url)
        assert told.status == 2, told
        assert "v1 still serves its clients" in " ".join(told.out.split())
        waiting = call(command, "decommission", "--config", plan, "--wave", "both", "--url", watching.url)
        assert waiting.status == 3, waiting  # nobody has seen when it left v1
        assert "Public and private" in watching.get(f"/domains/{LEFT}").text


def test_where_the_private_view_is_judged_the_public_one_is_held_against_it(
    command: Path, horizon: Horizon, tmp_path: Path
) -> None:
    text = plan_text(
        wave("left", "v1", LEFT),
        authoritative={"private_zones": {ZONE: [f"{horizon.vpc.address}:{horizon.vpc.port}"]}},
        resolvers=[watched("internet", horizon.internet, "public")],
    )
    plan = plan_file(tmp_path, text)
    looked = call(command, "check", "--config", plan)
    assert looked.status == 0, looked
    told = " ".join(looked.out.split())
    assert f"{LEFT}, public and private: They differ" in told
    assert "Seen through the caches of their zones' resolvers" in told
    held = call(command, "confirm", "--config", plan, "--wave", "left", "--soak", "2s", "--timeout", LOOKING)
    assert held.status == 2, held
    assert "The public view leads to v2" in " ".join(held.out.split())
