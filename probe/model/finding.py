"""Something wrong or dangerous, in one sentence, with the evidence for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from probe.model.name import DomainName


class Severity(StrEnum):
    """How loud a finding is: critical pages, warning waits for the day, info is for the report."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class CatalogueEntry(NamedTuple):
    """What a finding code means wherever it is raised.

    Attributes:
        code: The stable code (contract of the alerts, the metrics and the runbook).
        severity: Its severity unless the evidence says otherwise.
        meaning: One sentence for a list of codes.
        remedy: What to do, in one sentence.
    """

    code: str
    severity: Severity
    meaning: str
    remedy: str


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
    """

    code: str
    severity: Severity
    domain: DomainName
    sentence: str
    remedy: str
    since: float
    evidence: tuple[str, ...] = ()
