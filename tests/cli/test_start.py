"""What a command loads before it does anything: counted in modules, which a slow machine does not change."""

import json
import subprocess
import sys

import pytest

from probe.cli.main import root

HEAVY = ("dns", "httpx", "httpcore", "h2", "jinja2", "prometheus_client", "pydantic", "rich", "starlette", "structlog",
         "uvicorn", "yaml", "sqlite3", "bcrypt")  # fmt: skip
"""What takes tens of milliseconds to load each, and some of it hundreds with what it loads."""
OF_HTTPX = {"httpx", "httpcore", "h2", "rich"}
"""What httpx loads: its own command line is written with rich."""


def _loaded(program: str) -> set[str]:
    """Give the modules that a new interpreter has after a program."""
    told = "import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", f"{program}\n{told}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def _rooms(loaded: set[str]) -> set[str]:
    return {".".join(name.split(".")[:2]) for name in loaded if name.startswith("probe.")}


def test_telling_the_version_loads_the_command_line_alone() -> None:
    loaded = _loaded("from probe.cli.main import root; root.main(['--version'], standalone_mode=False)")
    assert not loaded & set(HEAVY)
    assert _rooms(loaded) <= {"probe.cli", "probe.config", "probe.model", "probe.web"}
    assert not {name for name in loaded if name.startswith("probe.cli.commands.")}


def test_a_gate_without_a_plan_loads_an_http_client_and_nothing_that_probes_judges_or_serves() -> None:
    arguments = "['gate', '--url', 'http://127.0.0.1:1', '--wave', 'x']"
    loaded = _loaded(f"from probe.cli.main import root; root.main({arguments}, standalone_mode=False)")
    assert "probe.cli.gate_query" in loaded
    assert loaded & set(HEAVY) <= OF_HTTPX
    assert not _rooms(loaded) & {"probe.judge", "probe.wire", "probe.lab", "probe.store", "probe.externaldns"}


def test_a_gate_with_a_plan_loads_its_reader_too_and_still_neither_judge_nor_engine() -> None:
    loaded = _loaded("import probe.cli.commands.gate, probe.cli.plans")
    assert loaded & set(HEAVY) <= {*OF_HTTPX, "pydantic", "yaml", "dns"}
    assert not _rooms(loaded) & {"probe.judge", "probe.wire", "probe.lab", "probe.store"}


def test_a_check_loads_no_web_server_and_nothing_that_notifies_or_exports() -> None:
    loaded = _loaded("import probe.cli.commands.check")
    assert not loaded & {"jinja2", "prometheus_client", "starlette", "uvicorn", "bcrypt"}
    assert not _rooms(loaded) & {"probe.lab", "probe.notify"}


@pytest.mark.parametrize("name", list(root.commands))
def test_each_place_of_the_table_has_its_command(name: str) -> None:
    assert root.commands[name].name == name


def test_a_command_of_another_name_is_none() -> None:
    assert root.commands.get("rnu") is None
    with pytest.raises(KeyError):
        root.commands["rnu"]
