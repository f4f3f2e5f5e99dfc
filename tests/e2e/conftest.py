"""What every end-to-end test starts from: the installed command."""

from pathlib import Path

import pytest

from tests.e2e.installed import build_wheel, install


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `cutover-probe` that a user of the wheel would run."""
    place = tmp_path_factory.mktemp("installed")
    return install(build_wheel(place / "dist"), place / "venv")
