"""What links to the project leads to one place, said once."""

import re
import tomllib
from pathlib import Path

import yaml

from probe.model.home import HOME, RUNBOOK

ROOT = Path(__file__).parents[2]


def test_the_runbook_is_a_page_of_the_repository() -> None:
    assert RUNBOOK.startswith(f"{HOME}/blob/main/")
    assert (ROOT / RUNBOOK.removeprefix(f"{HOME}/blob/main/")).is_file()


def test_the_package_names_its_pages() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]

    assert urls.keys() >= {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all(url.startswith(HOME) for url in urls.values())


def test_the_chart_names_where_it_comes_from() -> None:
    chart = yaml.safe_load((ROOT / "deploy/helm/cutover-probe/Chart.yaml").read_text(encoding="utf-8"))

    assert chart["home"] == HOME
    assert chart["sources"] == [HOME]


def test_the_readme_leads_there_from_everywhere() -> None:
    """PyPI shows the README without the files beside it: a relative link would lead nowhere."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", text)

    assert targets
    for target in targets:
        assert target.startswith((f"{HOME}/blob/main/", f"{HOME}/tree/main/", f"{HOME}/raw/main/", "https://", "#")), (
            target
        )
        if target.startswith(HOME):
            path = re.sub(r"#.*", "", target.removeprefix(HOME)).split("/", 3)[3]
            assert (ROOT / path).exists(), target
