"""The dashboards as JSON."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.domain import domain
from dashboards.itself import itself
from dashboards.overview import overview

_ROOT = Path(__file__).parents[2]

FOLDER = _ROOT / "deploy" / "helm" / "cutover-probe" / "dashboards"

FOLDERS = (FOLDER, _ROOT / "probe" / "cli" / "files" / "dashboards", _ROOT / "deploy" / "mixin" / "dashboards")
"""The chart's, the package's own, out of which `config dashboards` writes them, and the mixin's."""


def texts() -> dict[str, str]:
    """Give each file's text by its name."""
    boards = (overview(), domain(), itself())
    built = [board.build() for board in boards]
    return {
        f"{one.uid}.json": JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False).encode(one) + "\n" for one in built
    }
