"""What a take-over deletes.

An ExternalDNS with --migrate-from-txt-owner and --policy=sync takes every record of that owner in its zones for its
own, and deletes those that it has no object for; so does one that has the other side's owner id, and one with
--registry=noop, which takes every record that it sees for its own.

Seen with the real programs: v0.20 to v0.22 plan it, and Route 53 refuses each of these batches, because the TXT that
they name has v2's owner already (60 hosts: 244 refused calls in 65 s, out of five a second for the whole account);
v0.23 deletes what the zone holds, and Route 53 accepts it, but not where v0.21 or older wrote the TXT of an alias at
another name. With RFC 2136 all of them delete. With --policy=upsert-only nothing is deleted.

What becomes of a host is played (`probe.judge.ownership.foresight`): with the ExternalDNS that wrote it, where the plan
has that one. What v2 has objects for is not visible in DNS: it is inferred from the plan. A domain that is expected on
v1 and is not of the wave that moves has none in v2 yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from probe.judge.ownership.foresight import Deletion, deletions
from probe.judge.ownership.lookup import shape_by_plan
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName
from probe.model.plan import Domain, Plan
from probe.model.side import Side


@lru_cache(maxsize=64)  # asked at every observation of a domain that is expected on v1
def takes_all(setup: ExternalDns) -> bool | None:
    """Tell whether an ExternalDNS deletes, or tries to, what it takes over and does not want; None: it is not known.

    Asked of its flags alone, as if one like it had written the records. Played in each way that the plan leaves open: a
    policy that it does not tell is the version's own default, where it has one. Another registry than TXT takes nothing
    over.
    """
    if setup.registry is not Registry.TXT or setup.migrate_from_txt_owner is None:
        return False
    writer = replace(setup, txt_owner_id=setup.migrate_from_txt_owner)
    deletes = {one is not Deletion.NONE for one in deletions(writer, setup)}
    return None if len(deletes) > 1 else deletes.pop()


def taken_and_unwanted(
    plan: Plan, domains: Iterable[Domain], setup: ExternalDns
) -> Mapping[DomainName, frozenset[Deletion]]:
    """Tell what an ExternalDNS of v2 makes of what v1's have written and, by the plan, it does not want.

    Of each domain that it may delete, or try to, every answer that is possible; the others are left out.
    """
    if setup.registry.is_hidden:
        return {}
    taker = plan.complete(setup)
    shape = shape_by_plan(plan)
    found = {}
    for domain in domains:
        if domain.expectation.side is not Side.V1 or not setup.sees(domain.name):
            continue
        owns_all = setup.registry is Registry.NOOP
        writers = [one for one in plan.external_dns(Side.V1, domain.name) if owns_all or one.registry is Registry.TXT]
        became = frozenset[Deletion]().union(*(deletions(one, taker, shape) for one in writers))
        if became - {Deletion.NONE}:
            found[domain.name] = became
    return found
