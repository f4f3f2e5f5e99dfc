"""Route 53 as a witness: one reading of the hosted zones that hold the plan's domains, and what stands there."""

import random
from collections.abc import Callable, Iterable, Iterator

from probe.inventory.origin import named
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import Route53Account, Timing, ZoneEntry, open_account
from probe.inventory.witnesses.sentence import MAX_GAPS, sentence_of
from probe.inventory.written.export import read_zone_listing
from probe.inventory.written.hosted_zones import views_for, with_health
from probe.inventory.written.written_sets import written_of
from probe.inventory.written.zone import UnreadableZone, WrittenZone
from probe.model.clock import Clock
from probe.model.name import ROOT, DomainName, display, is_within
from probe.model.plan import Plan
from probe.model.testimony import Testimony, WatchedNow, WatchEnd, WitnessSilence, ZoneTestimony
from probe.model.text import listed
from probe.model.witness import Written
from probe.model.witness_sources import Route53Source
from probe.route53.record_values import to_domain

WITNESS_REQUEST_SECONDS = 1.0
"""Between two requests of a watch that waits for nobody: a fifth of what the account has, shared by all shards."""

ZONES_SECONDS = 900.0
"""What a reading may take: 90,000 record sets, and health checks beside them."""

MOST_SETS = 30_000
"""Record sets of a zone at most: three times Route 53's own quota. They take some 60 MiB while they are read."""


class GivenUp(UnreadableSource):
    """The reading took too long, or is wanted no more."""


class Route53Witness:
    """The hosted zones, for `probe.model.ports.Witness`.

    Args:
        source: As whom to ask, and for which zones.
        clock: Paces the requests.
        pause: Waits for so many seconds, in the reading's own thread.
        draw: Decides by how much a wait is shortened.
        open_account: Finds credentials.
    """

    def __init__(
        self,
        source: Route53Source,
        clock: Clock,
        pause: Callable[[float], None],
        draw: random.Random,
        open_account: Callable[..., Route53Account] = open_account,
    ) -> None:
        self._source = source
        self._clock = clock
        self._pause = pause
        self._draw = draw
        self._open = open_account
        self.name = "route53"
        self.side = None
        self.interval = source.interval
        self.patience = ZONES_SECONDS

    def read(self, plan: Plan, given_up: Callable[[], bool]) -> Testimony:
        """Read them once. Blocks; what the far side does is in what comes back."""

        def pause(seconds: float) -> None:
            if given_up():
                raise GivenUp("Route 53 answers too slowly: the reading was given up")
            self._pause(seconds)

        timing = Timing(lambda: self._clock.now().monotonic, pause, self._draw)
        pace = WITNESS_REQUEST_SECONDS * plan.shard.total
        try:
            account = self._open(self._source.profile, timing, role=self._source.role, pace=pace)
            return account_testimony(account, self._source, plan)
        except UnreadableSource as error:
            return WitnessSilence(sentence_of(str(error)))

    def follow(self, plan: Plan, given_up: Callable[[], bool]) -> Iterator[WatchedNow | WatchEnd]:
        """Hear nothing: Route 53 tells nobody what changes in it."""
        del plan, given_up
        return iter(())


def account_testimony(account: Route53Account, source: Route53Source, plan: Plan) -> Testimony:
    """Read the zones of an account and make of them what they say about a plan's domains.

    A zone that cannot be read leaves its names out, and the others tell what they have.

    Raises:
        UnreadableSource: The zones cannot be listed, or the reading was given up.
    """
    names = [domain.name for domain in plan.domains]
    gaps: list[str] = []
    unread: list[DomainName] = []
    entries = _chosen(account, source, names, gaps, unread)
    zones: list[WrittenZone] = []
    failed: list[UnreadableSource | UnreadableZone] = []
    for zone_id, apex in entries:
        try:
            zones.append(_read(account, zone_id, names))
        except GivenUp:
            raise
        except (UnreadableSource, UnreadableZone) as error:
            failed.append(error)
            gaps.append(sentence_of(str(error)))
            unread.append(ROOT if apex is None else apex)
    if failed and not zones:
        return WitnessSilence(sentence_of(str(failed[0])))
    for zone in zones:
        gaps += [sentence_of(str(notice)) for notice in zone.notices if notice.is_gap]
    told = written_of(zones, names, plan.authoritative, plan.registries)
    return ZoneTestimony(dict(_known(told, unread)), tuple(gaps[:MAX_GAPS]))


def _chosen(
    account: Route53Account,
    source: Route53Source,
    names: Iterable[DomainName],
    gaps: list[str],
    unread: list[DomainName],
) -> list[tuple[str, DomainName | None]]:
    """Give the zones to read, with their names where they were listed."""
    if source.zones:
        return [(one, None) for one in source.zones]
    chosen, alike = views_for(account.zones(), names)
    for several in alike:
        apex = to_domain(several[0].name)
        unread.append(apex)
        gaps.append(_alike(several, apex))
    if not chosen and not alike:
        raise UnreadableSource("no hosted zone of the account holds a domain of the plan")
    return [(one.zone_id, to_domain(one.name)) for one in chosen]


def _alike(several: tuple[ZoneEntry, ...], apex: DomainName) -> str:
    view = "private" if several[0].is_private else "public"
    ids = listed([named(one.zone_id) for one in several])
    return (
        f"{len(several)} {view} hosted zones are {named(display(apex))} ({ids}), and none is read: name the one "
        "in `witnesses.route53.zones`."
    )


def _read(account: Route53Account, zone_id: str, names: Iterable[DomainName]) -> WrittenZone:
    zone = read_zone_listing(account.record_sets(zone_id, MOST_SETS), f"route53:{zone_id}")
    checks = {
        one.health_check_id
        for name in names
        if is_within(name, zone.apex)
        for one in zone.standing(name)
        if one.health_check_id is not None
    }
    return with_health(account, zone, sorted(checks))


def _known(told: dict[DomainName, Written], unread: list[DomainName]) -> Iterator[tuple[DomainName, Written]]:
    """Leave out what a zone that was not read may hold."""
    for name, written in told.items():
        nearer = [apex for apex in unread if is_within(name, apex) and len(apex) > len(written.zone or "")]
        if not nearer:
            yield name, written
