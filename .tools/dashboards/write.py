"""The dashboards as JSON."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.domain import domain
from dashboards.itself import itself
from dashboards.overview import overview

FOLDER = Path(__file__).parents[2] / "deploy" / "helm" / "cutover-probe" / "dashboards"


def texts() -> dict[str, str]:
    """Give each file's text by its name."""
    boards = (overview(), domain(), itself())
    built = [board.build() for board in boards]
    return {
        f"{one.uid}.json": JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False).encode(one) + "\n" for one in built
    }
