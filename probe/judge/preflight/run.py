"""Would a wave's move go well? Every check before it starts, over one look at its domains. Pure; the command gathers.

The order is that in which a person would ask: what both ExternalDNS are set up to do, whether v2 is there and serves,
what stands in DNS now and for how long caches keep it, whose it is, and whether what DNS rests on is sound.
"""

from probe.judge.preflight import dns, instances, ownership
from probe.judge.preflight.http import load_balancers, service
from probe.judge.preflight.inputs import PreflightEvidence
from probe.judge.preflight.rehearsal import rehearsed
from probe.judge.preflight.set_identifiers import record_sets
from probe.judge.preflight.takeover import take_over
from probe.model.check import Check
from probe.model.delegation import Delegation


def preflight(evidence: PreflightEvidence) -> tuple[Check, ...]:
    """Give every check, domain by domain within each."""
    snapshot = evidence.snapshot
    domains = snapshot.domains
    return (
        *instances.of_the_plan(snapshot.plan, (status.domain.name for status in domains)),
        *take_over(snapshot.plan, evidence.others),
        *rehearsed(evidence),
        *load_balancers(snapshot),
        *(check for status in domains for check in service(status, snapshot.at)),
        *(dns.records(status) for status in domains),
        *(check for status in domains for check in dns.both_views(status, evidence)),
        *(ownership.of_domain(status, snapshot.plan, evidence.zone_of(status.domain.name)) for status in domains),
        *(check for status in domains for check in dns.weights(status)),
        *(check for status in domains for check in record_sets(status, evidence)),
        *(dns.ttl(status) for status in domains),
        *dns.servers(_concerned(evidence)),
        *(check for name, facts in evidence.zones.items() for check in dns.zone(name, facts)),
        *dns.resolvers(evidence),
    )


def _concerned(evidence: PreflightEvidence) -> list[Delegation]:
    zones = {evidence.zone_of(status.domain.name) for status in evidence.snapshot.domains}
    return [one for one in evidence.snapshot.delegations if one.zone in zones]
