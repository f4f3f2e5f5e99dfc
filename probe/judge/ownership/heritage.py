r"""What an ownership TXT says, read as ExternalDNS reads it (`endpoint/labels.go`).

`"heritage=external-dns,external-dns/owner=<id>,external-dns/resource=<kind>/<namespace>/<name>"`: strip the quotes,
split at commas, `key=value` at the first `=`, ignore tokens that are nothing of this: that is the model's own reading
(`probe.externaldns.labels`), and what is here is what real answers need beside it. A value whose heritage is missing or
another's is an ordinary TXT. ExternalDNS takes the first value of an RRset only; here every value is read, because two
that disagree are a finding (RFC 2136 providers leave both behind).

An encrypted value (`endpoint/crypto.go`) is base64 of a nonce, a gzip of the text, and a tag, by AES-256-GCM. With the
plan's key it is opened and reads like any other; a value that the key does not open is read as plain, as ExternalDNS
does. What is left has no readable owner, but it is recognised by its form: `opaque` counts such values. Every write
takes a fresh nonce, so an encrypted value changes with each write, whatever it says.
"""

from binascii import a2b_base64
from typing import NamedTuple

from probe.externaldns.labels import OWNER, RESOURCE, labels_of, may_be_sealed
from probe.model.external_dns import Unseal
from probe.model.ownership import TxtOwner

MAX_OWNER_TEXT = 128
"""Characters kept of an owner or a resource: as long as an owner id may be in the plan, so that none is another one for
being cut. The writer of a TXT record chooses this text, so what is shown and exported of it is cut, and marked as cut:
no owner id of the plan ends so."""

CUT = "..."
"""The end of a text that is longer."""

MAX_OWNERS = 8
"""Owners read of one RRset: more than two is a mistake already."""

MAX_VALUE = 4096
"""Characters of one value that are looked at; Route 53 holds at most 4,000."""

MIN_SEALED, MAX_SEALED = 72, 600
"""Octets of an encrypted value: nonce 12, tag 16, gzip's frame 18, and the compressed text: 26 for the shortest
heritage, below 554 for names of the greatest length. Shorter base64 is another tool's token."""

_DECIMAL_ESCAPE = 3  # digits of `\DDD`, RFC 1035 section 5.1


class Heritage(NamedTuple):
    """What the values of one TXT RRset say: the owners in order, and how many values may be encrypted ownership."""

    owners: tuple[TxtOwner, ...]
    opaque: int


def read(values: tuple[str, ...], unseal: Unseal | None = None) -> Heritage:
    """Read the values of one TXT RRset in presentation format (RFC 1035 section 5.1).

    Args:
        values: The values.
        unseal: Opens encrypted ones, when there is a key.
    """
    # ExternalDNS strips the quotes that its Route 53 provider carries inside the value, too.
    texts = [_opened(text_of(value).strip('"'), unseal) for value in values]
    found = (_owner(text) for text in texts)
    return Heritage(tuple(owner for owner in found if owner is not None)[:MAX_OWNERS], sum(map(_is_opaque, texts)))


def may_be_ours(value: str) -> bool:
    """Tell whether a value is, or may be, an ExternalDNS' ownership."""
    return "heritage=" in value or _is_opaque(text_of(value).strip('"'))


def text_of(value: str) -> str:
    r"""Join the character strings of one TXT value and undo their escapes; unprintable octets become `\DDD` again.

    `"heritage=external-dns,external-" "dns/owner=a"` reads as one text: the strings of a record have no meaning apart.
    """
    text: list[str] = []
    position, end = 0, min(len(value), MAX_VALUE)
    quoted = False
    while position < end:
        character = value[position]
        position += 1
        if character == "\\":
            digits = value[position : position + _DECIMAL_ESCAPE]
            if len(digits) == _DECIMAL_ESCAPE and digits.isascii() and digits.isdigit():
                text.append(_printable(chr(int(digits))))
                position += _DECIMAL_ESCAPE
            elif position < end:
                text.append(_printable(value[position]))
                position += 1
        elif character == '"':
            quoted = not quoted
        elif quoted or character != " ":
            text.append(_printable(character))
    return "".join(text)


def _opened(text: str, unseal: Unseal | None) -> str:
    if unseal is None or not may_be_sealed(text):
        return text
    opened = unseal(text)
    return text if opened is None else "".join(map(_printable, opened[:MAX_VALUE]))


def _owner(text: str) -> TxtOwner | None:
    labels = labels_of(text) or {}
    owner = labels.get(OWNER)
    if not owner:
        return None
    resource = labels.get(RESOURCE)
    return TxtOwner(_cut(owner), _cut(resource) if resource else None)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_OWNER_TEXT else text[:MAX_OWNER_TEXT] + CUT


def _is_opaque(text: str) -> bool:
    if len(text) % 4 or not may_be_sealed(text):
        return False
    return MIN_SEALED <= len(a2b_base64(text)) <= MAX_SEALED


def _printable(character: str) -> str:
    return character if " " <= character <= "~" else f"\\{ord(character) % 1000:03d}"
