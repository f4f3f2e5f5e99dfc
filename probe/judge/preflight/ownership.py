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

from probe.judge.domain import relevant
from probe.judge.ownership.lookup import Order, Shape, in_order, is_claim, owner_ids, read_of, reading_orders, shapes_of
from probe.model.check import WORST_FIRST, Check, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import Expectation, ExternalDns, Plan
from probe.model.question import RecordType
from probe.model.record import RecordState, RecordStatus
from probe.model.text import listed

OWNERSHIP_CHECK = "ownership"
_VERSIONS = "Write `external_dns.version` of both sides into the plan: the version decides which TXT names are read."


def of_the_plan(plan: Plan) -> tuple[Check, ...]:
    """Judge what both sides' ExternalDNS flags alone will do to each other."""
    v1, v2 = plan.v1.external_dns, plan.v2.external_dns
    checks = []
    if v1 == v2 == ExternalDns():
        told = "The plan tells nothing of either ExternalDNS: with their defaults they would fight over every host."
        checks.append(
            _told(CheckOutcome.UNKNOWN, told, "Write `external_dns` of both sides into the plan, as they really run.")
        )
    elif v1.txt_owner_id == v2.txt_owner_id:
        checks.append(
            _told(
                CheckOutcome.FAIL,
                f'Both ExternalDNS have the owner id "{v1.txt_owner_id}": as soon as both clusters have a host, each '
                "overwrites the other's record at every sync, and whichever loses its Ingress deletes it.",
                "Give v2's a --txt-owner-id of its own and --migrate-from-txt-owner with v1's; or stop v1's "
                "ExternalDNS before the first host moves.",
            )
        )
    elif v1.migrate_from_txt_owner == v2.txt_owner_id:
        checks.append(
            _told(
                CheckOutcome.FAIL,
                f"v1's ExternalDNS migrates from \"{v2.txt_owner_id}\", which is v2's owner id: each takes every "
                "record over from the other.",
                "Remove --migrate-from-txt-owner from v1's ExternalDNS.",
            )
        )
    elif v2.migrate_from_txt_owner is None:
        checks.append(
            _told(
                CheckOutcome.WARN,
                f"v2's ExternalDNS (\"{v2.txt_owner_id}\") migrates from nobody: it leaves v1's records alone until v1 "
                "deletes them, and the name does not exist until its next sync.",
                f"Give it --migrate-from-txt-owner={v1.txt_owner_id} (v0.20.0 or later), or plan for the gap.",
            )
        )
    elif v2.migrate_from_txt_owner != v1.txt_owner_id:
        checks.append(
            _told(
                CheckOutcome.FAIL,
                f"v2's ExternalDNS migrates from \"{v2.migrate_from_txt_owner}\", and v1's owner id is "
                f'"{v1.txt_owner_id}": it takes nothing of v1\'s over.',
                f"Set --migrate-from-txt-owner={v1.txt_owner_id}.",
            )
        )
    else:
        checks.append(
            _told(
                CheckOutcome.PASS,
                f"The owner ids differ, and v2's ExternalDNS (\"{v2.txt_owner_id}\") migrates from v1's "
                f'("{v1.txt_owner_id}").',
            )
        )
    if v1.version is None or v2.version is None:
        sides = listed([side for side, one in (("v1", v1), ("v2", v2)) if one.version is None])
        checks.append(
            _told(CheckOutcome.WARN, f"The plan does not tell which ExternalDNS version runs on {sides}.", _VERSIONS)
        )
    return tuple(checks)


def of_domain(status: DomainStatus, plan: Plan) -> Check:
    """Say what v2's ExternalDNS will do with a domain: the worst of its records speaks."""
    name = display(status.domain.name)
    if any(txt.at is None for txt in status.txts):
        return Check(
            OWNERSHIP_CHECK, name, CheckOutcome.UNKNOWN, "Not every ownership TXT name was answered.", "Look again."
        )
    if status.state is RecordState.ABSENT:
        return _created(status, plan)
    records = [record for record in relevant(status) if record.state is not RecordState.UNKNOWN]
    if not records:
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.UNKNOWN, "Its records are not known.", "Look again.")
    checks = [_of_record(status, record, plan) for record in records]
    worst = min(checks, key=lambda check: WORST_FIRST.index(check.outcome))
    if worst.outcome is CheckOutcome.PASS and status.domain.expectation is Expectation.WEIGHTED:
        return worst._replace(
            sentence=f"{worst.sentence} It is to be weighted: each weighted set has a TXT of its own, and only what "
            "this look happened to draw was read."
        )
    return worst


def left_behind(status: DomainStatus, v1: ExternalDns, v2: ExternalDns) -> tuple[TxtStatus, ...]:
    """Give the TXT that names v1's owner and that v2's ExternalDNS neither rewrites nor deletes: to clean by hand."""
    if v1.txt_owner_id == v2.txt_owner_id:
        return ()
    written = {kind for record in relevant(status) for order in _orders(record, v2) for kind in order[:1]}
    return tuple(
        txt for txt in read_of(status, tuple(TxtKind)) if v1.txt_owner_id in owner_ids(txt) and txt.kind not in written
    )


def _told(outcome: CheckOutcome, sentence: str, remedy: str = "") -> Check:
    return Check(OWNERSHIP_CHECK, "plan", outcome, sentence, remedy)


def _orders(record: RecordStatus, side: ExternalDns) -> tuple[Order, ...]:
    return reading_orders(record.rdtype, shapes_of(record), side.version)


def _created(status: DomainStatus, plan: Plan) -> Check:
    """Judge a host that does not exist: v2 creates it, and its TXT unless one stands there already (S23)."""
    v2 = plan.v2.external_dns
    name = display(status.domain.name)
    foreign = [txt for txt in read_of(status, tuple(TxtKind)) if is_claim(txt) and owner_ids(txt) != {v2.txt_owner_id}]
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


def _of_record(status: DomainStatus, record: RecordStatus, plan: Plan) -> Check:
    v2 = plan.v2.external_dns
    name = display(status.domain.name)
    rdtype = record.rdtype.value
    orders = _orders(record, v2)
    claims = [read_of(status, order) for order in orders]
    deciding = [read[0] if read else None for read in claims]
    if len({txt.name if txt is not None else None for txt in deciding}) > 1:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.UNKNOWN,
            f"Which TXT decides for v2 about its {rdtype} is not known.",
            _VERSIONS,
        )
    txt = deciding[0] if deciding else None
    if txt is None:
        return _unread(status, record)
    if txt.opaque and not txt.owners:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.UNKNOWN,
            f"The owner of its {rdtype} is encrypted at {display(txt.name)}.",
            "Give the plan `txt_registry.decryption_key_file`.",
        )
    owners = owner_ids(txt)
    if len(owners) > 1:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"{display(txt.name)} names {_quoted(owners)}: which of them v2's ExternalDNS reads is chance.",
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
            f'"{v2.txt_owner_id}"{migrates}: it will silently do nothing.',
            f"Set --migrate-from-txt-owner={owner} on v2's ExternalDNS, or write its owner id into the TXT.",
        )
    return _taken_over(status, record, plan, txt, orders)


def _unread(status: DomainStatus, record: RecordStatus) -> Check:
    """Judge a record of which v2 finds no owner: it never touches it."""
    name, rdtype = display(status.domain.name), record.rdtype.value
    others = [txt for txt in read_of(status, tuple(TxtKind)) if _may_speak_for(txt, record)]
    if others:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"The ownership of its {rdtype} stands at {_names(others)}, which v2's ExternalDNS does not read in its "
            f"version: the {rdtype} would stay where it is while the other family moves.",
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


def _taken_over(
    status: DomainStatus, record: RecordStatus, plan: Plan, txt: TxtStatus, orders: tuple[Order, ...]
) -> Check:
    """Judge a record that v2 writes: does v1's ExternalDNS see that it is not its own any more?"""
    v1, v2 = plan.v1.external_dns, plan.v2.external_dns
    name, rdtype = display(status.domain.name), record.rdtype.value
    writes = {order[0] for order in orders if order}
    standing = {known.kind for known in status.txts}
    if not writes & standing:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN,
            f"v2's ExternalDNS can write no TXT for its {rdtype} (the name is too long, or outside the zone): it would "
            "never update the record again.",
            "Move the record by hand, or use a --txt-prefix with %{record_type} and a dot at its end.",
        )
    if v1.txt_owner_id != v2.txt_owner_id and _still_v1s(status, record, plan, writes):
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"v2's ExternalDNS would take its {rdtype} over and write its own TXT name, but v1's reads another one, "
            f'which still names "{v1.txt_owner_id}": each finds itself the owner, and the {rdtype} flaps.',
            "Bring both ExternalDNS to one version before the move, or stop v1's first.",
        )
    if shapes_of(record) == (Shape.CNAME,) and txt.kind is TxtKind.CNAME:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN,
            "Its record is a CNAME: if v2's ExternalDNS writes aliases (it does without --aws-prefer-cname), Route 53 "
            "refuses the change of a record that v1 owns, at every sync.",
            "Give v2's ExternalDNS --aws-prefer-cname for the move, or move the record by hand.",
        )
    behind = left_behind(status, v1, v2)
    after = f" {_names(behind)} will still name v1's owner: delete it once v1 is gone." if behind else ""
    how = "owns it already" if owner_ids(txt) == {v2.txt_owner_id} else "will take it over"
    return Check(OWNERSHIP_CHECK, name, CheckOutcome.PASS, f"v2's ExternalDNS {how}, by {display(txt.name)}.{after}")


def _still_v1s(status: DomainStatus, record: RecordStatus, plan: Plan, writes: Iterable[TxtKind]) -> bool:
    """Tell whether v1's ExternalDNS, once v2's has written its TXT, still reads its own id for the record.

    A version that the plan does not tell is taken for v2's: the fight of two versions is said only where it is known.
    """
    v1, v2 = plan.v1.external_dns, plan.v2.external_dns
    version = v1.version or v2.version
    rewritten = set(writes)
    claims = [
        txt._replace(owners=tuple(owner._replace(owner=v2.txt_owner_id) for owner in txt.owners))
        if txt.kind in rewritten
        else txt
        for txt in read_of(status, tuple(TxtKind))
    ]
    present = {txt.kind for txt in claims}
    for order in reading_orders(record.rdtype, shapes_of(record), version):
        first = next((kind for kind in order if kind in present or kind in rewritten), None)
        read = in_order(claims, order)[:1]
        if first is not None and first not in rewritten and read and v1.txt_owner_id in owner_ids(read[0]):
            return True
    return False


def _names(txts: Iterable[TxtStatus]) -> str:
    return listed([display(txt.name) for txt in txts])


def _quoted(owners: Iterable[str]) -> str:
    return listed([f'"{owner}"' for owner in sorted(owners)])


def _for(txts: Iterable[TxtStatus]) -> str:
    owners = frozenset().union(*map(owner_ids, txts))
    return f" for owner {_quoted(owners)}" if owners else ""
