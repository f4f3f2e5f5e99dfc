"""Whether v2's ExternalDNS would take a record over, and whether v1's would let it: told from both setups and the TXT.

What v2's ExternalDNS does at its first sync with the host depends on the owner that it reads
(`probe.judge.ownership.lookup`):

| it reads | it does |
| --- | --- |
| its own id | overwrites the record (S1 fights, if v1's has the same id and still runs) |
| the owner of --migrate-from-txt-owner | overwrites the record, and writes its own id into its own TXT name (S5) |
| any other owner | nothing at all, without a word above debug level (S2) |
| nothing, although the record stands | nothing at all (S29); also for names that its version does not read (S13) |
| nothing, and there is no record | creates it; without a TXT where one stands already (S23) |

Then v1's ExternalDNS reads again. If the TXT that decides for its version still names its own id, it takes the record
back at its next sync: a fight that no id explains (S12, S15).
"""

from collections.abc import Iterable

from probe.externaldns.version import NEWEST_VERSION, Version, dialect
from probe.judge.domain import relevant
from probe.judge.ownership.foresight import ForeseenHost, takes_back
from probe.judge.ownership.lookup import (
    Shape,
    claims_of,
    owner_ids,
    reading_orders,
    reads,
    shapes_of,
)
from probe.judge.ownership.names import readable_places, txt_name
from probe.judge.ownership.takeover import UNTIL_THE_LAST
from probe.model.check import WORST_FIRST, Check, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName, display
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import Expectation, Plan
from probe.model.question import RecordType
from probe.model.record import RecordState, RecordStatus
from probe.model.side import Side
from probe.model.text import listed

OWNERSHIP_CHECK = "ownership"
_DECLARE_VERSIONS = (
    "Write `external_dns.version` of both sides into the plan: the version decides which TXT names are read."
)


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
        checks.append(_told(CheckOutcome.WARN, told, _DECLARE_VERSIONS))
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
    """Judge one ExternalDNS of v2 beside all of v1's: those that its filters keep apart from it do not matter."""
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
    same = next((one for one in near if one.txt_owner_id == v2.txt_owner_id), None)
    if same is not None:
        return _told(
            CheckOutcome.FAIL,
            f'Both ExternalDNS have the owner id "{v2.txt_owner_id}": as soon as both clusters have a host, each '
            "overwrites the other's record at every sync, and the side that loses its Ingress deletes it.",
            f"Give v2's a --txt-owner-id of its own and --migrate-from-txt-owner with v1's, {UNTIL_THE_LAST}; or stop "
            "v1's ExternalDNS before the first host moves.",
        )
    if any(one.migrate_from_txt_owner == v2.txt_owner_id for one in near):
        return _told(
            CheckOutcome.FAIL,
            f"v1's ExternalDNS migrates from \"{v2.txt_owner_id}\", which is v2's owner id: each takes every "
            "record over from the other.",
            "Remove --migrate-from-txt-owner from v1's ExternalDNS.",
        )
    owners = sorted({one.txt_owner_id for one in near})
    theirs = owners[0] if len(owners) == 1 else "OWNER, one of " + listed(owners) if owners else "OWNER"
    if v2.migrate_from_txt_owner is None:
        return _told(
            CheckOutcome.WARN,
            f'{who} ("{v2.txt_owner_id}") has no --migrate-from-txt-owner: it leaves v1\'s records alone until v1 '
            "deletes them, and the name does not exist until its next sync.",
            f"Give it --migrate-from-txt-owner={theirs} (v0.20.0 or later), {UNTIL_THE_LAST}; or accept the gap.",
        )
    quoted = _quoted(owners)
    if v2.migrate_from_txt_owner not in owners:
        return _told(
            CheckOutcome.FAIL,
            f'{who} migrates from "{v2.migrate_from_txt_owner}", and v1\'s owner id is {quoted}: it takes nothing of '
            "v1's over.",
            f"Set --migrate-from-txt-owner={theirs}, {UNTIL_THE_LAST}.",
        )
    return _told(
        CheckOutcome.PASS,
        f'The owner ids differ, and {who} ("{v2.txt_owner_id}") migrates from v1\'s ("{v2.migrate_from_txt_owner}").',
    )


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
        return _created(status, v2)
    records = [record for record in relevant(status) if record.state is not RecordState.UNKNOWN]
    if not records:
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.UNKNOWN, "Its records are not known.", "Look again.")
    checks = [_of_record(status, record, plan, v2) for record in records]
    worst = min(checks, key=lambda check: WORST_FIRST.index(check.outcome))
    if worst.outcome is CheckOutcome.PASS and status.domain.expectation is Expectation.WEIGHTED:
        return worst._replace(
            sentence=f"{worst.sentence} It is expected to be weighted: each weighted set has a TXT of its own, and "
            "only what "
            "this query returned was read."
        )
    return worst


def left_behind(status: DomainStatus, v1: ExternalDns, v2: ExternalDns) -> tuple[TxtStatus, ...]:
    """Give the TXT that names v1's owner and that v2's ExternalDNS neither rewrites nor deletes: to clean by hand."""
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


def _created(status: DomainStatus, v2: ExternalDns) -> Check:
    """Judge a host that does not exist: v2 creates it, and its TXT unless one stands there already (S23)."""
    name = display(status.domain.name)
    foreign = [txt for txt in claims_of(status, (v2,)) if owner_ids(txt) != {v2.txt_owner_id}]
    if foreign:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"It does not exist, but its ownership TXT does, at {_names(foreign)}{_for(foreign)}: v2's ExternalDNS "
            "would create the record without a TXT of its own, and never touch it again.",
            "Delete these TXT records before v2's ExternalDNS creates the record.",
        )
    return Check(
        OWNERSHIP_CHECK, name, CheckOutcome.PASS, "It does not exist: v2's ExternalDNS will create it, and its TXT."
    )


def _of_record(status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns) -> Check:
    name = display(status.domain.name)
    rdtype = record.rdtype.value
    claims = reads(status, record, v2)
    deciding = [read[0] if read else None for read in claims]
    if len({txt.name if txt is not None else None for txt in deciding}) > 1:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.UNKNOWN,
            f"Which TXT decides for v2 about its {rdtype} is not known.",
            _DECLARE_VERSIONS,
        )
    txt = deciding[0] if deciding else None
    if txt is None:
        return _unread(status, record, plan, v2)
    if txt.opaque and not txt.owners:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.UNKNOWN,
            f"The owner of its {rdtype} is encrypted at {display(txt.name)}.",
            "Give the plan the key: `decryption_key_file` under `txt_registry`.",
        )
    owners = owner_ids(txt)
    if len(owners) > 1:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"{display(txt.name)} names {_quoted(owners)}: v2's ExternalDNS reads any one of them.",
            "Leave one heritage string at this name.",
        )
    (owner,) = owners
    if owner not in {v2.txt_owner_id, v2.migrate_from_txt_owner}:
        migrates = f' and migrates from "{v2.migrate_from_txt_owner}"' if v2.migrate_from_txt_owner else ""
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f'{display(txt.name)} names the owner "{owner}" for its {rdtype}, and v2\'s ExternalDNS is '
            f'"{v2.txt_owner_id}"{migrates}: it will change nothing, and log nothing.',
            f"Set --migrate-from-txt-owner={owner} on v2's ExternalDNS, {UNTIL_THE_LAST}; or write its owner id into "
            "the TXT.",
        )
    return _taken_over(status, record, plan, v2, txt)


def _unread(status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns) -> Check:
    """Judge a record of which v2 finds no owner: it never touches it."""
    name, rdtype = display(status.domain.name), record.rdtype.value
    setups = (v2, *plan.external_dns(Side.V1, status.domain.name))
    others = [txt for txt in claims_of(status, setups) if _may_speak_for(txt, record)]
    elsewhere = [txt for txt in others if txt.name not in _places(status, v2)]
    if elsewhere and len(elsewhere) == len(others):
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"The ownership of its {rdtype} stands at {_names(elsewhere)}{_for(elsewhere)}, where v2's "
            "ExternalDNS does not look with its TXT registry's flags (--txt-prefix, --txt-suffix): it would never "
            "change the record.",
            "Give v2's ExternalDNS the TXT registry flags of v1's until the last wave has moved.",
        )
    if others:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"The ownership of its {rdtype} stands at {_names(others)}, which v2's ExternalDNS does not read in its "
            f"version: the {rdtype} would not move, while the other family moves.",
            "Bring both sides' ExternalDNS to one version, v0.22 or later on v2.",
        )
    return Check(
        OWNERSHIP_CHECK,
        name,
        CheckOutcome.FAIL,
        f"Its {rdtype} has no ownership TXT: no ExternalDNS will ever change it.",
        "Move the record by hand, or write the TXT that v2's ExternalDNS reads, with v2's owner id.",
    )


def _may_speak_for(txt: TxtStatus, record: RecordStatus) -> bool:
    aaaa = record.rdtype is RecordType.AAAA
    return (txt.kind is TxtKind.AAAA) is aaaa


def _places(status: DomainStatus, setup: ExternalDns) -> frozenset[DomainName | None]:
    return frozenset(readable_places(status.domain.name, setup.names).values())


def _taken_over(status: DomainStatus, record: RecordStatus, plan: Plan, v2: ExternalDns, txt: TxtStatus) -> Check:
    """Judge a record that v2 writes: does v1's ExternalDNS see that it is not its own any more?"""
    name, rdtype = display(status.domain.name), record.rdtype.value
    if not _written(status, record, v2) & {known.name for known in status.txts}:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN,
            f"v2's ExternalDNS can write no TXT for its {rdtype} (the name is too long, or outside the zone): it would "
            "never update the record again.",
            "Move the record by hand, or use a --txt-prefix with %{record_type} and a dot at its end.",
        )
    v1s = [one for one in plan.external_dns(Side.V1, status.domain.name) if one.txt_owner_id != v2.txt_owner_id]
    host = ForeseenHost(status.domain.name, relevant(status), status.txts)
    v1 = next((one for one in v1s if record in takes_back(host, one, v2)), None)
    if v1 is not None:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"v2's ExternalDNS would take its {rdtype} over and write its own TXT name, but v1's reads another one, "
            f'which still names "{v1.txt_owner_id}": each finds itself the owner, and the {rdtype} flaps.',
            "Bring both ExternalDNS to one version before the move, or stop v1's first.",
        )
    if shapes_of(record) == (Shape.CNAME,) and txt.kind is TxtKind.CNAME and not v2.prefer_cname:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN if v2.prefer_cname is None else CheckOutcome.FAIL,
            "Its record is a CNAME: if v2's ExternalDNS writes aliases (it does without --aws-prefer-cname), Route 53 "
            "refuses the change of a record that v1 owns, at every sync.",
            "Give v2's ExternalDNS --aws-prefer-cname for the move, or move the record by hand.",
        )
    behind = {txt.name: txt for one in v1s for txt in left_behind(status, one, v2)}.values()
    after = f" {_names(behind)} will still name v1's owner: delete it once v1 is gone." if behind else ""
    how = "owns it already" if owner_ids(txt) == {v2.txt_owner_id} else "will take it over"
    return Check(OWNERSHIP_CHECK, name, CheckOutcome.PASS, f"v2's ExternalDNS {how}, by {display(txt.name)}.{after}")


def _names(txts: Iterable[TxtStatus]) -> str:
    return listed([display(txt.name) for txt in txts])


def _quoted(owners: Iterable[str]) -> str:
    return listed([f'"{owner}"' for owner in sorted(owners)])


def _for(txts: Iterable[TxtStatus]) -> str:
    owners = frozenset().union(*map(owner_ids, txts))
    return f" for owner {_quoted(owners)}" if owners else ""
