"""One watched domain: what is known of it, and where its questions stand."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from probe.judge.ownership.wildcard import PREFIX, label, owner_places
from probe.judge.polling.burst import PollState, begin
from probe.judge.state import DomainState
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.ownership import TxtStatus
from probe.model.server import Server

Servers: TypeAlias = tuple[Server, ...]


class WatchedDomain:
    """The one mutable cell of a domain. 10,000 of them fit into a few megabytes; the status is what weighs.

    Attributes:
        name: The domain's name.
        state: What is known, and what the judge remembers beside it.
        servers: Its authoritative servers; none before the first walk that found any.
        zone: The zone that they serve, as that walk found it.
        watched: The plan still has it; what was scheduled for it before is dropped when it no longer does.
        asking: Where its questions stand.
        calm_due: When the calm turn was due whose questions are out.
        calm_left: How many of them are.
        expiry_due: When time is next let pass for it.
        txt_left, resolver_left: How many questions of the newest such round are out.
        look_left: The same of looks.
        sample_left: The same of a window in which a beat would show.
        seen: The servers' part of the first look is over: there is a verdict, and there are calm turns from now on.
        looked: The first look is over.
        resumed: What is known of it comes from an earlier process.
        misses: Questions in a row that no server answered with authority.
        look_stage: Which part of the first look is out; None while no look is.
    """

    __slots__ = (
        "asking",
        "calm_due",
        "calm_left",
        "expiry_due",
        "look_left",
        "look_stage",
        "looked",
        "misses",
        "name",
        "resolver_left",
        "resumed",
        "sample_left",
        "seen",
        "servers",
        "state",
        "txt_left",
        "watched",
        "zone",
    )

    def __init__(self, state: DomainState, turn: int, now: float) -> None:
        self.name = state.status.domain.name
        self.state = state
        self.servers: Servers = ()
        self.zone: DomainName | None = None
        self.watched = True
        self.asking: PollState = begin(turn, now)
        self.calm_due = now
        self.calm_left = 0
        self.expiry_due = now
        self.txt_left = 0
        self.resolver_left = 0
        self.look_left = 0
        self.sample_left = 0
        self.seen = False
        self.looked = False
        self.resumed = False
        self.misses = 0
        self.look_stage: int | None = None

    @property
    def status(self) -> DomainStatus:
        """What is known of it, for everybody."""
        return self.state.status


class WatchedDomains:
    """All watched domains, and who is meant by an observed name.

    Args:
        watched_domains: All of them, in the plan's order.
        registries: Tell whose ownership an observed TXT name shows.
    """

    def __init__(self, watched_domains: Iterable[WatchedDomain], registries: Sequence[TxtRegistry] = ()) -> None:
        self._registries = tuple(registries)
        self._by_name: dict[DomainName, WatchedDomain] = {}
        self._by_label: dict[str, WatchedDomain] | None = None  # made when it is first needed
        self._by_txt_name: dict[DomainName, tuple[WatchedDomain, ...]] = {}
        self._by_owner_place: dict[DomainName, list[WatchedDomain]] = {}
        for watched_domain in watched_domains:
            self.add(watched_domain)

    def add(self, watched_domain: WatchedDomain) -> None:
        """Watch one more."""
        self._by_name[watched_domain.name] = watched_domain
        self._by_label = None
        self.route(watched_domain, watched_domain.status.txts)
        for name in owner_places(watched_domain.status, self._registries):
            self._by_owner_place.setdefault(name, []).append(watched_domain)

    def asked_beside(self, name: DomainName) -> WatchedDomain | None:
        """Give the domain beside which a name that does not exist was queried."""
        if not name.startswith(PREFIX):
            return None
        if self._by_label is None:
            self._by_label = {label(domain): watched_domain for domain, watched_domain in self._by_name.items()}
        return self._by_label.get(name.partition(".")[0])

    def route(self, watched_domain: WatchedDomain, txts: Iterable[TxtStatus]) -> None:
        """Let answers for a domain's TXT names reach it, now that these may be others than before."""
        alone = (watched_domain,)
        for txt in txts:
            sharing = self._by_txt_name.get(txt.name)
            if sharing is None:
                self._by_txt_name[txt.name] = alone
            elif watched_domain not in sharing:  # one is called like a name of the other's: `a-shop`
                self._by_txt_name[txt.name] = (*sharing, watched_domain)

    def __iter__(self) -> Iterator[WatchedDomain]:
        """Go through them in the plan's order."""
        return iter(self._by_name.values())

    def __len__(self) -> int:
        """Count them."""
        return len(self._by_name)

    @property
    def names(self) -> tuple[DomainName, ...]:
        """Their names, in the plan's order."""
        return tuple(self._by_name)

    def named(self, name: DomainName) -> WatchedDomain | None:
        """Give the one of this name."""
        return self._by_name.get(name)

    def without(self, others: "WatchedDomains") -> tuple[WatchedDomain, ...]:
        """Give those whose names the others do not have."""
        theirs = frozenset(others.names)
        return tuple(watched_domain for name, watched_domain in self._by_name.items() if name not in theirs)

    def with_txt(self, name: DomainName) -> tuple[WatchedDomain, ...]:
        """Give those that may keep their ownership at this name, or that a wildcard may cover that does."""
        return tuple(dict.fromkeys((*self._by_txt_name.get(name, ()), *self._by_owner_place.get(name, ()))))
