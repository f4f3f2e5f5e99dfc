"""What one reading of a witness beside DNS brings, and how each witness fares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.side import Side
from probe.model.witness import ClusterWish, Written
from probe.model.word import Word


class ClusterTestimony(NamedTuple):
    """What a cluster wants, by one reading of it.

    Attributes:
        side: Whose it is.
        wishes: For each of the plan's domains that it wants, by which objects.
        is_whole: All of it could be read: what was not found there is not there.
        gaps: What could not be read, each in a sentence; the first few.
        lacking: Hosts that it wants and the plan does not have, in their order; the first of them.
        lacking_count: How many there are.
    """

    side: Side
    wishes: Mapping[DomainName, tuple[ClusterWish, ...]]
    is_whole: bool = True
    gaps: tuple[str, ...] = ()
    lacking: tuple[DomainName, ...] = ()
    lacking_count: int = 0


class ZoneTestimony(NamedTuple):
    """What stands in the hosted zones, by one reading of them.

    Attributes:
        written: For each of the plan's domains that could be looked up; one whose zone could not be read is left out.
        gaps: What could not be read, each in a sentence; the first few.
    """

    written: Mapping[DomainName, Written]
    gaps: tuple[str, ...] = ()


class WitnessSilence(NamedTuple):
    """A reading that brought nothing.

    Attributes:
        reason: Why, in a sentence without a secret.
    """

    reason: str


Testimony: TypeAlias = ClusterTestimony | ZoneTestimony | WitnessSilence
"""What comes of a reading."""


class WatchedNow(NamedTuple):
    """What a far side says that is watched since it was read: what has changed, or now and then that nothing has.

    Attributes:
        testimony: As a reading would bring it.
        at: When it was so.
    """

    testimony: ClusterTestimony
    at: Instant


class WatchEnd(NamedTuple):
    """What is watched no longer, and has to be read anew.

    Attributes:
        reason: Why, in a sentence without a secret.
        is_refused: It does not let itself be watched at all: it is read at its interval.
    """

    reason: str
    is_refused: bool = False


class Knowledge(Word):
    """What a witness' word is worth at present."""

    AWAITED = "awaited"
    """It was not read yet since the start: what an earlier process heard stands, and nothing new is concluded."""
    CURRENT = "current"
    """It was read lately."""
    OLD = "old"
    """It fails for some time: its last word stands with its age, and nothing new is concluded from it."""
    FORGOTTEN = "forgotten"
    """It fails for so long that its last word says nothing about now any more."""


@dataclass(frozen=True, slots=True)
class WitnessStatus:
    """How one witness fares.

    Attributes:
        name: `kubernetes-v1`, `kubernetes-v2` or `route53`.
        knowledge: What its word is worth.
        up: The newest reading succeeded; None before the first has ended.
        since: When it began to be asked.
        read: When it was read last with success (the beginning of that); None before it ever was.
        failures: Readings that failed since.
        error: Why the newest one failed; empty after a success.
        gaps: What the last reading could not read.
        lacking: Hosts that it wants and the plan does not have: the first of them.
        lacking_count: How many there are; None of what is no cluster, or was not read yet.
        watched: Its changes are heard as they come.
        unwatched: Why they are not, so that it is read at its interval only; empty where nobody tried.
    """

    name: str
    knowledge: Knowledge
    up: bool | None
    since: Instant
    read: Instant | None = None
    failures: int = 0
    error: str = ""
    gaps: tuple[str, ...] = ()
    lacking: tuple[DomainName, ...] = ()
    lacking_count: int | None = None
    watched: bool = False
    unwatched: str = ""
