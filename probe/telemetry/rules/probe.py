"""The rules about the probe itself: whether what it says, and that it says nothing, can be believed.

`min by` and `max by` over a vantage unite its shards and replicas: the worst of them counts.
"""

from probe.model.alert import alert_name
from probe.model.finding import Severity
from probe.telemetry.rules.rule import Alert, Group, Recording

_SILENT_RATIO = "group:cutover_query_failures:ratio_rate5m"

_RECORDED = (
    Recording(
        _SILENT_RATIO,
        "sum by (vantage, server_group) (rate(cutover_query_failures_total[5m]))"
        " / sum by (vantage, server_group) (rate(cutover_queries_total[5m]))",
    ),
)

_ALERTS = (
    # Ten minutes altogether: a node that is drained, an image that is pulled. Critical, because nothing else can page.
    Alert(
        "probe-absent",
        "",
        "absent_over_time(cutover_build_info[5m])",
        Severity.CRITICAL,
        300.0,
        0.0,
        "No Cutover Probe is being scraped at all: a fight would go unseen.",
        "Prometheus has had no series of any Cutover Probe for ten minutes.\n"
        "What to do: see whether its pod runs, and whether Prometheus has it as a target; until then watch by hand.",
    ),
    # Six hours back: as long as a night lasts. Who takes a vantage away for good hears of it that long and no longer.
    Alert(
        "probe-down",
        "",
        "max by (vantage) (last_over_time(cutover_build_info[6h]))"
        " unless on (vantage) max by (vantage) (last_over_time(cutover_build_info[5m]))",
        Severity.WARNING,
        300.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} is no longer scraped.",
        "The vantage {{ $labels.vantage }} told its metrics within the last six hours and has not for ten minutes. "
        "Other vantages, if there are any, still watch.\n"
        "What to do: see whether its pod runs and is ready to be scraped; read its last log lines.",
    ),
    # As kube-state-metrics has it. A pod that is replaced is back within ten minutes, which it altogether takes.
    Alert(
        "shard-missing",
        "",
        "max by (vantage) (last_over_time(cutover_total_shards[5m])) - count by (vantage)"
        " (count by (vantage, shard_ordinal) (last_over_time(cutover_shard_ordinal[5m]))) > 0",
        Severity.CRITICAL,
        300.0,
        0.0,
        "{{ $value }} of the shards of the Cutover Probe at {{ $labels.vantage }} are missing: their domains are not "
        "watched.",
        "Each shard watches a part of the plan's domains. Present at {{ $labels.vantage }}: "
        "{{ range query (printf `max by (shard_ordinal) (last_over_time(cutover_shard_ordinal{vantage=%q}[5m]))`"
        " $labels.vantage) | sortByLabel `shard_ordinal` }}{{ .Labels.shard_ordinal }} {{ end }}\n"
        "What to do: see which pod of the StatefulSet does not run, or is not scraped.",
    ),
    # A rolling update lets two numbers stand side by side until the last pod is new.
    Alert(
        "shards-disagree",
        "",
        "max by (vantage) (last_over_time(cutover_total_shards[5m]))"
        " != min by (vantage) (last_over_time(cutover_total_shards[5m]))",
        Severity.WARNING,
        900.0,
        0.0,
        "The shards of the Cutover Probe at {{ $labels.vantage }} do not agree on how many they are.",
        "Domains fall between shards of different divisions, or are watched twice.\n"
        "What to do: give every process of {{ $labels.vantage }} the same --total-shards; a rolling update that is "
        "stuck leaves the old number behind.",
    ),
    # The judge has waited for 30 s of silence already; another minute leaves a failed-over NAT gateway out.
    Alert(
        "probe-blind",
        "",
        "max by (vantage) (last_over_time(cutover_blind[5m])) == 1",
        Severity.WARNING,
        60.0,
        300.0,
        "The Cutover Probe at {{ $labels.vantage }} reaches no server at all.",
        "Everything that the vantage {{ $labels.vantage }} says of domains is old, and nothing is accused meanwhile.\n"
        "What to do: check the probe's own network: egress to UDP and TCP port 53, network policies, its node.",
    ),
    # The judge has waited for three minutes already; the zone's other servers answer meanwhile.
    Alert(
        "server-failing",
        "",
        "max by (vantage, hosted_zone) (last_over_time(cutover_failing_servers[5m])) > 0",
        Severity.WARNING,
        300.0,
        300.0,
        "{{ $value }} of the name servers of {{ $labels.hosted_zone }} give no answer to the Cutover Probe at "
        "{{ $labels.vantage }}.",
        "Other servers of the zone answer: whoever asks one that does not waits, or gets an error.\n"
        "What to do: see on the status page which they are and what they do instead, ask them for the zone's SOA from "
        "elsewhere, and mend them or take them out of the delegation.",
    ),
    # A pass takes `probing.interval`, 7 s, or as long as the servers' rate limit makes it. Five minutes old is too old
    # to see a fight in any of these.
    Alert(
        "pass-stale",
        "",
        "time() - min by (vantage) (last_over_time(cutover_last_pass_timestamp_seconds[5m])) > 300",
        Severity.WARNING,
        120.0,
        300.0,
        "The Cutover Probe at {{ $labels.vantage }} has not got round all of its domains for "
        "{{ $value | humanizeDuration }}.",
        "Verdicts of the vantage {{ $labels.vantage }} are that old, or some domain is never asked.\n"
        "What to do: look at cutover_questions_waiting and cutover_schedule_lag_max_seconds. Raise the intervals or "
        "`queries_per_second` under `probing`, or split the plan.",
    ),
    Alert(
        "probe-not-ready",
        "",
        "min by (vantage) (last_over_time(cutover_ready[5m])) == 0",
        Severity.WARNING,
        600.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} has domains that it never observed.",
        "At least one domain of the plan has not been observed since the probe at {{ $labels.vantage }} started.\n"
        "What to do: /-/ready of the probe says what is missing, /api/v1/status why no server was found.",
    ),
    # Somebody has just changed the plan and believes it is in force.
    Alert(
        "reload-failed",
        "",
        "min by (vantage) (last_over_time(cutover_config_last_reload_successful[5m])) == 0",
        Severity.WARNING,
        60.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} refuses its changed plan and goes on with the old one.",
        "The plan file of {{ $labels.vantage }} has a mistake: what was changed in it is not in force.\n"
        "What to do: `cutover-probe config check FILE` says every mistake with its line; so does the probe's log.",
    ),
    # A certificate's files arrive one after the other, and are looked at every five seconds.
    Alert(
        "web-config-refused",
        "",
        "min by (vantage) (last_over_time(cutover_web_config_last_reload_successful[5m])) == 0",
        Severity.WARNING,
        60.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} cannot use its changed web configuration or certificate.",
        "New connections to {{ $labels.vantage }} get the certificate and passwords from before. When that certificate "
        "ends, nobody can scrape the probe any more.\n"
        "What to do: its log and its page say what is wrong with which file.",
    ),
    # Five minutes: room on a disk that somebody has just made is noticed within half a minute.
    Alert(
        "journal-not-written",
        "",
        "min by (vantage) (last_over_time(cutover_journal_writing[5m])) == 0",
        Severity.WARNING,
        300.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} does not write its journal: a restart would lose what it knows.",
        "The vantage {{ $labels.vantage }} watches on in memory. Until its journal is written again, a restart loses "
        "what it saw meanwhile, and clocks of confirmation with it.\n"
        "What to do: its log and its page say what is wrong with the file: no room, no right, damaged, or in use.",
    ),
    # A burst asks every two seconds; in the study, rounds that came every 15 s instead found fights later.
    Alert(
        "probe-behind",
        "",
        "max by (vantage) (last_over_time(cutover_schedule_lag_max_seconds[5m])) > 5"
        " or max by (vantage) (last_over_time(cutover_behind[5m])) == 1",
        Severity.WARNING,
        300.0,
        300.0,
        "The Cutover Probe at {{ $labels.vantage }} does not keep pace: it asks late, or does not always run.",
        "The process of {{ $labels.vantage }} does not keep up: fights are recognised later, short ones perhaps not.\n"
        "What to do: give it a whole core, raise the intervals under `probing`, or split the plan.",
    ),
    # Half: one server of two, or a network that loses every second packet. Whoever is blind is told of by that alert.
    Alert(
        "servers-silent",
        "",
        f"{_SILENT_RATIO} > 0.5 unless on (vantage) max by (vantage) (cutover_blind) == 1",
        Severity.WARNING,
        600.0,
        300.0,
        "{{ $value | humanizePercentage }} of the questions to {{ $labels.server_group }} bring no answer at "
        "{{ $labels.vantage }}.",
        "Servers of the group {{ $labels.server_group }} do not answer the vantage {{ $labels.vantage }}: verdicts "
        "rest on the others, and what only these servers say stays unseen.\n"
        "What to do: cutover_query_failures_total has the reasons. Timeouts: the path, or a rate limit. Refused: the "
        "server's own policy.",
    ),
    # Late and duplicate answers are counted apart. Stray mismatches happen; fifty in five minutes are made.
    Alert(
        "answers-forged",
        "",
        'sum by (vantage, server_group) (increase(cutover_dropped_responses_total{reason="mismatched"}[5m])) > 50',
        Severity.WARNING,
        0.0,
        300.0,
        "Somebody sends forged answers to the Cutover Probe at {{ $labels.vantage }}.",
        "{{ $value | humanize }} messages in five minutes had the wrong source, id or question. None was believed.\n"
        "What to do: see what stands between {{ $labels.vantage }} and {{ $labels.server_group }}: somebody guesses "
        "ids, or a box in between answers in the servers' place.",
    ),
    # Tries come every half minute at the longest: five minutes of them have failed.
    Alert(
        "notifications-failing",
        "",
        "sum by (vantage, alertmanager) (rate(cutover_notification_failures_total[5m])) > 0",
        Severity.WARNING,
        300.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} cannot tell the Alertmanager {{ $labels.alertmanager }}.",
        "What {{ $labels.vantage }} finds reaches {{ $labels.alertmanager }} by Prometheus' rules only.\n"
        "What to do: cutover_notification_failures_total has the reasons, the probe's log the words: rejected is a "
        "password or the URL, unreachable and timeout the way there.",
    ),
    # A quarter of an hour: a delegation that was just made, or servers in trouble, need not wake anybody.
    Alert(
        "domain-unknown",
        "",
        'min by (domain, wave) (last_over_time(cutover_domain_state{state="unknown"}[5m])) == 1'
        " unless on () min(cutover_blind) == 1",
        Severity.WARNING,
        900.0,
        300.0,
        "{{ $labels.domain }}: no vantage can say where it leads.",
        "{{ $labels.domain }} (wave {{ $labels.wave }}) has been unknown at every vantage for a quarter of an hour: "
        "nobody would see a fight over it.\n"
        "What to do: /api/v1/status of the probe has the delegation walk's problems for its zone, in sentences. A load "
        "balancer's name that does not resolve makes all of its domains unknown.",
        "/domains/{{ $labels.domain }}",
    ),
    # Two weeks: ACM renews sixty days before the end and Let's Encrypt's clients thirty; what is later is stuck.
    Alert(
        "certificate-ends",
        "",
        "min by (domain, side) (last_over_time(cutover_certificate_expiry_timestamp_seconds[5m])) - time()"
        " < 14 * 86400",
        Severity.WARNING,
        3600.0,
        0.0,
        "{{ $labels.domain }}: the certificate that {{ $labels.side }} shows ends in {{ $value | humanizeDuration }}.",
        "It should have been renewed by now. When it ends, the service fails for whoever is led there.\n"
        "What to do: see why the renewal is stuck: a validation record in DNS that has gone, a certificate that the "
        "load balancer does not use yet.",
        "/domains/{{ $labels.domain }}",
    ),
    # Ten minutes: propagation takes one, and a pod that was replaced is seen for five after its end.
    Alert(
        "vantages-contradict",
        "",
        "count by (domain, wave) (max by (domain, wave, state)"
        ' (last_over_time(cutover_domain_state{state!~"unknown|propagating"}[5m]) == 1)) > 1',
        Severity.WARNING,
        600.0,
        300.0,
        "{{ $labels.domain }}: the vantages disagree on where it leads.",
        "{{ $labels.domain }} (wave {{ $labels.wave }}) has {{ $value }} verdicts at once, at different vantages:"
        "{{ range query (printf `max by (vantage, state) (cutover_domain_state{domain=%q} == 1)` $labels.domain)"
        " | sortByLabel `vantage` }}"
        "\n{{ .Labels.vantage }} says {{ .Labels.state }}{{ end }}"
        "\nWhat to do: compare /domains/{{ $labels.domain }} of both probes, server by server. A different answer by "
        "place (split horizon, geolocation or latency records), or something that answers in the servers' place.",
        "/domains/{{ $labels.domain }}",
    ),
)


def probe_rules() -> Group:
    """Make the group of all rules about the probe."""
    alerts = (alert._replace(name=alert_name(alert.code)) for alert in _ALERTS)
    return Group("cutover-probe-itself", (*_RECORDED, *alerts))


PROBE_CODES = tuple(alert.code for alert in _ALERTS)
"""What the runbook has an entry for beside the findings."""
