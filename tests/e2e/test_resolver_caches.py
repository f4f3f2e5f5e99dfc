"""Real resolvers in front of a real authority that changes: who is late, who is not, and when v1 is drained.

All at once, because a change is final only ten seconds after the last server shows it: one daemon, one move, and a
cache of each kind.
"""

from contextlib import ExitStack
from pathlib import Path

import dns.message
import dns.rcode
import pytest

from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.updates import change, delete, point
from tests.real_servers import bind, free_port, powerdns, unbound

pytestmark = [pytest.mark.e2e, pytest.mark.real]

ZONE = "example.com"
APP = "app.example.com"
GAP = "gap.example.com"
TTL = 3
DENIED = 58
"""Seconds for which the zone's denials may be cached."""
KEPT = 90
"""Seconds that the resolver with a minimum TTL keeps everything: from its first question, before the move, until well
after the move is final (ten seconds after it is seen), on however busy a machine."""

CUT_OFF = "cut-off"
"""The resolver that reaches a secondary only, which is gone before the move and back after it (RFC 8767, RFC 8914)."""

OPTIONS = {
    "plain": "",
    "prefetch": "prefetch: yes",
    "serve-expired": "serve-expired: yes",
    "max-ttl": "cache-max-ttl: 1",
    "min-ttl": f"cache-min-ttl: {KEPT}",
    CUT_OFF: """serve-expired: yes
    ede: yes
    ede-serve-expired: yes
    infra-host-ttl: 1
    infra-keep-probing: yes""",
}
LATE = {"min-ttl", CUT_OFF}


def records(side: str) -> str:
    return f"""@ SOA ns hostmaster 1 7200 900 1209600 {DENIED}
@ NS ns
ns A 127.0.0.1
app {TTL} A {side}
a-app TXT {OWNERSHIP}
gap {TTL} A {side}
a-gap TXT {OWNERSHIP}
"""


class Scene:
    """One authority, its secondary, a resolver of each kind, and a daemon that watches two domains by them."""

    def __init__(self, command: Path, folder: Path, stack: ExitStack) -> None:
        self._stack = stack
        self._port = free_port("127.0.0.1")
        self._secondary = ExitStack()
        self.authority = stack.enter_context(bind({ZONE: records(V1)}))
        self.begin_secondary(V1)
        ports = dict.fromkeys(OPTIONS, self.authority.port) | {CUT_OFF: self._port}
        self.resolvers = {
            name: stack.enter_context(
                unbound({ZONE: ("127.0.0.1", ports[name])}, addresses=(f"127.0.0.{number}",), options=option)
            )
            for number, (name, option) in enumerate(OPTIONS.items(), start=11)
        }
        plan = plan_text(
            wave("first", "moving", APP, GAP),
            authoritative={"overrides": {ZONE: [f"{self.authority.address}:{self.authority.port}"]}},
            resolvers=[
                {"name": name, "address": resolver.address, "port": resolver.port}
                for name, resolver in self.resolvers.items()
            ],
        )
        self.daemon = stack.enter_context(daemon(command, plan_file(folder, plan)))

    def begin_secondary(self, side: str) -> None:
        self._secondary = self._stack.enter_context(ExitStack())
        self._secondary.enter_context(bind({ZONE: records(side)}, port=self._port))

    def end_secondary(self) -> None:
        self._secondary.close()

    def told(self, domain: str, code: str) -> str:
        """Give the sentence of an open finding."""
        (sentence,) = (one["sentence"] for one in self.daemon.domain(domain)["findings"] if one["code"] == code)
        return str(sentence)


def verdicts(running: Daemon, domain: str) -> dict[str, str]:
    return {one["name"]: one["verdict"] for one in running.domain(domain)["resolvers"] if one["type"] == "A"}


def test_only_resolvers_that_go_beyond_a_ttl_are_late_and_a_denial_that_is_cached_over_a_gap_is_told(
    command: Path, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        scene = Scene(command, tmp_path, stack)
        running, authority = scene.daemon, scene.authority
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

        scene.end_secondary()
        delete(authority, GAP, zone=ZONE)
        point(authority, APP, V2, zone=ZONE, ttl=TTL)
        denied = scene.resolvers["plain"].exchange(dns.message.make_query(GAP, "A"))
        while denied.rcode() != dns.rcode.NXDOMAIN:  # until what it held is gone: its users ask in the gap
            denied = scene.resolvers["plain"].exchange(dns.message.make_query(GAP, "A"))
        change(authority, f"update add {GAP}. {TTL} A {V2}", zone=ZONE)

        standing = {one: "late" if one in LATE else "converged" for one in OPTIONS}
        running.wait_for("those and no others are late", lambda: verdicts(running, APP) == standing)
        scrape = running.scrape()
        assert scrape.state(APP) == "v2"
        assert scrape.total("cutover_resolvers_converged_ratio", domain=APP) == pytest.approx(4 / 6)
        late = scene.told(APP, "resolver-late")
        assert late.startswith(f"cut-off and min-ttl still answer v1 for {APP}, longer than TTLs allow.")
        assert f"{APP} leads to v2 at its authoritative servers" in late
        assert "(it marks the answer as stale: it does not reach the zone's servers). Caches: min-ttl still" in late
        assert late.endswith("(it extends TTLs).")

        running.wait_until("the denial is told", lambda scrape: "negative-cached" in scrape.findings(GAP))
        negative = scene.told(GAP, "negative-cached")
        assert "plain denies A, until " in negative
        assert f"cached for up to {DENIED} s" in negative

        drain = running.domain(APP)["drain"]
        assert drain["last_v1"] < drain["deadline"] < drain["held_until"]
        assert drain["ttl"] == TTL
        assert drain["holding"] == len(LATE)

        scene.begin_secondary(V2)
        running.wait_until(
            "everybody shows v2",
            lambda scrape: all(
                scrape.total("cutover_resolvers_converged_ratio", domain=name) == 1
                and not {"resolver-late", "negative-cached"} & scrape.findings(name)
                for name in (APP, GAP)
            ),
        )
        for stage in ("all_servers", "all_resolvers"):
            assert running.scrape().total("cutover_convergence_seconds_count", stage=stage) >= 1
        (moved,) = running.domain(APP)["convergences"]
        assert moved["first_server_at"] <= moved["all_servers_at"] < moved["all_resolvers_at"]
        accused = [one for one in running.events("finding_raised") if one["code"] == "resolver-late"]
        assert accused
        for event in accused:
            assert not {name for name in set(OPTIONS) - LATE if f"{name} still" in event["sentence"]}


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
