"""Runs one contestant in this process and prints its figures: `contestant NAME PORT DOMAINS QUERIES`.

One of `PACES` asks so often as calm domains are asked, and not as fast as it can.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from tests.bench import bare_loop, dnsperf, dnspython_loop, exporters, querier_loop, whole_path
from tests.bench.exporters import BLACKBOX, DNS_EXPORTER
from tests.bench.measured import Measured, report

PACE = 20.0
"""Questions a second: about what 50 calm domains are asked."""
PACES = {
    "bare-50": PACE,
    "bare-1000": 20 * PACE,
    "bare-10000": 200 * PACE,
    "dnspython-paced": PACE,
    "blackbox-paced": PACE,
    "dns_exporter-paced": PACE,
}
"""Who asks at a pace; the bare loop at those of 50, of 1,000 and of 10,000 domains."""
CONTESTANTS: dict[str, Callable[[int, list[str], int], Measured]] = {
    "bare": bare_loop.run,
    **{name: partial(bare_loop.run, per_second=pace) for name, pace in PACES.items() if name.startswith("bare-")},
    "querier": querier_loop.run,
    "whole": whole_path.run,
    "dnsperf": dnsperf.run,
    "dnspython": dnspython_loop.run,
    "blackbox": partial(exporters.run, BLACKBOX),
    "dns_exporter": partial(exporters.run, DNS_EXPORTER),
    "dnspython-paced": partial(dnspython_loop.run, per_second=PACES["dnspython-paced"]),
    "blackbox-paced": partial(exporters.run, BLACKBOX, per_second=PACES["blackbox-paced"]),
    "dns_exporter-paced": partial(exporters.run, DNS_EXPORTER, per_second=PACES["dns_exporter-paced"]),
}
_PROGRAMS: dict[str, Callable[[], str | None]] = {
    "dnsperf": dnsperf.find,
    "blackbox": BLACKBOX.find,
    "dns_exporter": DNS_EXPORTER.find,
}


def is_installed(name: str) -> bool:
    """Tell whether the program that a contestant needs is there."""
    find = _PROGRAMS.get(name.removesuffix("-paced"))
    return find is None or find() is not None


def names(count: int) -> list[str]:
    """The names that every contestant asks for."""
    return [f"app-{number}.example.com." for number in range(count)]


def apart(name: str, port: int, domains: int, queries: int) -> Measured:
    """Run a contestant in a process of its own, so that nothing else is in its figures."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.bench.contestant", name, str(port), str(domains), str(queries)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Measured(**json.loads(finished.stdout.splitlines()[-1]))


def main() -> None:
    """Run the one that the command line names."""
    name, port, domains, queries = sys.argv[1], *map(int, sys.argv[2:5])
    report(CONTESTANTS[name](port, names(domains), queries))


if __name__ == "__main__":
    main()
