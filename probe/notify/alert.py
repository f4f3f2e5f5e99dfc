"""What is to be told, made from a snapshot: one alert for each open finding, and for what is wrong with the probe.

Names and labels are those of the rules (`probe.model.alert`): Alertmanager takes both for one. The words are better
than a rule's, because the finding's own sentence is at hand.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from probe.model.alert import Patience, alert_name
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.home import RUNBOOK
from probe.model.name import ROOT, display
from probe.model.plan import Plan
from probe.model.snapshot import Snapshot

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Sorted by name: they are the alert's identity."""

MAX_ANNOTATION = 3_000
"""Characters of one annotation. Chat and pager services cut longer texts, at the end, where the remedy stands."""

MAX_EVIDENCE_LINES = 3
"""Newest lines of evidence that the page shows; the domain's page has all of them."""

_BLIND = Patience(60.0, 300.0)
_RELOAD = Patience(60.0, 0.0)
"""As patient as the rules of the same name."""


class Condition(NamedTuple):
    """Something that holds at present and is worth an alert.

    Attributes:
        labels: Its identity.
        summary, description: What people read, as it came: `annotations` makes it safe when it is sent, which is
            seldom. A thousand fights are looked at every second, on the loop that probing needs.
        runbook: Where it is explained.
        since: Wall time at which it began; None when that is not known: then it counts from when it was seen.
        patience: How long it must have held, and how long it is kept.
        link: Where the page shows it; empty without an external URL.
    """

    labels: Labels
    summary: str
    description: str
    runbook: str
    since: float | None
    patience: Patience
    link: str


def conditions(snapshot: Snapshot, patience: Mapping[str, Patience]) -> Iterator[Condition]:
    """Give everything that holds, what is wrong with the probe first.

    Args:
        snapshot: The present.
        patience: How patient the alert for each finding code is.
    """
    plan = snapshot.plan
    if snapshot.blind:
        yield _about_probe(
            plan,
            "probe-blind",
            _BLIND,
            f"The Cutover Probe at {plan.vantage} reaches no server at all.",
            "All of its verdicts are old, and it raises no new finding meanwhile.\n"
            "What to do: check the probe's own network: egress to UDP and TCP port 53, network policies, its node.",
        )
    for found in snapshot.findings:
        if found.code is not FindingCode.PROBE_BLIND or not snapshot.blind:  # of that the alert above tells
            yield _about_servers(plan, found, patience[found.code])
    if not snapshot.reload.successful:
        yield _about_probe(
            plan,
            "reload-failed",
            _RELOAD,
            f"The Cutover Probe at {plan.vantage} rejects its changed plan and keeps the old one.",
            # The remedy first: the reason may be long, and is cut.
            f"What to do: correct the plan file; the probe loads it within seconds.\n{snapshot.reload.error}",
        )
    where = _where(plan)
    for status in snapshot.domains:
        for finding in status.findings:
            yield _about_domain(where, status.domain.wave, finding, patience[finding.code])


class _Where(NamedTuple):
    """What the plan says of every alert."""

    labels: Labels
    external_url: str
    runbook_url: str


@lru_cache(maxsize=4096)  # what is open stays as it is for many looks: twice as many as may stand
def _about_domain(where: _Where, wave: str, finding: Finding, patient: Patience) -> Condition:
    name = display(finding.domain)
    labels = _labels(
        where,
        alertname=alert_name(finding.code),
        severity=finding.severity.value,
        domain=name,
        wave=wave,
        code=finding.code,
    )
    description = f"{name} (wave {wave}): {_description(finding)}"
    link = f"{where.external_url}/domains/{name}" if where.external_url else ""
    return Condition(
        labels,
        _summary(finding),
        description,
        _runbook(where, finding.code),
        finding.since,
        patient,
        link,
    )


def _summary(finding: Finding) -> str:
    """Say what happens, and whom to stop."""
    return f"{finding.sentence} {finding.first.sentence}".strip()


def _description(finding: Finding) -> str:
    """Say what happens, what to do in order, and beneath that the facts and the newest evidence."""
    lines = [finding.sentence, f"What to do: {finding.first.sentence or finding.remedy}"]
    lines += finding.first.lines
    lines += [f"Then: {finding.then}"] if finding.first.sentence and finding.then else []
    lines += [f"{fact.label.value}: {fact.text}" for fact in finding.facts]
    newest = finding.evidence[-MAX_EVIDENCE_LINES:]
    lines += ["Newest evidence:", *(f"- {line}" for line in newest)] if newest else []
    return "\n".join(lines)


def _about_servers(plan: Plan, found: Finding, patient: Patience) -> Condition:
    """Tell what is wrong with servers of a zone, or with a part of what this vantage sees."""
    told = _about_probe(plan, found.code, patient, _summary(found), _description(found))
    zone = {} if found.domain == ROOT else {"hosted_zone": display(found.domain)}
    return told._replace(labels=tuple(sorted({**dict(told.labels), **zone}.items())), since=found.since)


def _about_probe(plan: Plan, code: str, patient: Patience, summary: str, description: str) -> Condition:
    where = _where(plan)
    labels = _labels(where, alertname=alert_name(code), severity=Severity.WARNING.value, vantage=plan.vantage)
    return Condition(labels, summary, description, _runbook(where, code), None, patient, plan.external_url)


def _where(plan: Plan) -> _Where:
    return _Where(plan.notify.labels, plan.external_url, plan.runbook_url)


def annotations(condition: Condition) -> dict[str, str]:
    """Write what people read of an alert."""
    return {
        "summary": _safe(condition.summary),
        "description": _safe(condition.description),
        "runbook_url": condition.runbook,
        **({"dashboard_url": condition.link} if condition.link else {}),
    }


def _labels(where: _Where, **labels: str) -> Labels:
    return tuple(sorted({**dict(where.labels), **labels}.items()))


def _runbook(where: _Where, code: str) -> str:
    return f"{where.runbook_url or RUNBOOK}#{code}"


def _safe(text: str) -> str:
    """Bound a text that quotes DNS, and take away what a chat service would obey.

    An owner may read `<!channel>`, which Slack turns into a call to everybody, or `<script>`, for a web page that
    forgot to escape. Alertmanager's own templates escape for mail only.
    """
    safe = text.translate(_HARMLESS)
    return safe if len(safe) <= MAX_ANNOTATION else safe[: MAX_ANNOTATION - 1] + "…"


_HARMLESS = {
    ord("<"): "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
    ord(">"): "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
} | {
    code: " "
    for code in (*range(32), *range(127, 160), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if code != ord("\n")
}
"""Angle brackets, control characters but the line feed, and those that turn the direction of what follows."""
