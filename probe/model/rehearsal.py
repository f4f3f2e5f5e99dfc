"""The move played before the night: what each act comes to, host by host, and what has to be changed before it."""

from typing import NamedTuple

from probe.model.check import Check, CheckOutcome, worst
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.word import Word


class Act(Word):
    """What happens, at a moment that is called 0."""

    AS_IT_IS = "as-it-is"
    """Nothing is moved: every ExternalDNS of the plan syncs over what stands."""
    MOVE = "move"
    """v2 gets the wave's Ingresses; v1 keeps its own."""
    ROLLBACK = "rollback"
    """v2 loses them again; v1 still has its own."""
    V1_INGRESS = "v1-ingress"
    """v1's Ingresses of the wave are deleted while v1's ExternalDNS runs."""
    V1_STOPPED = "v1-stopped"
    """v1's ExternalDNS is stopped first, and v1's Ingresses are deleted then."""


class Fault(Word):
    """What goes wrong in an act."""

    GONE = "gone"
    """Records are deleted, and no ExternalDNS writes them again."""
    GAP = "gap"
    """Records are absent for a time."""
    FIGHT = "fight"
    """Two ExternalDNS change them for ever."""
    SPLIT = "split"
    """A and AAAA end on different sides."""
    STAYS = "stays"
    """They do not go where the act is to bring them."""
    LEAVES = "leaves"
    """They change their side in an act that is to change nothing."""
    REFUSED = "refused"
    """Route 53 refuses what an ExternalDNS sends, at every sync."""


class Moment(NamedTuple):
    """One line of a timeline: seconds after the act began, and what happens."""

    at: float
    text: str


class Course(NamedTuple):
    """What an act comes to for hosts of one wave that stand alike, over all phases that were played.

    Attributes:
        act, wave, hosts: Which act, for which.
        condition: What the plan does not tell and this course rests on; empty where it tells everything.
        ends: Where the records lead at the end, in words: one for each end that the phases have.
        changes: The first and the last moment, in seconds, at which a record changes where it leads; None: none does.
        gap: The longest absence of a record that stood, in seconds; infinite when it does not end.
        absent: The types of the records that are absent meanwhile.
        owners: Whose they are at the end, as each ExternalDNS reads it.
        faults: What goes wrong, in the order of `Fault`.
        culprits: The ExternalDNS behind each fault.
        refusals: Route 53's sentences.
        moments: The phases with the longest gap (else the latest change), as a timeline.
        forever: Whether the changes do not end.
        findings: What the daemon reports of it, by what the plan expects after the act.
        barred: Why a side's ExternalDNS write none of the hosts, by their filters: a clause each.
    """

    act: Act
    wave: str
    hosts: tuple[DomainName, ...]
    condition: str
    ends: tuple[str, ...]
    changes: tuple[float, float] | None
    gap: float
    absent: tuple[str, ...]
    owners: tuple[str, ...]
    faults: tuple[Fault, ...]
    culprits: tuple[tuple[Fault, tuple[str, ...]], ...]
    refusals: tuple[str, ...]
    moments: tuple[Moment, ...]
    forever: bool
    findings: tuple[FindingCode, ...]
    barred: tuple[str, ...] = ()

    def behind(self, fault: Fault) -> tuple[str, ...]:
        """Give the ExternalDNS behind a fault."""
        return dict(self.culprits).get(fault, ())


class Requests(NamedTuple):
    """ChangeResourceRecordSets that an ExternalDNS sends once an act has settled.

    Attributes:
        act, wave: When.
        condition: As of a `Course`.
        sender: Which ExternalDNS.
        per_minute: All of them.
        refused_per_minute: Those that Route 53 refuses.
    """

    act: Act
    wave: str
    condition: str
    sender: str
    per_minute: float
    refused_per_minute: float


class Rehearsal(NamedTuple):
    """Everything that was played.

    Attributes:
        checks: What goes well, what does not, what cannot be told, and what is to be changed.
        courses: What each act comes to.
        requests: What is sent to Route 53.
        assumptions: Assumptions: sentences.
        plays: How many times an act was played.
    """

    checks: tuple[Check, ...]
    courses: tuple[Course, ...]
    requests: tuple[Requests, ...]
    assumptions: tuple[str, ...]
    plays: int

    @property
    def told(self) -> tuple[Check, ...]:
        """The checks as people read them: advice that stands with an earlier one is referred to, if that is shorter."""
        first: dict[str, Check] = {}
        told = []
        for check in self.checks:
            one = check
            if check.remedy and check.outcome is not CheckOutcome.PASS:
                before = first.setdefault(check.remedy, check)
                reference = f"As told above for {before.subject} ({before.name})."
                if before is not check and len(reference) < len(check.remedy):
                    one = check._replace(remedy=reference)
            told.append(one)
        return tuple(told)

    @property
    def outcome(self) -> CheckOutcome:
        """What came of all of it."""
        return worst(check.outcome for check in self.checks)
