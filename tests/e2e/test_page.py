"""From the flip of a record to the text of the page: daemon, Prometheus, Alertmanager and webhook, all of them real.

A record on a BIND is written to and fro under one owner id, as two ExternalDNS do that share it. Prometheus scrapes and
evaluates every second, with the rules as they are shipped; the daemon tells the same Alertmanager directly as well.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from probe.judge.findings.catalogue import CATALOGUE
from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scrape import Scrape
from tests.e2e.updates import point
from tests.real_monitoring import Service, Webhook, alertmanager, prometheus
from tests.real_servers import RealServer, bind, free_port
from tests.telemetry.promtool import RULES

pytestmark = [pytest.mark.e2e, pytest.mark.real]

CALM, FOUGHT = "calm.example.com", "shop.example.com"
OWNER = '"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/shop/web"'
ZONE = f"""
@ NS ns1
ns1 A 127.0.0.1
calm 5 A {V1}
a-calm 5 TXT {OWNER}
shop 5 A {V1}
a-shop 5 TXT {OWNER}
"""
PAGE, RUNBOOK = "https://cutover.example.com", "https://git.example.com/runbook.md"
PAGED_WITHIN = 180.0
"""Seconds after which the page counts as lost. How soon it must come is a promise of the rules, held by promtool."""


class Scene(NamedTuple):
    """Everything that runs."""

    server: RealServer
    daemon: Daemon
    prometheus: Service
    alertmanager: Service


@pytest.fixture(params=["rules", "directly", "both"])
def by(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as started:
        yield started


@pytest.fixture
def scene(command: Path, tmp_path: Path, webhook: Webhook, by: str) -> Iterator[Scene]:
    with bind({"example.com": ZONE}) as server, alertmanager(webhook.url) as pager:
        text = plan_text(
            wave("back-office", "moving", CALM, FOUGHT),
            authoritative={"overrides": {"example.com": [f"127.0.0.1:{server.port}"]}},
        )
        plan = yaml.safe_load(text) | {"external_url": PAGE, "runbook_url": RUNBOOK}
        if by != "rules":
            plan["notify"] = {"alertmanagers": [{"url": pager.url}]}
        path = plan_file(tmp_path, yaml.safe_dump(plan, sort_keys=False))
        with daemon(command, path) as running:
            target = running.url.removeprefix("http://")
            told = [pager.url.removeprefix("http://")] if by != "directly" else []
            with prometheus([target], rules=RULES, alertmanagers=told) as metrics:
                names = {CALM, FOUGHT}
                running.wait_until("both are on v1", lambda scrape: {scrape.state(name) for name in names} == {"v1"})
                # Before its first scrape Prometheus waits with an alert: no probe is there yet.
                metrics.wait_for(
                    "it is scraped, and no alert waits",
                    lambda: metrics.query("up == 1") and not metrics.query("ALERTS"),
                    PAGED_WITHIN,
                )
                yield Scene(server, running, metrics, pager)


def _fight(scene: Scene) -> None:
    """Change the record to and fro, as fast as it is seen: nobody can tell yet who does that."""
    for change, address in enumerate((V2, V1, V2), start=1):
        point(scene.server, FOUGHT, address, zone="example.com")
        scene.daemon.wait_until(f"change {change} is seen", lambda scrape: scrape.transitions(FOUGHT) >= change)  # noqa: B023


def _sent(metrics: Service) -> float:
    """How many alerts a Prometheus has sent."""
    return Scrape(metrics.http.get(metrics.url + "/metrics").text).total("prometheus_notifications_sent_total")


def _is_the_fight(alert: dict[str, Any]) -> bool:
    return bool(alert["status"] == "firing" and alert["labels"]["alertname"] == "CutoverFlipFlop")


def test_a_flapping_record_pages_with_the_domain_the_remedy_and_the_links(
    scene: Scene, webhook: Webhook, by: str
) -> None:
    _fight(scene)

    page = webhook.wait_for(_is_the_fight, PAGED_WITHIN)

    told = page["annotations"]
    assert page["labels"] == {
        "alertname": "CutoverFlipFlop",
        "severity": "critical",
        "domain": FOUGHT,
        "wave": "back-office",
        "code": "flip-flop",
    }
    assert told["runbook_url"] == f"{RUNBOOK}#flip-flop"
    assert told["dashboard_url"] == f"{PAGE}/domains/{FOUGHT}"
    assert f"{FOUGHT} (wave back-office): " in told["description"]
    entry = CATALOGUE["flip-flop"]
    assert f"\nWhat to do: {entry.first.sentence}\n$ {entry.first.command}\nThen: {entry.then}" in told["description"]
    if by == "rules":
        assert told["summary"] == f"{FOUGHT}: {entry.meaning} {entry.first.sentence}"
        assert "\nNow: A is flapping" in told["description"]
        assert f"default at a-{FOUGHT}" in told["description"]
    elif by == "directly":
        (finding,) = scene.daemon.domain(FOUGHT)["findings"]
        assert finding["code"] == "flip-flop"
        assert "alternates between v1 and v2" in told["summary"]
        assert "Newest evidence:" in told["description"]
        # What was sent is counted at Alertmanager's answer, and it pages whom it pages before the probe has read that.
        scene.daemon.wait_until("it is told", lambda scrape: scrape.total("cutover_notifications_total") >= 1)
        (told_to,) = scene.daemon.api("status")["notifications"]
        assert (told_to["receiver"], told_to["failures"]) == (scene.alertmanager.url, {})
    # Nothing else fires or waits: not for the calm domain, and not about the probe.
    firing = scene.prometheus.wait_for(
        "the rule fires", lambda: scene.prometheus.query('ALERTS{severity="critical"}'), PAGED_WITHIN
    )
    assert {one["metric"]["alertname"] for one in firing} == {"CutoverFlipFlop"}
    assert scene.prometheus.query(f'ALERTS{{domain="{CALM}"}}') == []
    if by != "directly":
        scene.prometheus.wait_for("Prometheus has sent it", lambda: _sent(scene.prometheus) > 0, PAGED_WITHIN)
    assert [alert["labels"]["domain"] for alert in scene.alertmanager.alerts()] == [FOUGHT]  # also told both ways: one
    assert scene.prometheus.query("max by (domain, record_type) (cutover_reversals_total) > 0") != []


def test_a_restart_a_lost_domain_and_a_bad_plan_page_nobody(command: Path, tmp_path: Path, webhook: Webhook) -> None:
    listen = f"127.0.0.1:{free_port('127.0.0.1')}"
    with bind({"example.com": ZONE}) as server, alertmanager(webhook.url) as pager:

        def text(*domains: str) -> str:
            servers = [f"127.0.0.1:{server.port}"]
            return plan_text(
                wave("back-office", "moving", *domains),
                authoritative={"overrides": {"example.com": servers}},
                listen=listen,
            )

        path = plan_file(tmp_path, text(CALM, FOUGHT))
        told = [pager.url.removeprefix("http://")]
        with prometheus([listen], rules=RULES, alertmanagers=told) as metrics:

            def scraped(up: int) -> bool:
                return [one["value"][1] for one in metrics.query("up")] == [str(up)]

            with daemon(command, path, tmp_path / "first.log") as first:
                first.wait_until("it is on v1", lambda scrape: scrape.state(FOUGHT) == "v1")
                metrics.wait_for("it is scraped", lambda: scraped(1), PAGED_WITHIN)
            metrics.wait_for("a scrape fails", lambda: scraped(0), PAGED_WITHIN)
            with daemon(command, path, tmp_path / "second.log") as second:
                second.wait_until("it is on v1 again", lambda scrape: scrape.state(FOUGHT) == "v1")
                plan_file(tmp_path, text(CALM))
                assert second.post("/-/reload").status_code == 200
                plan_file(tmp_path, "waves: []\n")
                assert second.post("/-/reload").status_code == 500
                metrics.wait_for(
                    "all of it is in Prometheus",
                    lambda: (
                        metrics.query("cutover_config_last_reload_successful == 0")
                        and not metrics.query(f'cutover_domain_state{{domain="{FOUGHT}"}}')
                    ),
                    PAGED_WITHIN,
                )
                metrics.wait_for(
                    "the rules have seen it",
                    lambda: metrics.query('ALERTS{alertname="CutoverReloadFailed"}'),
                    PAGED_WITHIN,
                )
                assert metrics.query('max_over_time(ALERTS{alertstate="firing"}[5m])') == []
    assert webhook.received.empty()
