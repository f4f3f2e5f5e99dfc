"""Whether v1's Ingress of a domain may be deleted, as JSON."""

from probe.web.facts.base import Fact, Names


class RequirementFact(Fact):
    """One precondition for deleting v1's Ingress; `holds` is null while that cannot be told."""

    precondition: str
    holds: bool | None
    sentence: str
    remedy: str


class DecommissionFact(Fact):
    """Whether v1's Ingress of the domain may be deleted.

    `safe` is about what can be seen, null while that cannot be told; `unseen` is for people to see to, and `leftovers`
    are TXT names to be deleted once v1's ExternalDNS is gone.
    """

    safe: bool | None
    requirements: tuple[RequirementFact, ...]
    unseen: tuple[str, ...]
    leftovers: Names
