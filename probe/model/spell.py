"""What somebody said before it said something else: for people who look back, and for what caches may still hold."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.side import AnswerClass

KEPT_SPELLS = 24
"""What is kept of each: a dozen cycles of a fight, in 3 KiB at the most."""


class Spell(NamedTuple):
    """What somebody said, and since when; until the next spell, or until it began to say what it says now.

    Attributes:
        answer_class: What.
        since: Since when.
        ttl: The longest remaining TTL in seconds that came with it; None where nobody kept it.
    """

    answer_class: AnswerClass
    since: Instant
    ttl: int | None = None


def with_spell(
    past: tuple[Spell, ...], answer_class: AnswerClass | None, since: Instant | None, ttl: int | None = None
) -> tuple[Spell, ...]:
    """Give the past once somebody says something else than `answer_class`; nothing was said before the first answer."""
    if answer_class is None or since is None:
        return past
    return (*past[1 - KEPT_SPELLS :], Spell(answer_class, since, ttl))
