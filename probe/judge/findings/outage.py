"""A name that is gone, in whole, by one of its families, or by a part of its draws; and for how long that is told.

Hysteresis lives where the evidence is: an absence is confirmed by two servers and beyond chance.
"""

from collections.abc import Sequence

from probe.judge.advice.of_fights import end_deletions
from probe.judge.advice.of_records import (
    drawn_without_home,
    family_without_home,
    restore_own_set,
    restore_set,
    restore_sets,
)
from probe.judge.answer.ttl import negative_ttl
from probe.judge.context import Context
from probe.judge.domain import hosted, side_without
from probe.judge.domain_text import answerers
from probe.judge.findings.dead_target import dead_aliases, dead_draws, ends_in_denial
from probe.judge.findings.evidence import Found, facts, history, kinds, word_by_word
from probe.judge.findings.turns import home_of
from probe.judge.homeless import drawn_side, side_on_the_way
from probe.judge.record.period import changes
from probe.judge.record.state import GIVEN_UP, Remembered
from probe.judge.record.weighted import goes_astray, is_one_run
from probe.judge.record_sets import described
from probe.judge.routed import explaining
from probe.judge.state import DomainState
from probe.model.advice import Advise
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, FindingCode, Severity
from probe.model.name import display
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.text import duration, listed, moment

ABSENCES_WITHIN = 4
"""Newest changes of which one is an absence while a record comes and goes: two cycles."""


MISSED_FOR = 1_800.0
"""Seconds for which it is told that a family is gone which the load balancers of the name's side lack. Whoever needs it
has been told by then; the remedy leaves nothing to mend where nobody does, and a wave that moves to load balancers
without IPv6 is to be confirmed one day."""


_SPLIT = "split by weighted routing"
_DRAWN = "Its answers were draws between weighted record sets before"


def outage(state: DomainState, at: Instant, context: Context) -> Found | None:
    """Absence of what existed, by a confirmed transition: a record that is just being created is no outage.

    A type that only a CNAME stood in for, to a load balancer without such an address, is missed by nobody. A CNAME that
    stands and leads to a name that does not exist is `dead-target`, and so is an alias that answers nothing once its
    load balancer is known to be gone. In a fight over existence it stays
    open between two absences, as long as they keep coming; it says when the last one was over. An absence that was
    healed once is over, whatever else the record does. In a fight between a side with IPv6 and one without it AAAA is
    gone in the other one's turns, and nobody deletes it. A family that no load balancer of the name's side has is told
    of for `MISSED_FOR`. Of weights a part of the draws may lead to nothing: an alias of a weighted set whose load
    balancer has no address. Where a declared routing leads to a side without such an address, that is as declared: the
    domain's sentence says what is lost.
    """
    status = state.status
    missed = [one for one, memory in state.remembered if goes_astray(one, memory, Position.ABSENT, at.monotonic)]
    dead_parts = dead_draws(state, at, context)
    missed = [one for one in missed if one.rdtype not in dead_parts]
    if missed:
        is_lacked = all(drawn_side(one, status) is not None for one in missed)
        return _drawn_without_home(status, missed, at) if is_lacked else _drawn_to_nothing(state, missed)
    if explaining(status) is not None:
        return None
    changed = [one for one in state.remembered if one.record.recent and one.record.existed]
    dead = dead_aliases(status, at, context)
    denied = [one for one in changed if one.record.rdtype not in dead and not _is_dead(one.record, status)]
    denied = [one for one in denied if not _has_turns(one, status)]
    absent = [one.record for one in denied if one.record.position is Position.ABSENT and _is_denied(one.record)]
    gone = absent or [one.record for one in denied if _comes_and_goes(one)]
    if not gone:
        return None
    absences = [transition for record in gone for transition in record.recent if transition.after is Position.ABSENT]
    since = moment(absences[-1].at) if absences else ""
    denials = [server.response for record in gone for server in record.servers if server.response is not None]
    cached = max(map(negative_ttl, denials), default=0)
    name = display(status.domain.name)
    lacking = side_without(absent, status, context) or side_on_the_way(absent, status, at)
    if lacking is not None and absences and at.monotonic - absences[-1].at.monotonic >= MISSED_FOR:
        return None
    if lacking is not None:
        return Found(
            f"{name} no longer has {_records(gone)}, and {lacking.value}'s load balancers have no such address.",
            (*word_by_word(gone), *history(gone)),
            Severity.WARNING,
            facts=facts((FactLabel.SINCE, since)),
            advise=family_without_home,
        )
    last, sentence = since, f"{name} no longer has {_records(gone)} at its {answerers(status)}."
    if not absent:
        back = max((record.recent[-1].at for record in gone), key=lambda at: at.monotonic)
        last, sentence = f"{since}, until {moment(back)}", f"{name} loses {_records(gone)} again and again."
    return Found(
        sentence,
        (*word_by_word(gone), *history(gone)),
        facts=facts(
            (FactLabel.SINCE, last),
            (FactLabel.CAUSE, _deleted(state, at, context) if absent and absences else ""),
            (FactLabel.ANSWERS, _DRAWN if absent and _was_drawn(status) else ""),
            (
                FactLabel.CACHES,
                f"Resolvers may cache the negative answer for {duration(cached)} after the record is back"
                if cached
                else "",
            ),
        ),
        advise=_restoring(status) if absent else end_deletions,
    )


def _restoring(status: DomainStatus) -> Advise | None:
    """Say how to create it again where Route 53 chose between sets of it: a simple record would keep those out.

    It did by the plan, by the zone as it was read, or by the name's answers.
    """
    if status.domain.has_sets:
        return restore_sets
    read = next((one.sets for one in reversed(status.sets_read) if one.sets), ())
    return restore_own_set if any(one.set_identifier for one in read) or _was_drawn(status) else None


def _was_drawn(status: DomainStatus) -> bool:
    """Tell whether it was told, since the outage began, that the name's answers were draws: no answer shows it now."""
    return any(
        finding.code is FindingCode.OUTAGE
        and (_SPLIT in finding.sentence or any(fact.text == _DRAWN for fact in finding.facts))
        for finding in status.findings
    )


def _is_denied(record: RecordStatus) -> bool:
    """Tell whether a server that answers still denies a record: one that is drawn may be back, no side confirmed."""
    heard = [one for one in record.servers if one.position is not None and one.failures < GIVEN_UP]
    return not heard or any(one.position is Position.ABSENT for one in heard)


def _drawn_without_home(status: DomainStatus, missed: Sequence[RecordStatus], at: Instant) -> Found | None:
    """Tell for `MISSED_FOR` of draws that answer nothing because the side that they lead to lacks the family."""
    since = max((one.since for one in missed if one.since is not None), key=lambda one: one.monotonic, default=at)
    if at.monotonic - since.monotonic >= MISSED_FOR:
        return None
    sides = listed(sorted({f"{side.value}'s" for one in missed if (side := drawn_side(one, status)) is not None}))
    return Found(
        f"Some draws of {display(status.domain.name)} answer no {kinds(missed)}: {sides} load balancers have no such "
        "address.",
        word_by_word(missed),
        Severity.WARNING,
        facts=facts((FactLabel.SINCE, moment(since))),
        advise=drawn_without_home,
    )


def _drawn_to_nothing(state: DomainState, missed: Sequence[RecordStatus]) -> Found:
    """Tell of draws that deny a record: by one of its sets, or because all are gone, while no answer tells which."""
    status = state.status
    runs = [
        memory.pool.run if is_one_run(memory, Position.ABSENT) else 0
        for record, memory in state.remembered
        if record in missed
    ]
    name = f"{display(status.domain.name)} ({kinds(missed)})"
    denials = f"{max(runs)} answers in a row deny it" if max(runs) > 1 else "Its newest answer denies it"
    return Found(
        f"{name} was {_SPLIT}, and its newest answers deny it."
        if all(runs)
        else f"{name} is {_SPLIT}, and some answers deny it.",
        word_by_word(missed),
        facts=facts(
            (FactLabel.CAUSE, "One of its weighted record sets leads to nothing")
            if not all(runs)
            else (FactLabel.ANSWERS, f"{denials}: a record set of it leads to nothing, or they are all gone")
        ),
        advise=restore_set,
    )


def _deleted(state: DomainState, at: Instant, context: Context) -> str:
    """Say whether the record stands in the hosted zone, as it was read since the servers deny it."""
    written = hosted(state.status, at)
    gone = [record.recent[-1].at for record in state.status.records if record.recent]
    if written is None or written.at is None or any(one.monotonic >= written.at.monotonic for one in gone):
        return ""
    seen = f"Seen in the hosted zone at {moment(written.at)}"
    if not written.sets:
        return f"{seen}: it was deleted there"
    return f"{seen}: {listed([described(one, context.book) for one in written.sets])}"


def _records(gone: list[RecordStatus]) -> str:
    types = [record.rdtype.value for record in gone]
    return f"{'an' if len(types) == 1 else 'its'} {listed(types)} record{'s' if len(types) > 1 else ''}"


def _is_dead(record: RecordStatus, status: DomainStatus) -> bool:
    return any(ends_in_denial(server.response, status.domain.name, record.rdtype) for server in record.servers)


def _has_turns(one: Remembered, status: DomainStatus) -> bool:
    """Tell whether a record that flaps answers nothing while it stands on a side without such an address."""
    return one.record.state is RecordState.FLAPPING and home_of(one, status) is not None


def _comes_and_goes(one: Remembered) -> bool:
    """Tell whether a record that flaps is there between two absences of many."""
    if one.record.state is not RecordState.FLAPPING:
        return False
    own = [transition.after is Position.ABSENT and not transition.uncovered for transition in changes(one)]
    return sum(own) > 1 and any(own[-ABSENCES_WITHIN:])
