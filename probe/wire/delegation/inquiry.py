"""Asking on behalf of one walk: in a sensible order, not for ever, and with an account of who answers at all."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Generic, NamedTuple, TypeVar
from zlib import crc32

from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response
from probe.model.ports import Querier, Query
from probe.model.question import Question
from probe.model.server import Server, family
from probe.wire.delegation.reply import unheard
from probe.wire.delegation.walk_bounds import PARALLEL_QUERIES, WALK_QUESTIONS

T = TypeVar("T")


class FirstUsable(NamedTuple, Generic[T]):
    """The first usable answer.

    Attributes:
        value: What was read from it; None when nobody gave one.
        server: Who gave it.
        silent: Nobody said anything at all.
        recursive: Somebody who answered, usably or not, with RA set.
    """

    value: T | None = None
    server: Server | None = None
    silent: bool = True
    recursive: Server | None = None


class Inquiry:
    """The questions of one walk.

    Args:
        querier: Puts them.
        allowance: How many questions the way down and the look-up of addresses may cost.
    """

    def __init__(self, querier: Querier, allowance: int = WALK_QUESTIONS) -> None:
        self._querier = querier
        self._left = allowance
        self._answered: set[int] = set()
        self._failed: set[int] = set()
        self._unreached: set[int] = set()
        self.exhausted = False
        """A question was not put because the allowance or the depth was used up: what is missing proves nothing."""

    @property
    def unreachable(self) -> frozenset[int]:
        """The families (4, 6) from which nothing came but UNREACHABLE: this machine has no way there at all."""
        return frozenset(self._unreached - self._answered - self._failed)

    async def first(
        self, servers: Sequence[Server], question: Question, read: Callable[[Outcome], T | None]
    ) -> FirstUsable[T]:
        """Ask some servers at a time until one gives an answer that `read` can use. Charged to the allowance."""
        queue = in_order(servers, question, 6 if self._answered == {6} else 4)
        if len(queue) <= PARALLEL_QUERIES[1]:
            queue += queue  # one lost datagram must not make a zone with few servers seem silent
        silent, recursive = True, None
        for size in PARALLEL_QUERIES:
            wave = queue[: min(size, self._left)]
            if len(wave) < min(size, len(queue)):
                self.exhausted = True
            if not wave:
                break
            del queue[: len(wave)]
            self._left -= len(wave)
            for observation in await asyncio.gather(*(self._ask(server, question) for server in wave)):
                outcome, server = observation.outcome, observation.server
                if isinstance(outcome, Response) and outcome.recursion_available:
                    recursive = server
                value = read(outcome)
                if value is not None:
                    return FirstUsable(value, server, silent=False, recursive=recursive)
                if not unheard(outcome):
                    silent = False
                    queue = [other for other in queue if other != server]
        return FirstUsable(silent=silent, recursive=recursive)

    async def each(self, queries: Iterable[Query]) -> list[Outcome]:
        """Put every question at once; one that times out once more. Not charged: the caller bounds the list."""

        async def patiently(ask: Query) -> Outcome:
            observation = await self._ask(*ask)
            if isinstance(observation.outcome, NoResponse) and observation.outcome.reason is FailureReason.TIMEOUT:
                # One lost datagram must not take a server out of service for a whole refresh period.
                observation = await self._ask(*ask)
            return observation.outcome

        return list(await asyncio.gather(*(patiently(ask) for ask in queries)))

    async def _ask(self, server: Server, question: Question) -> Observation:
        observation = await self._querier.ask(server, question)
        outcome = observation.outcome
        if not unheard(outcome):
            self._answered.add(family(server.address))
        elif isinstance(outcome, NoResponse) and outcome.reason is FailureReason.UNREACHABLE:
            self._unreached.add(family(server.address))
        else:
            self._failed.add(family(server.address))
        return observation


def in_order(servers: Sequence[Server], question: Question, first: int = 4) -> list[Server]:
    """Put servers into the order in which to try them.

    The families alternate, so that a machine without one of them is not held up; `first` is IPv4 (more machines have
    it) unless only IPv6 has answered so far. Where each family begins depends on the name asked for: over many names
    every server gets its share.
    """
    turn = crc32(question.name.encode())
    by_family = []
    for wanted in (4, 6) if first == 4 else (6, 4):  # noqa: PLR2004  # the name of the family
        members = [server for server in servers if family(server.address) == wanted]
        start = turn % len(members) if members else 0
        by_family.append(members[start:] + members[:start])
    pairs = zip_longest(*by_family)
    return [server for pair in pairs for server in pair if server is not None]
