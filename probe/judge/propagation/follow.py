"""How far what the authoritative servers say has spread: into caches, to resolvers, and out of caches again.

Called whenever a domain is judged anew, in this order, because each step needs the one before: what caches may hold,
what each resolver's word is worth by that, how the changes arrived, and when v1 is drained.
"""

from probe.judge.context import Context
from probe.judge.domain import open_split
from probe.judge.propagation.cached import sample
from probe.judge.propagation.convergence import converge
from probe.judge.propagation.drain import drain
from probe.judge.propagation.resolver import assess
from probe.model.clock import Instant
from probe.model.domain import DomainStatus


def spread(status: DomainStatus, at: Instant, context: Context) -> DomainStatus:
    """Bring up to `at` what is told of caches and resolvers; the status's records and state are those of `at`."""
    cached_answers, may_be_split = status.cached_answers, open_split(status) is not None
    for record in status.records:
        cached_answers = sample(cached_answers, status.domain.name, record, at, may_be_split=may_be_split)
    records = {record.rdtype: record for record in status.records}
    resolvers = tuple(
        assess(resolver, records[resolver.rdtype], cached_answers, at, context.probing) for resolver in status.resolvers
    )
    status = status._replace(cached_answers=cached_answers, resolvers=resolvers)
    return status._replace(convergences=converge(status, at), drain=drain(status, at, context))
