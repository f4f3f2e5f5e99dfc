"""One contestant's figures, and how they are taken: each contestant runs in a process of its own."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Measured:
    """What one run of a contestant took. CPU is user plus system time of its own process, in seconds."""

    name: str
    queries: int = 0
    failures: int = 0
    cpu: float = 0.0
    wall: float = 0.0

    @property
    def per_cpu_second(self) -> float:
        """Answered questions for each second of CPU."""
        return (self.queries - self.failures) / self.cpu if self.cpu else 0.0

    @property
    def per_wall_second(self) -> float:
        """Answered questions for each second of the wall clock."""
        return (self.queries - self.failures) / self.wall if self.wall else 0.0


@contextmanager
def timed(measured: Measured) -> Iterator[None]:
    """Add what the block takes to `measured`."""
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield
    finally:
        measured.wall += time.perf_counter() - wall
        measured.cpu += time.process_time() - cpu


def report(measured: Measured) -> None:
    """Hand the figures to the parent process: one JSON line."""
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")


def peak_memory() -> int:
    """The largest resident set of this process so far, in bytes (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def resident_memory(pid: str = "self") -> int:
    """The present resident set of a process in bytes (Linux)."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123 - procfs, not a file of anyone's
        return int(statm.read().split()[1]) * resource.getpagesize()
