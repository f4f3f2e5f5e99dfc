"""What `check --output json` writes."""

import json
from collections.abc import Sequence
from typing import Any

from probe.cli.look import Look
from probe.judge.acceptance.chain import explained
from probe.model.check import Check, CheckOutcome
from probe.model.domain import DomainStatus
from probe.web.facts.base import timestamp, to_json
from probe.web.facts.domain import DomainFact, FindingFact
from probe.web.facts.past import ExplanationFact
from probe.web.facts.probe import DelegationFact

_HOLDINGS = {
    CheckOutcome.PASS: "holds",
    CheckOutcome.WARN: "holds",
    CheckOutcome.FAIL: "fails",
    CheckOutcome.UNKNOWN: "unknown",
}


def document(seen: Look, looked: Sequence[tuple[DomainStatus, Check]], outcome: CheckOutcome) -> dict[str, Any]:
    """Give the facts of `/api/v1/domains/NAME` for each domain, each with its verdict and why it is.

    Args:
        seen: What was looked at.
        looked: Each domain of it, with its verdict.
        outcome: That of all of it together.
    """
    snapshot = seen.snapshot
    facts: list[dict[str, Any]] = []
    for (status, one), state in zip(looked, seen.states, strict=True):
        fact = json.loads(to_json(DomainFact, status))
        why = json.loads(to_json(ExplanationFact, explained(state, snapshot.at, snapshot.plan)))
        facts.append({**fact, "holding": _HOLDINGS[one.outcome], "reason": one.sentence, "why": why})
    return {
        "at": timestamp(snapshot.at),
        "vantage": snapshot.plan.vantage,
        "holding": _HOLDINGS[outcome],
        "findings": [json.loads(to_json(FindingFact, finding)) for finding in snapshot.findings],
        "domains": facts,
        "delegations": [json.loads(to_json(DelegationFact, one)) for one in snapshot.delegations],
    }
