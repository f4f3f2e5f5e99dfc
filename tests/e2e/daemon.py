"""A running daemon of the installed wheel, as its operator sees it: metrics, API, pages, log, and how it ends."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

from probe.runtime.clock import SystemClock
from tests.e2e.command import environment
from tests.e2e.scrape import Scrape
from tests.patience import HANG

END = HANG
"""Seconds after a signal after which it counts as hanging. That it ends within the 30 that Kubernetes waits is held
where time is virtual (tests/runtime/test_daemon.py)."""

PAUSE = 0.1
"""Seconds between two looks that cost nothing."""

PART = 4
"""A pause is so many times as long as the look before it, if that is longer: hundreds of domains are a second's work
for who tells and who reads, and whoever is waited for gets on with its own meanwhile."""

_URL = re.compile(r"http://[0-9.]+:\d+")
_LOG_SHOWN = 40  # newest lines of the log in a failing test's message


class Running:
    """A process of the installed command that runs until it is stopped. Its output goes to a file."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self.log = log
        self.url = ""
        self._http = httpx.Client(trust_env=False, timeout=HANG)

    def reach_through(self, path: Path) -> None:
        """Ask it through a socket in the file system: it listens on the loopback of another host."""
        self._http.close()
        self._http = httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), timeout=HANG)

    def find_url(self) -> None:
        """Wait until it says where it listens."""
        self.wait_for("it says where it listens", lambda: bool(_URL.search(self.text)))
        found = _URL.search(self.text)
        assert found is not None
        self.url = found.group()

    @property
    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> httpx.Response:
        """Get something of it."""
        return self._http.get(self.url + path)

    def post(self, path: str, **headers: str) -> httpx.Response:
        """Post nothing to it."""
        return self._http.post(self.url + path, headers={name.replace("_", "-"): headers[name] for name in headers})

    def api(self, path: str) -> Any:
        """Get a JSON document below /api/v1/."""
        response = self.get(f"/api/v1/{path}")
        assert response.status_code == httpx.codes.OK, response.text
        return response.json()

    def scrape(self) -> Scrape:
        """Get and parse its metrics."""
        response = self.get("/metrics")
        assert response.status_code == httpx.codes.OK, response.text
        return Scrape(response.text)

    def wait_until(self, what: str, condition: Callable[[Scrape], object], within: float = HANG) -> Scrape:
        """Scrape until `condition` holds, and give that scrape; fail when it does not within so many seconds."""
        newest = [self.scrape()]

        def holds() -> bool:
            newest[0] = self.scrape()
            return bool(condition(newest[0]))

        def shown() -> str:
            return newest[0].shown()

        self.wait_for(what, holds, within, shown)
        return newest[0]

    def wait_for(
        self, what: str, condition: Callable[[], bool], within: float = HANG, shown: Callable[[], str] = str
    ) -> None:
        """Look until `condition` holds; fail when it does not within so many seconds, or when the process ends."""
        clock = SystemClock()
        bound = clock.now().monotonic + within
        while True:
            looked = clock.now().monotonic
            with suppress(httpx.TransportError):  # told below: it has ended, or will within the bound
                if condition():
                    return
            status = self.ended_within(max(PAUSE, PART * (clock.now().monotonic - looked)))
            assert status is None, f"it ended with status {status} before {what}\n{self._newest_log()}"
            assert clock.now().monotonic < bound, (
                f"not within {within:g} s: {what}\n--- metrics ---\n{shown()}\n{self._newest_log()}"
            )

    def ended_within(self, seconds: float) -> int | None:
        """Give its exit status if it ends within so many seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def suspend(self) -> None:
        """Stop it with SIGSTOP, and come back when every thread of it stands still."""
        self.send(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it as an orchestrator or a person does, and see that it ends well."""
        self.send(number)
        status = self.ended_within(END)
        assert status is not None, f"it did not end within {END:g} s\n{self._newest_log()}"
        assert status == 0, f"it ended with status {status}\n{self._newest_log()}"

    def close(self) -> None:
        """Leave nothing behind."""
        self._http.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _newest_log(self) -> str:
        return "--- log ---\n" + "\n".join(self.text.splitlines()[-_LOG_SHOWN:])


class Daemon(Running):
    """`cutover-probe run`: its log is JSON, one event a line."""

    def events(self, event: str | None = None, **wanted: object) -> list[dict[str, Any]]:
        """Give the log's events of one kind that have these values."""
        written = [json.loads(line) for line in self.text.splitlines(keepends=True) if line.endswith("\n")]
        return [
            entry
            for entry in written
            if event in (None, entry["event"]) and all(entry.get(key) == value for key, value in wanted.items())
        ]

    def states(self, domain: str) -> list[str]:
        """Give every verdict that the domain has had, in order, the first one before anything was known included."""
        changes = self.events("state_changed", domain=domain, record_type=None)
        return [change["before"] for change in changes[:1]] + [change["after"] for change in changes]

    def accusations(self) -> list[str]:
        """Give the codes of all findings, in order, but for what it says of a machine that others keep busy."""
        return [event["code"] for event in self.events("finding_raised") if event["code"] != "probe-behind"]

    def is_safe(self, moment: float) -> bool:
        """Tell whether all that happened until a moment is on disk, as it says itself."""
        written = self.api("status")["journal"]["written"]
        return written is not None and datetime.fromisoformat(written).timestamp() >= moment

    def age(self, event: Mapping[str, Any]) -> float:
        """Tell how many seconds ago an event happened."""
        return SystemClock().now().wall - datetime.fromisoformat(event["at"]).timestamp()

    def domain(self, name: str) -> Any:
        """Give what the API says of a domain."""
        return self.api(f"domains/{name}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and see that nothing went wrong in it that nobody asked about."""
        super().stop(number)
        mistakes = [entry for entry in self.events() if "exception" in entry]
        assert mistakes == [], f"its log has a traceback: {mistakes[0]['exception']}"


R = TypeVar("R", bound=Running)


@contextmanager
def running(
    process_class: type[R], arguments: Sequence[str | Path], log: Path, more: Mapping[str, str] | None = None
) -> Iterator[R]:
    """Start a command that runs until it is stopped; it is gone when the block ends, however that ends."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            arguments, cwd=log.parent, env=environment(**more or {}), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    run = process_class(process, log)
    try:
        yield run
    finally:
        run.close()


@contextmanager
def daemon(
    command: Path,
    plan: Path,
    log: Path | None = None,
    more: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[Daemon]:
    """Run the daemon with a plan, and end it by SIGTERM, with status 0, when the block ends well.

    Its log is beside the plan, unless it is wanted elsewhere. `more` goes into its environment, `options` onto its
    command line.
    """
    with running(
        Daemon, [command, "run", "--config", plan, *options], log or plan.with_suffix(".log"), more
    ) as started:
        started.find_url()
        yield started
        if started.process.poll() is None:
            started.stop()
