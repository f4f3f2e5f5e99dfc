"""The pages: templates of this package, and the style sheet and script that they load."""

import threading
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from probe import __version__
from probe.model.name import display
from probe.model.snapshot import Snapshot
from probe.model.status import DomainStatus
from probe.web import api, view

REFRESH_SECONDS = 5
"""How often a page asks for itself again: about as often as a calm record is asked."""

REUSE_SECONDS = 1.0
"""A page over 1,000 domains takes 250 ms of CPU, which probing shares: this bounds it however many people look on."""

_STATIC = Path(__file__).parent / "static"

_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""Not the standard library's table, which every machine may extend or bend."""


class Asset(NamedTuple):
    """A file that the pages load."""

    body: bytes
    media_type: str


class Pages:
    """Renders the pages of snapshots."""

    def __init__(self) -> None:
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
            view=view,
            lane_width=view.LANE_WIDTH,
        )
        self._environment.filters.update(
            name=display,
            clock=view.clock_time,
            full_time=view.full_time,
            span=view.span,
            url=view.domain_url,
            timestamp=api.timestamp,
            answers=api.answered,
        )
        self._lock = threading.Lock()
        self._newest: tuple[float, str] | None = None

    def status(self, snapshot: Snapshot) -> str:
        """Render the page over all domains, or give the one that was rendered within the last REUSE_SECONDS."""
        with self._lock:
            if self._newest is None or snapshot.at.monotonic - self._newest[0] >= REUSE_SECONDS:
                page = self._environment.get_template("status.html").render(snapshot=snapshot, now=snapshot.at)
                self._newest = (snapshot.at.monotonic, page)
            return self._newest[1]

    def domain(self, snapshot: Snapshot, status: DomainStatus) -> str:
        """Render the page of one domain."""
        return self._environment.get_template("domain.html").render(snapshot=snapshot, now=snapshot.at, status=status)

    def error(self, title: str, sentence: str) -> str:
        """Render a page that says why there is none."""
        return self._environment.get_template("error.html").render(title=title, sentence=sentence)
