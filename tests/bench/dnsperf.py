"""dnsperf, where it is installed: what a program in C that only asks costs. It judges nothing, and is no prober."""

import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.measured import Measured

IN_FLIGHT = 200


def find() -> str | None:
    """The program's path, or None; `DNSPERF` names it where it is not on the path."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("DNSPERF"), "dnsperf")))), None)


def run(port: int, names: list[str], queries: int) -> Measured:
    """Ask for A of `names` in turn."""
    program = find()
    if program is None:
        raise FileNotFoundError("dnsperf is not installed")
    measured = Measured("dnsperf (C, asks only)", queries=queries)
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "queries"
        asked.write_text("".join(f"{names[turn % len(names)]} A\n" for turn in range(queries)), encoding="ascii")
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        told = subprocess.run(
            [program, "-s", "127.0.0.1", "-p", str(port), "-d", str(asked), "-n", "1", "-q", str(IN_FLIGHT), "-e"],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ).stdout
        measured.wall = time.perf_counter() - wall
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lost = re.search(r"Queries lost:\s+(\d+)", told)
    measured.failures = int(lost[1]) if lost else 0
    return measured
