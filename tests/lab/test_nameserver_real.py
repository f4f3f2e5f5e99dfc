"""Independent programs read what the simulated servers say: BIND's client, and Unbound as a strict resolver."""

import asyncio
import random
from pathlib import Path

import pytest

from probe.lab.addresses import SIDE_V1, AddressPool
from probe.lab.internet import Internet
from probe.lab.nameserver_sockets import Listeners
from probe.model.name import canonical
from probe.route53.hosted_zone import HostedZone
from tests.lab.builders import V1_ALB, StandingClock, alias, create, plain
from tests.real import require
from tests.real_servers import free_port

pytestmark = pytest.mark.real


QUESTIONS = (
    ("web.example.com", "A", "NOERROR", 3),
    ("web.example.com", "AAAA", "NOERROR", 0),
    ("www.example.com", "AAAA", "NOERROR", 4),
    ("any.wild.example.com", "A", "NOERROR", 4),
    ("big.example.com", "TXT", "NOERROR", 10),
    ("nope.example.com", "A", "NXDOMAIN", 0),
    ("example.com", "NS", "NOERROR", 4),
)


def lab() -> tuple[Internet, HostedZone]:
    internet = Internet(StandingClock(), random.Random(1))
    internet.load_balancers.create(V1_ALB, AddressPool(SIDE_V1))
    zone = internet.create_hosted_zone(canonical("example.com"), machines=2)
    zone.change(
        create(
            alias("web.example.com", "A"),
            plain("www.example.com", "CNAME", V1_ALB),
            plain("*.wild.example.com", "CNAME", "web.example.com"),
            plain("big.example.com", "TXT", *(f'"{number}{"x" * 240}"' for number in range(10))),
        )
    )
    internet.settle()
    return internet, zone


async def run_dig(endpoint: tuple[str, int] | None, *question: str) -> str:
    assert endpoint is not None
    process = await asyncio.create_subprocess_exec(
        require("dig"), f"@{endpoint[0]}", "-p", str(endpoint[1]), *question, stdout=asyncio.subprocess.PIPE
    )
    output = (await process.communicate())[0].decode()
    assert "WARNING" not in output
    assert "bad" not in output.lower()
    assert "Got answer:" in output
    return output


def dig(*questions: tuple[str, ...]) -> list[str]:
    """Ask the hosted zone's first server (or the resolver, with `@resolver`) one question after the other."""
    require("dig")

    async def run() -> list[str]:
        internet, zone = lab()
        resolver = internet.add_resolver("public")
        listeners = Listeners(StandingClock())
        await listeners.open(internet.hosts)
        outputs = []
        for question in questions:
            host = resolver if "@resolver" in question else internet.servers_of(zone)[0]
            rest = [part for part in question if part != "@resolver"]
            outputs.append(await run_dig(listeners.route(host.addresses[0]), *rest))
        await listeners.close()
        return outputs

    return asyncio.run(run())


def test_an_answer_a_denial_and_a_refusal_read_well() -> None:
    found, denied, refused = dig(
        ("+norec", "+nsid", "web.example.com", "A"), ("+norec", "nope.example.com", "A"), ("+norec", "example.org", "A")
    )
    assert "status: NOERROR" in found
    assert "flags: qr aa;" in found
    assert "ANSWER: 3, AUTHORITY: 4" in found
    assert "NSID" in found
    assert "status: NXDOMAIN" in denied
    assert "SOA" in denied
    assert "status: REFUSED" in refused


def test_truncation_leads_to_tcp() -> None:
    (output,) = dig(("+norec", "+bufsize=512", "big.example.com", "TXT"))
    assert "Truncated, retrying in TCP mode" in output
    assert "ANSWER: 10" in output


def test_a_resolver_offers_recursion() -> None:
    (output,) = dig(("@resolver", "web.example.com", "A"))
    assert "flags: qr rd ra;" in output
    assert "ANSWER: 3" in output


def unbound_configuration(folder: Path, port: int, stubs: dict[str, list[int]]) -> str:
    lines = [
        "server:",
        f"  interface: 127.0.0.1@{port}",
        "  do-not-query-localhost: no",
        '  username: ""',
        '  chroot: ""',
        f'  directory: "{folder}"',
        '  pidfile: ""',
        "  use-syslog: no",
        "  verbosity: 1",
        '  module-config: "iterator"',
        "  harden-glue: yes",
        "  harden-referral-path: yes",
        "  use-caps-for-id: yes",  # the question's case has to come back
        "remote-control:",
        "  control-enable: no",
    ]
    for zone, ports in stubs.items():
        lines += ["stub-zone:", f'  name: "{zone}"', *(f"  stub-addr: 127.0.0.1@{one}" for one in ports)]
    return "\n".join(lines) + "\n"


def test_unbound_accepts_every_kind_of_answer(tmp_path: Path) -> None:
    program = require("unbound")
    require("dig")

    async def run() -> None:
        internet, zone = lab()
        listeners = Listeners(StandingClock())
        await listeners.open(internet.hosts)
        stubs = {
            name: [
                endpoint[1]
                for server in internet.hierarchy.servers
                if name in server.zones and (endpoint := listeners.route(server.addresses[0])) is not None
            ]
            for name in (zone.name, "eu-west-1.elb.amazonaws.com.")
        }
        port = free_port("127.0.0.1")
        configuration = tmp_path / "unbound.conf"
        configuration.write_text(unbound_configuration(tmp_path, port, stubs), encoding="utf-8")
        unbound = await asyncio.create_subprocess_exec(
            program, "-d", "-c", str(configuration), stderr=asyncio.subprocess.PIPE
        )
        assert unbound.stderr is not None
        log = b""
        while b"start of service" not in log:
            line = await unbound.stderr.readline()
            assert line, log.decode()
            log += line
        try:
            for name, rdtype, status, answers in QUESTIONS:
                output = await run_dig(("127.0.0.1", port), name, rdtype)
                assert f"status: {status}" in output, output
                assert f"ANSWER: {answers}," in output, output
        finally:
            unbound.terminate()
            await unbound.communicate()
            await listeners.close()

    asyncio.run(run())
