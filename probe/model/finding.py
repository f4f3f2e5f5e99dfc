"""Something wrong or dangerous, in one sentence, with the evidence for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from probe.model.alert import Patience
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.word import Word


class FindingCode(Word):
    """The stable codes: contract of the alerts, the metrics, the API and the runbook."""

    FIGHT_SAME_OWNER = "fight-same-owner"
    FIGHT_MUTUAL_MIGRATION = "fight-mutual-migration"
    FIGHT_VERSION_MIX = "fight-version-mix"
    FIGHT_DELETE_CREATE = "fight-delete-create"
    FLIP_FLOP = "flip-flop"
    OUTAGE = "outage"
    DEAD_TARGET = "dead-target"
    MIXED_TARGET = "mixed-target"
    REVERTED = "reverted"
    FOREIGN_TARGET = "foreign-target"
    FAMILY_SPLIT = "family-split"
    PREMATURE = "premature"
    TAKEOVER_DELETES = "takeover-deletes"
    WEIGHTS_UNDECLARED = "weights-undeclared"
    SERVICE_FAILING = "service-failing"
    STALE_OWNER = "stale-owner"
    CONTESTED_ADDRESS = "contested-address"
    SERVER_DIVIDED = "server-divided"
    LAGGARD = "laggard"
    WEIGHTS_OFF = "weights-off"
    WEIGHTS_ONE_SIDED = "weights-one-sided"
    RESOLVER_LATE = "resolver-late"
    NEGATIVE_CACHED = "negative-cached"
    OWNER_NOT_RETURNED = "owner-not-returned"
    CONTRADICTING_OWNERS = "contradicting-owners"
    UNOWNED = "unowned"
    ORPHAN_TXT = "orphan-txt"
    DEFAULT_OWNER = "default-owner"
    PROBE_BLIND = "probe-blind"
    PROBE_BEHIND = "probe-behind"
    SERVER_FAILING = "server-failing"


class Severity(StrEnum):
    """How loud a finding is: critical pages, warning waits for the day, info is for the report."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Its place when the loudest come first, from 0."""
        return _RANK[self]

    def reaches(self, least: "Severity | None") -> bool:
        """Tell whether this is at least as loud as `least`; nothing reaches None."""
        return least is not None and _RANK[self] <= _RANK[least]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Link(Word):
    """The links of the chain from what a cluster wants to what a user reaches; a finding stands on one of them."""

    WANTED = "wanted"
    """What the clusters' Ingresses and the flags of their ExternalDNS ask for."""
    WRITTEN = "written"
    """What stands in the hosted zone, and who owns it."""
    SERVED = "served"
    """What the authoritative servers answer."""
    CACHED = "cached"
    """What resolvers answer."""
    REACHED = "reached"
    """What an HTTPS client gets from the load balancers."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What a finding code means wherever it is raised. The judge's declaration adds its rule.

    `breaks_soak`, `blocks_preflight`, `blocks_decommission` and `fails_check` give the least severity at which an open
    finding does so; None where it never does.

    Attributes:
        code: The stable code.
        severity: Its severity unless the evidence says otherwise.
        link: The link of the chain on which it stands.
        meaning: One sentence for a list of codes.
        remedy: What to do, in one sentence.
        inferred: Its cause is concluded from what was seen, unless the evidence says otherwise.
        patience: How patient its alert is.
        breaks_soak: The domain's soak begins anew.
        blocks_preflight: `preflight` fails; below that severity it warns.
        blocks_decommission: v1's Ingress must not be deleted.
        fails_check: `check` says "does not hold" whatever the domain's state is.
    """

    code: FindingCode
    severity: Severity
    link: Link
    meaning: str
    remedy: str
    patience: Patience
    inferred: bool = False
    breaks_soak: Severity | None = Severity.WARNING
    blocks_preflight: Severity | None = Severity.CRITICAL
    blocks_decommission: Severity | None = Severity.WARNING
    fails_check: Severity | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One open finding about one domain.

    Attributes:
        code: From the catalogue.
        severity: How loud.
        domain: Whom it is about.
        sentence: What happens, with names, in one sentence.
        remedy: What to do about it.
        since: Wall time (seconds) at which it was raised.
        evidence: A bounded list of what proves it, newest last.
        link: The link of the chain on which it stands.
        inferred: Its cause is concluded from what was seen; else it was seen itself.
    """

    code: FindingCode
    severity: Severity
    domain: DomainName
    sentence: str
    remedy: str
    since: float
    evidence: tuple[str, ...] = ()
    link: Link = Link.SERVED
    inferred: bool = False


class Awaited(NamedTuple):
    """A finding that holds and is not raised yet, or is gone and not cleared yet: its declared time has to pass first.

    Attributes:
        code: Which.
        since: Since when it holds; of an open one, since when it is gone.
    """

    code: FindingCode
    since: Instant
