"""One question to one server and what came of it, stamped with its time."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.outcome import Outcome, Response
from probe.model.question import Question
from probe.model.server import Server


class Observation(NamedTuple):
    """The unit of evidence. Everything the probe ever says is a fold over these.

    Attributes:
        question: What was asked.
        server: Who was asked.
        outcome: What came back.
        at: When it came back, or when waiting was given up.
        elapsed: Seconds between asking and `at`. The answer was true at some moment of this interval.
    """

    question: Question
    server: Server
    outcome: Outcome
    at: Instant
    elapsed: float


class Glimpse(NamedTuple):
    """An answer of which no more was read than its header, because nobody asks about its domain.

    It shows that its server answers; where the name leads is not among it, and so it is no observation. It is made by
    reading, and never written down.

    Attributes:
        server: Whose answer it is.
        outcome: What the header says: the error code and the flags, no records.
        at: When it came.
    """

    server: Server
    outcome: Response
    at: Instant
