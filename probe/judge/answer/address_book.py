"""Which addresses and load balancer names belong to which side.

Route 53 answers an alias with bare addresses, so a side can only be told by knowing its load balancers' addresses. The
book unites what the load balancers' names were seen to answer (at most eight addresses each time) with the networks
that the plan gives. It is a value: `learn` returns another book.

The rules:

- An address belongs to the side whose load balancer showed it most recently. When it turns up on the other side, it
  moves there once its old side has not shown it for `MOVE_AFTER` seconds; until then it is contested, and leads to no
  side: an answer that consists of such addresses cannot be told from DNS.
- A learned address goes before the plan's networks; among networks the longest prefix decides.
- An address that its load balancer stopped showing stays for `RETIRED_FOR`: nodes leave DNS before they stop serving,
  and a record or a cache may still hold them. Afterwards it is forgotten, because AWS gives it to somebody else.
- A load balancer's name is denied while its own servers say that it does not exist, or has an address of neither
  family. No response, or a code like SERVFAIL, denies nothing. What a denied name showed last is kept for as long: a
  record that still holds it leads to a load balancer that is gone, and to nobody else's.
- A load balancer's name is compared without case, trailing dot and the `dualstack.` that the Route 53 console prepends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import NamedTuple

from probe.judge.answer.cname import follow
from probe.model.clock import Instant
from probe.model.name import DomainName, canonical
from probe.model.outcome import Response
from probe.model.plan import Network, Plan
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.side import Side
from probe.model.snapshot import TargetAddress

RETIRED_FOR = 86_400.0
"""Seconds: how long a retired node keeps serving is not published; a day covers it and is short against address
reuse."""

PRESENT_FOR = 300.0
"""Seconds: ten rounds of look-ups, in which a balancer with more nodes than an answer holds shows each of them."""

MOVE_AFTER = 120.0
"""Seconds: twice the TTL of a load balancer's name. A side that has not shown an address for so long has given it
up."""

MAX_ADDRESSES = 4096
"""Learned addresses at most: 40 times what a pair of large load balancers has; beyond it the oldest give way."""

MAX_MOVES = 16
"""Moves between sides that are remembered: for the status page, not for the verdict."""

DENIALS = 2
"""Denials in a row before a name counts as denied: both families, or two servers."""

DEAD_AFTER = 60.0
"""Seconds for which a name that has shown an address must be denied before it counts as dead: its own TTL, and two
rounds of look-ups. One that never showed an address has nothing to lose, and counts at once."""

_PRUNE_EVERY = 600.0  # seconds between two searches for retired addresses: a day need not be kept to the minute
_DUALSTACK = "dualstack."


class Learned(NamedTuple):
    """What is known of one learned address.

    Attributes:
        side, source: Whose it is, and the load balancer's name that showed it last.
        first_seen, last_seen: When that side showed it.
        contested_at, contested_by: When, and by which name, the other side last showed it as well.
    """

    side: Side
    source: DomainName
    first_seen: Instant
    last_seen: Instant
    contested_at: Instant | None = None
    contested_by: DomainName | None = None


class Denial(NamedTuple):
    """That a load balancer's name has no address, as its own servers say, without another answer since.

    Attributes:
        since: The first denial.
        types: The types that were denied; NXDOMAIN denies both.
        answers: How many denials there were.
    """

    since: Instant
    types: frozenset[RecordType]
    answers: int


class AddressMove(NamedTuple):
    """An address that went from one side to the other."""

    address: str
    before: Side
    after: Side
    at: Instant


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Both sides' addresses at one moment.

    Attributes:
        names: Load balancer names (folded) and their sides.
        networks: The plan's networks and their sides, longest prefix first.
        learned: Addresses that load balancers showed.
        answered: When each load balancer's name was last answered with authority; none for one that never showed an
            address, because its side is not known then, and everything that leads there would look foreign.
        denied: What each load balancer's name is denied, since its own servers last gave it an address of that type.
        moves: The newest moves between sides, oldest first.
        version: Changes when, and only when, some address or name may be told differently than before.
        pruned_at: The monotonic second at which old addresses were taken out last; None before the first time.
    """

    names: Mapping[DomainName, Side]
    networks: tuple[tuple[Network, Side], ...] = ()
    learned: Mapping[str, Learned] = field(default_factory=dict)
    answered: Mapping[DomainName, Instant] = field(default_factory=dict)
    denied: Mapping[DomainName, Denial] = field(default_factory=dict)
    moves: tuple[AddressMove, ...] = ()
    version: int = 0
    pruned_at: float | None = None
    _told: dict[str, Side | None] = field(default_factory=dict, compare=False, repr=False)
    _lacking: dict[tuple[Side, RecordType], bool] = field(default_factory=dict, init=False, compare=False, repr=False)

    def side_of(self, address: str) -> Side | None:
        """Tell whose an IP literal is; None when no side owns it, or both show it."""
        entry = self.learned.get(address)
        if entry is not None:
            return None if _is_contested(entry) else entry.side
        if not self.networks:
            return None
        try:
            return self._told[address]
        except KeyError:
            if len(self._told) >= MAX_ADDRESSES:  # a bounded memory of what the networks say: parsing costs 3 µs
                self._told.clear()
            side = self._told[address] = self._network_side(address)
            return side

    def side_of_name(self, name: str) -> Side | None:
        """Tell whose a load balancer's name is, whatever its case and with or without `dualstack.`."""
        return self.names.get(fold(name))

    def is_learned(self, address: str) -> bool:
        """Tell whether a load balancer showed this address: then a bare answer with it is an alias."""
        return address in self.learned

    def shows(self, name: str, rdtype: RecordType) -> bool:
        """Tell whether a load balancer was seen with an address of this type."""
        folded, is_v6 = fold(name), rdtype is RecordType.AAAA
        shown = (address for address, entry in self.learned.items() if fold(entry.source) == folded)
        return any((":" in address) is is_v6 for address in shown)

    def lacks(self, side: Side, rdtype: RecordType) -> bool:
        """Tell whether a side has no address of a type: none was seen for a while, and its load balancers deny it.

        One without any address lacks no family: its load balancers are gone. Every verdict on every domain asks it, and
        a book says the same as long as it is: another one begins without this memory.
        """
        told = self._lacking.get((side, rdtype))
        if told is None:
            told = self._lacking[side, rdtype] = self._lacks(side, rdtype)
        return told

    def _lacks(self, side: Side, rdtype: RecordType) -> bool:
        version = 6 if rdtype is RecordType.AAAA else 4
        if any(network.version == version for network, its in self.networks if its is side):
            return False
        own = [name for name, its in self.names.items() if its is side]
        denials = [self.denied.get(name) for name in own]
        if not own or not all(denial is not None and rdtype in denial.types for denial in denials):
            return False
        if all(denial is not None and len(denial.types) == len(ADDRESS_TYPES) for denial in denials):
            return any(its is side for _, its in self.networks)
        is_v6 = rdtype is RecordType.AAAA
        shown = (entry for address, entry in self.learned.items() if (":" in address) is is_v6)
        return all(self._is_gone(entry, DEAD_AFTER) for entry in shown if fold(entry.source) in own)

    def is_contested(self, address: str) -> bool:
        """Tell whether load balancers of both sides show this address."""
        entry = self.learned.get(address)
        return entry is not None and _is_contested(entry)

    def is_unknown(self, address: str) -> bool:
        """Tell whether neither the load balancers of the plan nor its networks have this address."""
        return self.side_of(address) is None and not self.is_contested(address)

    def denial(self, name: str) -> Denial | None:
        """Give what a load balancer's name is denied at present; None when nothing is."""
        return self.denied.get(fold(name))

    def is_dead(self, name: str, at: Instant) -> bool:
        """Tell whether a load balancer's name has no address any more, or never had one, by its own servers' word."""
        folded = fold(name)
        denial = self.denied.get(folded)
        if denial is None or denial.answers < DENIALS or len(denial.types) < len(ADDRESS_TYPES):
            return False
        return folded not in self.answered or at.monotonic - denial.since.monotonic >= DEAD_AFTER

    def dead_source(self, address: str, at: Instant) -> DomainName | None:
        """Give the load balancer's name that showed this address last, if it is dead."""
        entry = self.learned.get(address)
        return entry.source if entry is not None and self.is_dead(entry.source, at) else None

    @property
    def refreshed_at(self) -> Instant | None:
        """Since when every load balancer's name has been answered again; None while one never showed an address.

        A book without names has nothing to ask: `can_refresh` is False then.
        """
        if not self.can_refresh or len(self.answered) < len(self.names):
            return None
        return min(self.answered.values(), key=lambda at: at.monotonic)

    @property
    def unseen(self) -> tuple[DomainName, ...]:
        """Load balancers' names that never showed an address: mistyped, deleted, or not answered yet."""
        return tuple(name for name in self.names if name not in self.answered)

    @property
    def can_refresh(self) -> bool:
        """Whether asking load balancers' names again could change what the book says."""
        return bool(self.names)

    @property
    def contested(self) -> tuple[str, ...]:
        """Addresses that both sides showed within `MOVE_AFTER` seconds: perhaps the plan names one balancer twice."""
        return tuple(address for address, entry in self.learned.items() if _is_contested(entry))

    def present(self, side: Side) -> tuple[str, ...]:
        """Give the addresses that a side's load balancers show at present, sorted.

        One that its load balancer was answered without for `PRESENT_FOR` seconds is left out; silence ends nothing.
        """
        return tuple(
            sorted(
                address
                for address, entry in self.learned.items()
                if entry.side is side and not self._is_gone(entry, PRESENT_FOR)
            )
        )

    def targets(self) -> tuple[TargetAddress, ...]:
        """List the book for the status page: the plan's networks, then learned addresses by side and text."""
        fixed = (TargetAddress(side, str(network), str(network), None, None) for network, side in self.networks)
        seen = (
            TargetAddress(entry.side, address, entry.source, entry.first_seen, entry.last_seen)
            for address, entry in sorted(self.learned.items(), key=lambda item: (item[1].side, item[0]))
        )
        return (*fixed, *seen)

    def learn(  # noqa: PLR0913  # an answer, whose it is, and what it counts for
        self,
        side: Side,
        source: DomainName,
        response: Response,
        at: Instant,
        asked: RecordType | None = None,
        *,
        held: bool = False,
    ) -> "AddressBook":
        """Take in what one of `source`'s own authoritative servers answered for it.

        An answer without authority, or with another code than NOERROR and NXDOMAIN, teaches nothing. An empty
        one only says that the name was asked; its addresses retire in their own time.

        Args:
            side: Whose load balancer `source` is.
            source: The load balancer's name, as it was asked.
            response: The answer.
            at: When it came.
            asked: The type that was asked for: without it, NODATA does not say what is denied.
            held: It comes out of a cache that the plan names for the zone, so that it needs no authority.
        """
        if not (response.authoritative or held) or response.rcode not in ("NOERROR", "NXDOMAIN"):
            return self
        learned, told_differently = self._kept(at)
        moves = list(self.moves)
        addresses = _addresses(source, response)
        for address in addresses:
            entry = learned.get(address)
            if entry is None:
                learned[address] = Learned(side, source, at, at)
                told_differently = True
            elif entry.side is side:
                learned[address] = entry._replace(source=source, last_seen=at)
                told_differently |= _is_contested(entry) is not _is_contested(learned[address])
            elif at.monotonic - entry.last_seen.monotonic < MOVE_AFTER:
                learned[address] = entry._replace(contested_at=at, contested_by=source)
                told_differently |= not _is_contested(entry)
            else:
                learned[address] = Learned(side, source, at, at)
                moves.append(AddressMove(address, entry.side, side, at))
                told_differently = True
        while len(learned) > MAX_ADDRESSES:
            del learned[min(learned, key=lambda address: learned[address].last_seen.monotonic)]
            told_differently = True
        folded = fold(source)
        return replace(
            self,
            learned=learned,
            answered={**self.answered, folded: at}
            if folded in self.names and (addresses or folded in self.answered)
            else self.answered,
            denied=self._denied(folded, response, at, asked) if folded in self.names else self.denied,
            moves=tuple(moves[-MAX_MOVES:]),
            version=self.version + told_differently,
            pruned_at=at.monotonic if self._is_pruning_due(at) else self.pruned_at,
        )

    def _denied(
        self, name: DomainName, response: Response, at: Instant, asked: RecordType | None
    ) -> Mapping[DomainName, Denial]:
        """Add one answer about a name to what is denied."""
        known = self.denied.get(name)
        shown = frozenset(rdtype for rdtype in ADDRESS_TYPES if any(one.rdtype == rdtype for one in response.answer))
        if shown:
            left = known.types - shown if known is not None else frozenset()
            others = {other: denial for other, denial in self.denied.items() if other != name}
            return {**others, name: Denial(at, left, 0)} if left else others
        if response.rcode == "NXDOMAIN":
            types = frozenset(ADDRESS_TYPES)
        elif asked in ADDRESS_TYPES:
            types = frozenset({asked})
        else:
            return self.denied
        if known is None:
            return {**self.denied, name: Denial(at, types, 1)}
        both = known.types | types
        since = known.since if known.types == both else at
        return {**self.denied, name: Denial(since, both, known.answers + 1)}

    def _is_pruning_due(self, at: Instant) -> bool:
        return self.pruned_at is None or at.monotonic - self.pruned_at >= _PRUNE_EVERY

    def _kept(self, at: Instant) -> tuple[dict[str, Learned], bool]:
        """Copy the learned addresses without those retired; tell whether any was dropped."""
        if not self._is_pruning_due(at):
            return dict(self.learned), False
        kept = {
            address: entry
            for address, entry in self.learned.items()
            if not self._is_gone(entry, RETIRED_FOR) or self.is_dead(entry.source, at)
        }
        return kept, len(kept) < len(self.learned)

    def _is_gone(self, entry: Learned, seconds: float) -> bool:
        """Tell whether its load balancer has answered without it for so long; silence retires nothing."""
        answered = self.answered.get(fold(entry.source))
        return answered is not None and answered.monotonic - entry.last_seen.monotonic >= seconds

    def _network_side(self, address: str) -> Side | None:
        try:
            parsed = ip_address(address)
        except ValueError:
            return None
        return next((side for network, side in self.networks if parsed in network), None)


def open_book(plan: Plan) -> AddressBook:
    """Make the book of a plan, before any load balancer was asked."""
    return AddressBook(
        names={fold(name): side for side in Side for name in plan.side(side).load_balancers},
        networks=tuple(
            sorted(
                ((network, side) for side in Side for network in plan.side(side).networks),
                key=lambda pair: -pair[0].prefixlen,
            )
        ),
    )


def carry_over(old: AddressBook, plan: Plan) -> AddressBook:
    """Make the book of a reloaded plan, keeping what was learned from load balancers that it still has.

    What a load balancer showed is its own on whichever side the plan has it. An address that both sides showed may be
    one side's by now: its load balancers tell.
    """
    new = open_book(plan)
    learned = {}
    for address, entry in old.learned.items():
        side = new.names.get(fold(entry.source))
        if side is not None and (side is entry.side or entry.contested_at is None):
            learned[address] = entry._replace(side=side)
    return replace(
        new,
        learned=learned,
        answered={name: at for name, at in old.answered.items() if name in new.names},
        denied={name: denial for name, denial in old.denied.items() if name in new.names},
        moves=old.moves,
        version=old.version + 1,
        pruned_at=old.pruned_at,
    )


def fold(name: str) -> DomainName:
    """Bring a load balancer's name to the form in which names are compared."""
    return DomainName(canonical(name).removeprefix(_DUALSTACK))


def _is_contested(entry: Learned) -> bool:
    return entry.contested_at is not None and (
        abs(entry.contested_at.monotonic - entry.last_seen.monotonic) < MOVE_AFTER
    )


def _addresses(source: DomainName, response: Response) -> tuple[str, ...]:
    for rdtype in ADDRESS_TYPES:
        end = follow(response, source, rdtype)
        if end.rdata:
            return end.rdata
    return ()
