"""Internationalised domain names: what people write and read, and the A-labels that DNS has (RFC 5890, UTS 46)."""

from functools import lru_cache
from typing import TYPE_CHECKING

import idna

from probe.model.name import MAX_NAME_CHARACTERS, DomainName, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACE = "xn--"
"""What an A-label begins with (RFC 5890 section 2.3.2.5)."""

_WILDCARD = "*."

MAX_WRITTEN_CHARACTERS = 3 * MAX_NAME_CHARACTERS
"""Of a name before its conversion, which takes seconds for 40,000 characters where the installed idna has no bound of
its own: a letter that is written in its parts is at most three of them (U+01D6), and of a name one character at least.
"""


def to_a_labels(text: str) -> str:
    """Fold case, and convert U-labels by UTS 46: what browsers do with what people type.

    Args:
        text: A name without a leading `*`; nothing but its labels' letters is looked at.

    Raises:
        UnicodeError: It is too long, or no valid internationalised name (`idna.IDNAError` is one).
    """
    if text.isascii() and _ACE not in text.lower():
        return text.lower()
    if len(text) > MAX_WRITTEN_CHARACTERS:
        raise UnicodeError(f"{len(text):,} characters, and DNS allows {MAX_NAME_CHARACTERS}")
    return idna.encode(text, uts46=True).decode("ascii")


def as_typed(text: str) -> DomainName | None:
    """Give the name that somebody typed, who need not have meant one: None where no name can be meant.

    Args:
        text: Anything, of any length, from anybody.
    """
    if text.isascii():
        return canonical(text)
    bare = text.removeprefix(_WILDCARD)
    try:
        return canonical(text[: len(text) - len(bare)] + to_a_labels(bare))
    except UnicodeError:
        return None


def to_u_labels(name: str) -> str:
    """Write a name with its A-labels as people read them: what is searched in, never what is shown in its place.

    A U-label may look like another name's, so that pages and logs show A-labels. A label that is none stays as it is.
    """
    return name if _ACE not in name else _to_u_labels(name)


def folded(text: str) -> str:
    """Fold what is searched for, as UTS 46 folds names: case, width and composed letters; a part of a name will do."""
    if text.isascii():
        return text.lower()
    try:
        return idna.uts46_remap(text, std3_rules=False) or text.lower()
    except UnicodeError:
        return text.lower()


def is_part_of_any(text: str, names: "Iterable[str]") -> bool:
    """Tell whether folded text is a part of any of the names, as DNS has them or as people read them."""
    return any(text in name or text in to_u_labels(name) for name in names)


@lru_cache(maxsize=20_000)  # both names of as many domains as a plan has: a search decodes none again
def _to_u_labels(name: str) -> str:
    return ".".join(map(_to_u_label, name.split(".")))


def _to_u_label(label: str) -> str:
    if not label.startswith(_ACE):
        return label
    try:
        return label.removeprefix(_ACE).encode("ascii").decode("punycode")  # a tenth of the time that idna takes
    except UnicodeError:
        return label
