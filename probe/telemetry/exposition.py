"""One scrape: the present snapshot in the exposition format that the scraper asked for.

A scrape is rendered in another thread than probing, but under the same GIL, which probing gives up at every datagram
and then has to get back. tests/telemetry/measure_scrape.py plays UDP ping-pong in an asyncio loop while 1,000 domains
are scraped, and measures the worst delay of a 1 ms timer in that loop, the pace that was left of the ping-pong's, and
the time per scrape. When each domain had 102 series, two busy cores gave:

    prometheus_client's renderer                     2,000 ms of CPU: not measured further
    kept lines (probe.telemetry.domains)             75 ms of CPU,  46 ms delay, 15 to 40 % of the pace,   150 ms
    the same, time.sleep(0) after every 0.2 ms                      10 ms        20 to 50 %                250 ms
    the same, time.sleep(0.0005) after every 0.2 ms                 10 ms        55 to 75 %                600 ms
    the same, and sys.setswitchinterval(0.001)                       6 ms        70 to 80 %                450 ms

`sleep(0)` gives the GIL up and mostly takes it back before the other thread has woken; half a millisecond is long
enough for probing to take it, answer what has come, and go back to waiting. Resting is done here; the switch interval
is the process's own affair.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple, TypeAlias

from prometheus_client import exposition as text_format
from prometheus_client.core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from probe.model.finding import CatalogueEntry
from probe.model.ports import SnapshotSource
from probe.model.snapshot import Snapshot
from probe.telemetry.collector import Labelled, SnapshotCollector, empty_metric
from probe.telemetry.domains import DomainLines
from probe.telemetry.family import Family
from probe.telemetry.owners import OwnerLabels
from probe.telemetry.packed import Body, PackedLines

STRETCH_SECONDS = 0.0005
"""How long rendering goes on before it rests: what probing waits for at most, beside the interpreter's switch interval.
A number of blocks (one domain's lines of one family) would not do: a new one takes many times as long as a kept one."""

LONGEST_STRETCH_SECONDS = 0.004
"""What it never goes on beyond: a fifth of the 20 ms by which a scrape may delay probing."""

HURRY = 0.002
"""How much longer a stretch gets with each second that a scrape takes. Beside probing that has no time to spare it is
given the interpreter back after a switch interval, so that by reckoning it gets a quarter of the time in stretches of
half a millisecond, and more than half in stretches of two. 10,000 domains that are first looked at took 4.6 s without
it, and take 2.5 s (docs/benchmarks.md)."""

REST_SECONDS = 0.0005
"""How long rendering leaves the GIL alone after that."""

_END = b"# EOF\n"
"""What ends an OpenMetrics exposition, once (OpenMetrics 1.0, section "Overall Structure")."""


_Renderer: TypeAlias = Callable[[Collector], bytes]
"""One of prometheus_client's."""


class Scrape(NamedTuple):
    """One exposition.

    Attributes:
        blocks: Its bytes, in pieces of which most are those that are kept, packed, for the next one: of 10,000 domains
            they are 14 MB.
        content_type: What they are.
    """

    blocks: Body
    content_type: str


class _Only(Collector):
    """A collector of given families."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


class Exposition:
    """Renders scrapes; callable from any thread, one scrape at a time.

    Args:
        snapshots: Where the present comes from.
        catalogue: Every finding code that can be raised: how many domains have it open is told of each from the start.
        rest: Called between portions of the work, to let probing run.
        ticking: A clock in seconds that says how long a portion has taken.
    """

    def __init__(
        self,
        snapshots: SnapshotSource,
        catalogue: Iterable[CatalogueEntry],
        rest: Callable[[], None] = lambda: time.sleep(REST_SECONDS),
        ticking: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._snapshots = snapshots
        self._catalogue = tuple(catalogue)
        self._rest = rest
        self._ticking = ticking
        self._owners = OwnerLabels()
        self._domains = DomainLines(self._owners)
        self._process = ProcessCollector(registry=None)
        self._lock = threading.Lock()

    def __call__(self, accept: str) -> Scrape:
        """Render one for an Accept header (empty without one).

        The formats are two: OpenMetrics 1.0 when prometheus_client would choose OpenMetrics for this header, else the
        text format 0.0.4. The versions and escapings beyond these change nothing here, as every name is a plain one.
        """
        with self._lock:
            began = self._ticking()
            snapshot = self._snapshots()
            if _wants_openmetrics(accept):
                blocks = (*self._blocks(snapshot, openmetrics.generate_latest, began), _END)
                return Scrape(Body(blocks), openmetrics.CONTENT_TYPE_LATEST)
            blocks = tuple(self._blocks(snapshot, text_format.generate_latest, began))
            return Scrape(Body(blocks), text_format.CONTENT_TYPE_PLAIN_0_0_4)

    def _blocks(self, snapshot: Snapshot, render: _Renderer, began: float) -> Iterator[bytes | PackedLines]:
        vantage = snapshot.plan.vantage
        yield render(SnapshotCollector(snapshot, self._catalogue)).removesuffix(_END)
        yield render(Labelled(self._process, vantage)).removesuffix(_END)
        self._owners.learn(snapshot.plan)
        yield from self._at_ease(self._of_domains(snapshot, render), began)

    def _of_domains(self, snapshot: Snapshot, render: _Renderer) -> Iterator[bytes | PackedLines]:
        for family, blocks in self._domains.render(snapshot.plan.vantage, snapshot.domains, snapshot.at.monotonic):
            yield _head(family, render)
            yield from blocks

    def _at_ease(self, blocks: Iterable[bytes | PackedLines], began: float) -> Iterator[bytes | PackedLines]:
        rested = self._ticking()
        for block in blocks:
            yield block
            now = self._ticking()
            if now - rested >= _stretch(now - began):
                self._rest()
                rested = self._ticking()


def _stretch(taken: float) -> float:
    """Say how long rendering may go on before it rests, by the seconds that the scrape has taken."""
    return min(LONGEST_STRETCH_SECONDS, STRETCH_SECONDS + taken * HURRY)


@cache  # two formats of some fifty families: rendering them is most of what a scrape of few domains takes
def _head(family: Family, render: _Renderer) -> bytes:
    """Write a family's HELP and TYPE, which no scrape changes."""
    return render(_Only([empty_metric(family)])).removesuffix(_END)


def _wants_openmetrics(accept: str) -> bool:
    try:
        _, content_type = text_format.choose_encoder(accept)
    except TypeError:  # prometheus_client compares the parts of `version=x` with numbers
        return False
    return content_type.startswith("application/openmetrics-text")
