"""One domain in depth: its records, owners, resolvers and changes on one axis of time."""

from grafana_foundation_sdk.builders import dashboard as dashboards

from dashboards.palette import CLASSES, STATES
from dashboards.shape import (
    COLOURED_TEXT,
    Query,
    board,
    by_code,
    choice,
    link,
    links,
    marks,
    number,
    rows,
    series,
    severities,
    timeline,
)

_AT = 'vantage=~"$vantage",domain="$domain"'


def domain() -> dashboards.Dashboard:
    """Build it."""
    made = board(
        "cutover-domain",
        "Cutover Probe / Domain",
        "One domain: where its records lead and since when, who owns it, and what resolvers serve.",
        choice("vantage", "Vantage", "label_values(cutover_domain_state, vantage)"),
        choice("wave", "Wave", 'label_values(cutover_domain_state{vantage=~"$vantage"}, wave)'),
        choice(
            "domain",
            "Domain",
            'label_values(cutover_domain_state{vantage=~"$vantage",wave=~"$wave"}, domain)',
            several=False,
        ),
        *links(),
        annotations=marks('domain="$domain"', 'vantage=~"$vantage"', 'wave=~"$wave"'),
    )
    made.link(
        dashboards.DashboardLink("Evidence, and why this verdict").url("${page}/domains/${domain}").target_blank(True)
    )
    _now(made)
    _over_time(made)
    _owners_and_resolvers(made)
    return made


def _now(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("$domain now"))
    made.with_panel(
        timeline(
            "Verdict",
            "The verdict on the domain, by vantage.",
            Query(by_code("cutover_domain_state", "state", STATES, "vantage", _AT), "{{vantage}}"),
            STATES,
            height=4,
            span=12,
        )
    )
    made.with_panel(
        number(
            "Beat",
            "Seconds from a change to the next one of the same kind, while it flaps.",
            Query(f"max(cutover_flip_period_seconds{{{_AT}}})"),
            {0: "flapping"},
            unit="s",
            span=3,
            empty="No beat",
        )
    )
    made.with_panel(
        number(
            "Reversals",
            "Changes that undid the one before, since the probe began, by the vantage that saw most.",
            Query(f"max(cutover_reversals_total{{{_AT}}}) or vector(0)"),
            {2: "flapping"},
            span=3,
        )
    )
    made.with_panel(
        number(
            "Resolvers converged",
            "Share of the resolvers that serve what the authoritative servers say.",
            Query(f"min(cutover_resolvers_converged_ratio{{{_AT}}})"),
            {1: "v2"},
            unit="percentunit",
            span=3,
            empty="None known",
        )
    )
    made.with_panel(
        number(
            "Drained in",
            "Until no cache that obeys TTLs can still lead to v1; 0 from then on.",
            Query(f"clamp_min(max(cutover_drain_deadline_timestamp_seconds{{{_AT}}}) - time(), 0)"),
            unit="s",
            span=3,
            empty="v1 is answered",
        )
    )
    findings = rows(
        "Open findings",
        "The code leads to the runbook.",
        Query(f"max by (wave, code, severity) (cutover_finding{{{_AT}}}) == 1"),
        columns={"severity": "Severity", "code": "Finding", "wave": "Wave"},
        height=6,
        span=16,
        empty="No finding is open",
    )
    findings.override_by_name("Severity", [severities(), COLOURED_TEXT])
    findings.override_by_name("Finding", [link("Runbook", "${runbook}#${__data.fields.Finding}")])
    made.with_panel(findings)
    made.with_panel(
        rows(
            "What is advised",
            "Of findings that advise one of several things: which of them, by what was seen. Its page says it.",
            Query(f"max by (code, advice) (cutover_finding_advice{{{_AT}}}) == 1"),
            columns={"code": "Finding", "advice": "Advice"},
            height=6,
            span=8,
            empty="No such finding is open",
        )
    )


def _over_time(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Its records"))
    made.with_panel(
        timeline(
            "Records",
            "The verdict on A and on AAAA. ExternalDNS can leave them on different sides.",
            Query(
                by_code("cutover_record_state", "state", STATES, "record_type, vantage", _AT),
                "{{record_type}} at {{vantage}}",
            ),
            STATES,
            height=6,
        )
    )
    made.with_panel(
        series(
            "Answers of the authoritative servers",
            "By what they say. Class failed is no evidence about the record.",
            Query(
                f"sum by (record_type, answer_class) (rate(cutover_answers_total{{{_AT}}}[$__rate_interval])) > 0",
                "{{record_type}} {{answer_class}}",
            ),
            unit="reqps",
            empty="No server was asked",
        )
    )
    made.with_panel(
        series(
            "Changes",
            "Confirmed changes since the probe began, and those that undid the one before.",
            Query(f"max by (record_type) (cutover_transitions_total{{{_AT}}})", "{{record_type}} changes"),
            Query(f"max by (record_type) (cutover_reversals_total{{{_AT}}})", "{{record_type}} reversals"),
        )
    )
    made.with_panel(
        series(
            "Since the last change",
            "How long each record has been as it is.",
            Query(
                f"time() - max by (record_type) (cutover_last_transition_timestamp_seconds{{{_AT}}})",
                "{{record_type}}",
            ),
            unit="s",
            empty="It has not changed",
        )
    )
    made.with_panel(
        series(
            "TTL",
            "For how long caches may hold what is answered now: the longest that an authoritative server says.",
            Query(f"max(cutover_ttl_seconds{{{_AT}}})", "TTL"),
            unit="s",
            empty="It has no record, or is asked through caches",
        )
    )
    made.with_panel(
        series(
            "Share of v2, when it is split by weighted routing",
            "With an interval in which it lies however often one looks.",
            *(
                Query(f"max by (record_type) (cutover_v2_share_ratio{bound}{{{_AT}}})", f"{{{{record_type}}}} {word}")
                for bound, word in (("", "share"), ("_lower", "at least"), ("_upper", "at most"))
            ),
            unit="percentunit",
            empty="It is not split by weights",
        )
    )


def _owners_and_resolvers(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Who owns it, and what users get"))
    made.with_panel(
        rows(
            "Owners",
            "What stands in each ownership TXT name.",
            Query(f"max by (txt_name, txt_owner) (cutover_txt_owner_info{{{_AT}}})"),
            columns={"txt_name": "TXT name", "txt_owner": "Owner"},
            span=10,
            empty="No ownership TXT is known",
        )
    )
    made.with_panel(
        timeline(
            "Resolvers",
            "What each resolver answers. Failed means no response, which is no evidence.",
            Query(
                by_code("cutover_resolver_answer", "answer_class", CLASSES, "resolver, record_type", _AT),
                "{{resolver}} {{record_type}}",
            ),
            CLASSES,
            height=8,
            span=14,
            empty="The plan has no resolvers",
        )
    )
    made.with_panel(
        series(
            "HTTPS on both sides",
            "1 while the service works there. Only where the plan has `http`.",
            Query(f"min by (side, vantage) (cutover_http_up{{{_AT}}})", "{{side}} from {{vantage}}"),
            span=8,
            empty="The plan has no `http` for it",
        )
    )
    made.with_panel(
        series(
            "HTTPS: time to the head",
            "Of the newest check on each side, failed ones included.",
            Query(f"max by (side, vantage) (cutover_http_duration_seconds{{{_AT}}})", "{{side}} from {{vantage}}"),
            unit="s",
            span=8,
            empty="The plan has no `http` for it",
        )
    )
    made.with_panel(
        series(
            "Certificates: until they end",
            "The first that each side shows for the domain.",
            Query(f"min by (side) (cutover_certificate_expiry_timestamp_seconds{{{_AT}}}) - time()", "{{side}}"),
            unit="s",
            span=8,
            empty="The plan has no `http` for it",
        )
    )
    made.with_panel(
        number(
            "Confirmed",
            "1 once it has held every criterion for the plan's soak, at every vantage.",
            Query(f"min(cutover_domain_confirmed{{{_AT}}})"),
            {1: "v2"},
            span=6,
        )
    )
    made.with_panel(
        number(
            "v1's Ingress may be deleted",
            "1 while all that can be seen allows it, at every vantage. Only where v2 is expected.",
            Query(f"min(cutover_v1_removable{{{_AT}}})"),
            {1: "v2"},
            span=6,
            empty="It is not expected on v2",
        )
    )
    made.with_panel(
        rows(
            "What the plan expects",
            "The expectation in force.",
            Query(f"max by (wave, expectation) (cutover_domain_expectation{{{_AT}}}) == 1"),
            columns={"wave": "Wave", "expectation": "Expected"},
            height=4,
            span=12,
        )
    )
