"""The pages: templates of this package, and the style sheet and script that they load."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from probe import __version__
from probe.model import text
from probe.model.check import Check
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.journal import EventsPage
from probe.model.name import display
from probe.model.ports import SnapshotSource
from probe.model.reason import Explanation
from probe.model.snapshot import Snapshot
from probe.model.wave import WaveStatus
from probe.web import board, lanes, sentences, witness_words
from probe.web.board import BoardFilter
from probe.web.events import events, told
from probe.web.facts.base import answered, timestamp
from probe.web.history import History
from probe.web.looking import HOURS, Looking
from probe.web.looking import text as moment_input
from probe.web.probe_health import health
from probe.web.wave import resolver_line, server_words, servers_opened, wave_page
from probe.web.words import domain_url, wave_url

REFRESH_SECONDS = 15
"""How often a page without script asks for itself again: a reader needs some seconds, and a fight takes a minute."""

REUSE_SECONDS = 1.0
"""A page takes 15 ms of CPU over 100 domains and 50 ms over 10,000 (tests/web/measure_size.py), which probing shares:
this bounds it however many people look at the same list."""

REUSED = 16
"""Lists that are kept for that: people who look together look at the same few."""

_STATIC = Path(__file__).parent / "static"

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""Not the standard library's table, which every machine may extend or bend."""


class Asset(NamedTuple):
    """A file that the pages load."""

    body: bytes
    media_type: str


class Pages:
    """Renders the pages of snapshots.

    Args:
        history: What the strips of time are drawn from.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        names: dict[str, str] = {}
        self.assets: dict[str, Asset] = {}
        for path in sorted(_STATIC.iterdir()):
            body = path.read_bytes()
            # The digest in the name lets a browser keep the file for ever and still see the next release's.
            name = f"{path.stem}-{sha256(body).hexdigest()[:12]}{path.suffix}"
            names[path.name] = f"/static/{name}"
            self.assets[name] = Asset(body, _MEDIA_TYPES[path.suffix])
        self._environment = Environment(
            loader=PackageLoader("probe.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            asset=names.__getitem__,
            version=__version__,
            refresh=REFRESH_SECONDS,
            board=board,
            lanes=lanes,
            sentences=sentences,
            witness_words=witness_words,
            past=history.of,
            events=events,
            health=health,
            server_words=server_words,
            servers_opened=servers_opened,
            resolver_line=resolver_line,
        )
        self._environment.filters.update(
            name=display,
            clock=text.clock_time,
            full_time=text.moment,
            span=text.duration,
            url=domain_url,
            wave_url=wave_url,
            moment_input=moment_input,
            counted=text.plural,
            timestamp=timestamp,
            answers=answered,
        )
        self._lock = threading.Lock()
        self._newest: OrderedDict[BoardFilter, tuple[float, str]] = OrderedDict()

    def status(self, snapshots: SnapshotSource, now: Instant, query: BoardFilter, seen: str) -> str:
        """Render the page over all domains, or give the one that was rendered within the last REUSE_SECONDS.

        Args:
            snapshots: The present, asked for only if the page is rendered.
            now: What time it is.
            query: What the list is narrowed to.
            seen: The id of the newest event that it shows; an older page is told at once that there are newer ones.
        """
        with self._lock:
            at, page = self._newest.get(query, (float("-inf"), ""))
            if now.monotonic - at >= REUSE_SECONDS:
                snapshot = snapshots()
                page = self._environment.get_template("status.html").render(
                    snapshot=snapshot, now=snapshot.at, query=query, seen=seen
                )
                self._newest[query] = (snapshot.at.monotonic, page)
                if len(self._newest) > REUSED:
                    self._newest.popitem(last=False)
            return page

    def domain(
        self, snapshot: Snapshot, status: DomainStatus, explanation: Explanation, seconds: float, seen: str
    ) -> str:
        """Render the page of one domain; `seconds` of the past are drawn."""
        return self._environment.get_template("domain.html").render(
            snapshot=snapshot,
            now=snapshot.at,
            status=status,
            explanation=explanation,
            timeline=lanes.timeline(status, self._history.of(status.domain.name), snapshot, seconds),
            seen=seen,
        )

    def events(
        self, snapshot: Snapshot, status: DomainStatus, wanted: Looking, page: EventsPage | None, seen: str
    ) -> str:
        """Render what happened to a domain; without a page of the journal, what this process remembers of it."""
        remembered = [
            one for one in events(self._history.of(status.domain.name)) if wanted.since <= one.at.wall <= wanted.until
        ]
        return self._environment.get_template("events.html").render(
            snapshot=snapshot,
            now=snapshot.at,
            status=status,
            wanted=wanted,
            page=page,
            list=told(page.effects) if page is not None else remembered,
            offered=HOURS,
            seen=seen,
        )

    def wave(self, snapshot: Snapshot, status: WaveStatus, checks: Sequence[Check], seen: str) -> str:
        """Render the page of one wave; `checks` are those of its preflight."""
        return self._environment.get_template("wave.html").render(
            snapshot=snapshot, now=snapshot.at, wave=status, page=wave_page(snapshot, status.wave, checks), seen=seen
        )

    def error(self, title: str, sentence: str) -> str:
        """Render a page that says why there is none."""
        return self._environment.get_template("error.html").render(title=title, sentence=sentence)
