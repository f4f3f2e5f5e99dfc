"""The verdict on a domain in one sentence: what happens, since when, how much is known of it, and what is expected."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from probe.judge.context import Context
from probe.judge.domain import cache_of, hosted, open_split, relevant, shares_of, with_home
from probe.judge.ownership.wildcard import covered_by, owner_of_wildcard
from probe.judge.record.likelihood import INDEX
from probe.judge.record.periodogram import TICKER
from probe.judge.record.state import Remembered, beats_alone, counts, dissenters, is_contested
from probe.judge.record.unknown_target import doubted, doubted_values, is_doubted
from probe.judge.record_sets import chosen_between
from probe.judge.routed import is_as_routed
from probe.judge.share.share_text import Fetched, not_told_yet, of_fetched, told
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.no_response_text import no_response_words
from probe.model.outcome import FailureReason
from probe.model.plan import Domain, Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.server import Server
from probe.model.text import PLACES, brief, duration, listed, moment, plural, wall

_NONE_IN_DOUBT: Mapping[RecordType, int] = MappingProxyType({})

SEEN_ALIKE = "a fight and weights look alike through a cache; the record sets in Route 53 show which it is"
"""What cannot be told through a cache, and where it stands."""

SEEN_LATE = "a change is seen up to its TTL late"
"""How much less is seen through a cache than at authoritative servers."""


def answerers(status: DomainStatus) -> str:
    """Say who answers for a domain: nothing that a cache told is claimed to be its authoritative servers' word."""
    return "authoritative servers" if cache_of(status) is None else "zone's resolvers"


def through_cache(status: DomainStatus) -> str:
    """Say through what a domain is looked at whose servers are resolvers.

    At least: what is seen first may have been fetched for somebody else a while ago.
    """
    caches = max(len(record.servers) for record in relevant(status))
    seconds = cache_of(status) or 0
    return f"through {'a cache' if caches == 1 else f'{caches} caches'} of at least {seconds} s"


def sentence(state: DomainState, at: Instant, context: Context) -> str:
    """Say what happens at `at`, and what is expected, in one sentence."""
    status = state.status
    pair = with_home(status, context)
    homeless = [record for record in relevant(status) if record not in pair]
    since = f" since {moment(status.since)}" if status.since is not None else ""
    words = _happening(state, pair, at, context)
    if status.state.is_at_rest and status.state is not RecordState.ABSENT:
        words += _covered(status, context)
    if homeless and status.state.is_side:
        since += (
            f"; it no longer has {listed([one.rdtype.value for one in homeless])}, which no load balancer there has"
        )
    so_far = f"{_in_doubt(state, pair, at)}{_may_be_drawn(state, pair)}"
    words = f"{display(status.domain.name)} {words}{since}{so_far}; {expected(status.domain)}"
    if cache_of(status) is None:
        return f"{words}."
    return f"{words}. Seen {through_cache(status)}: {SEEN_LATE}; {told_apart(status, at, context)}."


def told_apart(status: DomainStatus, at: Instant, context: Context) -> str:
    """Say what an answer that alternates means through a cache: the record sets tell, where they are read."""
    written = hosted(status, at)
    if written is None or not written.sets:
        return SEEN_ALIKE
    kinds = [record.rdtype for record in relevant(status)]
    if any(chosen_between(written.sets, rdtype, context.book) for rdtype in kinds):
        return "the hosted zone holds weighted or routed sets of it, between which Route 53 chooses"
    return "the hosted zone holds no sets of it between which Route 53 chooses: weights do not explain what alternates"


def _happening(  # noqa: PLR0911  # one way out for each state
    state: DomainState, pair: tuple[RecordStatus, ...], at: Instant, context: Context
) -> str:
    match state.status.state:
        case RecordState.V1 | RecordState.V2 as side:
            return _leads(state, pair, side, at)
        case RecordState.WEIGHTED:
            return f"is split by weighted routing: {_shares(state.status, pair)}{_as_routed(state.status)}"
        case RecordState.PROPAGATING:
            return _absent(pair) if _is_gone(pair) else _changing(pair)
        case RecordState.FLAPPING:
            routed = _as_routed(state.status)
            return f"changes sides: {_flaps(state, pair)}{routed}" if routed else f"flaps: {_flaps(state, pair)}"
        case RecordState.DIVIDED:
            return f"is divided: {_words(pair)}{_as_routed(state.status)}"
        case RecordState.ABSENT:
            return _absent(pair)
        case RecordState.FOREIGN:
            return f"leads to an address of neither side {_agreement(pair)}"
        case RecordState.UNKNOWN:
            return f"is not known: {_untold(state, at, context)}"
        case other:
            assert_never(other)


def _leads(state: DomainState, pair: tuple[RecordStatus, ...], side: RecordState, at: Instant) -> str:
    """Say where a domain leads, and at how many servers: not at those whose newest answers are doubted."""
    in_doubt = {one.record.rdtype: len(doubted(*one, at)) for one in state.remembered if one.record in pair}
    if all(in_doubt[record.rdtype] >= len(record.servers) > 0 for record in pair):
        return f"led to {side.value} until now"
    return f"leads to {side.value} {_agreement(pair, in_doubt)}"


def _in_doubt(state: DomainState, pair: tuple[RecordStatus, ...], at: Instant) -> str:
    """Say what servers answer that is not believed yet, because a load balancer that grows would look the same."""
    if state.status.state is RecordState.UNKNOWN or state.status.state.is_varying:
        return ""  # of the former it is the reason, and of the latter one answer does not tell the next
    by_record = [(one.record, doubted(*one, at)) for one in state.remembered if one.record in pair]
    record, most = max(by_record, key=lambda one: len(one[1]))
    if not most:
        return ""
    of = "all" if len(most) == len(record.servers) > 1 else f"{len(most)} of"
    values = brief(doubted_values([server for _, servers in by_record for server in servers]))
    return (
        f"; {of} {plural(len(record.servers), 'server')} answer{'s' * (len(most) == 1)} {values}, "
        "which no load balancer was seen with, and their names are being asked again"
    )


def _may_be_drawn(state: DomainState, pair: tuple[RecordStatus, ...]) -> str:
    """Say of a domain that leads to one side how much its answers tell against a part that leads to the other one.

    Where a part is declared, until the answers decide; and through caches always, where answers are few.
    """
    status = state.status
    side, weights = status.state.side, open_split(status)
    if weights is not None and status.state is RecordState.PROPAGATING:
        return "; draws by its declared weights look so as well"
    if side is None or status.domain.routing is not None:
        return ""
    if weights is not None:
        return f"; {not_told_yet(shares_of(status, pair), weights, side)}"
    if cache_of(status) is None:
        return ""
    fetched = [_fetched(one, side) for one in state.remembered if one.record in pair]
    return f"; {of_fetched(fetched, side)}" if all(one.total for one in fetched) else ""


def _fetched(one: Remembered, side: Position) -> Fetched:
    seen = counts(*one)
    return Fetched(one.record.rdtype, seen[INDEX[side]], sum(seen), changed=one.record.transitions > 0)


def _as_routed(status: DomainStatus) -> str:
    """Say that Route 53 chooses between the sides, where the plan declares it and nothing contradicts it."""
    routing = status.domain.routing
    return f", as its declared {routing.value} routing may do" if routing is not None and is_as_routed(status) else ""


def expected(domain: Domain) -> str:
    """Say what a domain's wave expects of it, and what it will expect next."""
    now = _expectation(domain.expectation, domain.weights)
    words = "it is moving, expected on either side" if domain.expectation is Expectation.MOVING else f"expected {now}"
    if domain.routing is not None:
        words += f" by {domain.routing.value} routing"
    step = domain.upcoming
    if step is None or step.at is None:
        return words
    return f"{words} until {wall(step.at)}, then {_expectation(step.expectation, step.weights)}"


def _expectation(expectation: Expectation, weights: Weights | None) -> str:
    match expectation:
        case Expectation.WEIGHTED if weights is not None:
            return f"weighted {weights.v1} (v1) to {weights.v2} (v2)"
        case Expectation.V1 | Expectation.V2 | Expectation.MOVING | Expectation.WEIGHTED:
            return expectation.value
        case _:
            assert_never(expectation)


def _is_gone(pair: tuple[RecordStatus, ...]) -> bool:
    """Tell whether an outage goes on: no record is left, however many servers are still to follow, or have it again."""
    return all(_is_lost(record) and _agreeing(record) > 0 for record in pair)


def _is_lost(record: RecordStatus) -> bool:
    """Tell whether a record was confirmed to be there before it was to be away: one that appears was not."""
    return record.position is Position.ABSENT and any(change.after is Position.ABSENT for change in record.recent[-1:])


def _absent(pair: tuple[RecordStatus, ...]) -> str:
    """Say that a name is away; where one family is there, it is the other one's record that is."""
    away = tuple(record for record in pair if record.position is Position.ABSENT)
    there = tuple(record for record in pair if record not in away)
    lost = any(map(_is_lost, away))
    if away and there:
        return f"{'no longer has' if lost else 'has no'} {away[0].rdtype.value} {_agreement(away)} ({_words(there)})"
    return f"{'no longer exists' if lost else 'does not exist'} {_agreement(pair)}"


def _agreement(pair: tuple[RecordStatus, ...], in_doubt: Mapping[RecordType, int] = _NONE_IN_DOUBT) -> str:
    """Say at how many servers the confirmed position is seen, by the record at which the fewest show it.

    None that was asked last may have answered, for as long as what they said before counts.
    """
    by_record = [(_agreeing(record) - in_doubt.get(record.rdtype, 0), len(record.servers), record) for record in pair]
    agreeing, total, record = min(by_record, key=lambda one: one[0])
    agreeing = max(0, agreeing)
    kind = "server" if record.cache is None else "resolver"
    if not _heard(record) and total:
        whose = f"answer of its only {kind}, which did not answer"
        if total > 1:
            whose = f"answers of its {total} {kind}s, none of which answered"
        return f"by the last {whose} the newest question for {record.rdtype.value},"
    return f"at all {total} {kind}s" if agreeing == total > 1 else f"at {agreeing} of {plural(total, kind)}"


def _agreeing(record: RecordStatus) -> int:
    return _heard(record) - sum(server.failures == 0 for server in dissenters(record))


def _heard(record: RecordStatus) -> int:
    """Count the servers that answered when they were asked last."""
    return sum(server.at is not None and server.failures == 0 for server in record.servers)


def _words(pair: tuple[RecordStatus, ...]) -> str:
    return ", ".join(f"{record.rdtype.value} {_word(record)}" for record in pair)


def _word(record: RecordStatus) -> str:
    if record.position is None:
        return "not agreed on a side"
    against = dissenters(record)
    place = PLACES[record.position]
    if not against:
        return place
    if len(against) < sum(server.position is not None for server in record.servers):
        return f"{place} (not at {len(against)} of {plural(len(record.servers), 'server')})"
    said = {server.position for server in against}
    where = "its only server" if len(record.servers) == 1 else "every server that answers"
    return f"{place} until now, {listed([PLACES[position] for position in Position if position in said])} at {where}"


def _changing(pair: tuple[RecordStatus, ...]) -> str:
    """Say that servers differ, or that they did until lately: it takes a while until that was the last of it."""
    differ = any(record.position is None or dissenters(record) for record in pair)
    how = "is changing, servers differ" if differ else "is settling, servers agree"
    several = any(len(record.servers) > 1 for record in pair)
    return f"{how if several else how.partition(',')[0]}: {_words(pair)}"


def _shares(status: DomainStatus, pair: tuple[RecordStatus, ...]) -> str:
    """Say the shares of records that exist: where weights are declared, a family without a record has one as well."""
    return ", ".join(map(told, shares_of(status, pair))) or "its share is not known yet"


def _flaps(state: DomainState, pair: tuple[RecordStatus, ...]) -> str:
    return ", ".join(
        _flap(one) for one in state.remembered if one.record in pair and one.record.state is RecordState.FLAPPING
    )


def _flap(one: Remembered) -> str:
    record = one.record
    if beats_alone(*one):
        every = duration((one.memory.periodogram.cycle or 0.0) - TICKER)
        return f"{record.rdtype.value} between shares about every {every}, inferred from the beat of its answers"
    if not record.recent:
        return f"{record.rdtype.value} changes faster than its servers follow"
    newest = record.recent[-1]
    return (
        f"{record.rdtype.value} between {PLACES[newest.before]} and {PLACES[newest.after]} "
        f"({plural(record.transitions, 'change')}, the newest at {moment(newest.at)})"
    )


def _untold(state: DomainState, at: Instant, context: Context) -> str:
    pair = relevant(state.status)
    if not any(is_contested(*one) for one in state.remembered if one.record in pair):
        return _missing(state, at, context)
    shown = listed(list(context.book.contested)) or "an address"
    return f"it leads to {shown}, which load balancers of both sides show: no answer tells them apart"


def _missing(state: DomainState, at: Instant, context: Context) -> str:
    pair = relevant(state.status)
    if not context.servers:
        return "no authoritative server was found for it"
    if any(is_doubted(memory, at) for record, memory in state.remembered if record in pair):
        if context.book.unseen:
            names = listed([display(name) for name in context.book.unseen])
            return f"it leads to an address that no load balancer was seen with, and no address was seen of {names}"
        return "it leads to an address that no load balancer was seen with, and their names are being asked again"
    if any(server.at is not None for record in pair for server in record.servers):
        return "too few servers have answered lately"
    silent = {server.server: server.failure for record in pair for server in record.servers if server.failures}
    if silent:
        return f"no server answers{_why(silent)}"
    anew = any(record.existed for record in pair)
    return f"no server was asked {'since the plan calls its answers otherwise' if anew else 'yet'}"


def _covered(status: DomainStatus, context: Context) -> str:
    """Say that a name has no record of its own, where a wildcard answers for it, and whose the wildcard is."""
    wildcard = covered_by(status)
    if wildcard is None:
        return ""
    owners = sorted(f'"{owner}"' for owner in owner_of_wildcard(status, context.unseal, context.registries))
    whose = f", owner {listed(owners)}" if owners else ""
    return f" by a wildcard ({display(wildcard)} or one above it{whose}), without a record of its own"


def _why(silent: Mapping[Server, FailureReason | None]) -> str:
    """Say what came of the questions instead of an answer, reason by reason."""
    told = []
    for reason in sorted(FailureReason, key=lambda reason: not reason.is_lost):
        who = [server.address for server, failure in silent.items() if failure is reason]
        if who:
            told.append(f"{listed(who)} {no_response_words(reason).once}")
    return f" with authority ({'; '.join(told)})" if told else ""
