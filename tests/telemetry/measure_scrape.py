"""Measures what a scrape costs the probing loop: `python -m tests.telemetry.measure_scrape [DOMAINS [SCRAPES]]`.

An asyncio loop plays UDP ping-pong on loopback as fast as it can and keeps a 1 ms timer, as the probing loop would,
while another thread scrapes domains, 1,000 unless told, whose every answer counter has moved since the scrape before.
Printed are the timer's worst delay, the pace that was left of the ping-pong's, and how long a scrape took. Not a test:
absolute times are the machine's. The garbage collector is off meanwhile: one full collection over 1,000 domains takes
100 ms, strikes whoever allocates at that moment, and is the daemon's to tame.
"""

import asyncio
import gc
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from probe.model.snapshot import Snapshot
from probe.telemetry.exposition import Exposition
from tests.snapshots import CATALOGUE, fleet

SIZE, SCRAPES = (*map(int, sys.argv[1:]), *(1_000, 10)[len(sys.argv) - 1 :])
RESTS: dict[str, Callable[[], None]] = {
    "no rest": lambda: None,
    "sleep(0)": lambda: time.sleep(0),
    "as built": lambda: time.sleep(0.0005),
}


def moved_on(snapshot: Snapshot) -> Snapshot:
    """The same domains after one more answer of each class."""
    return replace(
        snapshot,
        domains=tuple(
            status._replace(
                records=tuple(
                    record._replace(answers=tuple(count + 1 for count in record.answers)) for record in status.records
                )
            )
            for status in snapshot.domains
        ),
    )


class PingPong:
    """A loop with something to lose."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.echoes = 0
        self.worst = 0.0
        self.busy = True
        self.ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for end in self.ends:
            end.bind(("127.0.0.1", 0))
            end.settimeout(0)
            self.loop.add_reader(end, self._answer, end)
        self.ends[0].sendto(b"x" * 100, self.ends[1].getsockname())

    def run(self) -> None:
        """Play until `busy` ends."""
        self._tick(time.perf_counter())
        self.loop.run_forever()
        for end in self.ends:
            self.loop.remove_reader(end)
            end.close()
        self.loop.close()

    def _answer(self, end: socket.socket) -> None:
        data, sender = end.recvfrom(512)
        self.echoes += 1
        end.sendto(data, sender)

    def _tick(self, due: float) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, now - due)
        if self.busy:
            self.loop.call_later(0.001, self._tick, now + 0.001)
        else:
            self.loop.stop()


def measure(name: str, rest: Callable[[], None], switch_interval: float) -> None:
    """Print one line."""
    sys.setswitchinterval(switch_interval)
    snapshots = [fleet(SIZE)]
    exposition = Exposition(lambda: snapshots[-1], CATALOGUE, rest=rest)
    exposition("")
    for _ in range(3):
        snapshots.append(moved_on(snapshots[-1]))
    game = PingPong()
    worst, spent, pace, alone = [], [], [], 0.0

    def scrape() -> None:
        nonlocal alone
        before = game.echoes
        threading.Event().wait(1.0)
        alone = game.echoes - before
        for _ in range(SCRAPES):
            snapshots.append(snapshots.pop(0))
            game.worst, before, begin = 0.0, game.echoes, time.perf_counter()
            exposition("")
            spent.append(time.perf_counter() - begin)
            worst.append(game.worst)
            pace.append((game.echoes - before) / spent[-1])
        game.busy = False

    thread = threading.Thread(target=scrape)
    thread.start()
    game.run()
    thread.join()
    left = sum(pace) / len(pace) / alone
    print(  # noqa: T201  # a program for the terminal
        f"{name:10} switch interval {switch_interval * 1000:g} ms: delay {max(worst) * 1000:5.1f} ms worst,"
        f" {sorted(worst)[SCRAPES // 2] * 1000:5.1f} ms median; {left:4.0%} of the pace;"
        f" {sum(spent) / SCRAPES * 1000:4.0f} ms per scrape"
    )


if __name__ == "__main__":
    gc.disable()
    for switching in (0.005, 0.001):
        for name, rest in RESTS.items():
            measure(name, rest, switching)
