"""The rules about domains: one alert for each finding code, all over one recording rule.

Several probes may see the same finding: `max by` makes one alert of theirs. Nothing is ever summed over probes: each
counts the same change.

`last_over_time(...[5m])` lets a scrape that failed, or a pod that was replaced, pass without a word: the series' last
value stands in for it, as long as Prometheus itself would look back. A finding that closes is told as 0 for longer than
that (`probe.telemetry.domains.ZERO_SECONDS`) and is over at once; one that was never open has no series.
"""

from collections.abc import Callable, Iterable, Mapping

from probe.model.advice import USUAL, Advice, Advise, OtherAdvice, Situation
from probe.model.alert import alert_name
from probe.model.finding import CatalogueEntry, FindingCode
from probe.model.plan import Expectation
from probe.telemetry.rules.rule import Alert, Group, Recording

OPEN = "domain:cutover_finding_open:max"
"""The findings that are open, over all vantages, and none that has ended."""

_DOMAIN_RECORDINGS = (
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
    "Beat: one cycle takes {{ . | first | value | humanizeDuration }}.\n{{ end }}"
)
_SHARES = (
    "{{ with query (printf `max by (record_type) (cutover_v2_share_ratio{domain=%q})` $labels.domain)"
    " | sortByLabel `record_type` }}"
    "Share: {{ range $index, $one := . }}{{ if $index }}, {{ end }}"
    "{{ $one.Labels.record_type }} leads to v2 in {{ $one.Value | humanizePercentage }} of answers{{ end }}.\n{{ end }}"
)
_LAST_CHANGE = (
    "{{ with query (printf `max by (record_type) (cutover_last_transition_timestamp_seconds{domain=%q})`"
    " $labels.domain) | sortByLabel `record_type` }}"
    "Last change: {{ range $index, $one := . }}{{ if $index }}, {{ end }}"
    "{{ $one.Labels.record_type }} at {{ $one.Value | humanizeTimestamp }}{{ end }}.\n{{ end }}"
)
# An owner comes out of DNS: one that reads `<!channel>` would call everybody in a chat.
_OWNERS = (
    "{{ with query (printf `max by (txt_name, txt_owner) (cutover_txt_owner_info{domain=%q})` $labels.domain)"
    " | sortByLabel `txt_name` }}"
    "Owners: {{ range $index, $one := . }}{{ if $index }}, {{ end }}"
    "{{ $one.Labels.txt_owner | reReplaceAll `[<>]` `_` }} at {{ $one.Labels.txt_name }}{{ end }}.\n{{ end }}"
)
_DOMAIN = "{{ $labels.domain }}"
_OPEN_FIRST = f"What to do depends on what was seen: open /domains/{_DOMAIN} first."
_ON_THE_PAGE = (
    f"that depends on what was seen. Open /domains/{_DOMAIN} first, or read the same by:\n"
    f"$ curl -s http://PROBE:9953/api/v1/domains/{_DOMAIN}\n"
    "Then: do what it says there. Stop no ExternalDNS, and create or delete no record, before.\n"
)
_BEATING = ("fight-", "flip-flop")


def domain_rules(catalogue: Iterable[CatalogueEntry]) -> Group:
    """Make the group of all rules about domains."""
    return Group("cutover-probe-domains", (*_DOMAIN_RECORDINGS, *map(_alert, catalogue)))


def _alert(entry: CatalogueEntry) -> Alert:
    return Alert(
        code=entry.code,
        name=alert_name(entry.code),
        expr=f'{OPEN}{{code="{entry.code}"}}',
        severity=None,  # the finding's own: `stale-owner` is critical or a warning
        pending=entry.patience.pending,
        keep=entry.patience.keep,
        summary=f"{{{{ $labels.domain }}}}: {entry.meaning} {_advised(entry, _first, _OPEN_FIRST)}",
        description=(
            "{{ $labels.domain }} (wave {{ $labels.wave }}): "
            f"{entry.meaning}\n"
            f"What to do: {_advised(entry, _steps, _ON_THE_PAGE)}"
            f"{_facts(entry)}"
            f"Evidence, and why this verdict: the status page, /domains/{{{{ $labels.domain }}}}"
        ),
        page="/domains/{{ $labels.domain }}",
    )


def _advised(entry: CatalogueEntry, text: Callable[[Advise], str], untold: str) -> str:
    """Say what stands, where a code advises one of several things: a first step of another one may do harm.

    What it is the probe exports. Where that is not told, or vantages see different things, it is `untold`.
    """
    if not entry.others:
        return text(entry.advise)
    query = f'max by (advice) (last_over_time(cutover_finding_advice{{domain=%q,code="{entry.code}"}}[5m]) == 1)'
    branches = "{{ else ".join(
        f"if eq $advice `{key}` }}}}{text(advise)}" for key, advise in (OtherAdvice(USUAL, entry.advise), *entry.others)
    )
    return (
        f"{{{{ $advice := `` }}}}{{{{ with query (printf `{query}` $labels.domain) }}}}"
        "{{ if eq (len .) 1 }}{{ $advice = . | first | label `advice` }}{{ end }}{{ end }}"
        f"{{{{ {branches}{{{{ else }}}}{untold}{{{{ end }}}}"
    )


def _first(advise: Advise) -> str:
    return _told(advise, lambda advice: advice.first.sentence)


def _steps(advise: Advise) -> str:
    commands = _told(advise, lambda advice: "".join(f"{line}\n" for line in advice.first.about(_DOMAIN).lines))
    return f"{_first(advise)}\n{commands}Then: {_told(advise, lambda advice: advice.then)}\n"


def _told(advise: Advise, part: Callable[[Advice], str]) -> str:
    """Say a part of what is advised: one text, or, where what is expected of the domain decides, a template of several.

    A rule knows no plan: who runs ExternalDNS under other names reads "Names assumed" above the commands.
    """
    otherwise = part(advise(Situation(None)))
    on_a_side = {one: part(advise(Situation(one))) for one in Expectation if one.side is not None}
    return otherwise if {*on_a_side.values()} == {otherwise} else _by_expectation(on_a_side, otherwise)


def _by_expectation(on_a_side: Mapping[Expectation, str], otherwise: str) -> str:
    """Write a template of a text for each expectation of one side, and of one for all others."""
    branches = "{{ else ".join(f"if eq . `{one.value}` }}}}{text}" for one, text in on_a_side.items())
    query = "max by (expectation) (cutover_domain_expectation{domain=%q} == 1)"
    return (
        f"{{{{ with query (printf `{query}` $labels.domain) }}}}{{{{ with . | first | label `expectation` }}}}"
        f"{{{{ {branches}{{{{ else }}}}{otherwise}{{{{ end }}}}"
        f"{{{{ end }}}}{{{{ else }}}}{otherwise}{{{{ end }}}}"
    )


def _facts(entry: CatalogueEntry) -> str:
    """Give the facts beneath. An outage is told by its name: its records' states tell of the seconds around it."""
    states = "" if entry.code is FindingCode.OUTAGE else _STATES
    beat = _BEAT if entry.code.startswith(_BEATING) else ""
    return f"{states}{beat}{_SHARES}{_LAST_CHANGE}{_OWNERS}"
