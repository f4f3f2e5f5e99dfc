"""What a take-over deletes.

An ExternalDNS with --migrate-from-txt-owner and --policy=sync takes every record of that owner in its zones for its
own, and deletes those that it has no object for.

Seen with the real programs: v0.20 to v0.22 plan it, and Route 53 refuses each of these batches, because the TXT that
they name has v2's owner already (60 hosts: 244 refused calls in 65 s, out of five a second for the whole account);
v0.23 deletes what the zone holds, and Route 53 accepts it. With RFC 2136 all of them delete. With --policy=upsert-only
nothing is deleted.

What v2 has objects for is not visible in DNS: it is inferred from the plan. A domain that is expected on v1 and is not
of the wave that moves has none in v2 yet.
"""

from collections.abc import Iterable
from functools import lru_cache

from probe.judge.ownership.foresight import Deletion, deletions
from probe.model.external_dns import ExternalDns, Policy, Registry
from probe.model.name import DomainName
from probe.model.plan import Domain, Plan
from probe.model.side import Side


def takes_all(setup: ExternalDns) -> bool | None:
    """Tell whether an ExternalDNS deletes, or tries to, what it takes over and does not want; None: it is not known.

    Played in each way that the plan leaves open: a policy that it does not tell is the version's own default, where it
    has one. Another registry than TXT takes nothing over.
    """
    if setup.registry is not Registry.TXT or setup.migrate_from_txt_owner is None:
        return False
    return _deletes(setup.version, setup.policy, setup.managed_record_types)


@lru_cache(maxsize=64)  # asked at every observation of a domain that is expected on v1
def _deletes(version: tuple[int, int, int] | None, policy: Policy | None, managed: tuple[str, ...]) -> bool | None:
    deletes = {one is not Deletion.NONE for one in deletions(version, policy, managed)}
    return None if len(deletes) > 1 else deletes.pop()


def attempts(setup: ExternalDns) -> frozenset[Deletion]:
    """Tell what becomes of what an ExternalDNS takes over and does not want, in each way that the plan leaves open."""
    if setup.registry is not Registry.TXT or setup.migrate_from_txt_owner is None:
        return frozenset({Deletion.NONE})
    return deletions(setup.version, setup.policy, setup.managed_record_types)


def unwanted(plan: Plan, domains: Iterable[Domain], setup: ExternalDns) -> tuple[DomainName, ...]:
    """Give the domains that an ExternalDNS of v2 would take from v1 and does not want, by the plan."""
    return tuple(
        domain.name
        for domain in domains
        if domain.expectation.side is Side.V1
        and setup.sees(domain.name)
        and setup.migrate_from_txt_owner in {one.txt_owner_id for one in plan.external_dns(Side.V1, domain.name)}
    )
