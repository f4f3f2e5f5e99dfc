"""Whether v2's ExternalDNS would take a record over, and v1's let it: played with both setups over what DNS shows.

What v2's ExternalDNS does at its first sync with the host, and v1's after it, is asked of the model
(`probe.judge.ownership.foresight`); why it does so is said by the owner that it reads
(`probe.judge.ownership.lookup`). By hand is told only what no play can show: another registry than TXT, an owner that
is encrypted, several owners at one name, a TXT name that cannot be written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from probe.externaldns.version import NEWEST_VERSION, Version, dialect
from probe.judge.domain import relevant
from probe.judge.findings.measures import (
    BY_HAND,
    DECLARE_VERSIONS,
    GIVE_KEY,
    NO_ORPHAN,
    PREFER_CNAME,
    SAME_REGISTRY,
    STOP_V1_FIRST,
    V2_UPSERTING,
    one_version,
    one_way,
    owned_first,
    take_over,
)
from probe.judge.ownership.foresight import Fate, ForeseenHost, Meeting, fates, meetings, takes_back
from probe.judge.ownership.lookup import Shape, claims_of, deciding, owner_ids, reading_orders, shapes_of
from probe.judge.ownership.names import txt_name
from probe.model.check import WORST_FIRST, Check, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.external_dns import MANAGED_TYPES, ExternalDns, Registry
from probe.model.name import DomainName, display
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import Expectation, Plan
from probe.model.question import RecordType
from probe.model.record import RecordState, RecordStatus
from probe.model.side import Side
from probe.model.text import listed

OWNERSHIP_CHECK = "ownership"


def of_the_plan(plan: Plan) -> tuple[Check, ...]:
    """Judge what both sides' ExternalDNS flags alone will do to each other."""
    sides = (plan.v1.instances, plan.v2.instances)
    if not any(one.is_told for side in sides for one in side):
        told = "The plan describes neither ExternalDNS: with the default flags they would fight over every host."
        checks = [
            _told(
                CheckOutcome.UNKNOWN,
                told,
                "Write `external_dns` of both sides into the plan, with the flags they run with.",
            )
        ]
    else:
        checks = [_of_instance(v2, plan) for v2 in plan.v2.instances]
    untold = [side for side, ones in zip(("v1", "v2"), sides, strict=True) if any(one.version is None for one in ones)]
    if untold:
        told = f"The plan does not name the ExternalDNS version of {listed(untold)}."
        checks.append(_told(CheckOutcome.WARN, told, DECLARE_VERSIONS))
    return (*checks, *_too_new(sides), *_annotations(plan))


def _too_new(sides: Iterable[tuple[ExternalDns, ...]]) -> tuple[Check, ...]:
    """Say of a version that is newer than what is known here that it is taken for the newest that is."""
    versions = {one.version for side in sides for one in side if one.version is not None}
    newer = listed([str(Version(*version)) for version in sorted(versions) if version[:2] > NEWEST_VERSION])
    if not newer:
        return ()
    known = "v" + ".".join(map(str, NEWEST_VERSION))
    return (
        _told(
            CheckOutcome.WARN,
            f"What ExternalDNS {newer} does is not known: the probe assumes {known}.",
            "Correct the version, or read its release notes for changes of registry, policy and annotations.",
        ),
    )


def _of_instance(v2: ExternalDns, plan: Plan) -> Check:
    """Play one ExternalDNS of v2 beside each of v1's that may meet it, over a host that that one has written.

    What no DNS shows cannot be played: of another registry than TXT it is said so, and nothing is assumed.
    """
    near = [one for one in plan.v1.instances if one.may_meet(v2)]
    who = named("v2", v2)
    hidden = next((one for one in (v2, *near) if one.registry is not Registry.TXT), None)
    if hidden is not None:
        return _told(
            CheckOutcome.WARN,
            f"{named('v2' if hidden is v2 else 'v1', hidden)} has --registry={hidden.registry}: DNS does not show "
            "what it owns.",
            "Compare both ExternalDNS' owner ids and filters by hand; docs/migration.md says what to compare.",
        )
    if not near:
        return _told(CheckOutcome.PASS, f"{who} meets no ExternalDNS of v1, by the filters in the plan.")
    shape = Shape.ALIAS if plan.v1.load_balancers or plan.v2.load_balancers else Shape.ADDRESSES
    reader = _complete(v2, plan)
    met = {one: meetings(_complete(one, plan), reader, shape) for one in near}
    fighter = next((one for one in near if Meeting.FIGHT in met[one]), None)
    if fighter is not None:
        return _fights(fighter, v2)
    splitter = next((one for one in near if Meeting.SPLIT in met[one]), None)
    if splitter is not None:
        return _splits(splitter, v2)
    if any(Meeting.MOVES in each for each in met.values()):
        return _told(
            CheckOutcome.PASS,
            f'The owner ids differ, and {who} ("{v2.txt_owner_id}") migrates from v1\'s '
            f'("{v2.migrate_from_txt_owner}").',
        )
    return _stays(near, v2)


def _complete(one: ExternalDns, plan: Plan) -> ExternalDns:
    return one if one.txt_registry is not None else replace(one, txt_registry=plan.registry)


def _fights(v1: ExternalDns, v2: ExternalDns) -> Check:
    """Say why v1's ExternalDNS takes back what v2's has taken over."""
    if v1.txt_owner_id == v2.txt_owner_id:
        told = (
            f'Both ExternalDNS have the owner id "{v2.txt_owner_id}": as soon as both clusters have a host, each '
            "overwrites the other's record at every sync, and the side that loses its Ingress deletes it."
        )
        return _told(CheckOutcome.FAIL, told, f"{take_over(v1.txt_owner_id, own_id=True)} Or: {STOP_V1_FIRST}.")
    if v1.migrate_from_txt_owner == v2.txt_owner_id:
        told = (
            f"v1's ExternalDNS migrates from \"{v2.txt_owner_id}\", which is v2's owner id: each takes every record "
            "over from the other."
        )
        return _told(CheckOutcome.FAIL, told, one_way())
    told = (
        f"{named('v2', v2)}{_release(v2)} would take an alias A over and write its own TXT name, but "
        f"{named('v1', v1)}{_release(v1)} reads another one: each finds itself the owner, and A flaps."
    )
    return _told(CheckOutcome.FAIL, told, _one_version(v1, v2))


def _splits(v1: ExternalDns, v2: ExternalDns) -> Check:
    """Say why v2's ExternalDNS leads one family to v2 alone."""
    if v2.managed_record_types != MANAGED_TYPES:
        words, remedy = _hindrance((v1,), v2)
        return _told(CheckOutcome.FAIL, f"{named('v2', v2)} changes A or AAAA alone{words}.", remedy)
    told = (
        f"{named('v2', v2)}{_release(v2)} does not read where {named('v1', v1)}{_release(v1)} keeps the owner of an "
        "alias A: A would not move, while AAAA does."
    )
    return _told(CheckOutcome.FAIL, told, _one_version(v1, v2))


def _release(one: ExternalDns) -> str:
    return f" ({Version(*one.version)})" if one.version is not None else ""


def _one_version(v1: ExternalDns, v2: ExternalDns) -> str:
    newest = max((Version(*one.version) for one in (v1, v2) if one.version is not None), default=None)
    return f"{one_version('the newer one' if newest is None else str(newest), v1.txt_owner_id)} Or: {STOP_V1_FIRST}."


def _stays(near: Sequence[ExternalDns], v2: ExternalDns) -> Check:
    """Say why v2's ExternalDNS leaves every host with v1."""
    who = named("v2", v2)
    owners = sorted({one.txt_owner_id for one in near})
    theirs = owners[0] if len(owners) == 1 else "OWNER, one of " + listed(owners)
    if v2.txt_owner_id in owners or v2.migrate_from_txt_owner in owners:
        words, remedy = _hindrance(near, v2)
        return _told(
            CheckOutcome.FAIL, f"{who} changes no record of v1's that stands{words}: no host would move.", remedy
        )
    if v2.migrate_from_txt_owner is None:
        return _told(
            CheckOutcome.WARN,
            f'{who} ("{v2.txt_owner_id}") has no --migrate-from-txt-owner: it leaves v1\'s records alone until v1 '
            "deletes them, and the name does not exist until its next sync.",
            f"{take_over(theirs)} Or accept the gap.",
        )
    return _told(
        CheckOutcome.FAIL,
        f'{who} migrates from "{v2.migrate_from_txt_owner}", and v1\'s owner id is {_quoted(owners)}: it takes nothing '
        "of v1's over.",
        take_over(theirs),
    )


def _hindrance(v1s: Iterable[ExternalDns], v2: ExternalDns) -> tuple[str, str]:
    """Name the flag that keeps an ExternalDNS from changing what it is to take over, and what to do: after a play."""
    if v2.policy is not None and not v2.policy.updates:
        return f" (--policy={v2.policy})", f"{V2_UPSERTING}."
    takes = v2.migrate_from_txt_owner
    if takes is not None and v2.version is not None and not dialect(Version(*v2.version)).migrates_owner:
        return f" ({Version(*v2.version)} has no --migrate-from-txt-owner)", take_over(takes)
    if v2.managed_record_types != MANAGED_TYPES:
        types = ",".join(v2.managed_record_types)
        return f" (--managed-record-types={types})", "Let v2's ExternalDNS manage A, AAAA and CNAME."
    if any(one.txt_registry != v2.txt_registry for one in v1s):
        return " (its TXT registry's flags are not v1's)", SAME_REGISTRY
    return "", "Compare the flags of both ExternalDNS."


def _annotations(plan: Plan) -> tuple[Check, ...]:
    """Say that the sides read annotations of different names, where that is known: v2 would not see v1's hosts."""
    prefixes = [
        {
            one.annotation_prefix or (dialect(Version(*one.version)).annotation_prefix if one.version else "")
            for one in ones
        }
        for ones in (plan.v1.instances, plan.v2.instances)
    ]
    before, after = (frozenset(filter(None, one)) for one in prefixes)
    if not before or not after or before & after:
        return ()
    return (
        _told(
            CheckOutcome.WARN,
            f"v1's ExternalDNS reads annotations that begin with {listed(sorted(before))}, and v2's those with "
            f"{listed(sorted(after))} only: what an annotation of the other form gives (a host, a weight) v2 does not "
            "want.",
            f"Write v2's annotations with {listed(sorted(after))}, or give v2's ExternalDNS "
            f"--annotation-prefix={min(before)}.",
        ),
    )


def named(side: str, setup: ExternalDns) -> str:
    """Name an ExternalDNS: by its side, and by its own name where it has one."""
    return f"{side}'s ExternalDNS {setup.name}" if setup.name else f"{side}'s ExternalDNS"


def of_domain(status: DomainStatus, plan: Plan) -> Check:
    """Say what v2's ExternalDNS will do with a domain: of several that see it, the one for which it goes best."""
    name = display(status.domain.name)
    setups = plan.external_dns(Side.V2, status.domain.name)
    if not setups:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            "No ExternalDNS of v2 sees it: the filters in the plan (`domain_filter`, `exclude_domains`) keep it from "
            "all of them.",
            "Add it to --domain-filter of v2's ExternalDNS, or correct the plan.",
        )
    if any(txt.at is None for txt in status.txts):
        return Check(
            OWNERSHIP_CHECK, name, CheckOutcome.UNKNOWN, "Not every ownership TXT name was answered.", "Look again."
        )
    checks = [_of_domain(status, plan, v2) for v2 in setups]
    return max(checks, key=lambda check: WORST_FIRST.index(check.outcome))


def _of_domain(status: DomainStatus, plan: Plan, v2: ExternalDns) -> Check:
    """Say it of one ExternalDNS of v2: the worst of the domain's records speaks."""
    name = display(status.domain.name)
    if v2.registry is not Registry.TXT:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN,
            f"{named('v2', v2)} has --registry={v2.registry}: DNS does not show the owner.",
            "Look into that registry before the move.",
        )
    if status.state is RecordState.ABSENT:
        return _created(status, plan, v2)
    records = _host(status).standing
    if not records:
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.UNKNOWN, "Its records are not known.", "Look again.")
    played = fates(_host(status), v2)
    checks = [_of_record(status, record, plan, v2, played[record.rdtype.value]) for record in records]
    worst = min(checks, key=lambda check: WORST_FIRST.index(check.outcome))
    if worst.outcome is CheckOutcome.PASS and status.domain.expectation is Expectation.WEIGHTED:
        return worst._replace(
            sentence=f"{worst.sentence} It is expected to be weighted: each weighted set has a TXT of its own, and "
            "only what "
            "this query returned was read."
        )
    return worst


def left_behind(status: DomainStatus, v1: ExternalDns, v2: ExternalDns) -> tuple[TxtStatus, ...]:
    """Give the TXT that names v1's owner and that v2's ExternalDNS neither rewrites nor deletes: to clean by hand.

    By the names alone, and not by a play: asked also of a host that v2's does not take over, which no play would show.
    """
    if v1.txt_owner_id == v2.txt_owner_id:
        return ()
    written = {name for record in relevant(status) for name in _written(status, record, v2)}
    return tuple(
        txt for txt in claims_of(status, (v1, v2)) if v1.txt_owner_id in owner_ids(txt) and txt.name not in written
    )


def _told(outcome: CheckOutcome, sentence: str, remedy: str = "") -> Check:
    return Check(OWNERSHIP_CHECK, "plan", outcome, sentence, remedy)


def _written(status: DomainStatus, record: RecordStatus, setup: ExternalDns) -> frozenset[DomainName | None]:
    """Give the names at which an ExternalDNS may write the TXT of a record; None for one that DNS cannot hold."""
    orders = reading_orders(record.rdtype, shapes_of(record), setup.version)
    return frozenset(txt_name(status.domain.name, order[0], setup.names) for order in orders if order)


def _created(status: DomainStatus, plan: Plan, v2: ExternalDns) -> Check:
    """Play the creation of a host that does not exist: what stands at its TXT names may be in the way (S23)."""
    name = display(status.domain.name)
    found = frozenset().union(*fates(_host(status), v2).values())
    claims = claims_of(status, (v2, *plan.external_dns(Side.V1, status.domain.name)))
    foreign = [txt for txt in claims if owner_ids(txt) != {v2.txt_owner_id}]
    standing = f"It does not exist, but its ownership TXT does, at {_names(foreign)}{_for(foreign)}"
    if Fate.REFUSED in found:
        told = f"{standing}: Route 53 refuses the record that v2's ExternalDNS would create beside it, at every sync."
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, NO_ORPHAN)
    if Fate.UNOWNED in found:
        told = (
            f"{standing}: v2's ExternalDNS would create the record without a TXT of its own, and never touch it again."
        )
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, NO_ORPHAN)
    if found == {Fate.LEFT}:
        words, remedy = _hindrance((), v2)
        told = f"It does not exist, and v2's ExternalDNS would not create it{words}."
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, remedy)
    created = "It does not exist: v2's ExternalDNS will create it, and its TXT."
    if foreign:
        told = f"{created} Beside it stands {_names(foreign)}{_for(foreign)}."
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.WARN, told, NO_ORPHAN)
    return Check(OWNERSHIP_CHECK, name, CheckOutcome.PASS, created)


def _host(status: DomainStatus) -> ForeseenHost:
    return ForeseenHost(status.domain.name, relevant(status), status.txts)


def _of_record(
    status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns, found: frozenset[Fate]
) -> Check:
    """Judge a record that stands by what v2's sync, played in each way that the plan leaves open, makes of it."""
    name = display(status.domain.name)
    rdtype = record.rdtype.value
    read = deciding(status, record, v2)
    unclear = _unclear(record, read)
    if unclear is not None:
        return Check(OWNERSHIP_CHECK, name, *unclear)
    if Fate.REFUSED in found:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL if found == {Fate.REFUSED} else CheckOutcome.WARN,
            "Its record is a CNAME: if v2's ExternalDNS writes aliases (it does without --aws-prefer-cname), Route 53 "
            "refuses the change of a record that v1 owns, at every sync.",
            PREFER_CNAME,
        )
    if found == {Fate.LEFT}:
        return _left(status, record, plan, v2, read)
    if Fate.LEFT in found:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.UNKNOWN,
            f"Which TXT decides for v2 about its {rdtype} is not known.",
            DECLARE_VERSIONS,
        )
    return _taken_over(status, record, plan, v2, read)


def _unclear(record: RecordStatus, read: Sequence[TxtStatus]) -> tuple[CheckOutcome, str, str] | None:
    """Say what keeps a record from being played: an owner that nobody can read, or several at one name."""
    for txt in read:
        owners = owner_ids(txt)
        if txt.opaque and not owners:
            told = f"The owner of its {record.rdtype.value} is encrypted at {display(txt.name)}."
            return CheckOutcome.UNKNOWN, told, GIVE_KEY
        if len(owners) > 1:
            told = f"{display(txt.name)} names {_quoted(owners)}: v2's ExternalDNS reads any one of them."
            return CheckOutcome.FAIL, told, "Leave one heritage string at this name."
    return None


def _left(status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns, read: Sequence[TxtStatus]) -> Check:
    """Say why v2's ExternalDNS leaves a record as it stands: by the owner that it reads, or by its flags."""
    name, rdtype = display(status.domain.name), record.rdtype.value
    if not read:
        return _unread(status, record, plan, v2)
    txt = read[0]
    (owner,) = owner_ids(txt)
    if owner in {v2.txt_owner_id, v2.migrate_from_txt_owner}:
        words, remedy = _hindrance((), v2)
        told = (
            f'{display(txt.name)} names the owner "{owner}", but v2\'s ExternalDNS does not change the {rdtype}{words}.'
        )
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, remedy)
    migrates = f' and migrates from "{v2.migrate_from_txt_owner}"' if v2.migrate_from_txt_owner else ""
    return Check(
        OWNERSHIP_CHECK,
        name,
        CheckOutcome.FAIL,
        f'{display(txt.name)} names the owner "{owner}" for its {rdtype}, and v2\'s ExternalDNS is '
        f'"{v2.txt_owner_id}"{migrates}: it will change nothing, and log nothing.',
        take_over(owner),
    )


def _unread(status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns) -> Check:
    """Say why v2's ExternalDNS finds no owner of a record: what it would do with v1's registry's flags is played."""
    name, rdtype = display(status.domain.name), record.rdtype.value
    v1s = plan.external_dns(Side.V1, status.domain.name)
    others = [txt for txt in claims_of(status, (v2, *v1s)) if _may_speak_for(txt, record)]
    if not others:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"Its {rdtype} has no ownership TXT: no ExternalDNS will ever change it.",
            f"{owned_first(v1s[0].txt_owner_id)}. Or: {BY_HAND}." if v1s else f"{BY_HAND}.",
        )
    as_v1 = [replace(v2, txt_registry=one.txt_registry) for one in v1s if one.txt_registry != v2.txt_registry]
    if any(Fate.LED in fates(_host(status), one)[rdtype] for one in as_v1):
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"The ownership of its {rdtype} stands at {_names(others)}{_for(others)}, where v2's "
            "ExternalDNS does not look with its TXT registry's flags (--txt-prefix, --txt-suffix): it would never "
            "change the record.",
            SAME_REGISTRY,
        )
    return Check(
        OWNERSHIP_CHECK,
        name,
        CheckOutcome.FAIL,
        f"The ownership of its {rdtype} stands at {_names(others)}{_for(others)}, which v2's ExternalDNS does not read "
        f"in its version: the {rdtype} would not move, while the other family moves.",
        f"Run v0.22 or later on v2, and one version on both sides. Or: {BY_HAND}.",
    )


def _may_speak_for(txt: TxtStatus, record: RecordStatus) -> bool:
    aaaa = record.rdtype is RecordType.AAAA
    return (txt.kind is TxtKind.AAAA) is aaaa


def _taken_over(
    status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns, read: Sequence[TxtStatus]
) -> Check:
    """Play v1's sync after v2's: does v1's ExternalDNS see that a record is not its own any more?

    Whether a TXT name can be written is told by the names themselves: a name that DNS cannot hold, or that lies outside
    of the zone, was never asked, and no play has it.
    """
    name, rdtype = display(status.domain.name), record.rdtype.value
    if not _written(status, record, v2) & {known.name for known in status.txts}:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN,
            f"v2's ExternalDNS can write no TXT for its {rdtype} (the name is too long, or outside the zone): it would "
            "never update the record again.",
            f"Use a --txt-prefix with %{{record_type}} and a dot at its end. Or: {BY_HAND}.",
        )
    v1s = [one for one in plan.external_dns(Side.V1, status.domain.name) if one.txt_owner_id != v2.txt_owner_id]
    v1 = next((one for one in v1s if record in takes_back(_host(status), one, v2)), None)
    if v1 is not None:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"v2's ExternalDNS would take its {rdtype} over and write its own TXT name, but v1's reads another one, "
            f'which still names "{v1.txt_owner_id}": each finds itself the owner, and the {rdtype} flaps.',
            _one_version(v1, v2),
        )
    behind = {txt.name: txt for one in v1s for txt in left_behind(status, one, v2)}.values()
    after = f" {_names(behind)} will still name v1's owner: delete it once v1 is gone." if behind else ""
    how = "owns it already" if any(owner_ids(txt) == {v2.txt_owner_id} for txt in read) else "will take it over"
    return Check(OWNERSHIP_CHECK, name, CheckOutcome.PASS, f"v2's ExternalDNS {how}, by {_names(read)}.{after}")


def _names(txts: Iterable[TxtStatus]) -> str:
    return listed([display(txt.name) for txt in txts])


def _quoted(owners: Iterable[str]) -> str:
    return listed([f'"{owner}"' for owner in sorted(owners)])


def _for(txts: Iterable[TxtStatus]) -> str:
    owners = frozenset().union(*map(owner_ids, txts))
    return f" for owner {_quoted(owners)}" if owners else ""
