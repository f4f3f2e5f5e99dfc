"""What a rules file consists of."""

from typing import Any, NamedTuple, TypeAlias

from probe.model.clock import DAY, HOUR, MINUTE
from probe.model.finding import Severity
from probe.model.home import RUNBOOK


class Recording(NamedTuple):
    """A recording rule.

    Attributes:
        record: The new series' name, `level:metric:operation`.
        expr: PromQL.
    """

    record: str
    expr: str


class Alert(NamedTuple):
    """An alerting rule.

    Attributes:
        code: What it is about, as the runbook's heading says it; the name follows from it.
        name: The alert's name.
        expr: PromQL.
        severity: The label `severity`; empty where the series brings its own.
        pending: Seconds, `for`.
        keep: Seconds, `keep_firing_for`.
        summary: One sentence, a template.
        description: What the woken colleague needs, a template of several lines.
        page: Where the status page shows it, below its external URL.
    """

    code: str
    name: str
    expr: str
    severity: Severity | None
    pending: float
    keep: float
    summary: str
    description: str
    page: str = "/"


Rule: TypeAlias = Recording | Alert


class Group(NamedTuple):
    """Rules that are evaluated one after the other: an alert sees at once what was recorded before it."""

    name: str
    rules: tuple[Rule, ...]


_LINK = 'max by ({label}) (last_over_time(cutover_links_info{{{label}!=""}}[1d]))'


def _link(label: str, behind: str = "", otherwise: str = "") -> str:
    """Write a template for a link: what the plan says of it, and what stands behind; `otherwise` where it says none.

    A day back: when the probe is down, the links to its runbook are needed most.
    """
    query = _LINK.format(label=label)
    other = f"{{{{ else }}}}{otherwise}" if otherwise else ""
    return f'{{{{ with query `{query}` }}}}{{{{ . | first | label "{label}" }}}}{behind}{other}{{{{ end }}}}'


def duration(seconds: float) -> str:
    """Write seconds as Prometheus does."""
    whole = int(seconds)
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if whole and whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def as_document(groups: tuple[Group, ...]) -> dict[str, Any]:
    """Give the rules file as plain values."""
    return {"groups": [{"name": group.name, "rules": [_rule(rule) for rule in group.rules]} for group in groups]}


def _rule(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, Recording):
        return {"record": rule.record, "expr": rule.expr}
    severity = rule.severity.value if rule.severity is not None else "{{ $labels.severity }}"
    return {
        "alert": rule.name,
        "expr": rule.expr,
        **({"for": duration(rule.pending)} if rule.pending else {}),
        **({"keep_firing_for": duration(rule.keep)} if rule.keep else {}),
        "labels": {"severity": severity},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": f"{_link('runbook_url', otherwise=RUNBOOK)}#{rule.code}",
            "dashboard_url": _link("external_url", rule.page),
        },
    }
