"""The chart as Helm renders it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.real import require

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "cutover-probe"
KUBERNETES = "1.31.0"

Object = dict[str, Any]


def values(name: str) -> Path:
    """Give one of the chart's own sets of values."""
    return CHART / "ci" / f"{name}-values.yaml"


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Helm."""
    return subprocess.run([require("helm"), *map(str, arguments)], capture_output=True, text=True, check=False)


def template(*files: Path, settings: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Render the chart as release `night` in the namespace `watch`."""
    chosen = [word for file in files for word in ("--values", str(file))]
    chosen += [word for setting in settings for word in ("--set", setting)]
    return helm("template", "night", CHART, "--namespace", "watch", "--kube-version", KUBERNETES, *chosen)


def render(*files: Path, settings: Sequence[str] = ()) -> list[Object]:
    """Give the rendered objects."""
    finished = template(*files, settings=settings)
    assert finished.returncode == 0, finished.stderr
    return [document for document in yaml.safe_load_all(finished.stdout) if document]


def only(objects: Sequence[Object], kind: str) -> Object:
    """Give the one object of a kind."""
    (found,) = (each for each in objects if each["kind"] == kind)
    return found


def pod_of(objects: Sequence[Object]) -> Object:
    """Give the pod that watches."""
    (workload,) = (each for each in objects if each["kind"] in {"Deployment", "StatefulSet"})
    pod: Object = workload["spec"]["template"]["spec"]
    return pod
