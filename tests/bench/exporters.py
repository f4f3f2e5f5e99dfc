"""Exporters that probe DNS when they are scraped, where they are installed: real programs, asked over HTTP.

blackbox_exporter is Debian's `prometheus-blackbox-exporter`; dns_exporter is PyPI's, in an environment of its own, as
what it depends on is nothing of this project's: `DNS_EXPORTER` names its program where it is not on the path.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import httpx

from tests.bench.measured import Measured

WORKERS = 20
"""Scrapes that are out at a time, where they come as fast as they are answered."""
START_SECONDS = 60.0
_MODULE = """modules:
  dns:
    prober: dns
    timeout: 2s
    dns: {query_name: NAME, query_type: A, preferred_ip_protocol: ip4, recursion_desired: false}
"""


class Exporter(NamedTuple):
    """One of these programs.

    Attributes:
        name: As tables have it.
        programs: What it may be called.
        variable: The environment variable that may name it.
        arguments: Gives its arguments: for the folder of its files, the name to ask for, and the port to listen on.
        path: Gives the path of a probe of a name at a port of 127.0.0.1.
        success: What a scrape says of a probe that was answered.
    """

    name: str
    programs: tuple[str, ...]
    variable: str
    arguments: Callable[[Path, str, int], list[str]]
    path: Callable[[str, int], str]
    success: str

    def find(self) -> str | None:
        """The program's path, or None."""
        told = os.environ.get(self.variable)
        return next(filter(None, map(shutil.which, filter(None, (told, *self.programs)))), None)


def _blackbox_arguments(folder: Path, name: str, listen: int) -> list[str]:
    config = folder / "blackbox.yml"
    config.write_text(_MODULE.replace("NAME", name), encoding="ascii")
    return [f"--config.file={config}", f"--web.listen-address=127.0.0.1:{listen}", "--log.level=error"]


def _dns_exporter_path(name: str, port: int) -> str:
    asked = {"server": f"udp://127.0.0.1:{port}", "query_name": name, "query_type": "A", "recursion_desired": "false"}
    return f"/query?{urlencode(asked)}"


BLACKBOX = Exporter(
    "blackbox_exporter",
    ("prometheus-blackbox-exporter", "blackbox_exporter"),
    "BLACKBOX_EXPORTER",
    _blackbox_arguments,
    lambda _, port: f"/probe?module=dns&target=127.0.0.1:{port}",
    "probe_success 1",
)
DNS_EXPORTER = Exporter(
    "dns_exporter",
    ("dns_exporter",),
    "DNS_EXPORTER",
    lambda _, __, listen: ["-L", "127.0.0.1", "-p", str(listen), "-q"],
    _dns_exporter_path,
    "dnsexp_dns_query_success 1.0",
)


def run(exporter: Exporter, port: int, names: list[str], queries: int, per_second: float = 0.0) -> Measured:
    """Probe `names[0]` again and again: blackbox_exporter wants a module for each name.

    Args:
        exporter: Which.
        port: Of the name server.
        names: The names.
        queries: How many probes.
        per_second: How many in a second; 0 as fast as they are answered.
    """
    program = exporter.find()
    if program is None:
        raise FileNotFoundError(f"{exporter.name} is not installed")
    measured = Measured(exporter.name, queries=queries)
    name = names[0].rstrip(".")
    with tempfile.TemporaryDirectory() as folder:
        listen = _free_port()
        process = subprocess.Popen(
            [program, *exporter.arguments(Path(folder), name, listen)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{listen}{exporter.path(name, port)}"
            asyncio.run(_probe(process.pid, url, exporter.success, per_second, measured))
        finally:
            process.terminate()
            process.wait()
    return measured


async def _probe(pid: int, url: str, success: str, per_second: float, measured: Measured) -> None:
    turns = iter(range(measured.queries))
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        await _until_up(client, url)
        began = loop.time()

        async def work() -> None:
            for turn in turns:
                if per_second:
                    await asyncio.sleep(max(0.0, began + turn / per_second - loop.time()))  # noqa: TID251 - a real pace
                answer = await client.get(url)
                if success not in answer.text:
                    measured.failures += 1

        cpu, wall = _cpu_seconds(pid), time.perf_counter()
        await asyncio.gather(*(work() for _ in range(WORKERS)))
        measured.cpu = _cpu_seconds(pid) - cpu
        measured.wall = time.perf_counter() - wall


async def _until_up(client: httpx.AsyncClient, url: str) -> None:
    until = time.perf_counter() + START_SECONDS
    while time.perf_counter() < until:
        try:
            await client.get(url)
        except httpx.TransportError:
            await asyncio.sleep(0.05)  # noqa: TID251 - waits for a real program to start
        else:
            return
    raise TimeoutError(f"{url} is not answered")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
