"""The one way to a verdict: the fold of one observation into one domain's status.

`check`, `confirm`, `replay` and the daemon all call `review`, and nothing else makes or changes a status: `initial`
begins one, `expire` lets time pass without an observation, `adopt` takes over a changed plan, and `review_service`
folds what an HTTPS check brought.

Simultaneous answers of different servers commute when each server stands by its word in the answers around them: then
the verdict is the same whatever their order. (Where a server contradicts itself, the answer that tips the scale first
decides.)
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from probe.judge import domain as domains
from probe.judge.acceptance.decommission import decommission
from probe.judge.acceptance.soak import confirm
from probe.judge.answer.classify import classify
from probe.judge.context import Context
from probe.judge.findings.diagnose import diagnose
from probe.judge.ownership.history import standing_beside
from probe.judge.ownership.names import places_of
from probe.judge.ownership.reading import hear as hear_txt
from probe.judge.ownership.reading import read_again
from probe.judge.propagation.cached import depart
from probe.judge.propagation.follow import spread
from probe.judge.propagation.resolver import assess, hear, in_order, weigh
from probe.judge.record import fold as records
from probe.judge.record.period import flip_period
from probe.judge.record.state import align
from probe.judge.service import fold, forget, services_of
from probe.judge.share.window import first_shares, follow
from probe.model.clock import Instant
from probe.model.confirmation import Confirmation
from probe.model.domain import DomainStatus
from probe.model.effect import (
    Effect,
    FindingCleared,
    FindingRaised,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.name import DomainName, display, is_within
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.ownership import TxtStatus
from probe.model.plan import Domain, TxtRegistry, unseal_of
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import RecordStatus
from probe.model.resolver import ResolverStatus
from probe.model.server import ServerRole
from probe.model.service import ServiceCheck, ServiceState, ServiceStatus
from probe.model.side import Side


def initial(domain: Domain, registries: Sequence[TxtRegistry], zone: DomainName | None = None) -> DomainStatus:
    """Begin a domain's status: nothing is known, and it says so.

    Args:
        domain: The plan's word on it.
        registries: The TXT registry's flags of every ExternalDNS: they give the TXT names.
        zone: The zone that holds the domain, when it is known: TXT names outside it are not asked.
    """
    status = DomainStatus(
        domain,
        records=tuple(RecordStatus(rdtype) for rdtype in ADDRESS_TYPES),
        txts=tuple(
            TxtStatus(name, kind=kind)
            for name, kind in places_of(domain.name, registries).items()
            if zone is None or is_within(name, zone)
        ),
        shares=first_shares(domain),
        services=services_of(domain),
    )
    sentence = f"{display(domain.name)} is not known: no server was asked yet; {domains.expected(domain)}."
    return status._replace(sentence=sentence)


def adopt(
    status: DomainStatus, domain: Domain, registries: Sequence[TxtRegistry], zone: DomainName | None = None
) -> DomainStatus:
    """Take over what a reloaded plan says of the same name, keeping everything that was observed."""
    fresh = initial(domain, registries, zone)
    unseal = unseal_of(registries)
    known = {txt.name: txt for txt in status.txts}
    moved_on = (domain.expectation, domain.weights) != (status.domain.expectation, status.domain.weights)
    return status._replace(
        domain=domain,
        txts=tuple(read_again(known.get(txt.name, txt), txt.kind, unseal) for txt in fresh.txts),
        expected_since=None if moved_on else status.expected_since,
        confirmation=Confirmation() if moved_on else status.confirmation,
        decommission=None if moved_on else status.decommission,
        services=status.services if domain.http == status.domain.http else fresh.services,
    )


def review(status: DomainStatus, observation: Observation, context: Context) -> tuple[DomainStatus, tuple[Effect, ...]]:
    """Fold one observation into the status of the domain it is about.

    An observation that belongs to nobody (another name, a server that the zone does not have) changes nothing.

    Returns:
        The new status, and what is to be done and told because of it.
    """
    question = observation.question
    if observation.server.role is ServerRole.RESOLVER:
        if question.name == status.domain.name and question.rdtype in ADDRESS_TYPES:
            return _review_resolver(status, observation, context)
        return status, ()
    if question.rdtype is RecordType.TXT:
        return _review_txt(status, observation, context)
    if question.name != status.domain.name:
        return status, ()
    for index, record in enumerate(status.records):
        if record.rdtype is question.rdtype:
            return _review_record(status, index, observation, context)
    return status, ()


def review_service(
    status: DomainStatus,
    event: ServiceCheck | Instant,
    context: Context,
    present: Mapping[Side, Collection[str]],
    *,
    cut_off: bool = False,
) -> tuple[DomainStatus, tuple[Effect, ...]]:
    """Fold one HTTPS check, or time without one, into the status of its domain. The records' verdicts stand.

    Args:
        status: The domain's status.
        event: What came of the check; an instant only forgets the addresses that are not present any more.
        context: The surroundings.
        present: The addresses that each side has at present.
        cut_off: This vantage reaches nothing by HTTPS: failures to connect are its own.
    """
    at = event if isinstance(event, Instant) else event.at
    services = tuple(
        fold(service, event, present[service.side], cut_off=cut_off)
        if isinstance(event, ServiceCheck) and service.side is event.side
        else forget(service, present[service.side], at)
        for service in status.services
    )
    folded = status._replace(services=services)
    if _confirmed(services) == _confirmed(status.services):
        return folded, ()
    return _conclude(folded, status, at, context, [])


def _confirmed(services: Iterable[ServiceStatus]) -> list[tuple[ServiceState, list[bool]]]:
    return [(service.state, [address.failing for address in service.addresses]) for service in services]


def expire(status: DomainStatus, now: Instant, context: Context) -> tuple[DomainStatus, tuple[Effect, ...]]:
    """Let time pass without an observation, and take over a changed set of servers.

    To be called every few seconds for every domain: grace times end, fights fall quiet, and evidence grows old
    while nobody answers.
    """
    judged = tuple(records.judge(align(record, context), now, context) for record in status.records)
    effects = _state_changes(status, judged, now)
    return _conclude(status._replace(records=judged), status, now, context, effects)


def _review_record(
    status: DomainStatus, index: int, observation: Observation, context: Context
) -> tuple[DomainStatus, tuple[Effect, ...]]:
    folded = records.fold(status.records[index], observation, context)
    if folded.record is status.records[index]:
        return status, ()
    judged = (*status.records[:index], folded.record, *status.records[index + 1 :])
    if folded.record.disturbed is not None:  # only then may it be that a server has changed its answer
        kept = depart(status.cached_answers, status.domain.name, status.records[index], folded.record)
        status = status if kept is status.cached_answers else status._replace(cached_answers=kept)
    if not folded.noteworthy:
        # Only `records` differ, and this is the path of nearly every observation: `_replace` takes twice as long.
        return tuple.__new__(DomainStatus, (*status[:4], judged, *status[5:])), ()
    effects: list[Effect] = []
    if folded.transition is not None:
        effects.append(TransitionConfirmed(status.domain.name, folded.record.rdtype, folded.transition))
    effects += _state_changes(status, judged, observation.at)
    if folded.surprised:
        effects.append(Surprised(status.domain.name, observation.question, observation.server))
    if folded.doubted:
        effects.append(TargetsDoubted(status.domain.name))
    return _conclude(status._replace(records=judged), status, observation.at, context, effects)


def _review_txt(
    status: DomainStatus, observation: Observation, context: Context
) -> tuple[DomainStatus, tuple[Effect, ...]]:
    """Keep what stands at a TXT name. Absence needs the same authority as any other."""
    outcome = observation.outcome
    index = next((index for index, txt in enumerate(status.txts) if txt.name == observation.question.name), None)
    if index is None:
        return status, ()
    txt = status.txts[index]
    if observation.server not in context.servers or not isinstance(outcome, Response):
        return status, ()
    if not outcome.authoritative or outcome.rcode not in ("NOERROR", "NXDOMAIN"):
        return status, ()
    values = next((rrset.rdata for rrset in outcome.answer if rrset.rdtype == "TXT" and rrset.name == txt.name), ())
    beside = standing_beside(status, txt.kind, observation.server, observation.at)
    kept = hear_txt(txt, values, observation.at, context.unseal, beside)._replace(server=observation.server)
    moved = status._replace(txts=(*status.txts[:index], kept, *status.txts[index + 1 :]))
    return (moved, ()) if kept.since is txt.since else _conclude(moved, status, observation.at, context, [])


def _review_resolver(
    status: DomainStatus, observation: Observation, context: Context
) -> tuple[DomainStatus, tuple[Effect, ...]]:
    """Keep what a resolver says: for people and for convergence, never for the verdict."""
    rdtype = observation.question.rdtype
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
        heard = weigh(heard, record, status.cached_answers, context.probing.grace)
    after = assess(heard, record, status.cached_answers, observation.at, context.probing)
    resolvers = (*status.resolvers[:index], after, *status.resolvers[index + 1 :])
    moved = status._replace(resolvers=resolvers if known else in_order(resolvers, context.resolvers))
    if after.verdict is before.verdict:
        return moved, ()
    return _conclude(moved, status, observation.at, context, [])


def _state_changes(status: DomainStatus, judged: tuple[RecordStatus, ...], at: Instant) -> list[Effect]:
    return [
        StateChanged(status.domain.name, after.rdtype, before.state, after.state, at, "")
        for before, after in zip(status.records, judged, strict=True)
        if before.state is not after.state
    ]


def _conclude(
    status: DomainStatus, before: DomainStatus, at: Instant, context: Context, effects: list[Effect]
) -> tuple[DomainStatus, tuple[Effect, ...]]:
    """Make the domain's verdict, sentence and findings from its records, and say what changed."""
    shares = follow(status.shares, status.records, status.domain, at, context)
    if shares is not status.shares:
        status = status._replace(shares=shares)
    state = domains.state(status, at, context)
    if state is not status.state or status.since is None:
        status = status._replace(state=state, since=at)
    if status.expected_since is None:
        status = status._replace(expected_since=at)
    status = status._replace(sentence=domains.sentence(status, at, context), flip_period=flip_period(status))
    status, arrived = spread(status, at, context)
    findings = diagnose(status, at, context)
    confirmation, confirmed = confirm(status._replace(findings=findings), at, context)
    status = status._replace(findings=findings, confirmation=confirmation)
    status = status._replace(decommission=decommission(status, at, context))
    told = [
        effect._replace(sentence=status.sentence) if isinstance(effect, StateChanged) else effect for effect in effects
    ]
    if status.state is not before.state:
        told.append(StateChanged(status.domain.name, None, before.state, status.state, at, status.sentence))
    told += arrived
    open_before = {finding.code for finding in before.findings}
    open_now = {finding.code for finding in findings}
    told += [FindingRaised(finding, at) for finding in findings if finding.code not in open_before]
    told += [FindingCleared(finding, at) for finding in before.findings if finding.code not in open_now]
    told += confirmed
    return status, tuple(told)
