"""The first look at a domain: sends all queries of the cadence at once, part by part.

It asks for names that only a wildcard answers first, then the servers, then the resolvers: a TXT answer is compared
with what a wildcard would synthesize there, and resolvers' answers with those of the authoritative servers. Where
resolvers show a record of the name in another view, its owner there is asked last.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from probe.judge.findings.weights import weigh_plan
from probe.judge.polling import cadence
from probe.judge.zone_views import owner_questions
from probe.model.clock import Instant
from probe.model.observation import Observation
from probe.model.plan import Plan
from probe.model.ports import Querier, Query
from probe.runtime.watched import Servers, WatchedDomain

LOOK_QUESTIONS = 20
"""Questions of a look after its first part, at four servers: 16 for the records, four for TXT names."""

LOOK_BACKLOG_SECONDS = 2.0
"""Seconds of their servers' time for which looks' questions may wait: a part of a look is answered within that, so that
the next one is there before the servers have nothing to do. They let all other questions go first."""

_WILDCARDS, _SERVERS, _RESOLVERS, _OTHER_OWNERS = range(4)
"""The parts of a first look, one after the other."""


class FirstLooks:
    """Takes first looks, each part once every answer to the one before is in.

    Args:
        querier: Gets the questions.
        plan: Gives the plan in force.
        observe: Folds an answer.
        expire: Lets time pass for a domain.
    """

    def __init__(
        self,
        querier: Querier,
        plan: Callable[[], Plan],
        *,
        observe: Callable[[Observation], None],
        expire: Callable[[WatchedDomain, Instant], None],
    ) -> None:
        self._querier = querier
        self._plan = plan
        self._observe = observe
        self._expire = expire
        self._opening: dict[WatchedDomain, Servers] = {}  # whose first part is out, and at which servers
        self._opened: Counter[Servers] = Counter()  # how many those are

    def begin(self, watched_domain: WatchedDomain) -> None:
        """Take the first look at a domain."""
        watched_domain.look_stage = 0
        self._go_on(watched_domain)

    def has_room(self, servers: Servers) -> bool:
        """Tell whether these servers have time for another look: for what waits, and what looks are about to put."""
        probing = self._plan().probing
        rate = sum(server.queries_per_second or probing.queries_per_second for server in servers)
        waiting = sum(map(self._querier.waiting_for, servers))
        return waiting + self._opened[servers] * LOOK_QUESTIONS < LOOK_BACKLOG_SECONDS * rate

    def weigh(self, watched_domain: WatchedDomain, at: Instant) -> None:
        """Ask on about declared weights, once every answer to the round before is in and judged."""
        if watched_domain.look_left == 0:
            self._expire(watched_domain, at)
            self._ask(watched_domain, weigh_plan(watched_domain.status, watched_domain.servers))

    def _go_on(self, watched_domain: WatchedDomain) -> None:
        while watched_domain.look_stage is not None:
            stage, watched_domain.look_stage = watched_domain.look_stage, watched_domain.look_stage + 1
            if stage == _WILDCARDS:
                turn = watched_domain.asking.turn  # of its own, or the first server of a zone would have most of them
                queries = self._wildcard_plan(watched_domain, turn)
                self._open(watched_domain, queries)
            elif stage == _SERVERS:
                turn = watched_domain.asking.turn + 1
                queries = cadence.look_plan(watched_domain.status, watched_domain.servers)
                queries += self._wildcard_plan(watched_domain, turn)
            elif stage == _RESOLVERS and not watched_domain.looked:
                watched_domain.seen = True
                queries = cadence.resolver_plan(watched_domain.status, self._plan().resolvers)
            elif stage == _OTHER_OWNERS and not watched_domain.looked:
                queries = owner_questions(watched_domain.status, self._plan().resolvers, float("inf"))
            else:
                queries, watched_domain.looked, watched_domain.look_stage = (), True, None
            if queries:
                self._ask(watched_domain, queries)
                return

    def _open(self, watched_domain: WatchedDomain, queries: Sequence[Query]) -> None:
        if queries and watched_domain not in self._opening:
            self._opening[watched_domain] = watched_domain.servers
            self._opened[watched_domain.servers] += 1

    def _wildcard_plan(self, watched_domain: WatchedDomain, turn: int) -> tuple[Query, ...]:
        return cadence.wildcard_plan(
            watched_domain.status,
            watched_domain.servers,
            watched_domain.zone,
            turn,
            None,
            registries=self._plan().registries,
        )

    def _ask(self, watched_domain: WatchedDomain, queries: Sequence[Query]) -> None:
        watched_domain.look_left += len(queries)
        self._querier.submit(queries, partial(self._observe_one, watched_domain), yielding=True)

    def _observe_one(self, watched_domain: WatchedDomain, observation: Observation) -> None:
        try:
            self._observe(observation)
        finally:  # whatever becomes of one answer, a domain has calm turns only once its look goes on
            watched_domain.look_left -= 1
            if watched_domain.look_left == 0:
                if (servers := self._opening.pop(watched_domain, None)) is not None:
                    self._opened[servers] -= 1
                self._go_on(watched_domain)
