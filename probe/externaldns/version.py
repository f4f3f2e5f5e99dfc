"""What differs between the versions of ExternalDNS: the one table of it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from probe.model.external_dns import Policy


class Version(NamedTuple):
    """A release of ExternalDNS; compares in release order."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Write it as the release's tag."""
        return f"v{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Read a tag such as `v0.22.0`. Raises ValueError for anything else."""
        major, minor, patch = text.removeprefix("v").split(".")
        return cls(int(major), int(minor), int(patch))


V0_15_1 = Version(0, 15, 1)
V0_21_0 = Version(0, 21, 0)
V0_22_0 = Version(0, 22, 0)
V0_23_0 = Version(0, 23, 0)

OLDEST_VERSION = Version(0, 12, 0)
"""The oldest version that is played without a word: those before it kept ownership at the record's own name alone."""

POSSIBLE = (V0_21_0, V0_22_0)
"""What a version that nobody told may be: since v0.12.0 they read alike but for the alias A, until v0.21 and since
v0.22 (#6523). Older ones are five years old, and have to be told."""

NEWEST_VERSION = (0, 23)
"""The newest minor version whose habits are known; a later one is taken for it."""

_PATCHES = {12: (0, 1, 2), 13: (0, 1, 2, 4, 5, 6), 14: (0, 1, 2), 15: (0, 1), 16: (0, 1)}
"""Patch releases of each minor version since v0.12 that has more than its first one, by the project's tags."""

MAY_BE = (*POSSIBLE, Version(*NEWEST_VERSION, 0))
"""What a version that nobody told may be, one for each way to read, take over and delete since v0.16."""


def is_unknown_patch(version: tuple[int, int, int]) -> bool:
    """Tell whether a version is of a minor version whose habits are known, and no release of it that is known.

    It was never released, or is newer than this table; its minor version's habits are assumed.
    """
    major, minor, patch = version
    return version >= OLDEST_VERSION and (major, minor) <= NEWEST_VERSION and patch not in _PATCHES.get(minor, (0,))


@dataclass(frozen=True, slots=True)
class Dialect:
    """The habits of one version that show in DNS.

    Attributes:
        typed_txt: The TXT of a record has its type in the name (since v0.12); before, it stood at the
            record's own name.
        bare_txt: Beside the typed TXT it writes one at the record's own name (until v0.17; #5172 dropped it).
        alias_txt_type: The type in the name of an alias A record's TXT: `CNAME` until v0.21, `A` since v0.22 (#6523).
        alias_aaaa: An AAAA alias goes beside every A alias (since v0.16, #5111).
        keeps_existing_txt: A create leaves a TXT alone that exists at the wanted name, whoever owns it (since v0.19,
            #5459; the origin of #6617).
        migrates_owner: It knows --migrate-from-txt-owner (since v0.20, #4823).
        matches_parent: It knows --aws-zone-match-parent (since v0.14.1).
        deletes_as_stored: What it has taken over by that flag and does not want, it deletes with the TXT value that the
            zone holds (since v0.23); before, with its own owner id, and Route 53 refuses that.
        default_policy: What `--policy` is when nobody sets it: sync until v0.21; since v0.22 it has to be set.
        annotation_prefix: The default of --annotation-prefix: what annotations begin with, without a fallback.
    """

    typed_txt: bool
    bare_txt: bool
    alias_txt_type: str
    alias_aaaa: bool
    keeps_existing_txt: bool
    migrates_owner: bool
    matches_parent: bool
    deletes_as_stored: bool
    default_policy: Policy | None
    annotation_prefix: str


@lru_cache(maxsize=64)  # asked of a handful, some ten times for each sync
def dialect(version: Version) -> Dialect:
    """Tell the habits of a version.

    Held against recordings of v0.15.1, v0.21.0, v0.22.0 and of v0.23.0's registry; by the changelog between them.
    """
    return Dialect(
        typed_txt=version >= (0, 12, 0),
        bare_txt=version < (0, 18, 0),
        alias_txt_type="A" if version >= (0, 22, 0) else "CNAME",
        alias_aaaa=version >= (0, 16, 0),
        keeps_existing_txt=version >= (0, 19, 0),
        migrates_owner=version >= (0, 20, 0),
        matches_parent=version >= (0, 14, 1),
        deletes_as_stored=version >= (0, 23, 0),
        default_policy=Policy.SYNC if version < (0, 22, 0) else None,
        annotation_prefix=(
            "external-dns.kubernetes.io/" if version >= (0, 22, 0) else "external-dns.alpha.kubernetes.io/"
        ),
    )
