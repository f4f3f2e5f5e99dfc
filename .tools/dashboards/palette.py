"""The status page's colours, which are told apart without red and green: a state looks the same on both."""

import re
from pathlib import Path

_STYLES = Path(__file__).parents[2] / "probe" / "web" / "static"

STATES = ("unknown", "v1", "v2", "weighted", "propagating", "divided", "foreign", "absent", "flapping")
"""From what says least to what is worst: where vantages disagree, the worst word is shown. The index is the code."""

CLASSES = ("failed", "v1", "v2", "mixed", "nodata", "nxdomain", "foreign")
"""Answer classes, in the same order."""

SEVERITIES = ("info", "warning", "critical")


def _read() -> dict[str, str]:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(_STYLES.glob("*.css")))
    light, _, _ = text.partition("prefers-color-scheme: dark")
    return dict(re.findall(r"--([a-z0-9]+): *(#[0-9a-f]{3,6})\b", light))


PAGE = _read()
"""Custom properties of the page's light scheme."""

COLOURS = {name: PAGE[name] for name in (*STATES, *SEVERITIES)} | {
    "mixed": PAGE["weighted"],
    "nodata": PAGE["absent"],
    "nxdomain": PAGE["absent"],
    "failed": PAGE["unknown"],
    "moving": PAGE["propagating"],
    "good": PAGE["v2"],
    "plain": PAGE["v1"],
}
