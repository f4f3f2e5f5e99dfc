"""What is known of a domain: the value that the judge folds observations into and that every edge reads."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.confirmation import Confirmation
from probe.model.decommission import Decommission
from probe.model.finding import Awaited, Finding
from probe.model.ownership import TxtStatus
from probe.model.plan import Domain
from probe.model.propagation import CachedAnswer, Convergence, Drain
from probe.model.question import RecordType
from probe.model.record import RecordState, RecordStatus
from probe.model.resolver import ResolverStatus
from probe.model.service import ServiceStatus
from probe.model.share import Share
from probe.model.side import Side
from probe.model.wildcard import WildcardAnswer
from probe.model.witness import NO_WITNESSES, SetsRead, Witnessed

_made = tuple.__new__


class LackedFamily(NamedTuple):
    """A type of which no load balancer of a side has an address."""

    side: Side
    rdtype: RecordType


class DomainStatus(NamedTuple):
    """One domain: the verdict over its records, and everything that is shown of it.

    Attributes:
        domain: The plan's word on it.
        state: The verdict.
        since: Since when (None before the first observation).
        sentence: What happens, in one sentence for people.
        records: A and AAAA.
        txts: The ownership TXT names.
        resolvers: What resolvers say, one entry per resolver and type.
        other_view: The same of those that see another view of the name than the one that is judged.
        other_txts: The ownership TXT names in that view, as the first of them that answers has it.
        findings: What is open, worst first.
        expected_since: When the judge first saw the domain with its present expectation.
        flip_period: While it flaps with a beat: seconds from one change to the next of the same kind, or
            of a cycle of its shares.
        confirmation: Whether it has held what is expected for long enough.
        shares: Of its records that are split by weighted routing, or declared to be: the share of v2.
        drain: When no cache can lead to v1 any more; None while v1 is answered, or was never of concern.
        convergences: How its newest transitions arrived, bounded, oldest first.
        traces: What caches may hold, one entry per record and position at most.
        services: Its HTTPS service on v1 and on v2, where the plan has a check for it.
        decommission: Whether v1's Ingress may be deleted; None while the plan does not expect the domain on v2.
        awaited: Findings that are to be raised or cleared once they have held, or been gone, for long enough.
        wildcard_answers: What names that nobody has were answered with: what wildcards make up beside it.
        witnessed: What witnesses beside DNS tell of it: what is wanted, and what is written.
        sets_read: What its hosted zone was read with, one after the other, bounded, oldest first.
        lacked: What the load balancers of the sides lack: a record of such a type answers nothing while it stands
            there.
        other_read: As `sets_read`, of the hosted zone that holds the name in the view that is not judged.
    """

    domain: Domain
    state: RecordState = RecordState.UNKNOWN
    since: Instant | None = None
    sentence: str = ""
    records: tuple[RecordStatus, ...] = ()
    txts: tuple[TxtStatus, ...] = ()
    resolvers: tuple[ResolverStatus, ...] = ()
    findings: tuple[Finding, ...] = ()
    expected_since: Instant | None = None
    flip_period: float | None = None
    confirmation: Confirmation = Confirmation()
    shares: tuple[Share, ...] = ()
    drain: Drain | None = None
    convergences: tuple[Convergence, ...] = ()
    cached_answers: tuple[CachedAnswer, ...] = ()
    services: tuple[ServiceStatus, ...] = ()
    decommission: Decommission | None = None
    awaited: tuple[Awaited, ...] = ()
    wildcard_answers: tuple[WildcardAnswer, ...] = ()
    witnessed: Witnessed = NO_WITNESSES
    sets_read: tuple[SetsRead, ...] = ()
    other_view: tuple[ResolverStatus, ...] = ()
    other_txts: tuple[TxtStatus, ...] = ()
    lacked: tuple[LackedFamily, ...] = ()
    other_read: tuple[SetsRead, ...] = ()

    def with_records(self, records: tuple[RecordStatus, ...]) -> "DomainStatus":
        """Put other records in the place of its own; `_replace` would take twice as long, for every observation."""
        return _made(DomainStatus, (*self[:4], records, *self[5:]))
