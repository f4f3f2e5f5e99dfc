"""The cutover at a glance: what is wrong first, then how far the waves are."""

from grafana_foundation_sdk.builders import dashboard as dashboards

from dashboards.palette import STATES
from dashboards.shape import (
    COLOURED_TEXT,
    Query,
    bars,
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

_IN = 'vantage=~"$vantage",wave=~"$wave",domain=~"$domain"'
_AT = 'vantage=~"$vantage",domain=~"$domain"'
_STATE = f"max by (domain, wave, state) (cutover_domain_state{{{_IN}}}) == 1"
_OF_WAVE = f"max by (domain) (cutover_domain_state{{{_IN}}})"
"""Filters what has no label `wave` by the waves that were chosen."""

_PAGE = "${page}/domains/${__data.fields.Domain}"


def overview() -> dashboards.Dashboard:
    """Build it."""
    made = board(
        "cutover-overview",
        "Cutover Probe / Overview",
        "All waves of the migration: what is wrong, where each domain leads, and how far everything is.",
        choice("vantage", "Vantage", "label_values(cutover_domain_state, vantage)"),
        choice("wave", "Wave", 'label_values(cutover_domain_state{vantage=~"$vantage"}, wave)'),
        choice("domain", "Domain", 'label_values(cutover_domain_state{vantage=~"$vantage",wave=~"$wave"}, domain)'),
        *links(),
        annotations=marks('domain=~"$domain|"', 'vantage=~"$vantage"', 'wave=~"$wave"'),
    )
    _wrong_now(made)
    _how_far(made)
    _caches(made)
    return made


def _wrong_now(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("What is wrong now"))
    made.with_panel(
        number(
            "Flapping",
            "Domains whose records alternate.",
            Query(f'count(max by (domain) (cutover_domain_state{{{_IN},state="flapping"}}) == 1) or vector(0)'),
            {1: "flapping"},
        )
    )
    for severity in ("critical", "warning"):
        made.with_panel(
            number(
                f"Open findings: {severity}",
                "Findings that are open, over all domains; the same at two vantages is one.",
                Query(
                    f'count(max by (domain, code) (cutover_finding{{{_IN},severity="{severity}"}}) == 1) or vector(0)'
                ),
                {1: severity},
            )
        )
    made.with_panel(
        number(
            "Domains on v2",
            "Share of the domains that are steadily on v2.",
            Query(
                f'(count(max by (domain) (cutover_domain_state{{{_IN},state="v2"}}) == 1) or vector(0))'
                f" / count({_OF_WAVE})"
            ),
            unit="percentunit",
        )
    )
    made.with_panel(
        number(
            "Blind vantages",
            "Vantages that reach no server at all: what they say of domains is old.",
            Query('sum(max by (vantage) (cutover_blind{vantage=~"$vantage"}))'),
            {1: "warning"},
        )
    )
    made.with_panel(
        number(
            "Oldest pass",
            "Age of the oldest verdicts: how long ago a probe had asked for every domain.",
            Query('time() - min(cutover_last_pass_timestamp_seconds{vantage=~"$vantage"})'),
            {120: "warning", 300: "critical"},
            unit="s",
        )
    )
    findings = rows(
        "Open findings",
        "The domain leads to its page, with the evidence; the code to the runbook.",
        Query(f"max by (domain, wave, code, severity) (cutover_finding{{{_IN}}}) == 1"),
        columns={"severity": "Severity", "domain": "Domain", "code": "Finding", "wave": "Wave"},
        empty="No finding is open",
    )
    findings.override_by_name("Severity", [severities(), COLOURED_TEXT])
    findings.override_by_name("Domain", [link("Its page", _PAGE)])
    findings.override_by_name("Finding", [link("Runbook", "${runbook}#${__data.fields.Finding}")])
    made.with_panel(findings)
    made.with_panel(
        rows(
            "HTTPS",
            "Whether each domain's service works on each side, 1 or 0. Only where the plan has `http`.",
            Query(f"min by (domain, side) (cutover_http_up{{{_AT}}}) and on (domain) {_OF_WAVE}"),
            columns={"domain": "Domain", "side": "Side", "Value": "Works"},
            height=6,
            span=12,
            empty="The plan has no `http` for these domains",
        )
    )
    made.with_panel(
        bars(
            "Certificates: first to end",
            "Until the first certificate ends that a side shows for a domain.",
            Query(
                f"bottomk(10, min by (domain, side) (cutover_certificate_expiry_timestamp_seconds{{{_AT}}})"
                f" and on (domain) {_OF_WAVE}) - time()",
                "{{domain}} at {{side}}",
            ),
            unit="s",
            span=12,
            empty="The plan has no `http` for these domains",
        )
    )
    made.with_panel(
        bars(
            "Flapping on top",
            "Reversals in the last hour, by the vantage that saw most. Never added up over vantages.",
            Query(
                f"topk(15, max by (domain) (increase(cutover_reversals_total{{{_AT}}}[1h])) > 0"
                f" and on (domain) {_OF_WAVE})",
                "{{domain}}",
            ),
            {2: "flapping"},
            empty="Nothing was changed back in the last hour",
        )
    )
    made.with_panel(
        bars(
            "Beat of the fights",
            "Seconds from a change to the next one of the same kind: an ExternalDNS' sync interval, as a rule.",
            Query(f"max by (domain) (cutover_flip_period_seconds{{{_AT}}}) and on (domain) {_OF_WAVE}", "{{domain}}"),
            unit="s",
            empty="Nothing flaps with a beat",
        )
    )
    made.with_panel(
        series(
            "Changes",
            "Confirmed changes of records, and those that undid the one before.",
            Query(f"max by (domain) (increase(cutover_transitions_total{{{_AT}}}[5m])) > 0", "{{domain}}"),
            span=8,
            empty="Nothing changed",
        )
    )


def _how_far(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Where the domains are"))
    made.with_panel(
        timeline(
            "Domains",
            "The verdict on each domain over time. Where vantages disagree, the worst word is shown.",
            Query(by_code("cutover_domain_state", "state", STATES, "domain", _IN), "{{domain}}"),
            STATES,
            height=14,
        )
    )
    made.with_panel(
        bars(
            "Waves: share on v2",
            "Domains of each wave that are steadily on v2.",
            Query(
                f'count by (wave) (max by (domain, wave) (cutover_domain_state{{{_IN},state="v2"}}) == 1)'
                f" / count by (wave) (max by (domain, wave) (cutover_domain_state{{{_IN}}}))"
                f" or count by (wave) (max by (domain, wave) (cutover_domain_state{{{_IN}}})) * 0",
                "{{wave}}",
            ),
            {1: "v2"},
            unit="percentunit",
            most=1,
        )
    )
    made.with_panel(
        series(
            "Domains by verdict",
            "How many domains stand where.",
            Query(f"count by (state) ({_STATE})", "{{state}}"),
            span=8,
        )
    )
    made.with_panel(
        series(
            "Owners",
            "Domains by the ExternalDNS owner in their TXT records: a hand-over moves them from one to the other.",
            Query(
                f"count by (txt_owner) (max by (domain, txt_owner) (cutover_txt_owner_info{{{_AT}}})"
                f" and on (domain) {_OF_WAVE})",
                "{{txt_owner}}",
            ),
            span=8,
            empty="No ownership TXT is known",
        )
    )
    made.with_panel(
        rows(
            "Waves: confirmed",
            "1 when all of its domains have held every criterion for the plan's soak, and how far it is on the way.",
            Query('min by (wave) (cutover_wave_confirmed{vantage=~"$vantage",wave=~"$wave"})'),
            Query(
                'min by (wave) (cutover_wave_held_seconds{vantage=~"$vantage",wave=~"$wave"}'
                ' / on (vantage, instance) group_left () cutover_soak_seconds{vantage=~"$vantage"})'
            ),
            columns={"wave": "Wave", "Value #A": "Confirmed", "Value #B": "Of the soak, held"},
            span=12,
        )
    )
    made.with_panel(
        series(
            "Domains whose Ingress on v1 may be deleted",
            "By the word of every vantage. Deleting it while v1 still owns the record is the most dangerous step.",
            Query(
                f"sum by (wave) (min by (domain, wave) (cutover_v1_removable{{{_IN}}}))",
                "{{wave}}",
            ),
            empty="No domain is expected on v2",
        )
    )
    made.with_panel(
        series(
            "Domains confirmed",
            "How many domains of each wave are confirmed by every vantage.",
            Query(f"sum by (wave) (min by (domain, wave) (cutover_domain_confirmed{{{_IN}}}))", "{{wave}}"),
        )
    )
    made.with_panel(
        rows(
            "What the plan expects",
            "The expectation in force for each domain.",
            Query(f"max by (domain, wave, expectation) (cutover_domain_expectation{{{_IN}}}) == 1"),
            columns={"wave": "Wave", "domain": "Domain", "expectation": "Expected"},
            span=12,
        )
    )
    made.with_panel(
        rows(
            "What the plan expects next",
            "Scheduled steps of the waves, and how long it is until then.",
            Query(
                "min by (wave, expectation) (cutover_wave_next_expectation_timestamp_seconds"
                '{vantage=~"$vantage",wave=~"$wave"}) - time()'
            ),
            columns={"wave": "Wave", "expectation": "Then expected", "Value": "In"},
            unit="s",
            span=12,
            empty="No wave has a scheduled step",
        )
    )


def _caches(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("What users' resolvers have"))
    made.with_panel(
        bars(
            "Resolvers converged",
            "Share of the resolvers that serve what the authoritative servers say; the lowest first.",
            Query(
                f"bottomk(15, min by (domain) (cutover_resolvers_converged_ratio{{{_AT}}}) and on (domain) {_OF_WAVE})",
                "{{domain}}",
            ),
            {1: "v2"},
            unit="percentunit",
            most=1,
            empty="No resolver is known, or every record is changing",
        )
    )
    made.with_panel(
        bars(
            "Drain: until no cache may lead to v1",
            "Countdown to the moment from which no cache that obeys TTLs can still lead to v1.",
            Query(
                f"clamp_min(max by (domain) (cutover_drain_deadline_timestamp_seconds{{{_AT}}}) - time(), 0)"
                f" and on (domain) {_OF_WAVE}",
                "{{domain}}",
            ),
            unit="s",
            empty="v1 is still answered, or never was while watched",
        )
    )
    made.with_panel(
        series(
            "Changes: how long they take to arrive",
            "Median and 95th percentile since the probe began, by how far the change has come.",
            *(
                Query(
                    f"histogram_quantile({quantile}, max by (stage, le)"
                    ' (cutover_convergence_seconds_bucket{vantage=~"$vantage"}))',
                    f"{{{{stage}}}} {word}",
                )
                for quantile, word in ((0.5, "median"), (0.95, "p95"))
            ),
            unit="s",
            span=8,
            empty="Nothing changed",
        )
    )
