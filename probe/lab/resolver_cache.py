"""One resolver cache: RRsets and absences with their expiry (RFC 2181 section 5.2, RFC 2308, RFC 8767)."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from probe.model.name import DomainName
from probe.route53.reply import Records

STALE_TTL = 30
"""Seconds of TTL on a stale answer (RFC 8767 section 5 recommends 30)."""

_MOST_ENTRIES = 20_000  # enough for any lab; the oldest go first


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How a resolver treats TTLs.

    Attributes:
        least_ttl: Seconds; shorter TTLs are stretched to it.
        most_ttl: Seconds; longer TTLs are cut to it (Google 21,600, Quad9 43,200 were seen).
        most_negative_ttl: Seconds; cap on negative answers (300 was seen at big public resolvers).
        stale_for: Seconds past expiry for which an answer may be served when authority fails; 0 never.
        prefetch_below: Share of the TTL, 0 to 1: a hit with less than that left renews the entry; 0 never.
    """

    least_ttl: int = 0
    most_ttl: int = 86400
    most_negative_ttl: int = 10800  # RFC 2308 section 5: one to three hours work well
    stale_for: int = 0
    prefetch_below: float = 0.0


class Entry(NamedTuple):
    """What a cache knows about one name and type.

    Attributes:
        records: The RRset; None for an absence.
        rcode: `NOERROR` (with None: NODATA) or `NXDOMAIN`.
        soa: The SOA that came with an absence.
        ttl: Seconds at arrival, after the policy.
        expires: Monotonic moment.
    """

    records: Records | None
    rcode: str
    soa: Records | None
    ttl: int
    expires: float


Key: TypeAlias = tuple[DomainName, str]
_WHOLE_NAME = ""  # the type under which an NXDOMAIN is kept: it holds for all types (RFC 2308 section 5)


class Cache:
    """Entries by name and type.

    Args:
        policy: How long entries are kept, renewed and served when stale.
    """

    def __init__(self, policy: CachePolicy) -> None:
        self._policy = policy
        self._entries: dict[Key, Entry] = {}

    def get(self, name: DomainName, rdtype: str, now: float, *, stale: bool = False) -> Entry | None:
        """Give an entry that lives at the monotonic second `now`.

        With `stale` also one is given that expired not too long ago.
        """
        grace = self._policy.stale_for if stale else 0
        for key in ((name, rdtype), (name, _WHOLE_NAME)):
            entry = self._entries.get(key)
            if entry is not None and entry.expires + grace > now:
                return entry
        return None

    def put(self, records: Records, now: float) -> None:
        """Keep an RRset from the monotonic second `now` on; it replaces an absence of the whole name."""
        ttl = min(max(records.ttl, self._policy.least_ttl), self._policy.most_ttl)
        self._entries.pop((records.name, _WHOLE_NAME), None)
        self._store((records.name, records.rdtype), Entry(records, "NOERROR", None, ttl, now + ttl))

    def put_absence(self, name: DomainName, rdtype: str, rcode: str, soa: Records | None, now: float) -> None:
        """Keep an absence from the monotonic second `now` on.

        It is kept for the lesser of the SOA's TTL and its MINIMUM (RFC 2308 section 5).
        """
        if soa is None:
            return  # an absence without SOA must not be cached
        minimum = int(soa.values[0].rsplit(" ", 1)[-1])
        ttl = max(min(soa.ttl, minimum, self._policy.most_negative_ttl), self._policy.least_ttl)
        kind = _WHOLE_NAME if rcode == "NXDOMAIN" else rdtype
        self._store((name, kind), Entry(None, rcode, soa, ttl, now + ttl))

    def is_due(self, entry: Entry, now: float) -> bool:
        """Tell whether a hit at the monotonic second `now` should renew the entry before it expires."""
        return entry.expires - now < entry.ttl * self._policy.prefetch_below

    def flush(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def _store(self, key: Key, entry: Entry) -> None:
        self._entries.pop(key, None)
        if len(self._entries) >= _MOST_ENTRIES:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = entry


def with_ttl(records: Records, expires: float, now: float) -> Records:
    """Count the TTL of an answer down, in seconds until it expires; a stale one has a fixed small TTL."""
    return records._replace(ttl=STALE_TTL if expires < now else int(expires - now))
