"""How each fault comes about on a stage, and its remedy step by step, as the catalogue and the runbook have it.

A remedy is a generator: it does one thing and yields how long the operator takes until the next one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from itertools import product
from pkgutil import iter_modules

from probe.externaldns.version import V0_15_1, V0_21_0, V0_22_0, V0_23_0, Version, dialect
from probe.model.external_dns import Policy
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.plan import Expectation, Weights
from probe.model.side import Side
from tests.judge import findings as rules
from tests.lab.builders import delete
from tests.remedies.stage import EARLIER, FAMILIES, HOST, LATER, Stage, wanted_families

V1, V2 = Side
VERSIONS = (V0_15_1, V0_21_0, V0_22_0, V0_23_0)
Pair = tuple[Version, Version]
PAIRS: tuple[Pair, ...] = tuple(product(VERSIONS, VERSIONS))
Steps = Iterator[float]

HASTE, CARE = 20.0, 150.0
"""Seconds between two steps of an operator: less than a sync interval, and more than two."""

SOON = 30.0
"""Seconds until what v2's take-over has left behind is deleted: once two syncs and the grace time have passed since the
move, `stale-owner` rightly says that it is there."""

BEGIN = 400.0
"""Seconds for which all is calm before the fault begins."""


def is_old(version: Version) -> bool:
    """It keeps the owner of an alias A at `cname-`."""
    return dialect(version).alias_txt_type == "CNAME"


def migrates(version: Version) -> bool:
    return dialect(version).migrates_owner


def alike(pair: Pair) -> bool:
    return is_old(pair[0]) == is_old(pair[1])


def every(_pair: Pair) -> bool:
    return True


def takes_over(pair: Pair) -> bool:
    """v2's ExternalDNS can take over, and reads what v1's has written."""
    v1, v2 = pair
    return migrates(v2) and is_old(v2) <= is_old(v1)


@dataclass(frozen=True)
class Fault:
    """One way into a finding, and its remedy.

    Attributes:
        code: Of the finding.
        id: Tells it from the others of its code.
        cause: Sets the stage: begins the fault at `BEGIN`, when the second part of it runs.
        remedy: The steps.
        ends: Where the watched host stands afterwards.
        expectation, weights: Of its wave.
        can: Which version pairs can have it.
        others: Where hosts of other waves stand throughout.
        watched: The host that the finding is about.
        goes: The finding is cleared afterwards; a record that was moved by hand is as unowned as before.
        replaces_sets: v1's ExternalDNS deletes a record set for it, which it does with `sync` alone.
        hand: What its first step changes in the hosted zone by hand; None where it changes nothing there.
    """

    code: FindingCode
    id: str
    cause: Callable[[Stage], Steps]
    remedy: Callable[[Stage], Steps]
    ends: tuple[Side, ...]
    expectation: Expectation = Expectation.MOVING
    weights: Weights | None = None
    can: Callable[[Pair], bool] = every
    others: dict[DomainName, Side] = field(default_factory=dict)
    watched: DomainName = HOST
    goes: bool = True
    replaces_sets: bool = False
    hand: Callable[[Stage], None] | None = None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(pair for pair in PAIRS if self.can(pair))

    def __str__(self) -> str:
        return f"{self.code}-{self.id}"


def calm(stage: Stage) -> float:
    """Say how long it is until the fault begins."""
    return BEGIN + stage.rng.uniform(0, 60) - stage.now


# --- fights ----------------------------------------------------------------------------------------------------------


def one_owner(stage: Stage) -> Steps:
    for side in Side:
        stage.flags(side, txt_owner_id="default", policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.want(V2, HOST)
    stage.run(V2)


def one_owner_synced(stage: Stage) -> Steps:
    for side in Side:
        stage.flags(side, txt_owner_id="default")
    stage.want(V1, HOST)
    stage.run(V1)
    yield calm(stage)
    stage.want(V2, HOST)
    stage.run(V2)


def deletes_nothing(stage: Stage, side: Side) -> Steps:
    """Give a side's --policy=upsert-only, and the other one two syncs, unless it has that already."""
    if stage.clusters[side].flags.policy.deletes:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
        yield CARE


def stay_with_v1(stage: Stage) -> Steps:
    """Let v1's delete nothing, stop v2's, and start it again with an owner id of its own."""
    yield from deletes_nothing(stage, V1)
    stage.stop(V2)
    yield HASTE
    stage.flags(V2, txt_owner_id="eks-v2")
    yield HASTE
    stage.run(V2)
    yield CARE


def take_over_paused(stage: Stage) -> Steps:
    """Let v2's delete nothing, stop v1's, let v2's take over, delete what still names v1's owner, start v1's again."""
    owner = stage.clusters[V1].flags.txt_owner_id
    yield from deletes_nothing(stage, V2)
    stage.stop(V1)
    yield HASTE
    stage.flags(V2, version=fit(stage), txt_owner_id="eks-v2", migrate_from_txt_owner=owner)
    yield SOON
    stage.remove_txt(HOST, owner)
    yield CARE
    stage.flags(V1, policy=Policy.UPSERT_ONLY)
    stage.run(V1)
    yield CARE


def fit(stage: Stage) -> Version:
    """Give a version for v2's that can take over: v1's or later, v0.20 at least."""
    return max(stage.clusters[V2].version, stage.clusters[V1].version, V0_21_0)


def mutual(stage: Stage) -> Steps:
    stage.flags(V1, txt_owner_id="eks-v1", migrate_from_txt_owner="eks-v2")
    stage.flags(V2, txt_owner_id="eks-v2", migrate_from_txt_owner="eks-v1")
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.want(V2, HOST)
    stage.run(V2)


def only_v2_migrates(stage: Stage) -> Steps:
    """Let v2's delete nothing, stop v1's, and take the flag from it; both have one version when it starts again.

    Where v2's does not read the owner of A that v1's has written, it gets v1's version before anybody is stopped.
    """
    newest = max(cluster.version for cluster in stage.clusters.values())
    yield from deletes_nothing(stage, V2)
    if not alike((stage.clusters[V1].version, stage.clusters[V2].version)) and is_old(stage.clusters[V2].version):
        yield from deletes_nothing(stage, V1)
        stage.flags(V2, version=newest)
        yield CARE
    stage.stop(V1)
    yield HASTE
    stage.flags(V1, migrate_from_txt_owner="", policy=Policy.UPSERT_ONLY)
    yield HASTE
    for side in Side:
        stage.flags(side, version=newest)
        yield HASTE
    stage.run(V1)
    yield CARE


def one_version_then_only_v2_migrates(stage: Stage) -> Steps:
    """The order for versions that nobody knows: neither deletes, both run one version, then v1's is stopped."""
    yield from one_version(stage)
    stage.stop(V1)
    yield HASTE
    stage.flags(V1, migrate_from_txt_owner="")
    stage.run(V1)
    yield CARE


def only_v1_migrates(stage: Stage) -> Steps:
    """The mirror of it: v1 keeps the host."""
    newest = max(cluster.version for cluster in stage.clusters.values())
    yield from deletes_nothing(stage, V1)
    stage.stop(V2)
    yield HASTE
    stage.flags(V2, migrate_from_txt_owner="", policy=Policy.UPSERT_ONLY)
    yield HASTE
    for side in Side:
        stage.flags(side, version=newest)
        yield HASTE
    stage.run(V2)
    yield CARE


def migration(stage: Stage) -> Steps:
    """v2's ExternalDNS takes over while v1's runs."""
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    stage.want(V2, HOST)
    stage.run(V2)


def one_version(stage: Stage) -> Steps:
    """Neither deletes anything; then bring the older of the two to the version of the other one."""
    newest = max(cluster.version for cluster in stage.clusters.values())
    older = min(Side, key=lambda side: stage.clusters[side].version)
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield CARE
    stage.flags(older, version=newest)
    yield CARE


def one_version_while_stopped(stage: Stage) -> Steps:
    """v2's deletes nothing, v1's is stopped, and starts again in v2's version."""
    yield from deletes_nothing(stage, V2)
    stage.stop(V1)
    yield HASTE
    stage.flags(V1, version=stage.clusters[V2].version, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.run(V1)
    yield CARE


def back_to_v1_at_once(stage: Stage) -> Steps:
    """Neither deletes anything; v2's is stopped, and v1's owner goes at once into each TXT that names v2's."""
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield CARE
    yield from given_back(stage)


def given_back(stage: Stage) -> Steps:
    """Stop v2's and write v1's owner, wait for a sync and for caches, take the host out of v2, and start v2's again."""
    stage.stop(V2)
    stage.correct_txt(HOST, "eks-v2", "eks-v1")
    yield CARE
    stage.drop(V2, HOST)
    yield HASTE
    stage.run(V2)
    yield CARE


def disjoint(stage: Stage) -> Steps:
    for side in Side:
        stage.flags(side, txt_owner_id="default")
    stage.want(V1, LATER, HOST)
    stage.run(V1)
    yield calm(stage)
    stage.want(V2, EARLIER)
    stage.run(V2)


def upsert_only_then_own_ids(stage: Stage) -> Steps:
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield CARE
    stage.flags(V2, version=fit(stage), txt_owner_id="eks-v2", migrate_from_txt_owner="default")
    yield CARE


def take_over_all(stage: Stage) -> Steps:
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.flags(V2, migrate_from_txt_owner="eks-v1")
    stage.want(V2, EARLIER)
    stage.run(V2)


def take_over_before_it_is_wanted(stage: Stage) -> Steps:
    """The wave moves and v2 has no object for the host yet, v1's deletes nothing, and v2's takes all and deletes."""
    stage.flags(V1, policy=Policy.UPSERT_ONLY)
    yield from take_over_all(stage)


def v2_upsert_only(stage: Stage) -> Steps:
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield CARE


def v2_filtered(stage: Stage) -> Steps:
    stage.filter(V2, EARLIER.rstrip("."))
    yield CARE


# --- ownership -------------------------------------------------------------------------------------------------------


def moved_paused(stage: Stage) -> Steps:
    """v2's takes over while v1's is paused."""
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.stop(V1)
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    stage.want(V2, HOST)
    stage.run(V2)


def created_beside(stage: Stage) -> Steps:
    """v1's TXT stands without its record when v2 creates the record (#6617)."""
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.stop(V1)
    stage.write(*delete(*(one for one in stage.zone.record_sets() if one.name == HOST and one.rdtype in FAMILIES)))
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    stage.want(V2, HOST)
    stage.run(V2)


def moved_by_hand(stage: Stage) -> Steps:
    """People led the record to v2, whose ExternalDNS does not read the Ingress, by its class or its annotations."""
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    stage.want(V2, EARLIER)
    stage.run(V2)
    yield calm(stage)
    stage.stop(V1)
    stage.lead(HOST, V2, wanted_families(stage.clusters[V1].version))


def v2_wants_it(stage: Stage) -> Steps:
    """Let neither delete anything, and v2's read its Ingress; then it gets the record, and v1's Ingress goes."""
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.want(V2, HOST)
    yield CARE
    yield from v2_owns_it(stage)


def v2_owns_it(stage: Stage) -> Steps:
    """Write v2's owner into each TXT that names v1's, with neither deleting; then v1's Ingress goes."""
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.correct_txt(HOST, "eks-v1", "eks-v2")
    yield CARE
    stage.drop(V1, HOST)
    yield HASTE
    stage.run(V1)
    yield CARE


def renamed(stage: Stage) -> Steps:
    """v1's got another owner id without a take-over: nobody owns its host any more."""
    stage.flags(V1, txt_owner_id="eks-old", policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.flags(V1, txt_owner_id="eks-v1")
    stage.want(V2, HOST)
    stage.run(V2)


def owned_by(side: Side) -> Callable[[Stage], Steps]:
    """Let a side's delete nothing, and write its owner into each TXT that names the one that nobody has."""

    def remedy(stage: Stage) -> Steps:
        yield from deletes_nothing(stage, side)
        stage.correct_txt(HOST, "eks-old", f"eks-{side}")
        yield CARE

    return remedy


def orphan(stage: Stage) -> Steps:
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.drop(V1, HOST)
    stage.stop(V1)
    stage.write(*delete(*(one for one in stage.zone.record_sets() if one.name == HOST and one.rdtype in FAMILIES)))


def remove_orphans(stage: Stage) -> None:
    for owner in ("eks-v1", "default"):
        stage.remove_txt(HOST, owner)


def delete_orphan(stage: Stage) -> Steps:
    stage.remove_txt(HOST, "eks-v1")
    yield HASTE
    stage.run(V1)
    stage.want(V2, HOST)
    stage.run(V2)
    yield CARE


def no_txt(stage: Stage) -> Steps:
    stage.lead(HOST, V1)
    stage.want(V1, LATER, HOST)
    stage.run(V1)
    stage.want(V2, HOST)
    stage.run(V2)
    yield calm(stage)


def write_txt(stage: Stage) -> Steps:
    """Write the TXT of A and of AAAA in one batch, with v2's owner, once v2 has the host."""
    version = stage.clusters[V2].version
    stage.name_owner(HOST, "eks-v2", ("CNAME" if is_old(version) else "A", "AAAA"))
    yield CARE


def lead_to_v2(stage: Stage) -> None:
    stage.lead(HOST, V2)


def move_by_hand(stage: Stage) -> Steps:
    lead_to_v2(stage)
    yield CARE


def moved_as_default(stage: Stage) -> Steps:
    """One owner id on both sides, and v1's stopped before v2 got the host."""
    for side in Side:
        stage.flags(side, txt_owner_id="default", policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.stop(V1)
    stage.want(V2, HOST)
    stage.run(V2)


def name_of_its_own(stage: Stage) -> Steps:
    """While v1's is stopped: v2's gets an id of its own; what still names the old one is deleted; v1's goes on."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.flags(V2, version=fit(stage), txt_owner_id="eks-v2", migrate_from_txt_owner="default")
    yield SOON
    stage.remove_txt(HOST, "default")
    yield CARE
    stage.run(V1)
    yield CARE


def back_by_hand(stage: Stage) -> Steps:
    """v2 owned the host; v2's was stopped, and the record was led back by hand."""
    stage.want(V1, LATER, HOST)
    stage.run(V1)
    yield calm(stage)
    stage.stop(V1)
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    stage.want(V2, HOST)
    stage.run(V2)
    yield CARE
    stage.stop(V2)
    stage.remove_txt(HOST, "eks-v1")
    yield CARE
    stage.flags(V2, policy=Policy.SYNC)
    stage.lead(HOST, V1)
    stage.run(V1)


def v1_owns_it_again(stage: Stage) -> Steps:
    """v2's deletes nothing, the host goes out of v2, and each TXT that names v2's owner gets v1's."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.drop(V2, HOST)
    yield HASTE
    stage.correct_txt(HOST, "eks-v2", "eks-v1")
    yield HASTE
    stage.run(V2)
    yield CARE


# --- positions -------------------------------------------------------------------------------------------------------


def foreign_owner(stage: Stage) -> Steps:
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.want(V2, HOST)
    stage.run(V2)


def written_back(stage: Stage) -> Steps:
    """v2 has it; then v1's ExternalDNS, with the same owner id, is started again."""
    for side in Side:
        stage.flags(side, txt_owner_id="default", policy=Policy.UPSERT_ONLY)
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.stop(V1)
    stage.want(V2, HOST)
    stage.run(V2)
    yield 8 * CARE
    stage.run(V1)


def too_early(stage: Stage) -> Steps:
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    stage.want(V2, HOST)
    stage.run(V2)


def deleted(stage: Stage) -> Steps:
    """v2's owns it, and somebody deletes the record with its TXT while v2's is stopped."""
    stage.want(V1, LATER)
    stage.run(V1)
    stage.want(V2, HOST)
    stage.run(V2)
    yield calm(stage)
    stage.stop(V2)
    going = {one.key: one for one in stage.zone.record_sets() if one.name == HOST}
    going |= {one.key: one for one in stage.txts(HOST)}
    stage.write(*delete(*going.values()))


def recreate(stage: Stage) -> None:
    """Create A and AAAA with the TXT that v2's reads, and its owner."""
    version = stage.clusters[V2].version
    stage.lead(HOST, V2, wanted_families(version))
    kinds = ("CNAME" if is_old(version) else "A", *wanted_families(version)[1:])
    stage.name_owner(HOST, "eks-v2", kinds)


def restore(stage: Stage) -> Steps:
    recreate(stage)
    yield HASTE
    stage.run(V2)
    yield CARE


# --- weights ---------------------------------------------------------------------------------------------------------


def simple_beside_weighted(stage: Stage) -> Steps:
    stage.want(V1, HOST, LATER)
    stage.run(V1)
    yield calm(stage)
    stage.want(V2, HOST, weight=50)
    stage.run(V2)


def v1_weighted_too(stage: Stage) -> Steps:
    stage.want(V1, HOST, weight=50)
    yield CARE


def wrong_weights(stage: Stage) -> Steps:
    stage.want(V1, LATER)
    stage.want(V1, HOST, weight=10)
    stage.run(V1)
    stage.want(V2, HOST, weight=90)
    stage.run(V2)
    yield calm(stage)


def right_weights(stage: Stage) -> Steps:
    stage.want(V1, HOST, weight=90)
    yield HASTE
    stage.want(V2, HOST, weight=10)
    yield CARE


def one_owner_weights(stage: Stage) -> Steps:
    """One owner id for both, which keeps --policy=upsert-only on both."""
    for side in Side:
        stage.flags(side, txt_owner_id="default", policy=Policy.UPSERT_ONLY)
    stage.want(V2, EARLIER)
    yield from wrong_weights(stage)


def migrating_weights(stage: Stage) -> Steps:
    """v2's ExternalDNS migrates from v1's owner, with --policy=upsert-only."""
    stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
    yield from wrong_weights(stage)


def one_set_goes(side: Side) -> Callable[[Stage], Steps]:
    """Neither deletes; a side's set gets no weight, its host goes out of the cluster, the set is deleted by hand."""

    def remedy(stage: Stage) -> Steps:
        for each in Side:
            stage.flags(each, policy=Policy.UPSERT_ONLY)
        yield CARE
        stage.want(side, HOST, weight=0)
        yield CARE
        stage.drop(side, HOST)
        yield CARE
        stage.remove_set(HOST, str(side))
        yield CARE

    return remedy


# --- what is no ExternalDNS' ----------------------------------------------------------------------------------------


def two_tools(stage: Stage) -> Steps:
    stage.want(V1, LATER)
    stage.run(V1)
    stage.lead(HOST, V1)
    yield calm(stage)
    stage.tools = {V2: stage.now, V1: stage.now + stage.rng.uniform(100, 200)}


def one_tool_stops(stage: Stage) -> Steps:
    stage.stop_tool(V1)
    yield max(CARE, stage.tools[V2] - stage.now + HASTE)  # v2's has written once more


def take_over(stage: Stage) -> Steps:
    """v2's takes over while v1's is stopped; what still names v1's owner is deleted before v1's goes on."""
    stage.flags(V2, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.stop(V1)
    yield HASTE
    stage.flags(V2, version=fit(stage), migrate_from_txt_owner="eks-v1")
    yield SOON
    stage.remove_txt(HOST, "eks-v1")
    yield CARE
    stage.run(V1)
    yield CARE


def give_back(stage: Stage) -> Steps:
    """Neither deletes anything; v1's owner stands in its TXT, and v1's leads the record back before v2 lets it go."""
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield HASTE
    yield from given_back(stage)


def stop_v1(stage: Stage) -> Steps:
    yield from deletes_nothing(stage, V2)
    stage.stop(V1)
    yield CARE


def refused(stage: Stage) -> Steps:
    """v2's v0.21 has deleted the record but not its TXT at the bare name, beside which v1's v0.15 creates nothing."""
    yield from disjoint(stage)


def delete_what_blocks(stage: Stage) -> Steps:
    for side in Side:
        stage.flags(side, policy=Policy.UPSERT_ONLY)
    yield HASTE
    stage.remove_txt(HOST, "default")
    stage.remove_txt(LATER, "default")
    yield CARE


# --- the table -------------------------------------------------------------------------------------------------------

C = FindingCode
ONLY_V1, ONLY_V2, BOTH = (V1,), (V2,), (V1, V2)
TO_V1, TO_V2 = Expectation.V1, Expectation.V2


def deletes_as_written(pair: Pair) -> bool:
    """Each writes the same TXT names: Route 53 refuses to delete one that is not there, or to create one that is."""
    return alike(pair) and dialect(pair[0]).bare_txt == dialect(pair[1]).bare_txt


def writes_aaaa(version: Version) -> bool:
    return dialect(version).alias_aaaa


def not_fewer_families(pair: Pair) -> bool:
    """v1's version writes every family that v2's does: what v1's never writes, nobody leads back."""
    return writes_aaaa(pair[0]) or not writes_aaaa(pair[1])


def overwrites_whole(pair: Pair) -> bool:
    """v2's reads what v1's has written, and writes every family of it."""
    v1, v2 = pair
    return is_old(v2) <= is_old(v1) and (writes_aaaa(v2) or not writes_aaaa(v1))


def overwrites_families(pair: Pair) -> bool:
    return writes_aaaa(pair[1]) or not writes_aaaa(pair[0])


def same_families(pair: Pair) -> bool:
    return writes_aaaa(pair[0]) == writes_aaaa(pair[1])


FAULTS = (
    Fault(
        C.FIGHT_SAME_OWNER,
        "v1-keeps-it",
        one_owner,
        stay_with_v1,
        ONLY_V1,
        can=lambda pair: overwrites_whole(pair) and not_fewer_families(pair),
    ),
    Fault(
        C.FIGHT_SAME_OWNER,
        "synced-v1-keeps-it",
        one_owner_synced,
        stay_with_v1,
        ONLY_V1,
        can=lambda pair: overwrites_whole(pair) and not_fewer_families(pair),
    ),
    Fault(C.FIGHT_SAME_OWNER, "v2-takes-over", one_owner, take_over_paused, ONLY_V2, TO_V2, can=overwrites_whole),
    Fault(
        C.FIGHT_MUTUAL_MIGRATION,
        "v2-takes-over",
        mutual,
        only_v2_migrates,
        ONLY_V2,
        can=lambda pair: migrates(pair[0]) and migrates(pair[1]),
    ),
    Fault(
        C.FIGHT_MUTUAL_MIGRATION,
        "v2-takes-over-by-whatever-versions",
        mutual,
        one_version_then_only_v2_migrates,
        ONLY_V2,
        can=lambda pair: migrates(pair[0]) and migrates(pair[1]),
    ),
    Fault(
        C.FIGHT_MUTUAL_MIGRATION,
        "v1-keeps-it",
        mutual,
        only_v1_migrates,
        ONLY_V1,
        can=lambda pair: migrates(pair[0]) and migrates(pair[1]),
    ),
    Fault(
        C.FIGHT_VERSION_MIX,
        "one-version",
        migration,
        one_version_while_stopped,
        ONLY_V2,
        can=lambda pair: is_old(pair[0]) and not is_old(pair[1]),
    ),
    Fault(
        C.FIGHT_VERSION_MIX,
        "v1-keeps-it",
        migration,
        back_to_v1_at_once,
        ONLY_V1,
        can=lambda pair: is_old(pair[0]) and not is_old(pair[1]) and writes_aaaa(pair[0]),
    ),
    Fault(
        C.FIGHT_DELETE_CREATE,
        "disjoint",
        disjoint,
        upsert_only_then_own_ids,
        ONLY_V1,
        others={LATER: V1, EARLIER: V2},
        can=deletes_as_written,
    ),
    Fault(
        C.FIGHT_DELETE_CREATE,
        "take-over",
        take_over_all,
        v2_upsert_only,
        ONLY_V1,
        TO_V1,
        others={LATER: V1, EARLIER: V2},
        can=lambda pair: not is_old(pair[0]) and pair[1] == V0_23_0,
    ),
    Fault(
        C.FIGHT_DELETE_CREATE,
        "take-over-while-it-moves",
        take_over_before_it_is_wanted,
        v2_upsert_only,
        ONLY_V1,
        others={LATER: V1, EARLIER: V2},
        can=lambda pair: not is_old(pair[0]) and pair[1] == V0_23_0,
    ),
    Fault(
        C.TAKEOVER_DELETES,
        "domain-filter",
        take_over_all,
        v2_filtered,
        ONLY_V1,
        TO_V1,
        others={LATER: V1, EARLIER: V2},
        can=takes_over,
    ),
    Fault(C.FLIP_FLOP, "one-tool-stops", two_tools, one_tool_stops, ONLY_V2, can=lambda pair: pair[0] == pair[1]),
    Fault(C.OUTAGE, "restored", deleted, restore, ONLY_V2, TO_V2, can=lambda pair: pair[0] == pair[1], hand=recreate),
    Fault(C.REVERTED, "v1-stopped", written_back, stop_v1, ONLY_V2, TO_V2, can=overwrites_whole),
    Fault(C.REVERTED, "own-id", written_back, take_over_paused, ONLY_V2, TO_V2, can=overwrites_whole),
    Fault(
        C.FAMILY_SPLIT,
        "one-version",
        migration,
        one_version,
        ONLY_V2,
        can=lambda pair: not is_old(pair[0]) and pair[1] == V0_21_0,
    ),
    Fault(
        C.PREMATURE,
        "given-back",
        too_early,
        give_back,
        ONLY_V1,
        TO_V1,
        can=lambda pair: takes_over(pair) and alike(pair) and not_fewer_families(pair),
    ),
    Fault(
        C.FAMILY_SPLIT,
        "given-back",
        too_early,
        give_back,
        ONLY_V1,
        TO_V1,
        can=lambda pair: not is_old(pair[0]) and pair[1] == V0_21_0,
    ),
    Fault(
        C.CONTRADICTING_OWNERS,
        "given-back",
        too_early,
        give_back,
        ONLY_V1,
        TO_V1,
        can=lambda pair: not is_old(pair[0]) and pair[1] == V0_21_0,
    ),
    Fault(
        C.TAKEOVER_DELETES,
        "upsert-only",
        take_over_all,
        v2_upsert_only,
        ONLY_V1,
        TO_V1,
        others={LATER: V1, EARLIER: V2},
        can=takes_over,
    ),
    Fault(
        C.STALE_OWNER,
        "moved-while-paused",
        moved_paused,
        v2_owns_it,
        ONLY_V2,
        TO_V2,
        can=lambda pair: takes_over(pair) and not alike(pair),
    ),
    Fault(
        C.STALE_OWNER,
        "created-beside",
        created_beside,
        v2_owns_it,
        ONLY_V2,
        TO_V2,
        can=lambda pair: alike(pair) and dialect(pair[1]).keeps_existing_txt,
    ),
    Fault(
        C.STALE_OWNER,
        "moved-by-hand",
        moved_by_hand,
        v2_wants_it,
        ONLY_V2,
        TO_V2,
        others={LATER: V1, EARLIER: V2},
        can=lambda pair: is_old(pair[1]) <= is_old(pair[0]) and overwrites_families(pair),
    ),
    Fault(C.LAGGARD, "take-over", foreign_owner, take_over, ONLY_V2, TO_V2),
    Fault(
        C.WEIGHTS_OFF,
        "corrected",
        wrong_weights,
        right_weights,
        BOTH,
        Expectation.WEIGHTED,
        Weights(90, 10),
        can=same_families,
    ),
    Fault(
        C.WEIGHTS_ONE_SIDED,
        "v1-weighted-too",
        simple_beside_weighted,
        v1_weighted_too,
        BOTH,
        Expectation.WEIGHTED,
        Weights(50, 50),
        can=same_families,
        replaces_sets=True,
    ),
    Fault(
        C.WEIGHTS_UNDECLARED,
        "one-set-goes",
        wrong_weights,
        one_set_goes(V1),
        ONLY_V2,
        TO_V2,
        can=overwrites_families,
    ),
    Fault(
        C.WEIGHTS_UNDECLARED,
        "one-owner",
        one_owner_weights,
        one_set_goes(V1),
        ONLY_V2,
        TO_V2,
        others={LATER: V1, EARLIER: V2},
        can=lambda pair: alike(pair) and same_families(pair),
    ),
    Fault(
        C.WEIGHTS_UNDECLARED,
        "v2-migrates",
        migrating_weights,
        one_set_goes(V2),
        ONLY_V1,
        TO_V1,
        others={LATER: V1},
        can=lambda pair: migrates(pair[1]) and alike(pair) and same_families(pair),
    ),
    Fault(
        C.OWNER_NOT_RETURNED,
        "owned-again",
        back_by_hand,
        v1_owns_it_again,
        ONLY_V1,
        TO_V1,
        can=lambda pair: takes_over(pair) and alike(pair) and not_fewer_families(pair),
    ),
    Fault(
        C.FOREIGN_OWNER,
        "v2-owns-it",
        renamed,
        owned_by(V2),
        ONLY_V2,
        can=lambda pair: same_families(pair) and is_old(pair[1]) <= is_old(pair[0]),
    ),
    Fault(C.FOREIGN_OWNER, "v1-owns-it", renamed, owned_by(V1), ONLY_V1, TO_V1, can=same_families),
    Fault(
        C.CONTRADICTING_OWNERS,
        "one-version",
        migration,
        one_version,
        ONLY_V2,
        can=lambda pair: not is_old(pair[0]) and pair[1] == V0_21_0,
    ),
    Fault(C.UNOWNED, "txt-written", no_txt, write_txt, ONLY_V2, can=lambda pair: writes_aaaa(pair[1]), hand=lead_to_v2),
    Fault(C.UNOWNED, "by-hand", no_txt, move_by_hand, ONLY_V2, goes=False, hand=lead_to_v2),
    Fault(C.ORPHAN_TXT, "deleted", orphan, delete_orphan, ONLY_V2, can=overwrites_families, hand=remove_orphans),
    Fault(
        C.ORPHAN_TXT,
        "create-refused",
        refused,
        delete_what_blocks,
        ONLY_V1,
        others={LATER: V1, EARLIER: V2},
        can=lambda pair: pair == (V0_15_1, V0_21_0),
        hand=remove_orphans,
    ),
    Fault(C.DEFAULT_OWNER, "own-id", moved_as_default, name_of_its_own, ONLY_V2, TO_V2, can=overwrites_whole),
)

NOT_PLAYED = {
    C.DEAD_TARGET: "a load balancer is mended, or the plan is",
    C.MIXED_TARGET: "a target annotation, or a second Service, goes from one cluster's manifests",
    C.FOREIGN_TARGET: "the plan is completed, or the record corrected by hand as for `outage`",
    C.SERVICE_FAILING: "what is mended stands behind the load balancer",
    C.CONTESTED_ADDRESS: "the plan is corrected",
    C.SERVER_DIVIDED: "a name server or the delegation is mended",
    C.SERVER_FAILING: "a name server, or the path to it, is mended",
    C.RESOLVER_LATE: "a resolver's cache is flushed, or waited for",
    C.RESOLVER_WRONG: "a resolver's rules, or what it forwards to, are corrected",
    C.NEGATIVE_CACHED: "a resolver's cache is flushed, or waited for",
    C.PROBE_BLIND: "the probe's own network is mended",
    C.PROBE_BEHIND: "the probe gets more CPU, or less to do",
}
"""Why a finding's remedy is not played: nobody carries it out on an ExternalDNS or on the zone."""


def not_played() -> Mapping[FindingCode, str]:
    """Give these reasons, and those that stand as `NOT_PLAYED` in tests of rules: a new finding brings its own."""
    modules = [import_module(f"{rules.__name__}.{found.name}") for found in iter_modules(rules.__path__)]
    told = {code: why for module in modules for code, why in getattr(module, "NOT_PLAYED", {}).items()}
    return {**NOT_PLAYED, **told}
