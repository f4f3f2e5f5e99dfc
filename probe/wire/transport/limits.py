"""How hard the querier may press, and how long it waits."""

from typing import NamedTuple


class QueryLimits(NamedTuple):
    """Limits of one querier; all can be changed while it runs.

    The defaults are those of `probe.model.plan.Probing`.

    Attributes:
        queries_per_second: For one server address and port, retries included. Route 53 publishes no limit; some tens
            a second per source are common politeness towards authoritative servers.
        max_in_flight: Questions that may wait for their answers at one time, over all servers and transports. It
            bounds memory and, because a TCP question holds a connection, file descriptors.
        timeout: Seconds that one attempt may take. A truncated answer's second attempt over TCP has its own.
        domains: Of the plan: as much is remembered as they are asked and answer.
    """

    queries_per_second: float = 20.0
    max_in_flight: int = 512
    timeout: float = 2.0
    domains: int = 0
