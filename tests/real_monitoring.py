"""A real Prometheus and a real Alertmanager on loopback, and the webhook that is paged.

Each runs in its own process and temporary directory on a free port, is waited for until it is ready, and is stopped
when the block ends. Debian packages: prometheus, prometheus-alertmanager.
"""

import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import yaml

from probe.runtime.clock import SystemClock
from tests.handled_http import Handler, handled
from tests.patience import HANG
from tests.real import require
from tests.real_servers import free_port

_START_TRIES = 1800  # of 100 ms: three minutes. A server that ends is told at once; this is for one that hangs
_LOOPBACK = "127.0.0.1"


class Webhook:
    """Receives Alertmanager's notifications, as a pager's gateway does."""

    def __init__(self) -> None:
        self.received: queue.Queue[dict[str, Any]] = queue.Queue()
        received = self.received

        class Paged(Handler):
            def requested(self) -> None:
                received.put(json.loads(self.content()))
                self.respond(200)

        self._handler = Paged
        self._serving = ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        self.url = f"{self._serving.enter_context(handled(self._handler))}/page"
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.close()

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], within: float) -> dict[str, Any]:
        """Give the first alert of a notification that is wanted; fails when none comes in so many seconds."""
        clock = SystemClock()
        bound = clock.now().monotonic + within
        seen = []
        while (left := bound - clock.now().monotonic) > 0:
            with suppress(queue.Empty):
                for alert in self.received.get(timeout=left)["alerts"]:
                    if wanted(alert):
                        return dict(alert)
                    seen.append(f"{alert['status']} {alert['labels']}")
        raise AssertionError(f"not paged within {within:g} s; what came: {seen}")


@dataclass
class Service:
    """A running server with an HTTP API."""

    url: str
    log: Path
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=HANG))

    def get(self, path: str, **parameters: str) -> Any:
        """Get a JSON document."""
        response = self.http.get(self.url + path, params=parameters)
        assert response.is_success, f"{path}: {response.status_code} {response.text}"
        return response.json()

    def query(self, promql: str) -> list[dict[str, Any]]:
        """Ask a Prometheus for an instant vector."""
        return list(self.get("/api/v1/query", query=promql)["data"]["result"])

    def alerts(self) -> list[dict[str, Any]]:
        """Ask an Alertmanager what it knows."""
        return list(self.get("/api/v2/alerts"))

    def wait_for(self, what: str, holds: Callable[[], Any], within: float) -> Any:
        """Look again and again until something holds, and give it."""
        clock = SystemClock()
        bound = clock.now().monotonic + within
        pause = threading.Event()
        while True:
            if found := holds():
                return found
            assert clock.now().monotonic < bound, f"not within {within:g} s: {what}\n{self.log.read_text()[-4000:]}"
            pause.wait(0.1)


@contextmanager
def alertmanager(
    webhook: str,
    *,
    port: int | None = None,
    web_config: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
) -> Iterator[Service]:
    """Run an Alertmanager; without a configuration it pages `webhook` at once, and tells it when something is over."""
    config = config or {
        "global": {"resolve_timeout": "5m"},
        "route": {"receiver": "pager", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"},
        "receivers": [{"name": "pager", "webhook_configs": [{"url": webhook, "send_resolved": True}]}],
    }
    with tempfile.TemporaryDirectory(prefix="alertmanager-") as name:
        folder, number = Path(name), port or free_port(_LOOPBACK)
        command = [
            require("prometheus-alertmanager"),
            f"--config.file={_write(folder, 'alertmanager.yml', config)}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address={_LOOPBACK}:{number}",
            "--cluster.listen-address=",
        ]
        if web_config is not None:
            command.append(f"--web.config.file={_write(folder, 'web.yml', web_config)}")
        scheme = "https" if web_config and "tls_server_config" in web_config else "http"
        with _running(command, folder, f"{scheme}://{_LOOPBACK}:{number}") as service:
            yield service


@contextmanager
def prometheus(
    targets: Sequence[str], *, rules: Path | None = None, alertmanagers: Sequence[str] = (), interval: str = "1s"
) -> Iterator[Service]:
    """Run a Prometheus that scrapes `targets` and evaluates `rules`, both every `interval`."""
    config: dict[str, Any] = {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "scrape_configs": [{"job_name": "cutover-probe", "static_configs": [{"targets": list(targets)}]}],
        "rule_files": [] if rules is None else [str(rules)],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
    }
    with tempfile.TemporaryDirectory(prefix="prometheus-") as name:
        folder, number = Path(name), free_port(_LOOPBACK)
        command = [
            require("prometheus"),
            f"--config.file={_write(folder, 'prometheus.yml', config)}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={_LOOPBACK}:{number}",
        ]
        with _running(command, folder, f"http://{_LOOPBACK}:{number}") as service:
            yield service


def _write(folder: Path, name: str, document: Mapping[str, Any]) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(dict(document), sort_keys=False), encoding="utf-8")
    return path


@contextmanager
def _running(command: Sequence[str], folder: Path, url: str) -> Iterator[Service]:
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    service = Service(url, log)
    try:
        _await_ready(service, process)
        yield service
    finally:
        service.http.close()
        process.terminate()
        try:
            process.wait(HANG)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(service: Service, process: "subprocess.Popen[bytes]") -> None:
    with httpx.Client(trust_env=False, timeout=5.0, verify=False) as http:  # noqa: S501  # whether it is there at all
        for _ in range(_START_TRIES):
            with suppress(httpx.TransportError):
                # Behind a password it says 401, and that it is there.
                if http.get(service.url + "/-/ready").status_code in {200, 401}:
                    return
            with suppress(subprocess.TimeoutExpired):
                status = process.wait(0.1)
                raise AssertionError(f"it ended with status {status}\n{service.log.read_text()}")
    raise AssertionError(f"{service.url} is not ready\n{service.log.read_text()}")
