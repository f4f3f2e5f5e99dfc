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


def test_every_command_of_the_table_leads_to_files_that_exist() -> None:
    for path in re.findall(r"`[^`]*?pytest (tests/[\w/.]+)", PAGE):
        assert (ROOT / path).exists()
    assert (ROOT / "tests" / "fuzz" / "__main__.py").exists()
