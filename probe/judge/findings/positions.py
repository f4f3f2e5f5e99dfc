"""What is wrong with where a domain's records lead: one rule per code, over confirmed positions.

Hysteresis lives where the evidence is: a position is confirmed by two servers and beyond chance, a division begins
after the grace time. What a finding adds to that is said beside its rule, or is declared with it.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from probe.judge.advice.of_records import (
    chosen_otherwise,
    family_without_home,
    laggard_at,
    laggard_of,
    one_family_flaps,
    restore,
)
from probe.judge.answer.cname import follow
from probe.judge.context import Context
from probe.judge.domain import chosen_sets, expected_for, is_family_split, relevant, side_without, stood_before
from probe.judge.findings.evidence import Found, facts, history, kinds, txt_by_txt, word_by_word
from probe.judge.findings.flap_text import foreign_values, route53_chooses
from probe.judge.findings.hazard import quoted
from probe.judge.findings.witnessed import missing
from probe.judge.ownership.foresight import Fate, ForeseenHost, fates
from probe.judge.ownership.lookup import all_deciding, owner_ids
from probe.judge.ownership.wildcard import covered_by
from probe.judge.record.period import changes, comes_back, keeps_returning
from probe.judge.record.state import Remembered, voters
from probe.judge.record.unknown_target import BELIEVED_AFTER, doubted, doubted_values, is_returning
from probe.judge.record.weighted import goes_astray
from probe.judge.state import DomainState
from probe.model.advice import Advise
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, LabelledFact, Severity
from probe.model.name import display
from probe.model.record import Position, RecordState, RecordStatus, Transition
from probe.model.side import Side
from probe.model.text import PLACES, brief, listed, wall

if TYPE_CHECKING:
    from probe.model.outcome import Response


def mixed_target(state: DomainState, at: Instant, _context: Context) -> Found | None:
    """Tell of records whose one answer leads to both sides, whatever is expected of them.

    It is told on in the other turns of a record that flaps, as long as it goes on to return there.
    """
    status = state.status
    drawn = [one for one, memory in state.remembered if goes_astray(one, memory, Position.MIXED, at.monotonic)]
    now = [record for record in status.records if record.position is Position.MIXED or record in drawn]
    back = [one.record for one in state.remembered if comes_back(one, Position.MIXED, at.monotonic)]
    mixed = now or back
    if not mixed:
        return None
    has = "has" if now else "keeps returning to"
    return Found(
        f"{display(status.domain.name)} ({kinds(mixed)}) {has} addresses of v1 and v2 in one answer.",
        (*word_by_word(mixed), *history(mixed)),
        facts=facts((FactLabel.EFFECT, "Each client picks one address, and may change sides within a session")),
    )


def reverted(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    """On v2 and then on v1 again, all while v2 was expected: a rollback that was planned went before, and is none.

    Where the own record was deleted and a wildcard answers in its place no writer put anything back, and it is said so;
    and where the hosted zone is read and has sets between which Route 53 chooses.
    """
    if status.domain.expectation.side is not Side.V2:
        return None
    back = [record for record in relevant(status) if _is_back_on_v1(record, status)]
    if not back:
        return None
    left = max(_left_v2(record).at.wall for record in back)
    wildcard = covered_by(status)
    if wildcard is not None:
        return Found(
            f"{display(status.domain.name)} ({kinds(back)}) lost its own record for v2, and a wildcard leads it to v1.",
            (*word_by_word(back), *history(back)),
            facts=facts(
                (FactLabel.LAST_CHANGE, f"It left v2 at {wall(left)}"),
                (FactLabel.WILDCARD, f"{display(wildcard)}, or one above it"),
                (FactLabel.CAUSE, "Its own record was deleted; nothing was written back"),
            ),
            advise=restore,
        )
    chosen = _chosen(back, status, at, context)
    owners = frozenset().union(*map(owner_ids, all_deciding(status, back, context.external_dns(Side.V2))))
    # Whoever wrote it back: stopping v1's alone leaves it where v2's ExternalDNS does not write it.
    stays = () if chosen or not owners or _is_led(status, back, context) else _blocking(status, back, owners, context)
    return Found(
        f"{display(status.domain.name)} ({kinds(back)}) was on v2, where it is expected, and leads to v1 again.",
        (*word_by_word(back), *history(back)),
        facts=(*facts((FactLabel.LAST_CHANGE, f"It left v2 at {wall(left)}")), *chosen, *stays),
        advise=chosen_otherwise if chosen else _as_laggard(status, owners, context) if stays else None,
    )


def _chosen(
    records: Sequence[RecordStatus], status: DomainStatus, at: Instant, context: Context
) -> tuple[LabelledFact, ...]:
    """Say that Route 53 chooses where records lead, if the hosted zone shows it: no ExternalDNS is to be stopped."""
    sets = chosen_sets(status, [record.rdtype for record in records], at, context)
    return route53_chooses(sets).facts if sets else ()


def foreign_target(state: DomainState, at: Instant, context: Context) -> Found | None:
    """Tell of answers that lead to no load balancer of the plan, as long as the record goes on to return to them.

    So does a record of which a part leads there: an address of nobody's beside a side's own. What waits to be believed
    is waited for here, as long as it is doubted: until then nothing that it speaks against can be said to hold.
    """
    now = [one for one in state.remembered if one.record.position is Position.FOREIGN]
    led = now or [one for one in state.remembered if _goes_elsewhere(one, at)]
    if not led:
        return _beside_a_side(state.status, at, context) or _in_doubt(state, at)
    foreign = [one.record for one in led]
    shown = sorted({value for one in led for value in foreign_values(one)})
    leads = "leads" if now else "keeps returning"
    where = brief(shown) if shown else "an address"
    return Found(
        f"{display(state.status.domain.name)} ({kinds(foreign)}) {leads} to {where}, which no load balancer of the "
        "plan has.",
        word_by_word(foreign),
        facts=facts((FactLabel.ANSWERS, listed(shown) if len(shown) > 1 else "")),
    )


def _in_doubt(state: DomainState, at: Instant) -> Found | None:
    """Tell of answers of neither side that are not believed yet: this alone never raises the finding."""
    led = [(one.record, servers) for one in state.remembered if (servers := doubted(*one, at))]
    if not led:
        return None
    records = [record for record, _ in led]
    shown = doubted_values([server for _, servers in led for server in servers])
    return Found(
        f"{display(state.status.domain.name)} ({kinds(records)}) is answered with {brief(shown)}, "
        "which no load balancer was seen with so far.",
        word_by_word(records),
        pending=math.inf,
    )


def _beside_a_side(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    """Tell of addresses of neither side that stand beside a side's own in the answers of all servers.

    A load balancer that grows answers so until the address book knows its new node: it counts once the book has been
    asked for as long as a record that leads elsewhere is doubted, and once more. One that is larger than an answer
    shows other nodes in each answer, and never the same one at all servers for so long.
    """
    strange = [(record, strangers(status, record, at, context)) for record in status.records]
    strange = [(record, shown) for record, shown in strange if shown]
    if not strange:
        return None
    records = [record for record, _ in strange]
    shown = sorted(frozenset().union(*(shown for _, shown in strange)))
    sides = sorted({PLACES[record.position] for record in records if record.position is not None})
    return Found(
        f"{display(status.domain.name)} ({kinds(records)}) has {brief(shown)}, of no load balancer of the plan, "
        f"beside addresses of {sides[0] if len(sides) == 1 else 'a side'}.",
        word_by_word(records),
        facts=facts(
            (FactLabel.ANSWERS, listed(shown) if len(shown) > 1 else ""),
            (FactLabel.EFFECT, "Each client picks one address of the answer"),
        ),
        pending=BELIEVED_AFTER + context.probing.target_interval if context.book.can_refresh else 0.0,
    )


def strangers(status: DomainStatus, record: RecordStatus, at: Instant, context: Context) -> frozenset[str]:
    """Give the addresses of neither side that all servers with a say answered last, beside addresses of a side."""
    common: frozenset[str] = frozenset()
    before: Response | None = None
    for number, server in enumerate(voters(record, at, context)):
        if server.position is None or not server.position.is_side or server.response is None:
            return frozenset()
        if before is not None and server.response.answer is before.answer:
            continue  # servers of a zone answer alike, as a rule
        before = server.response
        end = follow(server.response, status.domain.name, record.rdtype)
        if any(context.book.side_of_name(target) is not None for target in end.targets):
            return frozenset()
        unknown = frozenset(address for address in end.rdata if context.book.is_unknown(address))
        common = common & unknown if number else unknown
        if not common:
            return common
    return common


def _goes_elsewhere(one: Remembered, at: Instant) -> bool:
    """Tell whether a record that leads to a side, or to nothing, has lately led elsewhere and is known to return."""
    if keeps_returning(one, Position.FOREIGN) or is_returning(one.memory, at):
        return True
    return goes_astray(one.record, one.memory, Position.FOREIGN, at.monotonic)


def family_split(state: DomainState, at: Instant, context: Context) -> Found | None:
    """Tell of A and AAAA that stand on different sides.

    While one of them flaps and the other one stands, the finding about the flapping says what is known of its cause and
    what to do; then this one wakes nobody, and only adds that they lead apart by turns. What is left of it when that is
    over is as loud as any.
    """
    status = state.status
    if not is_family_split(status, at, context) or _flapped_together(state):
        return None
    pair = relevant(status)
    words = listed([_family(record) for record in pair])
    clients = "IPv4 and IPv6 clients reach different clusters"
    said = (*word_by_word(pair), *history(pair))
    if any(record.state is RecordState.FLAPPING for record in pair):
        sentence = f"{display(status.domain.name)}: {words}, so {clients} by turns."
        return Found(sentence, said, Severity.WARNING, advise=one_family_flaps)
    lacking = {record.rdtype: side for record in pair if (side := side_without([record], status, context)) is not None}
    cause = listed(
        [f"{side.value}'s load balancers have no {rdtype.value} address" for rdtype, side in lacking.items()]
    )
    return Found(
        f"{display(status.domain.name)}: {words}, so {clients}.",
        said,
        facts=facts((FactLabel.CAUSE, cause)),
        advise=family_without_home if lacking else None,
    )


def _flapped_together(state: DomainState) -> bool:
    """Tell whether one family flaps, but no side of its own: the other one flapped with it, or only its shares jump."""
    flapping = [one for one in state.remembered if one.record.state is RecordState.FLAPPING]
    if not flapping:
        return False
    begun = [one.memory.episode.began.monotonic for one in flapping if one.memory.episode.began is not None]
    ended = [
        one.memory.episode.ended.monotonic
        for one in state.remembered
        if one.record.state is not RecordState.FLAPPING and one.memory.episode.ended is not None
    ]
    together = bool(begun) and any(end >= min(begun) for end in ended)
    return together or not any(changes(one) for one in flapping)


def _family(record: RecordStatus) -> str:
    if record.state is RecordState.FLAPPING or record.position is None:
        return f"{record.rdtype.value} flaps"
    return f"{record.rdtype.value} leads to {PLACES[record.position]}"


def laggard(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    """Expected on v2 and steadily on v1; a record that was on v2 is `reverted`."""
    if status.domain.expectation.side is not Side.V2:
        return None
    behind = [
        record for record in relevant(status) if record.state is RecordState.V1 and not _is_back_on_v1(record, status)
    ]
    if not behind:
        return None
    able = [record for record in behind if not context.book.lacks(Side.V2, record.rdtype)]
    if not able:
        return _without_home(status, behind, Side.V2)
    owned = all_deciding(status, able, context.external_dns(Side.V2))
    owners = frozenset().union(*map(owner_ids, owned))
    return Found(
        f"{display(status.domain.name)} ({kinds(behind)}) is expected on v2 and still leads to v1.",
        (*txt_by_txt(owned), *word_by_word(behind)),
        facts=(
            *(_unwritten(status, at) or _blocking(status, able, owners, context)),
            *facts((FactLabel.EFFECT, "" if able == behind else _stays(behind, able, Side.V2))),
        ),
        advise=_as_laggard(status, owners, context),
    )


def _as_laggard(status: DomainStatus, owners: frozenset[str], context: Context) -> Advise:
    strangers = _unplanned(owners, context)
    return laggard_of(quoted(strangers)) if strangers else laggard_at(_names_of_owners(status))


def _unplanned(owners: frozenset[str], context: Context) -> frozenset[str]:
    """Give the owners that no ExternalDNS of the plan has that sees the domain, or takes over from."""
    planned = {owner for one in context.setups for owner in (one.txt_owner_id, one.migrate_from_txt_owner)}
    return owners - planned


def _names_of_owners(status: DomainStatus) -> list[str]:
    """Give the TXT names at which somebody is named, or else all that are asked: which one counts, versions decide."""
    held = [txt for txt in status.txts if txt.owners or txt.opaque]
    return [display(txt.name) for txt in held or status.txts]


def _without_home(status: DomainStatus, behind: Sequence[RecordStatus], side: Side) -> Found:
    """Tell of families that are not where they are expected because no load balancer there has such an address."""
    return Found(
        f"{display(status.domain.name)} ({kinds(behind)}) still leads to {side.other.value}, and {side.value}'s load "
        "balancers have no such address.",
        word_by_word(behind),
        advise=family_without_home,
    )


def _stays(behind: Sequence[RecordStatus], able: Sequence[RecordStatus], side: Side) -> str:
    stays = [record for record in behind if record not in able]
    return f"{kinds(stays)} stays where it is: {side.value}'s load balancers have no such address"


def _unwritten(status: DomainStatus, at: Instant) -> tuple[LabelledFact, ...]:
    """Say what is seen in v2's cluster that keeps its ExternalDNS from writing the domain, whoever owns it."""
    return facts((FactLabel.CAUSE, missing(status.witnessed.wanted, Side.V2, at)))


def _fates(status: DomainStatus, behind: Sequence[RecordStatus], context: Context) -> list[frozenset[Fate]]:
    """Give what v2's ExternalDNS would make of each record, as played by the plan's flags."""
    host = ForeseenHost(status.domain.name, tuple(behind), status.txts)
    played = [fates(host, one) for one in context.external_dns(Side.V2) if not one.registry.is_hidden]
    return [frozenset[Fate]().union(*(one.get(record.rdtype.value, ()) for one in played)) for record in behind]


def _is_led(status: DomainStatus, behind: Sequence[RecordStatus], context: Context) -> bool:
    """Tell whether v2's ExternalDNS would lead each record to v2, or may: of one whose owners are hidden none knows."""
    if any(one.registry.is_hidden for one in context.external_dns(Side.V2)):
        return True
    return all(Fate.LED in each for each in _fates(status, behind, context))


def _blocking(
    status: DomainStatus, behind: Sequence[RecordStatus], owners: frozenset[str], context: Context
) -> tuple[LabelledFact, ...]:
    """Say whether v2's ExternalDNS would change what is behind, as played, and what the owner that it reads means."""
    v2 = context.external_dns(Side.V2)
    if not v2:
        return facts((FactLabel.CAUSE, "No ExternalDNS of v2 handles the domain, by the filters in the plan"))
    told = quoted(owners)
    if not told:
        return ()
    came = _fates(status, behind, context)
    own = {owner for one in v2 for owner in (one.txt_owner_id, one.migrate_from_txt_owner)}
    others = sorted(f'"{owner}"' for owner in owners - own)
    if all(Fate.LED in each for each in came):
        cause = "Not ownership: v2's ExternalDNS may change records of this owner"
    elif others:
        told, cause = listed(others), "v2's ExternalDNS does not change records of another owner"
    elif any(Fate.REFUSED in each for each in came):
        cause = "Route 53 refuses the change that v2's ExternalDNS would make of it, with the plan's flags"
    else:
        cause = "v2's ExternalDNS does not change it with the plan's flags (policy, version, managed types)"
    return facts((FactLabel.OWNERS, told), (FactLabel.CAUSE, cause))


def premature(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    """At once, unless the record stood on v2 when v1 came to be expected: a planned rollback takes its syncs, too."""
    if status.domain.expectation.side is not Side.V1:
        return None
    is_late = expected_for(status, at) >= context.patience
    early = [
        record
        for record in relevant(status)
        if record.state is RecordState.V2 and (is_late or not stood_before(record, status))
    ]
    if not early:
        return None
    if all(context.book.lacks(Side.V1, record.rdtype) and stood_before(record, status) for record in early):
        return _without_home(status, early, Side.V1)
    still = "still" if all(stood_before(record, status) for record in early) else "already"
    chosen = _chosen(early, status, at, context)
    return Found(
        f"{display(status.domain.name)} ({kinds(early)}) is expected on v1 and {still} leads to v2.",
        (*word_by_word(early), *history(early)),
        facts=chosen,
        advise=chosen_otherwise if chosen else None,
    )


def _is_back_on_v1(record: RecordStatus, status: DomainStatus) -> bool:
    return (
        record.position is Position.V1
        and record.state.is_present
        and not record.state.is_varying
        and any(
            transition.before is Position.V2
            and status.expected_since is not None
            and transition.at.monotonic > status.expected_since.monotonic
            for transition in record.recent
        )
    )


def _left_v2(record: RecordStatus) -> Transition:
    return next(transition for transition in reversed(record.recent) if transition.before is Position.V2)
