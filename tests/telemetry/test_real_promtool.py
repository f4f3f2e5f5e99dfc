"""Prometheus' own linter on a scrape."""

import subprocess

import pytest

from probe.telemetry.exposition import Exposition
from tests.patience import HANG
from tests.real import require
from tests.snapshots import CATALOGUE, migration


@pytest.mark.real
def test_promtool_finds_nothing_to_criticise() -> None:
    promtool = require("promtool")
    body = b"".join(Exposition(migration, CATALOGUE, rest=lambda: None)("").blocks)

    lint = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, check=False, timeout=HANG)

    assert (lint.returncode, lint.stderr.decode(), lint.stdout.decode()) == (0, "", "")
