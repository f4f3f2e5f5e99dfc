"""Which findings a domain's status gives: every declared rule, and how long it has to stand before it is raised.

Hysteresis has two halves. The rules need proof: two servers confirm a position with a bounded error, a flap ends after
its own quiet time, a division begins after the grace time. Each declaration adds two times: how long the finding has
to hold before it is raised, and how long it has to be gone before it is cleared. The status keeps what is being waited
for, so that a restart does not begin the wait anew.

While a domain is unknown (no response), open findings stay as they are: none is raised and none is cleared, except
those that are declared to hold in that state. A wait that this interrupts begins anew.
"""

import shlex
from dataclasses import replace
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.declaration import UNDECIDED, Declaration, Verdict
from probe.judge.findings.declared import is_declared
from probe.judge.findings.evidence import Found
from probe.judge.findings.flap_cause import attribute
from probe.judge.findings.through_cache import alternates
from probe.judge.record.state import is_contested
from probe.judge.state import DomainState
from probe.model.advice import Situation
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import Awaited, Finding, Link, in_order
from probe.model.name import display
from probe.model.record import RecordState
from probe.model.side import Side

MAX_EVIDENCE = 28
"""Lines of evidence that a finding keeps: four TXT names, what eight servers' addresses say of two records, and the
newest changes of a fight."""


class Diagnosis(NamedTuple):
    """What is open, worst first, and what is waited for."""

    findings: tuple[Finding, ...]
    awaited: tuple[Awaited, ...]


def diagnose(state: DomainState, at: Instant, context: Context) -> Diagnosis:
    """Give what is open at `at`. A finding that was open keeps the time since when it is."""
    status = state.status
    is_unknown = status.state is RecordState.UNKNOWN
    is_untold = is_unknown and any(is_contested(*one) for one in state.remembered)
    before = {finding.code: finding for finding in status.findings}
    waits = {one.code: one.since for one in status.awaited}
    cause = None if is_unknown else _cause(state, at, context)
    findings: list[Finding] = []
    awaited: list[Awaited] = []
    for declared in CATALOGUE.values():
        open_one = before.get(declared.code)
        if is_unknown and not declared.when_unknown:
            # Findings about a side are cleared once it turns out that no answer tells the sides apart.
            found: Verdict = None if is_untold and declared.link is Link.SERVED else UNDECIDED
        elif declared.rule is not None:
            found = declared.rule(state, at, context)
        else:
            found = cause[1] if cause is not None and cause[0] == declared.code else None
        if found is not None and is_declared(declared.code, status):
            found = None
        if found is not UNDECIDED and (found is None) is not (open_one is None):
            since = waits.get(declared.code, at)
            delay = (declared.pending if open_one is None else declared.keep)(context.probing)
            delay = max(delay, found.pending) if found is not None else delay
            if at.monotonic - since.monotonic < delay:
                awaited.append(Awaited(declared.code, since))
                found = UNDECIDED
        if found is UNDECIDED:
            findings += [open_one] if open_one is not None else []
        elif found is not None:
            since_wall = open_one.since if open_one is not None else at.wall
            findings.append(_finding(declared, found, status, since_wall, context))
    findings.sort(key=lambda finding: finding.severity.rank)
    return Diagnosis(tuple(findings), tuple(awaited))


def _cause(state: DomainState, at: Instant, context: Context) -> tuple[str, Found] | None:
    return alternates(state.status, at, context) or attribute(state, at, context)


def _finding(declared: Declaration, found: Found, status: DomainStatus, since: float, context: Context) -> Finding:
    v1, v2 = (
        tuple(replace(one, policy=None) if side in found.unlike else one for one in context.external_dns(side))
        for side in Side
    )
    situation = Situation(status.domain.expectation, v1, v2)
    first, then = (found.advise or declared.advise)(situation)
    first = first.about(shlex.quote(display(status.domain.name)))
    return Finding(
        code=declared.code,
        severity=found.severity or declared.severity,
        domain=status.domain.name,
        sentence=found.sentence,
        remedy=in_order(first, then),
        since=since,
        evidence=found.evidence[-MAX_EVIDENCE:],
        link=declared.link,
        inferred=declared.inferred if found.inferred is None else found.inferred,
        first=first,
        facts=found.facts,
        advice=declared.key(found.advise),
    )
