"""When more answers of a weighted record are asked for than calm turns bring: for a window in which a beat would show.

Calm turns bring four answers in a dwell of half a minute, which tell no beat of 20 % against 40 %
(`probe.judge.record.periodogram`). So where the share is not as declared, or no weights are declared at all, `ASKS`
questions a round are put for a window of ten cycles. A domain has `WINDOWS_AT_ONCE` when that is first told, one after
the other: weights that nobody has declared are being worked on, and the second one to write them is as likely to begin
now as at any time of the night. Then it has one an hour. While a beat stands they follow each other, because nothing
else tells when it ends.

These questions let all others go first, are left out where a burst says as much, and have a budget of their own: what
a domain may burst is there when it is needed. How many domains of the same servers may have a window at once,
`most_at_once` says; who waits for one, and where the process has no time, is the runtime's.
"""

import math
from collections.abc import Sequence

from probe.judge.polling import delays
from probe.judge.polling.burst import PollState, PollStep
from probe.judge.polling.crowd import allowance
from probe.judge.polling.suspicion import wants_burst
from probe.judge.record.periodogram import window_of
from probe.judge.record.state import beats_alone
from probe.judge.state import DomainState
from probe.model.finding import FindingCode
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.record import RecordState
from probe.model.server import Server
from probe.model.token_bucket import TokenRate

ASKS = 4
"""Questions of a round: 2,400 answers in the ten minutes of the default interval, in which 20 % against 40 % has a
power of 41 at dwells of half a minute, and of 11 at 10 s against 50."""

WINDOWS_AT_ONCE = 6
"""Windows that a domain may have one after the other: the hour after weights were told that nobody has declared."""

WINDOW_EVERY = 3600.0
"""Seconds in which another one is allowed: a sixth of the time. A beat that begins later is found within an hour and a
quarter by most windows, and within three hours where it takes three."""

SAMPLING_SHARE = 0.5
"""The part of what bursts may ask of some servers that windows may: seven domains at four servers of 20 questions a
second. A hundred that beat are each measured once in two hours and a half, before what was measured is forgotten."""

WINDOWS = TokenRate(WINDOW_EVERY, WINDOWS_AT_ONCE)

_REASONS = frozenset({FindingCode.WEIGHTS_UNDECLARED, FindingCode.WEIGHTS_OFF})


def sampled_type(state: DomainState) -> RecordType | None:
    """Give the type of the record whose answers may hide a beat; None where there is no reason to look for one.

    Of two records one suffices: what is written to A is, as a rule, written to AAAA in the same batch.
    """
    by_weights = [(record, memory) for record, memory in state.remembered if record.cache is None and memory.drawn]
    if not by_weights:
        return None
    beating = [record.rdtype for record, memory in by_weights if beats_alone(record, memory)]
    if beating:
        return beating[0]
    if not any(finding.code in _REASONS for finding in state.status.findings):
        return None
    return next((record.rdtype for record, _ in by_weights if record.state is RecordState.WEIGHTED), None)


def wants_window(asking: PollState, state: DomainState, at: float) -> bool:
    """Tell whether a window is to begin at the monotonic second `at`, as soon as the servers have room for it."""
    if asking.sampled_until > at or sampled_type(state) is None:
        return False
    return _is_beating(state) or WINDOWS.spent(asking.windows_spent_until, 1, at) is not None


def most_at_once(servers: Sequence[Server], probing: Probing) -> int:
    """Tell how many domains of the same servers may have a window at once."""
    return int(SAMPLING_SHARE * allowance(servers, probing) * probing.burst_interval / ASKS)


def begin_window(asking: PollState, state: DomainState, interval: float, at: float) -> PollState | None:
    """Begin a window at the monotonic second `at`; None where it is not wanted any more, or no beat is looked for.

    Args:
        asking: Where the questions stand.
        state: What is known of the domain.
        interval: Seconds between two syncs of the slower ExternalDNS, as the plan has it.
        at: Monotonic time.
    """
    window = window_of(interval)
    if window is None or not wants_window(asking, state, at):
        return None
    spent_until = asking.windows_spent_until
    if not _is_beating(state):
        spent_until = WINDOWS.spent(spent_until, 1, at) or spent_until
    return asking._replace(sampled_until=at + window, windows_spent_until=spent_until)


def end_window(asking: PollState) -> PollState:
    """End a window before its time: the servers are others, or the domain is watched no more."""
    return asking._replace(sampled_until=-math.inf)


def sampling_round(  # noqa: PLR0913  # what a round depends on
    asking: PollState, state: DomainState, servers: Sequence[Server], probing: Probing, *, at: float, u: float
) -> PollStep:
    """Give the round of a window that is due, or end the window.

    Args:
        asking: Where the questions stand.
        state: What is known of the domain.
        servers: Its authoritative servers.
        probing: The plan's cadence.
        at: Monotonic time.
        u: A random number from 0 to 1: a window is jittered like everything that may meet a beat.
    """
    rdtype = sampled_type(state)
    if at >= asking.sampled_until or rdtype is None or not servers:
        return PollStep(end_window(asking))
    delay = probing.burst_interval * delays.jittered(u)
    if wants_burst(state):
        return PollStep(asking, (), delay)
    question = Question(state.status.domain.name, rdtype)
    first = int(u * len(servers))  # of more than four servers each has its turn
    queries = tuple(Query(servers[(first + step) % len(servers)], question) for step in range(ASKS))
    return PollStep(asking, queries, delay)


def _is_beating(state: DomainState) -> bool:
    return any(beats_alone(record, memory) for record, memory in state.remembered)
