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


class StrictLoader(yaml.SafeLoader):
    """Reads YAML as its specification and Kustomize do: a key that stands twice is an error, not the last one's."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # PyYAML's signature
        """Give the mapping, or say which key stands twice.

        Raises:
            ConstructorError: A key stands twice.
        """
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


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
    return read(finished.stdout)


def read(text: str) -> list[Object]:
    """Give the objects of a text in which no key stands twice."""
    return [document for document in yaml.load_all(text, Loader=StrictLoader) if document]


def only(objects: Sequence[Object], kind: str) -> Object:
    """Give the one object of a kind."""
    (found,) = (each for each in objects if each["kind"] == kind)
    return found


def pod_of(objects: Sequence[Object]) -> Object:
    """Give the pod that watches."""
    (workload,) = (each for each in objects if each["kind"] in {"Deployment", "StatefulSet"})
    pod: Object = workload["spec"]["template"]["spec"]
    return pod
