"""Whether a message that came back ends its question, or has it asked once more: another way, or in other words.

- Truncated by UDP: once more over TCP (RFC 7766).
- FORMERR to a query with EDNS: once more without (RFC 6891 section 7), and so for a while to that server.
- The letters of the question in another case than they were sent: once more over TCP, where nobody can forge an answer.
  It shows whether the server keeps the case at all.
"""

from collections.abc import Callable

import structlog

from probe.model.clock import Clock
from probe.model.outcome import FailureReason, NoResponse, Outcome
from probe.model.server import Transport
from probe.wire.transport.exchange import Exchange, ServerQueue
from probe.wire.transport.memory import AnswerMemory
from probe.wire.transport.query import in_plain_case, is_format_error, is_truncated, keeps_case
from probe.wire.transport.traffic_counter import TrafficCounters

PLAIN_SECONDS = 600.0
"""How long a server that does not know EDNS is asked without it: long enough not to double its queries, short
enough to see it repaired (Unbound remembers for 15 minutes, its infra-host-ttl)."""
UNMIXED_SECONDS = 3_600.0
"""How long a server that does not keep the case of a question's letters is asked in plain case. Few do not; each proof
costs one question over TCP."""
CASE_LOST = 4
"""Questions in a row whose UDP answer had another case, after which a server that TCP does not reach counts as one that
does not keep it. A forger would have to guess everything else four times, with no true answer in between."""


class Attempts:
    """Decides what each message is to its question.

    Args:
        clock: Tells until when what was learnt of a server holds.
        memory: Reads messages that are answers.
        counters: Count the traffic of the transport that a question goes on by.
        again: Has a question asked once more.
        settle: Ends a question with its outcome.
    """

    __slots__ = ("_again", "_counters", "_log", "_memory", "_now", "_settle")

    def __init__(
        self,
        clock: Clock,
        memory: AnswerMemory,
        counters: TrafficCounters,
        *,
        again: Callable[[Exchange], None],
        settle: Callable[[Exchange, Outcome], None],
    ) -> None:
        self._now = clock.now
        self._memory = memory
        self._counters = counters
        self._again = again
        self._settle = settle
        self._log = structlog.get_logger("probe.wire")

    def received(self, exchange: Exchange, rest: bytes) -> None:
        """Take a matched message in, without its id: it is the outcome, or a reason to ask once more."""
        if exchange.case_lost:
            rest = self._learn_of_case(exchange, rest)
        if is_truncated(rest):
            if exchange.transport is Transport.UDP:
                self._go_on_over_tcp(exchange)
            else:
                self._settle(exchange, NoResponse(FailureReason.MALFORMED, "truncated where nothing need be"))
        elif is_format_error(rest) and exchange.prepared.edns:
            exchange.plain = True
            self._again(exchange)
        else:
            if exchange.plain and not is_format_error(rest):
                # Only now it is known that EDNS was what the server could not read.
                exchange.lane.plain_until = self._now().monotonic + PLAIN_SECONDS
            self._settle(exchange, self._memory.read(rest))

    def case_lost(self, exchange: Exchange) -> None:
        """Ask where nothing can be forged: the answer by UDP had the question's letters in another case."""
        lane = exchange.lane
        lane.case_lost += 1
        if lane.case_lost >= CASE_LOST:
            self._ask_in_plain_case(lane)
        exchange.case_lost = True
        self._go_on_over_tcp(exchange)

    def _go_on_over_tcp(self, exchange: Exchange) -> None:
        exchange.transport = Transport.TCP
        exchange.counter = self._counters.counter(exchange.lane.server.group, Transport.TCP)
        self._again(exchange)

    def _learn_of_case(self, exchange: Exchange, rest: bytes) -> bytes:
        """See whether the server keeps the case where nobody can forge it; give the message in plain case."""
        exchange.case_lost = False
        if keeps_case(exchange.asked, rest):
            exchange.lane.case_lost = 0  # the other answer was forged, or somebody on the way changes it
        else:
            self._ask_in_plain_case(exchange.lane)
        return in_plain_case(exchange.prepared, exchange.asked, rest)

    def _ask_in_plain_case(self, lane: ServerQueue) -> None:
        now = self._now().monotonic
        if now < lane.unmixed_until:
            return
        lane.unmixed_until = now + UNMIXED_SECONDS
        lane.case_lost = 0
        self._log.warning(
            "a server does not keep the case of a question's letters: it is asked in plain case now",
            server=lane.server.name,
            address=lane.server.address,
            seconds=UNMIXED_SECONDS,
        )
