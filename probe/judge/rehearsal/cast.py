"""Who plays: every ExternalDNS of the plan, with everything known of it; and what is not known, in each way it may be.

A version or a policy that the plan does not tell decides much (what v0.22 is refused v0.23 does; sync deletes what
upsert-only leaves), and so does whether a hosted zone above a filter is entered; so that none is guessed: each
possibility is a cast of its own, and what only some casts come to is told as not known. Versions that do the same with
the flags of all are one. All that are not told are taken to be alike: one release, set up by one hand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from probe.externaldns.instance import Flags, SyncPolicy
from probe.externaldns.naming import TxtNames
from probe.externaldns.version import MAY_BE, NEWEST_VERSION, OLDEST_VERSION, Version, dialect
from probe.judge.ownership.filters import SeenZone
from probe.judge.ownership.lookup import Shape
from probe.model.external_dns import ExternalDns, Policy, Registry
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.text import listed


class Player(NamedTuple):
    """One ExternalDNS as it is played.

    Attributes:
        side: Whose.
        setup: How the plan has it, its TXT registry's flags included.
        version, policy: As told, or as this cast has them.
    """

    side: Side
    setup: ExternalDns
    version: Version
    policy: Policy

    @property
    def label(self) -> str:
        """What people call it."""
        name = f" {self.setup.name}" if self.setup.name else ""
        whose = "--registry=noop" if self.owns_all else f'"{self.setup.txt_owner_id}"'
        return f"{self.side.value}'s ExternalDNS{name} ({whose})"

    @property
    def owns_all(self) -> bool:
        """Whether it keeps no owners, and takes every record that it sees for its own."""
        return self.setup.registry is Registry.NOOP

    @property
    def short_label(self) -> str:
        """What people call it where its owner id stands beside."""
        return f"{self.side.value}'s {self.setup.name}" if self.setup.name else f"{self.side.value}'s"

    @property
    def harmless(self) -> "Player":
        """The same one, which takes nothing over and deletes nothing."""
        return self._replace(policy=Policy.UPSERT_ONLY, setup=replace(self.setup, migrate_from_txt_owner=None))

    def shape(self, standing: Shape) -> Shape:
        """Tell how it leads a host to a load balancer, where it stands in some way."""
        if self.setup.prefer_cname is None or standing is Shape.ADDRESSES:
            return standing
        return Shape.CNAME if self.setup.prefer_cname else Shape.ALIAS

    def sync(self, *, prefer_cname: bool) -> SyncPolicy:
        """Give what it makes of a zone."""
        names = self.setup.names
        return SyncPolicy(
            self.version,
            Flags(
                txt_owner_id=self.setup.txt_owner_id,
                migrate_from_txt_owner=self.setup.migrate_from_txt_owner or "",
                policy=self.policy,
                interval=self.setup.interval,
                names=TxtNames(names.prefix, names.suffix, names.wildcard_replacement),
                prefer_cname=prefer_cname,
                managed_record_types=self.setup.managed_record_types,
                owns_all=self.owns_all,
            ),
        )


class Cast(NamedTuple):
    """Everybody, and what has to be so for this cast: a clause that follows "if"; empty where the plan tells all."""

    players: tuple[Player, ...]
    condition: str

    def of(self, side: Side, hosts: Iterable[DomainName] = ()) -> tuple[Player, ...]:
        """Give a side's, or those of them that see any of some hosts."""
        hosts = tuple(hosts)
        return tuple(one for one in self.players if one.side is side and (not hosts or any(map(one.setup.sees, hosts))))


def casts(plan: Plan, zones: Mapping[DomainName, SeenZone] | None = None) -> tuple[Cast, ...]:
    """Give every cast that the plan leaves possible; those with a registry that no DNS shows cannot be played.

    Args:
        plan: Its ExternalDNS.
        zones: Each host's zone, where that is known: a filter may be narrower than it.
    """
    setups = [
        (side, one if one.txt_registry is not None else replace(one, txt_registry=plan.registry))
        for side in Side
        for one in plan.side(side).instances
        if not one.registry.is_hidden
    ]
    untold = [(side, one) for side, one in setups if one.version is None]
    alike: dict[tuple[object, ...], list[tuple[_Way, tuple[Player, ...]]]] = {}
    narrow = [(side, one) for side, one in setups if may_not_enter(one, zones or {})]
    versions_open, entering_open = MAY_BE if untold else MAY_BE[:1], _MAY_ENTER if narrow else (None,)
    for way in map(_Way._make, product(versions_open, _UNTOLD_POLICIES, entering_open)):
        players = tuple(
            _player(side, replace(one, zone_match_parent=way.enters) if (side, one) in narrow else one, way)
            for side, one in setups
        )
        alike.setdefault(tuple(map(_habits, players)), []).append((way, players))
    found = []
    for ways in alike.values():
        way, players = ways[0]
        versions = dict.fromkeys(one.version for one, _ in ways)
        entering = "" if way.enters is None else _of_zones([side for side, _ in narrow], enters=way.enters)
        found.append(Cast(players, _condition(setups, tuple(versions), way.policy, entering)))
    return tuple(found)


class _Way(NamedTuple):
    """One way in which everything may be that a plan does not tell.

    Attributes:
        version, policy: Of those of whom they are not told.
        enters: Whether those enter hosted zones above their filters of whom that is not told; None where none matters.
    """

    version: Version
    policy: Policy
    enters: bool | None


_UNTOLD_POLICIES = (Policy.SYNC, Policy.UPSERT_ONLY)
_MAY_ENTER = (False, True)
"""What fails either way is advised by the first: it lacks the more."""


def may_not_enter(setup: ExternalDns, zones: Mapping[DomainName, SeenZone]) -> bool:
    """Tell whether it hangs on a flag that the plan does not tell if one enters the zone of a host that it sees."""
    if setup.version is not None and not dialect(Version(*setup.version)).matches_parent:
        return False  # it has no such flag
    return any(setup.sees(host) and setup.enters(zone.apex) is None for host, zone in zones.items())


def doubts(plan: Plan) -> tuple[str, ...]:
    """Say of which ExternalDNS the version leaves in doubt what it does, and as what it was played."""
    told = []
    for side in Side:
        for one in plan.side(side).instances:
            if one.version is None:
                continue
            release = Version(*one.version)
            who = f"{side.value}'s ExternalDNS is {release} by the plan"
            if one.version[:2] > NEWEST_VERSION:
                told.append(
                    f"{who}, which is newer than any whose habits are known: it was played as "
                    f"v{NEWEST_VERSION[0]}.{NEWEST_VERSION[1]}, and what it really does is not known."
                )
            elif release < OLDEST_VERSION:
                told.append(f"{who}, which is older than any that was recorded: what was played is by its changelog.")
    return tuple(told)


def _player(side: Side, setup: ExternalDns, way: _Way) -> Player:
    release = Version(*setup.version) if setup.version is not None else way.version
    return Player(side, setup, release, setup.policy or dialect(release).default_policy or way.policy)


def _habits(player: Player) -> tuple[object, ...]:
    """Give what of a version matters to a player: how it deletes what it has taken over, where it does both."""
    habits = dialect(player.version)
    if player.setup.migrate_from_txt_owner is None or not player.policy.deletes:
        habits = replace(habits, deletes_as_stored=False)
    return player._replace(version=OLDEST_VERSION), habits


def _of_zones(sides: Iterable[Side], *, enters: bool) -> str:
    whose = listed(list(dict.fromkeys(side.value for side in sides)))
    return f"the ExternalDNS of {whose} {'has' if enters else 'has no'} --aws-zone-match-parent"


def _condition(
    setups: Sequence[tuple[Side, ExternalDns]], alike: Sequence[Version], policy: Policy, entering: str
) -> str:
    versions = [side.value for side, one in setups if one.version is None]
    policies = [
        side.value
        for side, one in setups
        if one.policy is None and dialect(Version(*(one.version or alike[0]))).default_policy is None
    ]
    clauses = []
    if versions:
        clauses.append(f"the ExternalDNS of {listed(list(dict.fromkeys(versions)))} is {' or '.join(map(str, alike))}")
    if policies:
        clauses.append(f"--policy of {listed(list(dict.fromkeys(policies)))} is {policy.value}")
    if entering:
        clauses.append(entering)
    return " and ".join(clauses)
