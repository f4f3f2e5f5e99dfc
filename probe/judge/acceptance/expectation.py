"""Whether a domain is as its wave expects: what `check` and its exit codes say.

| expectation | holds | cannot be said yet | does not hold |
| --- | --- | --- | --- |
| v1 | v1 | unknown, propagating | everything else |
| v2 | v2 | unknown, propagating | everything else |
| moving | v1, v2, propagating between them | unknown, propagating to or from elsewhere | the rest |
| weighted | weighted as declared; the only side with weight | unknown, propagating; too few answers | the rest |

Where a routing is declared (`failover`, `latency`, `geolocation`, `multivalue`), either side holds whatever is
expected, and so do changes between them; absence and other places do not. While one of those is on its way, at some
servers, nothing holds and nothing fails yet: it may be a record that is being created, or one that is being deleted.

Whatever the state is, as long as it is known: a finding that is declared to fail a check does not hold. While one of
those may turn out to hold, but has not stood for long enough, what would hold cannot be said yet.
"""

from typing import assert_never

from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.weights import undecided
from probe.judge.routed import allowed, is_as_routed
from probe.model.check import Check, CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.name import display
from probe.model.plan import Expectation
from probe.model.record import RecordState
from probe.model.share import Share
from probe.model.text import listed

EXPECTED_CHECK = "expected"
"""The check's name."""

_WEIGHTS = ("weights-off", "weights-one-sided")


def verdict(status: DomainStatus) -> Check:
    """Tell whether the domain is as expected. The reason is the domain's sentence, or why it cannot be said yet."""
    found = _verdict(status)
    waiting = suspected(status) if found.outcome is CheckOutcome.PASS else []
    if not waiting:
        return found
    sentence = f"{found.sentence} Whether {listed(waiting)} holds is not known yet."
    return _check(status, CheckOutcome.UNKNOWN, sentence)


def suspected(status: DomainStatus) -> list[str]:
    """Give the findings that would fail a check and wait to be raised."""
    known = {finding.code for finding in status.findings}
    declared = [CATALOGUE[one.code] for one in status.awaited if one.code not in known]
    return [f"`{one.code}`" for one in declared if one.severity.reaches(one.fails_check)]


def _verdict(status: DomainStatus) -> Check:
    expectation, state = status.domain.expectation, status.state
    against = next((one for one in status.findings if one.severity.reaches(CATALOGUE[one.code].fails_check)), None)
    if against is not None and state is not RecordState.UNKNOWN:
        return _check(status, CheckOutcome.FAIL, against.sentence)
    if state is RecordState.PROPAGATING and _leaves_the_sides(status):
        return _check(status, CheckOutcome.UNKNOWN, status.sentence)
    if status.domain.routing is not None and state is not RecordState.UNKNOWN:
        return _check(status, CheckOutcome.PASS if is_as_routed(status) else CheckOutcome.FAIL, status.sentence)
    outcome = _outcome(state, expectation)
    if outcome is CheckOutcome.UNKNOWN:
        counted = expectation is Expectation.WEIGHTED and state is RecordState.PROPAGATING
        open_ones = undecided(status) if counted else ()
        sentence = f"{status.sentence} {_missing(open_ones)}" if open_ones else status.sentence
        return _check(status, outcome, sentence)
    if expectation is Expectation.WEIGHTED and state.is_steady:
        return _of_weights(status)
    return _check(status, outcome, status.sentence)


def _leaves_the_sides(status: DomainStatus) -> bool:
    """Tell whether a server's newest answer for a record that propagates leads to neither side, or to nothing."""
    sides = allowed(status.domain.routing)
    return any(
        server.position is not None and server.position not in sides
        for record in status.records
        if record.state is RecordState.PROPAGATING
        for server in record.servers
    )


def _outcome(state: RecordState, expectation: Expectation) -> CheckOutcome:
    """Judge a state by what is expected, weights aside: of those answers have to tell, and enough of them."""
    match state:
        case RecordState.V1 | RecordState.V2:
            return CheckOutcome.PASS if _allows(expectation, state) else CheckOutcome.FAIL
        case RecordState.PROPAGATING:
            return CheckOutcome.PASS if expectation is Expectation.MOVING else CheckOutcome.UNKNOWN
        case RecordState.UNKNOWN:
            return CheckOutcome.UNKNOWN
        case (
            RecordState.WEIGHTED | RecordState.FLAPPING | RecordState.DIVIDED | RecordState.ABSENT | RecordState.FOREIGN
        ):
            return CheckOutcome.FAIL
        case _:
            assert_never(state)


def _allows(expectation: Expectation, side: RecordState) -> bool:
    """Tell whether a domain may stand on one side as a whole."""
    match expectation:
        case Expectation.V1:
            return side is RecordState.V1
        case Expectation.V2:
            return side is RecordState.V2
        case Expectation.MOVING:
            return True
        case Expectation.WEIGHTED:
            return False
        case _:
            assert_never(expectation)


def _of_weights(status: DomainStatus) -> Check:
    weights = status.domain.weights
    if weights is not None and 0 in (weights.v1, weights.v2):
        only = RecordState.V1 if weights.v2 == 0 else RecordState.V2
        if status.state.is_side:
            return _check(status, CheckOutcome.PASS if status.state is only else CheckOutcome.FAIL, status.sentence)
    wrong = next((finding for finding in status.findings if finding.code in _WEIGHTS), None)
    if wrong is not None:
        return _check(status, CheckOutcome.FAIL, wrong.sentence)
    open_ones = undecided(status)
    if not open_ones:
        return _check(status, CheckOutcome.PASS, status.sentence)
    return _check(status, CheckOutcome.UNKNOWN, f"{status.sentence} {_missing(open_ones)}")


def _check(status: DomainStatus, outcome: CheckOutcome, sentence: str) -> Check:
    return Check(EXPECTED_CHECK, display(status.domain.name), outcome, sentence)


def _missing(shares: tuple[Share, ...]) -> str:
    more = [share.needed for share in shares]
    if None in more:
        return "No number of answers in sight will tell whether that is the declared share."
    largest = max(needed for needed in more if needed is not None)
    return f"Some {largest:,} answers more will tell whether that is the declared share."
