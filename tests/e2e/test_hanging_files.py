"""A plan on a volume that no longer answers: the daemon watches on, is healthy, and ends when it is told to."""

import signal
from pathlib import Path

import pytest

from tests.e2e.daemon import Daemon, running
from tests.e2e.plans import V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, hold, lead

pytestmark = pytest.mark.e2e

NAME = "app.example.com"
HANGING = """
import sys, threading
from pathlib import Path
from probe.cli.main import main
from probe.runtime import reload

mark = Path(sys.argv.pop())

def hang(path):
    mark.touch()
    threading.Event().wait()

reload.content_hash = hang
main()
"""
"""The program whose look at the plan never comes back, as a read of a volume that hangs does not; it leaves a mark."""


def test_a_plan_whose_volume_hangs_stops_neither_the_watch_nor_its_end(command: Path, tmp_path: Path) -> None:
    mark = tmp_path / "a look began"
    with all_scripted("127.0.0.33") as servers:
        hold(NAME, V1, *servers)
        places = [f"{server.address}:{server.port}" for server in servers]
        text = plan_text(wave("a", "v1", NAME), authoritative={"overrides": {"example.com": places}})
        python, plan = command.with_name("python"), plan_file(tmp_path, text)
        arguments: list[str | Path] = [python, "-c", HANGING, "run", "--config", plan, "--log.format", "json", mark]
        with running(Daemon, arguments, tmp_path / "log") as watching:
            watching.find_url()
            watching.wait_for("the look at the plan hangs", mark.exists)
            watching.wait_until("it is on v1", lambda scrape: scrape.state(NAME) == "v1")
            lead(NAME, V2, *servers)
            watching.wait_until("its move is seen", lambda scrape: scrape.state(NAME) == "v2")
            assert watching.get("/-/healthy").status_code == 200
            watching.stop(signal.SIGTERM)
