"""What a take-over does to the domains of the other waves: `probe.judge.ownership.takeover` says why."""

from collections.abc import Iterable

from probe.judge.findings.measures import V2_UPSERTING
from probe.judge.ownership.foresight import Deletion
from probe.judge.ownership.takeover import attempts, takes_all, unwanted
from probe.model.check import Check, CheckOutcome
from probe.model.external_dns import ExternalDns
from probe.model.name import DomainName, display
from probe.model.plan import Domain, Plan
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
        threatened = unwanted(plan, others, setup)
        verdict = takes_all(setup)
        if setup.migrate_from_txt_owner is None or verdict is False:
            if setup.migrate_from_txt_owner is not None and threatened:
                checks.append(_safe(setup))
            continue
        if not threatened:
            checks.append(_only_strangers(setup))
            continue
        checks.append(_deletes(setup, threatened, known=verdict is True))
    return tuple(checks)


def _deletes(setup: ExternalDns, threatened: tuple[DomainName, ...], *, known: bool) -> Check:
    policy = "--policy=sync" if known else "a --policy that the plan does not tell (sync deletes)"
    names = listed([display(name) for name in threatened])
    return Check(
        NAME,
        "plan",
        CheckOutcome.FAIL,
        f'v2\'s ExternalDNS ("{setup.txt_owner_id}") migrates from "{setup.migrate_from_txt_owner}" with {policy}: it '
        f"takes every record of that owner for its own and deletes those that it has no object for, by the plan "
        f"{names}.{_by_version(setup)}",
        V2_UPSERTING + ("." if known else ", and write its `policy` into the plan."),
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


def _by_version(setup: ExternalDns) -> str:
    return _AT_SYNCS[attempts(setup) - {Deletion.NONE}]


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
        f"{V2_UPSERTING}, and write its `policy` into the plan.",
    )
