"""Domain names as the probe keeps them: absolute, lower case, A-labels (RFC 9499 section 2, RFC 5890)."""

from typing import NewType

DomainName = NewType("DomainName", str)
"""An absolute name in presentation format: lower case ASCII with the trailing dot, e.g. `app.example.com.`."""

ROOT = DomainName(".")

MAX_LABEL_OCTETS = 63
"""RFC 1035 section 2.3.4."""
MAX_NAME_OCTETS = 255
"""On the wire: each label with its length octet, and the root's (RFC 1035 section 2.3.4)."""
MAX_NAME_CHARACTERS = 253
"""Of presentation text without escapes and without the trailing dot: what 255 octets on the wire come to."""


def canonical(text: str) -> DomainName:
    """Make an absolute lower-case name of ASCII presentation text, with or without its trailing dot.

    Case is folded because names compare case-insensitively (RFC 4343). Nothing is validated: text from a person
    is checked by `probe.config`, text from a message by `probe.wire`.
    """
    lowered = text.lower()
    return DomainName(lowered if lowered.endswith(".") else lowered + ".")


def display(name: str) -> str:
    """Write a name as people and labels do: without the trailing dot (the root stays a dot)."""
    return name[:-1] if len(name) > 1 and name.endswith(".") else name


def is_within(name: DomainName, zone: DomainName) -> bool:
    """Tell whether `name` is `zone` or lies below it."""
    return zone in (ROOT, name) or name.endswith("." + zone)


def parent(name: DomainName) -> DomainName:
    r"""Give the name one label up; the root is its own parent. Escaped dots (`\.`) stay inside their label."""
    position = 0
    while position < len(name):
        if name[position] == "\\":
            position += 2
            continue
        if name[position] == ".":
            rest = name[position + 1 :]
            return DomainName(rest) if rest else ROOT
        position += 1
    return ROOT
