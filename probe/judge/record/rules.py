"""The verdict on one record: a table of rules, of which the first that applies decides.

| when | state |
| --- | --- |
| half of the servers or more answer with addresses that load balancers of both sides show | unknown |
| no fresh evidence | unknown |
| it was changed to and fro and is not quiet for long enough | flapping |
| draws are proven, and their share keeps the beat of the declared interval | flapping |
| draws are proven, at a quorum of servers | weighted |
| draws are proven, at one server only | divided: one of its machines is stuck |
| disturbed, past the grace time, machines of several servers follow a change one by one | divided |
| disturbed, past the grace time, nothing changed though all were asked, servers stand against each other | divided |
| disturbed | propagating |
| nothing confirmed yet | unknown |
| otherwise | the confirmed position (`mixed` is divided: each answer holds both sides) |

A record is *disturbed* from the first answer that differs until every server agrees and nothing changed for `SETTLE`
seconds; while it may still turn out to be split by weighted routing of which one is small, it stays disturbed for
longer. Silence moves nothing; it only lets evidence grow old.
"""

from probe.judge.context import Context
from probe.judge.record.periodogram import is_beating
from probe.judge.record.state import QUORUM, RecordMemory, is_contested, is_evident, voters
from probe.judge.record.weighted import is_in_doubt, is_weighted
from probe.model.clock import Instant
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.word import Word

SETTLE = 10.0
"""Seconds without a change after which agreement is final: ten rounds of a burst, so that a lagging machine among eight
shows itself with 1 - 0.875^20 = 93 % at each server, at two questions a round."""

CONFIRMED_STATES = {
    Position.V1: RecordState.V1,
    Position.V2: RecordState.V2,
    Position.MIXED: RecordState.DIVIDED,
    Position.FOREIGN: RecordState.FOREIGN,
    Position.ABSENT: RecordState.ABSENT,
}
"""What a confirmed position alone makes of a record."""


class Rule(Word):
    """The rows of the table, in its order."""

    CONTESTED = "contested"
    NO_EVIDENCE = "no-evidence"
    FIGHTING = "fighting"
    BEATING = "beating"
    DRAWN = "drawn"
    DRAWN_AT_ONE = "drawn-at-one"
    UNDER_WAY = "under-way"
    STANDING = "standing"
    DISTURBED = "disturbed"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


_STATE_OF_RULE = {
    Rule.CONTESTED: RecordState.UNKNOWN,
    Rule.NO_EVIDENCE: RecordState.UNKNOWN,
    Rule.FIGHTING: RecordState.FLAPPING,
    Rule.BEATING: RecordState.FLAPPING,
    Rule.DRAWN: RecordState.WEIGHTED,
    Rule.DRAWN_AT_ONE: RecordState.DIVIDED,
    Rule.UNDER_WAY: RecordState.DIVIDED,
    Rule.STANDING: RecordState.DIVIDED,
    Rule.DISTURBED: RecordState.PROPAGATING,
    Rule.UNCONFIRMED: RecordState.UNKNOWN,
}


def decide(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> RecordState:
    """Apply the table."""
    rule = applied(record, memory, at, context)
    return (
        _STATE_OF_RULE[rule]
        if rule is not Rule.CONFIRMED or record.position is None
        else CONFIRMED_STATES[record.position]
    )


def applied(  # noqa: PLR0911  # one way out for each rule
    record: RecordStatus, memory: RecordMemory, at: Instant, context: Context
) -> Rule:
    """Give the first rule that applies."""
    if is_contested(record, memory):
        return Rule.CONTESTED
    if not is_evident(record, at, context):
        return Rule.NO_EVIDENCE
    if memory.fighting:
        return Rule.FIGHTING
    if memory.drawn:
        if is_beating(memory.periodogram, at.monotonic):
            return Rule.BEATING
        return Rule.DRAWN if is_weighted(record, memory, at.monotonic, context) else Rule.DRAWN_AT_ONE
    if record.disturbed is not None:
        if memory.under_way:
            return Rule.UNDER_WAY
        return Rule.STANDING if _is_standing(record, memory, at, context) else Rule.DISTURBED
    return Rule.UNCONFIRMED if record.position is None else Rule.CONFIRMED


def is_settled(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> bool:
    """Tell whether all agree, each asked again since the last change, and nothing changed for `SETTLE` seconds."""
    changed = memory.changed
    if record.position is None or changed is None or at.monotonic - changed.monotonic < SETTLE:
        return False
    if is_in_doubt(record, memory, at.monotonic, context):
        return False
    having_a_say = voters(record, at, context)
    return bool(having_a_say) and all(
        server.position is record.position and server.at is not None and server.at.monotonic >= changed.monotonic
        for server in having_a_say
    )


def _is_standing(record: RecordStatus, memory: RecordMemory, at: Instant, context: Context) -> bool:
    """Tell whether servers stand against each other: by answers past the grace time, while nothing changes any more.

    Where several have a say and all say the same, no server stands against another: the change that they tell of waits
    to be confirmed, which takes minutes where most answers are lost.
    """
    if is_in_doubt(record, memory, at.monotonic, context):
        return False
    signs = [record.disturbed, *(transition.at for transition in record.recent[-1:])]
    began = max(sign.monotonic for sign in signs if sign is not None)
    changed = memory.changed.monotonic if memory.changed is not None else began
    if at.monotonic - changed < SETTLE:
        return False
    having_a_say = voters(record, at, context)
    if any(server.at is None or server.at.monotonic < changed for server in having_a_say):
        return False
    if len(having_a_say) >= QUORUM and len({server.position for server in having_a_say}) == 1:
        return False
    said = {
        server.position
        for server in having_a_say
        if server.at is not None and server.at.monotonic > began + context.probing.grace
    }
    return len(said) > 1 or (record.position is not None and bool(said - {record.position}))
