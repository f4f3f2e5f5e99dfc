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
from tests.bench.contestant import apart
from tests.bench.measured import Measured
from tests.bench.responder import responders

ROUNDS = 3
DOMAINS = 1_000
QUERIES = {"bare": 100_000, "querier": 100_000, "whole": 200_000, "dnspython": 5_000, "blackbox": 5_000}
SERVERS = 4
"""A hosted zone's name servers."""
MEMORY = (0, 1_000, 10_000)
MEBIBYTE = 1 << 20

LEAST_OF_BLACKBOX = 20.0
"""Times as many probes per CPU-second as blackbox_exporter: then one core watches what a fleet of exporters would."""
MOST_OF_BARE = 4.0
"""Times the CPU of a loop that only asks: judging and telling may cost three times what asking does."""
MOST_MEMORY = 512
"""MiB with the largest number of domains: what a pod is readily given."""
MOST_LATE = 20.0
"""Milliseconds: a hundredth of the pause between two rounds of a burst."""


def main() -> None:
    """Run all, print all. A target that is missed is said, and is no failure: a benchmark asserts nothing."""
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
    console.print(_targets_table(_rates(runs), memory, lag))


def _speed(port: int, console: Console) -> dict[str, list[Measured]]:
    names = [name for name in QUERIES if name != "blackbox" or blackbox.find()]
    if len(names) < len(QUERIES):
        console.print("prometheus-blackbox-exporter is not installed: it is left out")
    runs: dict[str, list[Measured]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            runs[name].append(apart(name, port, DOMAINS, QUERIES[name]))
    return runs


def _speed_table(runs: dict[str, list[Measured]]) -> Table:
    table = Table("asked how", "per CPU-second", "per wall-second", "CPU cost against bare loop", "against blackbox")
    rates = _rates(runs)
    for name, several in runs.items():
        wall = statistics.median(run.per_wall_second for run in several)
        against = f"{rates[name] / rates['blackbox']:.1f} times as many" if "blackbox" in rates else "-"
        table.add_row(
            several[0].name, f"{rates[name]:,.0f}", f"{wall:,.0f}", f"{rates['bare'] / rates[name]:.1f}", against
        )
    return table


def _rates(runs: dict[str, list[Measured]]) -> dict[str, float]:
    return {name: statistics.median(run.per_cpu_second for run in several) for name, several in runs.items()}


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


def _targets_table(rates: dict[str, float], memory: list[dict[str, Any]], lag: dict[str, Any]) -> Table:
    table = Table("target", "wanted", "measured", "met")
    cost, largest = rates["bare"] / rates["whole"], memory[-1]
    resident, late = largest["bytes"] / MEBIBYTE, lag["scraped"]["max"] - lag["quiet"]["max"]
    rows = [
        ("CPU cost against the bare loop", f"at most {MOST_OF_BARE:g}", f"{cost:.1f}", cost <= MOST_OF_BARE),
        (f"MiB with {largest['domains']:,} domains", f"under {MOST_MEMORY}", f"{resident:.0f}", resident < MOST_MEMORY),
        ("ms that scraping delays probing", f"at most {MOST_LATE:g}", f"{late * 1000:.1f}", late * 1000 <= MOST_LATE),
    ]
    if "blackbox" in rates:
        times = rates["whole"] / rates["blackbox"]
        wanted = f"at least {LEAST_OF_BLACKBOX:g}"
        rows.insert(0, ("times blackbox_exporter's rate", wanted, f"{times:.1f}", times >= LEAST_OF_BLACKBOX))
    for *cells, met in rows:
        table.add_row(*cells, "yes" if met else "no")
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
