"""The facts about the probe itself, and the plan that it follows."""

from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from probe.model.name import display
from probe.web.facts.base import Fact, Moment, Name, Names, by_name
from probe.web.facts.waves import WaveFact


class TargetFact(Fact):
    """One address of the address book."""

    side: str
    address: str
    source: Name
    first_seen: Moment
    last_seen: Moment


class ProblemFact(Fact):
    """One thing that is wrong with a delegation."""

    problem: str
    subject: Name
    sentence: str


class DelegationFact(Fact):
    """What the newest walk found for one zone."""

    zone: Annotated[str | None, BeforeValidator(lambda zone: None if zone is None else display(zone))]
    servers: Annotated[tuple[str, ...], BeforeValidator(lambda servers: tuple(one.address for one in servers))]
    parent_ns: Names
    child_ns: Names
    problems: tuple[ProblemFact, ...]
    at: Moment


class TrafficFact(Fact):
    """What asking one group of servers over one transport has cost since the start."""

    group: str
    transport: str
    queries: int
    failures: Annotated[dict[str, int], BeforeValidator(by_name)]
    late: int
    duplicates: int
    mismatched: int


class ScheduleFact(Fact):
    """How well probing keeps its own times, in seconds."""

    lag: float
    max_lag: float
    last_pass: Moment
    due: int


class ReloadFact(Fact):
    """How the newest attempt to load a file went; `at` is when what is in force was loaded."""

    successful: bool
    at: Moment
    error: str


class NotificationFact(Fact):
    """What telling one receiver of `notify` has cost since the start: an Alertmanager's URL, or a webhook's name."""

    receiver: str
    sent: int
    failures: Annotated[dict[str, int], BeforeValidator(by_name)]


class UnwatchedFact(Fact):
    """A time in which nobody watched, or in which nothing could be written down."""

    since: Moment
    until: Moment


class JournalFact(Fact):
    """How the journal fares; `written` is when the newest entry happened that is safe on disk."""

    path: str
    writing: bool
    trouble: str
    entries: int
    dropped: int
    size: int
    written: Moment
    unwatched: tuple[UnwatchedFact, ...]


class WitnessFact(Fact):
    """How a witness beside DNS fares; `knowledge` is its word's worth: awaited, current, old or forgotten.

    `watched`: its changes are heard as they come. `unwatched` says why they may not be.
    """

    name: str
    up: bool | None
    knowledge: str
    read: Moment
    failures: int
    error: str
    gaps: tuple[str, ...]
    lacking: Names
    lacking_count: int | None
    watched: bool
    unwatched: str


class HealthFact(Fact):
    """How the probe itself fares: a severity, or `calm`, and the sentence at the top of every page."""

    level: str
    sentence: str


class StatusFact(Fact):
    """The probe itself, and the plan that it follows."""

    at: Moment
    started: Moment
    vantage: str = Field(validation_alias=AliasPath("plan", "vantage"))
    plan_digest: str = Field(validation_alias=AliasPath("plan", "digest"))
    health: HealthFact
    ready: bool
    blind: bool
    waves: tuple[WaveFact, ...] = Field(validation_alias=AliasPath("plan", "waves"))
    schedule: ScheduleFact
    reload: ReloadFact
    web_reload: ReloadFact | None
    traffic: tuple[TrafficFact, ...]
    billed: Annotated[dict[str, int], BeforeValidator(by_name)]
    notifications: tuple[NotificationFact, ...]
    delegations: tuple[DelegationFact, ...]
    targets: tuple[TargetFact, ...]
    journal: JournalFact | None
    witnesses: tuple[WitnessFact, ...]
