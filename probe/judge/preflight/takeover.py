"""What a take-over does to the domains of the other waves: `probe.judge.ownership.takeover` plays it, and says why."""

from collections.abc import Iterable, Mapping

from probe.externaldns.version import Version, dialect
from probe.judge.advice.measures import DECLARE_POLICY, V2_UPSERTING
from probe.judge.ownership.foresight import Deletion
from probe.judge.ownership.takeover import taken_and_unwanted, takes_all
from probe.model.check import Check, CheckOutcome
from probe.model.external_dns import ExternalDns, Registry
from probe.model.name import DomainName, display
from probe.model.plan import Domain, Plan
from probe.model.side import Side
from probe.model.text import listed

NAME = "take-over"


def take_over(plan: Plan, others: Iterable[Domain]) -> tuple[Check, ...]:
    """Judge what v2's ExternalDNS does to the domains of the other waves as soon as it runs.

    Args:
        plan: Its sides are judged.
        others: The plan's domains outside of the wave that is to move.
    """
    others = tuple(others)
    checks = []
    for setup in plan.v2.instances:
        threatened = taken_and_unwanted(plan, others, setup)
        if threatened:
            checks.append(_deletes(setup, threatened))
        elif setup.migrate_from_txt_owner is not None:
            if takes_all(setup) is not False:
                checks.append(_only_strangers(setup))
            elif setup.policy is not None and not setup.policy.deletes and any(_stays(one, setup) for one in others):
                checks.append(_safe(setup))
    return tuple(checks)


def _stays(domain: Domain, setup: ExternalDns) -> bool:
    return domain.expectation.side is Side.V1 and setup.sees(domain.name)


def _deletes(setup: ExternalDns, threatened: Mapping[DomainName, frozenset[Deletion]]) -> Check:
    came = frozenset[Deletion]().union(*threatened.values())
    known = Deletion.NONE not in came
    policy = "--policy=sync" if known else "a --policy that the plan does not tell (sync deletes)"
    names = listed([display(name) for name in threatened])
    taken = setup.migrate_from_txt_owner
    owns_all = setup.registry is Registry.NOOP
    owner = "" if owns_all else f' ("{setup.txt_owner_id}")'
    takes = (
        f"has --registry=noop and {policy}: it takes every record that it sees for its own"
        if owns_all
        else f'migrates from "{taken}" with {policy}: it takes every record of that owner for its own'
        if taken is not None
        else f"has v1's owner id, and {policy}: it takes every record of v1's for its own"
    )
    return Check(
        NAME,
        "plan",
        CheckOutcome.FAIL,
        f"v2's ExternalDNS{owner} {takes} and deletes those that it has no object for, by the plan {names}."
        f"{_at_syncs(came - {Deletion.NONE}, setup)}",
        f"{V2_UPSERTING}." + ("" if known else f" {DECLARE_POLICY}"),
    )


_AT_SYNCS = {
    frozenset({Deletion.ACCEPTED}): " Its version deletes them at its first sync.",
    frozenset({Deletion.REFUSED}): (
        " Route 53 refuses the deletions of its version, at every sync, and v0.23 or RFC 2136 makes them."
    ),
    frozenset({Deletion.ACCEPTED, Deletion.REFUSED}): (
        " v0.23 deletes them at its first sync; of older versions Route 53 refuses the deletions, at every sync."
    ),
}
"""What comes of the deletions, by what was played."""


_AT_ANOTHER_NAME = (
    " Route 53 refuses the deletions, at every sync: they name the TXT of its version, and v1's stands at another "
    "name; RFC 2136 makes them."
)


def _at_syncs(came: frozenset[Deletion], setup: ExternalDns) -> str:
    stored = setup.version is not None and dialect(Version(*setup.version)).deletes_as_stored
    return _AT_ANOTHER_NAME if stored and came == {Deletion.REFUSED} else _AT_SYNCS[came]


def _safe(setup: ExternalDns) -> Check:
    return Check(
        NAME,
        "plan",
        CheckOutcome.PASS,
        f'v2\'s ExternalDNS takes over from "{setup.migrate_from_txt_owner}" with --policy={setup.policy}: it deletes '
        "nothing of the other waves.",
    )


def _only_strangers(setup: ExternalDns) -> Check:
    return Check(
        NAME,
        "plan",
        CheckOutcome.WARN,
        f'v2\'s ExternalDNS migrates from "{setup.migrate_from_txt_owner}", and nothing in the plan keeps it from '
        "deleting: of the plan's domains none is left behind, but it also takes every record of that owner that is not "
        "in the plan, and with --policy=sync deletes those that it has no object for.",
        f"{V2_UPSERTING}. {DECLARE_POLICY}",
    )
