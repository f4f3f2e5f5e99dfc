"""The bounds of every number in the plan file, each with its reason."""

from probe.config.ranges import Number, Seconds

WEIGHT = Number(0, 255, "a weight is not negative", "Route 53 takes whole numbers up to 255")
STATUS = Number(100, 599, "HTTP status codes begin at 100", "HTTP status codes end at 599 (RFC 9110 section 15)")
PORT_RANGE = Number(1, 65535, "port 0 cannot be asked", "ports end at 65535")
KEEP_ANSWERS = Seconds(
    3600,
    2_592_000,
    "a fight's cause is looked for in the hour before it",
    "for longer than a month changes and findings say more than single answers",
)
KEEP_EFFECTS = Seconds(
    86_400, 63_072_000, "a migration's night has to be there in the morning", "no migration takes two years"
)
JOURNAL_SIZE_RANGE = Number(
    16,
    65_536,
    "an hour of one domain and its checkpoints need some of it",
    "a larger SQLite file is slow to look after",
)
SYNC = Seconds(1, 86400, "ExternalDNS looks at its clock once a second", "a day without a sync is no sync")
HTTP_TIMEOUT = Seconds(0.1, 30, "no TLS handshake is that fast across regions", "a slower service is down to its users")
REFRESH = Seconds(
    60,
    86400,
    "name servers hardly ever change, and a walk asks the parents",
    "NS records are commonly valid for up to two days",
)
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
RESOLVER_RATE = Number(
    0.1,
    1000,
    "a single domain already needs about this much",
    "Google, the only one to publish a limit, slows down clients that ask 1,500 times a second",
    whole=False,
)
IN_FLIGHT = Number(16, 4096, "one round of a single domain needs this many", "more would overflow the sockets' buffers")
CLUSTER_READING = Seconds(
    10,
    3600,
    "every reading lists all that ExternalDNS reads, which is work for the API server",
    "what was applied an hour ago has been written long since",
)
ZONE_READING = Seconds(
    60,
    3600,
    "an account has five requests a second, and both clusters' ExternalDNS have to write with them",
    "what was written an hour ago has been seen by every server and cache",
)
SOAK_RANGE = Seconds(
    1,
    604800,
    "less than a second has seen nothing",
    "a week: a longer interval is no use in a migration",
)
