"""The facts about findings over all domains, about their codes, and about resolvers over all domains."""

from probe.web.facts.base import Fact
from probe.web.facts.domain import FindingFact


class FindingList(Fact):
    """One page of the open findings, the worst first, then the newest; `next` leads to the page after it."""

    findings: tuple[FindingFact, ...]
    total: int
    next: str | None


class CodeFact(Fact):
    """What a finding code means wherever it is raised."""

    code: str
    severity: str
    link: str
    meaning: str
    remedy: str
    runbook_url: str | None


class Catalogue(Fact):
    """Every code that can be raised."""

    findings: tuple[CodeFact, ...]


class ResolverSummary(Fact):
    """One address of a resolver, and what it says over all records of all domains; records by word."""

    name: str
    address: str
    transport: str
    client_subnet: str | None
    records: int
    silent: int
    answers: dict[str, int]
    verdicts: dict[str, int]


class ResolverList(Fact):
    """All resolvers that are watched, in the plan's order."""

    resolvers: tuple[ResolverSummary, ...]


class Problem(Fact):
    """Why a request was not answered (RFC 9457): `detail` is the sentence to read."""

    type: str
    title: str
    status: int
    detail: str
