"""`make bench`: measures everything in one run and prints the table that docs/benchmarks.md holds.

Each contestant runs several times, in turn with the others, in a process of its own; the median is quoted. Ratios hold
when the machine's speed drifts, absolute figures do not: compare within one run.
"""

import json
import platform
import statistics
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import blackbox
from tests.bench.measured import Measured
from tests.bench.responder import responders

ROUNDS = 3
DOMAINS = 1_000
QUERIES = {"bare": 100_000, "whole": 200_000, "dnspython": 5_000, "blackbox": 5_000}
SERVERS = 4
"""A hosted zone's name servers."""
MEMORY = (0, 1_000, 10_000)
MEBIBYTE = 1 << 20


def main() -> None:
    """Run all, print all; a target that is missed is said, and is no failure: a benchmark asserts nothing."""
    console = Console(width=110)
    with responders(1) as ports:
        runs = _speed(ports[0], console)
    with responders(SERVERS) as ports:
        memory = [_json("memory", domains or 1, *ports) for domains in MEMORY]
        lag = _json("lag", 1_000, *ports)
    console.print(f"Python {platform.python_version()}, {platform.machine()}, median of {ROUNDS} runs\n")
    console.print(_speed_table(runs))
    console.print(_memory_table(memory))
    console.print(_lag_table(lag))


def _speed(port: int, console: Console) -> dict[str, list[Measured]]:
    names = [name for name in QUERIES if name != "blackbox" or blackbox.find()]
    if len(names) < len(QUERIES):
        console.print("prometheus-blackbox-exporter is not installed: it is left out")
    runs: dict[str, list[Measured]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            runs[name].append(Measured(**_json("contestant", name, port, DOMAINS, QUERIES[name])))
    return runs


def _speed_table(runs: dict[str, list[Measured]]) -> Table:
    table = Table("asked how", "per CPU-second", "per wall-second", "CPU cost against bare loop", "against blackbox")
    rates = {name: statistics.median(run.per_cpu_second for run in several) for name, several in runs.items()}
    for name, several in runs.items():
        wall = statistics.median(run.per_wall_second for run in several)
        against = f"{rates[name] / rates['blackbox']:.1f} times as many" if "blackbox" in rates else "-"
        table.add_row(
            several[0].name, f"{rates[name]:,.0f}", f"{wall:,.0f}", f"{rates['bare'] / rates[name]:.1f}", against
        )
    return table


def _memory_table(memory: list[dict[str, Any]]) -> Table:
    table = Table("domains", "resident memory (MiB)", "per 1,000 domains (MiB)")
    base = memory[0]["bytes"]
    for one in memory:
        more = (one["bytes"] - base) / one["domains"] * 1_000 / MEBIBYTE
        table.add_row(
            f"{one['domains']:,}", f"{one['bytes'] / MEBIBYTE:.0f}", f"{more:.1f}" if one is not memory[0] else "-"
        )
    return table


def _lag_table(lag: dict[str, Any]) -> Table:
    table = Table(f"lateness of the probing loop, {lag['domains']:,} domains", "p99 (ms)", "largest (ms)")
    for name, label in (
        ("quiet", "not scraped"),
        ("scraped", f"{lag['scrapes']} scrapes of {lag['bytes'] / MEBIBYTE:.1f} MiB in {lag['seconds']:.2f} s each"),
    ):
        table.add_row(label, f"{lag[name]['p99'] * 1000:.1f}", f"{lag[name]['max'] * 1000:.1f}")
    return table


def _json(module: str, *arguments: object) -> Any:
    finished = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(finished.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
