"""When what is not urgent is done: at moments that all have in common, as far as servers have time for it.

What is done alone is dear: at the daemon's own cadence nothing is in the processor's caches when it is needed, and a
question that leaves with ten others costs half of one that leaves alone. So calm turns leave at *moments*, a tenth of
a second apart, and those of few domains at few of them: at every eighth as long as there is room, then at every fourth,
at every second, and at any.

How much room there is the server says. One that may be asked 20 questions a second takes two at a moment. Turns that
are due by chance alone meet: where calm turns fill four fifths of that time, one question of a hundred waits half a
second behind others, though there is time for all. So each turn takes, when it is planned, a moment near to its time at
which every server has room that it will ask. It is moved by less than its jitter, and leaves when it is due.
"""

import math
from collections.abc import Iterator, Sequence

from probe.model.server import Server

MOMENT_SECONDS = 0.097
"""Seconds between two moments: as much of a server's time as it may be asked at once after a pause
(`probe.wire.transport.pacing.BURST_SECONDS`), so that nothing of a moment waits for its pace. It is no part of a
second: the moments wander through a beat that counts in seconds, so that no fight is out of step with all of them."""

COARSEST_TURNS = 8
"""Moments from one to the next at which calm turns gather first: 0.8 s, of which one always lies within what a turn of
the default interval may be moved. Two questions at each of four servers leave at such a moment; 50 domains need every
fourth."""

COARSEST_EXPIRIES = 32
"""The same of what is let pass of calm domains' time: 3.1 s, of which one always lies within its spread of 21 s."""

MOST_TURNS = 64
"""Calm turns that gather at a moment, at most: some milliseconds, so that the last leaves as punctually as the first.
Where thousands of domains have more, any moment takes what the servers take."""

MOST_EXPIRIES = 16
"""Domains for which time is let pass at a moment, at most: some milliseconds as well."""

MOVED_AT_MOST = 0.1
"""Part of a turn's delay by which it is moved to a moment with room, either way: two thirds of its jitter, 0.7 s of
7 s. With four fifths of the time taken at each of two servers, one place of 25 is free at both, and there are 28 to
choose from."""

MOVED_SECONDS_AT_MOST = 3.0
"""Seconds by which it is moved at most, where it is the turn of a minute: no more moments need be looked at."""

_TIDY_FROM = 64
"""Moments that are remembered without looking which of them are over."""


class _Taken:
    """How much is taken of somebody's moments."""

    __slots__ = ("counts", "tidy_from")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.tidy_from = _TIDY_FROM

    def add(self, number: int, present: int) -> None:
        self.counts[number] = self.counts.get(number, 0) + 1
        if len(self.counts) >= self.tidy_from:
            self.counts = {taken: count for taken, count in self.counts.items() if taken >= present}
            self.tidy_from = max(_TIDY_FROM, 2 * len(self.counts))


class _Place:
    """One server's address: whole questions of its rate at each moment, or one in several where it is slow."""

    __slots__ = ("_of_moment", "_taken", "per_second")

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._of_moment = per_second * MOMENT_SECONDS
        self._taken = _Taken()

    def has_room(self, moment: int, *, beside_looks: bool) -> bool:
        most = 1
        if self._of_moment > 1.0 and not beside_looks:
            most = int((moment + 1) * self._of_moment) - int(moment * self._of_moment)
        return self._taken.counts.get(self._number(moment), 0) < most

    def take(self, moment: int, present: int) -> None:
        self._taken.add(self._number(moment), self._number(present))

    def _number(self, moment: int) -> int:
        return moment if self._of_moment > 1.0 else int(moment * self._of_moment)


class Slots:
    """The moments, and what of them is taken. Belongs to the event loop; nothing here waits.

    Args:
        begin: Monotonic seconds of one of the moments: processes of one machine have others each.
    """

    def __init__(self, begin: float = 0.0) -> None:
        self._begin = begin
        self._by_place: dict[tuple[str, int], _Place] = {}
        self._turns = _Taken()
        self._expiries = _Taken()

    def take(
        self, servers: Sequence[Server], rate: float, wanted: float, now: float, *, beside_looks: bool = False
    ) -> float:
        """Take a moment for a calm turn, and tell when that is.

        Args:
            servers: Whom it will ask a question each; none of a turn whose questions yield to all others.
            rate: Questions a second for a server without a rate of its own.
            wanted: When the turn would be due, monotonic seconds.
            now: The time.
            beside_looks: First looks take all that these servers have time for, but for what is saved
                (`probe.wire.transport.pacing`): of two at each moment those of the next ones would have to wait.

        Returns:
            A moment near to `wanted` at which all have room; the nearest one if none of them has, and `wanted` itself
            if none is near, as where a plan has several turns a second.
        """
        places = [self._of(server, rate) for server in servers]
        reach = min(MOVED_AT_MOST * (wanted - now), MOVED_SECONDS_AT_MOST)
        turns, present = self._turns, self._number(now)
        chosen = round(self._number(wanted))
        if abs(self._begin + chosen * MOMENT_SECONDS - wanted) > reach:
            return wanted
        for moment, is_common in self._near(wanted, wanted - reach, wanted + reach, COARSEST_TURNS):
            if is_common and turns.counts.get(moment, 0) >= MOST_TURNS:
                continue
            if all(place.has_room(moment, beside_looks=beside_looks) for place in places):
                for place in places:
                    place.take(moment, int(present))
                chosen = moment
                break
        if places:
            turns.add(chosen, int(present))
        return self._begin + chosen * MOMENT_SECONDS

    def gather(self, wanted: float, earliest: float, latest: float, now: float) -> float:
        """Take a moment for what asks nobody: the common one nearest to `wanted`, from `earliest` to `latest`."""
        expiries = self._expiries
        for moment, is_common in self._near(wanted, earliest, latest, COARSEST_EXPIRIES):
            if not is_common or expiries.counts.get(moment, 0) < MOST_EXPIRIES:
                expiries.add(moment, int(self._number(now)))
                return self._begin + moment * MOMENT_SECONDS
        return wanted

    def _number(self, at: float) -> float:
        return (at - self._begin) / MOMENT_SECONDS

    def _near(self, wanted: float, earliest: float, latest: float, coarsest: int) -> Iterator[tuple[int, bool]]:
        """Give the moments of a span, those first that many have in common, and of these the nearest.

        With each comes whether it is one that many have in common.
        """
        middle, first, last = (self._number(at) for at in (wanted, earliest, latest))
        level = coarsest
        while level:
            for number in _from_middle(math.ceil(first / level), math.floor(last / level), middle / level):
                if level == coarsest or number % 2:  # else it came before
                    yield number * level, level > 1
            level //= 2

    def _of(self, server: Server, rate: float) -> _Place:
        key = server.address, server.port
        rate = server.queries_per_second or rate
        place = self._by_place.get(key)
        if place is None or place.per_second != rate:
            place = self._by_place[key] = _Place(rate)
        return place


def _from_middle(first: int, last: int, middle: float) -> Iterator[int]:
    """Give whole numbers from `first` to `last`, the nearest to `middle` before others."""
    below = min(math.floor(middle), last)
    above = max(below + 1, first)
    while below >= first or above <= last:
        if below < first or (above <= last and above - middle < middle - below):
            yield above
            above += 1
        else:
            yield below
            below -= 1
