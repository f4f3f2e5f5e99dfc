"""What `preflight` asks about zones beside a look at their domains: denials, keys, signatures, validation."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from probe.judge.answer.held import speaks_for_zone
from probe.judge.answer.ttl import negative_ttl
from probe.judge.preflight.inputs import ZoneFacts
from probe.model.name import DomainName, display, is_within, parent
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.plan import Plan
from probe.model.ports import Delegator, Querier
from probe.model.question import Question, RecordType
from probe.model.server import Server
from probe.model.side import ABSENT_CLASSES
from probe.model.snapshot import Snapshot

if TYPE_CHECKING:
    from probe.model.delegation import Delegation

_ASKED = 4  # servers of a zone asked for its SOA and keys: Route 53 has so many names, and one answer would do


class _Zone(NamedTuple):
    """A zone with one of its names that exists at every server, if there is one."""

    name: DomainName
    servers: tuple[Server, ...]
    sample: Question | None


async def zone_facts(querier: Querier, delegator: Delegator, snapshot: Snapshot) -> dict[DomainName, ZoneFacts]:
    """Ask about the zones in which the snapshot's domains lie. Silence leaves a fact unknown; nothing raises."""
    zones = _zones(snapshot)
    facts = await asyncio.gather(*(_facts(querier, delegator, snapshot.plan, zone) for zone in zones))
    return dict(zip((zone.name for zone in zones), facts, strict=True))


def _zones(snapshot: Snapshot) -> tuple[_Zone, ...]:
    found: dict[DomainName, Delegation] = {one.zone: one for one in snapshot.delegations if one.zone is not None}
    samples: dict[DomainName, Question | None] = {}
    for status in snapshot.domains:
        zone = max((name for name in found if is_within(status.domain.name, name)), key=len, default=None)
        if zone is None:
            continue
        # Resolvers are never asked for a name that may not exist: they would keep the denial.
        sound = [
            record.rdtype
            for record in status.records
            if record.existed and not any(server.answer_class in ABSENT_CLASSES for server in record.servers)
        ]
        if samples.get(zone) is None:
            samples[zone] = Question(status.domain.name, sound[0]) if sound else None
    return tuple(_Zone(name, found[name].servers, sample) for name, sample in samples.items())


async def _facts(querier: Querier, delegator: Delegator, plan: Plan, zone: _Zone) -> ZoneFacts:
    some = zone.servers[:_ASKED]
    soa, keys, signer = await asyncio.gather(
        _all(querier, some, Question(zone.name, RecordType.SOA)),
        _all(querier, some, Question(zone.name, RecordType.DNSKEY)),
        _delegation_signer(querier, delegator, plan, zone.name),
    )
    unsigned: tuple[str, ...] = ()
    if signer and zone.sample is not None:
        signing = [replace(server, dnssec_ok=True) for server in zone.servers]
        unsigned = _unsigned(await _all(querier, signing, zone.sample))
    bogus, validated = await _validation(querier, plan.resolvers, zone.sample)
    return ZoneFacts(_negative_ttl(soa), signer, _has(keys, RecordType.DNSKEY), unsigned, bogus, validated)


async def _all(querier: Querier, servers: Iterable[Server], question: Question) -> list[Observation]:
    return await asyncio.gather(*(querier.ask(server, question) for server in servers))


async def _delegation_signer(querier: Querier, delegator: Delegator, plan: Plan, zone: DomainName) -> bool | None:
    """Ask the parent's own servers for the DS record; nobody where the plan says whom to ask for the zone itself."""
    if zone == "." or any(is_within(zone, given) for given, _ in plan.authoritative.given):
        return None
    above = await delegator.find(parent(zone))
    return _has(await _all(querier, above.servers[:_ASKED], Question(zone, RecordType.DS)), RecordType.DS)


async def _validation(
    querier: Querier, resolvers: Sequence[Server], sample: Question | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the resolvers that answer only without validation, and those that say that they have validated."""
    if sample is None or not resolvers:
        return (), ()
    plain = await _all(querier, resolvers, sample)
    failing = [one.server for one in plain if _rcode(one) == "SERVFAIL"]
    unchecked = await _all(querier, [replace(server, checking_disabled=True) for server in failing], sample)
    bogus = {one.server.name for one in unchecked if _rcode(one) == "NOERROR"}
    validated = {one.server.name for one in plain if isinstance(one.outcome, Response) and one.outcome.authenticated}
    return tuple(sorted(bogus)), tuple(sorted(validated - bogus))


def _rcode(observation: Observation) -> str:
    outcome = observation.outcome
    return outcome.rcode if isinstance(outcome, Response) else ""


def _has(observations: Iterable[Observation], rdtype: RecordType) -> bool | None:
    """Tell whether any server has a record of this type; None when none spoke for the zone."""
    told = [
        any(rrset.rdtype == rdtype for rrset in one.outcome.answer)
        for one in observations
        if isinstance(one.outcome, Response)
        and speaks_for_zone(one.server, one.outcome)
        and one.outcome.rcode == "NOERROR"
    ]
    return any(told) if told else None


def _unsigned(observations: Iterable[Observation]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                display(one.server.name)
                for one in observations
                if isinstance(one.outcome, Response)
                and speaks_for_zone(one.server, one.outcome)
                and one.outcome.answer
                and not any(rrset.rdtype == "RRSIG" for rrset in one.outcome.answer)
            }
        )
    )


def _negative_ttl(observations: Iterable[Observation]) -> int | None:
    """Give how long a denial is kept, by the zone's own SOA: the longest that any server tells."""
    answers = [one.outcome for one in observations if isinstance(one.outcome, Response)]
    kept = [negative_ttl(replace(answer, authority=answer.answer)) for answer in answers if answer.answer]
    return max(kept, default=None)
