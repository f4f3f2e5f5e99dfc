"""Two processes share a plan: each watches its part, together they watch all of it, and both say so."""

from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import V1, plan_file, plan_text, wave
from tests.real_servers import nsd

pytestmark = [pytest.mark.e2e, pytest.mark.real]

NAMES = [f"app-{number}.example.com" for number in range(8)]


def is_ready(running: Daemon) -> bool:
    return running.get("/-/ready").status_code == httpx.codes.OK


def test_two_processes_watch_every_domain_once(command: Path, tmp_path: Path) -> None:
    records = "\n".join(f"app-{number} A {V1}" for number in range(8))
    with nsd({"example.com": f"@ NS ns\nns A 127.0.0.1\n{records}"}) as server:
        zone = {"overrides": {"example.com": [f"{server.address}:{server.port}"]}}
        waves = (wave("first", "v1", *NAMES[:7]), wave("alone", "v1", NAMES[7]))
        plan = plan_file(tmp_path, plan_text(*waves, authoritative=zone))
        parts = []
        for shard in range(2):
            options = ["--shard", str(shard), "--total-shards", "2"]
            with daemon(command, plan, tmp_path / f"{shard}.log", options=options) as running:
                running.wait_for("it is ready", partial(is_ready, running))
                parts.append({domain["name"] for domain in running.api("domains")["domains"]})
                scrape = running.scrape()
                assert scrape.total("cutover_shard_ordinal", shard_ordinal=str(shard)) == shard
                assert scrape.total("cutover_total_shards") == 2
        assert parts[0] | parts[1] == set(NAMES)
        assert not parts[0] & parts[1]
        assert all(parts)


def test_a_process_without_any_domain_is_ready_and_idle(command: Path, tmp_path: Path) -> None:
    plan = plan_file(tmp_path, plan_text(wave("alone", "v1", NAMES[0]), authoritative={"start": ["127.0.0.1:9"]}))
    idle = []
    for shard in range(2):
        options = ["--shard", str(shard), "--total-shards", "2"]
        with daemon(command, plan, tmp_path / f"{shard}.log", options=options) as running:
            idle.append(not running.api("domains")["domains"])
            if idle[-1]:
                assert is_ready(running)
                assert running.get("/").status_code == 200
    assert sorted(idle) == [False, True]
