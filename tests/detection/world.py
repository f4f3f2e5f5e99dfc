"""What the querier meets: the zone's servers behind loss, outages, lame delegations and a late address book."""

import random
from bisect import bisect_right

from probe.model.name import DomainName
from probe.model.outcome import Outcome, Response, RRset
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from tests.detection.timeline import OUTAGE_LOSS, Interval, Timeline
from tests.detection.zone import Zone
from tests.judge.answers import NAME, at_position, nodata, timeout

_SIDES = frozenset({Position.V1, Position.V2})
_LAME = Response("NOERROR", authoritative=False)
_KINDS = {NAME: "bare"} | {DomainName(f"{kind}-{NAME}"): kind for kind in ("a", "aaaa", "cname")}


class World:
    """Answers questions about one record. `rng` draws each answer and each loss."""

    def __init__(self, timeline: Timeline, rng: random.Random) -> None:
        self.zone = Zone(timeline.changes, timeline.plumbing, rng)
        self.other_seen: float | None = None
        """When an answer first led to another side than the answer before it."""
        self._timeline = timeline
        self._rng = rng
        self._loss = timeline.noise.loss
        self._lame = timeline.noise.lame
        self._outages = tuple(_Windows(outages) for outages in timeline.noise.outages)
        self._own = _Windows(timeline.noise.own)
        self._unknown = _Windows(timeline.noise.unknown)
        self._machines = self.zone.machines
        self._responses = {
            (position, rdtype): at_position(position, rdtype) for position in Position for rdtype in ADDRESS_TYPES
        }
        self._txt: dict[tuple[DomainName, str], Response] = {}
        self._nodata = nodata()
        self._timeout = timeout()
        self._newest: Position | None = None

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName = NAME) -> Outcome | None:
        """Give what a server answers to the judge's querier; None for TXT where the run has none."""
        if rdtype is RecordType.TXT and not self._timeline.has_txt:
            return None
        if self._is_lost(server, at, self._rng):
            return self._timeout
        if server in self._lame:
            return _LAME
        if rdtype is RecordType.TXT:
            return self._txt_answer(server, at, name)
        return self._a_answer(server, at) if rdtype is RecordType.A else self._aaaa_answer(server, at)

    def sample(self, server: int, at: float, rng: random.Random) -> Position | None:
        """Give what a simple check of the A record at one server says; None for no usable answer."""
        if self._is_lost(server, at, rng) or server in self._lame:
            return None
        return self._position(server, at, rng)

    def _a_answer(self, server: int, at: float) -> Response:
        position = self._position(server, at, self._rng)
        if position is not self._newest:
            if self._newest is not None and self.other_seen is None:
                self.other_seen = at
            self._newest = position
        return self._responses[position, RecordType.A]

    def _aaaa_answer(self, server: int, at: float) -> Response:
        """AAAA stands by itself, or goes with A where the run is about ownership; else the name has none."""
        if self._timeline.aaaa is not None:
            return self._responses[self._timeline.aaaa, RecordType.AAAA]
        if self._timeline.has_txt:
            return self._responses[self._position(server, at, self._rng), RecordType.AAAA]
        return self._nodata

    def _position(self, server: int, at: float, rng: random.Random) -> Position:
        machine = rng.randrange(self._machines) if self._machines > 1 else 0
        position = self.zone.content(server, machine, at).draw(rng)
        return Position.FOREIGN if position in _SIDES and self._unknown.hold(at) else position

    def _txt_answer(self, server: int, at: float, name: DomainName) -> Response:
        machine = self._rng.randrange(self._machines) if self._machines > 1 else 0
        value = dict(self.zone.content(server, machine, at).txt).get(_KINDS[name])
        if value is None:
            return self._nodata
        known = self._txt.get((name, value))
        if known is None:
            known = Response("NOERROR", authoritative=True, answer=(RRset(name, "TXT", 300, (value,)),))
            self._txt[name, value] = known
        return known

    def _is_lost(self, server: int, at: float, rng: random.Random) -> bool:
        if rng.random() < self._loss:
            return True
        return (self._outages[server].hold(at) and rng.random() < OUTAGE_LOSS) or self._own.hold(at)


class _Windows:
    """Some intervals, in the order of time and apart from each other."""

    def __init__(self, intervals: tuple[Interval, ...]) -> None:
        self._begins = [begin for begin, _ in intervals]
        self._ends = [end for _, end in intervals]

    def hold(self, at: float) -> bool:
        """Tell whether a moment is within one of them."""
        if not self._begins:
            return False
        place = bisect_right(self._begins, at) - 1
        return place >= 0 and at < self._ends[place]
