"""Whether a domain is as its wave expects: what `check` and its exit codes say.

| expectation | holds | cannot be said yet | does not hold |
| --- | --- | --- | --- |
| v1 | v1 | unknown, propagating | everything else |
| v2 | v2 | unknown, propagating | everything else |
| moving | v1, v2, propagating, weighted | unknown | flapping, divided, absent, foreign |
| weighted | weighted; the only side with weight | unknown, propagating; one side, while answers are few | the rest |
"""

from enum import StrEnum
from typing import NamedTuple

from probe.judge.diagnosis import weights_of
from probe.model.plan import Expectation
from probe.model.status import DomainStatus, RecordState


class Holding(StrEnum):
    """The three answers to "is it as expected"."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Verdict(NamedTuple):
    """One of the three, with the reason in a sentence."""

    holding: Holding
    reason: str


_SIDES = frozenset({RecordState.V1, RecordState.V2})
_HOLDS = {
    Expectation.V1: frozenset({RecordState.V1}),
    Expectation.V2: frozenset({RecordState.V2}),
    Expectation.MOVING: _SIDES | {RecordState.PROPAGATING, RecordState.WEIGHTED},
    Expectation.WEIGHTED: frozenset({RecordState.WEIGHTED}),
}
_OPEN = frozenset({RecordState.UNKNOWN, RecordState.PROPAGATING})


def verdict(status: DomainStatus) -> Verdict:
    """Tell whether the domain is as expected. The reason is the domain's sentence, or why it cannot be said yet."""
    expectation, state = status.domain.expectation, status.state
    if state in _HOLDS[expectation]:
        return Verdict(Holding.HOLDS, status.sentence)
    if state in _OPEN:
        return Verdict(Holding.UNKNOWN, status.sentence)
    if expectation is Expectation.WEIGHTED and state in _SIDES:
        return _of_one_side(status)
    return Verdict(Holding.FAILS, status.sentence)


def _of_one_side(status: DomainStatus) -> Verdict:
    v1, v2 = weights_of(status)
    if (v1, v2) != (0, 0):
        only = RecordState.V1 if v2 == 0 else RecordState.V2 if v1 == 0 else None
        if only is not None:
            return Verdict(Holding.HOLDS if status.state is only else Holding.FAILS, status.sentence)
    one_sided = next((finding for finding in status.findings if finding.code == "weights-one-sided"), None)
    if one_sided is not None:
        return Verdict(Holding.FAILS, one_sided.sentence)
    return Verdict(Holding.UNKNOWN, f"{status.sentence} Too few answers to miss the other side yet.")
