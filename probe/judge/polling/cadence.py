"""What to ask in a turn: pure policy. Nothing here waits, draws or remembers.

When the next turn is due, `probe.judge.polling.delays` says; what calls for a burst, `suspicion`; where the asking
about one domain stands, and what it may spend, `burst`.

The theory in five sentences. A calm record is asked at one of its servers in turn. Every delay is jittered, because
two ExternalDNS instances fight on a fixed phase of their sync interval, and a prober in step with that beat sees one
side for ever. The first answer that differs brings a burst: the same server again at once (a rewritten record agrees
with itself, weighted draws do not), then all servers and all TXT names, then a round every `burst_interval` until the
judge calls the record settled or explains it. A budget bounds what one domain may burst, and the number of domains that
burst together stretches the pause between rounds, so that no server is asked more than `queries_per_second`. Resolvers
are never asked for a name that does not exist: the probe itself would plant the negative entry in a shared cache.

The price of one calm domain with the default intervals: a turn every 7 s asks A and AAAA (17.1 a minute), four TXT
names every 120 s (2 a minute): 19.1 questions a minute, of which Route 53 bills the TXT names when A and AAAA are
aliases. A family that never existed beside the other is asked at every eighth turn only, because Route 53 bills its
NODATA. A name that does not exist at all is asked as often as any other: in a fight over existence it comes and goes.
"""

import math
from collections.abc import Sequence

from probe.judge.answer.held import ROUNDING
from probe.judge.ownership.wildcard import due
from probe.judge.polling.suspicion import is_suspicious
from probe.judge.record.fetched import held_until
from probe.judge.record.state import GIVEN_UP, beats_alone
from probe.judge.record.stuck_machine import ROUNDS_FOR_ONE, may_be_mended, wavering
from probe.judge.state import DomainState
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.server import Server
from probe.model.side import ABSENT_CLASSES

MISSING_FAMILY_TURNS = 8
"""A family that never existed, beside one that does, is asked at every n-th turn: about once a minute, enough to notice
that it appears."""

MISSING_FAMILY_LATE = 90.0
"""Seconds by which its newest answer may be older than the other family's before each turn asks it: half of
`STALE_AT_LEAST`, beyond which the domain would be unknown for want of it. Turns that a watch takes, that are stretched
or whose answers are lost make it so late."""

REASKS = 3
"""Repetitions of a surprising question at the same server at once. Even draws agree with the surprise in all of them
once in eight, draws at 9 to 1 once in a thousand; a fourth would add little that the next round does not."""

ROUND_ASKS = 2
"""Questions per server and round for a type under suspicion: a pair within a second speaks for or against draws."""

ROUND_ASKS_ALONE = 4
"""The same where one server lives: six pairs a second instead of one, so that draws are proven, and a fight is told
from them, in the time that four servers take. It takes twice the share of a server's rate, and the pace goes by it."""

ROUND_SERVERS = 4
"""Servers of a round: all addresses of a hosted zone in one address family. Where both are asked, each has every other
round; the budget and the price are then the same."""

OTHER_FAMILY_ROUNDS = 2
"""A family that is not under suspicion itself is asked in every n-th round: what is written to one is, as a rule,
written to the other in the same batch, and its own first surprise brings it among the suspected."""

FULL_ANSWER = 8
"""An ELB name answers with at most eight addresses: an answer this long may hide more."""

TARGET_REPEATS = 3
"""Look-ups per server and round once a load balancer's answer was full: with four servers twelve a round, which shows
every one of 16 nodes in 19 rounds of 20 (nine look-ups at p95) and of more nodes within the next rounds."""

CACHE_LOOK = 45.0
"""Seconds between two readings of an answer that a resolver still holds: a quarter of those after which evidence is too
old to count, so that one of four may be lost."""

CACHE_SPREAD = 0.25
"""Part of the time for which an answer is held by which the next fetch comes late in the mean: 15 s for a minute. In a
fight of one minute five fetches have lost the phase."""

CACHE_SPREADS = 4
"""Means after which a fetch comes whatever chance says: one of fifty, and a minute late behind a TTL of a minute."""

CACHE_SPREAD_LONGEST = 60
"""Seconds beyond which that grows no more: a change that is seen an hour late is not to be seen later still."""


def calm_plan(status: DomainStatus, servers: Sequence[Server], turn: int) -> tuple[Query, ...]:
    """Give the questions of one calm turn: A at one server, AAAA at another, both wandering over all servers.

    A turn that falls on a server that is silent asks a living one as well: the silent one has to be seen to come
    back, and the word of the living must not grow old meanwhile.

    Args:
        status: What is known of the domain.
        servers: Its authoritative servers, in a fixed order; nothing is asked when there is none.
        turn: Counts this domain's calm turns; starting at a number of its own spreads domains over the servers.
    """
    if not servers:
        return ()
    half = len(servers) // 2
    missing = _missing_families(status)
    silent = _silent_servers(status)
    living = [server for server in servers if server not in silent] if silent else []
    queries = []
    for index, rdtype in enumerate(ADDRESS_TYPES):
        place, asked = turn + index * half, rdtype
        if rdtype in missing and not _is_late(status, rdtype):
            if turn % MISSING_FAMILY_TURNS:
                asked = next(other for other in ADDRESS_TYPES if other not in missing)
            else:
                place = turn // MISSING_FAMILY_TURNS  # of its own turns, or it would meet the same server each time
        question = Question(status.domain.name, asked)
        queries.append(Query(servers[place % len(servers)], question))
        if living and queries[-1].server in silent:
            queries.append(Query(living[place % len(living)], question))
    return tuple(queries)


def turn_servers(servers: Sequence[Server], turn: int) -> tuple[Server, ...]:
    """Give the servers that a calm turn asks for A and AAAA, as long as both exist and no server is silent."""
    half = len(servers) // 2
    return tuple(servers[(turn + index * half) % len(servers)] for index in range(len(ADDRESS_TYPES)) if servers)


def cache_plan(
    status: DomainStatus, servers: Sequence[Server], at: float, u: float, probing: Probing
) -> tuple[Query, ...]:
    """Give the questions of one calm turn to resolvers that answer for the zone out of their caches.

    Before the answer that one holds has run out, asking again would only read it again: that is done every `CACHE_LOOK`
    seconds, to see that it lives. Afterwards each turn asks with a chance by which the delay after the end is as
    random as it can be: without memory, and `CACHE_SPREAD` of the time for which an answer is held in the mean. So no
    beat of a fight stays in step with the fetches, which would show one side for ever.

    Args:
        status: What is known of the domain.
        servers: The resolvers.
        at: Monotonic time.
        u: A random number from 0 to 1.
        probing: The plan's cadence.
    """
    queries = []
    for record in status.records:
        question = Question(status.domain.name, record.rdtype)
        spread = CACHE_SPREAD * min(record.cache or 0, CACHE_SPREAD_LONGEST)
        chance = probing.interval / (probing.interval + spread)
        known = {told.server: told for told in record.servers}
        for server in servers:
            told = known.get(server)
            until = None if told is None else held_until(told, question)
            if told is None or told.at is None or until is None:
                queries.append(Query(server, question))
            elif at >= until + ROUNDING:
                late = at >= until + CACHE_SPREADS * spread
                queries += [Query(server, question)] if u < chance or late else []
            elif at - told.at.monotonic >= CACHE_LOOK:
                queries.append(Query(server, question))
    return tuple(queries)


def look_plan(status: DomainStatus, servers: Sequence[Server]) -> tuple[Query, ...]:
    """Give the questions of a first look: every server twice for each family, and every TXT name once.

    Twice, because a position is confirmed by answers that a second one agrees with. `check` asks this, and the daemon
    for each domain when it starts.
    """
    return (
        *(
            Query(server, Question(status.domain.name, rdtype))
            for _ in range(ROUND_ASKS)
            for server in servers
            for rdtype in ADDRESS_TYPES
        ),
        *txt_plan(status, servers, 0),
    )


def txt_plan(status: DomainStatus, servers: Sequence[Server], turn: int) -> tuple[Query, ...]:
    """Give one question for each TXT name of the domain, each at another server, wandering with `turn`."""
    if not servers:
        return ()
    servers = _one_cache(status, servers)
    return tuple(
        Query(servers[(turn + index) % len(servers)], Question(txt.name, RecordType.TXT))
        for index, txt in enumerate(status.txts)
    )


def wildcard_plan(  # noqa: PLR0913  # whose, where, at which server, what was answered already, and where owners stand
    status: DomainStatus,
    servers: Sequence[Server],
    zone: DomainName | None,
    turn: int,
    now: float | None,
    *,
    registries: Sequence[TxtRegistry] = (),
) -> tuple[Query, ...]:
    """Give the questions that are due for names that no one created, to tell what wildcards make up beside the domain.

    Args:
        status: What is known of the domain.
        servers: Its authoritative servers.
        zone: The zone that holds it: nothing outside is asked.
        turn: Which server is asked wanders with it.
        now: Monotonic seconds: what was answered long before is asked again. None asks only what never was.
        registries: The TXT registry's flags of every ExternalDNS: where a wildcard's owner may stand.
    """
    wanted = due(status, zone, now, registries) if servers else ()
    return tuple(Query(servers[(turn + index) % len(servers)], question) for index, question in enumerate(wanted))


def resolver_plan(status: DomainStatus, resolvers: Sequence[Server]) -> tuple[Query, ...]:
    """Give the questions of one round over the resolvers: only for records that exist at every server just now."""
    rdtypes = [record.rdtype for record in status.records if _exists_everywhere(record)]
    return tuple(Query(resolver, Question(status.domain.name, rdtype)) for resolver in resolvers for rdtype in rdtypes)


def target_plan(load_balancer: DomainName, servers: Sequence[Server], largest_answer: int) -> tuple[Query, ...]:
    """Give the look-ups of one load balancer's name for one round: each of its servers, both families.

    Args:
        load_balancer: The name.
        servers: The authoritative servers of its zone.
        largest_answer: The most addresses that an answer of the previous round held; 0 before the first.
    """
    repeats = TARGET_REPEATS if largest_answer >= FULL_ANSWER else 1
    return tuple(
        Query(server, Question(load_balancer, rdtype))
        for _ in range(repeats)
        for server in servers
        for rdtype in ADDRESS_TYPES
    )


def reask_plan(server: Server, question: Question) -> tuple[Query, ...]:
    """Give the repetitions of a surprising question. They go out at once, also while a burst is running."""
    return (Query(server, question),) * REASKS


def burst_plan(
    state: DomainState, servers: Sequence[Server], number: int, *, one_in: int = ROUNDS_FOR_ONE
) -> tuple[Query, ...]:
    """Give the round of a burst that has this number: every server, twice for a type under suspicion.

    A weighted one whose level is in question is asked once. The other type is asked once in every second round, and
    seldomer if it never existed. Where a stuck machine seems to be mended its server alone is asked, in one round of
    several.

    Args:
        state: What is known of the domain.
        servers: Its authoritative servers.
        number: Which round of the burst it is.
        one_in: Of how many rounds one asks a server whose machine seems to be mended.
    """
    status = state.status
    mended = {
        record.rdtype: record.servers[stuck].server
        for record, memory in state.remembered
        if (stuck := wavering(record, memory)) is not None and may_be_mended(record, memory)
    }
    suspected = {
        record.rdtype: record.state is RecordState.WEIGHTED or beats_alone(record, memory)
        for record, memory in state.remembered
        if is_suspicious(record, memory) and record.rdtype not in mended
    }
    missing = _missing_families(status)
    asked = servers
    if len(servers) > ROUND_SERVERS:
        asked = [servers[(number * ROUND_SERVERS + step) % len(servers)] for step in range(ROUND_SERVERS)]
    silent = _silent_servers(status)
    most = round_asks(status)
    queries: list[Query] = []
    for rdtype in ADDRESS_TYPES:
        question = Question(status.domain.name, rdtype)
        if rdtype in mended:
            queries += [Query(mended[rdtype], question)] * (number % one_in == 0)
            continue
        if rdtype in suspected:
            times = 1 if suspected[rdtype] else most
        elif mended and not suspected:
            continue
        else:
            times = int(number % (MISSING_FAMILY_TURNS if rdtype in missing else OTHER_FAMILY_ROUNDS) == 0)
        queries += [
            Query(server, question) for turn in range(times) for server in asked if turn == 0 or server not in silent
        ]
    return tuple(queries)


def round_asks(status: DomainStatus) -> int:
    """Give how often a round asks one server for a type under suspicion."""
    silent = _silent_servers(status)
    living = {server.server for record in status.records for server in record.servers} - silent
    return ROUND_ASKS_ALONE if len(living) == 1 else ROUND_ASKS


def _silent_servers(status: DomainStatus) -> frozenset[Server]:
    """Give those that answered neither family lately: one question a round is enough to see them come back."""
    if not any(server.failures >= GIVEN_UP for record in status.records for server in record.servers):
        return frozenset()  # at nearly every turn
    answering = {server.server for record in status.records for server in record.servers if server.failures < GIVEN_UP}
    known = {server.server for record in status.records for server in record.servers}
    return frozenset(known - answering)


def watch_plan(status: DomainStatus, servers: Sequence[Server], turn: int) -> tuple[Query, ...]:
    """Give the questions of one moment of a watch, which are a calm turn's, without a family that never existed.

    Shares are asked twice: their level is a question of numbers.
    """
    missing = _missing_families(status)
    drawn = any(record.state is RecordState.WEIGHTED for record in status.records)
    return tuple(
        Query(servers[(turn + step + index * (len(servers) // 2)) % len(servers)], Question(status.domain.name, rdtype))
        for index, rdtype in enumerate(ADDRESS_TYPES)
        if rdtype not in missing
        for step in range(ROUND_ASKS if drawn else 1)
        if servers
    )


def _one_cache(status: DomainStatus, servers: Sequence[Server]) -> Sequence[Server]:
    """Give the first resolver that answers, of those that hold answers: two caches would tell of a change in turns."""
    if not any(record.cache is not None for record in status.records):
        return servers
    failing = {told.server for record in status.records for told in record.servers if told.failures}
    return next(([server] for server in servers if server not in failing), servers[:1])


def _missing_families(status: DomainStatus) -> list[RecordType]:
    """Give the families that never existed beside one that does; a name that is not there may appear any time."""
    missing = [record.rdtype for record in status.records if record.state is RecordState.ABSENT and not record.existed]
    return missing if len(missing) < len(status.records) else []


def _is_late(status: DomainStatus, missing: RecordType) -> bool:
    """Tell whether a family that never existed was answered long before the other one."""
    newest = {
        record.rdtype: max(
            (server.at.monotonic for server in record.servers if server.at is not None), default=-math.inf
        )
        for record in status.records
    }
    return max(newest.values()) - newest[missing] > MISSING_FAMILY_LATE


def _exists_everywhere(record: RecordStatus) -> bool:
    return (
        record.existed
        and record.position is not None
        and record.position is not Position.ABSENT
        and not any(server.answer_class in ABSENT_CLASSES for server in record.servers)
    )
