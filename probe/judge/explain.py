"""Why a domain has its state. Asked for by people, so that nothing of it is on the path of an observation."""

from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.context import Context
from probe.judge.domain import PRECEDENCE, hosted, relevant
from probe.judge.record import flapping
from probe.judge.record.episode import chain, quiet
from probe.judge.record.period import rhythm
from probe.judge.record.periodogram import TICKER
from probe.judge.record.rules import SETTLE, Rule, applied
from probe.judge.record.state import RecordMemory, Remembered, Voters, beats_alone, dissenters, quorum, voters
from probe.judge.record.unknown_target import doubted, doubted_values
from probe.judge.record_sets import chosen_between, described, of_type, weights
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Plan
from probe.model.reason import Beat, Dwell, Explanation, Reason, Row
from probe.model.record import RecordState, RecordStatus
from probe.model.text import PLACES, brief, duration, listed, moment, plural

_ROWS = {
    Rule.CONTESTED: Row(
        "half of the servers or more answer with addresses that both sides' load balancers show", "unknown"
    ),
    Rule.NO_EVIDENCE: Row("no fresh evidence", "unknown"),
    Rule.FIGHTING: Row("it alternated, and has not been quiet for long enough yet", "flapping"),
    Rule.BEATING: Row(
        "answers are independent draws, and their share rises and falls with the declared interval", "flapping"
    ),
    Rule.DRAWN: Row("answers are independent draws, at two servers or more", "weighted"),
    Rule.DRAWN_AT_ONE: Row("answers are draws at one server only: a machine of it is stuck", "divided"),
    Rule.UNDER_WAY: Row(
        "past the grace time, machines of several servers are still following a change, one by one", "divided"
    ),
    Rule.STANDING: Row("servers disagree past the grace time, and no answer changes", "divided"),
    Rule.DISTURBED: Row("servers differ, or changed lately", "propagating"),
    Rule.UNCONFIRMED: Row("nothing is confirmed yet", "unknown"),
    Rule.CONFIRMED: Row("otherwise", "its confirmed position"),
}
_RULES_IN_ORDER = tuple(_ROWS)


def explain(state: DomainState, at: Instant, plan: Plan) -> Explanation:
    """Tell why the domain and its records have their states."""
    reasons = tuple(_reason(record, memory, at, plan) for record, memory in state.remembered)
    words = [_domain_sentence(state.status), *_told_apart(state), *_told_by_zone(state.status, at, plan)]
    return Explanation(" ".join(words), reasons)


def _told_apart(state: DomainState) -> list[str]:
    """Say in words what tells weights from a fight; what was seen of it is told record by record (`_reason`)."""
    records = [record for record in relevant(state.status) if record.cache is None]
    told = []
    if any(record.state is RecordState.WEIGHTED for record in records):
        told.append(
            "Weighted, and no fight: draws change from one answer to the next, at each server by itself. A fight "
            "rewrites the record: all servers change, and stay so until the next sync."
        )
    beating = [one.record.rdtype for one in state.remembered if beats_alone(*one)]
    if beating:
        told.append(
            "Flapping, though drawn by weights: the share itself rises and falls about as often as ExternalDNS syncs. "
            "That is inferred from many answers, none of which shows a change by itself."
        )
    if any(record.state is RecordState.FLAPPING and record.rdtype not in beating for record in records):
        told.append(
            "Flapping, and not weighted: a record that is rewritten changes at all servers, and stays so until it is "
            "written again. Draws change from one answer to the next, at each server by itself."
        )
    return told


def _told_by_zone(status: DomainStatus, at: Instant, plan: Plan) -> list[str]:
    """Say what the hosted zone that is read shows of it, and whether its weights are the declared ones."""
    written = hosted(status, at)
    if written is None or written.at is None or written.zone is None:
        return []
    book = open_book(plan)
    zone = f"Seen in the hosted zone {display(written.zone)} at {moment(written.at)}"
    if not written.sets:
        return [f"{zone}: it stands there in no record."]
    told = [f"{zone}: {listed([described(one, book) for one in written.sets])}."]
    declared = status.domain.weights
    kinds = [record.rdtype for record in relevant(status) if of_type(written.sets, record.rdtype)]
    if not any(chosen_between(written.sets, rdtype, book) for rdtype in kinds):
        told.append("Route 53 has nothing to choose between there: answers that differ are no weights of this zone.")
    if declared is not None:
        weighed = ((rdtype, weights(written.sets, rdtype, book)) for rdtype in kinds)
        off = [f"{rdtype.value} {own.v1}:{own.v2}" for rdtype, own in weighed if own and not own.is_like(declared)]
        told += [f"Declared are {declared.v1}:{declared.v2} (v1:v2), and written are {listed(off)}."] if off else []
    return told


def _domain_sentence(status: DomainStatus) -> str:
    pair = relevant(status)
    words = listed([f"{record.rdtype.value} is {record.state.value}" for record in pair])
    states = {record.state for record in pair}
    if status.state in states and len(states) == 1:
        return f"{words}, and so is the domain."
    if status.state in states:
        order = listed([state.value for state in PRECEDENCE if state in states])
        return f"{words}; the worse one is the domain's state ({order}, in this order)."
    return f"{words}; two families on different sides make a domain {status.state.value}."


def _reason(record: RecordStatus, memory: RecordMemory, at: Instant, plan: Plan) -> Reason:
    context = Context(AddressBook({}), tuple(server.server for server in record.servers), plan.probing)
    context = context.through(record.cache)
    having_a_say = voters(record, at, context)
    rule = applied(record, memory, at, context)
    return Reason(
        record.rdtype,
        record.state,
        tuple(_ROWS.values()),
        _RULES_IN_ORDER.index(rule),
        tuple(_numbers(record, memory, having_a_say, at, context)),
        _beat(Remembered(record, memory), at),
    )


def _numbers(
    record: RecordStatus, memory: RecordMemory, having_a_say: Voters, at: Instant, context: Context
) -> list[str]:
    grace = context.probing.grace
    heard = f"{len(having_a_say)} of {plural(len(record.servers), 'server')}"
    said = [
        f"{heard} count: their newest answer is not older than {duration(context.stale_after)}.",
        f"{plural(quorum(record, at.monotonic, context), 'server')} must agree before a change is believed.",
    ]
    if record.cache is not None:
        said.append(
            f"Resolvers answer for it out of their caches, for {record.cache} s at most: an answer counts once, when "
            "it was fetched, and two fetches that agree are a change."
        )
    if record.position is not None:
        against = len(dissenters(record))
        said.append(
            f"Confirmed is {PLACES[record.position]}; {plural(against, 'server')} last answered differently."
            if against
            else f"Confirmed is {PLACES[record.position]}, and no server last answered with anything else that counts."
        )
    in_doubt = doubted(record, memory, at)
    if in_doubt:
        said.append(
            f"{plural(len(in_doubt), 'server')} last answered {brief(doubted_values(in_doubt))}, "
            "which no load balancer was seen with: that does not count before their names were asked again."
        )
    if record.disturbed is not None:
        said.append(
            f"Answers have not all agreed for {_ago(record.disturbed, at)}; the grace time is {duration(grace)}, and "
            f"{duration(SETTLE)} of agreement end it."
        )
    if memory.changed is not None:
        said.append(f"A server last changed its answer {_ago(memory.changed, at)} ago.")
    if record.transitions:
        said.append(_changes(record, memory))
    if memory.fighting:
        said += _episode(record, memory, at)
    if memory.drawn:
        said += _drawn(record, memory, grace)
    return said


def _drawn(record: RecordStatus, memory: RecordMemory, grace: float) -> list[str]:
    """Say what proves draws, and a beat of their share."""
    if record.cache is not None:
        return ["Weights are declared, and fetches differ: that counts as weighted answers, as a cache shows no more."]
    servers = plural(memory.draw_servers.bit_count(), "server")
    said = [f"{servers} took an answer back within a second, at moments more than {duration(grace)} apart."]
    if beats_alone(record, memory) and memory.periodogram.windows:
        newest = memory.periodogram.windows[-1]
        said.append(
            f"The newest window's {plural(newest.answers, 'answer')} have a power of {newest.power:.1f} at a beat of "
            f"{duration((memory.periodogram.cycle or 0.0) - TICKER)}, and of {newest.noise:.1f} beside it; draws of "
            "one share have 1."
        )
    return said


def _episode(record: RecordStatus, memory: RecordMemory, at: Instant) -> list[str]:
    """Say what the present episode proves, and when it is over."""
    proof = "is that of two controllers" if memory.episode.controllers else "proves no two controllers so far"
    said = [f"It began {_ago(memory.episode.began, at)} ago; its beat {proof}."] if memory.episode.began else []
    rest = quiet(record, memory)
    if rest is not None:
        left = duration(rest.over - rest.newest)
        still = duration(at.monotonic - rest.newest)
        said.append(f"It is over when no server changes its answer for {left}; none has for {still}.")
    return said


def _changes(record: RecordStatus, memory: RecordMemory) -> str:
    found = chain(record, memory)
    if record.transitions == 1:
        return "1 confirmed change, and none before it."
    return (
        f"{plural(record.transitions, 'confirmed change')}, {record.reversals} of them back; the newest "
        f"{found.changes} belong together, and of those within {duration(flapping.HASTY)} of each other "
        f"{found.returns} returned to a "
        f"place ({flapping.RETURNS} are flapping)."
    )


def _ago(since: Instant, at: Instant) -> str:
    return duration(at.monotonic - since.monotonic)


def _beat(one: Remembered, at: Instant) -> Beat | None:
    if one.record.state is not RecordState.FLAPPING or beats_alone(*one):  # of shares there is none to hold a dwell
        return None
    found = rhythm(one)
    period = found.period or 0.0
    rest = quiet(one.record, one.memory)
    to_wall = at.wall - at.monotonic
    return Beat(
        found.period,
        tuple(Dwell(position, share, share * period) for position, share in found.shares),
        found.due(at.wall),
        rest.newest + to_wall if rest is not None else None,
        rest.over + to_wall if rest is not None else None,
    )
