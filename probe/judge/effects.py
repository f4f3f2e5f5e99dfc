"""What is to be told of a verdict: the difference between a domain's status before and after.

Only what an answer asks for (more questions) is no difference of statuses; `probe.judge.review` says it itself, after
the changes of records and before those of the domain.
"""

from collections.abc import Iterator, Sequence

from probe.judge.acceptance.soak import soak_changes
from probe.judge.propagation.convergence import arrivals
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.effect import Effect, FindingCleared, FindingRaised, StateChanged, TransitionConfirmed


def changes(before: DomainStatus, after: DomainStatus, at: Instant, asked: Sequence[Effect] = ()) -> tuple[Effect, ...]:
    """Give what is to be told, in the order in which it is: records, what is asked for, and the domain."""
    return (*_of_records(before, after, at), *asked, *_of_domain(before, after, at))


def _of_records(before: DomainStatus, after: DomainStatus, at: Instant) -> Iterator[Effect]:
    name, pairs = after.domain.name, list(zip(before.records, after.records, strict=True))
    for old, new in pairs:
        for transition in new.recent[-fresh:] if (fresh := new.transitions - old.transitions) > 0 else ():
            yield TransitionConfirmed(name, new.rdtype, transition)
    for old, new in pairs:
        if new.state is not old.state:
            yield StateChanged(name, new.rdtype, old.state, new.state, at, after.sentence)


def _of_domain(before: DomainStatus, after: DomainStatus, at: Instant) -> Iterator[Effect]:
    if after.state is not before.state:
        yield StateChanged(after.domain.name, None, before.state, after.state, at, after.sentence)
    yield from arrivals(before, after, at)
    open_before = {finding.code: finding.severity for finding in before.findings}
    open_now = {finding.code for finding in after.findings}
    for finding in after.findings:
        known = open_before.get(finding.code)
        if known is None:
            yield FindingRaised(finding, at)
        elif finding.severity.rank < known.rank:  # who was told of a warning is to hear that it has become critical
            yield FindingRaised(finding, at, known)
    yield from (FindingCleared(finding, at) for finding in before.findings if finding.code not in open_now)
    yield from soak_changes(before, after, at)
