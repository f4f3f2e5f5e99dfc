"""Which authoritative servers fail whatever they are asked, and which zones are not seen because all of theirs do.

A domain's own finding is for what a server answers for that domain. A server that gives no evidence to any query (no
response, REFUSED, lame) is one fault, however many domains lie in its zone: one finding about the zone names the
server's address. Where no server of a zone gives evidence, this vantage cannot know whose fault that is: it is blind
for that zone, and says so.

The state is small: the servers that fail at present. A server that answers anything with authority leaves the list.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from probe.judge.answer.held import speaks_for_zone
from probe.judge.findings.evidence import facts
from probe.judge.routed import explaining, unexplained
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.dissent import DissentingServer
from probe.model.finding import FactLabel, LabelledFact
from probe.model.name import DomainName, display
from probe.model.no_response_text import no_response_words
from probe.model.observation import Glimpse, Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, failure_of
from probe.model.record import RecordState
from probe.model.server import Server, ServerRole
from probe.model.text import listed, moment, plural

FAILING_AFTER = 180.0
"""Seconds of silence of one server, while others of its zone answer, after which the server is reported: the network on
the way to one address is often away for a minute or two, and it may be ours."""

REFUSING_AFTER = 60.0
"""Seconds instead where its messages come back and say nothing (refused, lame, malformed, ...): the way there is
whole, and a server that is started anew has its zones long before (case F1)."""

REFUSALS = 4
"""Consecutive answers without evidence (refused, lame, ...) beside that: such answers are not lost by chance."""

LOSSES = 12
"""Consecutive timeouts beside that: by chance at 20 % loss once in 2 * 10^8 turns, at 40 % once in 60,000."""

PRICED_LOSS = 0.4
"""Share of lost questions up to which so many timeouts are believed; where more is lost, it takes as many as are as
unlikely there."""

MOST_LOSS = 0.95
"""Share of lost questions that is reckoned with at most: beyond it 215 timeouts in a row suffice."""

UNSEEN_AFTER = 30.0
"""Seconds for which every server of a zone has to fail before the zone counts as not seen: four calm turns of a single
domain, as for the vantage as a whole."""

UNSEEN_FAILURES = 5
"""Failures of a zone's servers together beside that: at 20 % loss so many come by chance once in 3,000."""

SEVERAL_DOMAINS = 2
"""Domains of a zone for which a server stands against the others before that is told of the server: a change that did
not reach it concerns one domain, a zone that it no longer receives concerns all that change."""

MAX_NAMED = 4
"""Servers of a zone that have a line each beneath the headline; the others are counted."""


class WatchedZone(NamedTuple):
    """A zone that domains of the plan lie in: its authoritative servers, and how many domains these are."""

    servers: tuple[Server, ...]
    domains: int


WatchedZones: TypeAlias = Mapping[DomainName, WatchedZone]
"""Every zone that domains of the plan lie in."""


class FailingServer(NamedTuple):
    """One server that gave no evidence to any question of late.

    Attributes:
        server: Which.
        since: When the first of the present run of failures was noticed.
        failures: How many they are.
        reason: The newest one's.
        refusals: How many of them were messages that say nothing; the others were silence.
    """

    server: Server
    since: Instant
    failures: int
    reason: FailureReason
    refusals: int = 0

    def has_failed_for(self, seconds: float, loss: float = 0.0) -> bool:
        """Tell whether it fails for long and often enough to be reported, when it has done so for so many seconds.

        What counts is the whole run: one that is now silent and now refuses is not told of and withdrawn in turn.

        Args:
            seconds: For how long it fails.
            loss: The share of all questions that is lost of late.
        """
        refuses = self.refusals >= REFUSALS and seconds >= REFUSING_AFTER
        return refuses or (self.failures >= (REFUSALS if self.refusals else losses(loss)) and seconds >= FAILING_AFTER)


class ZoneSight(NamedTuple):
    """One zone that was not seen at some time.

    Attributes:
        zone: Which.
        unseen_since: Since when, None while it is seen.
        seen_since: When it came to be seen again; None before that.
    """

    zone: DomainName
    unseen_since: Instant | None = None
    seen_since: Instant | None = None


Failing: TypeAlias = tuple[FailingServer, ...]

Dissenting: TypeAlias = Mapping[DomainName, tuple[DissentingServer, ...]]
"""By zone."""


def losses(share: float) -> int:
    """Give how many consecutive timeouts are no chance where such a share of all questions is lost: 22 at 60 %."""
    if share <= PRICED_LOSS:
        return LOSSES
    return math.ceil(LOSSES * math.log(PRICED_LOSS) / math.log(min(share, MOST_LOSS)))


def follow(failing: Failing, observation: Observation | Glimpse) -> Failing:
    """Take in one observation; resolvers and answers of servers in good health change nothing."""
    server = observation.server
    if server.role is not ServerRole.AUTHORITATIVE:
        return failing
    reason = failure(observation.outcome, server)
    if reason is None:
        return tuple(one for one in failing if one.server != server) if failing else failing
    known = next((one for one in failing if one.server == server), None)
    if known is None:
        return (*failing, FailingServer(server, observation.at, 1, reason, int(not reason.is_lost)))
    refusals = known.refusals + (not reason.is_lost)
    grown = FailingServer(server, known.since, known.failures + 1, reason, refusals)
    return tuple(grown if one is known else one for one in failing)


def is_evidence(observation: Observation | Glimpse) -> bool:
    """Tell whether an authoritative server has said something about a record."""
    server = observation.server
    return server.role is ServerRole.AUTHORITATIVE and failure(observation.outcome, server) is None


def failure(outcome: Outcome, server: Server) -> FailureReason | None:
    """Give why an authoritative server's outcome is no evidence about any record; None where it is evidence."""
    if isinstance(outcome, NoResponse):
        return outcome.reason
    if outcome.rcode in ("NOERROR", "NXDOMAIN"):
        return None if speaks_for_zone(server, outcome) else FailureReason.LAME
    return failure_of(outcome.rcode)


def look(sights: tuple[ZoneSight, ...], failing: Failing, zones: WatchedZones, now: Instant) -> tuple[ZoneSight, ...]:
    """Bring up to `now` which zones are not seen."""
    if not failing and all(sight.unseen_since is None for sight in sights):
        return sights
    known = {sight.zone: sight for sight in sights}
    looked = []
    for zone, watched in zones.items():
        sight = known.get(zone, ZoneSight(zone))
        began = _unseen_since(watched.servers, failing, now)
        if began is not None:
            sight = sight if sight.unseen_since is not None else ZoneSight(zone, began)
        elif sight.unseen_since is not None:
            sight = ZoneSight(zone, None, now)
        if sight.unseen_since is not None or sight.seen_since is not None:
            looked.append(sight)
    return tuple(looked)


def unseen(sights: Iterable[ZoneSight], failing: Failing, zones: WatchedZones) -> str:
    """Say since when zones are not seen, and what their servers do instead; empty where all are seen."""
    told = []
    for sight in sights:
        if sight.unseen_since is not None:
            watched = zones.get(sight.zone)
            members = [one for one in failing if watched is not None and one.server in watched.servers]
            reasons = listed(sorted({no_response_words(one.reason).lasting for one in members}))
            told.append(f"{display(sight.zone)} since {moment(sight.unseen_since)} ({reasons})")
    return listed(told)


def accused(
    sights: Iterable[ZoneSight], failing: Failing, zones: WatchedZones, now: Instant, loss: float = 0.0
) -> dict[DomainName, Failing]:
    """Give the servers to be reported, by zone: those that fail for long while others of their zone answer.

    Args:
        sights: What each domain of a zone has seen of its servers.
        failing: Which fail, and since when, as far as it is known already.
        zones: The zones that are watched, with their servers.
        now: The present.
        loss: The share of all questions that the way loses, 0 to 1: no server is accused of that.
    """
    if not failing:
        return {}
    seen_since = {sight.zone: sight for sight in sights}
    told = {}
    for zone, watched in zones.items():
        servers, sight = watched.servers, seen_since.get(zone)
        if sight is not None and sight.unseen_since is not None:
            continue
        again = sight.seen_since.monotonic if sight is not None and sight.seen_since is not None else None
        members = tuple(one for one in failing if one.server in servers and has_failed(one, again, now, loss))
        if members and len({one.server for one in failing} & set(servers)) < len(servers):
            told[zone] = members
    return told


def dissenting(states: Iterable[tuple[DomainName, DomainState]]) -> dict[DomainName, tuple[DissentingServer, ...]]:
    """Give the servers that stand against the others for several domains of a zone, by zone.

    Args:
        states: The zone of each domain that is divided, and its state.
    """
    found: dict[DomainName, dict[Server, DissentingServer]] = {}
    for zone, state in states:
        status = state.status
        routing = explaining(status)
        by_server = found.setdefault(zone, {})
        for record, memory in state.remembered:
            if record.state is not RecordState.DIVIDED or memory.under_way or record.since is None:
                continue
            for one in unexplained(record, routing):
                known = by_server.get(one.server, DissentingServer(one.server, (), record.since))
                since = min(known.since, record.since, key=lambda at: at.monotonic)
                domains = tuple(dict.fromkeys((*known.domains, status.domain.name)))
                by_server[one.server] = DissentingServer(one.server, domains, since)
    told = {
        zone: tuple(one for one in by.values() if len(one.domains) >= SEVERAL_DOMAINS) for zone, by in found.items()
    }
    return {zone: servers for zone, servers in told.items() if servers}


def told_dissent(one: DissentingServer) -> str:
    """Say for which domains one server stands against the others, and since when."""
    named = listed([display(name) for name in one.domains])
    return (
        f"{_who(one.server)} keeps answering something else than the zone's other servers for "
        f"{plural(len(one.domains), 'domain')} ({named}) since {moment(one.since)}"
    )


def sentence(zone: DomainName, members: Failing, dissenting: Sequence[DissentingServer]) -> str:
    """Say which servers of a zone fail, or stand against its others, and how."""
    if len(members) == 1 and not dissenting:
        one = members[0]
        does = no_response_words(one.reason).lasting
        return f"{_who(one.server)} {does}, while other servers of {display(zone)} answer."
    if len(dissenting) == 1 and not members:
        alone = dissenting[0]
        return (
            f"{_who(alone.server)} keeps answering differently from the other servers of {display(zone)} for "
            f"{plural(len(alone.domains), 'domain')}."
        )
    servers = {one.server for one in members} | {one.server for one in dissenting}
    return f"{plural(len(servers), 'server')} of {display(zone)} fail, while other servers of the zone answer."


def failure_facts(members: Failing, dissenting: Sequence[DissentingServer], domains: int) -> tuple[LabelledFact, ...]:
    """Say of each server since when and how it fails, and how many domains of the plan that concerns."""
    named = [*map(told, members), *map(told_dissent, dissenting)]
    more = f"{plural(len(named) - MAX_NAMED, 'more server')} fail as well" if len(named) > MAX_NAMED else ""
    return facts(
        *((FactLabel.ANSWERS, words) for words in named[:MAX_NAMED]),
        (FactLabel.ANSWERS, more),
        (
            FactLabel.EFFECT,
            f"{plural(domains, 'domain')} of the plan: clients wait, or get an error, until they ask another server"
            if members
            else "",
        ),
    )


def told(one: FailingServer) -> str:
    """Say what one server does instead of answering, since when and how often."""
    times = plural(one.failures, "question")
    return f"{_who(one.server)} {no_response_words(one.reason).lasting} since {moment(one.since)} ({times} in a row)"


def _who(server: Server) -> str:
    return server.address if server.name == server.address else f"{display(server.name)} ({server.address})"


def _unseen_since(servers: tuple[Server, ...], failing: Failing, now: Instant) -> Instant | None:
    members = [one for one in failing if one.server in servers]
    if not servers or {one.server for one in members} != set(servers):
        return None
    newest = max((one.since for one in members), key=lambda since: since.monotonic)
    enough = sum(one.failures for one in members) >= UNSEEN_FAILURES
    return newest if enough and now.monotonic - newest.monotonic >= UNSEEN_AFTER else None


def has_failed(one: FailingServer, seen_since: float | None, now: Instant, loss: float = 0.0) -> bool:
    """Tell whether one fails for long enough, not counting the time in which all of its zone did.

    `seen_since` is the monotonic second from which on the zone is seen again, `loss` the share of questions that
    the way loses of late.
    """
    began = max(one.since.monotonic, seen_since) if seen_since is not None else one.since.monotonic
    return one.has_failed_for(now.monotonic - began, loss)
