"""`promtool test rules` on the shipped rules: a world of series, and what pages at which minute of it."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.patience import HANG
from tests.real import require

RULES = Path(__file__).parents[2] / "deploy" / "helm" / "cutover-probe" / "files" / "rules.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
BY_NAME: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in DOCUMENT["groups"] for rule in group["rules"] if "alert" in rule
}

Fired = Sequence[Mapping[str, Any]]
"""Alerts that fire at a moment: `exp_labels` and `exp_annotations` of promtool."""


def series(metric: str, values: str, **labels: str) -> dict[str, str]:
    """One series in promtool's notation, a value a minute: `1x5` is six times 1, `_` a scrape that failed."""
    pairs = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return {"series": f"{metric}{{{pairs}}}", "values": values}


def play(folder: Path, alert: str, world: Sequence[Mapping[str, str]], expected: Mapping[str, Fired]) -> None:
    """See that `alert` fires as `expected` says at each moment ("7m"), and otherwise not.

    Rules are evaluated every minute, as the series' values come.
    """
    assert alert in BY_NAME, f"there is no alert {alert}"
    test = {
        "interval": "1m",
        "input_series": [dict(one) for one in world],
        "alert_rule_test": [
            {"eval_time": moment, "alertname": alert, "exp_alerts": [dict(one) for one in fired]}
            for moment, fired in expected.items()
        ],
    }
    document = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, width=10_000), encoding="utf-8")
    done = subprocess.run(
        [require("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False, timeout=HANG
    )
    assert done.returncode == 0, done.stdout + done.stderr
