"""What every end-to-end test starts from: the installed command."""

from pathlib import Path

import pytest

from tests.e2e.installed import build_wheel, install
from tests.workers import only_one, shared_by_workers


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `cutover-probe` that a user of the wheel would run: built and installed once, for all workers of a run."""
    place = shared_by_workers(tmp_path_factory) / "installed"
    with only_one(place.with_suffix(".lock")):
        installed = place / "venv" / "bin" / "cutover-probe"
        return installed if installed.exists() else install(build_wheel(place / "dist"), place / "venv")
