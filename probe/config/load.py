"""A plan file to a `Plan`, or to everything that is wrong with it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from probe.config import rules
from probe.config.convert import to_plan
from probe.config.document import MAX_BYTES, Document, read
from probe.config.explain import explain
from probe.config.mistakes import Complaint, Mistake, PlanError
from probe.config.schema import PlanFile
from probe.config.syntax import Unreadable
from probe.model.plan import Plan

_NO_FILE = "<plan>"


def load(path: Path) -> Plan:
    """Read and check a plan file.

    Raises:
        PlanError: It cannot be read, or is not a good plan.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise _refusal(
            path, f"the plan cannot be read ({reason})", "check the path and the file's permissions"
        ) from error
    if len(content) > MAX_BYTES:
        raise _refusal(path, f"the plan is larger than {MAX_BYTES} bytes", "split it, and run one probe for each part")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8")) + 1
        raise PlanError(
            [
                Mistake(
                    str(path),
                    line,
                    column,
                    f"the byte 0x{content[error.start]:02x} is not UTF-8",
                    "save the file as UTF-8 (Windows editors offer UTF-16 and code pages as well)",
                )
            ]
        ) from error
    return _check(text, path, hashlib.sha256(content).hexdigest())


def parse(text: str, source: Path | None = None) -> Plan:
    """Check the text of a plan; `source` is named in messages, and relative paths start at its folder.

    Raises:
        PlanError: It is not a good plan.
    """
    return _check(text, source, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _refusal(path: Path, message: str, remedy: str) -> PlanError:
    return PlanError([Mistake(str(path), 1, 1, message, remedy)])


def _check(text: str, source: Path | None, digest: str) -> Plan:
    folder = source.parent if source is not None else Path()
    complaints: list[Complaint] = []
    file: PlanFile | None = None
    try:
        document = read(text)
    except Unreadable as error:
        complaints.append(error.complaint)
    else:
        document.folder = folder
        complaints += document.complaints
        try:
            file = PlanFile.model_validate(document.value)
        except ValidationError as error:
            complaints += _explained(error, document)
        complaints += rules.check(document)
    if complaints or file is None:
        name = _NO_FILE if source is None else str(source)
        raise PlanError(
            Mistake(name, *complaint.position, complaint.message, complaint.remedy) for complaint in complaints
        )
    return to_plan(file, source=source, folder=folder, digest=digest)


def _explained(error: ValidationError, document: Document) -> Iterator[Complaint]:
    for item in error.errors(include_url=False):
        if not document.is_broken(item["loc"]):  # YAML itself was complained about there
            yield explain(item, document)
