"""Runs that were played, kept as lines of JSON: a long benchmark can be stopped and gone on with, or added to.

A run counts as long as the code that made it is the code that is here: each line carries a digest of both.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.detection.run import Outcome

ROOT = Path(__file__).parents[2]
SOURCES = ("probe/judge", "probe/model", "tests/detection", "tests/judge")


def code_digest() -> str:
    """Give a digest of everything that decides what a run says."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if not path.name.startswith("test_") and path.name not in {"report.py", "__main__.py"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Results:
    """A file of runs, or none: then nothing is remembered beyond this process."""

    def __init__(self, path: Path | None, purpose: str) -> None:
        self._path = path
        self._key = f"{purpose}/{code_digest()}"
        self.outcomes: list[Outcome] = list(self._read())

    def missing(self, case: str, count: int) -> list[int]:
        """Give the numbers below `count` of a case that were not played yet."""
        played = {outcome.number for outcome in self.outcomes if outcome.case == case}
        return [number for number in range(count) if number not in played]

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Remember some more."""
        fresh = list(outcomes)
        self.outcomes += fresh
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({"key": self._key, **outcome.as_json()}) + "\n" for outcome in fresh)

    def _read(self) -> Iterator[Outcome]:
        if self._path is None or not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry.pop("key") == self._key:
                yield Outcome(**entry | {"false": tuple(entry["false"])})
