"""prometheus-blackbox-exporter, where it is installed: its DNS prober, asked over HTTP as Prometheus would."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.measured import Measured

WORKERS = 20
_MODULE = """modules:
  dns:
    prober: dns
    timeout: 2s
    dns: {query_name: NAME, query_type: A, preferred_ip_protocol: ip4, recursion_desired: false}
"""


def find() -> str | None:
    """The program's path, or None."""
    return shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")


def run(port: int, names: list[str], queries: int) -> Measured:
    """Probe `names[0]` again and again: blackbox_exporter wants a module for each name."""
    program = find()
    if program is None:
        raise FileNotFoundError("prometheus-blackbox-exporter is not installed")
    measured = Measured("blackbox_exporter", queries=queries)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "blackbox.yml"
        config.write_text(_MODULE.replace("NAME", names[0].rstrip(".")), encoding="ascii")
        listen = _free_port()
        exporter = subprocess.Popen(
            [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{listen}", "--log.level=error"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            asyncio.run(_probe(exporter.pid, listen, port, measured))
        finally:
            exporter.terminate()
            exporter.wait()
    return measured


async def _probe(pid: int, listen: int, port: int, measured: Measured) -> None:
    url = f"http://127.0.0.1:{listen}/probe?module=dns&target=127.0.0.1:{port}"
    turns = iter(range(measured.queries))
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for _ in range(100):
            try:
                await client.get(url)
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)  # noqa: TID251 - waits for a real program to start
        else:
            raise TimeoutError("blackbox_exporter does not answer")

        async def work() -> None:
            for _ in turns:
                answer = await client.get(url)
                if "probe_success 1" not in answer.text:
                    measured.failures += 1

        cpu, wall = _cpu_seconds(pid), time.perf_counter()
        await asyncio.gather(*(work() for _ in range(WORKERS)))
        measured.cpu = _cpu_seconds(pid) - cpu
        measured.wall = time.perf_counter() - wall


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
