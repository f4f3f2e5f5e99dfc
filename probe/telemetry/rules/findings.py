"""The rules about domains: one alert for each finding code, all over one recording rule.

Several probes may see the same finding: `max by` makes one alert of theirs. Nothing is ever summed over probes: each
counts the same change.

`last_over_time(...[5m])` lets a scrape that failed, or a pod that was replaced, pass without a word: the series' last
value stands in for it, as long as Prometheus itself would look back. A finding that closes is 0 and is over at once.
"""

from collections.abc import Iterable

from probe.model.alert import alert_name
from probe.model.finding import CatalogueEntry
from probe.telemetry.rules.rule import Alert, Group, Recording

OPEN = "domain:cutover_finding_open:max"
"""The findings that are open, over all vantages: few series, where `cutover_finding` has one per domain and code."""

_RECORDED = (
    Recording(OPEN, "max by (domain, wave, code, severity) (last_over_time(cutover_finding[5m]) == 1)"),
    Recording(
        "domain:cutover_state:max", "max by (domain, wave, state) (last_over_time(cutover_domain_state[5m]) == 1)"
    ),
    Recording("wave:cutover_domains:count", "count by (wave, state) (domain:cutover_state:max)"),
    Recording(
        "domain:cutover_reversals:increase15m", "max by (domain, record_type) (increase(cutover_reversals_total[15m]))"
    ),
    Recording(
        "domain:cutover_transitions:increase1h",
        "max by (domain, record_type) (increase(cutover_transitions_total[1h]))",
    ),
)

_STATES = (
    "{{ with query (printf `max by (record_type, state) (cutover_record_state{domain=%q} == 1)` $labels.domain)"
    " | sortByLabel `record_type` }}"
    "Now: {{ range $index, $one := . }}{{ if $index }}, {{ end }}"
    "{{ $one.Labels.record_type }} is {{ $one.Labels.state }}{{ end }}.\n{{ end }}"
)
_BEAT = (
    "{{ with query (printf `max by (domain) (cutover_flip_period_seconds{domain=%q})` $labels.domain) }}"
    "It comes round every {{ . | first | value | humanizeDuration }}.\n{{ end }}"
)
# An owner comes out of DNS: one that reads `<!channel>` would call everybody in a chat.
_OWNERS = (
    "{{ with query (printf `max by (txt_name, txt_owner) (cutover_txt_owner_info{domain=%q})` $labels.domain)"
    " | sortByLabel `txt_name` }}"
    "Owners in TXT: {{ range $index, $one := . }}{{ if $index }}, {{ end }}"
    "{{ $one.Labels.txt_owner | reReplaceAll `[<>]` `_` }} at {{ $one.Labels.txt_name }}{{ end }}.\n{{ end }}"
)
_BEATING = ("fight-", "flip-flop")


def domain_rules(catalogue: Iterable[CatalogueEntry]) -> Group:
    """Make the group of all rules about domains."""
    return Group("cutover-probe-domains", (*_RECORDED, *map(_alert, catalogue)))


def _alert(entry: CatalogueEntry) -> Alert:
    return Alert(
        code=entry.code,
        name=alert_name(entry.code),
        expr=f'{OPEN}{{code="{entry.code}"}}',
        severity=None,  # the finding's own: `stale-owner` is critical or a warning
        pending=entry.patience.pending,
        keep=entry.patience.keep,
        summary=f"{{{{ $labels.domain }}}}: {entry.meaning}",
        description=(
            "{{ $labels.domain }} (wave {{ $labels.wave }}): "
            f"{entry.meaning}\n"
            f"What to do: {entry.remedy}\n"
            f"{_STATES}{_BEAT if entry.code.startswith(_BEATING) else ''}{_OWNERS}"
            f"Evidence, and why this verdict: the status page, /domains/{{{{ $labels.domain }}}}"
        ),
        page="/domains/{{ $labels.domain }}",
    )
