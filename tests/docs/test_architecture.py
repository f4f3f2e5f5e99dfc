"""What documents say of the code is there: files, modules, links, and no more files in a recipe than it promises."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OF_THE_CODE = [
    ROOT / "CONTRIBUTING.md",
    DOCS / "architecture.md",
    DOCS / "changing.md",
    DOCS / "glossary.md",
    *sorted((DOCS / "decisions").glob("*.md")),
]
CHANGING = (DOCS / "changing.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## ([^\n]+)\n\n(.*?)(?=^## |\Z)", CHANGING, re.MULTILINE | re.DOTALL))
PROMISED = {"A finding": 5, "A plan key": 6, "A metric": 5, "A command": 4, "A protocol": 7}


def rooms_of(folder: str) -> set[str]:
    return {
        path.stem
        for path in (ROOT / folder).iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.stem.startswith("__")
    }


@pytest.mark.parametrize("page", OF_THE_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_module_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    files = re.findall(r"`((?:probe|tests|docs|config)/[\w./-]*)`", text)
    modules = re.findall(r"`(probe(?:\.\w+)+)`", text)
    missing = [name for name in files if not (ROOT / name).exists()]
    for name in modules:
        path = ROOT / name.replace(".", "/")
        missing += [] if path.with_suffix(".py").exists() or path.is_dir() else [name]
    assert missing == []


@pytest.mark.parametrize("page", OF_THE_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_map_names_every_room_of_the_house_and_of_the_judge() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    house = re.search(r"```\nprobe/\n(.*?)```", text, re.DOTALL)
    assert house is not None
    assert set(re.findall(r"^  (\w+)/", house[1], re.MULTILINE)) == rooms_of("probe")
    table = re.search(r"## A map of the judge\n(.*?)\n## ", text, re.DOTALL)
    assert table is not None
    cells = re.findall(r"^\| ([^|]+) \|", table[1], re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)/?`", cell)}
    assert named == rooms_of("probe/judge")


@pytest.mark.parametrize("recipe", PROMISED)
def test_a_recipe_needs_no_more_files_than_it_promises(recipe: str) -> None:
    assert len(re.findall(r"^\d+\. ", RECIPES[recipe], re.MULTILINE)) == PROMISED[recipe]
