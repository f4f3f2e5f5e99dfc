r"""Real name servers from Debian's packages on loopback, for one test each: BIND, Knot, NSD, PowerDNS and Unbound.

    with bind({"example.com": "@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.1"}) as server:
        ...ask 127.0.0.1 at server.port...

Each runs in its own process and temporary directory on a free port, is waited for until it answers for every zone, and
is stopped when the block ends. When it does not come up, or the block fails, its log is printed: pytest shows it.
Zones are master-file text relative to the zone; `$TTL 60` and, unless the text has one, an SOA are added.

BIND and Knot take dynamic updates (RFC 2136) from loopback: `server.update(...)`. Knot and NSD can be secondaries of a
BIND that notifies them: give all the same port, which `free_port` finds. PowerDNS evaluates LUA records:
`www LUA A "pickwrandom({{70,'192.0.2.1'},{30,'192.0.2.2'}})"` answers by weight like a Route 53 weighted record.

Debian packages: bind9, knot, nsd, pdns-server with pdns-backend-bind, unbound.
"""

import ipaddress
import os
import random
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.update

from tests.patience import HANG
from tests.real import require

_START_TRIES = 3600  # of 50 ms and more: three minutes. A server that ends is told at once; this is for one that hangs
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = max(_WORKER + 1, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
_PORTS = range(20_000 + _WORKER, 32_000, _WORKERS)
"""Below the ports that Linux gives to clients, so that no socket of the test takes ours. Each worker of a parallel run
has ports of its own, because a port that was found free is taken only when the server starts."""
INSIDE = "127.0.0.77"
"""From where BIND's clients ask that are inside: in a VPC, if it were Route 53."""

_NOWHERE = ("127.0.0.1", 9)  # the discard port, at which nobody listens
_SOA = "@ SOA ns hostmaster 1 7200 900 1209600 300"


@dataclass(frozen=True, slots=True)
class RealServer:
    """One running server: it answers at every address of `addresses` at `port`."""

    program: str
    addresses: tuple[str, ...]
    port: int
    directory: Path

    @property
    def address(self) -> str:
        return self.addresses[0]

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text(errors="replace")

    def exchange(self, message: dns.message.Message, timeout: float = HANG) -> dns.message.Message:
        """Send one message over UDP and give the answer; raises OSError when none comes."""
        kind = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        with socket.socket(kind, socket.SOCK_DGRAM) as plug:
            plug.settimeout(timeout)
            plug.connect((self.address, self.port))
            plug.send(message.to_wire())
            answer = dns.message.from_wire(plug.recv(65_535))
        assert message.is_response(answer)
        return answer

    def update(self, change: dns.update.UpdateMessage) -> None:
        """Send a dynamic update (RFC 2136) and see that it was taken."""
        rcode = self.exchange(change).rcode()
        assert rcode == dns.rcode.NOERROR, f"{self.program} answered the update with {dns.rcode.to_text(rcode)}"


@contextmanager
def bind(
    zones: Mapping[str, str],
    *,
    addresses: Sequence[str] = ("127.0.0.1",),
    port: int | None = None,
    secondaries: Sequence[str] = (),
    inside: Mapping[str, str] | None = None,
    options: str = "",
) -> Iterator[RealServer]:
    """Run BIND's named, authoritative only. `options` goes into its options block.

    Every change is at once told to `secondaries` (addresses at the same port), which may transfer every zone. Who asks
    from `INSIDE` sees the zones of `inside` instead, if there are any: a view of its own.
    named listens only at addresses that an interface has: of the loopback ones that is 127.0.0.1 and ::1.
    """
    assert {*addresses} <= {"127.0.0.1", "::1"}, "named cannot listen at other loopback addresses"
    with _prepared("named", zones, addresses, port) as server:
        v4 = "".join(f"{address}; " for address in server.addresses if ":" not in address)
        v6 = "".join(f"{address}; " for address in server.addresses if ":" in address)
        notified = "".join(f"{address} port {server.port}; " for address in secondaries)
        notify = f"notify explicit; notify-delay 0; also-notify {{ {notified}}}; " if notified else ""
        blocks = "".join(
            f'zone "{zone}" {{ type primary; file "{_file(zone)}"; '
            f"allow-update {{ localhost; 127.0.0.0/8; }}; {notify}}};\n"
            for zone in zones
        )
        if inside is not None:
            for zone, text in inside.items():
                _write(server, f"inside-{_file(zone)}", _zone_text(zone, text))
            within = "".join(f'zone "{zone}" {{ type primary; file "inside-{_file(zone)}"; }};\n' for zone in inside)
            blocks = (
                f'view "inside" {{ match-clients {{ {INSIDE}; }};\n{within}}};\n'
                f'view "outside" {{ match-clients {{ any; }};\n{blocks}}};\n'
            )
        config = f"""options {{
    directory "{server.directory}";
    pid-file none;
    listen-on port {server.port} {{ {v4 or "none; "}}};
    listen-on-v6 port {server.port} {{ {v6 or "none; "}}};
    recursion no;
    empty-zones-enable no;
    notify no;
    dnssec-validation no;  // or named asks the real root servers for their keys
    {options}
}};
controls {{ }};
{blocks}"""
        command = [require("named"), "-g", "-n", "1", "-c", _write(server, "named.conf", config)]
        with _running(server, command, _soa_questions(zones)):
            yield server


@contextmanager
def knot(
    zones: Mapping[str, str],
    *,
    addresses: Sequence[str] = ("127.0.0.1",),
    port: int | None = None,
    transfers: Mapping[str, RealServer] | None = None,
    extra: str = "",
) -> Iterator[RealServer]:
    """Run Knot DNS. `transfers` are zones that it gets from a primary, `extra` is more YAML at the end."""
    copied = transfers or {}
    with _prepared("knotd", zones, addresses, port) as server:
        listen = ", ".join(f"{address}@{server.port}" for address in server.addresses)
        blocks = "".join(f'  - domain: "{zone}"\n    file: "{_file(zone)}"\n    acl: loopback\n' for zone in zones)
        blocks += "".join(f'  - domain: "{zone}"\n    master: "of-{zone}"\n    acl: loopback\n' for zone in copied)
        primaries = "".join(
            f'  - id: "of-{zone}"\n    address: {primary.address}@{primary.port}\n' for zone, primary in copied.items()
        )
        config = f"""server:
    rundir: "{server.directory}"
    listen: [ {listen} ]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "{server.directory}"
acl:
  - id: loopback
    address: [ 127.0.0.0/8, "::1" ]
    action: [ update, notify ]
{f"remote:{chr(10)}{primaries}" if primaries else ""}template:
  - id: default
    storage: "{server.directory}"
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: changes
zone:
{blocks}{extra}"""
        command = [require("knotd"), "-c", _write(server, "knot.conf", config)]
        with _running(server, command, _soa_questions([*zones, *copied])):
            yield server


@contextmanager
def nsd(
    zones: Mapping[str, str],
    *,
    addresses: Sequence[str] = ("127.0.0.1",),
    port: int | None = None,
    transfers: Mapping[str, RealServer] | None = None,
    options: str = "",
) -> Iterator[RealServer]:
    """Run NSD, which takes no updates. `transfers` are zones from a primary; `options` goes into its server clause."""
    copied = transfers or {}
    with _prepared("nsd", zones, addresses, port) as server:
        listen = "".join(f"    ip-address: {address}@{server.port}\n" for address in server.addresses)
        blocks = "".join(f'zone:\n    name: "{zone}"\n    zonefile: "{_file(zone)}"\n' for zone in zones)
        blocks += "".join(
            f'zone:\n    name: "{zone}"\n    allow-notify: 127.0.0.0/8 NOKEY\n'
            f"    request-xfr: {primary.address}@{primary.port} NOKEY\n"
            for zone, primary in copied.items()
        )
        config = f"""server:
{listen}    port: {server.port}
    server-count: 1
    xfrd-reload-timeout: 0
    username: ""
    chroot: ""
    database: ""
    pidfile: "{server.directory}/pid"
    zonelistfile: "{server.directory}/zone.list"
    xfrdfile: "{server.directory}/xfrd.state"
    xfrdir: "{server.directory}"
    zonesdir: "{server.directory}"
    {options}
remote-control:
    control-enable: no
{blocks}"""
        command = [require("nsd"), "-d", "-c", _write(server, "nsd.conf", config)]
        with _running(server, command, _soa_questions([*zones, *copied])):
            yield server


@contextmanager
def powerdns(
    zones: Mapping[str, str], *, addresses: Sequence[str] = ("127.0.0.1",), port: int | None = None, extra: str = ""
) -> Iterator[RealServer]:
    """Run the PowerDNS Authoritative Server over its BIND backend, with LUA records on and every cache off."""
    with _prepared("pdns_server", zones, addresses, port) as server:
        listed = "".join(
            f'zone "{zone}" {{ type master; file "{server.directory / _file(zone)}"; }};\n' for zone in zones
        )
        config = f"""launch=bind
bind-config={_write(server, "zones.conf", listed)}
local-address={",".join(server.addresses)}
local-port={server.port}
enable-lua-records=yes
cache-ttl=0
negquery-cache-ttl=0
query-cache-ttl=0
daemon=no
guardian=no
disable-syslog=yes
write-pid=no
socket-dir={server.directory}
distributor-threads=1
security-poll-suffix=
{extra}"""
        _write(server, "pdns.conf", config)
        with _running(server, [require("pdns_server"), f"--config-dir={server.directory}"], _soa_questions(zones)):
            yield server


@contextmanager
def unbound(
    stubs: Mapping[str, tuple[str, int]] | None = None,
    *,
    addresses: Sequence[str] = ("127.0.0.1",),
    port: int | None = None,
    options: str = "",
) -> Iterator[RealServer]:
    """Run Unbound, a caching resolver that does not validate.

    `stubs` says which authoritative server (address, port) to ask about a zone; everything else is REFUSED, as
    nothing leaves this machine. `options` goes into its server clause.
    """
    wanted = dict(stubs or {})
    with _prepared("unbound", {}, addresses, port) as server:
        listen = "".join(f"    interface: {address}\n" for address in server.addresses)
        blocks = "".join(
            f'stub-zone:\n    name: "{zone}"\n    stub-addr: {address}@{at}\n'
            for zone, (address, at) in ({".": _NOWHERE} | wanted).items()
        )
        local = "".join(
            f'    local-zone: "{zone}" {"transparent" if zone in wanted else "refuse"}\n' for zone in {".", *wanted}
        )
        config = f"""server:
{listen}    port: {server.port}
    directory: "{server.directory}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    num-threads: 1
    access-control: 127.0.0.0/8 allow
    access-control: ::1 allow
    do-not-query-localhost: no
    module-config: "iterator"
{local}    {options}
remote-control:
    control-enable: no
{blocks}"""
        command = [require("unbound"), "-d", "-p", "-c", _write(server, "unbound.conf", config)]
        # Unbound answers for localhost. out of the box (RFC 6761 section 6.3), without asking anybody.
        with _running(server, command, [dns.message.make_query("localhost.", "A")]):
            yield server


def free_port(*addresses: str) -> int:
    """Find a port that is free for UDP and TCP at every address."""
    for port in random.sample(_PORTS, 100):
        if all(_is_free(address, port) for address in addresses):
            return port
    raise AssertionError(f"no free port found at {', '.join(addresses)}")


def has_ipv6() -> bool:
    """Tell whether ::1 can be bound here."""
    return _is_free("::1", 0)


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as plug:
                plug.bind((address, port))
    except OSError:
        return False
    return True


@contextmanager
def _prepared(
    program: str, zones: Mapping[str, str], addresses: Sequence[str], port: int | None
) -> Iterator[RealServer]:
    require(program)
    assert all(ipaddress.ip_address(address).is_loopback for address in addresses), "tests stay on this machine"
    with tempfile.TemporaryDirectory(prefix=f"{program}-") as directory:
        server = RealServer(program, tuple(addresses), port or free_port(*addresses), Path(directory))
        for zone, text in zones.items():
            _write(server, _file(zone), _zone_text(zone, text))
        yield server


@contextmanager
def _running(server: RealServer, command: Sequence[str], questions: Sequence[dns.message.Message]) -> Iterator[None]:
    with (server.directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=server.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            for question in questions:
                _await_answer(server, process, question)
            yield
        except BaseException:
            print(f"--- log of {server.program} ---\n{server.log}")  # noqa: T201  # pytest shows it beside the failure
            raise
        finally:
            process.terminate()
            try:
                process.wait(HANG)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_answer(server: RealServer, process: subprocess.Popen[bytes], question: dns.message.Message) -> None:
    for _ in range(_START_TRIES):
        with suppress(OSError):
            if server.exchange(question, timeout=0.5).rcode() == dns.rcode.NOERROR:
                return
        with suppress(subprocess.TimeoutExpired):
            status = process.wait(0.05)
            raise AssertionError(f"{server.program} ended with status {status} before it answered")
    raise AssertionError(f"{server.program} does not answer {question.question[0]} on port {server.port}")


def _soa_questions(zones: Iterable[str]) -> list[dns.message.Message]:
    return [dns.message.make_query(zone, "SOA", flags=0) for zone in zones]


def _zone_text(zone: str, text: str) -> str:
    soa = "" if " SOA " in text else _SOA
    return f"$ORIGIN {zone.rstrip('.')}.\n$TTL 60\n{soa}\n{text}\n"


def _file(zone: str) -> str:
    return f"{zone.rstrip('.') or 'root'}.zone"


def _write(server: RealServer, name: str, text: str) -> str:
    path = server.directory / name
    path.write_text(text)
    return str(path)
