"""What witnesses beside DNS show before any answer does: wanted twice, wanted by nobody, written otherwise than served.

A witness that fails raises nothing and clears nothing: its word of before stands, and so do the findings that rest on
it, until it is read again or is no witness any more.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from itertools import product
from typing import NamedTuple

from probe.judge.answer.address_book import AddressBook, fold
from probe.judge.context import Context
from probe.judge.domain import cache_of, hosted, relevant
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.evidence import MAX_SHOWN, Found, facts, word_by_word
from probe.judge.findings.flap_text import SEEN_IN_CLUSTERS
from probe.judge.ownership.foresight import HOST, WILDCARD, Deletion, ForeseenHost, Meeting, meetings
from probe.judge.ownership.foresight import unwanted as foreseen
from probe.judge.ownership.lookup import Shape, owner_ids
from probe.judge.ownership.wildcard import covered_by
from probe.judge.record_sets import is_fresh, labelled, side_of_target, weights
from probe.judge.share.confidence import INTERVAL_SURE, band, declared_share, least_against
from probe.judge.share.share_text import told
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Policy, Registry
from probe.model.finding import FactLabel, FindingCode
from probe.model.name import display
from probe.model.record import Position, RecordState
from probe.model.side import Side
from probe.model.text import PLACES, listed, moment, percent
from probe.model.witness import ClusterWish, Wanted, Written

OLDER_PART = 0.1
"""Part of the time in which a share was counted that may lie before its weights were read in the zone: with so many
answers of other weights a share moves by less than what counts as near to the ones that are read."""

_UNWANTED = "Seen in both clusters: no object that an ExternalDNS reads has the host"
_UNWANTED_STRANGER = f"{_UNWANTED}. Seen in TXT: the owner; whose it is, is not"


class Contest(NamedTuple):
    """Two wishes that overwrite each other.

    Attributes:
        wishes: v1's and v2's.
        why: What fails to keep them apart, to be read after "and".
        code: The fight that follows, where a code names it.
    """

    wishes: tuple[ClusterWish, ClusterWish]
    why: str
    code: FindingCode | None


def contest(status: DomainStatus, wanted: Wanted, at: Instant) -> Contest | None:
    """Give the first two wishes of both clusters that nothing keeps apart, where both were read lately.

    Who wants a wildcard alone writes nothing of a name that has a record of its own, or may have one. Nor does an
    ExternalDNS whose filter keeps it out of the hosted zone that a witness has read.
    """
    if any(not is_read(wanted, side, at) for side in Side):
        return None
    is_covered, written = covered_by(status) is not None, hosted(status, at)
    v1, v2 = (
        [
            one
            for one in wanted.of(side)
            if (is_covered or not one.by_wildcard)
            and (written is None or written.zone is None or one.enters(written.zone))
        ]
        for side in Side
    )
    found = (_contest(one, other) for one, other in product(v1, v2))
    return next((one for one in found if one is not None), None)


def wanted_twice(status: DomainStatus, at: Instant, _context: Context) -> Verdict:
    """Tell of a host that both clusters want where nothing keeps their ExternalDNS apart: a fight before it begins.

    Nothing is told of one that is stopped, or whose host both lead to the same place.
    """
    wanted = status.witnessed.wanted
    if wanted is None or any(wanted.reading(side) is None for side in Side):
        return None
    if any(not is_read(wanted, side, at) for side in Side):
        return UNDECIDED
    found = contest(status, wanted, at)
    if found is None:
        return None
    identifier = found.wishes[0].set_identifier
    then = "overwrite" if status.state is RecordState.FLAPPING else "will overwrite"
    return Found(
        f"Both clusters want {display(status.domain.name)}, and {found.why}: they {then} each other.",
        wish_by_wish(wanted, found.wishes),
        facts=facts(
            (FactLabel.CAUSE, f"Both write the set {identifier!r}" if identifier else ""),
            (FactLabel.PROOF, SEEN_IN_CLUSTERS),
        ),
    )


def unwanted(status: DomainStatus, at: Instant, context: Context) -> Verdict:
    """Tell of a host that is served and that no object of either cluster wants: nobody will move it, or keep it."""
    wanted = status.witnessed.wanted
    if wanted is None or any(wanted.reading(side) is None for side in Side):
        return None
    if not all(is_read(wanted, one.side, at) and one.is_whole for one in wanted.readings):
        return UNDECIDED
    if wanted.wishes or not (status.state.is_side or status.state is RecordState.WEIGHTED):
        return None
    owners = {owner for txt in status.txts for owner in owner_ids(txt)}
    in_plan = {owner for one in context.setups for owner in (one.txt_owner_id, one.migrate_from_txt_owner)}
    quoted = [f'"{owner}"' for owner in sorted(owners)]
    is_strangers = bool(owners) and owners.isdisjoint(in_plan)
    host = ForeseenHost(status.domain.name, relevant(status), status.txts)
    deletes = any(Deletion.ACCEPTED in foreseen(host, one) for one in context.setups if one.txt_owner_id in owners)
    where = f"leads to {PLACES[status.state.side]}" if status.state.side is not None else "is split by weights"
    what_follows = (
        "its record is of an owner that the plan does not have" if is_strangers else "no ExternalDNS will move it"
    )
    return Found(
        f"Neither cluster wants {display(status.domain.name)}, which {where}: {what_follows}.",
        (*_readings(wanted), *word_by_word(relevant(status))),
        facts=facts(
            (FactLabel.OWNERS, f"Its ownership TXT name {listed(quoted)}" if owners else ""),
            (
                FactLabel.EFFECT,
                "The ExternalDNS of that owner deletes it at its next sync, unless it has --policy=upsert-only"
                if deletes
                else "Whoever runs the ExternalDNS of that owner, in a third cluster maybe, keeps it or lets it go"
                if is_strangers
                else "",
            ),
            (FactLabel.PROOF, _UNWANTED_STRANGER if is_strangers else _UNWANTED),
        ),
    )


def not_written(status: DomainStatus, at: Instant, context: Context) -> Verdict:
    """Tell that the servers steadily answer otherwise than the hosted zone has it, as it was read since.

    Only a zone that was read after the last change of what is served can contradict it. Where sets lead to both sides,
    Route 53 chooses, and every answer of a side agrees. A private zone is compared with what its resolvers answer, and
    a public one with its servers.
    """
    written = status.witnessed.written
    if written is not None and (not written.is_current or (written.at is not None and not is_fresh(written.at, at))):
        return UNDECIDED
    if (
        written is None
        or written.at is None
        or written.zone is None
        or written.is_private is not (cache_of(status) is not None)
    ):
        return None
    if status.state is RecordState.WEIGHTED:
        return _weighted_otherwise(status, written, at, context)
    served = Position.ABSENT if status.state is RecordState.ABSENT else status.state.side
    changed = max((one.recent[-1].at.monotonic for one in status.records if one.recent), default=float("-inf"))
    if served is None or changed >= written.at.monotonic:
        return None
    stands = _position(written, context.book)
    if stands is None or stands is served or (served is Position.ABSENT and _explains_absence(written, context.book)):
        return None
    name, zone = display(status.domain.name), display(written.zone)
    return Found(
        f"The hosted zone {zone} has no record of {name}, and its servers lead it to {PLACES[served]}."
        if stands is Position.ABSENT
        else f"The hosted zone {zone} leads {name} to {PLACES[stands]}, and its servers answer otherwise.",
        (*set_by_set(written), *word_by_word(relevant(status))),
        facts=facts(
            (FactLabel.ANSWERS, f"The servers lead it to {PLACES[served]}" if served.is_side else "They deny it"),
            (FactLabel.CAUSE, "A second hosted zone of that name is delegated, or a change does not arrive"),
            (FactLabel.PROOF, "Seen in the zone and at its servers; the cause is inferred"),
        ),
    )


def _weighted_otherwise(status: DomainStatus, written: Written, at: Instant, context: Context) -> Found | None:
    """Tell that a share of answers excludes the weights that stand in the zone, and every share that is near to theirs.

    Answers from before the zone was read with these weights may be of others: they have to be a small part. A set whose
    health check fails is not drawn.
    """
    if any(one.health is False for one in written.sets):
        return None
    read_since = (status.sets_read[-1].at if status.sets_read else written.at) or at
    told_of = []
    for share in status.shares:
        own = weights(written.sets, share.rdtype, context.book)
        if own is None or share.since is None or not share.answers:
            continue
        counted = at.monotonic - share.since.monotonic
        older = read_since.monotonic + context.probing.grace - share.since.monotonic
        near = band(declared_share(own))
        if older <= OLDER_PART * counted and least_against(near, share.answers - share.v2, share.v2) >= INTERVAL_SURE:
            told_of.append((own, share))
    if not told_of or written.zone is None:
        return None
    (own, first), *_ = told_of
    return Found(
        f"The hosted zone {display(written.zone)} has {display(status.domain.name)} at {own.v1}:{own.v2} (v1:v2), and "
        f"{first.rdtype.value} leads to v2 in {percent(first.ratio or 0.0)} of answers.",
        (*set_by_set(written), *word_by_word(relevant(status))),
        facts=facts(
            *((FactLabel.SHARE, told(share)) for _, share in told_of),
            (
                FactLabel.CAUSE,
                (
                    "A second hosted zone of that name is delegated, a change does not arrive, or a set is left out "
                    "now and then because its target is not healthy"
                ),
            ),
            (FactLabel.PROOF, "Seen in the zone and at its servers; the cause is inferred"),
        ),
    )


def is_read(wanted: Wanted, side: Side, at: Instant) -> bool:
    """Tell whether a cluster's word counts: it is a witness, and was read lately."""
    reading = wanted.reading(side)
    return reading is not None and reading.is_current and is_fresh(reading.at, at)


def is_wanted(wanted: Wanted, side: Side, at: Instant) -> bool:
    """Tell whether an ExternalDNS that runs in a cluster writes the host, by what was read there lately."""
    return is_read(wanted, side, at) and any(not one.stopped for one in wanted.of(side))


def missing(wanted: Wanted | None, side: Side, at: Instant) -> str:
    """Say why a cluster's ExternalDNS does not write a domain, as its witness shows it; empty where nothing is seen."""
    reading = None if wanted is None else wanted.reading(side)
    if wanted is None or reading is None or reading.at is None or not is_read(wanted, side, at):
        return ""
    wishes = wanted.of(side)
    seen = f"Seen in {side.value}'s cluster at {moment(reading.at)}"
    if not wishes:
        return f"{seen}: no object that its ExternalDNS reads has the host" if reading.is_whole else ""
    if all(one.stopped for one in wishes):
        return f"{seen}: {listed(sorted({one.workload for one in wishes}))} is stopped (no replicas, or suspended)"
    return ""


def _contest(one: ClusterWish, other: ClusterWish) -> Contest | None:
    """Tell what makes two ExternalDNS overwrite each other's record of a host; None where nothing does."""
    a, b = one.external_dns, other.external_dns
    same_set = one.set_identifier == other.set_identifier
    same_record = same_set and one.by_wildcard is other.by_wildcard and not _of_other_families(one, other)
    same_place = set(map(fold, one.targets)) == set(map(fold, other.targets))
    apart = same_place or not same_record or one.stopped or other.stopped or _write_apart(a, b)
    if apart or a.registry is not b.registry:
        return None
    match a.registry:
        case Registry.NOOP:
            return Contest((one, other), "both ExternalDNS keep no registry", None)
        case Registry.TXT if not _would_fight(one, other):
            return None
        case Registry.TXT if a.txt_owner_id == b.txt_owner_id:
            why = f'both ExternalDNS have the owner id "{a.txt_owner_id}"'
            return Contest((one, other), why, FindingCode.FIGHT_SAME_OWNER)
        case Registry.TXT if a.migrate_from_txt_owner == b.txt_owner_id and b.migrate_from_txt_owner == a.txt_owner_id:
            why = "each ExternalDNS migrates from the other's owner"
            return Contest((one, other), why, FindingCode.FIGHT_MUTUAL_MIGRATION)
        case _:  # of a table, or of Cloud Map, nobody sees here whether both use the same
            return None


def _would_fight(one: ClusterWish, other: ClusterWish) -> bool:
    """Play both over one host, once for each pair of flags: versions, TXT names and types may keep them apart.

    Why they fight is said by the flags that the clusters show. Two versions that fight are no contest of wishes.
    """
    shape = Shape.ALIAS if _family(one.targets) is None or _family(other.targets) is None else Shape.ADDRESSES
    host = WILDCARD if one.by_wildcard else HOST
    return meetings(one.external_dns, other.external_dns, shape, host) == {Meeting.FIGHT}


def _of_other_families(one: ClusterWish, other: ClusterWish) -> bool:
    """Tell whether one writes an A and the other an AAAA: an object with addresses of both kinds makes a wish each."""
    families = (_family(one.targets), _family(other.targets))
    return None not in families and families[0] != families[1]


def _family(targets: Iterable[str]) -> int | None:
    """Give the IP version of all targets; None of names, and of none."""
    try:
        versions = {ip_address(target).version for target in targets}
    except ValueError:
        return None
    return versions.pop() if len(versions) == 1 else None


def _write_apart(a: ExternalDns, b: ExternalDns) -> bool:
    """Tell whether flags keep two ExternalDNS from writing the same record, whoever owns it and whatever a play shows.

    A play has one zone, and no other registry than TXT.
    """
    zones = set(a.zone_id_filter), set(b.zone_id_filter)
    return (
        Policy.CREATE_ONLY in (a.policy, b.policy)
        or (all(zones) and not set.intersection(*zones))
        or not set(a.managed_record_types).intersection(b.managed_record_types)
    )


def _position(written: Written, book: AddressBook) -> Position | None:
    """Tell where a zone leads a domain by all of its sets; None where Route 53 chooses, or where that is unknown."""
    if not written.sets:
        return Position.ABSENT
    sides = {side_of_target(target, book) for one in written.sets for target in one.targets}
    side = sides.pop() if len(sides) == 1 else None
    return None if side is None else Position(side.value)


def _explains_absence(written: Written, book: AddressBook) -> bool:
    """Tell whether Route 53 may deny what stands: an alias to what has no address, or a set that is not healthy."""
    return any(
        one.health is False or any(book.denial(target) is not None for target in one.targets) for one in written.sets
    )


def wish_by_wish(wanted: Wanted, wishes: Iterable[ClusterWish]) -> tuple[str, ...]:
    """Write who wants a host, by which object, and when that was seen."""
    when = {one.side: one.at for one in wanted.readings}
    return tuple(
        f"{moment(at)}: {one.side.value} wants it by {one.resource}, which {one.workload} (owner "
        f'"{one.owner}") reads{_leading(one.targets)}'
        for one in wishes
        if (at := when.get(one.side)) is not None
    )


def _readings(wanted: Wanted) -> tuple[str, ...]:
    return tuple(
        f"{moment(one.at)}: {one.side.value}'s cluster has no object for it"
        for one in wanted.readings
        if one.at is not None
    )


def set_by_set(written: Written) -> tuple[str, ...]:
    """Write what stands in a hosted zone, and when that was seen."""
    if written.at is None or written.zone is None:
        return ()
    where = f"{moment(written.at)}: the hosted zone {display(written.zone)}"
    if not written.sets:
        return (f"{where} has no A, AAAA or CNAME of it",)
    return tuple(f"{where} has {labelled(one)}{_leading(one.targets)}" for one in written.sets)


def _leading(targets: tuple[str, ...]) -> str:
    return f": {listed([display(target)[:MAX_SHOWN] for target in targets])}" if targets else ""
