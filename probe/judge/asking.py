"""Where the asking about one domain stands: its calm turns, and the burst that a surprise begins.

One value and four pure functions over it, so that the daemon, the tests and the benchmark ask alike: whoever keeps the
value hands in the status, the servers, the plan's probing, the time and a random number, puts the questions of the step
that comes back, keeps its value, and calls again after its delay. What is asked in a turn stands in
`probe.judge.cadence`; here stands when a burst begins, goes on and ends, and what it may spend.

| call | when | its delay |
| --- | --- | --- |
| `calm_turn` | a record turn is due | to the next record turn |
| `txt_turn` | a turn of the TXT names is due | to the next turn of the TXT names |
| `surprise` | the review says `Surprised` | to the burst's first round; None when a burst is on already |
| `burst_round` | a round of the burst is due | to the next round; None when the burst is over |

A delay may be stretched by whoever waits (a domain that is not there is asked seldomer), never shortened.
"""

from collections.abc import Sequence
from typing import NamedTuple

from probe.judge import cadence
from probe.judge.cadence import Kind
from probe.model.plan import Probing
from probe.model.ports import Ask
from probe.model.question import Question
from probe.model.server import Server
from probe.model.status import DomainStatus

BUDGET_QUESTIONS = 1500
"""What one domain may burst at once: two changes (one and its reversal) of about 40 rounds (60 s of grace, and the
settling) of 16 questions (two types, four servers, twice)."""

BUDGET_PER_SECOND = 1.0
"""How fast a spent budget comes back, in questions a second: what a record that never settles costs in the long run."""

TXT_EVERY = 5
"""TXT names are asked in the first round of a burst and in every n-th one after it: every ten seconds with the default
intervals, six times within the usual sync of an ExternalDNS, at a fifth of the price."""


class Budget(NamedTuple):
    """What a domain may still burst: a token bucket.

    Attributes:
        left: Questions.
        at: When that was true, monotonic seconds.
    """

    left: float
    at: float


class Asking(NamedTuple):
    """Where one domain's questions stand.

    Attributes:
        turn, txt_turn: Which turn is next: decides which server has it.
        budget: What it may burst.
        rounds: Rounds of the present burst so far; None while there is none.
    """

    turn: int
    txt_turn: int
    budget: Budget
    rounds: int | None = None

    @property
    def bursting(self) -> bool:
        """Tell whether a burst is on."""
        return self.rounds is not None


class Step(NamedTuple):
    """What comes next.

    Attributes:
        asking: The new standing.
        asks: Questions to put now.
        delay: Seconds after which to call again, as the table at the top of this module says; None: not at all.
    """

    asking: Asking
    asks: tuple[Ask, ...] = ()
    delay: float | None = None


def begin(turn: int, at: float) -> Asking:
    """Begin at a turn of its own, which spreads domains over the servers, with a full budget at second `at`."""
    return Asking(turn, turn, full_budget(at))


def calm_turn(asking: Asking, status: DomainStatus, servers: Sequence[Server], probing: Probing, u: float) -> Step:
    """Give the next calm turn's questions for the records."""
    asks = cadence.calm_plan(status, servers, asking.turn)
    return Step(asking._replace(turn=asking.turn + 1), asks, cadence.next_delay(Kind.RECORD, probing, u))


def txt_turn(asking: Asking, status: DomainStatus, servers: Sequence[Server], probing: Probing, u: float) -> Step:
    """Give the next calm turn's questions for the TXT names."""
    asks = cadence.txt_plan(status, servers, asking.txt_turn)
    return Step(asking._replace(txt_turn=asking.txt_turn + 1), asks, cadence.next_delay(Kind.TXT, probing, u))


def surprise(asking: Asking, server: Server, question: Question, at: float) -> Step:
    """Answer a surprise: the same question again, and a burst if none is on."""
    asking, asks = _within_budget(asking, cadence.reask_plan(server, question), at)
    if asking.bursting:
        return Step(asking, asks)
    return Step(asking._replace(rounds=0), asks, 0.0)


def burst_round(  # noqa: PLR0913  # what a round depends on
    asking: Asking,
    status: DomainStatus,
    servers: Sequence[Server],
    probing: Probing,
    *,
    at: float,
    u: float,
    bursting: int = 1,
) -> Step:
    """Give the round of a burst that is due, or end the burst.

    Args:
        asking: Where the questions stand.
        status: What is known of the domain.
        servers: Its authoritative servers.
        probing: The plan's cadence.
        at: Monotonic time.
        u: A random number from 0 to 1: bursts are jittered like calm turns, because the beat of a fight may be a
            multiple of theirs, too.
        bursting: How many domains of the same servers are in a burst, this one included.
    """
    if asking.rounds is None:
        return Step(asking)
    if asking.rounds > 0 and not cadence.wants_burst(status):
        return Step(halt(asking))
    asks = cadence.burst_plan(status, servers)
    if asking.rounds % TXT_EVERY == 0:
        asks += cadence.txt_plan(status, servers, asking.txt_turn)
        asking = asking._replace(txt_turn=asking.txt_turn + 1)
    asking, asks = _within_budget(asking._replace(rounds=(asking.rounds or 0) + 1), asks, at)
    return Step(asking, asks, cadence.burst_delay(probing, bursting) * cadence.jittered(u))


def halt(asking: Asking) -> Asking:
    """End a burst."""
    return asking._replace(rounds=None)


def full_budget(at: float) -> Budget:
    """Give a budget that nothing was taken from, at monotonic second `at`."""
    return Budget(BUDGET_QUESTIONS, at)


def spend(budget: Budget, questions: int, at: float) -> Budget | None:
    """Take `questions` from the budget at monotonic second `at`; None when it does not hold that many."""
    left = min(float(BUDGET_QUESTIONS), budget.left + (at - budget.at) * BUDGET_PER_SECOND)
    return Budget(left - questions, at) if left >= questions else None


def _within_budget(asking: Asking, asks: tuple[Ask, ...], at: float) -> tuple[Asking, tuple[Ask, ...]]:
    budget = spend(asking.budget, len(asks), at)
    return (asking, ()) if budget is None else (asking._replace(budget=budget), asks)
