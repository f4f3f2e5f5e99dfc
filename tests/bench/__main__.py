"""`make bench`: measures everything in one run and prints the tables that docs/benchmarks.md holds.

`python -m tests.bench [PART...]`: `speed` (the best regime and the peers, a few minutes), `memory`, `lag`, `cadence`
(the daemon at its own cadence at each size and story: an hour) and `simulated`; all of them by default.

Each contestant runs several times, in turn with the others, in a process of its own; the median is quoted. Ratios hold
when the machine's speed drifts, absolute figures do not: compare within one run.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.anycast import Story
from tests.bench.contestant import PACES, apart, is_installed
from tests.bench.measured import Measured
from tests.bench.responder import responders

ROUNDS = 3
DOMAINS = 1_000
QUERIES = {
    "bare": 100_000,
    "bare-50": 300,
    "bare-1000": 6_000,
    "bare-10000": 60_000,
    "querier": 100_000,
    "whole": 200_000,
    "dnsperf": 200_000,
    "dnspython": 5_000,
    "blackbox": 5_000,
    "dns_exporter": 1_000,
    "dnspython-paced": 300,
    "blackbox-paced": 300,
    "dns_exporter-paced": 300,
}
SERVERS = 4
"""A hosted zone's name servers."""
MEMORY = (0, 1_000, 10_000)
CADENCE = (50, 1_000, 10_000)
CADENCE_SECONDS = 120
MEBIBYTE = 1 << 20
MILLION = 1e6

LEAST_OF_BLACKBOX = 30.0
"""Times as many probes per CPU-second as blackbox_exporter: then one core watches what a fleet of exporters would."""
LEAST_OF_BLACKBOX_PACED = 10.0
"""The same at the daemon's own cadence, where each of them pays for waking up."""
MOST_OF_BARE = 4.0
"""Times the CPU of a loop that only asks: judging and telling may cost three times what asking does."""
MOST_OF_BARE_PACED = {50: 6.0, 1_000: 6.0, 10_000: 9.0}
"""The same at the daemon's own cadence, with TXT, expiry and scrapes: 60 and 90 us where that loop needs 10."""
MOST_MEMORY = 256
"""MiB with the largest number of domains while it is scraped: what a small pod is given."""
MOST_LATE = 20.0
"""Milliseconds that a scrape delays probing: a hundredth of the pause between two rounds of a burst."""
MOST_LAG = 50.0
"""Milliseconds by which 99 of 100 calm turns are late at most: one tick of the engine."""
MOST_SCRAPE_SECONDS, MOST_SCRAPE_BYTES = 3.0, 15e6
"""Of a scrape at the largest size: a third of Prometheus' default time-out."""
KNOWN_WITHIN = 300.0
"""Seconds until each of the largest number of domains has a verdict."""
FLOORS = {domains: f"bare-{domains}" for domains in CADENCE}
"""The bare loop at the pace of so many domains: what waking up for each question costs whoever asks."""
PARTS = ("speed", "memory", "lag", "cadence", "simulated")


def main() -> None:
    """Run the parts, print their tables. A missed target is said and is no failure: a benchmark asserts nothing."""
    console = Console(width=120)
    parts = sys.argv[1:] or PARTS
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    console.print(f"Python {platform.python_version()}, {platform.machine()}, load {load}, median of {ROUNDS} runs\n")
    rates: dict[str, float] = {}
    if "speed" in parts or "cadence" in parts:
        with responders(1) as ports:
            only = None if "speed" in parts else ("bare", *FLOORS.values(), "blackbox-paced")
            runs = _speed(ports[0], console, only)
        rates = _rates(runs)
        console.print(_speed_table(runs))
        console.print(_targets_table(_speed_targets(rates)))
    if "memory" in parts:
        with responders(SERVERS) as ports:
            console.print(_memory_table([_json("memory", domains or 1, *ports) for domains in MEMORY]))
    if "lag" in parts:
        with responders(SERVERS) as ports:
            console.print(_lag_table(_json("lag", DOMAINS, *ports)))
    if "cadence" in parts:
        _cadence(console, rates)
    if "simulated" in parts:
        for arguments in (("start", "1000"), ("shards", "250", "10"), ("fight", "100", "2")):
            console.print_json(json.dumps(_json("simulated", *arguments)))


def _speed(port: int, console: Console, only: tuple[str, ...] | None) -> dict[str, list[Measured]]:
    names = [name for name in QUERIES if is_installed(name) and (only is None or name in only)]
    for name in QUERIES:
        if not is_installed(name):
            console.print(f"{name} is not installed: it is left out")
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
        blackbox = rates.get("blackbox-paced" if name in PACES else "blackbox")
        against = f"{rates[name] / blackbox:.1f} times as many" if blackbox else "-"
        label = f"{several[0].name}, {PACES[name]:g} a second" if name in PACES else several[0].name
        table.add_row(label, f"{rates[name]:,.0f}", f"{wall:,.0f}", f"{rates['bare'] / rates[name]:.1f}", against)
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


def _cadence(console: Console, rates: dict[str, float]) -> None:
    """Run the daemon at each size and story, each in a process of its own, and say at once what came of it."""
    runs = []
    for domains in CADENCE:
        for story in Story:
            more = ("beside",) if story is Story.CALM else ()
            runs.append(_json("cadence", domains, story.value, CADENCE_SECONDS, *more))
            console.print(_cadence_table(runs[-1:], rates))
    journalled = _json("cadence", CADENCE[1], Story.CALM.value, CADENCE_SECONDS, "journal")
    console.print("With a journal:", _cadence_table([journalled], rates))
    console.print(_cadence_table(runs, rates))
    console.print(_beside_table(runs))
    console.print(_targets_table(target for run in runs for target in _cadence_targets(run, rates)))


def _cadence_table(runs: list[dict[str, Any]], rates: dict[str, float]) -> Table:
    table = Table(
        *("domains", "story", "known after", "questions a second", "CPU a question", "against bare loop"),
        "bare loop at this pace",
        *("lag p99 at the start", "lag p99", "resident", "scrape"),
    )
    for run in runs:
        settled, scrape = run["settled"], run["scrape"]
        table.add_row(
            f"{run['domains']:,}",
            run["story"],
            f"{run['known']:.0f} s" if run["known"] is not None else "never",
            f"{settled['questions']:,.0f}",
            f"{settled['cpu'] * MILLION:.0f} us",
            f"{settled['cpu'] * rates['bare']:.0f}",
            f"{MILLION / rates[FLOORS[run['domains']]]:.0f} us",
            f"{run['start']['lag']['p99'] * 1000:.0f} ms",
            f"{settled['lag']['p99'] * 1000:.0f} ms",
            f"{run['bytes'] / MEBIBYTE:.0f} MiB",
            f"{scrape['bytes'] / MILLION:.1f} MB in {scrape['seconds']:.1f} s",
        )
    return table


def _beside_table(runs: list[dict[str, Any]]) -> Table:
    table = Table("domains", "beside", "core", "lag p50", "lag p99", "what of it")
    for run in (run for run in runs if "people" in run):
        people, reload = run["people"], run["reload"]
        served = ", ".join(f"{people[key]} {key}" for key in ("streams", "refused", "pages") if key in people)
        for beside, phase, what in (
            ("nothing", run["settled"], ""),
            ("200 people at the page", people, served),
            ("a plan that is taken over", reload, f"{reload['replace'] * 1000:.0f} ms of CPU"),
        ):
            lag = phase["lag"]
            quantiles = (f"{lag['p50'] * 1000:.0f} ms", f"{lag['p99'] * 1000:.0f} ms")
            table.add_row(f"{run['domains']:,}", beside, f"{phase['core']:.3f}", *quantiles, what)
    return table


def _speed_targets(rates: dict[str, float]) -> Iterator[tuple[str, str, str, bool]]:
    if "whole" in rates:
        cost = rates["bare"] / rates["whole"]
        yield "CPU cost against the bare loop", f"at most {MOST_OF_BARE:g}", f"{cost:.1f}", cost <= MOST_OF_BARE
    if "whole" in rates and "blackbox" in rates:
        times = rates["whole"] / rates["blackbox"]
        wanted = f"at least {LEAST_OF_BLACKBOX:g}"
        yield "times blackbox_exporter's rate", wanted, f"{times:.1f}", times >= LEAST_OF_BLACKBOX


def _cadence_targets(run: dict[str, Any], rates: dict[str, float]) -> Iterator[tuple[str, str, str, bool]]:
    """Say which targets a run has, and what it reached."""
    settled, domains = run["settled"], run["domains"]
    of = f"{domains:,} domains, {run['story']}"
    cost, most = settled["cpu"] * rates["bare"], MOST_OF_BARE_PACED[domains]
    yield f"{of}: CPU cost against the bare loop", f"at most {most:g}", f"{cost:.1f}", cost <= most
    if "blackbox-paced" in rates:
        times = 1 / settled["cpu"] / rates["blackbox-paced"]
        wanted = f"at least {LEAST_OF_BLACKBOX_PACED:g}"
        yield f"{of}: times blackbox_exporter's rate", wanted, f"{times:.1f}", times >= LEAST_OF_BLACKBOX_PACED
    lag = settled["lag"]["p99"] * 1000
    yield f"{of}: lag p99 (ms)", f"at most {MOST_LAG:g}", f"{lag:.0f}", lag <= MOST_LAG
    late = (settled["lag_while_scraped"]["p99"] - settled["lag"]["p99"]) * 1000
    yield f"{of}: ms that a scrape delays probing", f"at most {MOST_LATE:g}", f"{late:.0f}", late <= MOST_LATE
    if domains == CADENCE[-1]:
        known, resident, scrape = run["known"], run["bytes"] / MEBIBYTE, run["scrape"]
        met = known is not None and known <= KNOWN_WITHIN
        yield f"{of}: known after (s)", f"at most {KNOWN_WITHIN:g}", f"{known or float('inf'):.0f}", met
        yield f"{of}: MiB while scraped", f"at most {MOST_MEMORY}", f"{resident:.0f}", resident <= MOST_MEMORY
        took, size = scrape["seconds"], scrape["bytes"]
        yield f"{of}: scrape (s)", f"at most {MOST_SCRAPE_SECONDS:g}", f"{took:.1f}", took <= MOST_SCRAPE_SECONDS
        wanted = f"at most {MOST_SCRAPE_BYTES / MILLION:g}"
        yield f"{of}: scrape (MB)", wanted, f"{size / MILLION:.1f}", size <= MOST_SCRAPE_BYTES


def _targets_table(targets: Iterator[tuple[str, str, str, bool]]) -> Table:
    table = Table("target", "wanted", "measured", "met")
    for *cells, met in targets:
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
