"""What a zone answers beside a domain: at names that nobody has, so that what a wildcard makes up can be told."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.question import RecordType


class WildcardAnswer(NamedTuple):
    """One answer at a name that nobody has.

    Attributes:
        name, rdtype: What was asked.
        exists: False for NXDOMAIN: no wildcard makes the name up.
        rdata: What the wildcard holds of that type; empty when it holds nothing.
        at: When it was last answered.
        since: Since when the name is made up, or is not any more; None while the first answer stands.
    """

    name: DomainName
    rdtype: RecordType
    exists: bool
    rdata: tuple[str, ...]
    at: Instant
    since: Instant | None = None
