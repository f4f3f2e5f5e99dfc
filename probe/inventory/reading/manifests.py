"""The edge: manifests of a folder, of a file, or of standard input."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from probe.config.mistakes import STREAM
from probe.inventory.origin import Notice, Origin
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects, read_objects

_MANIFEST_SUFFIXES = (".yaml", ".yml", ".json")

MAX_FILES = 50_000
"""Files of one folder: a monorepo of every team has fewer manifests."""

_MAX_NESTING = 64  # folders; a link that leads upwards is not followed, and this is for the rest


class UnreadableSource(Exception):  # noqa: N818  it is one argument that cannot be used
    """A source that gives nothing at all: the message is a sentence."""


def read_manifests(where: str, budget: Budget | None = None, stream: BinaryIO | None = None) -> Objects:
    """Read every manifest of a folder, a file, or (for `-`) of standard input.

    Raises:
        UnreadableSource: There is no such folder or file, or it is a pipe or a device.
    """
    budget = budget or Budget()
    notices: list[Notice] = []
    if where == "-":
        source = stream if stream is not None else sys.stdin.buffer
        content = source.read(budget.octets + 1)
        texts: Iterator[tuple[str, str]] = iter([(STREAM, _decoded(STREAM, content, budget, notices))])
    else:
        root = Path(where)
        if not root.exists():
            raise UnreadableSource(f"there is neither a folder nor a file {where!r}")
        if not root.is_dir() and not root.is_file():
            raise UnreadableSource(f"{where!r} is neither a folder nor a regular file; `-` reads standard input")
        texts = _texts(root, budget, notices)
    objects = read_objects(texts, budget)
    objects.notices[:0] = notices
    return objects


def _texts(root: Path, budget: Budget, notices: list[Notice]) -> Iterator[tuple[str, str]]:
    left = budget.octets
    for path in [root] if root.is_file() else _files(root, notices):
        name = str(path)
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # nothing may ever come of a pipe, and no end of a device
                notices.append(Notice(Origin(name), "this is no regular file: it was skipped", is_gap=True))
                continue
            with path.open("rb") as file:
                content = file.read(left + 1)
        except OSError as error:
            notices.append(
                Notice(Origin(name), f"this file cannot be read ({(error.strerror or 'unknown').lower()})", is_gap=True)
            )
            continue
        if len(content) > left:
            notices.append(
                Notice(
                    Origin(name),
                    f"more than {budget.octets:,} octets were read already: this file was skipped",
                    is_gap=True,
                )
            )
            continue
        left -= len(content)
        yield name, _decoded(name, content, budget, notices)


def _decoded(name: str, content: bytes, budget: Budget, notices: list[Notice]) -> str:
    if len(content) > budget.octets:
        notices.append(Notice(Origin(name), f"only the first {budget.octets:,} octets were read", is_gap=True))
        content = content[: budget.octets]
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        notices.append(
            Notice(
                Origin(name, line), f"the byte 0x{content[error.start]:02x} is not UTF-8; what cannot be read is `�`"
            )
        )
        return content.decode("utf-8", "replace")


def _files(root: Path, notices: list[Notice]) -> Iterator[Path]:
    """Go through a folder in the order of names; hidden folders and what links lead to are left out."""
    count = 0
    for folder, folders, files in os.walk(root):
        path = Path(folder)
        depth = len(path.relative_to(root).parts)
        folders[:] = sorted(one for one in folders if not one.startswith(".") and depth < _MAX_NESTING)
        for name in sorted(files):
            if not name.lower().endswith(_MANIFEST_SUFFIXES) or name.startswith("."):
                continue
            count += 1
            if count > MAX_FILES:
                notices.append(
                    Notice(
                        Origin(str(root)), f"it has more than {MAX_FILES:,} manifests: the rest was left", is_gap=True
                    )
                )
                return
            yield path / name
