"""Runs one contestant in this process and prints its figures: `contestant NAME PORT DOMAINS QUERIES`."""

import sys

from tests.bench import bare_loop, blackbox, dnspython_loop, whole_path
from tests.bench.measured import report

CONTESTANTS = {
    "whole": whole_path.run,
    "bare": bare_loop.run,
    "dnspython": dnspython_loop.run,
    "blackbox": blackbox.run,
}


def names(count: int) -> list[str]:
    """The names that every contestant asks for."""
    return [f"app-{number}.example.com." for number in range(count)]


def main() -> None:
    """Run the one that the command line names."""
    name, port, domains, queries = sys.argv[1], *map(int, sys.argv[2:5])
    report(CONTESTANTS[name](port, names(domains), queries))


if __name__ == "__main__":
    main()
