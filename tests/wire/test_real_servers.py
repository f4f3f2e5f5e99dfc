"""Against real name servers and a real resolver on loopback: BIND, Knot DNS, NSD and Unbound."""

import asyncio
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.question import Question, RecordType
from probe.model.server import Server, ServerRole, Transport
from probe.runtime.clock import SystemClock
from tests.patience import HANG
from tests.real import require
from tests.wire.http.certificates import Certificate, make_certificate
from tests.wire.loopback import free_port
from tests.wire.querying import WWW, HandClock, asking, at, once, response, traffic

pytestmark = pytest.mark.real

TXT = Question(DomainName("a-www.example."), RecordType.TXT)
BIG = Question(DomainName("big.example."), RecordType.TXT)
OWNERSHIP = '"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/ns/name"'
STRINGS = [f"{number:02} {'x' * 240}" for number in range(12)]
ZONE = f"""$ORIGIN example.
$TTL 60
@ IN SOA ns1 admin 1 7200 900 1209600 60
@ IN NS ns1
ns1 IN A 127.0.0.1
www IN A 192.0.2.1
www IN A 192.0.2.2
WWW IN AAAA 2001:db8::1
alias IN CNAME LB-1.elb
lb-1.elb IN A 192.0.2.3
a-www IN TXT {OWNERSHIP}
big IN TXT {" ".join(f'"{text}"' for text in STRINGS)}
sub IN NS ns.sub
ns.sub IN A 192.0.2.53
"""


class Daemon(NamedTuple):
    """How one name server is started: its configuration, and its command given the path of that."""

    program: str
    configuration: Callable[[Path, int], str]
    arguments: tuple[str, ...]
    nsid: str


def _bind(directory: Path, port: int) -> str:
    return f"""options {{
  directory "{directory}"; pid-file none; session-keyfile "{directory}/session.key";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; notify no; server-id "bind-7";
}};
controls {{ }};
zone "example" {{ type primary; file "{directory}/example.zone"; }};
"""


def _knot(directory: Path, port: int) -> str:
    return f"""server:
    rundir: "{directory}"
    listen: 127.0.0.1@{port}
    nsid: "knot-7"
database:
    storage: "{directory}"
zone:
  - domain: example.
    storage: "{directory}"
    file: example.zone
    zonefile-sync: -1
    journal-content: none
"""


def _nsd(directory: Path, port: int) -> str:
    return f"""server:
    ip-address: 127.0.0.1@{port}
    username: ""
    chroot: ""
    database: ""
    pidfile: "{directory}/nsd.pid"
    zonelistfile: "{directory}/zone.list"
    xfrdfile: "{directory}/xfrd.state"
    xfrdir: "{directory}"
    zonesdir: "{directory}"
    nsid: "ascii_nsd-7"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: example.
    zonefile: example.zone
"""


DAEMONS = [
    pytest.param(Daemon("named", _bind, ("-f", "-c"), "bind-7"), id="BIND"),
    pytest.param(Daemon("knotd", _knot, ("-c",), "knot-7"), id="Knot"),
    pytest.param(Daemon("nsd", _nsd, ("-d", "-c"), "nsd-7"), id="NSD"),
]


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until_serving(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server that is starting; fail with its own words when it ends.

    In real time: what comes while it takes its sockets over may be lost, and is asked again after the time-out.
    """

    async def serves() -> bool:
        async with asyncio.timeout(HANG), asking(SystemClock()) as querier:
            while process.poll() is None:
                outcome = (await once(querier, server)).outcome
                if isinstance(outcome, Response) and outcome.rcode == "NOERROR":  # BIND refuses until it has loaded
                    return True
                await asyncio.sleep(0.02)  # noqa: TID251  # another process starts in its own time
        return False

    assert asyncio.run(serves()), log.read_text()


@pytest.fixture(params=DAEMONS)
def authority(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, Daemon]]:
    daemon: Daemon = request.param
    program = require(daemon.program)
    with tempfile.TemporaryDirectory(prefix="wire") as short:  # Unix sockets in it bear no long path
        directory = Path(short)
        (directory / "example.zone").write_text(ZONE)
        port = free_port()
        configuration = directory / "server.conf"
        configuration.write_text(daemon.configuration(directory, port))
        log = tmp_path / "server.log"
        server = Server("ns1.example.", "127.0.0.1", port)
        with running([program, *daemon.arguments, str(configuration)], log) as process:
            wait_until_serving(server, process, log)
            yield server, daemon


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_an_authority_answers_with_its_records_and_its_identifier(
    authority: tuple[Server, Daemon], transport: Transport
) -> None:
    server, daemon = authority

    async def scene() -> None:
        async with asking(HandClock()) as querier:
            there = at(server, transport=transport)
            addresses = await response(querier, there)
            assert addresses.authoritative
            assert not addresses.recursion_available
            assert addresses.answer == (RRset(WWW.name, "A", 60, ("192.0.2.1", "192.0.2.2")),)
            assert addresses.nsid == daemon.nsid
            assert (await response(querier, there, TXT)).answer[0].rdata == (OWNERSHIP,)
            alias = await response(querier, there, Question(DomainName("alias.example."), RecordType.A))
            assert [(rrset.rdtype, rrset.rdata) for rrset in alias.answer] == [
                ("CNAME", ("lb-1.elb.example.",)),
                ("A", ("192.0.2.3",)),
            ]
            assert traffic(querier, transport=transport).failures == ()

    asyncio.run(scene())


def test_an_authority_denies_refers_and_refuses(authority: tuple[Server, Daemon]) -> None:
    server, _ = authority

    async def scene() -> None:
        async with asking(HandClock()) as querier:
            nodata = await response(querier, server, Question(DomainName("www.example."), RecordType.TXT))
            assert (nodata.rcode, nodata.answer, nodata.authority[0].rdtype) == ("NOERROR", (), "SOA")
            nxdomain = await response(querier, server, Question(DomainName("nope.example."), RecordType.A))
            assert (nxdomain.rcode, nxdomain.authoritative) == ("NXDOMAIN", True)
            referral = await response(querier, server, Question(DomainName("x.sub.example."), RecordType.A))
            assert (referral.rcode, referral.authoritative, referral.answer) == ("NOERROR", False, ())
            assert referral.authority[0].rdata == ("ns.sub.example.",)
            assert referral.additional[0].rdata == ("192.0.2.53",)
            refused = await response(querier, server, Question(DomainName("www.elsewhere."), RecordType.A))
            assert refused.rcode == "REFUSED"

    asyncio.run(scene())


def test_an_answer_that_does_not_fit_comes_over_tcp(authority: tuple[Server, Daemon]) -> None:
    server, _ = authority

    async def scene() -> None:
        async with asking(HandClock()) as querier:
            big = await response(querier, server, BIG)
            assert big.answer[0].rdata == (" ".join(f'"{text}"' for text in STRINGS),)
            assert big.size > 1232
            assert traffic(querier).queries == 1
            assert traffic(querier, transport=Transport.TCP).queries == 1

    asyncio.run(scene())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("unbound"), "DNS:dns.example", "IP:127.0.0.1")


class Resolver(NamedTuple):
    """The ports of one Unbound."""

    dns: Server
    dot: Server
    doh: Server


@pytest.fixture
def unbound(certificate: Certificate, tmp_path: Path) -> Iterator[Resolver]:
    program = require("unbound")
    dns, dot, doh = free_port(), free_port(), free_port()
    configuration = tmp_path / "unbound.conf"
    configuration.write_text(f"""server:
    directory: "{tmp_path}"
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    do-daemonize: no
    interface: 127.0.0.1@{dns}
    interface: 127.0.0.1@{dot}
    interface: 127.0.0.1@{doh}
    tls-port: {dot}
    https-port: {doh}
    http-endpoint: "/dns-query"
    tls-service-key: "{certificate.key}"
    tls-service-pem: "{certificate.certificate}"
    nsid: "ascii_unbound-7"
    module-config: "iterator"
    local-zone: "example." static
    local-data: "www.example. 60 IN A 192.0.2.1"
    local-data: "www.example. 60 IN A 192.0.2.2"
remote-control:
    control-enable: no
""")
    log = tmp_path / "unbound.log"
    resolver = Server("unbound", "127.0.0.1", dns, role=ServerRole.RESOLVER, group="unbound")
    with running([program, "-d", "-c", str(configuration)], log) as process:
        wait_until_serving(resolver, process, log)
        yield Resolver(
            resolver,
            at(resolver, port=dot, transport=Transport.DOT, tls_name="dns.example"),
            at(resolver, port=doh, transport=Transport.DOH, url="https://dns.example/dns-query"),
        )


def test_a_resolver_gives_the_same_answer_over_every_transport(unbound: Resolver, certificate: Certificate) -> None:
    async def scene() -> None:
        async with asking(HandClock(), trust=certificate.trust()) as querier:
            for server in (unbound.dns, at(unbound.dns, transport=Transport.TCP), unbound.dot, unbound.doh):
                answer = await response(querier, server)
                assert answer.recursion_available
                assert answer.answer[0].rdata == ("192.0.2.1", "192.0.2.2")
                assert answer.nsid == "unbound-7"
                nxdomain = await response(querier, server, Question(DomainName("nope.example."), RecordType.A))
                assert nxdomain.rcode == "NXDOMAIN"
                assert traffic(querier, "unbound", server.transport).queries == 2

    asyncio.run(scene())


@pytest.mark.parametrize("index", [1, 2])
def test_many_questions_share_the_connection_to_a_resolver(
    unbound: Resolver, certificate: Certificate, index: int
) -> None:
    async def scene() -> None:
        async with asking(HandClock(), trust=certificate.trust()) as querier:
            answers = await asyncio.gather(*(response(querier, unbound[index], WWW) for _ in range(40)))
            assert {answer.answer[0].rdata for answer in answers} == {("192.0.2.1", "192.0.2.2")}

    asyncio.run(scene())


@pytest.mark.parametrize("index", [1, 2])
def test_a_resolver_whose_certificate_is_not_trusted_is_not_believed(unbound: Resolver, index: int) -> None:
    async def scene() -> None:
        async with asking(HandClock()) as querier:
            assert not isinstance((await once(querier, unbound[index])).outcome, Response)

    asyncio.run(scene())
