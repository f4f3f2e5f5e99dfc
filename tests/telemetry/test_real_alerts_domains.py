"""Alerts about domains, played by promtool: each fires when it must, and never for what happens every day."""

from pathlib import Path
from typing import Any

import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.advice import USUAL, Advise, Situation
from probe.model.alert import alert_name
from probe.model.home import RUNBOOK
from probe.model.plan import Expectation
from probe.telemetry.rules.probe import PROBE_CODES
from tests.telemetry.promtool import Fired, play, series

pytestmark = pytest.mark.real

CODES = [str(code) for code in CATALOGUE if code not in PROBE_CODES]
SHOP = {"domain": "shop.example.com", "wave": "wave-2"}
NOTHING: Fired = ()


def _finding(code: str, values: str, vantage: str = "seoul", **more: str) -> dict[str, str]:
    labels = {**SHOP, "code": code, "severity": CATALOGUE[code].severity.value, "vantage": vantage, **more}
    return series("cutover_finding", values, **labels)


def _advice(code: str, values: str, key: str = USUAL, vantage: str = "seoul") -> dict[str, str]:
    """Which of the code's advices the probe says that it is; of a code with one only there is no such series."""
    assert key in {USUAL, *(other.key for other in CATALOGUE[code].others)}
    return series("cutover_finding_advice", values, domain=SHOP["domain"], code=code, advice=key, vantage=vantage)


def _world(code: str, values: str, vantage: str = "seoul", **more: str) -> list[dict[str, str]]:
    """A finding with what its code advises as a rule, as a probe tells it."""
    advice = [_advice(code, values, vantage=vantage)] if CATALOGUE[code].others else []
    return [_finding(code, values, vantage, **more), *advice]


def _page(
    code: str,
    severity: str | None = None,
    details: str = "",
    external_url: str = "",
    *,
    expectation: Expectation | None = None,
    advise: Advise | None = None,
) -> dict[str, Any]:
    """The page for a finding when nothing but the finding is known, and `details` otherwise."""
    entry, name = CATALOGUE[code], SHOP["domain"]
    first, then = (advise or entry.advise)(Situation(expectation))
    command = "".join(f"{line}\n" for line in first.about(name).lines)
    return {
        "exp_labels": {**SHOP, "code": code, "severity": severity or entry.severity.value},
        "exp_annotations": {
            "summary": f"{name}: {entry.meaning} {first.sentence}",
            "description": f"{name} (wave wave-2): {entry.meaning}\nWhat to do: {first.sentence}\n{command}"
            f"Then: {then}\n{details}"
            f"Evidence, and why this verdict: the status page, /domains/{name}",
            "runbook_url": f"{RUNBOOK}#{code}",
            "dashboard_url": f"{external_url}/domains/{name}" if external_url else "",
        },
    }


def _page_untold(code: str) -> dict[str, Any]:
    """The page where nobody says, or not everybody says alike, which of several advices stands."""
    page, entry, name = _page(code), CATALOGUE[code], SHOP["domain"]
    page["exp_annotations"]["summary"] = (
        f"{name}: {entry.meaning} What to do depends on what was seen: open /domains/{name} first."
    )
    page["exp_annotations"]["description"] = (
        f"{name} (wave wave-2): {entry.meaning}\n"
        f"What to do: that depends on what was seen. Open /domains/{name} first, or read the same by:\n"
        f"$ curl -s http://PROBE:9953/api/v1/domains/{name}\n"
        "Then: do what it says there. Stop no ExternalDNS, and create or delete no record, before.\n"
        f"Evidence, and why this verdict: the status page, /domains/{name}"
    )
    return page


@pytest.mark.parametrize("code", CODES)
def test_it_fires_for_an_open_finding_once_over_all_vantages_and_ends_with_it(code: str, tmp_path: Path) -> None:
    """Open from minute 3 to 40 at two vantages, closed afterwards; another domain has it never."""
    pending, keep = (int(seconds // 60) for seconds in CATALOGUE[code].patience)
    page = [_page(code)]
    play(
        tmp_path,
        alert_name(code),
        [
            *_world(code, "0 0 0 1x37 0x40"),
            *_world(code, "0 0 0 0 1x36 0x40", vantage="tokyo"),
            _finding(code, "0x80", domain="www.example.com"),
        ],
        {
            "2m": NOTHING,
            f"{max(2, 3 + pending - 1)}m": NOTHING,
            f"{3 + pending}m": page,
            "40m": page,
            f"{41 + keep - 1}m": page,
            f"{41 + keep + 1}m": NOTHING,
        },
    )


@pytest.mark.parametrize("code", CODES)
def test_it_does_not_fire_for_a_finding_that_was_never_open_whatever_happens_to_the_probe(
    code: str, tmp_path: Path
) -> None:
    """Failed scrapes, a restart, a reload without the domain, another code that is open."""
    other = "outage" if code != "outage" else "reverted"
    play(
        tmp_path,
        alert_name(code),
        [_finding(code, "0x5 _ _ 0x5 stale 0x10 stale"), _finding(other, "1x40")],
        {f"{minute}m": NOTHING for minute in (1, 6, 7, 12, 14, 20, 25, 40)},
    )


def test_the_page_of_a_fight_names_the_beat_the_records_and_the_owners(tmp_path: Path) -> None:
    name = SHOP["domain"]
    play(
        tmp_path,
        "CutoverFightSameOwner",
        [
            *_world("fight-same-owner", "1x10"),
            series("cutover_record_state", "1x10", domain=name, record_type="A", state="flapping", vantage="seoul"),
            series("cutover_record_state", "0x10", domain=name, record_type="A", state="v1", vantage="seoul"),
            series("cutover_record_state", "1x10", domain=name, record_type="AAAA", state="v2", vantage="seoul"),
            series("cutover_flip_period_seconds", "60x10", domain=name, vantage="seoul"),
            series("cutover_domain_expectation", "0x10", domain=name, expectation="v1", vantage="seoul"),
            series("cutover_domain_expectation", "1x10", domain=name, expectation="v2", vantage="seoul"),
            series("cutover_v2_share_ratio", "0.31x10", domain=name, record_type="A", vantage="seoul"),
            series(
                "cutover_last_transition_timestamp_seconds",
                "1800000000x10",
                domain=name,
                record_type="A",
                vantage="seoul",
            ),
            series(
                "cutover_txt_owner_info",
                "1x10",
                domain=name,
                txt_name=f"a-{name}",
                txt_owner="default",
                vantage="seoul",
            ),
            series(
                "cutover_links_info",
                "1x10",
                external_url="https://cutover.example.com",
                runbook_url="",
                vantage="seoul",
            ),
        ],
        {
            "1m": [
                _page(
                    "fight-same-owner",
                    details="Now: A is flapping, AAAA is v2.\nBeat: one cycle takes 1m 0s.\n"
                    "Share: A leads to v2 in 31% of answers.\n"
                    "Last change: A at 2027-01-15 08:00:00 +0000 UTC.\n"
                    f"Owners: default at a-{name}.\n",
                    external_url="https://cutover.example.com",
                    expectation=Expectation.V2,
                )
            ]
        },
    )


@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.V2])
def test_whom_to_stop_follows_from_what_is_expected(expectation: Expectation, tmp_path: Path) -> None:
    play(
        tmp_path,
        "CutoverFightVersionMix",
        [
            *_world("fight-version-mix", "1x10"),
            series(
                "cutover_domain_expectation",
                "1x10",
                domain=SHOP["domain"],
                expectation=expectation.value,
                vantage="seoul",
            ),
        ],
        {"1m": [_page("fight-version-mix", expectation=expectation)]},
    )


def test_a_probe_that_restarts_without_memory_does_not_end_the_page_of_a_fight(tmp_path: Path) -> None:
    """Gone for two minutes, then six minutes of zeros until it knows the fight again."""
    fired = [_page("fight-same-owner")]
    play(
        tmp_path,
        "CutoverFightSameOwner",
        _world("fight-same-owner", "1x5 stale _ 0x5 1x20"),
        {f"{minute}m": fired for minute in range(30)},
    )


def test_scrapes_that_fail_neither_end_a_page_nor_begin_the_wait_for_one_anew(tmp_path: Path) -> None:
    fired = [_page("server-divided")]
    play(
        tmp_path,
        "CutoverServerDivided",
        [_finding("server-divided", "1 1 stale _ 1 stale 1x20")],
        {"4m": NOTHING, "5m": fired, "6m": fired, "20m": fired},
    )


def test_a_domain_that_leaves_the_plan_ends_its_page_by_itself(tmp_path: Path) -> None:
    play(
        tmp_path,
        "CutoverOutage",
        _world("outage", "1x3 stale"),
        {"3m": [_page("outage")], "20m": NOTHING},
    )


def test_a_stale_owner_pages_as_loudly_as_the_finding_is(tmp_path: Path) -> None:
    play(
        tmp_path,
        "CutoverStaleOwner",
        [_finding("stale-owner", "1x20", severity="warning"), _finding("stale-owner", "0x20")],
        {"4m": NOTHING, "6m": [_page("stale-owner", severity="warning")]},
    )


def test_a_fight_that_only_one_vantage_sees_pages_all_the_same(tmp_path: Path) -> None:
    play(
        tmp_path,
        "CutoverFightSameOwner",
        [_finding("fight-same-owner", "0x10"), *_world("fight-same-owner", "1x10", vantage="tokyo")],
        {"1m": [_page("fight-same-owner")]},
    )


OTHERS = [(str(code), other.key) for code, entry in CATALOGUE.items() for other in entry.others]


@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.V2, Expectation.MOVING])
@pytest.mark.parametrize(("code", "key"), OTHERS)
def test_where_the_evidence_tells_what_to_do_the_page_says_that_and_not_what_its_code_advises(
    code: str, key: str, expectation: Expectation, tmp_path: Path
) -> None:
    """A fight with a third party above all: its code would have an ExternalDNS stopped that has no part in it."""
    (advise,) = (other.advise for other in CATALOGUE[code].others if other.key == key)
    pending = int(CATALOGUE[code].patience.pending // 60)
    expected = series("cutover_domain_expectation", "1x30", domain=SHOP["domain"], expectation=expectation.value)
    play(
        tmp_path,
        alert_name(code),
        [_finding(code, "1x30"), _advice(code, "1x30", key), expected],
        {f"{pending + 1}m": [_page(code, expectation=expectation, advise=advise)]},
    )


@pytest.mark.parametrize("code", sorted({code for code, _ in OTHERS}))
def test_where_it_is_not_told_which_advice_stands_the_page_gives_none_of_them(code: str, tmp_path: Path) -> None:
    pending = int(CATALOGUE[code].patience.pending // 60)
    play(tmp_path, alert_name(code), [_finding(code, "1x30")], {f"{pending + 1}m": [_page_untold(code)]})


def test_where_vantages_advise_different_things_the_page_gives_none_of_them(tmp_path: Path) -> None:
    play(
        tmp_path,
        "CutoverOutage",
        [
            *_world("outage", "1x9"),
            _finding("outage", "1x9", "tokyo"),
            _advice("outage", "1x9", "restore-set", "tokyo"),
        ],
        {"2m": [_page_untold("outage")]},
    )


def test_a_page_follows_when_the_evidence_comes_to_say_otherwise(tmp_path: Path) -> None:
    (restore,) = (other.advise for other in CATALOGUE["outage"].others if other.key == "restore-set")
    play(
        tmp_path,
        "CutoverOutage",
        [_finding("outage", "1x9"), _advice("outage", "1 1 1 0x9", "restore-set"), _advice("outage", "_ _ _ 1x9")],
        {"2m": [_page("outage", advise=restore)], "3m": [_page("outage")]},
    )
