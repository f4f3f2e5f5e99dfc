"""Has the probe seen everything, and how long does a pass over all domains take?

Kept in O(1) per observation; written on the event loop and read from any thread.
"""

from probe.model.clock import Instant
from probe.model.name import DomainName


class Passes:
    """When every domain had been looked at since the previous time that every domain had been.

    A domain is looked at when a question about one of its records ended, in an answer or in silence, or when it was its
    turn and nobody could be asked, because no walk found its servers: a pass tells of the probe's own diligence only.
    """

    def __init__(self) -> None:
        self._pass = 1
        self._seen: dict[DomainName, int] = {}
        self._left = 0
        self._unjudged: set[DomainName] = set()
        self.last: Instant | None = None

    @property
    def ready(self) -> bool:
        """Whether every domain has a verdict, be it that none of its servers answers: one answer alone is none."""
        return not self._unjudged

    def watch(self, names: tuple[DomainName, ...]) -> None:
        """Count exactly these domains from now on; those already seen stay seen, the present pass starts again."""
        self._unjudged = {name for name in names if name not in self._seen or name in self._unjudged}
        self._seen = {name: min(self._seen.get(name, 0), 1) for name in names}
        self._pass = 2
        self._left = len(names)

    def judged(self, name: DomainName) -> None:
        """Take note that a domain has a verdict."""
        self._unjudged.discard(name)

    def looked_at(self, name: DomainName, at: Instant) -> None:
        """Count one look at one domain."""
        number = self._seen[name]
        if number == self._pass:
            return
        self._seen[name] = self._pass
        self._left -= 1
        if self._left == 0:
            self._pass += 1
            self._left = len(self._seen)
            self.last = at
