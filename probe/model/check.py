"""One thing that was looked at, and what came of it: the value of every verdict that people act on.

A domain beside what is expected of it (`check`), a criterion of a confirmation, a check of `preflight`, a precondition
of `decommission`, a daemon's word for `gate` and the outcome of a sign-off are all a `Check`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from probe.model.word import Word


class CheckOutcome(Word):
    """What came of a look."""

    PASS = "pass"  # noqa: S105  # a word of a report, no secret
    """It holds."""
    WARN = "warn"
    """It holds, but something is worth knowing or doing first."""
    FAIL = "fail"
    """It was looked at, and does not hold."""
    UNKNOWN = "unknown"
    """There was not enough evidence."""

    @property
    def holds(self) -> bool | None:
        """Whether it holds; None while that cannot be told."""
        return _HOLDS[self]

    @property
    def standing(self) -> str:
        """The verb of it, as the API, the page and the reports write it of a criterion."""
        return _STANDINGS[self]


_HOLDS = {CheckOutcome.PASS: True, CheckOutcome.WARN: True, CheckOutcome.FAIL: False, CheckOutcome.UNKNOWN: None}
_STANDINGS = {
    CheckOutcome.PASS: "passes",
    CheckOutcome.WARN: "passes",
    CheckOutcome.FAIL: "fails",
    CheckOutcome.UNKNOWN: "unknown",
}

WORST_FIRST = (CheckOutcome.FAIL, CheckOutcome.UNKNOWN, CheckOutcome.WARN, CheckOutcome.PASS)
"""What is seen to fail outweighs what cannot be seen, and that a warning: one failure is enough to act on."""


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: Which check, the same for every subject: a word of a closed set, such as a `Criterion`.
        subject: The domain, wave, zone, resolver or load balancer that it is about; `plan` for the plan as a whole.
        outcome: What came of it.
        sentence: Why, with names.
        remedy: What to do, where it did not pass.
    """

    name: str
    subject: str
    outcome: CheckOutcome
    sentence: str
    remedy: str = ""


def worst(outcomes: Iterable[CheckOutcome]) -> CheckOutcome:
    """Give the outcome of all together. Of nothing nothing is known."""
    found = frozenset(outcomes)
    return next((one for one in WORST_FIRST if one in found), CheckOutcome.UNKNOWN)
