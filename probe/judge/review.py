"""The one way to a verdict: the fold of one observation into one domain's state.

`check`, `confirm`, `replay` and the daemon all call `review`, and nothing else makes or changes a state: `initial`
begins one, `expire` lets time pass without an observation, `adopt` takes over a changed plan, and `review_service`
folds what an HTTPS check brought.

Simultaneous answers of different servers commute when each server stands by its word in the answers around them: then
the verdict is the same whatever their order. (Where a server contradicts itself, the answer that tips the scale first
decides.)
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from probe.judge.answer.address_book import AddressBook
from probe.judge.answer.classify import classify
from probe.judge.answer.held import held_for, is_fetched, is_held, speaks_for_zone
from probe.judge.context import Context
from probe.judge.domain import cache_of
from probe.judge.domain_text import expected
from probe.judge.effects import changes
from probe.judge.ownership.names import places_of
from probe.judge.ownership.txt_history import spoken_for, standing_beside
from probe.judge.ownership.txt_reading import hear as hear_txt
from probe.judge.ownership.txt_reading import may_be_late, read_again
from probe.judge.ownership.wildcard import covered_by, explained, is_asked_beside, is_made_up, is_uncovered
from probe.judge.ownership.wildcard import hear as hear_wildcard
from probe.judge.pipeline import conclude, soaked
from probe.judge.propagation.cached import depart
from probe.judge.propagation.resolver import assess, hear, in_order, weigh
from probe.judge.record import fold as records
from probe.judge.record.state import RecordMemory, align
from probe.judge.record_sets import remember, remember_beside
from probe.judge.service import falters, fold, forget, services_of
from probe.judge.share.window import first_shares
from probe.judge.state import DomainMemory, DomainState, shared_memory
from probe.judge.undisturbed import is_undisturbed
from probe.judge.zone_views import sees_other, with_other_txt
from probe.model.clock import Instant
from probe.model.confirmation import Confirmation
from probe.model.domain import DomainStatus
from probe.model.effect import Effect, Surprised, TargetsDoubted
from probe.model.external_dns import TxtRegistry, unseal_of
from probe.model.name import DomainName, display, is_within
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.ownership import TxtStatus
from probe.model.plan import Domain, Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import RecordState, RecordStatus
from probe.model.resolver import ResolverStatus
from probe.model.server import Server, ServerRole
from probe.model.service import ServiceCheck, ServiceState, ServiceStatus
from probe.model.side import AnswerClass, Side
from probe.model.witness import Witnessed


def initial(domain: Domain, registries: Sequence[TxtRegistry], zone: DomainName | None = None) -> DomainState:
    """Begin a domain's state: nothing is known, and it says so.

    Args:
        domain: The plan's word on it.
        registries: The TXT registry's flags of every ExternalDNS: they give the TXT names.
        zone: The zone that holds the domain, when it is known: TXT names outside it are not asked.
    """
    begun = first_shares(domain)
    status = DomainStatus(
        domain,
        sentence=f"{display(domain.name)} is not known: no server was asked yet; {expected(domain)}.",
        records=tuple(RecordStatus(rdtype) for rdtype in ADDRESS_TYPES),
        txts=tuple(
            TxtStatus(name, kind=kind)
            for name, kind in places_of(domain.name, registries).items()
            if zone is None or is_within(name, zone)
        ),
        shares=begun.shares,
        services=services_of(domain),
    )
    return DomainState(status, DomainMemory((RecordMemory(),) * len(ADDRESS_TYPES), begun.windows))


def adopt(
    state: DomainState, domain: Domain, registries: Sequence[TxtRegistry], zone: DomainName | None = None
) -> DomainState:
    """Take over what a reloaded plan says of the same name, keeping everything that was observed."""
    status, fresh = state.status, initial(domain, registries, zone).status
    unseal = unseal_of(registries)
    known = {txt.name: txt for txt in status.txts}
    beside = {txt.name: txt for txt in status.other_txts}
    moved_on = (domain.expectation, domain.weights) != (status.domain.expectation, status.domain.weights)
    return state.with_status(
        status._replace(
            domain=domain,
            txts=tuple(read_again(known.get(txt.name, txt), txt.kind, unseal) for txt in fresh.txts),
            other_txts=tuple(
                read_again(beside[txt.name], txt.kind, unseal) for txt in fresh.txts if txt.name in beside
            ),
            expected_since=None if moved_on else status.expected_since,
            confirmation=Confirmation() if moved_on else status.confirmation,
            decommission=None if moved_on else status.decommission,
            services=status.services if domain.http == status.domain.http else fresh.services,
        )
    ).judged_at(None)


def review(state: DomainState, observation: Observation, context: Context) -> tuple[DomainState, tuple[Effect, ...]]:
    """Fold one observation into the state of the domain it is about.

    An observation that belongs to nobody (another name, a server that the zone does not have) changes nothing.

    Returns:
        The new state, and what is to be done and told because of it.
    """
    question, status = observation.question, state.status
    if observation.server.role is ServerRole.RESOLVER:
        if question.name == status.domain.name and question.rdtype in ADDRESS_TYPES:
            return _review_resolver(state, observation, context)
        if question.rdtype is RecordType.TXT and sees_other(observation.server, status):
            return _review_other_txt(state, observation, context)
        return state, ()
    if question.rdtype is RecordType.TXT or question.name != status.domain.name:
        return _review_beside(state, observation, context)
    for index, record in enumerate(status.records):
        if record.rdtype is question.rdtype:
            return _review_record(state, index, observation, context)
    return state, ()


def repeat(
    state: DomainState, observation: Observation, servers: tuple[Server, ...], book: AddressBook
) -> DomainState | None:
    """Fold what an authoritative server said before of a record that stands there; None if there is more to it.

    Nearly every observation is one, and nobody is told of it: of the surroundings it needs those alone that tell
    whether it is one. What comes of it is what `review` gives, without effects.

    Args:
        state: The domain's state.
        observation: An answer.
        servers: The authoritative servers of its zone at present (`Context.servers`).
        book: Which addresses belong to which side (`Context.book`).
    """
    question, (status, memory) = observation.question, state
    if question.name != status.domain.name or observation.server.role is not ServerRole.AUTHORITATIVE:
        return None
    for index, before in enumerate(status.records):
        if before.rdtype is question.rdtype:
            after = records.repeat(before, memory.records[index], observation, servers, book)
            if after is None:
                return None
            return state.with_records((*status.records[:index], after, *status.records[index + 1 :]), memory)
    return None


def review_service(
    state: DomainState,
    event: ServiceCheck | Instant,
    context: Context,
    present: Mapping[Side, Collection[str]],
    *,
    cut_off: bool = False,
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Fold one HTTPS check, or time without one, into the state of its domain. The records' verdicts stand.

    Args:
        state: The domain's state.
        event: What came of the check; an instant only forgets the addresses that are not present any more.
        context: The surroundings.
        present: The addresses that each side has at present.
        cut_off: This vantage reaches nothing by HTTPS: failures to connect are its own.
    """
    at = event if isinstance(event, Instant) else event.at
    before = state.status.services
    services = tuple(
        fold(service, event, present[service.side], cut_off=cut_off)
        if isinstance(event, ServiceCheck) and service.side is event.side
        else forget(service, present[service.side], at)
        for service in before
    )
    folded = state.with_status(state.status._replace(services=services))
    if _confirmed(services) == _confirmed(before):
        return folded, ()
    return _concluded(folded, state, at, context)


def _confirmed(services: Iterable[ServiceStatus]) -> list[tuple[ServiceState, list[tuple[bool, bool]]]]:
    return [(one.state, [(address.failing, falters(address)) for address in one.addresses]) for one in services]


def hear_witness(
    state: DomainState, witnessed: Witnessed, at: Instant, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Take in what witnesses beside DNS tell of a domain: causes are named by it, and no answer is judged."""
    before = state.status
    was, told = before.witnessed.written, witnessed.written
    past, beside = remember(before.sets_read, was, told), remember_beside(before.other_read, was, told)
    heard = before._replace(witnessed=witnessed, sets_read=past, other_read=beside)
    return _concluded(state.with_status(heard), state, at, context)


def rests(status: DomainStatus, servers: tuple[Server, ...]) -> bool:
    """Tell whether time alone changes nothing of a domain: nothing was heard of it, and that has been said.

    So it is with every domain of a large plan that waits for its first look. Until an answer or a silence comes,
    `expire` gives the same state, however late it is.

    Args:
        status: What is known, brought up to a moment since these servers are asked.
        servers: Its authoritative servers at present.
    """
    return (
        status.state is RecordState.UNKNOWN
        and status.since is not None
        and bool(servers)
        and not (status.findings or status.awaited or status.resolvers)
        and all(tuple(one.server for one in record.servers) == servers for record in status.records)
        and all(one.at is None and one.failure is None for record in status.records for one in record.servers)
        and all(txt.at is None for txt in status.txts)
        and all(service.since is None and not service.addresses for service in status.services)
    )


def expire(state: DomainState, now: Instant, context: Context) -> tuple[DomainState, tuple[Effect, ...]]:
    """Let time pass without an observation, and take over a changed set of servers.

    To be called every few seconds for every domain: grace times end, fights fall quiet, and evidence grows old
    while nobody answers. Where nothing is open, it is passed for the soak alone, until all is judged anew once more.
    """
    if is_undisturbed(state, now, context):
        after = soaked(state, now, context)
        return after, changes(state.status, after.status, now)
    judged = [
        records.judge(*align(record, memory, context), now, _with_declared(context, record, state.status))
        for record, memory in state.remembered
    ]
    passed = DomainState(
        state.status._replace(records=tuple(record for record, _ in judged)),
        shared_memory(state.memory._replace(records=tuple(memory for _, memory in judged))),
    )
    return _concluded(passed, state, now, context)


def _review_record(
    state: DomainState, index: int, observation: Observation, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    status, memory = state
    before, own = status.records[index], memory.records[index]
    if before.cache is not None or before.disturbed is not None:
        context = _with_declared(context, before, status)
    folded = records.fold(before, own, observation, context)
    after = folded.record
    if after is before:
        return state, ()
    if folded.memory is not own:
        kept = (*memory.records[:index], folded.memory, *memory.records[index + 1 :])
        memory = memory._replace(records=kept)
    moved = state.with_records((*status.records[:index], after, *status.records[index + 1 :]), memory)
    if folded.departed is not None:
        cached = depart(status.cached_answers, status.domain.name, after, folded.departed)
        moved = moved.with_status(moved.status._replace(cached_answers=cached))
    if not (folded.noteworthy or folded.surprised or folded.doubted):  # nearly every observation
        return moved, ()
    asked: list[Effect] = []
    if folded.surprised:
        asked.append(Surprised(status.domain.name, observation.question, observation.server))
    if folded.doubted:
        asked.append(TargetsDoubted(status.domain.name))
    if not folded.noteworthy:
        return moved, tuple(asked)
    return _concluded(moved, state, observation.at, context, asked)


def _with_declared(context: Context, record: RecordStatus, status: DomainStatus) -> Context:
    """Tell the judge of a record what only the domain knows.

    That weights are declared, where it is seen through caches: nothing else tells it. And that what it is disturbed by
    may be the name's own record that is gone, and a wildcard that answers in its place.
    """
    if record.disturbed is not None and is_uncovered(status, record.disturbed.monotonic):
        context = context._replace(uncovered=True)
    declared = record.cache is not None and status.domain.expectation is Expectation.WEIGHTED
    return context._replace(declared=True) if declared else context


def _review_txt(
    state: DomainState, observation: Observation, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Keep what stands at a TXT name. Absence needs the same authority as any other."""
    status, outcome = state.status, observation.outcome
    index = next((index for index, txt in enumerate(status.txts) if txt.name == observation.question.name), None)
    if index is None:
        return state, ()
    txt = status.txts[index]
    if observation.server not in context.servers or not isinstance(outcome, Response):
        return state, ()
    if not speaks_for_zone(observation.server, outcome) or outcome.rcode not in ("NOERROR", "NXDOMAIN"):
        return state, ()
    held_until = _held_until(observation, outcome)
    if held_until is not None and _is_known(txt, observation, outcome):
        return state, ()
    values = next((rrset.rdata for rrset in outcome.answer if rrset.rdtype == "TXT" and rrset.name == txt.name), ())
    beside = standing_beside(status, txt.kind, observation.server, observation.at)
    made_up = is_made_up(status, txt.name, values)
    record = spoken_for(status, txt.kind)
    late = may_be_late(txt, observation.server, record, observation.at, context.probing.grace)
    heard = hear_txt(txt, () if made_up else values, observation.at, context.unseal, beside, late=late)
    if heard is txt:
        return state, ()
    kept = heard._replace(server=observation.server, synthesised=made_up, held_until=held_until)
    moved = state.with_status(status._replace(txts=(*status.txts[:index], kept, *status.txts[index + 1 :])))
    return (moved, ()) if kept.since is txt.since else _concluded(moved, state, observation.at, context)


def _held_until(observation: Observation, response: Response) -> Instant | None:
    """Give until when a resolver that the plan names for the zone may go on giving an answer; None with authority."""
    if not is_held(observation.server, response):
        return None
    return observation.at.after(held_for(response, observation.question))


def _is_known(txt: TxtStatus, observation: Observation, response: Response) -> bool:
    """Tell whether a resolver has read out again what it held before: no new evidence, so that it gets no new time."""
    if txt.held_until is None or txt.server != observation.server:
        return False
    return not is_fetched(txt.held_until.monotonic, response, observation.question, observation.at)


def _review_beside(
    state: DomainState, observation: Observation, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Fold what stands beside the records: ownership TXT, and what names that nobody has are answered with."""
    if is_asked_beside(state.status, observation.question.name, context.registries):
        return _review_wildcard(state, observation, context)
    if observation.question.rdtype is RecordType.TXT:
        return _review_txt(state, observation, context)
    return state, ()


def _review_wildcard(
    state: DomainState, observation: Observation, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Keep what a name that nobody has is answered with: it tells what of the domain's answers is its own."""
    if observation.server not in context.servers:
        return state, ()
    status = state.status
    heard = explained(hear_wildcard(status, observation))
    moved = state.with_status(heard)
    told_before = (covered_by(status), [txt.synthesised for txt in status.txts])
    told = (covered_by(heard), [txt.synthesised for txt in heard.txts])
    if told_before == told and heard.records is status.records:
        return moved, ()
    return _concluded(moved, state, observation.at, context)


def _review_resolver(
    state: DomainState, observation: Observation, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Keep what a resolver says: for people and for convergence, never for the verdict."""
    status, rdtype = state.status, observation.question.rdtype
    if sees_other(observation.server, status):
        beside = state.with_status(_with_other_view(status, observation, context))
        if _classes(beside.status) == _classes(status):
            return beside, ()
        return _concluded(beside, state, observation.at, context)
    answer_class, failure = classify(observation.outcome, observation.question, ServerRole.RESOLVER, context.book)
    index = next(
        (
            index
            for index, resolver in enumerate(status.resolvers)
            if resolver.rdtype is rdtype and resolver.server == observation.server
        ),
        len(status.resolvers),
    )
    record = next(record for record in status.records if record.rdtype is rdtype)
    known = status.resolvers[index : index + 1]
    before = known[0] if known else ResolverStatus(observation.server, rdtype)
    heard = hear(before, observation, answer_class, failure)
    if heard.at is observation.at:
        heard = weigh(heard, record, status.cached_answers, context)
    after = assess(heard, record, status.cached_answers, observation.at, context.probing)
    resolvers = (*status.resolvers[:index], after, *status.resolvers[index + 1 :])
    moved = state.with_status(status._replace(resolvers=resolvers if known else in_order(resolvers, context.resolvers)))
    if after.verdict is before.verdict:
        return moved, ()
    return _concluded(moved, state, observation.at, context)


def _with_other_view(status: DomainStatus, observation: Observation, context: Context) -> DomainStatus:
    """Keep what a resolver says that sees another view: it is compared with nothing."""
    question = observation.question
    answer_class, failure = classify(observation.outcome, question, ServerRole.RESOLVER, context.book)
    own = (observation.server, question.rdtype)
    known = next((one for one in status.other_view if (one.server, one.rdtype) == own), ResolverStatus(*own))
    others = tuple(one for one in status.other_view if (one.server, one.rdtype) != own)
    kept = in_order((*others, hear(known, observation, answer_class, failure)), context.resolvers)
    judged = tuple(one for one in status.resolvers if one.server != observation.server)
    return status._replace(other_view=kept, resolvers=judged)


def _review_other_txt(
    state: DomainState, observation: Observation, context: Context
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Keep what a resolver says of ownership in the other view: whether v1 may go depends on it."""
    before = state.status
    after = with_other_txt(before, observation, context.unseal)
    if after is before:
        return state, ()
    moved = state.with_status(after)
    if [txt.since for txt in after.other_txts] == [txt.since for txt in before.other_txts]:
        return moved, ()
    return _concluded(moved, state, observation.at, context)


def _classes(status: DomainStatus) -> list[tuple[Server, RecordType, AnswerClass | None]]:
    return [(one.server, one.rdtype, one.answer_class) for one in status.other_view]


def _concluded(
    state: DomainState, before: DomainState, at: Instant, context: Context, asked: Sequence[Effect] = ()
) -> tuple[DomainState, tuple[Effect, ...]]:
    """Make the domain's verdict, sentence and findings from its records, and say what changed."""
    after = conclude(state, at, context.through(cache_of(state.status))).judged_at(at)
    return after, changes(before.status, after.status, at, asked)
