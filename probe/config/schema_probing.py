"""The plan file's `probing`: how often is asked, and the limits. The defaults are the model's."""

from typing import Annotated

from probe.config.ranges import Number, Seconds
from probe.config.schema_part import SchemaPart
from probe.model.plan import Probing

_PROBING = Probing()

INTERVAL = Seconds(
    0.5,
    30,
    "servers differ for seconds after every change",
    "half of ExternalDNS' usual interval: seldomer, one side of a fight stays unseen",
)
TXT_INTERVAL = Seconds(
    5, 3600, "TXT questions are billed, and a burst asks them at once anyway", "an owner may change in one sync"
)
RESOLVER_INTERVAL = Seconds(
    1,
    600,
    "a cache says the same until the TTL ends",
    "an alias to an ALB has a TTL of 60 s: little of a change would be seen",
)
BURST = Seconds(0.2, 10, "round trips take up to 200 ms", "a fight that is won back within seconds would be missed")
TARGET = Seconds(1, 60, "an ALB's addresses stay for their TTL of 60 s", "the TTL of an ALB's addresses is 60 s")
SERVICE = Seconds(
    5,
    3600,
    "every check is a connection and a TLS handshake, for services that are in use",
    "a service that fails for an hour unseen need not be checked",
)
TIMEOUT = Seconds(0.1, 10, "a round trip around the world takes longer", "resolvers give up after 10 s as well")
GRACE = Seconds(
    1,
    600,
    "Route 53's servers do not change in the same second",
    "Route 53 means to be done in 60 s: ten times that is a fault",
)
RATE = Number(
    0.1,
    50,
    "a single domain already needs about this much",
    "name servers may take more for abuse; none publishes its limit",
    whole=False,
)
IN_FLIGHT = Number(16, 4096, "one round of a single domain needs this many", "more would overflow the sockets' buffers")


class ProbingFile(SchemaPart):
    """How often is asked, and the limits. All times are jittered, so that no sync period can hide behind them."""

    interval: Annotated[float, INTERVAL] = INTERVAL.field(
        _PROBING.interval,
        "Between two questions for the A, and for the AAAA, of a calm domain, each at one server in turn. Seven "
        "seconds do not divide ExternalDNS' minute, and show a fight of that period within its first changes.",
    )
    txt_interval: Annotated[float, TXT_INTERVAL] = TXT_INTERVAL.field(
        _PROBING.txt_interval,
        "Between two questions for each ownership TXT name of a calm domain. Two minutes: Route 53 bills them, and "
        "the first surprise asks them at once.",
    )
    resolver_interval: Annotated[float, RESOLVER_INTERVAL] = RESOLVER_INTERVAL.field(
        _PROBING.resolver_interval,
        "Between two questions to each resolver. Half of an ALB alias' TTL of 60 s.",
    )
    burst_interval: Annotated[float, BURST] = BURST.field(
        _PROBING.burst_interval,
        "Between two rounds at all servers while something is unexplained; at most `interval`. One second: two rounds "
        "confirm the third change of a fight, and weights of 1 % show in a thousand answers.",
    )
    target_interval: Annotated[float, TARGET] = TARGET.field(
        _PROBING.target_interval,
        "Between two look-ups of each load balancer's name. Half of the TTL of its addresses, which change as it "
        "scales.",
    )
    service_interval: Annotated[float, SERVICE] = SERVICE.field(
        _PROBING.service_interval,
        "Between two HTTPS checks of a domain on each side, at one address in turn; only where `http` is given. A "
        "minute: each is a TLS handshake for a load balancer that is in use, and a failure is asked again after ten "
        "seconds.",
    )
    timeout: Annotated[float, TIMEOUT] = TIMEOUT.field(
        _PROBING.timeout,
        "How long an answer is waited for. Two seconds: ten slow round trips.",
    )
    grace: Annotated[float, GRACE] = GRACE.field(
        _PROBING.grace,
        "How long servers may disagree after a change. Route 53 means to reach all of its servers within 60 s.",
    )
    queries_per_second: Annotated[float, RATE] = RATE.field(
        _PROBING.queries_per_second,
        "The most questions that one server address gets in a second. Twenty: polite to servers whose limits are not "
        "published.",
    )
    max_in_flight: Annotated[int, IN_FLIGHT] = IN_FLIGHT.field(
        _PROBING.max_in_flight,
        "The most questions without an answer at one time. 512 keep 250 questions a second with every answer at its "
        "timeout of two seconds.",
    )
