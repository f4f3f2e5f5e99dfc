"""A resolver is watched over every transport, shows its cache for as long as a TTL allows, and decides nothing."""

import time
from pathlib import Path

import pytest

from tests.e2e.daemon import daemon
from tests.e2e.plans import OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.updates import point
from tests.real_servers import bind, free_port, unbound
from tests.wire.http.certificates import make_certificate

pytestmark = [pytest.mark.e2e, pytest.mark.real]

NAME = "app.example.com"
ADDRESS = "127.0.0.6"
TTL = 60
"""Seconds: longer than the ten for which a change must have stood before it is final, so that both are seen at once,
also where a busy machine takes half a minute more."""


def test_resolvers_show_their_cache_over_udp_tcp_dot_and_doh_and_are_no_part_of_the_verdict(
    command: Path, tmp_path: Path
) -> None:
    tls = make_certificate(tmp_path, "DNS:resolver.example", f"IP:{ADDRESS}")
    dot, doh = free_port(ADDRESS), free_port(ADDRESS)
    options = f"""
    interface: {ADDRESS}@{dot}
    interface: {ADDRESS}@{doh}
    tls-port: {dot}
    https-port: {doh}
    tls-service-key: "{tls.key}"
    tls-service-pem: "{tls.certificate}"
"""
    zone = f"@ NS ns\nns A 127.0.0.1\napp {TTL} A {V1}\na-app TXT {OWNERSHIP}"
    with (
        bind({"example.com": zone}) as authority,
        unbound(
            {"example.com": (authority.address, authority.port)}, addresses=(ADDRESS,), options=options
        ) as resolver,
    ):
        plan = plan_text(
            wave("first", "moving", NAME),
            authoritative={"overrides": {"example.com": [f"{authority.address}:{authority.port}"]}},
            resolvers=[
                {"name": "by-udp", "transport": "udp", "address": ADDRESS, "port": resolver.port},
                {"name": "by-tcp", "transport": "tcp", "address": ADDRESS, "port": resolver.port},
                {
                    "name": "by-dot",
                    "transport": "dot",
                    "address": ADDRESS,
                    "port": dot,
                    "tls_name": "resolver.example",
                },
                {
                    "name": "by-doh",
                    "transport": "doh",
                    "address": ADDRESS,
                    "url": f"https://resolver.example:{doh}/dns-query",
                },
            ],
        )
        names = "by-udp", "by-tcp", "by-dot", "by-doh"
        # OpenSSL's own variable: whom the operator's machine trusts.
        trust = {"SSL_CERT_FILE": str(tls.certificate)}
        begun = time.perf_counter()  # no cache holds v1 from before
        with daemon(command, plan_file(tmp_path, plan), more=trust) as running:
            running.wait_until(
                "all of them show v1", lambda scrape: all(scrape.resolver(NAME, name) == {"v1"} for name in names)
            )
            # Right after the start, of a zone's only server: little is known, and yet it is a move.
            point(authority, NAME, V2, zone="example.com", ttl=TTL)
            scrape = running.wait_until("the record is on v2", lambda scrape: scrape.state(NAME) == "v2")
            # On a machine without time for it the TTL has ended by then.
            assert [scrape.resolver(NAME, name) for name in names] == [{"v1"}] * 4 or time.perf_counter() - begun > TTL
            assert running.domain(NAME)["findings"] == []

            scrape = running.wait_until(
                "the TTL has ended", lambda scrape: all(scrape.resolver(NAME, name) == {"v2"} for name in names)
            )
            assert scrape.state(NAME) == "v2"
            assert scrape.transitions(NAME) == 1
            for name, transport in zip(names, ("udp", "tcp", "dot", "doh"), strict=True):
                assert scrape.total("cutover_queries_total", server_group=name, transport=transport) > 1
            assert {event["logger"] for event in running.events()} == {"probe.run", "probe.domains"}


def test_a_resolver_whose_certificate_is_not_trusted_is_silent_and_nothing_else_suffers(
    command: Path, tmp_path: Path
) -> None:
    tls = make_certificate(tmp_path, f"IP:{ADDRESS}")
    dot = free_port(ADDRESS)
    options = f"""
    interface: {ADDRESS}@{dot}
    tls-port: {dot}
    tls-service-key: "{tls.key}"
    tls-service-pem: "{tls.certificate}"
"""
    with (
        bind({"example.com": f"@ NS ns\nns A 127.0.0.1\napp A {V1}"}) as authority,
        unbound({"example.com": (authority.address, authority.port)}, addresses=(ADDRESS,), options=options),
    ):
        plan = plan_text(
            wave("first", "v1", NAME),
            authoritative={"overrides": {"example.com": [f"{authority.address}:{authority.port}"]}},
            resolvers=[{"name": "by-dot", "transport": "dot", "address": ADDRESS, "port": dot}],
        )
        with daemon(command, plan_file(tmp_path, plan)) as running:
            running.wait_until("it fails", lambda scrape: scrape.resolver(NAME, "by-dot") == {"failed"})
            failed = {"server_group": "by-dot", "reason": "unreachable"}
            scrape = running.wait_until(
                "that is counted", lambda scrape: scrape.series("cutover_query_failures_total", **failed)
            )
            assert scrape.state(NAME) == "v1"
