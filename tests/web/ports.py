"""An application over given facts, for tests and for looking at."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from probe.model.snapshot import ReloadStatus, Snapshot
from probe.web.app import Ports, create_app
from tests.snapshots import NOW, migration


def expose(accept: str) -> tuple[bytes, str]:
    """A scrape that repeats what it was asked for."""
    return b"up 1\n", f"text/plain; accepted={accept.replace(',', '+')}"


@dataclass
class Far:
    """What stands behind the application's ports; a test changes it at will."""

    snapshot: Snapshot = field(default_factory=migration)
    expose: Callable[[str], tuple[bytes, str]] = expose
    silence: float = 0.2
    reload_status: ReloadStatus = field(default_factory=lambda: ReloadStatus(successful=True, at=NOW))
    reloads: int = 0

    def app(self) -> ASGIApp:
        """The application over these facts."""
        return create_app(Ports(lambda: self.snapshot, self.expose, self._reload, lambda: self.silence))

    def _reload(self) -> ReloadStatus:
        self.reloads += 1
        return self.reload_status
