"""Which findings a domain's status gives: one rule per code, all over confirmed states.

Hysteresis lives where the evidence is: a position is confirmed by two servers and by no luck, a flap ends by its own
quiet time, a division begins after the grace time. What a finding adds to that is said beside its rule. While a
domain is unknown (silence), open findings stay as they are: nothing new is accused and nothing is forgiven.
"""

from collections.abc import Callable
from typing import TypeAlias

from probe.judge.answer.ttl import negative_ttl
from probe.judge.context import Context
from probe.judge.domain import is_family_split, relevant
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.declared import is_declared
from probe.judge.findings.evidence import Found, history, kinds, txt_by_txt, word_by_word
from probe.judge.findings.flap_cause import attribute
from probe.judge.findings.http import service_failing
from probe.judge.findings.ownership import hazards
from probe.judge.findings.resolvers import negative_cached, resolver_late
from probe.judge.findings.takeover import takeover_deletes
from probe.judge.findings.weights import weights_off, weights_one_sided
from probe.judge.ownership.lookup import deciding, owner_ids
from probe.judge.record.state import dissenters
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import Finding, Severity
from probe.model.name import display
from probe.model.plan import Expectation
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus, Transition
from probe.model.side import Side
from probe.model.text import PLACES, duration, listed, moment, wall

MAX_EVIDENCE = 28
"""Lines of evidence that a finding keeps: four TXT names, what eight servers' addresses say of two records, and the
newest changes of a fight."""

SILENT_AFTER = 180.0
"""Seconds without evidence from one server, while others give it, after which the server is reported."""

REFUSALS = 4
"""Consecutive answers without evidence (refused, lame, ...) beside that: such answers are not lost by chance."""

LOSSES = 12
"""Consecutive timeouts beside that: by chance at 20 % loss once in 2 * 10^8 turns, at 40 % once in 60,000."""

_SEVERITY_ORDER = tuple(Severity)

_Rule: TypeAlias = Callable[[DomainState, Instant, Context], Found | None]


def diagnose(state: DomainState, at: Instant, context: Context) -> tuple[Finding, ...]:
    """Give what is open at `at`, worst first. A finding that was open keeps the time since when it is."""
    status = state.status
    if status.state is RecordState.UNKNOWN:
        return status.findings
    since = {finding.code: finding.since for finding in status.findings}
    opened = [
        Finding(
            code=code,
            severity=found.severity or CATALOGUE[code].severity,
            domain=status.domain.name,
            sentence=found.sentence,
            remedy=CATALOGUE[code].remedy,
            since=since.get(code, at.wall),
            evidence=found.evidence[-MAX_EVIDENCE:],
        )
        for code, found in _found(state, at, context).items()
    ]
    return tuple(sorted(opened, key=lambda finding: _SEVERITY_ORDER.index(finding.severity)))


def _found(state: DomainState, at: Instant, context: Context) -> dict[str, Found]:
    cause = attribute(state.status, at, context)
    positions = {code: found for code, rule in RULES.items() if (found := rule(state, at, context)) is not None}
    every = dict((cause,) if cause is not None else ()) | positions | hazards(state.status, at, context)
    return {code: found for code, found in every.items() if not is_declared(code, state.status)}


def _public(rule: Callable[[DomainStatus, Instant, Context], Found | None]) -> _Rule:
    """Make a rule of one that reads the public status only."""
    return lambda state, at, context: rule(state.status, at, context)


def _outage(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """Absence of what existed, by a confirmed transition: a record that is just being created is no outage.

    In a fight over existence it stays open between two absences, until the flapping ends.
    """
    gone = [
        record
        for record in status.records
        if record.recent
        and (
            record.position is Position.ABSENT
            or (
                record.state is RecordState.FLAPPING
                and any(transition.after is Position.ABSENT for transition in record.recent[-4:])
            )
        )
    ]
    if not gone:
        return None
    absences = [transition for record in gone for transition in record.recent if transition.after is Position.ABSENT]
    since = f" since {moment(absences[-1].at)}" if absences else ""
    denials = [server.response for record in gone for server in record.servers if server.response is not None]
    cached = max(map(negative_ttl, denials), default=0)
    keeps = f"; resolvers may keep the denial {duration(cached)} longer than it lasts" if cached else ""
    kinds = listed([record.rdtype.value for record in gone])
    sentence = f"{display(status.domain.name)} has no {kinds} record at its authoritative servers{since}{keeps}."
    return Found(sentence, (*word_by_word(gone), *history(gone)))


def _reverted(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """On v2 and then on v1 again, all while v2 was expected: a rollback that was planned went before, and is none."""
    if status.domain.expectation is not Expectation.V2:
        return None
    back = [record for record in relevant(status) if _is_back_on_v1(record, status)]
    if not back:
        return None
    left = max(_left_v2(record).at.wall for record in back)
    return Found(
        (
            f"{display(status.domain.name)} was on v2, where it is expected, and leads to v1 again "
            f"({kinds(back)}) since {wall(left)}."
        ),
        (*word_by_word(back), *history(back)),
    )


def _foreign_target(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    foreign = [record for record in status.records if record.position is Position.FOREIGN]
    if not foreign:
        return None
    shown = sorted(
        {
            value
            for record in foreign
            for server in record.servers
            if server.response is not None
            for rrset in server.response.answer
            for value in rrset.rdata
        }
    )
    return Found(
        (
            f"{display(status.domain.name)} ({kinds(foreign)}) leads to "
            f"{listed([display(value) for value in shown])}, which belongs to no load balancer of the plan."
        ),
        word_by_word(foreign),
    )


def _family_split(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    if not is_family_split(status, at, context):
        return None
    pair = relevant(status)
    words = listed([_family(record) for record in pair])
    sentence = f"{display(status.domain.name)}: {words}, so clients reach another cluster by IPv4 than by IPv6."
    return Found(sentence, (*word_by_word(pair), *history(pair)))


def _family(record: RecordStatus) -> str:
    if record.state is RecordState.FLAPPING or record.position is None:
        return f"{record.rdtype.value} flaps"
    return f"{record.rdtype.value} leads to {PLACES[record.position]}"


def _server_divided(status: DomainStatus, at: Instant, _context: Context) -> Found | None:
    """A server that stands by another word than the confirmed one, or that is silent while others answer.

    When no server answers, none is accused: then it is the vantage that is blind. While one family flaps or
    is drawn by weights, no server is accused of what it says of the other: both are written in one batch.
    """
    names: dict[str, str] = {}
    unsteady = any(record.state.is_varying for record in status.records)
    for record in relevant(status):
        if record.state is RecordState.DIVIDED and record.position is not None and not unsteady:
            for server in dissenters(record):
                word = server.answer_class.value if server.answer_class is not None else "nothing"
                names[server.server.name] = (
                    f"{display(server.server.name)} keeps answering {word} for {record.rdtype.value}"
                )
        silent = [server for server in record.servers if _is_silent(server, at)]
        if len(silent) < len(record.servers):
            for server in silent:
                reason = server.failure.value if server.failure is not None else "silence"
                names.setdefault(server.server.name, f"{display(server.server.name)} gives no answer ({reason})")
    if not names:
        return None
    return Found(
        f"{display(status.domain.name)}: {listed(list(names.values()))}, while the other servers agree.",
        word_by_word(relevant(status)),
    )


def _laggard(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    """On v1, steadily for `LATE_AFTER` since it and the expectation stand; a record that was on v2 is `reverted`."""
    if status.domain.expectation is not Expectation.V2 or status.expected_since is None:
        return None
    late = [
        record
        for record in relevant(status)
        if record.state is RecordState.V1
        and not _is_back_on_v1(record, status)
        and record.since is not None
        and at.monotonic - max(record.since.monotonic, status.expected_since.monotonic) >= context.patience
    ]
    if not late:
        return None
    owned = {
        txt.name: txt
        for record in late
        for setup in context.external_dns(Side.V2)
        for txt in deciding(status, record, setup)
    }.values()
    return Found(
        f"{display(status.domain.name)} is expected on v2 and still leads to v1 ({kinds(late)})"
        f"{_blocking(frozenset().union(*map(owner_ids, owned)), context)}.",
        (*txt_by_txt(tuple(owned)), *word_by_word(late)),
    )


def _blocking(owners: frozenset[str], context: Context) -> str:
    """Say what the owner that v2's ExternalDNS reads means for it."""
    v2 = context.external_dns(Side.V2)
    if not v2:
        return "; no ExternalDNS of v2 sees it: the plan's filters keep it from them"
    own = {owner for one in v2 for owner in (one.txt_owner_id, one.migrate_from_txt_owner)}
    others = sorted(f'"{owner}"' for owner in owners - own)
    if others:
        return f"; its ownership TXT names {listed(others)}, and v2's ExternalDNS leaves another owner's records alone"
    told = listed(sorted(f'"{owner}"' for owner in owners))
    return f"; its ownership TXT names {told}, which does not keep v2's ExternalDNS from writing" if told else ""


def _premature(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    """At once, unless the record stood on v2 when v1 came to be expected: a planned rollback takes its syncs, too."""
    if status.domain.expectation is not Expectation.V1:
        return None
    late = _expected_for(status, at) >= context.patience
    early = [
        record
        for record in relevant(status)
        if record.state is RecordState.V2 and (late or not _stood_before(record, status))
    ]
    if not early:
        return None
    still = "again and still" if all(_stood_before(record, status) for record in early) else "and already"
    return Found(
        f"{display(status.domain.name)} is expected on v1 {still} leads to v2 ({kinds(early)}).",
        (*word_by_word(early), *history(early)),
    )


RULES: dict[str, _Rule] = {
    "outage": _public(_outage),
    "reverted": _public(_reverted),
    "foreign-target": _public(_foreign_target),
    "family-split": _public(_family_split),
    "premature": _public(_premature),
    "takeover-deletes": lambda state, _at, context: takeover_deletes(state.status, context),
    "service-failing": lambda state, _at, _context: service_failing(state.status),
    "server-divided": _public(_server_divided),
    "laggard": _public(_laggard),
    "weights-off": lambda state, _at, _context: weights_off(state),
    "weights-one-sided": lambda state, _at, _context: weights_one_sided(state),
    "resolver-late": _public(resolver_late),
    "negative-cached": _public(negative_cached),
}
"""Code to rule, worst first, for everything that positions alone tell.

The causes of flapping come from `probe.judge.findings.flap_cause`, hazards of ownership from
`probe.judge.findings.ownership`; `probe-blind` is about the vantage and comes from `probe.judge.findings.vantage`.
"""


def _expected_for(status: DomainStatus, at: Instant) -> float:
    return at.monotonic - status.expected_since.monotonic if status.expected_since is not None else 0.0


def _stood_before(record: RecordStatus, status: DomainStatus) -> bool:
    """Tell whether the record was in its state before the present expectation was."""
    return (
        record.since is not None
        and status.expected_since is not None
        and record.since.monotonic < status.expected_since.monotonic
    )


def _is_back_on_v1(record: RecordStatus, status: DomainStatus) -> bool:
    return (
        record.position is Position.V1
        and record.state in (RecordState.V1, RecordState.PROPAGATING, RecordState.DIVIDED)
        and any(
            transition.before is Position.V2
            and status.expected_since is not None
            and transition.at.monotonic > status.expected_since.monotonic
            for transition in record.recent
        )
    )


def _left_v2(record: RecordStatus) -> Transition:
    return next(transition for transition in reversed(record.recent) if transition.before is Position.V2)


def _is_silent(server: ServerStatus, at: Instant) -> bool:
    enough = LOSSES if server.failure is not None and server.failure.is_lost else REFUSALS
    return server.failures >= enough and (server.at is None or at.monotonic - server.at.monotonic >= SILENT_AFTER)
