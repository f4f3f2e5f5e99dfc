"""Where the asking about one domain stands: its calm turns, and the burst that a surprise begins.

One value and four pure functions over it, so that the daemon, the tests and the benchmark ask alike: whoever keeps the
value hands in the status, the servers, the plan's probing, the time and a random number, puts the questions of the step
that comes back, keeps its value, and calls again after its delay. What is asked in a turn stands in
`probe.judge.polling.cadence`, and when the next turn comes, whether or not this one asks anything, in `delays`; here
stands when a burst begins, goes on and ends, and what it may spend.

| call | when | its delay |
| --- | --- | --- |
| `calm_turn` | a record turn is due | None |
| `txt_turn` | a turn of the TXT names is due | None |
| `surprise` | the review says `Surprised` | to the burst's first round; None when a burst is on already |
| `burst_round` | a round of the burst is due | to the next round; None when the burst is over |

A burst has two paces. While something is unexplained, each round asks all servers (`cadence.burst_plan`) and, every few
seconds and after each new surprise, the TXT names. Then, for as long as a change may still prove to be the first of a
fight's, the domain is watched: a question at one server in turn, the seldomer the longer nothing has changed.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from probe.judge.ownership.wildcard import own_question
from probe.judge.polling import cadence, delays, suspicion
from probe.judge.polling import crowd as crowds
from probe.judge.polling.crowd import ALONE, Crowd
from probe.judge.state import DomainState
from probe.model.domain import DomainStatus
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import Question
from probe.model.server import Server
from probe.model.token_bucket import TokenRate

BUDGET_QUESTIONS = 3600
"""What one domain may burst at once: both families in doubt whether they are weighted, 16 questions a second (two
types, four servers, twice) for four minutes, with what comes back meanwhile."""

BUDGET_PER_SECOND = 2.0
"""How fast a spent budget comes back, in questions a second: what a record that never settles costs in the long run. A
round of both families every four seconds, which every fight of half a minute and more can be followed with."""

TXT_BUDGET_QUESTIONS = 120
"""The same for TXT names, which have a budget of their own: five minutes of rounds of four names.
Records that are asked all the time must not take the evidence away by which a fight is given its cause."""

TXT_BUDGET_PER_SECOND = 0.2
"""How fast that comes back: a round of four names every twenty seconds, three in each minute of a fight."""

TXT_PAUSE = 7.0
"""Seconds between two rounds of the TXT names in a burst: eight in the usual sync of an ExternalDNS, and no part of
any: a fight of ten seconds would be met on one side only."""

TXT_PAUSE_OF_SURPRISES = 4.0
"""The same when a new surprise came: what stands beside the answer just seen is the best evidence there is, but servers
are late by seconds, and each of them surprises."""

WATCH_SHARE = 0.01
"""Share of the time since the newest change that may pass between two questions of a watch: what a change to come is
seen late by, measured against the dwell before it."""

RENEWED = 2.0
"""Seconds without a full round after which a surprise is answered by one at once."""


BUDGET = TokenRate(1 / BUDGET_PER_SECOND, BUDGET_QUESTIONS)
TXT_BUDGET = TokenRate(1 / TXT_BUDGET_PER_SECOND, TXT_BUDGET_QUESTIONS)


class PollState(NamedTuple):
    """Where one domain's questions stand.

    Attributes:
        turn, txt_turn: Which turn is next: decides which server has it.
        spent_until, txt_spent_until: Monotonic seconds up to which is spent what it may burst, of records (`BUDGET`)
            and of TXT names (`TXT_BUDGET`), as `probe.model.token_bucket` counts.
        rounds: Rounds of the present burst so far; None while there is none.
        full_at, txt_at, watched_at: Monotonic seconds of the burst's newest round at all servers, of TXT names, and of
            its newest question for watching.
        sampled_until: Monotonic second at which the present window of denser questions ends
            (`probe.judge.polling.sampling`); in the past while there is none.
        windows_spent_until: Monotonic second up to which such windows are spent, as `spent_until`.
    """

    turn: int
    txt_turn: int
    spent_until: float
    txt_spent_until: float
    rounds: int | None = None
    full_at: float = -math.inf
    txt_at: float = -math.inf
    watched_at: float = -math.inf
    sampled_until: float = -math.inf
    windows_spent_until: float = -math.inf

    @property
    def bursting(self) -> bool:
        """Tell whether a burst is on."""
        return self.rounds is not None


class PollStep(NamedTuple):
    """What comes next.

    Attributes:
        asking: The new standing.
        queries: Questions to put now.
        delay: Seconds after which to call again, as the table at the top of this module says; None: not at all.
    """

    asking: PollState
    queries: tuple[Query, ...] = ()
    delay: float | None = None


def begin(turn: int, at: float) -> PollState:
    """Begin at a turn of its own, which spreads domains over the servers, with a full budget at second `at`."""
    return PollState(turn, turn, *_full(at))


@lru_cache(maxsize=1)  # all domains of a plan begin at one moment, and their budgets with the same two numbers
def _full(at: float) -> tuple[float, float]:
    return BUDGET.full(at), TXT_BUDGET.full(at)


def calm_turn(  # noqa: PLR0913  # what a turn depends on
    asking: PollState,
    status: DomainStatus,
    servers: Sequence[Server],
    probing: Probing,
    u: float,
    *,
    at: float = math.inf,
) -> PollStep:
    """Give the next calm turn's questions for the records.

    Args:
        asking: Where the questions stand.
        status: What is known of the domain.
        servers: Its authoritative servers, or the resolvers that answer for its zone.
        probing: The plan's cadence.
        u: A random number from 0 to 1.
        at: Monotonic time: resolvers are asked once what they hold has run out. Left out, nothing is held.
    """
    if any(record.cache is not None for record in status.records):
        queries = cadence.cache_plan(status, servers, at, u, probing)
    else:
        queries = cadence.calm_plan(status, servers, asking.turn)
    return PollStep(asking._replace(turn=asking.turn + 1), queries)


def txt_turn(asking: PollState, status: DomainStatus, servers: Sequence[Server]) -> PollStep:
    """Give the next calm turn's questions for the TXT names."""
    return PollStep(asking._replace(txt_turn=asking.txt_turn + 1), cadence.txt_plan(status, servers, asking.txt_turn))


def surprise(  # noqa: PLR0913  # what the answer to a surprise depends on
    asking: PollState,
    state: DomainState,
    servers: Sequence[Server],
    about: tuple[Server, Question],
    at: float,
    *,
    narrow: bool = False,
) -> PollStep:
    """Answer a surprise: the same question again, and a burst if none is on, or a round if it has become slow.

    Args:
        asking: Where the questions stand.
        state: What is known of the domain, the surprise included.
        servers: Its authoritative servers.
        about: Whose answer it was, and to which question.
        at: Monotonic time.
        narrow: Many domains of the same servers are in a burst (`probe.judge.polling.crowd`).
    """
    queries = crowds.follow_up(*about, servers) if narrow else cadence.reask_plan(*about)
    own = own_question(state.status)
    if own is not None:  # the same server: whether the new answer is the name's own, or a wildcard's
        queries += (Query(about[0], own),)
    if asking.txt_at <= at - TXT_PAUSE_OF_SURPRISES:
        asking = asking._replace(txt_at=-math.inf)
    if asking.rounds is None:
        asking, queries = _afforded(asking._replace(rounds=0), queries, at)
        return PollStep(asking, queries, 0.0)
    if asking.full_at <= at - RENEWED and not narrow:
        queries += cadence.burst_plan(state, servers, asking.rounds)
        asking = asking._replace(full_at=at)
    return PollStep(*_afforded(asking, queries, at))


def burst_round(  # noqa: PLR0913  # what a round depends on
    asking: PollState,
    state: DomainState,
    servers: Sequence[Server],
    probing: Probing,
    *,
    at: float,
    u: float,
    crowd: Crowd = ALONE,
) -> PollStep:
    """Give the round of a burst that is due, or end the burst.

    Args:
        asking: Where the questions stand.
        state: What is known of the domain.
        servers: Its authoritative servers.
        probing: The plan's cadence.
        at: Monotonic time.
        u: A random number from 0 to 1: bursts are jittered like calm turns, because the beat of a fight may be a
            multiple of theirs, too.
        crowd: The company in which it is in a burst.
    """
    if asking.rounds is None:
        return PollStep(asking)
    number = asking.rounds
    asking = asking._replace(rounds=number + 1)
    delay = probing.burst_interval * delays.jittered(u)
    narrow = crowds.is_narrow(crowd, state.status, probing)
    if number == 0 or suspicion.wants_burst(state):
        full = cadence.burst_plan(state, servers, number, one_in=crowds.rounds_of_one(crowd, servers, probing))
        asking, queries = _afforded(asking, crowds.narrow(full, state.status) if narrow else full, at)
        asking, owners = _txt_round(asking._replace(full_at=at), state, servers, probing, at, crowd)
        return PollStep(asking, queries + owners, delay)
    newest = suspicion.newest_change(state)
    if newest is None or at - newest > suspicion.WATCHED:
        return PollStep(halt(asking))
    txts: tuple[Query, ...] = ()
    if asking.txt_at < newest + TXT_PAUSE <= at:  # what stands beside the new answer, once every server has it
        asking, txts = _txt_round(asking, state, servers, probing, at, crowd)
    if at - asking.watched_at < WATCH_SHARE * (at - newest):
        return PollStep(asking, txts, delay)
    asking, queries = _afforded(
        asking._replace(watched_at=at), cadence.watch_plan(state.status, servers, asking.turn), at
    )
    return PollStep(asking._replace(turn=asking.turn + 1), queries + txts, delay)


def halt(asking: PollState) -> PollState:
    """End a burst."""
    return asking._replace(rounds=None)


def _txt_round(  # noqa: PLR0913, PLR0917  # whose names, where, and what may be asked of them
    asking: PollState, state: DomainState, servers: Sequence[Server], probing: Probing, at: float, crowd: Crowd
) -> tuple[PollState, tuple[Query, ...]]:
    if at - asking.txt_at < TXT_PAUSE or not suspicion.wants_owners(state, at):
        return asking, ()
    queries = cadence.txt_plan(state.status, servers, asking.txt_turn)
    if crowds.is_crowded(crowd, probing):
        if asking.txt_turn % crowds.ALL_NAMES_TURNS:
            queries = crowds.owners_known(queries, state.status)
        if at - asking.txt_at < crowds.txt_pause(crowd, len(queries), TXT_PAUSE):
            return asking, ()
    spent_until = TXT_BUDGET.spent(asking.txt_spent_until, len(queries), at)
    if spent_until is None:
        return asking, ()
    return asking._replace(txt_turn=asking.txt_turn + 1, txt_at=at, txt_spent_until=spent_until), queries


def _afforded(asking: PollState, queries: tuple[Query, ...], at: float) -> tuple[PollState, tuple[Query, ...]]:
    spent_until = BUDGET.spent(asking.spent_until, len(queries), at)
    return (asking, ()) if spent_until is None else (asking._replace(spent_until=spent_until), queries)
