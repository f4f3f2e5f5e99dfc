"""The probe itself: whether it keeps up, whether it is answered, and what it costs."""

from grafana_foundation_sdk.builders import dashboard as dashboards

from dashboards.shape import Query, bars, board, choice, marks, names_for, number, rows, series

_AT = 'vantage=~"$vantage"'

_SHARD = (
    "on (vantage, instance) group_left (shard_ordinal)"
    f" (max by (vantage, instance, shard_ordinal) (cutover_shard_ordinal{{{_AT}}}) * 0 + 1)"
)
"""What a value is multiplied by, to be told by its shard: people tell processes of a vantage apart by nothing else."""

_OF_SHARD = "{{vantage}}, shard {{shard_ordinal}}"


def itself() -> dashboards.Dashboard:
    """Build it."""
    made = board(
        "cutover-probe",
        "Cutover Probe / Probe",
        "The probes: whether they see, keep up and are answered, and what they cost others.",
        choice("vantage", "Vantage", "label_values(cutover_build_info, vantage)"),
        choice("wave", "Wave", 'label_values(cutover_domain_state{vantage=~"$vantage"}, wave)'),
        choice("domain", "Domain", 'label_values(cutover_domain_state{vantage=~"$vantage",wave=~"$wave"}, domain)'),
        annotations=marks('domain=~"$domain|"', _AT, 'wave=~"$wave"'),
    )
    _health(made)
    _asking(made)
    _telling(made)
    _journal(made)
    _witnesses(made)
    return made


def _health(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Whether it can be believed"))
    made.with_panel(
        rows(
            "Probes",
            "What runs where.",
            Query(
                "max by (vantage, shard_ordinal, version, python_version, instance)"
                f" (cutover_build_info{{{_AT}}} * {_SHARD})"
            ),
            columns={
                "vantage": "Vantage",
                "shard_ordinal": "Shard",
                "version": "Version",
                "python_version": "Python",
                "instance": "Instance",
            },
            height=6,
            span=12,
        )
    )
    for title, description, metric, steps in (
        ("Ready", "1 when every domain has been observed.", "cutover_ready", {0.0: "warning", 1.0: "good"}),
        ("Blind", "1 while a vantage reaches no server at all.", "cutover_blind", {1.0: "critical"}),
        (
            "Plan in force",
            "0 while the newest plan file was refused.",
            "cutover_config_last_reload_successful",
            {0.0: "warning", 1.0: "good"},
        ),
    ):
        of = "max" if metric == "cutover_blind" else "min"
        made.with_panel(
            number(title, description, Query(f"{of} by (vantage) ({metric}{{{_AT}}})", "{{vantage}}"), steps)
        )
    made.with_panel(
        number(
            "Plan loaded",
            "How long ago the plan in force was loaded.",
            Query(
                f"time() - min by (vantage) (cutover_config_last_reload_success_timestamp_seconds{{{_AT}}})",
                "{{vantage}}",
            ),
            unit="s",
        )
    )
    made.with_panel(
        number(
            "Domains",
            "Domains that each vantage watches.",
            Query(
                "count by (vantage) (max by (vantage, domain)"
                f' (cutover_domain_state{{{_AT},wave=~"$wave",domain=~"$domain"}}))',
                "{{vantage}}",
            ),
        )
    )
    made.with_panel(
        number(
            "Shards there, of all",
            "Processes that divide the plan's domains among themselves. Below 1, some domains are not watched.",
            Query(
                f"count by (vantage) (count by (vantage, shard_ordinal) (cutover_shard_ordinal{{{_AT}}}))"
                f" / max by (vantage) (cutover_total_shards{{{_AT}}})",
                "{{vantage}}",
            ),
            {0.0: "critical", 1.0: "good"},
            unit="percentunit",
        )
    )
    made.with_panel(
        series(
            "Age of the verdicts",
            "How long ago every domain had been asked. Beyond five minutes an alert says so.",
            Query(
                f"time() - min by (vantage, shard_ordinal) (cutover_last_pass_timestamp_seconds{{{_AT}}} * {_SHARD})",
                _OF_SHARD,
            ),
            unit="s",
            span=12,
        )
    )
    made.with_panel(
        series(
            "Lateness",
            "By how much questions leave after they were due: the newest, and the largest of a minute.",
            Query(
                f"max by (vantage, shard_ordinal) (cutover_schedule_lag_max_seconds{{{_AT}}} * {_SHARD})",
                f"{_OF_SHARD}: largest",
            ),
            Query(
                f"max by (vantage, shard_ordinal) (cutover_schedule_lag_seconds{{{_AT}}} * {_SHARD})",
                _OF_SHARD,
            ),
            unit="s",
            span=12,
        )
    )
    made.with_panel(
        series(
            "Questions that wait",
            "Due, and waiting for their turn at a server's rate limit.",
            Query(
                f"max by (vantage, shard_ordinal) (cutover_questions_waiting{{{_AT}}} * {_SHARD})",
                _OF_SHARD,
            ),
            span=12,
        )
    )


def _asking(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Asking"))
    made.with_panel(
        series(
            "Questions",
            "DNS messages sent, retries included, by group of servers.",
            Query(
                f"sum by (vantage, server_group) (rate(cutover_queries_total{{{_AT}}}[$__rate_interval]))",
                "{{server_group}} from {{vantage}}",
            ),
            unit="reqps",
        )
    )
    made.with_panel(
        series(
            "Questions without an answer",
            "By reason.",
            Query(
                "sum by (vantage, server_group, reason)"
                f" (rate(cutover_query_failures_total{{{_AT}}}[$__rate_interval]))",
                "{{server_group}} {{reason}} at {{vantage}}",
            ),
            unit="reqps",
            empty="Every question was answered",
        )
    )
    made.with_panel(
        series(
            "Time to the answer",
            "Median and 95th percentile.",
            *(
                Query(
                    f"histogram_quantile({quantile}, sum by (server_group, le)"
                    f" (rate(cutover_query_duration_seconds_bucket{{{_AT}}}[$__rate_interval])))",
                    f"{{{{server_group}}}} {word}",
                )
                for quantile, word in ((0.5, "median"), (0.95, "p95"))
            ),
            unit="s",
        )
    )
    made.with_panel(
        series(
            "Answers that were not believed",
            "Late, duplicate, or with the wrong source, id or question. A rise of mismatched means that an attacker "
            "guesses ids.",
            Query(
                f"sum by (vantage, reason) (rate(cutover_dropped_responses_total{{{_AT}}}[$__rate_interval]))",
                "{{reason}} at {{vantage}}",
            ),
            unit="reqps",
            empty="Every answer was believed",
        )
    )
    made.with_panel(
        bars(
            "What Route 53 bills",
            "Questions per day that are charged, by hosted zone, at the pace of the last five minutes.",
            Query(f"sum by (hosted_zone) (rate(cutover_billed_queries_total{{{_AT}}}[5m])) * 86400", "{{hosted_zone}}"),
            span=12,
            empty="Nothing is billed",
        )
    )


def _journal(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Memory over a restart"))
    made.with_panel(
        number(
            "Journal written",
            "0 while only memory has what happens: a restart would lose it. Nothing where no journal is wanted.",
            Query(f"min by (vantage) (cutover_journal_writing{{{_AT}}})", "{{vantage}}"),
            {0.0: "warning", 1.0: "good"},
            empty="The plan keeps no journal",
        )
    )
    made.with_panel(
        number(
            "Not yet safe",
            "How long ago the newest entry happened that is safe on disk.",
            Query(f"time() - min by (vantage) (cutover_journal_last_write_timestamp_seconds{{{_AT}}})", "{{vantage}}"),
            {60.0: "warning"},
            unit="s",
            empty="The plan keeps no journal",
        )
    )
    made.with_panel(
        number(
            "Unwatched",
            "How long the probe did not watch, over the newest such times in the journal. It never counts as held.",
            Query(f"max by (vantage) (cutover_journal_unwatched_seconds{{{_AT}}})", "{{vantage}}"),
            unit="s",
            empty="The plan keeps no journal",
        )
    )
    made.with_panel(
        series(
            "Entries",
            "Written, and dropped because the disk failed or did not keep up.",
            Query(f"sum by (vantage) (rate(cutover_journal_entries_total{{{_AT}}}[$__rate_interval]))", "{{vantage}}"),
            Query(
                f"sum by (vantage) (rate(cutover_journal_dropped_entries_total{{{_AT}}}[$__rate_interval]))",
                "{{vantage}} dropped",
            ),
            unit="wps",
            span=6,
            empty="The plan keeps no journal",
        )
    )
    made.with_panel(
        series(
            "Size",
            "With its write-ahead log. It is bounded by the plan.",
            Query(f"max by (vantage) (cutover_journal_size_bytes{{{_AT}}})", "{{vantage}}"),
            unit="bytes",
            span=6,
            empty="The plan keeps no journal",
        )
    )


def _witnesses(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Witnesses beside DNS"))
    of, none = "{{witness}} at {{vantage}}", "The plan has no `witnesses`"
    made.with_panel(
        number(
            "How they are read",
            "Watched: its changes are heard as they come. Polled: it is read at its interval (Route 53 always is). Not "
            "read: the newest reading failed, and what it said last ages; no verdict on what users get rests on it.",
            Query(
                f"min by (vantage, witness) (cutover_witness_up{{{_AT}}} + cutover_witness_watched{{{_AT}}})",
                of,
            ),
            {0.0: "warning", 1.0: "good"},
            empty=none,
            span=8,
        ).mappings([names_for({0: "not read", 1: "polled", 2: "watched"})])
    )
    for title, description, expr, steps, unit in (
        (
            "Age of their word",
            "How long ago it was read with success, or heard while watched. After three pauses nothing is concluded.",
            f"time() - min by (vantage, witness) (cutover_witness_last_read_timestamp_seconds{{{_AT}}})",
            {},
            "s",
        ),
        (
            "Hosts that the plan lacks",
            "Hosts that a cluster wants and the plan does not have: some are left out on purpose. The page names them.",
            f"max by (vantage, witness) (cutover_witness_lacking_hosts{{{_AT}}})",
            {1.0: "warning"},
            "short",
        ),
    ):
        made.with_panel(number(title, description, Query(expr, of), steps, unit=unit, empty=none, span=8))


def _telling(made: dashboards.Dashboard) -> None:
    made.with_row(dashboards.Row("Telling, and what it takes"))
    made.with_panel(
        series(
            "Alerts sent directly",
            "Alerts that each Alertmanager and webhook took from the probe itself; only with `notify` in the plan.",
            Query(
                f"sum by (receiver) (rate(cutover_notifications_total{{{_AT}}}[$__rate_interval]))",
                "{{receiver}}",
            ),
            Query(
                f"sum by (receiver, reason) (rate(cutover_notification_failures_total{{{_AT}}}[$__rate_interval]))",
                "{{receiver}}: {{reason}}",
            ),
            unit="reqps",
            span=8,
            empty="The plan has no `notify`",
        )
    )
    made.with_panel(
        series(
            "CPU",
            "Cores. One is all that it can use.",
            Query(f"rate(process_cpu_seconds_total{{{_AT}}}[$__rate_interval]) * {_SHARD}", _OF_SHARD),
            span=8,
        )
    )
    made.with_panel(
        series(
            "Memory",
            "Resident.",
            Query(f"process_resident_memory_bytes{{{_AT}}} * {_SHARD}", _OF_SHARD),
            unit="bytes",
            span=8,
        )
    )
