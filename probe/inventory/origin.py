"""Where a value was found, and what could not be read there."""

from typing import NamedTuple

from probe.config.mistakes import quoted

_MAX_SHOWN = 200  # characters of a path; longer ones say nothing more to people


def shown(text: object) -> str:
    """Write text that others wrote, on one line: bounded, and without characters that would steer a terminal or YAML.

    Manifests are input of strangers: a host of a thousand characters or an escape sequence in a path is shown as such.
    """
    raw = str(text)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in raw[:_MAX_SHOWN])
    return f"{safe}…" if len(raw) > _MAX_SHOWN else safe


class Origin(NamedTuple):
    """A place in what was read.

    Attributes:
        file: The file as it was named; `<standard input>` for a stream.
        line: Counted from 1; 0 where a format has no lines.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        """Write it in the form that editors and CI jobs turn into a link."""
        return f"{shown(self.file)}:{self.line}" if self.line else shown(self.file)


class Notice(NamedTuple):
    """Something that was not read, or not understood, so that nothing is lost in silence.

    Attributes:
        origin: Where.
        sentence: What it is, and what to do about it.
        is_gap: Something may be missing for it: hosts, or an ExternalDNS.
    """

    origin: Origin
    sentence: str
    is_gap: bool = False

    def __str__(self) -> str:
        """Write it on one line."""
        return f"{self.origin}: {self.sentence}"


def named(text: object) -> str:
    """Quote text out of a manifest for a sentence: bounded and harmless."""
    return quoted(text)
