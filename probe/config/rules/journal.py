"""The rule about what is kept: a place for the journal."""

from collections.abc import Iterator
from pathlib import Path

from probe.config.mistakes import Complaint, quoted
from probe.config.rules.part import Part, Rule


def journal_has_a_folder(plan: Part) -> Iterator[Complaint]:
    """A journal that cannot be made would only show as a probe that forgets."""
    path = plan["state"]["path"]
    if not path.text or not path.text.isprintable():
        return
    place = plan.document.folder / path.text
    if place.is_dir():
        yield path.complain(f"{quoted(path.text)} is a folder", "name a file in it")
    elif not place.parent.is_dir():
        parent = Path(path.text).parent  # as it is written: a long absolute path would be cut where it differs
        yield path.complain(
            f"the folder {quoted(parent)} does not exist",
            "make it, or correct the path (a relative one starts at the plan's folder)",
        )


STATE_RULES: tuple[Rule, ...] = (journal_has_a_folder,)
