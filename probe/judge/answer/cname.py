"""Where an answer section leads: its CNAME chain, followed within the one message (RFC 1034 section 3.6.2)."""

from typing import NamedTuple

from probe.model.name import DomainName
from probe.model.outcome import Response

MAX_LINKS = 8
"""CNAMEs followed at most: resolvers give up between 8 and 16, and a loop must end."""


class ChainEnd(NamedTuple):
    """The end of a chain.

    Attributes:
        targets: The CNAME targets on the way, in their order; empty when the question's own name was answered.
        rdata: The records of the asked type at the end; empty when the message holds none there.
    """

    targets: tuple[DomainName, ...]
    rdata: tuple[str, ...]


def follow(response: Response, name: DomainName, rdtype: str) -> ChainEnd:
    """Follow `name` through the answer section to the records of `rdtype`."""
    targets: list[DomainName] = []
    while True:
        cname = None
        for rrset in response.answer:
            if rrset.name == name:
                if rrset.rdtype == rdtype:
                    return ChainEnd(tuple(targets), rrset.rdata)
                if rrset.rdtype == "CNAME" and rrset.rdata:
                    cname = DomainName(rrset.rdata[0])
        if cname is None or cname in targets or len(targets) >= MAX_LINKS:
            return ChainEnd(tuple(targets), ())
        targets.append(cname)
        name = cname
