"""Internationalised domain names: what people write and read, and the A-labels that DNS has (RFC 5890, UTS 46)."""

from typing import TYPE_CHECKING

import idna

from probe.model.name import MAX_NAME_CHARACTERS, DomainName, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

_ACE = "xn--"
"""What an A-label begins with (RFC 5890 section 2.3.2.5)."""

_WILDCARD = "*."


def to_a_labels(text: str) -> str:
    """Fold case, and convert U-labels by UTS 46: what browsers do with what people type.

    Args:
        text: A name without a leading `*`; nothing but its labels' letters is looked at.

    Raises:
        UnicodeError: It is no valid internationalised name (`idna.IDNAError` is one).
    """
    if text.isascii() and _ACE not in text.lower():
        return text.lower()
    return idna.encode(text, uts46=True).decode("ascii")


def as_typed(text: str) -> DomainName | None:
    """Give the name that somebody typed, who need not have meant one: None where no name can be meant.

    Args:
        text: Anything, of any length, from anybody.
    """
    if text.isascii():
        return canonical(text)
    bare = text.removeprefix(_WILDCARD)
    if len(bare) > MAX_NAME_CHARACTERS:  # before it is converted: that takes time for each character
        return None
    try:
        return canonical(text[: len(text) - len(bare)] + to_a_labels(bare))
    except UnicodeError:
        return None


def to_u_labels(name: str) -> str:
    """Write a name with its A-labels as people read them: what is searched in, never what is shown in its place.

    A U-label may look like another name's, so that pages and logs show A-labels. A label that is none stays as it is.
    """
    if _ACE not in name:
        return name
    return ".".join(map(_to_u_label, name.split(".")))


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


def _to_u_label(label: str) -> str:
    if not label.startswith(_ACE):
        return label
    try:
        return label.removeprefix(_ACE).encode("ascii").decode("punycode")  # a tenth of the time that idna takes
    except UnicodeError:
        return label
