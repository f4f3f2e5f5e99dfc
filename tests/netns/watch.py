"""The real daemon on the probe's host, read through a relay."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.config.plans import ROOT
from tests.e2e.daemon import Daemon, running
from tests.netns.hosts import Host

PORT = 9953
"""On the host's own loopback nobody else has it."""


@contextmanager
def watch(host: Host, plan: Path) -> Iterator[Daemon]:
    """Run the daemon of this checkout on a host, and end it by SIGTERM, with status 0, when the block ends well."""
    here = {"PYTHONPATH": str(ROOT)}
    command = [*host.inside, sys.executable, "-m", "probe", "run", "--config", plan]
    relayed = plan.with_suffix(".socket")
    relay = (sys.executable, ROOT / "tests" / "netns" / "relay.py", relayed, str(PORT))
    with (
        running(Daemon, command, plan.with_suffix(".log"), here) as daemon,
        host.running(*relay, log=plan.with_suffix(".relay")),
    ):
        daemon.find_url()
        daemon.wait_for("the relay listens", relayed.exists)
        daemon.reach_through(relayed)
        yield daemon
        if daemon.process.poll() is None:
            daemon.stop()
