"""What the documents show is run: plans load, commands exist, links lead somewhere."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from probe.cli.main import root
from probe.config.load import parse
from probe.model.external_dns import Policy
from probe.model.plan import Weights

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/**/*.md")])
IDS = [str(document.relative_to(ROOT)) for document in DOCUMENTS]


def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def _commands(document: Path) -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", _text(document), re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ").split("   #")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`(cutover-probe [^`]*)`", _text(document))
    return sorted({line for line in (*lines, *inline) if line.startswith("cutover-probe ")})


COMMANDS = [(document, command) for document in DOCUMENTS for command in _commands(document)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=IDS)
def test_links_between_documents_lead_to_files_that_exist(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", _text(document)):
        assert (document.parent / target).exists(), target


def test_the_plan_in_the_readme_is_a_plan() -> None:
    (text,) = re.findall(r"^```yaml\n(vantage:.*?)^```", _text(ROOT / "README.md"), re.MULTILINE | re.DOTALL)
    assert [wave.name for wave in parse(text).waves] == ["internal-tools", "core-api"]


def _started(folder: Path) -> str:
    written = CliRunner().invoke(root, ["config", "init", str(folder / "plan.yaml")])
    assert written.exit_code == 0, written.output
    return (folder / "plan.yaml").read_text(encoding="utf-8")


@pytest.mark.case("E3")
def test_no_plan_that_is_shown_is_the_mix_of_versions_that_the_documents_warn_of(tmp_path: Path) -> None:
    """Nor does one of them take over with a policy that deletes what has not moved."""
    (shown,) = re.findall(r"^```yaml\n(vantage:.*?)^```", _text(ROOT / "README.md"), re.MULTILINE | re.DOTALL)
    (walked, *_) = re.findall(r"^```yaml\n(.*?)^```", _text(ROOT / "docs" / "migration.md"), re.MULTILINE | re.DOTALL)
    shipped = _text(ROOT / "config" / "example.yaml")
    for text in (shown, walked, shipped, _started(tmp_path)):
        plan = parse(text)
        sides = [setup for side in (plan.v1, plan.v2) for setup in (side.external_dns, *side.more_external_dns)]
        assert len({setup.version for setup in sides} - {None}) == 1
        taking_over = [setup for setup in sides if setup.migrate_from_txt_owner]
        assert taking_over
        assert {setup.policy for setup in taking_over} == {Policy.UPSERT_ONLY}


def test_the_plan_of_the_walk_through_a_migration_is_a_plan_and_so_is_its_weighted_wave() -> None:
    plan, waves = re.findall(r"^```yaml\n(.*?)^```", _text(ROOT / "docs" / "migration.md"), re.MULTILINE | re.DOTALL)
    assert len(parse(plan).waves) == 4
    assert parse(plan[: plan.index("waves:")] + waves).waves[0].domains[0].weights == Weights(90, 10)


@pytest.mark.parametrize(("document", "command"), COMMANDS, ids=[command for _, command in COMMANDS])
def test_a_command_that_is_shown_exists_with_its_options(document: Path, command: str) -> None:
    words = shlex.split(command)[1:]
    path = [word for word in words if not word.startswith("-")]
    options = [word for word in words if word.startswith("--")]
    named = next((path[:length] for length in (2, 1) if _help(path[:length]) is not None), None)
    assert named is not None, f"{document.name}: {command}"
    told = _help(named) or ""
    for option in options:
        assert re.search(rf"(?<!\S){re.escape(option)}(?![\w-])", told), f"{document.name}: {option}"


def _help(path: list[str]) -> str | None:
    result = CliRunner().invoke(root, [*path, "--help"])
    return result.output if result.exit_code == 0 else None


def test_make_has_every_target_that_the_documents_name() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"(?:`|\$ )make ([a-z-]+)", _text(document))}
    assert named
    assert named <= targets


def test_every_command_is_shown_in_some_document() -> None:
    shown = {tuple(shlex.split(command)[1:3]) for _, command in COMMANDS}
    for name, command in root.commands.items():
        for below in command.commands if isinstance(command, click.Group) else [None]:
            assert any(words[: 1 if below is None else 2] == ((name, below) if below else (name,)) for words in shown)
