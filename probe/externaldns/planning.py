"""The plan: what is there and what is wanted give what is to be changed. Pure (plan/plan.go, plan/policy.go)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from probe.externaldns.endpoint import DnsEndpoint
from probe.model.external_dns import Policy


class Update(NamedTuple):
    """A record as it is and as it shall be."""

    old: DnsEndpoint
    new: DnsEndpoint


@dataclass(frozen=True, slots=True)
class Changes:
    """What a plan comes to."""

    create: tuple[DnsEndpoint, ...] = ()
    update: tuple[Update, ...] = ()
    delete: tuple[DnsEndpoint, ...] = ()

    def worth_applying(self) -> bool:
        """Whether anything differs; if not, the whole sync is skipped (`HasChanges`, #6671)."""
        return bool(self.create or self.delete) or any(map(_differs, self.update))


def _differs(update: Update) -> bool:
    """Compare as ExternalDNS does: whole values, an unset TTL unlike any TTL.

    An alias never equals itself: its properties are listed in one order when read and in another when wanted (S8c).
    """
    old, new = update
    return old.alias is True or (old.targets, old.ttl, old.properties, old.labels) != (
        new.targets,
        new.ttl,
        new.properties,
        new.labels,
    )


@dataclass(slots=True)
class _PlanRow:
    """One name and set identifier: what it holds and what is wanted there, by type."""

    current: dict[str, DnsEndpoint] = field(default_factory=dict)
    desired: dict[str, DnsEndpoint] = field(default_factory=dict)


def calculate(
    current: Iterable[DnsEndpoint], desired: Iterable[DnsEndpoint], policy: Policy, owner: str, migrate_from: str
) -> Changes:
    """Work out what to change.

    Args:
        current: The zone's records with their ownership labels (those to migrate already relabelled).
        desired: What the sources want, adjusted by the provider.
        policy: Which changes are allowed.
        owner: `--txt-owner-id`: only records with this owner are updated or deleted; empty where none is kept.
        migrate_from: `--migrate-from-txt-owner`: while set, every record that is both wanted and owned is updated.
    """
    rows: defaultdict[tuple[str, str], _PlanRow] = defaultdict(_PlanRow)
    for endpoint in current:
        rows[endpoint.name, endpoint.set_identifier].current[endpoint.rdtype] = endpoint
    for endpoint in desired:
        rows[endpoint.name, endpoint.set_identifier].desired[endpoint.rdtype] = endpoint
    create: list[DnsEndpoint] = []
    update: list[Update] = []
    delete: list[DnsEndpoint] = []
    for row in rows.values():
        # A further type is created only beside records that are all this owner's (issue #6617 lives here).
        if all(endpoint.owner == owner for endpoint in row.current.values()):
            create += [wanted for rdtype, wanted in row.desired.items() if rdtype not in row.current]
        for rdtype, held in row.current.items():
            if held.owner != owner:
                continue
            wanted = row.desired.get(rdtype)
            if wanted is None:
                delete.append(held)
            elif _needs_update(held, wanted) or migrate_from:
                update.append(Update(held, replace(wanted, labels=wanted.with_labels(owner=held.owner))))
    return Changes(
        create=tuple(create),
        update=tuple(update) if policy.updates else (),
        delete=tuple(delete) if policy.deletes else (),
    )


def _needs_update(held: DnsEndpoint, wanted: DnsEndpoint) -> bool:
    """Whether a record that exists differs in anything that the source configures."""
    return (
        (wanted.ttl is not None and wanted.ttl != held.ttl)
        or sorted(wanted.targets) != sorted(held.targets)
        or wanted.properties != held.properties
    )
