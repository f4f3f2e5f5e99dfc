"""Joining the rooms: which part gets which port. `run`, `check` and `demo` differ in clock, route and plan only."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from probe.model.clock import AlarmClock
from probe.model.plan import Authoritative, Plan
from probe.model.ports import Delegator, Recorder, Witness
from probe.runtime.clock import SystemClock
from probe.runtime.daemon import Heartbeat
from probe.runtime.engine import Engine
from probe.runtime.intake import Observer
from probe.runtime.restored import RestoredState
from probe.runtime.tasks import Tasks
from probe.runtime.witness_feed import no_witnesses
from probe.wire.delegation.walk import DelegationWalk
from probe.wire.http.https_check import HttpsChecker
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier, direct

Route = Callable[[str, int], tuple[str, int] | None]
"""Where a server's address and port are really reached; None when they are not."""


class Probe(NamedTuple):
    """A probe that is put together, and not started yet."""

    engine: Engine
    querier: WireQuerier
    checker: HttpsChecker
    tasks: Tasks
    heartbeat: Heartbeat


def assemble(  # noqa: PLR0913  # what differs between the commands
    plan: Plan,
    clock: AlarmClock,
    *,
    observers: Sequence[Observer],
    route: Route = direct,
    recorder: Recorder | None = None,
    restored: RestoredState | None = None,
    witnesses: Callable[[Plan], Sequence[Witness]] = no_witnesses,
    rng: random.Random | None = None,
) -> Probe:
    """Put a probe together for `plan`. To be called on the event loop that it will run on.

    Args:
        plan: What to watch.
        clock: Paces and stamps everything.
        observers: Told of every effect.
        route: Leads into a laboratory, when it is not the real network.
        recorder: Writes down what happens.
        restored: What an earlier process knew.
        witnesses: Makes the witnesses of a plan that are asked beside DNS; left out for a look that is over before one
            has spoken.
        rng: Jitter, and the order of first looks; anew for each process when left out.
    """
    querier = WireQuerier(clock, _limits(plan), route=route)
    checker = HttpsChecker(clock, route=route)
    tasks = Tasks()
    heartbeat = Heartbeat(SystemClock())

    def delegator(authoritative: Authoritative) -> Delegator:
        return DelegationWalk(querier, clock, authoritative)

    def reconfigure(plan: Plan) -> None:
        querier.reconfigure(_limits(plan))

    rng = rng or random.Random()  # noqa: S311  # jitter: nobody gains by guessing it; ids and ports have their own entropy
    engine = Engine(
        plan,
        querier=querier,
        checker=checker,
        delegator=delegator,
        reconfigure=reconfigure,
        clock=clock,
        rng=rng,
        tasks=tasks,
        observers=observers,
        beat=heartbeat.beat,
        recorder=recorder,
        restored=restored,
        witnesses=witnesses,
    )
    return Probe(engine, querier, checker, tasks, heartbeat)


def _limits(plan: Plan) -> QueryLimits:
    probing = plan.probing
    return QueryLimits(
        queries_per_second=probing.queries_per_second,
        max_in_flight=probing.max_in_flight,
        timeout=probing.timeout,
        domains=len(plan.domains),
    )
