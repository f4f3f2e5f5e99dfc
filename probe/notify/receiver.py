"""What every receiver has in common: it is owed posts, and remembers which of them were taken."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from probe.model.clock import Instant
from probe.notify.book import Book
from probe.notify.post import Request


class Parcel(NamedTuple):
    """One post that is owed.

    Attributes:
        alerts: How many alerts it tells.
        request: Writes it at the moment of sending. Raises OSError or ValueError when a file of its cannot be used.
        taken: To be called when it was taken.
    """

    alerts: int
    request: Callable[[Instant], Coroutine[Any, Any, Request]]
    taken: Callable[[Instant], None]


class Receiver(Protocol):
    """An Alertmanager or a webhook: what it is told, and what it is owed."""

    @property
    def kind(self) -> str:
        """What it is, for sentences: `Alertmanager`, `webhook`."""

    @property
    def name(self) -> str:
        """How logs and metrics call it; no secret."""

    @property
    def ca_file(self) -> Path | None:
        """Certificates to trust instead of the system's."""

    def owed(self, book: Book, now: Instant) -> list[Parcel]:
        """Give what it has not been told, or has to be told again: what is critical first."""
