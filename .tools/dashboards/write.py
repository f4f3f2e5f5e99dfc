"""The dashboards as JSON."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.domain import domain
from dashboards.itself import itself
from dashboards.overview import overview

_ROOT = Path(__file__).parents[2]

FOLDER = _ROOT / "deploy" / "helm" / "cutover-probe" / "dashboards"

FOLDERS = (FOLDER, _ROOT / "probe" / "cli" / "files" / "dashboards")
"""The chart's, and the package's own, out of which `config dashboards` writes them."""


def texts() -> dict[str, str]:
    """Give each file's text by its name."""
    boards = (overview(), domain(), itself())
    built = [board.build() for board in boards]
    return {
        f"{one.uid}.json": JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False).encode(one) + "\n" for one in built
    }
