"""What Route 53 charges for: every answered question that is not for an alias to an AWS resource.

Counted when an answer came, whoever the servers belong to: for zones that live elsewhere the count says what Route 53
would charge. Answers that were lost on their way back are charged by Route 53 and not counted here.
"""

from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.question import RecordType
from probe.model.server import ServerRole
from probe.runtime.delegations import Delegations
from probe.runtime.subject import Subject


class Bill:
    """Billed questions since the start, by hosted zone."""

    def __init__(self) -> None:
        self._by_zone: dict[DomainName, int] = {}

    def by_zone(self) -> tuple[tuple[DomainName, int], ...]:
        """Tell the counts, in the order in which the zones were first asked. For any thread."""
        return tuple(self._by_zone.items())

    def count(self, subject: Subject, observation: Observation, delegations: Delegations) -> None:
        """Count one observation about a domain, after it was reviewed. Questions to resolvers cost nothing here."""
        if not isinstance(observation.outcome, Response) or observation.server.role is not ServerRole.AUTHORITATIVE:
            return
        rdtype = observation.question.rdtype
        if rdtype is not RecordType.TXT:
            for record in subject.status.records:
                if record.rdtype is rdtype and record.alias:
                    return
        zone = delegations.zone(subject.name)
        if zone is not None:
            self._by_zone[zone] = self._by_zone.get(zone, 0) + 1
