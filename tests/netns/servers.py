"""Name servers of Debian's packages on a host of their own, at port 53."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.netns.hosts import Host
from tests.real import require


@contextmanager
def nsd(host: Host, folder: Path, addresses: Sequence[str], zones: Mapping[str, str]) -> Iterator[None]:
    """Run NSD at addresses of the host. Zones are master-file text relative to the zone."""
    folder.mkdir()
    blocks = ""
    for number, (zone, text) in enumerate(zones.items()):
        file = folder / f"{number}.zone"
        file.write_text(f"$TTL 60\n@ SOA ns hostmaster 1 7200 900 1209600 300\n{text}\n", encoding="utf-8")
        blocks += f'zone:\n    name: "{zone}"\n    zonefile: "{file}"\n'
    listen = "".join(f"    ip-address: {address}\n" for address in addresses)
    config = folder / "nsd.conf"
    config.write_text(
        f"""server:
{listen}    server-count: 1
    username: ""
    chroot: ""
    database: ""
    pidfile: "{folder}/pid"
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    zonesdir: "{folder}"
remote-control:
    control-enable: no
{blocks}""",
        encoding="utf-8",
    )
    with host.running(require("nsd"), "-d", "-c", config, log=folder / "log"):
        yield


@contextmanager
def resolver(host: Host, folder: Path, address: str, zone: str, authority: str) -> Iterator[None]:
    """Run Unbound at an address of the host: it answers everybody for the zone, whether RD asks for that or not."""
    folder.mkdir()
    config = folder / "unbound.conf"
    config.write_text(
        f"""server:
    interface: {address}
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    logfile: ""
    num-threads: 1
    access-control: 0.0.0.0/0 allow_setrd
    module-config: "iterator"
remote-control:
    control-enable: no
stub-zone:
    name: "{zone}"
    stub-addr: {authority}
""",
        encoding="utf-8",
    )
    with host.running(require("unbound"), "-d", "-p", "-c", config, log=folder / "log"):
        yield
