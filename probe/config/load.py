"""A plan file to a `Plan`, or to everything that is wrong with it."""

import hashlib
from pathlib import Path

from probe.config import rules
from probe.config.convert import to_plan
from probe.config.document import read
from probe.config.format import Format
from probe.config.key import InvalidKey
from probe.config.mistakes import Mistake, PlanError
from probe.config.schema import PlanFile
from probe.config.source import checked, content_of, folder_of, text_content
from probe.model.plan import Plan

PLAN = Format(
    noun="plan",
    root=PlanFile,
    reference="docs/plan-file.md",
    start="what `cutover-probe config init` writes",
    first_key="vantage",
    depth=6,
    too_much="split it, and run one probe for each part",
)


def load(path: Path) -> Plan:
    """Read and check a plan file.

    Raises:
        PlanError: It cannot be read, or is not a good plan.
    """
    content = content_of(path, PLAN, PlanError)
    return _check(content.decode("utf-8"), path, hashlib.sha256(content).hexdigest())


def load_content(content: bytes, source: Path) -> Plan:
    """Check what was read from elsewhere than a file, such as standard input; `source` is named in messages.

    Raises:
        PlanError: It is not a good plan.
    """
    return parse(text_content(content, source, PLAN, PlanError).decode("utf-8"), source)


def parse(text: str, source: Path | None = None) -> Plan:
    """Check the text of a plan; `source` is named in messages, and relative paths start at its folder.

    Raises:
        PlanError: It is not a good plan.
    """
    return _check(text, source, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def doubts(content: bytes, source: Path) -> tuple[Mistake, ...]:
    """Tell what a good plan says and probably does not mean: no mistake, because what runs may be just so.

    Args:
        content: A plan that was loaded.
        source: Its name in messages.
    """
    complaints = rules.doubt(read(content.decode("utf-8"), PLAN))
    return tuple(Mistake(str(source), *one.position, one.message, one.remedy) for one in complaints)


def _check(text: str, source: Path | None, digest: str) -> Plan:
    file = checked(text, PlanFile, rules.check, kind=PLAN, source=source, error=PlanError)
    try:
        return to_plan(file, source=source, folder=folder_of(source), digest=digest)
    except InvalidKey as error:  # the key file was replaced since the rules looked at it
        name = str(source) if source is not None else PLAN.noun
        raise PlanError([Mistake(name, 1, 1, f"the key file {error}", error.remedy)]) from error
