"""Every panel of every dashboard has data: a real Prometheus is asked what Grafana would ask it.

The demonstration gives it a world with a fight, a weighted split, a hand-over and resolvers. What that world does not
have, another daemon does: a journal, a schedule, services behind HTTPS on both sides, an Alertmanager to tell, and a
cluster that is a witness.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from dashboards.queries import panels, with_values
from dashboards.write import FOLDER

from tests.e2e.daemon import Running, daemon, running
from tests.e2e.plans import OWNERSHIP, plan_file, plan_text, wave
from tests.handled_http import Handler, handled
from tests.kubernetes.control_plane import running as control_plane
from tests.real_monitoring import Service, prometheus
from tests.real_servers import bind, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.real]

V1, V2 = "127.0.0.1", "127.0.0.2"
SERVED = "www.example.net"
FOUGHT, SPLIT = "shop.example.com", "partners.example.com"
MOVED, LEFT = "admin.example.com", "grafana.example.com"
ZONE = f"@ NS ns1\nns1 A 127.0.0.1\nwww 5 A {V1}\na-www 5 TXT {OWNERSHIP}\n"
SPEED = "8"
"""At 20 the fight's minute is three seconds, for which a starved machine is behind."""
WITHIN = 300.0
"""Seconds in which each part of the story is shown twice at that speed."""

BOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


@contextmanager
def _https(folder: Path, port: int, *addresses: str) -> Iterator[None]:
    """Serve 200 by HTTPS at these addresses, with a certificate of the CA in `ca.pem`."""

    class Well(Handler):
        def requested(self) -> None:
            self.respond(200)

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(SERVED).configure_cert(context)
    with ExitStack() as stack:
        for address in addresses:
            stack.enter_context(handled(Well, address, port, context))
        yield


def _plan(folder: Path, dns_port: int, https_port: int, kubeconfig: Path) -> Path:
    text = plan_text(
        wave(
            "scheduled",
            "v1",
            SERVED,
            schedule=[{"at": "2999-12-01T20:00:00+09:00", "expect": "moving"}],
            http={"port": https_port, "ca_file": "ca.pem"},
        ),
        authoritative={"overrides": {"example.net": [f"127.0.0.1:{dns_port}"]}},
        sides={"v1": {"addresses": [V1]}, "v2": {"addresses": [V2]}},
    )
    plan = yaml.safe_load(text)
    plan["state"] = {"path": "journal.db"}
    plan["external_url"] = "https://cutover.example.com"
    plan["witnesses"] = {"kubernetes": {"v1": {"kubeconfig": str(kubeconfig)}}}
    plan["notify"] = {"alertmanagers": [{"url": f"http://127.0.0.1:{free_port('127.0.0.1')}"}]}
    return plan_file(folder, yaml.safe_dump(plan, sort_keys=False))


@pytest.fixture(scope="module")
def watched(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Prometheus, once it has seen the demonstration's fight and split."""
    folder = tmp_path_factory.mktemp("dashboards")
    https_port = free_port(V1, V2)
    kubeconfig = control_plane(tmp_path_factory).kubeconfig
    demo: list[str | Path] = [command, "demo", "--speed", SPEED, "--port", "0"]
    with (
        bind({"example.net": ZONE}) as server,
        _https(folder, https_port, V1, V2),
        running(Running, demo, folder / "demo.log") as story,
        daemon(command, _plan(folder, server.port, https_port, kubeconfig)) as probe,
    ):
        story.find_url()
        targets = [url.removeprefix("http://") for url in (story.url, probe.url)]
        with prometheus(targets) as metrics:
            story.wait_until("the fight flaps", lambda scrape: scrape.state(FOUGHT) == "flapping", WITHIN)
            story.wait_until("it has a beat", lambda scrape: scrape.series("cutover_flip_period_seconds"), WITHIN)
            story.wait_until("the split is weighted", lambda scrape: scrape.state(SPLIT) == "weighted", WITHIN)
            for series in (
                f'cutover_flip_period_seconds{{domain="{FOUGHT}"}}',
                f'cutover_v2_share_ratio{{domain="{SPLIT}"}}',
                f'cutover_drain_deadline_timestamp_seconds{{domain="{MOVED}"}}',
                f'cutover_resolvers_converged_ratio{{domain="{MOVED}"}}',
                f'cutover_certificate_expiry_timestamp_seconds{{domain="{SERVED}",side="v2"}}',
                "cutover_journal_last_write_timestamp_seconds",
                "cutover_witness_last_read_timestamp_seconds",
            ):
                metrics.wait_for(f"{series} is in Prometheus", partial(metrics.query, series), WITHIN)
            yield metrics
        story.stop()


def _targets() -> Iterator[Any]:
    for name, board in BOARDS.items():
        for panel in panels(board):
            for target in panel["targets"]:
                yield pytest.param(target["expr"], id=f"{name}: {panel['title']} {target['refId']}")


def _domain_for(expr: str) -> str:
    """The domain of the two worlds that has what is asked for."""
    if "cutover_http" in expr or "certificate" in expr:
        return SERVED
    if "drain" in expr or "converged" in expr:  # neither is told of a record that flaps
        return MOVED
    if "removable" in expr:  # where v2 is expected
        return LEFT
    return SPLIT if "share" in expr else FOUGHT


@pytest.mark.parametrize("expr", list(_targets()))
def test_a_panel_s_query_has_data(watched: Service, expr: str) -> None:
    query = with_values(expr, domain=_domain_for(expr), interval="20s")
    now = float(watched.get("/api/v1/query", query="time()")["data"]["result"][1])

    found = watched.get("/api/v1/query_range", query=query, start=str(now - 120), end=str(now), step="1")["data"][
        "result"
    ]

    assert [one for one in found if one["values"]], query


@pytest.mark.parametrize("name", BOARDS)
def test_a_variable_has_something_to_choose(watched: Service, name: str) -> None:
    """`label_values(series, label)` is Grafana's own: it asks Prometheus for a label's values over matching series."""
    for variable in BOARDS[name]["templating"]["list"]:
        query = variable.get("query", "")
        if query.startswith("query_result("):
            expression = query.removeprefix("query_result(").removesuffix(")")
            (result,) = watched.get("/api/v1/query", query=expression)["data"]["result"]
            assert len(result["metric"]) == 1, query
        if not query.startswith("label_values("):
            continue
        selector, _, label = query.removeprefix("label_values(").removesuffix(")").rpartition(", ")
        parameters = {"match[]": with_values(selector, domain=FOUGHT)}
        assert watched.get(f"/api/v1/label/{label}/values", **parameters)["data"], query
