"""What networks do to datagrams, done by the kernels of hosts: what the daemon says of it, and whom it accuses."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.daemon import Daemon
from tests.e2e.plans import FAST, plan_file, plan_text, wave
from tests.netns.network import (
    CLOSED,
    GOOD,
    GOOD_V6,
    LOCALLY_PROHIBITED,
    LONG,
    NARROW,
    NARROW_V6,
    NO_ROUTE_V6,
    PROHIBITED,
    RECORDS,
    STOLEN,
    STOLEN_NS,
    STOLEN_ZONE,
    SWALLOWED,
    UNREACHABLE,
    UNREACHABLE_V6,
    Network,
    network,
)
from tests.netns.watch import PORT, watch

pytestmark = [pytest.mark.e2e, pytest.mark.real, pytest.mark.long]

BAD = {
    "unreachable.com": (UNREACHABLE, "unreachable"),
    "unreachable6.com": (UNREACHABLE_V6, "unreachable"),
    "prohibited.com": (PROHIBITED, "unreachable"),
    "closed.com": (CLOSED, "unreachable"),
    "noroute.com": (NO_ROUTE_V6, "unreachable"),
    "policy.com": (LOCALLY_PROHIBITED, "unreachable"),
    "swallowed.com": (SWALLOWED, "timeout"),
}
"""Zones one of whose two servers is not reached: which, and the reason that must be given."""
WORDS = {"unreachable": ("cannot be reached",), "timeout": ("does not respond",)}
RARE = dict.fromkeys(("unreachable.com", "prohibited.com", "closed.com"), ("cannot be reached", "does not respond"))
"""Linux tells a peer once a second that an IPv4 route leads nowhere: the newest of many questions may be a silence."""
WELL, NARROWED, DARK = "well.com", "narrow.com", "dark.com"
OVERRIDES = {
    WELL: (GOOD, GOOD_V6),
    NARROWED: (NARROW, NARROW_V6),
    DARK: (SWALLOWED, UNREACHABLE),
    **{zone: (GOOD, bad) for zone, (bad, _) in BAD.items()},
}
UNHURRIED = {**FAST, "timeout": "1s"}
"""A busy machine must not turn an answer into a timeout."""
SERVER_FAILS = 400.0
"""Seconds within which a silent server is told of: it takes three minutes until the network is not at fault."""


class Watched(NamedTuple):
    """A network, and the daemon that watches names in all of its zones."""

    network: Network
    daemon: Daemon


def www(zone: str) -> str:
    return f"www.{zone}"


def plan_of(zones: Iterable[str], folder: Path, start: Iterable[str] = ()) -> Path:
    """Watch a name in each zone, at the servers that are given for it or are found from the start."""
    given = {
        zone: [f"[{one}]" if ":" in one else one for one in OVERRIDES[zone]] for zone in zones if zone in OVERRIDES
    }
    text = plan_text(
        wave("all", "v1", *map(www, zones)),
        authoritative={"ipv6": True, "overrides": given, **({"start": [*start]} if start else {})},
        probing=UNHURRIED,
        listen=f"127.0.0.1:{PORT}",
    )
    return plan_file(folder, text)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One daemon sees all the faults at once: three minutes must pass until some of them count."""
    folder = tmp_path_factory.mktemp("network")
    zones = {zone: RECORDS + (LONG if zone == NARROWED else "") for zone in OVERRIDES}
    with network(folder, zones) as built:
        plan = plan_of([*OVERRIDES, STOLEN_ZONE], folder, (GOOD,))
        with watch(built.probe, plan) as daemon:
            daemon.wait_until(
                "every name with an honest server in reach is on v1",
                lambda scrape: all(scrape.state(www(zone)) == "v1" for zone in (WELL, NARROWED, *BAD)),
            )
            yield Watched(built, daemon)


def failures(daemon: Daemon, zone: str) -> dict[str, str | None]:
    """Tell what each server of a zone failed by when it was last asked for A."""
    return {one["address"]: one["failure"] for one in daemon.domain(www(zone))["records"][0]["servers"]}


def test_servers_beyond_a_router_are_seen_by_both_families(watched: Watched) -> None:
    assert failures(watched.daemon, WELL) == {GOOD: None, GOOD_V6: None}


@pytest.mark.parametrize("zone", BAD)
def test_what_the_network_says_of_a_server_is_the_reason_and_its_name_stands_where_it_leads(
    zone: str, watched: Watched
) -> None:
    bad, reason = BAD[zone]
    watched.daemon.wait_for("its reason is told", lambda: failures(watched.daemon, zone) == {GOOD: None, bad: reason})
    assert watched.daemon.states(www(zone)) == ["unknown", "v1"]


def test_an_answer_larger_than_a_packet_of_the_path_arrives(watched: Watched) -> None:
    daemon, narrow = watched.daemon, watched.network.narrow
    servers = daemon.domain(www(NARROWED))["records"][0]["servers"]
    assert {one["address"]: len(one["answers"]) for one in servers} == {NARROW: 90, NARROW_V6: 90}
    assert daemon.scrape().series("cutover_queries_total", transport="tcp")
    for back in (f"route get 10.53.1.2 from {NARROW}", f"route get fd53::1:2 from {NARROW_V6}"):
        assert "mtu 1280" in narrow.ip(back), "no ICMP told the server of the narrow link: it was not crossed"


def test_a_resolver_that_answers_in_a_servers_place_is_seen_through_and_not_believed(watched: Watched) -> None:
    daemon = watched.daemon
    (walked,) = [one for one in daemon.api("status")["delegations"] if STOLEN_NS in one["parent_ns"]]
    problems = {(one["problem"], one["subject"]) for one in walked["problems"]}
    assert ("intercepted", f"{STOLEN_NS} ({STOLEN})") in problems
    assert daemon.states(www(STOLEN_ZONE)) in ([], ["unknown"])
    assert daemon.domain(www(STOLEN_ZONE))["state"] == "unknown"


def test_a_zone_of_which_no_server_is_reached_is_not_seen_and_is_no_outage(watched: Watched) -> None:
    daemon = watched.daemon
    daemon.wait_for("it is said", lambda: bool(daemon.events("finding_raised", code="probe-blind")))
    (blind,) = daemon.events("finding_raised", code="probe-blind")
    assert f"no answer from any authoritative server of {DARK}" in blind["sentence"]
    assert daemon.scrape().state(www(DARK)) == "unknown"
    assert not daemon.api("status")["blind"]


def test_servers_that_are_not_reached_are_named_once_each_and_no_name_is_accused(watched: Watched) -> None:
    daemon = watched.daemon
    daemon.wait_for(
        "each is told of",
        lambda: {event["domain"] for event in daemon.events("finding_raised", code="server-failing")} >= {*BAD},
        within=SERVER_FAILS,
    )
    told = {event["domain"]: event["sentence"] for event in daemon.events("finding_raised", code="server-failing")}
    assert told.keys() == BAD.keys()
    for zone, (bad, reason) in BAD.items():
        words = RARE.get(zone, WORDS[reason])
        assert told[zone] in {f"{bad} {word}, while other servers of {zone} answer." for word in words}
    assert {*daemon.accusations()} == {"server-failing", "probe-blind"}
    scrape = daemon.scrape()
    for zone in OVERRIDES:
        assert scrape.findings(www(zone)) == set()
        assert scrape.transitions(www(zone)) == 0


def test_behind_a_dead_router_the_probe_is_blind_accuses_nobody_and_sees_again(tmp_path: Path) -> None:
    zones = (WELL, "unreachable.com")
    with (
        network(tmp_path, dict.fromkeys(zones, RECORDS)) as built,
        watch(built.probe, plan_of(zones, tmp_path)) as daemon,
    ):
        daemon.wait_until("both are seen", lambda scrape: {scrape.state(www(zone)) for zone in zones} == {"v1"})
        built.router.ip("link set probe down")
        daemon.wait_for("it says so", lambda: bool(daemon.events("finding_raised", code="probe-blind")))
        assert daemon.scrape().total("cutover_blind") == 1
        daemon.wait_for(
            "what is old is not known", lambda: {daemon.domain(www(zone))["state"] for zone in zones} == {"unknown"}
        )
        assert failures(daemon, WELL)[GOOD] in {"timeout", "unreachable"}
        built.router.ip("link set probe up")
        daemon.wait_until(
            "it sees again",
            lambda scrape: scrape.total("cutover_blind") == 0 and {scrape.state(www(zone)) for zone in zones} == {"v1"},
        )
        daemon.wait_for("the log says so", lambda: bool(daemon.events("finding_cleared", code="probe-blind")))
        assert {*daemon.accusations()} == {"probe-blind"}
        assert {daemon.scrape().transitions(www(zone)) for zone in zones} == {0}
