"""Alerts about the probe itself, played by promtool: that nobody is watching must be told, and only then."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.telemetry.promtool import BY_NAME, Fired, play, series

pytestmark = pytest.mark.real

NOTHING: Fired = ()
_QUERIES = re.compile(
    r"{{ (?:with|range) .*?}}(?:(?!{{ (?:end|else) }}).)*(?:{{ else }}(?P<otherwise>(?:(?!{{ end }}).)*))?{{ end }}",
    re.DOTALL,
)
"""What a template asks of other series: here it finds nothing, and says what it says then."""
SEOUL, TOKYO = {"vantage": "seoul"}, {"vantage": "tokyo"}
UP = series("cutover_build_info", "1x80", version="1.0.0", python_version="3.12.0", **SEOUL)


def _page(alert: str, value: str = "", severity: str = "warning", **labels: str) -> dict[str, Any]:
    """The page, with `value` and the labels put into its templates as Prometheus does. Queries find nothing."""

    def told(template: str) -> str:
        text = _QUERIES.sub(lambda found: found["otherwise"] or "", template)
        text = re.sub(r"{{ \$value[^}]*}}", value, text)
        return re.sub(r"{{ \$labels\.(\w+) }}", lambda found: labels[found[1]], text)

    rule = BY_NAME[alert]
    return {
        "exp_labels": {**labels, "severity": severity},
        "exp_annotations": {name: told(template) for name, template in rule["annotations"].items()},
    }


def test_no_probe_at_all_is_told_after_ten_minutes_and_critical(tmp_path: Path) -> None:
    page = [_page("CutoverProbeAbsent", severity="critical")]
    play(
        tmp_path,
        "CutoverProbeAbsent",
        [series("cutover_build_info", "1x5 stale _x30 1x20", **SEOUL)],
        {"5m": NOTHING, "9m": NOTHING, "14m": NOTHING, "16m": page, "30m": page, "38m": NOTHING},
    )


@pytest.mark.parametrize("values", ["1x60", "1 1 _ _ _ 1 1 stale _ 1x40"], ids=["steady", "restarts"])
def test_a_probe_that_is_there_or_was_away_for_minutes_is_not_absent(values: str, tmp_path: Path) -> None:
    world = [series("cutover_build_info", values, **SEOUL)]
    for alert in ("CutoverProbeAbsent", "CutoverProbeDown"):
        play(tmp_path, alert, world, {f"{minute}m": NOTHING for minute in (1, 5, 8, 10, 14, 40)})


def test_one_vantage_of_two_that_is_gone_is_told_by_name_for_a_night_and_no_longer(tmp_path: Path) -> None:
    page = [_page("CutoverProbeDown", vantage="tokyo")]
    play(
        tmp_path,
        "CutoverProbeDown",
        [series("cutover_build_info", "1x500", **SEOUL), series("cutover_build_info", "1x10 stale", **TOKYO)],
        {"12m": NOTHING, "19m": NOTHING, "21m": page, "300m": page, "380m": NOTHING},
    )


def test_a_pod_that_is_replaced_is_not_a_probe_that_is_down(tmp_path: Path) -> None:
    play(
        tmp_path,
        "CutoverProbeDown",
        [
            series("cutover_build_info", "1x10 stale", pod="probe-a", **SEOUL),
            series("cutover_build_info", "_x12 1x60", pod="probe-b", **SEOUL),
        ],
        {f"{minute}m": NOTHING for minute in (11, 13, 20, 40, 60)},
    )


def _shard(number: int, values: str, total: str = "3x60") -> list[dict[str, str]]:
    pod = {"pod": f"probe-{number}", **SEOUL}
    return [
        series("cutover_shard_ordinal", values, shard_ordinal=str(number), **pod),
        series("cutover_total_shards", total, **pod),
    ]


def test_a_shard_that_is_missing_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    page = _page("CutoverShardMissing", value="1", severity="critical", vantage="seoul")
    there = page["exp_annotations"]
    there["description"] = there["description"].replace("at seoul: \n", "at seoul: 0 2 \n")
    play(
        tmp_path,
        "CutoverShardMissing",
        [*_shard(0, "0x60"), *_shard(1, "1x10 stale", "3x10 stale"), *_shard(2, "2x60")],
        {"10m": NOTHING, "19m": NOTHING, "21m": [page]},
    )


@pytest.mark.parametrize("values", ["1x60", "1x10 stale _x3 1x40"], ids=["steady", "replaced"])
def test_shards_that_are_all_there_or_being_replaced_are_not_missing(values: str, tmp_path: Path) -> None:
    world = [*_shard(0, "0x60"), *_shard(1, values), *_shard(2, "2x60")]
    play(tmp_path, "CutoverShardMissing", world, {f"{minute}m": NOTHING for minute in (1, 12, 14, 20, 40)})


def test_one_process_alone_misses_no_shard(tmp_path: Path) -> None:
    play(tmp_path, "CutoverShardMissing", _shard(0, "0x60", "1x60"), {"10m": NOTHING, "40m": NOTHING})


def test_shards_of_different_divisions_are_told_of_and_a_rolling_update_is_not(tmp_path: Path) -> None:
    page = [_page("CutoverShardsDisagree", vantage="seoul")]
    stuck = [*_shard(0, "0x60", "3x60"), *_shard(1, "1x60", "2x60")]
    rolling = [*_shard(0, "0x60", "2x5 3x60"), *_shard(1, "1x60", "2x10 3x60")]
    play(tmp_path, "CutoverShardsDisagree", stuck, {"14m": NOTHING, "16m": page})
    play(tmp_path, "CutoverShardsDisagree", rolling, {f"{minute}m": NOTHING for minute in (8, 12, 20, 40)})


def test_a_blind_vantage_is_told_by_name_and_a_moment_of_blindness_is_not(tmp_path: Path) -> None:
    page = [_page("CutoverProbeBlind", vantage="tokyo")]
    play(
        tmp_path,
        "CutoverProbeBlind",
        [
            series("cutover_blind", "0x5 1x10 0x20", **TOKYO),
            series("cutover_blind", "0 0 1 0x40", **SEOUL),
        ],
        {"2m": NOTHING, "3m": NOTHING, "6m": NOTHING, "7m": page, "16m": page, "20m": page, "30m": NOTHING},
    )


def test_verdicts_that_have_grown_old_are_told_of_and_fresh_ones_are_not(tmp_path: Path) -> None:
    """Series hold Unix time; promtool's world begins at 0. Passes come until minute 10, and again from 30 on."""
    old, fresh = "0+60x10 600x19 1800+60x30", "0+60x60"
    page = [_page("CutoverPassStale", value="8m 0s", vantage="tokyo")]
    play(
        tmp_path,
        "CutoverPassStale",
        [
            series("cutover_last_pass_timestamp_seconds", old, **TOKYO),
            series("cutover_last_pass_timestamp_seconds", fresh, **SEOUL),
        ],
        {"10m": NOTHING, "15m": NOTHING, "17m": NOTHING, "18m": page, "40m": NOTHING},
    )


def test_the_oldest_pass_of_several_shards_counts(tmp_path: Path) -> None:
    page = [_page("CutoverPassStale", value="20m 0s", vantage="seoul")]
    play(
        tmp_path,
        "CutoverPassStale",
        [
            series("cutover_last_pass_timestamp_seconds", "0x60", pod="probe-0", **SEOUL),
            series("cutover_last_pass_timestamp_seconds", "0+60x60", pod="probe-1", **SEOUL),
        ],
        {"20m": page},
    )


def test_a_domain_that_is_never_observed_is_told_of_and_a_slow_start_is_not(tmp_path: Path) -> None:
    page = [_page("CutoverProbeNotReady", vantage="tokyo")]
    play(
        tmp_path,
        "CutoverProbeNotReady",
        [series("cutover_ready", "0x30", **TOKYO), series("cutover_ready", "0x8 1x30", **SEOUL)],
        {"8m": NOTHING, "9m": NOTHING, "11m": page},
    )


def test_a_refused_plan_is_told_within_two_minutes_and_a_good_reload_ends_it(tmp_path: Path) -> None:
    page = [_page("CutoverReloadFailed", vantage="seoul")]
    play(
        tmp_path,
        "CutoverReloadFailed",
        [series("cutover_config_last_reload_successful", "1x5 0x5 1x10", **SEOUL)],
        {"5m": NOTHING, "6m": NOTHING, "7m": page, "11m": page, "12m": NOTHING},
    )


def test_a_certificate_that_cannot_be_used_is_told_of_and_one_whose_key_came_later_is_not(tmp_path: Path) -> None:
    page = [_page("CutoverWebConfigRefused", vantage="seoul")]
    play(
        tmp_path,
        "CutoverWebConfigRefused",
        [
            series("cutover_web_config_last_reload_successful", "1x5 0x5 1x10", **SEOUL),
            series("cutover_web_config_last_reload_successful", "1x5 0 1x15", **TOKYO),
        ],
        {"5m": NOTHING, "6m": NOTHING, "7m": page, "11m": page, "12m": NOTHING},
    )


def test_a_journal_that_is_not_written_is_told_of_and_half_a_minute_without_is_not(tmp_path: Path) -> None:
    page = [_page("CutoverJournalNotWritten", vantage="tokyo")]
    play(
        tmp_path,
        "CutoverJournalNotWritten",
        [
            series("cutover_journal_writing", "1x5 0x10 1x10", **TOKYO),
            series("cutover_journal_writing", "1 1 0 1x40", **SEOUL),
        ],
        {"5m": NOTHING, "9m": NOTHING, "12m": page, "15m": page, "17m": NOTHING},
    )


def test_a_witness_that_is_not_read_is_told_of_and_some_minutes_without_are_not(tmp_path: Path) -> None:
    page = [_page("CutoverWitnessSilent", vantage="tokyo", witness="route53")]
    play(
        tmp_path,
        "CutoverWitnessSilent",
        [
            series("cutover_witness_up", "1x2 0x25 1x10", witness="route53", **TOKYO),
            series("cutover_witness_up", "1 1 0x10 1x40", witness="kubernetes-v1", **TOKYO),
        ],
        {"10m": NOTHING, "17m": NOTHING, "19m": page, "27m": page, "30m": NOTHING},
    )


def test_a_probe_that_does_not_keep_up_is_told_of_and_a_hiccup_is_not(tmp_path: Path) -> None:
    page = [_page("CutoverProbeBehind", value="12s", vantage="tokyo")]
    play(
        tmp_path,
        "CutoverProbeBehind",
        [
            series("cutover_schedule_lag_max_seconds", "12x20", **TOKYO),
            series("cutover_schedule_lag_max_seconds", "0 0 40 0x40", **SEOUL),
        ],
        {"3m": NOTHING, "4m": NOTHING, "6m": page, "10m": page},
    )


def _asked(values: str, failed: str, vantage: dict[str, str]) -> list[dict[str, str]]:
    labels = {"server_group": "google", "transport": "udp", **vantage}
    return [
        series("cutover_queries_total", values, **labels),
        series("cutover_query_failures_total", failed, reason="timeout", **labels),
        series("cutover_query_failures_total", "0x60", reason="refused", **labels),
    ]


def test_servers_that_mostly_do_not_answer_are_told_of_by_their_group(tmp_path: Path) -> None:
    page = [_page("CutoverServersSilent", value="75%", vantage="tokyo", server_group="google")]
    play(
        tmp_path,
        "CutoverServersSilent",
        [*_asked("0+100x60", "0+75x60", TOKYO), *_asked("0+100x60", "0+20x60", SEOUL)],
        {"5m": NOTHING, "20m": page},
    )


def test_a_blind_vantage_does_not_accuse_the_servers_of_silence(tmp_path: Path) -> None:
    world = [*_asked("0+100x60", "0+100x60", TOKYO), series("cutover_blind", "1x60", **TOKYO)]
    play(tmp_path, "CutoverServersSilent", world, {"20m": NOTHING, "40m": NOTHING})


def test_forged_answers_are_told_of_and_stray_ones_are_not(tmp_path: Path) -> None:
    def dropped(values: str, reason: str, vantage: dict[str, str]) -> dict[str, str]:
        labels = {"server_group": "authoritative", "transport": "udp", "reason": reason, **vantage}
        return series("cutover_dropped_responses_total", values, **labels)

    page = [_page("CutoverAnswersForged", value="500", vantage="tokyo", server_group="authoritative")]
    play(
        tmp_path,
        "CutoverAnswersForged",
        [
            dropped("0+100x60", "mismatched", TOKYO),
            dropped("0+2x60", "mismatched", SEOUL),
            dropped("0+100x60", "late", SEOUL),
        ],
        {"10m": page},
    )


def test_a_receiver_that_cannot_be_told_is_named_and_a_short_restart_of_it_is_not(tmp_path: Path) -> None:
    def failing(values: str, receiver: str) -> dict[str, str]:
        labels = {"receiver": receiver, "reason": "unreachable", **SEOUL}
        return series("cutover_notification_failures_total", values, **labels)

    page = [_page("CutoverNotificationsFailing", vantage="seoul", receiver="http://am-1:9093")]
    play(
        tmp_path,
        "CutoverNotificationsFailing",
        [failing("0+2x60", "http://am-1:9093"), failing("0x60", "http://am-2:9093")],
        {"5m": NOTHING, "10m": page},
    )


def _state(state: str, values: str, vantage: dict[str, str], domain: str = "shop.example.com") -> dict[str, str]:
    return series("cutover_domain_state", values, domain=domain, wave="wave-2", state=state, **vantage)


SHOP = {"domain": "shop.example.com", "wave": "wave-2"}


def test_a_domain_of_which_no_vantage_knows_anything_is_told_of(tmp_path: Path) -> None:
    page = [_page("CutoverDomainUnknown", **SHOP)]
    play(
        tmp_path,
        "CutoverDomainUnknown",
        [
            _state("unknown", "1x60", SEOUL),
            _state("unknown", "1x60", TOKYO),
            _state("unknown", "1x60", SEOUL, "www.example.com"),
            _state("unknown", "0x60", TOKYO, "www.example.com"),
            _state("v1", "1x60", TOKYO, "www.example.com"),
            _state("unknown", "1x60", SEOUL, "cart.example.com"),  # tokyo never told of `unknown` there
            _state("v2", "1x60", TOKYO, "cart.example.com"),
        ],
        {"14m": NOTHING, "16m": page},
    )


def test_a_domain_that_is_no_longer_known_is_told_of_though_its_last_state_stands_as_0(tmp_path: Path) -> None:
    page = [_page("CutoverDomainUnknown", **SHOP)]
    world = [_state("v1", "1x9 0x14 stale", SEOUL), _state("unknown", "_x9 1x60", SEOUL)]
    play(tmp_path, "CutoverDomainUnknown", world, {"24m": NOTHING, "26m": page, "40m": page})


def test_domains_are_not_told_to_be_unknown_while_everybody_is_blind(tmp_path: Path) -> None:
    world = [_state("unknown", "1x60", SEOUL), series("cutover_blind", "1x60", **SEOUL)]
    play(tmp_path, "CutoverDomainUnknown", world, {"20m": NOTHING, "40m": NOTHING})


def test_a_certificate_that_was_not_renewed_in_time_is_told_of_by_domain_and_side(tmp_path: Path) -> None:
    def ends(days: int, side: str) -> dict[str, str]:
        labels = {"domain": "shop.example.com", "side": side, **SEOUL}
        return series("cutover_certificate_expiry_timestamp_seconds", f"{days * 86_400}x200", **labels)

    page = [_page("CutoverCertificateEnds", value="12d 22h 0m 0s", domain="shop.example.com", side="v1")]
    play(
        tmp_path,
        "CutoverCertificateEnds",
        [ends(13, "v1"), ends(30, "v2")],
        {"59m": NOTHING, "120m": page},
    )


def test_vantages_that_go_on_disagreeing_are_told_of(tmp_path: Path) -> None:
    world = [
        _state("v1", "1x60", SEOUL),
        _state("v2", "0x60", SEOUL),
        _state("v1", "0x60", TOKYO),
        _state("v2", "1x60", TOKYO),
    ]
    page = _page("CutoverVantagesContradict", value="2", **SHOP)
    description = page["exp_annotations"]["description"]
    page["exp_annotations"]["description"] = description.replace(
        "at different vantages:", "at different vantages:\nseoul says v1\ntokyo says v2"
    )
    play(tmp_path, "CutoverVantagesContradict", world, {"9m": NOTHING, "11m": [page]})


def test_vantages_that_see_a_move_one_after_the_other_do_not_contradict(tmp_path: Path) -> None:
    """Seoul is three minutes ahead, and tokyo's pod is replaced on the way."""
    world = [
        _state("v1", "1x5 0x60", SEOUL),
        _state("propagating", "0x5 1 0x60", SEOUL),
        _state("v2", "0x6 1x60", SEOUL),
        _state("v1", "1x6 stale", TOKYO),
        _state("unknown", "_x8 1 0x60", TOKYO),
        _state("v2", "_x8 0 1x60", TOKYO),
    ]
    play(tmp_path, "CutoverVantagesContradict", world, {f"{minute}m": NOTHING for minute in (6, 10, 15, 20, 30)})
