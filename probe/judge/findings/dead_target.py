"""A record that leads to a load balancer which does not exist any more, or never had an address.

What is seen: a CNAME whose target the load balancers' own servers deny; an alias that still shows the addresses which a
denied name showed last; a CNAME chain that ends in NXDOMAIN within one answer. What is inferred, and said so: an
address that no load balancer of the plan shows, while one of them is denied that was never seen with an address, as
after a restart of the probe.
"""

from collections.abc import Iterator
from typing import NamedTuple

from probe.judge.advice.of_records import restore_set
from probe.judge.answer.cname import follow
from probe.judge.context import Context
from probe.judge.findings.declaration import UNDECIDED, Verdict
from probe.judge.findings.evidence import Found, facts, kinds, word_by_word
from probe.judge.record.period import comes_back
from probe.judge.record.state import GIVEN_UP, Remembered
from probe.judge.record.unknown_target import BELIEVED_AFTER, is_doubted
from probe.judge.record.weighted import goes_astray
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, FindingCode
from probe.model.name import DomainName, display
from probe.model.outcome import Response
from probe.model.plan import Probing
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.text import brief, listed, moment

EMPTIED_WITHIN = 300.0
"""Seconds between an alias' last address and the denial of its load balancer: names are looked up every half minute,
and each of both is seen up to a TTL and a propagation late. Two events so close are one, and others a night apart."""


class DeadEnd(NamedTuple):
    """Where one record leads in vain.

    Attributes:
        rdtype: The record's type.
        target: The name that has no address.
        addresses: What the record's servers still answer; none for a CNAME.
    """

    rdtype: RecordType
    target: DomainName
    addresses: tuple[str, ...] = ()


def clear_of_the_dead(probing: Probing) -> float:
    """Seconds for which no server may lead there: of weights, one draw in a hundred may, at each server in turn."""
    return probing.grace


def dead_target(state: DomainState, at: Instant, context: Context) -> Verdict:
    """Tell of every record whose newest answers lead to a dead name, at any server that answers.

    It is told on in the other turns of a fight, for as long as the fight goes on and the name is dead.
    """
    status = state.status
    if status.state is RecordState.UNKNOWN:
        return _inferred(state, at, context) or UNDECIDED
    ends = tuple(dict.fromkeys(dead_ends(status, at, context)))
    if not ends:
        return _between_turns(state, at, context) or _emptied(status, at, context) or _drawn(state, at, context)
    targets = list(dict.fromkeys(end.target for end in ends))
    types = {end.rdtype for end in ends}
    records = tuple(record for record in status.records if record.rdtype in types)
    addresses = sorted({address for end in ends for address in end.addresses})
    name = f"{display(status.domain.name)} ({kinds(records)})"
    where = brief([display(target) for target in targets])
    return Found(
        f"{name} still leads to the last addresses of {where}, which has none any more."
        if addresses
        else f"{name} leads to {where}, which does not exist or has no address.",
        (*(_denial(target, context) for target in targets), *word_by_word(records)),
        facts=facts(
            *((FactLabel.SINCE, _since(target, context)) for target in targets),
            (FactLabel.ANSWERS, listed(addresses)),
            (
                FactLabel.EFFECT,
                "AWS may give the address to another customer, which then receives the traffic"
                if addresses
                else "Clients get no address",
            ),
        ),
    )


def _between_turns(state: DomainState, at: Instant, context: Context) -> Found | None:
    """Tell on of dead names to whose side flapping records return: which they are was told when they led there.

    Once a turn has led to a living one of that side, the finding is on its way to be cleared.
    """
    status = state.status
    told = next((finding for finding in status.findings if finding.code is FindingCode.DEAD_TARGET), None)
    if told is None or any(one.code is FindingCode.DEAD_TARGET for one in status.awaited):
        return None  # nearly always
    known = {fact.text for fact in told.facts}
    dead = {
        name: next(place for place in Position if place.side is side)
        for name, side in context.book.names.items()
        if context.book.is_dead(name, at) and _since(name, context) in known
    }
    away = {one.record.rdtype: _left_by_turns(one, at) & set(dead.values()) for one in state.remembered}
    targets = [name for name, place in dead.items() if any(place in places for places in away.values())]
    if not targets:
        return None
    records = [record for record in status.records if away[record.rdtype]]
    return Found(
        f"{display(status.domain.name)} ({kinds(records)}) keeps returning to "
        f"{brief([display(name) for name in targets])}, which does not exist or has no address.",
        (*(_denial(name, context) for name in targets), *word_by_word(records)),
        inferred=told.inferred,
        facts=(
            *facts(*((FactLabel.SINCE, _since(name, context)) for name in targets)),
            *(fact for fact in told.facts if fact.label is FactLabel.EFFECT),
        ),
    )


def _left_by_turns(one: Remembered, at: Instant) -> set[Position]:
    """Give where a record that flaps goes on to return, and where no server has it now."""
    now = {server.position for server in one.record.servers if server.failures < GIVEN_UP}
    return {place for place in Position if place not in now and comes_back(one, place, at.monotonic)}


def emptied(status: DomainStatus, context: Context) -> dict[RecordType, tuple[DomainName, ...]]:
    """Give the types whose alias answers nothing since a load balancer of its side is denied, with such names.

    Every server says that the name exists (NODATA), as of an alias whose target has no address; a record that was
    deleted is denied as a name, unless others stand beside it. Whether the denial counts yet is not asked here.
    """
    return {
        record.rdtype: names
        for record in status.records
        if context.book.denied and _is_empty(record) and (names := tuple(_gone_with(record, context)))
    }


def _is_empty(record: RecordStatus) -> bool:
    if record.position is not Position.ABSENT or not record.recent or not record.recent[-1].before.is_side:
        return False
    said = [server.response for server in record.servers if server.response is not None and not server.failures]
    return bool(said) and all(each.rcode == "NOERROR" and not each.answer for each in said)


def _gone_with(record: RecordStatus, context: Context) -> Iterator[DomainName]:
    left = record.recent[-1]
    for name, denial in context.book.denied.items():
        is_near = abs(denial.since.monotonic - left.at.monotonic) <= EMPTIED_WITHIN
        if is_near and name in context.book.answered and context.book.side_of_name(name) is left.before.side:
            yield name


def dead_aliases(status: DomainStatus, at: Instant, context: Context) -> dict[RecordType, tuple[DomainName, ...]]:
    """Give the same of those whose load balancer counts as dead by now."""
    gone = {
        rdtype: tuple(name for name in names if context.book.is_dead(name, at))
        for rdtype, names in emptied(status, context).items()
    }
    return {rdtype: names for rdtype, names in gone.items() if names}


def _emptied(status: DomainStatus, at: Instant, context: Context) -> Found | None:
    return _as_alias(
        status,
        dead_aliases(status, at, context),
        context,
        how="answers nothing",
        effect="Clients get no address",
        why="the name exists, and its address went with those of the load balancer",
    )


def dead_draws(state: DomainState, at: Instant, context: Context) -> dict[RecordType, tuple[DomainName, ...]]:
    """Give the types a part of whose draws answers nothing, with the names of a side whose load balancers are all dead.

    The draws are of weights: the set of that side stands, as an alias of a load balancer that is gone.
    """
    astray = [one for one, memory in state.remembered if goes_astray(one, memory, Position.ABSENT, at.monotonic)]
    if not astray:
        return {}  # nearly always
    sides = context.book.names
    alive = {side for name, side in sides.items() if not context.book.is_dead(name, at)}
    dead = [name for name, side in sides.items() if side not in alive]
    found: dict[RecordType, tuple[DomainName, ...]] = {}
    for record in astray:
        led = {server.position.side for server in record.servers if server.position is not None}
        names = tuple(name for name in dead if context.book.side_of_name(name) not in led)
        if names and not any(_denies_name(server.response) for server in record.servers):
            found[record.rdtype] = names
    return found


def _denies_name(response: Response | None) -> bool:
    return response is not None and response.rcode == "NXDOMAIN"


def _drawn(state: DomainState, at: Instant, context: Context) -> Found | None:
    found = _as_alias(
        state.status,
        dead_draws(state, at, context),
        context,
        how="answers nothing in some draws",
        effect="Clients get no address at each such draw",
        why="some draws deny the record, and no answer leads to that load balancer's side",
    )
    return None if found is None else found._replace(advise=restore_set)


def _as_alias(  # noqa: PLR0913  # what is dead, and how it is said
    status: DomainStatus,
    dead: dict[RecordType, tuple[DomainName, ...]],
    context: Context,
    *,
    how: str,
    effect: str,
    why: str,
) -> Found | None:
    """Tell of types that probably stand as aliases of dead load balancers, if there are any."""
    if not dead:
        return None
    records = tuple(record for record in status.records if record.rdtype in dead)
    targets = list(dict.fromkeys(name for record in records for name in dead[record.rdtype]))
    return Found(
        f"{display(status.domain.name)} ({kinds(records)}) {how}, probably as an alias of "
        f"{brief([display(target) for target in targets])}, which has no address.",
        (*(_denial(target, context) for target in targets), *word_by_word(records)),
        inferred=True,
        facts=facts(
            *((FactLabel.SINCE, _since(target, context)) for target in targets),
            (FactLabel.EFFECT, effect),
            (FactLabel.PROOF, f"Inferred: {why}"),
        ),
    )


def dead_ends(status: DomainStatus, at: Instant, context: Context) -> Iterator[DeadEnd]:
    """Give where the newest answers of the servers lead to a dead name."""
    if not any(context.book.is_dead(name, at) for name in context.book.denied) and not _any_chain_is_denied(status):
        return  # nearly always, and it is asked every few seconds for every domain
    for record in status.records:
        for server in record.servers:
            if server.response is not None and server.failures < GIVEN_UP:
                yield from _of_answer(record, server.response, status.domain.name, at, context)


def _any_chain_is_denied(status: DomainStatus) -> bool:
    return any(
        server.response is not None and server.response.rcode == "NXDOMAIN" and server.response.answer
        for record in status.records
        for server in record.servers
    )


def ends_in_denial(response: Response | None, name: DomainName, rdtype: str) -> bool:
    """Tell whether an answer is a CNAME chain whose end does not exist: the record stands, and leads nowhere."""
    return response is not None and response.rcode == "NXDOMAIN" and bool(follow(response, name, rdtype).targets)


def _of_answer(
    record: RecordStatus, response: Response, name: DomainName, at: Instant, context: Context
) -> Iterator[DeadEnd]:
    end = follow(response, name, record.rdtype)
    dead = next((target for target in end.targets if context.book.is_dead(target, at)), None)
    if dead is None and ends_in_denial(response, name, record.rdtype):
        dead = end.targets[-1]
    if dead is not None:
        yield DeadEnd(record.rdtype, dead)
    elif end.rdata:
        sources = [context.book.dead_source(address, at) for address in end.rdata]
        gone = [source for source in sources if source is not None]
        if len(gone) == len(sources):
            yield from (DeadEnd(record.rdtype, source, end.rdata) for source in dict.fromkeys(gone))


def _since(target: DomainName, context: Context) -> str:
    denial = context.book.denial(target)
    return f"{moment(denial.since)}: {display(target)} has no address" if denial is not None else ""


def _denial(target: DomainName, context: Context) -> str:
    denial = context.book.denial(target)
    if denial is None:
        return f"The answer itself says that {display(target)} does not exist"
    return (
        f"{moment(denial.since)}: the servers of {display(target)} deny {listed(sorted(denial.types))} "
        f"({denial.answers} times since)"
    )


def _inferred(state: DomainState, at: Instant, context: Context) -> Found | None:
    """An address that nobody shows, for longer than a growing load balancer's stays unknown, and a denied name."""
    doubted = [
        record
        for record, memory in state.remembered
        if memory.elsewhere.since is not None
        and is_doubted(memory, at)
        and at.monotonic - memory.elsewhere.since.monotonic >= BELIEVED_AFTER
    ]
    dead = [name for name in context.book.unseen if context.book.is_dead(name, at)]
    if not doubted or not dead:
        return None
    return Found(
        f"{display(state.status.domain.name)} ({kinds(doubted)}) probably still leads to the last addresses of "
        f"{brief([display(name) for name in dead])}, which has none.",
        tuple(_denial(name, context) for name in dead),
        inferred=True,
        facts=facts(
            *((FactLabel.SINCE, _since(name, context)) for name in dead),
            (FactLabel.PROOF, "Inferred: no load balancer of the plan shows the address that the record leads to"),
        ),
    )
