"""Whether v1's Ingress of a domain may be deleted, as JSON."""

from pydantic import AliasPath, Field

from probe.web.facts.base import Fact, Moment, Names


class RequirementFact(Fact):
    """One precondition for deleting v1's Ingress; `holds` is null while that cannot be told."""

    precondition: str = Field(validation_alias="name")
    holds: bool | None = Field(validation_alias=AliasPath("outcome", "holds"))
    sentence: str
    remedy: str


class DecommissionFact(Fact):
    """Whether v1's Ingress of the domain may be deleted.

    `safe` is about what can be seen, null while that cannot be told; `unseen` is for people to see to, and `leftovers`
    are TXT names to be deleted once v1's ExternalDNS is gone, `other_view_leftovers` those in the zone of the name's
    other view, public or private. `at` is when it will be safe, where time alone is missing:
    caches, and the soak.
    """

    safe: bool | None = Field(validation_alias=AliasPath("outcome", "holds"))
    requirements: tuple[RequirementFact, ...] = Field(validation_alias="checks")
    unseen: tuple[str, ...]
    leftovers: Names
    other_view_leftovers: Names = Field(validation_alias="other_leftovers")
    at: Moment


class WaveDecommissionFact(Fact):
    """Whether v1's Ingresses of a wave may be deleted, or when: `at` only where time alone is missing."""

    safe: bool | None = Field(validation_alias=AliasPath("outcome", "holds"))
    at: Moment
    sentence: str
