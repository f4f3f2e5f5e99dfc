"""Two clusters' HTTPS on loopback addresses, seen by the installed command: before a wave moves, and after it has."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.command import call
from tests.e2e.daemon import daemon
from tests.e2e.plans import FAST, plan_file, plan_text, wave
from tests.real_servers import nsd
from tests.wire.http.https_server import Authority, https_server, saying

pytestmark = [pytest.mark.e2e, pytest.mark.real]

GOOD, BAD, LOST = "good.example.com", "bad.example.com", "lost.example.com"
V1, V2 = "127.0.1.1", "127.0.1.2"
OWNED = '"heritage=external-dns,external-dns/owner=eks-v1,external-dns/resource=ingress/shop/web"'
ZONE = f"""
@ NS ns
ns A 127.0.0.1
good A {V1}
a-good TXT {OWNED}
bad A {V1}
a-bad TXT {OWNED}
lost A {V2}
a-lost TXT {OWNED}
"""
SIDES = {
    "v1": {"addresses": [V1], "external_dns": {"txt_owner_id": "eks-v1", "version": "v0.22.0"}},
    "v2": {
        "addresses": [V2],
        "external_dns": {
            "txt_owner_id": "eks-v2",
            "migrate_from_txt_owner": "eks-v1",
            "version": "v0.22.0",
            "policy": "upsert-only",
        },
    },
}


class Pair(NamedTuple):
    """Both clusters' load balancers: the port at which they listen, and the CA that signed for them."""

    port: int
    ca_file: Path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """v1 has a certificate for every name, v2 for one only; each names itself in a header."""
    authority = Authority(tmp_path_factory.mktemp("ca"))
    port: list[int] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            head = "HTTP/1.1 200 OK\nContent-Length: 0\nServer: {0}\nX-Cluster: {0}"
            old = https_server(authority.context(GOOD, BAD, LOST), saying(head.format("one")), address=V1)
            port.append((await stack.enter_async_context(old)).port)
            new = https_server(authority.context(GOOD), saying(head.format("two")), address=V2, port=port[0])
            await stack.enter_async_context(new)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(180)
    try:
        yield Pair(port[0], authority.file)
    finally:
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def plan(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with nsd({"example.com": ZONE}) as server:
        http = {
            "port": pair.port,
            "ca_file": str(pair.ca_file),
            "headers": ["server"],
            "identity": {"header": "x-cluster", "v1": "one", "v2": "two"},
        }
        text = plan_text(
            wave("ready", "v1", GOOD, http=http),
            wave("unready", "v1", BAD, http=http),
            wave("moved", "v2", LOST, http=http),
            authoritative={"overrides": {"example.com": [f"{server.address}:{server.port}"]}},
            sides=SIDES,
            probing={**FAST, "service_interval": "5s"},
        )
        yield plan_file(tmp_path_factory.mktemp("services"), text)


def test_a_wave_that_v2_serves_is_ready_and_the_sides_differences_are_shown(command: Path, plan: Path) -> None:
    looked = call(command, "preflight", "--config", plan, "--wave", "ready")
    assert looked.status == 0, looked
    assert "\x1b" not in looked.out
    assert "v2 serves it at 1 address: status 200, a valid certificate" in looked.out
    assert "The sides differ: server: one on v1, two on v2; v2's certificate lacks bad.example.com" in looked.out
    assert "x-cluster" not in looked.out  # it is there to differ
    assert "v2's ExternalDNS will take it over, by a-good.example.com." in looked.out


def test_a_wave_whose_certificate_v2_lacks_is_not(command: Path, plan: Path) -> None:
    looked = call(command, "preflight", "--config", plan, "--wave", "unready", "--output", "json")
    assert looked.status == 2, looked
    document = json.loads(looked.out)
    assert (document["outcome"], document["wave"]) == ("fail", "unready")
    (failed,) = (check for check in document["checks"] if check["outcome"] == "fail")
    assert (failed["name"], failed["subject"]) == ("service", BAD)
    assert f"{V2} has a certificate for other names" in failed["sentence"]


def test_the_daemon_says_that_the_side_it_leads_to_fails(command: Path, plan: Path, tmp_path: Path) -> None:
    with daemon(command, plan, tmp_path / "log") as watching:
        scrape = watching.wait_until("the service fails", lambda now: "service-failing" in now.findings(LOST))
        assert "service-failing" not in scrape.findings(BAD)  # it fails on v2 as well, but nobody is led there
        up = {has["side"]: value for has, value in scrape.series("cutover_http_up", domain=LOST)}
        assert up == {"v1": 1, "v2": 0}
        assert scrape.total("cutover_certificate_expiry_timestamp_seconds", domain=LOST, side="v2") > 0
        services = {one["side"]: one for one in watching.domain(LOST)["services"]}
        assert services["v2"]["addresses"][0]["certificate"]["names"] == [GOOD]
        told = call(command, "decommission", "--config", plan, "--wave", "moved", "--url", watching.url)
        assert told.status == 2, told
        assert f"{LOST}: no" in told.out
        assert "names v1's owner \"eks-v1\", and v1's ExternalDNS reads it" in told.out
        assert "HTTPS fails on v2" in told.out
        assert watching.get(f"/domains/{LOST}").text.count("name-mismatch") >= 1


def test_a_wave_is_signed_off_with_the_service_of_its_side_and_not_without(command: Path, plan: Path) -> None:
    held = call(command, "confirm", "--config", plan, "--wave", "ready", "--soak", "2s", "--output", "json")
    assert held.status == 0, held
    (domain,) = json.loads(held.out)["domains"]
    told = {one["criterion"]: one["sentence"] for one in domain["confirmation"]["criteria"]}
    assert told["service"] == "HTTPS works on v1 at its only address."
    assert told["ownership"] == '"eks-v1" owns it, at a-good.example.com.'
    failing = ["--soak", "2s", "--timeout", "20s", "--output", "json"]
    lost = call(command, "confirm", "--config", plan, "--wave", "moved", *failing)
    assert lost.status == 2, lost
    (domain,) = json.loads(lost.out)["domains"]
    standings = {one["criterion"]: one["standing"] for one in domain["confirmation"]["criteria"]}
    assert standings["service"] in ("unknown", "fails")  # three checks in a row, ten seconds apart, confirm a failure
    assert standings["ownership"] == "fails"
