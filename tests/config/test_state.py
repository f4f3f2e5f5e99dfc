"""Where the journal is to be: a folder that does not exist is a mistake of the plan."""

from pathlib import Path

import pytest

from probe.config.load import load, parse
from probe.config.mistakes import PlanError
from tests.config.plans import text


@pytest.mark.case("F14")
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/nonexistent/folder/x.db", "the folder `/nonexistent/folder` does not exist"),
        ("not-there/x.db", "the folder `not-there` does not exist"),
        (".", "`.` is a folder"),
        ("plan.yaml/x.db", "the folder `plan.yaml` does not exist"),
    ],
)
def test_a_journal_that_has_no_folder_is_a_mistake_with_its_place(path: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(text(more=f"state: {{path: {path}}}\n"), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load(file)
    (mistake,) = caught.value.mistakes
    assert sentence in mistake.message
    assert file.read_text(encoding="utf-8").splitlines()[mistake.line - 1][mistake.column - 1 :].startswith(path)


def test_a_folder_that_is_there_is_enough(tmp_path: Path) -> None:
    assert parse(text(more=f"state: {{path: {tmp_path / 'new.db'}}}\n")).state.path == tmp_path / "new.db"
