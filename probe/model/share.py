"""How often a weighted record leads to v2."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.question import RecordType
from probe.model.word import Word


class ShareVerdict(Word):
    """What a share of v2 says about the declared weights."""

    AS_DECLARED = "as-declared"
    """Every share that is not excluded is near the declared one."""
    OFF = "off"
    """The declared share is excluded."""
    OPEN = "open"
    """Too few answers to say."""


class Share(NamedTuple):
    """How often a weighted record leads to v2: the answers since the share was last seen to change.

    Attributes:
        rdtype: Whose.
        since: When counting began; None before the first look.
        v1, v2: Answers of all servers that led to either side alone.
        lower, upper: The interval that holds the true share, 0 to 1: at all times together with a chance of 9,999 in
            10,000 (`probe.judge.share.confidence`).
        verdict: By the declared weights; None where none are declared.
        needed: How many more answers will decide, if they go on as they came: 0 when it is decided, None when nothing
            is declared.
        elsewhere: Answers that led to neither side alone: to nothing, to both, or elsewhere.
    """

    rdtype: RecordType
    since: Instant | None = None
    v1: int = 0
    v2: int = 0
    lower: float = 0.0
    upper: float = 1.0
    verdict: ShareVerdict | None = None
    needed: int | None = None
    elsewhere: int = 0

    @property
    def answers(self) -> int:
        """How many answers it rests on."""
        return self.v1 + self.v2 + self.elsewhere

    @property
    def is_split(self) -> bool:
        """Answers led to more than one place."""
        return sum(count > 0 for count in (self.v1, self.v2, self.elsewhere)) > 1

    @property
    def ratio(self) -> float | None:
        """The share of v2 among the answers, 0 to 1; None before the first."""
        return self.v2 / self.answers if self.answers else None
