"""BIND's own client reads what the simulated servers say: no warning, no malformed packet, TCP after truncation."""

import asyncio
import random

import pytest

from probe.lab.addresses import SIDE_V1, AddressPool
from probe.lab.internet import Internet
from probe.lab.nameserver_sockets import Listeners
from probe.model.name import canonical
from tests.lab.builders import V1_ALB, StandingClock, alias, create, plain
from tests.real import require

pytestmark = pytest.mark.real


def dig(*questions: tuple[str, ...]) -> list[str]:
    """Ask the hosted zone's first server (or the resolver, with `@resolver`) one question after the other."""
    program = require("dig")

    async def run() -> list[str]:
        internet = Internet(StandingClock(), random.Random(1))
        internet.load_balancers.create(V1_ALB, AddressPool(SIDE_V1))
        zone = internet.create_hosted_zone(canonical("example.com"))
        texts = [f'"{number}{"x" * 240}"' for number in range(10)]
        zone.change(create(alias("web.example.com", "A"), plain("big.example.com", "TXT", *texts)))
        internet.settle()
        resolver = internet.add_resolver("public")
        listeners = Listeners(StandingClock())
        await listeners.open(internet.hosts)
        outputs = []
        for question in questions:
            host = resolver if "@resolver" in question else internet.servers_of(zone)[0]
            endpoint = listeners.route(host.addresses[0])
            assert endpoint is not None
            rest = [part for part in question if part != "@resolver"]
            process = await asyncio.create_subprocess_exec(
                program, f"@{endpoint[0]}", "-p", str(endpoint[1]), *rest, stdout=asyncio.subprocess.PIPE
            )
            outputs.append((await process.communicate())[0].decode())
        await listeners.close()
        return outputs

    outputs = asyncio.run(run())
    for output in outputs:
        assert "WARNING" not in output
        assert "bad" not in output.lower()
        assert "Got answer:" in output
    return outputs


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
