"""Where the project is at home: said here, and held to by tests in pyproject.toml, the README and the chart."""

from typing import Final

HOME: Final = "https://github.com/cutover-probe/cutover-probe"
"""The repository, without a slash at the end."""

RUNBOOK: Final = f"{HOME}/blob/main/docs/runbook.md"
"""The runbook as a page whose headings are anchors: where alerts lead when the plan names no other."""
