"""Real resolvers in front of a real authority that changes: who is late, who is not, and when v1 is drained.

All at once, because a change is final only ten seconds after the last server shows it: one daemon, one move, and a
cache of each kind.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.updates import change, delete, point
from tests.real_servers import RealServer, bind, powerdns, unbound

pytestmark = [pytest.mark.e2e, pytest.mark.real]

ZONE = "example.com"
APP = "app.example.com"
GAP = "gap.example.com"
TTL = 3
DENIED = 28
"""Seconds for which the zone's denials may be cached."""
KEPT = 32
"""Seconds that the resolver with a minimum TTL keeps everything: from its first question, before the move, until well
after the move is final."""

OPTIONS = {
    "plain": "",
    "prefetch": "prefetch: yes",
    "serve-expired": "serve-expired: yes",
    "max-ttl": "cache-max-ttl: 1",
    "min-ttl": f"cache-min-ttl: {KEPT}",
}
RECORDS = f"""@ SOA ns hostmaster 1 7200 900 1209600 {DENIED}
@ NS ns
ns A 127.0.0.1
app {TTL} A {V1}
a-app TXT {OWNERSHIP}
gap {TTL} A {V1}
a-gap TXT {OWNERSHIP}
"""


@contextmanager
def watched(command: Path, folder: Path) -> Iterator[tuple[Daemon, RealServer, dict[str, RealServer]]]:
    """A daemon that watches two domains of one authority through one resolver of each kind."""
    with ExitStack() as stack:
        authority = stack.enter_context(bind({ZONE: RECORDS}))
        stub = {ZONE: (authority.address, authority.port)}
        resolvers = {
            name: stack.enter_context(unbound(stub, addresses=(f"127.0.0.{number}",), options=option))
            for number, (name, option) in enumerate(OPTIONS.items(), start=11)
        }
        plan = plan_text(
            wave("first", "moving", APP, GAP),
            authoritative={"overrides": {ZONE: [f"{authority.address}:{authority.port}"]}},
            resolvers=[
                {"name": name, "address": resolver.address, "port": resolver.port}
                for name, resolver in resolvers.items()
            ],
        )
        running = stack.enter_context(daemon(command, plan_file(folder, plan)))
        yield running, authority, resolvers


def verdicts(running: Daemon, domain: str) -> dict[str, str]:
    return {one["name"]: one["verdict"] for one in running.domain(domain)["resolvers"] if one["type"] == "A"}


def test_only_the_resolver_that_stretches_ttls_is_late_and_a_denial_that_is_cached_over_a_gap_is_told(
    command: Path, tmp_path: Path
) -> None:
    with watched(command, tmp_path) as (running, authority, resolvers):
        running.wait_until(
            "all of them show v1",
            lambda scrape: (
                all(scrape.resolver(name, one) == {"v1"} for name in (APP, GAP) for one in OPTIONS)
                and scrape.series("cutover_resolvers_converged_ratio", domain=APP)
            ),
        )
        assert running.scrape().total("cutover_resolvers_converged_ratio", domain=APP) == 1
        assert not running.scrape().series("cutover_drain_deadline_timestamp_seconds", domain=APP)
        assert running.domain(APP)["drain"] is None

        delete(authority, GAP, zone=ZONE)
        point(authority, APP, V2, zone=ZONE, ttl=TTL)
        denied = resolvers["max-ttl"].exchange(dns.message.make_query(GAP, "A"))  # its users ask in the gap
        while denied.rcode() != dns.rcode.NXDOMAIN:  # what it held is gone after a second
            denied = resolvers["plain"].exchange(dns.message.make_query(GAP, "A"))
        change(authority, f"update add {GAP}. {TTL} A {V2}", zone=ZONE)

        scrape = running.wait_until("it is told who is late", lambda scrape: "resolver-late" in scrape.findings(APP))
        assert scrape.state(APP) == "v2"
        (late,) = (one for one in running.domain(APP)["findings"] if one["code"] == "resolver-late")
        assert f"{APP} leads to v2 at its authoritative servers, but min-ttl still answers v1 for A" in late["sentence"]
        assert "it stretches TTLs" in late["sentence"]
        running.wait_for(
            "nobody else is waited for",
            lambda: verdicts(running, APP) == dict.fromkeys(OPTIONS, "converged") | {"min-ttl": "late"},
            within=8,
        )
        assert running.scrape().total("cutover_resolvers_converged_ratio", domain=APP) == pytest.approx(0.8)

        running.wait_until("the denial is told", lambda scrape: "negative-cached" in scrape.findings(GAP))
        (negative,) = (one for one in running.domain(GAP)["findings"] if one["code"] == "negative-cached")
        assert "plain denies A, until " in negative["sentence"]
        assert f"may be cached for {DENIED} s" in negative["sentence"]

        drain = running.domain(APP)["drain"]
        assert drain["last_v1"] < drain["deadline"]
        assert drain["ttl"] == TTL
        assert drain["holding"] == 1
        assert drain["held_until"] > drain["deadline"]

        running.wait_until(
            "everybody shows v2",
            lambda scrape: (
                scrape.total("cutover_resolvers_converged_ratio", domain=APP) == 1
                and scrape.total("cutover_resolvers_converged_ratio", domain=GAP) == 1
                and not {"resolver-late", "negative-cached"} & (scrape.findings(APP) | scrape.findings(GAP))
            ),
            within=45,
        )
        scrape = running.scrape()
        for stage in ("all_servers", "all_resolvers"):
            assert scrape.total("cutover_convergence_seconds_count", stage=stage) >= 1
        (moved,) = running.domain(APP)["convergences"]
        assert moved["first_server_at"] <= moved["all_servers_at"] < moved["all_resolvers_at"]
        told = {(one["domain"], one["code"]) for one in running.events("finding_raised")}
        assert told <= {(APP, "resolver-late"), (GAP, "negative-cached"), (GAP, "outage"), (GAP, "resolver-late")}
        late_ones = [one for one in running.events("finding_raised") if one["code"] == "resolver-late"]
        assert all("min-ttl" in one["sentence"] and "prefetch" not in one["sentence"] for one in late_ones)


def test_a_resolver_is_asked_through_other_eyes_where_it_passes_client_subnets_on(
    command: Path, tmp_path: Path
) -> None:
    here_or_there = f"if netmask({{'203.0.113.0/24'}}) then return '{V2}' else return '{V1}' end"
    zone = f'@ NS ns\nns A 127.0.0.1\napp 5 LUA A ";{here_or_there}"\na-app TXT {OWNERSHIP}'
    passing = """module-config: "subnetcache iterator"
    send-client-subnet: 127.0.0.0/8
    client-subnet-always-forward: yes"""
    with (
        powerdns({ZONE: zone}, extra="edns-subnet-processing=yes") as authority,
        unbound({ZONE: (authority.address, authority.port)}, addresses=("127.0.0.21",), options=passing) as resolver,
    ):
        plan = plan_text(
            wave("first", "v1", APP),
            authoritative={"overrides": {ZONE: [f"{authority.address}:{authority.port}"]}},
            resolvers=[{"name": "unbound", "address": resolver.address, "port": resolver.port, "ecs": True}],
        )
        plan += "client_subnets: {kt: 203.0.113.0/24, elsewhere: 192.0.2.0/24}\n"
        with daemon(command, plan_file(tmp_path, plan)) as running:
            scrape = running.wait_until(
                "each view shows what clients there get",
                lambda scrape: (
                    scrape.resolver(APP, "unbound@kt") == {"v2"} and scrape.resolver(APP, "unbound@elsewhere") == {"v1"}
                ),
            )
            assert scrape.resolver(APP, "unbound") == {"v1"}
            assert scrape.state(APP) == "v1"
            seen = {one["name"]: one for one in running.domain(APP)["resolvers"] if one["type"] == "A"}
            assert seen["unbound@kt"]["client_subnet"] == "203.0.113.0/24"
            assert seen["unbound@kt"]["scope"] == 24
            assert seen["unbound"]["scope"] is None
