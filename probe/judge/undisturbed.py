"""Whether nothing is open about a domain, so that time by itself changes nothing but its soak, for a while.

Letting time pass goes through every rule for every domain, and at the daemon's own cadence nothing of that is in the
processor's caches: it was a third of what a question costs. Of a domain that stands where the plan wants it, at all
servers, without a finding, the rules say the same as before until evidence grows old, and whatever happens to it is
judged when it is heard.
"""

from probe.judge.context import Context
from probe.judge.state import DomainState
from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.question import ADDRESS_TYPES

JUDGED_ANEW_AFTER = 45.0
"""Seconds since the whole of a domain was last judged, after which it is judged as a whole again: at every third
letting-pass while a soak goes on. Only evidence grows old meanwhile, which takes four times as long
(`probe.judge.context.STALE_AT_LEAST`)."""


def is_undisturbed(state: DomainState, now: Instant, context: Context) -> bool:
    """Tell whether time alone changes nothing of a domain at `now` but its soak.

    Whatever waits for a moment (a finding to be raised, an outage to be long enough, an answer of neither side to be
    believed, draws to be weighed) is something open.

    Args:
        state: What is known of it.
        now: The moment.
        context: The surroundings, about which nothing may be open either.
    """
    status, memory = state
    soak, judged, servers = status.confirmation, memory.judged, context.servers
    return (
        judged is not None
        and 0.0 <= now.monotonic - judged.monotonic < JUDGED_ANEW_AFTER
        and soak.since is not None
        and soak.outcome is CheckOutcome.PASS
        and status.state.is_side
        and not (status.findings or status.awaited or status.shares)
        and not (context.failing or context.reported or context.dissenting)
        and not any(len(denial.types) == len(ADDRESS_TYPES) for denial in context.book.denied.values())
        and all(
            record.state is status.state
            and record.disturbed is None
            and record.cache is None  # what a resolver holds grows old within minutes
            and not (own.fighting or own.drawn or own.contested)
            and own.elsewhere.last is None
            for record, own in zip(status.records, memory.records, strict=True)
        )
        and all(
            len(record.servers) == len(servers)
            and all(
                # What comes out of a journal is equal, and not the same.
                (one.server is server or one.server == server) and not one.failures
                for one, server in zip(record.servers, servers, strict=True)
            )
            for record in status.records
        )
    )
