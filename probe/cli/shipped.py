"""Files that come with the program, wherever and however it was installed: a plan to start from, and dashboards."""

from importlib.resources import files

_SHIPPED_FILES = files("probe.cli") / "files"


def start_plan() -> str:
    """Give the commented plan to start from."""
    return (_SHIPPED_FILES / "start.yaml").read_text(encoding="utf-8")


def dashboards() -> dict[str, str]:
    """Give each Grafana dashboard's JSON by the name of its file."""
    found = sorted((_SHIPPED_FILES / "dashboards").iterdir(), key=lambda path: path.name)
    return {path.name: path.read_text(encoding="utf-8") for path in found if path.name.endswith(".json")}
