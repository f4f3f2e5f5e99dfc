"""What a domain's witnesses tell, made of what stood before and of what was read since; and when that is news.

Nothing is judged here. A witness that fails leaves its last word where it was: it grows old, so that nothing new is
concluded from it, and in the end it is forgotten; what was concluded stands either way, until the witness speaks again.
"""

from collections.abc import Sequence
from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, Knowledge, ZoneTestimony
from probe.model.witness import NO_WITNESSES, ClusterReading, ClusterWish, Wanted, Witnessed, Written
from probe.model.witness_sources import WitnessSources

RETELL = 900.0
"""Seconds after which a word that has not changed is told again, so that its time is never older: whoever reads "as of"
at night need not ask the cluster. Every telling is an entry in the journal; each minute's would be a gigabyte a day for
a thousand domains."""


class ClusterHeard(NamedTuple):
    """What is known by one cluster.

    Attributes:
        knowledge: What that is worth at present.
        testimony: The newest reading; None before the first.
        at: When that began.
        asked: The names that it was read for.
    """

    side: Side
    knowledge: Knowledge
    testimony: ClusterTestimony | None = None
    at: Instant | None = None
    asked: frozenset[DomainName] = frozenset()


class ZonesHeard(NamedTuple):
    """What is known by Route 53; as `ClusterHeard`."""

    knowledge: Knowledge
    testimony: ZoneTestimony | None = None
    at: Instant | None = None


def witnessed_by(
    before: Witnessed,
    name: DomainName,
    sources: WitnessSources,
    clusters: Sequence[ClusterHeard] = (),
    zones: ZonesHeard | None = None,
) -> Witnessed:
    """Give what the witnesses of a plan tell of a domain now.

    Args:
        before: What they told before, also to an earlier process.
        name: The domain.
        sources: The plan's witnesses: who is none any more tells nothing.
        clusters: What is known by each cluster.
        zones: What is known by Route 53.
    """
    heard = {one.side: one for one in clusters}
    sides = [side for side in Side if sources.cluster(side) is not None]
    if not sides and sources.route53 is None:
        return NO_WITNESSES
    wanted = before.wanted or Wanted(())
    readings = tuple(_reading(wanted, heard[side], name) for side in sides if side in heard)
    wishes = tuple(wish for side in sides if side in heard for wish in _wishes(wanted, heard[side], name))
    return Witnessed(
        Wanted(readings, wishes) if sides else None,
        None if sources.route53 is None or zones is None else _written(before.written or Written(), zones, name),
    )


def is_news(status: DomainStatus, now: Witnessed) -> bool:
    """Tell whether what witnesses tell of a domain is to be folded and written down.

    It is when it says something else than before; when its time would be too old; and when the record has changed
    since the zone was read, so that only a later reading can agree with it or contradict it.
    """
    before = status.witnessed
    if _timeless(now) != _timeless(before):
        return True
    if any(_seconds(one, other) >= RETELL for one, other in zip(_times(before), _times(now), strict=True)):
        return True
    then, since = before.written, now.written
    if then is None or then.at is None or since is None or since.at is None or since.at == then.at:
        return False
    changed = max((one.recent[-1].at.monotonic for one in status.records if one.recent), default=float("-inf"))
    return changed >= then.at.monotonic


def _reading(before: Wanted, heard: ClusterHeard, name: DomainName) -> ClusterReading:
    known = before.reading(heard.side) or ClusterReading(heard.side)
    match heard.knowledge:
        case Knowledge.CURRENT if heard.testimony is not None and name in heard.asked:
            return ClusterReading(heard.side, heard.at, is_current=True, is_whole=heard.testimony.is_whole)
        case Knowledge.FORGOTTEN:
            return ClusterReading(heard.side)
        case _:
            return known._replace(is_current=False)


def _wishes(before: Wanted, heard: ClusterHeard, name: DomainName) -> tuple[ClusterWish, ...]:
    match heard.knowledge:
        case Knowledge.CURRENT if heard.testimony is not None and name in heard.asked:
            return heard.testimony.wishes.get(name, ())
        case Knowledge.FORGOTTEN:
            return ()
        case _:
            return before.of(heard.side)


def _written(before: Written, heard: ZonesHeard, name: DomainName) -> Written:
    told = None if heard.testimony is None else heard.testimony.written.get(name)
    match heard.knowledge:
        case Knowledge.CURRENT if told is not None:
            return told._replace(at=heard.at, is_current=True)
        case Knowledge.FORGOTTEN:
            return Written()
        case _:
            return before._replace(is_current=False)


def _timeless(told: Witnessed) -> Witnessed:
    wanted, written = told
    return Witnessed(
        None if wanted is None else Wanted(tuple(one._replace(at=None) for one in wanted.readings), wanted.wishes),
        None if written is None else written._replace(at=None),
    )


def _times(told: Witnessed) -> tuple[Instant | None, ...]:
    readings = () if told.wanted is None else told.wanted.readings
    written = () if told.written is None else (told.written,)
    return tuple(one.at for one in (*readings, *written))


def _seconds(before: Instant | None, now: Instant | None) -> float:
    return 0.0 if before is None or now is None else now.monotonic - before.monotonic
