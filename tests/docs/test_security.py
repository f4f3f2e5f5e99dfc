"""docs/security.md: each promise names the test that holds it, and that test exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_test_that_holds_a_promise_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_its_test() -> None:
    promises = 0
    for table in re.findall(r"\| promise \| test \|\n\| --- \| --- \|\n((?:\|.*\n)+)", PAGE):
        for row in table.splitlines():
            promises += 1
            assert re.search(r"\| `tests/[\w/]+\.py::\w+` \|$", row), row
    assert promises == len(NAMED) > 25


@pytest.mark.parametrize("page", ["security.md", "operations.md"])
def test_every_command_of_a_table_leads_to_files_settings_and_tests_that_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    rows = text.partition("## What was done to it\n")[2].partition("\n## ")[0]
    commands = re.findall(r"`((?:[A-Z_]+=[\d,.]+ )?pytest tests/[^`]+)`", rows)
    assert len(commands) >= 4
    for command in commands:
        parts = re.fullmatch(r'(?:([A-Z_]+)=[\d,.]+ )?pytest (tests/[\w/.]+)(?: -k "?([\w ]+?)"?)?', command)
        assert parts is not None, command
        setting, path, words = parts.groups()
        files = [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).glob("test_*.py"))
        source = "".join(file.read_text(encoding="utf-8") for file in files)
        assert source
        assert setting is None or f'"{setting}"' in source, command
        tests = re.findall(r"def (test_\w+)", source) + re.findall(r'"(\w+)":', source)  # or a parameter's name
        for word in re.findall(r"\w+", words or "") or [""]:
            assert word == "or" or any(word in test for test in tests), command
    assert (ROOT / "tests" / "fuzz" / "__main__.py").exists()
