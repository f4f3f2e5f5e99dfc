"""Whether v2's ExternalDNS would take a record over, and v1's let it: played with both setups over what DNS shows.

What v2's ExternalDNS does at its first sync with the host, and v1's after it, is asked of the model
(`probe.judge.ownership.foresight`); why it does so is said by the owner that it reads
(`probe.judge.ownership.lookup`). By hand is told only what no play can show: another registry than TXT, an owner that
is encrypted, several owners at one name, a TXT name that cannot be written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from probe.judge.advice.measures import (
    BY_HAND,
    DECLARE_VERSIONS,
    GIVE_KEY,
    IF_ORPHAN,
    KEEP_PREFIX,
    NO_ORPHAN,
    PREFER_CNAME,
    SAME_REGISTRY,
    STOP_V1_FIRST,
    WITH_TXT_REGISTRY,
    one_way,
    take_over,
)
from probe.judge.advice.of_owners import unowned
from probe.judge.domain import is_denied_by_name, relevant
from probe.judge.findings.ownership import advice_of_unowned, unowned_records
from probe.judge.ownership.filters import Bar, Barred, SeenZone, bars, let_through, why_barred
from probe.judge.ownership.foresight import Fate, ForeseenHost, fates, takes_back
from probe.judge.ownership.lookup import claims_of, deciding, owner_ids, reading_orders, shapes_of
from probe.judge.ownership.names import txt_name
from probe.judge.preflight.instances import OWNERSHIP_CHECK, hindrance, named, quoted, to_one_version
from probe.model.advice import Situation
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


def of_domain(status: DomainStatus, plan: Plan, zone: DomainName | None = None) -> Check:
    """Say what v2's ExternalDNS will do with a domain: of several that write it, the one for which it goes best.

    Args:
        status: The domain.
        plan: Both sides' setups.
        zone: The apex of its hosted zone, where that was found: a filter may be narrower than it.
    """
    name, host = display(status.domain.name), status.domain.name
    setups = [plan.complete(one) for one in plan.v2.instances]
    kept = {one: bars(one, host, None if zone is None else SeenZone(zone)) for one in setups}
    if all(kept.values()):
        untold = [one for one in setups if zone is not None and one.sees(host) and one.enters(zone) is None]
        if not untold:
            whys = listed([why_barred(named("v2", one), by) for one, by in kept.items()])
            remedy = f"{let_through('v2', kept[setups[0]])}."
            return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, f"{whys}.", remedy)
        check = _of_those_who_write(status, plan, untold)
        return check if check.outcome is CheckOutcome.FAIL else _hangs_on_the_zone(name, untold[0])
    return _of_those_who_write(status, plan, [one for one in setups if not kept[one]])


def _hangs_on_the_zone(name: str, v2: ExternalDns) -> Check:
    """Say that the plan does not tell whether an ExternalDNS enters a domain's hosted zone."""
    names = ",".join(map(display, v2.domain_filter))
    return Check(
        OWNERSHIP_CHECK,
        name,
        CheckOutcome.UNKNOWN,
        f"Its hosted zone is above all names of --domain-filter={names}: {named('v2', v2)} enters it with "
        "--aws-zone-match-parent alone, and the plan does not tell whether it has that flag.",
        f"{let_through('v2', (Barred(Bar.ZONE_ABOVE),))}, and write `zone_match_parent` into the plan.",
    )


def _of_those_who_write(status: DomainStatus, plan: Plan, setups: Iterable[ExternalDns]) -> Check:
    """Say what those of v2 that no filter keeps from a domain do with it: the best of them speaks."""
    if any(txt.at is None for txt in status.txts):
        return Check(
            OWNERSHIP_CHECK,
            display(status.domain.name),
            CheckOutcome.UNKNOWN,
            "Not every ownership TXT name was answered.",
            "Look again.",
        )
    checks = [_of_domain(status, plan, v2) for v2 in setups]
    return max(checks, key=lambda check: WORST_FIRST.index(check.outcome))


def _of_domain(status: DomainStatus, plan: Plan, v2: ExternalDns) -> Check:
    """Say it of one ExternalDNS of v2: the worst of the domain's records speaks."""
    name = display(status.domain.name)
    if v2.registry is Registry.NOOP:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.WARN,
            f"{named('v2', v2)} has --registry=noop: it takes the record for its own, whoever owns it.",
            WITH_TXT_REGISTRY,
        )
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
    written = written_names(status, v2)
    return tuple(
        txt for txt in claims_of(status, (v1, v2)) if v1.txt_owner_id in owner_ids(txt) and txt.name not in written
    )


def written_names(status: DomainStatus, setup: ExternalDns) -> frozenset[DomainName | None]:
    """Give the names at which an ExternalDNS may write the TXT of a host's records; None where DNS cannot hold one."""
    return frozenset(name for record in relevant(status) for name in _written(status, record, setup))


def _written(status: DomainStatus, record: RecordStatus, setup: ExternalDns) -> frozenset[DomainName | None]:
    """Give the names at which an ExternalDNS may write the TXT of a record; None for one that DNS cannot hold."""
    orders = reading_orders(record.rdtype, shapes_of(record), setup.version)
    return frozenset(txt_name(status.domain.name, order[0], setup.names) for order in orders if order)


def _created(status: DomainStatus, plan: Plan, v2: ExternalDns) -> Check:
    """Play the creation of a host that does not exist: what stands at its TXT names may be in the way (S23).

    Where its name is not denied (NODATA) it may exist, as an alias of a load balancer that is gone.
    """
    name = display(status.domain.name)
    is_denied = is_denied_by_name(relevant(status))
    gone = "It does not exist" if is_denied else "It has no address"
    remedy_of_txt = NO_ORPHAN if is_denied else IF_ORPHAN
    found = frozenset().union(*fates(_host(status), v2).values())
    claims = claims_of(status, (v2, *plan.external_dns(Side.V1, status.domain.name)))
    foreign = [txt for txt in claims if owner_ids(txt) != {v2.txt_owner_id}]
    standing = f"{gone}, but its ownership TXT stands, at {_names(foreign)}{_for(foreign)}"
    if Fate.REFUSED in found:
        told = f"{standing}: Route 53 refuses the record that v2's ExternalDNS would create beside it, at every sync."
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, remedy_of_txt)
    if Fate.UNOWNED in found:
        told = (
            f"{standing}: v2's ExternalDNS would create the record without a TXT of its own, and never touch it again."
        )
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, remedy_of_txt)
    if found == {Fate.LEFT}:
        words, remedy = hindrance((), v2)
        told = f"{gone}, and v2's ExternalDNS would not create it{words}."
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, remedy)
    will = "will create it, and its TXT" + ("" if is_denied else ", if no record stands there")
    created = f"{gone}: v2's ExternalDNS {will}."
    if foreign:
        told = f"{created} Beside it stands {_names(foreign)}{_for(foreign)}."
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.WARN, told, remedy_of_txt)
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
            told = f"{display(txt.name)} names {quoted(owners)}: v2's ExternalDNS reads any one of them."
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
        words, remedy = hindrance((), v2)
        told = (
            f'{display(txt.name)} names the owner "{owner}", but v2\'s ExternalDNS does not change the {rdtype}{words}.'
        )
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, remedy)
    migrates = f' and migrates from "{v2.migrate_from_txt_owner}"' if v2.migrate_from_txt_owner else ""
    told = (
        f'{display(txt.name)} names the owner "{owner}" for its {rdtype}, and v2\'s ExternalDNS is '
        f'"{v2.txt_owner_id}"{migrates}: it will change nothing, and log nothing.'
    )
    if any(owner == one.txt_owner_id for side in Side for one in plan.side(side).instances):
        return Check(OWNERSHIP_CHECK, name, CheckOutcome.FAIL, told, take_over(owner))
    return Check(
        OWNERSHIP_CHECK,
        name,
        CheckOutcome.FAIL,
        f"{told} The plan has no ExternalDNS of that owner: it may be a third cluster's.",
        f"Find out who runs it: while it has the host, it writes the record back. Then: {take_over(owner)}",
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
            f"Its {rdtype} has no ownership TXT where the plan's flags (--txt-prefix, --txt-suffix) put it: if they "
            "are right, v2's ExternalDNS will not change it.",
            _of_nobodys(status, v1s, v2),
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


def _of_nobodys(status: DomainStatus, v1s: Sequence[ExternalDns], v2: ExternalDns) -> str:
    """Say of records without an owner what `unowned` says; one of v1's that keeps owners elsewhere may lead it back."""
    if any(one.registry is not Registry.TXT for one in v1s):
        return f"{STOP_V1_FIRST}. {BY_HAND}."
    setups = (*v1s, v2)
    advise = advice_of_unowned(status, unowned_records(status, setups), setups) or unowned
    first, then = advise(Situation(status.domain.expectation, tuple(v1s), (v2,)))
    return f"{first.sentence} {then}"


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
            f"{BY_HAND}, and so whenever it changes. {KEEP_PREFIX}",
        )
    v1s = [one for one in plan.external_dns(Side.V1, status.domain.name) if one.txt_owner_id != v2.txt_owner_id]
    v1 = next((one for one in v1s if record in takes_back(_host(status), one, v2)), None)
    if v1 is not None and record not in takes_back(_host(status), replace(v1, migrate_from_txt_owner=None), v2):
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"v2's ExternalDNS would take its {rdtype} over, and v1's, which migrates from "
            f'"{v1.migrate_from_txt_owner}", would take it back, at every sync.',
            one_way(),
        )
    if v1 is not None:
        return Check(
            OWNERSHIP_CHECK,
            name,
            CheckOutcome.FAIL,
            f"v2's ExternalDNS would take its {rdtype} over and write its own TXT name, but v1's reads another one, "
            f'which still names "{v1.txt_owner_id}": each finds itself the owner, and the {rdtype} flaps.',
            to_one_version(v1, v2),
        )
    behind = {txt.name: txt for one in v1s for txt in left_behind(status, one, v2)}.values()
    after = f" {_names(behind)} will still name v1's owner: delete it once v1 is gone." if behind else ""
    how = "owns it already" if any(owner_ids(txt) == {v2.txt_owner_id} for txt in read) else "will take it over"
    return Check(OWNERSHIP_CHECK, name, CheckOutcome.PASS, f"v2's ExternalDNS {how}, by {_names(read)}.{after}")


def _names(txts: Iterable[TxtStatus]) -> str:
    return listed([display(txt.name) for txt in txts])


def _for(txts: Iterable[TxtStatus]) -> str:
    owners = frozenset().union(*map(owner_ids, txts))
    return f" for owner {quoted(owners)}" if owners else ""
