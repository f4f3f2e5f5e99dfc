"""The rules about the probe itself: whether what it says, and that it says nothing, can be believed.

`min by` and `max by` over a vantage unite its shards and replicas: the worst of them counts.
"""

from probe.model.alert import alert_name
from probe.model.finding import Severity
from probe.telemetry.rules.rule import Alert, Group, Recording

_SILENT_RATIO = "group:cutover_query_failures:ratio_rate5m"

_PROBE_RECORDINGS = (
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
        "Prometheus scrapes no Cutover Probe: a fight would go unseen.",
        "Prometheus has had no series of any Cutover Probe for ten minutes.\n"
        "What to do: check that its pod runs and that Prometheus has it as a target; until then watch by hand.",
    ),
    # Six hours back: as long as a night lasts. A vantage that is removed for good has an alert that long and no longer.
    Alert(
        "probe-down",
        "",
        "max by (vantage) (last_over_time(cutover_build_info[6h]))"
        " unless on (vantage) max by (vantage) (last_over_time(cutover_build_info[5m]))",
        Severity.WARNING,
        300.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} is no longer scraped.",
        "The vantage {{ $labels.vantage }} was scraped within the last six hours, and has not been for ten minutes. "
        "Other vantages, if there are any, still watch.\n"
        "What to do: check that its pod runs and can be scraped; read its last log lines.",
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
        "What to do: find the pod of the StatefulSet that does not run, or is not scraped.",
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
        "The shards of the Cutover Probe at {{ $labels.vantage }} disagree on the number of shards.",
        "Some domains are watched by no shard, or by two.\n"
        "What to do: give every process of {{ $labels.vantage }} the same --total-shards; a rolling update that is "
        "stuck keeps the old number.",
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
        "All verdicts of the vantage {{ $labels.vantage }} are old, and it raises no new finding meanwhile.\n"
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
        "Other servers of the zone answer. Clients that ask a failing one wait, or get an error.\n"
        "What to do: find the servers and their errors on the status page, ask them for the zone's SOA from elsewhere, "
        "and repair them or remove them from the delegation.",
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
        "The Cutover Probe at {{ $labels.vantage }} has not asked all of its domains for "
        "{{ $value | humanizeDuration }}.",
        "Some verdicts of the vantage {{ $labels.vantage }} are that old, or a domain is never asked.\n"
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
        "What to do: /-/ready of the probe shows what is missing, /api/v1/status why no server was found.",
    ),
    # The plan was changed just now, and is believed to be in force.
    Alert(
        "reload-failed",
        "",
        "min by (vantage) (last_over_time(cutover_config_last_reload_successful[5m])) == 0",
        Severity.WARNING,
        60.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} rejects its changed plan and keeps the old one.",
        "The plan file of {{ $labels.vantage }} has a mistake: its changes are not in force.\n"
        "What to do: run `cutover-probe config check FILE`. It shows every mistake with its line; so does the probe's "
        "log.",
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
        "expires, Prometheus can no longer scrape the probe.\n"
        "What to do: find the file and its mistake in the probe's log or on its page.",
    ),
    # Five minutes: room that was just made on a disk is noticed within half a minute.
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
        "What to do: find the reason in the probe's log or on its page: disk full, no permission, damaged, or in use.",
    ),
    # A quarter of an hour: a deployment of the API server, or a token that is renewed, takes minutes.
    Alert(
        "witness-silent",
        "",
        "min by (vantage, witness) (last_over_time(cutover_witness_up[5m])) == 0",
        Severity.WARNING,
        900.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} cannot read its witness {{ $labels.witness }}.",
        "Every verdict on what users get stands, and is as new as ever. What {{ $labels.witness }} said last is kept "
        "with its age, and forgotten after an hour: until it is read again, no finding is raised or cleared by it.\n"
        "What to do: find the reason on the status page, in /api/v1/status or in the log, and renew the credentials, "
        "the permissions or the way there.",
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
        "The Cutover Probe at {{ $labels.vantage }} does not keep up: it asks late, or does not always run.",
        "The probe at {{ $labels.vantage }} recognises fights later, and may miss short ones.\n"
        "What to do: give it a whole core, raise the intervals under `probing`, or split the plan.",
    ),
    # Half: one server of two, or a network that loses every second packet. A vantage that is blind has an alert of its
    # own.
    Alert(
        "servers-silent",
        "",
        f"{_SILENT_RATIO} > 0.5 unless on (vantage) max by (vantage) (cutover_blind) == 1",
        Severity.WARNING,
        600.0,
        300.0,
        "{{ $labels.server_group }} does not answer {{ $value | humanizePercentage }} of the queries from "
        "{{ $labels.vantage }}.",
        "Servers of the group {{ $labels.server_group }} do not answer the vantage {{ $labels.vantage }}: verdicts "
        "rest on the others, and what only these servers say stays unseen.\n"
        "What to do: look at the reasons in cutover_query_failures_total. Timeouts come from the path or a rate limit, "
        "refused from the server's policy.",
    ),
    # Late and duplicate answers are counted apart. Stray mismatches happen; fifty in five minutes are made.
    Alert(
        "answers-forged",
        "",
        'sum by (vantage, server_group) (increase(cutover_dropped_responses_total{reason="mismatched"}[5m])) > 50',
        Severity.WARNING,
        0.0,
        300.0,
        "The Cutover Probe at {{ $labels.vantage }} receives forged answers.",
        "{{ $value | humanize }} messages in five minutes had the wrong source, id or question. None was believed.\n"
        "What to do: check the path between {{ $labels.vantage }} and {{ $labels.server_group }}: an attacker guesses "
        "ids, or a middlebox answers instead of the servers.",
    ),
    # Tries come every half minute at the longest: five minutes of them have failed.
    Alert(
        "notifications-failing",
        "",
        "sum by (vantage, receiver) (rate(cutover_notification_failures_total[5m])) > 0",
        Severity.WARNING,
        300.0,
        0.0,
        "The Cutover Probe at {{ $labels.vantage }} cannot send alerts to {{ $labels.receiver }}.",
        "Findings of {{ $labels.vantage }} reach {{ $labels.receiver }} through Prometheus' rules only, if at all.\n"
        "What to do: look at the reasons in cutover_notification_failures_total and in the probe's log: rejected "
        "points "
        "to the password or the URL, unreachable and timeout to the path.",
    ),
    # A quarter of an hour: a delegation that was just made, or servers in trouble, need not page.
    Alert(
        "domain-unknown",
        "",
        'max by (domain, wave) (last_over_time(cutover_domain_state{state="unknown"}[5m]) == 1)'
        ' unless on (domain) (last_over_time(cutover_domain_state{state!="unknown"}[5m]) == 1)'
        " unless on () min(cutover_blind) == 1",
        Severity.WARNING,
        900.0,
        300.0,
        "{{ $labels.domain }}: no vantage knows where it leads.",
        "{{ $labels.domain }} (wave {{ $labels.wave }}) has been unknown at every vantage for a quarter of an hour: "
        "a fight over it would go unseen.\n"
        "What to do: look at the problems of its zone's delegation in /api/v1/status of the probe. A load balancer's "
        "name "
        "that does not resolve makes all of its domains unknown.",
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
        "{{ $labels.domain }}: the certificate of {{ $labels.side }} expires in {{ $value | humanizeDuration }}.",
        "It should have been renewed by now. When it expires, HTTPS fails for all clients of that side.\n"
        "What to do: find out why the renewal is stuck: a validation record that is missing in DNS, or a certificate "
        "that "
        "the load balancer does not use yet.",
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
        "\nWhat to do: compare /domains/{{ $labels.domain }} of both probes, server by server. Answers differ by place "
        "(split horizon, geolocation or latency records), or a middlebox answers instead of the servers.",
        "/domains/{{ $labels.domain }}",
    ),
)


def probe_rules() -> Group:
    """Make the group of all rules about the probe."""
    alerts = (alert._replace(name=alert_name(alert.code)) for alert in _ALERTS)
    return Group("cutover-probe-itself", (*_PROBE_RECORDINGS, *alerts))


PROBE_CODES = tuple(alert.code for alert in _ALERTS)
"""What the runbook has an entry for beside the findings."""
