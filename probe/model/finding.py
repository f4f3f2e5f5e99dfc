"""Something wrong or dangerous: a headline, what to do first, labelled facts, and the evidence for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from probe.model.advice import ANYWHERE, UNLISTED, USUAL, Advise, OtherAdvice
from probe.model.alert import Patience
from probe.model.clock import Instant
from probe.model.first_step import NO_STEP, FirstStep
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
    WANTED_TWICE = "wanted-twice"
    WEIGHTS_UNDECLARED = "weights-undeclared"
    SERVICE_FAILING = "service-failing"
    STALE_OWNER = "stale-owner"
    CONTESTED_ADDRESS = "contested-address"
    SERVER_DIVIDED = "server-divided"
    LAGGARD = "laggard"
    WEIGHTS_OFF = "weights-off"
    WEIGHTS_ONE_SIDED = "weights-one-sided"
    RESOLVER_LATE = "resolver-late"
    RESOLVER_WRONG = "resolver-wrong"
    NEGATIVE_CACHED = "negative-cached"
    OWNER_NOT_RETURNED = "owner-not-returned"
    OWNER_CASE = "owner-case"
    FOREIGN_OWNER = "foreign-owner"
    CONTRADICTING_OWNERS = "contradicting-owners"
    UNOWNED = "unowned"
    UNWANTED = "unwanted"
    NOT_WRITTEN = "not-written"
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


class FactLabel(Word):
    """What a labelled fact beneath a headline is about."""

    BEAT = "Beat"
    """How often the record changes."""
    SHARE = "Share"
    """For which share of the time, or in which share of the answers, the record leads to a side."""
    LAST_CHANGE = "Last change"
    NEXT_CHANGE = "Next change"
    QUIET = "Quiet"
    """For how long nothing has changed, and when that is long enough."""
    EPISODE = "Episode"
    """How often this happened before."""
    OWNERS = "Owners"
    """Who owns the record, by its ownership TXT."""
    WILDCARD = "Wildcard"
    ANSWERS = "Answers"
    """What servers or resolvers answer."""
    CACHES = "Caches"
    """What caches may hold, and until when."""
    SINCE = "Since"
    EXPECTED = "Expected"
    """What the plan expects."""
    CAUSE = "Cause"
    """Why it happens."""
    PROOF = "Proof"
    """Whether the cause was seen or is inferred, and from what."""
    EFFECT = "Effect"
    """What it does to users, or what it will lead to."""


class LabelledFact(NamedTuple):
    """One fact beneath a headline.

    Attributes:
        label: What it is about.
        text: The fact, without a full stop.
    """

    label: FactLabel
    text: str


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What a finding code means wherever it is raised. The judge's declaration adds its rule.

    `breaks_soak`, `blocks_preflight`, `blocks_decommission` and `fails_check` give the least severity at which an open
    finding does so; None where it never does.

    Attributes:
        code: The stable code.
        severity: Its severity unless the evidence says otherwise.
        link: The link of the chain on which it stands.
        meaning: One sentence of at most twenty words, for a list of codes and as an alert's summary.
        advise: What to do in a situation, unless the evidence says otherwise.
        inferred: Its cause is concluded from what was seen, unless the evidence says otherwise.
        patience: How patient its alert is.
        breaks_soak: The domain's soak begins anew.
        blocks_preflight: `preflight` fails; below that severity it warns.
        blocks_decommission: v1's Ingress must not be deleted.
        fails_check: `check` says "does not hold" whatever the domain's state is.
        others: What it advises where the evidence says otherwise.
    """

    code: FindingCode
    severity: Severity
    link: Link
    meaning: str
    advise: Advise
    patience: Patience
    inferred: bool = False
    breaks_soak: Severity | None = Severity.WARNING
    blocks_preflight: Severity | None = Severity.CRITICAL
    blocks_decommission: Severity | None = Severity.WARNING
    fails_check: Severity | None = None
    others: tuple[OtherAdvice, ...] = ()

    def key(self, advise: Advise | None) -> str:
        """Name what is advised among all that this code advises; nothing where that is one thing only.

        Args:
            advise: What the evidence told; None where it told nothing else than the code.
        """
        if advise is None:
            return USUAL if self.others else ""
        return next((other.key for other in self.others if other.advise is advise), UNLISTED)

    @property
    def first(self) -> FirstStep:
        """What to do first, where nothing is known of the situation."""
        return self.advise(ANYWHERE).first

    @property
    def then(self) -> str:
        """What to do after that."""
        return self.advise(ANYWHERE).then

    @property
    def remedy(self) -> str:
        """What to do, in order."""
        return in_order(self.first, self.then)


def in_order(first: FirstStep, then: str) -> str:
    """Write what to do first and what after that as one text."""
    return f"{first.sentence} {then}".strip()


@dataclass(frozen=True, slots=True)
class Finding:
    """One open finding about one domain.

    Attributes:
        code: From the catalogue.
        severity: How loud.
        domain: Whom it is about.
        sentence: The headline: what happens to whom, in one sentence of at most twenty words.
        remedy: What to do about it, in order. It begins with the sentence of `first`.
        since: Wall time (seconds) at which it was raised.
        evidence: A bounded list of what proves it, newest last.
        link: The link of the chain on which it stands.
        inferred: Its cause is concluded from what was seen; else it was seen itself.
        first: What to do first.
        facts: What stands beneath the headline: beat, shares, changes, owners, proof.
        advice: Which of its code's advices the remedy is, by its key; empty where the code has one only.
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
    first: FirstStep = NO_STEP
    facts: tuple[LabelledFact, ...] = ()
    advice: str = ""

    @property
    def told(self) -> str:
        """All that is to say in one line: the headline, and the facts beneath it, each behind its label."""
        return " ".join([self.sentence, *(f"{fact.label.value}: {fact.text}." for fact in self.facts)])

    @property
    def then(self) -> str:
        """What to do after the first step."""
        return self.remedy.removeprefix(self.first.sentence).strip()


class Awaited(NamedTuple):
    """A finding that holds and is not raised yet, or is gone and not cleared yet: its declared time has to pass first.

    Attributes:
        code: Which.
        since: Since when it holds; of an open one, since when it is gone.
    """

    code: FindingCode
    since: Instant
