"""The metrics about the daemon itself: name, kind, labels and what they say. `docs/metrics.md` is held to this."""

from probe.telemetry.family import Family, MetricType

QUERIES = Family(
    "cutover_queries_total",
    MetricType.COUNTER,
    ("server_group", "transport"),
    "DNS messages sent, retries included.",
)
QUERY_FAILURES = Family(
    "cutover_query_failures_total",
    MetricType.COUNTER,
    ("server_group", "transport", "reason"),
    "Questions that brought no usable response, by reason.",
)
QUERY_DURATION = Family(
    "cutover_query_duration_seconds",
    MetricType.HISTOGRAM,
    ("server_group", "transport"),
    "Time between a question and its answer, over all answers.",
)
DROPPED_RESPONSES = Family(
    "cutover_dropped_responses_total",
    MetricType.COUNTER,
    ("server_group", "transport", "reason"),
    "Messages that were not believed: late, duplicate, or mismatched (wrong source, id or question).",
)
BILLED_QUERIES = Family(
    "cutover_billed_queries_total",
    MetricType.COUNTER,
    ("hosted_zone",),
    "Questions that Route 53 charges for: everything but those answered by an alias to an AWS resource.",
)
CONVERGENCE = Family(
    "cutover_convergence_seconds",
    MetricType.HISTOGRAM,
    ("stage",),
    "How long changes of records took from the first server that showed them to all servers, and to all resolvers.",
)
SCHEDULE_LAG = Family(
    "cutover_schedule_lag_seconds",
    MetricType.GAUGE,
    (),
    "By how much the latest question left after it was due.",
)
SCHEDULE_LAG_MAX = Family(
    "cutover_schedule_lag_max_seconds",
    MetricType.GAUGE,
    (),
    "The largest delay of a question within the last minute.",
)
QUESTIONS_WAITING = Family(
    "cutover_questions_waiting",
    MetricType.GAUGE,
    (),
    "Questions that are due and wait for their turn at a server.",
)
LAST_PASS = Family(
    "cutover_last_pass_timestamp_seconds",
    MetricType.GAUGE,
    (),
    "When every record had been answered since the pass before, in Unix time. No series before the first pass.",
)
READY = Family(
    "cutover_ready",
    MetricType.GAUGE,
    (),
    "1 once every domain of the plan has a verdict, be it that none of its servers answers, else 0.",
)
BLIND = Family(
    "cutover_blind",
    MetricType.GAUGE,
    (),
    "1 while this vantage reaches no server at all. No new finding is raised meanwhile.",
)
BEHIND = Family(
    "cutover_behind",
    MetricType.GAUGE,
    (),
    "1 while this probe is too slow to judge. It raises no finding about a server, and confirms nothing new.",
)
FAILING_SERVERS = Family(
    "cutover_failing_servers",
    MetricType.GAUGE,
    ("hosted_zone",),
    "Authoritative servers of a zone that answer no question, or something else for several domains, while others do.",
)
OPEN_FINDINGS = Family(
    "cutover_open_findings",
    MetricType.GAUGE,
    ("code", "severity"),
    "Domains of this process for which a finding of this code is open, 0 from the start.",
)
WAVE_CONFIRMED = Family(
    "cutover_wave_confirmed",
    MetricType.GAUGE,
    ("wave",),
    "1 while every domain of the wave is confirmed at the same moment, else 0.",
)
WAVE_HELD = Family(
    "cutover_wave_held_seconds",
    MetricType.GAUGE,
    ("wave",),
    "For how long every domain of the wave has been seen to hold every criterion: that of the one with the least.",
)
SOAK_SECONDS = Family(
    "cutover_soak_seconds",
    MetricType.GAUGE,
    (),
    "For how long a domain has to hold every criterion, by the plan, before it is confirmed.",
)
WAVE_NEXT_EXPECTATION = Family(
    "cutover_wave_next_expectation_timestamp_seconds",
    MetricType.GAUGE,
    ("wave", "expectation"),
    "When the wave's schedule expects something else, in Unix time, and what. No series without a later step.",
)
SHARD_ORDINAL = Family(
    "cutover_shard_ordinal",
    MetricType.GAUGE,
    ("shard_ordinal",),
    "Which part of the plan's domains this process watches, counted from 0; the label says the same.",
)
TOTAL_SHARDS = Family(
    "cutover_total_shards",
    MetricType.GAUGE,
    (),
    "Into how many parts the plan's domains are divided; 1 when one process watches them all.",
)
BUILD = Family(
    "cutover_build_info",
    MetricType.INFO,
    ("version", "python_version"),
    "What runs here.",
)
LINKS = Family(
    "cutover_links_info",
    MetricType.INFO,
    ("external_url", "runbook_url"),
    "Where people reach this probe's page, and its runbook: alerts and dashboards take their links from it.",
)
NOTIFICATIONS = Family(
    "cutover_notifications_total",
    MetricType.COUNTER,
    ("receiver",),
    "Alerts that an Alertmanager or a webhook took from this probe directly, repetitions included.",
)
NOTIFICATION_FAILURES = Family(
    "cutover_notification_failures_total",
    MetricType.COUNTER,
    ("receiver", "reason"),
    "Posts to an Alertmanager or a webhook that brought nothing, by reason. What was owed is posted again.",
)
RELOAD_SUCCESSFUL = Family(
    "cutover_config_last_reload_successful",
    MetricType.GAUGE,
    (),
    "1 if the newest attempt to load the plan succeeded, else 0. The plan before stays in force after a failure.",
)
RELOAD_TIMESTAMP = Family(
    "cutover_config_last_reload_success_timestamp_seconds",
    MetricType.GAUGE,
    (),
    "When the plan in force was loaded, in Unix time.",
)
WEB_RELOAD_SUCCESSFUL = Family(
    "cutover_web_config_last_reload_successful",
    MetricType.GAUGE,
    (),
    "1 if the newest attempt to load the web configuration and its certificates succeeded, else 0. No series without.",
)
JOURNAL_WRITING = Family(
    "cutover_journal_writing",
    MetricType.GAUGE,
    (),
    "1 while what happens is written to the journal, 0 while only memory has it. No series where none is meant to be.",
)
JOURNAL_ENTRIES = Family(
    "cutover_journal_entries_total",
    MetricType.COUNTER,
    (),
    "Entries that this process has written to the journal: observations, time that passed, changes and findings.",
)
JOURNAL_DROPPED = Family(
    "cutover_journal_dropped_entries_total",
    MetricType.COUNTER,
    (),
    "Entries that could not be written to the journal: it failed, or its disk did not keep up.",
)
JOURNAL_SIZE = Family(
    "cutover_journal_size_bytes",
    MetricType.GAUGE,
    (),
    "Size of the journal with its write-ahead log.",
)
JOURNAL_WRITTEN = Family(
    "cutover_journal_last_write_timestamp_seconds",
    MetricType.GAUGE,
    (),
    "When the newest entry that is safe on disk happened, in Unix time. No series before the first.",
)
JOURNAL_UNWATCHED = Family(
    "cutover_journal_unwatched_seconds",
    MetricType.GAUGE,
    (),
    "How long the probe did not watch, over the newest 32 such times in the journal. It never counts as held.",
)
WITNESS_UP = Family(
    "cutover_witness_up",
    MetricType.GAUGE,
    ("witness",),
    "1 if the newest reading of a witness beside DNS succeeded, else 0. No series before the first has ended.",
)
WITNESS_READ = Family(
    "cutover_witness_last_read_timestamp_seconds",
    MetricType.GAUGE,
    ("witness",),
    "When the newest reading of a witness beside DNS began that succeeded, or it was last heard, in Unix time. No "
    "series before the first.",
)
WITNESS_WATCHED = Family(
    "cutover_witness_watched",
    MetricType.GAUGE,
    ("witness",),
    "1 while the changes of a witness beside DNS are heard as they come, 0 while it is read at its interval or not at "
    "all. No series before the first reading has ended.",
)
WITNESS_LACKING = Family(
    "cutover_witness_lacking_hosts",
    MetricType.GAUGE,
    ("witness",),
    "Hosts that a cluster wants and the plan does not have. No series while that is not known.",
)

DAEMON_FAMILIES = (
    QUERIES,
    QUERY_FAILURES,
    QUERY_DURATION,
    DROPPED_RESPONSES,
    BILLED_QUERIES,
    CONVERGENCE,
    SCHEDULE_LAG,
    SCHEDULE_LAG_MAX,
    QUESTIONS_WAITING,
    LAST_PASS,
    READY,
    BLIND,
    BEHIND,
    FAILING_SERVERS,
    OPEN_FINDINGS,
    WAVE_CONFIRMED,
    WAVE_HELD,
    SOAK_SECONDS,
    WAVE_NEXT_EXPECTATION,
    SHARD_ORDINAL,
    TOTAL_SHARDS,
    BUILD,
    LINKS,
    NOTIFICATIONS,
    NOTIFICATION_FAILURES,
    RELOAD_SUCCESSFUL,
    RELOAD_TIMESTAMP,
    WEB_RELOAD_SUCCESSFUL,
    JOURNAL_WRITING,
    JOURNAL_ENTRIES,
    JOURNAL_DROPPED,
    JOURNAL_SIZE,
    JOURNAL_WRITTEN,
    JOURNAL_UNWATCHED,
    WITNESS_UP,
    WITNESS_READ,
    WITNESS_WATCHED,
    WITNESS_LACKING,
)
"""Few series, rendered by prometheus_client."""
