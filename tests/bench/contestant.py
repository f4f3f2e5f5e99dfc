"""Runs one contestant in this process and prints its figures: `contestant NAME PORT DOMAINS QUERIES`."""

import json
import subprocess
import sys

from tests.bench import bare_loop, blackbox, dnspython_loop, querier_loop, whole_path
from tests.bench.measured import Measured, report

CONTESTANTS = {
    "whole": whole_path.run,
    "querier": querier_loop.run,
    "bare": bare_loop.run,
    "dnspython": dnspython_loop.run,
    "blackbox": blackbox.run,
}


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
