"""Slots: when a server has time for the question of a calm turn.

A server that may be asked 20 questions a second has 20 slots in it. Turns that are due by chance alone meet: where
calm turns fill four fifths of the slots, one question of a hundred waits half a second behind others, though there is
time for all. So each turn takes, when it is planned, the slot nearest to its time that is free at every server that it
will ask. It is moved by less than its jitter, and leaves when it is due.
"""

from collections.abc import Sequence

from probe.model.server import Server

MOVED_AT_MOST = 0.1
"""Part of a turn's delay by which it is moved to a free slot, either way: two thirds of its jitter, 0.7 s of 7 s. With
four fifths of the slots taken at each of two servers, one of 25 is free at both, and there are 28 to choose from."""

MOST_TRIED = 64
"""Slots that are looked at for one turn, at most: where a server may be asked thousands of questions a second, one of
the first is free."""

_TIDY_FROM = 64
"""Slots of a server that are remembered without looking which of them are over."""


class _Taken:
    """The slots of one server's address that are taken, by their number since the beginning of the clock."""

    __slots__ = ("numbers", "per_second", "tidy_from")

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.numbers: set[int] = set()
        self.tidy_from = _TIDY_FROM

    def take(self, at: float, now: float) -> None:
        self.numbers.add(int(at * self.per_second))
        if len(self.numbers) >= self.tidy_from:
            present = int(now * self.per_second)
            self.numbers = {number for number in self.numbers if number >= present}
            self.tidy_from = max(_TIDY_FROM, 2 * len(self.numbers))


class Slots:
    """The slots of all servers. Belongs to the event loop; nothing here waits."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, int], _Taken] = {}

    def take(self, servers: Sequence[Server], rate: float, wanted: float, now: float) -> float:
        """Take a slot at each server for one question, all at the same time, and tell when that is.

        Args:
            servers: Whom a turn will ask.
            rate: Questions a second for a server without a rate of its own.
            wanted: When the turn would be due, monotonic seconds.
            now: The time.

        Returns:
            The time nearest to `wanted` at which all have a free slot; `wanted` itself if none is near.
        """
        places = [self._of(server, rate) for server in servers]
        if not places:
            return wanted
        step = 1.0 / max(place.per_second for place in places)
        most = min(MOST_TRIED, 1 + 2 * int(MOVED_AT_MOST * (wanted - now) / step))
        middle = (int(wanted / step) + 0.5) * step
        for number in range(most):
            at = middle + (-step if number % 2 else step) * ((number + 1) // 2)
            if all(int(at * place.per_second) not in place.numbers for place in places):
                for place in places:
                    place.take(at, now)
                return at
        return wanted

    def _of(self, server: Server, rate: float) -> _Taken:
        key = server.address, server.port
        rate = server.queries_per_second or rate
        taken = self._by_place.get(key)
        if taken is None or taken.per_second != rate:
            taken = self._by_place[key] = _Taken(rate)
        return taken
