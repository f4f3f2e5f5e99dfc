"""Reports to render: a wave that was confirmed, and one that was not, with everything hostile that DNS can say."""

from dataclasses import replace

from probe.model.check import Check, CheckOutcome
from probe.model.plan import Expectation
from probe.model.record import Position, Transition
from probe.report.event import Event, EventKind
from probe.report.sign_off import DomainReport, Ending, SignOff, Turn
from tests.snapshots import HOSTILE, NOW, ago, broken, calm, domain, fighting, snapshot

BEGAN = ago(3_600)


def held(name: str = "www.example.com") -> DomainReport:
    """A domain that moved in the middle of it and held from then on."""
    status = calm(domain(name, "wave-1", Expectation.V2), Position.V2, since=2_400)
    moved = (Transition(ago(2_400), Position.V1, Position.V2, reversal=False),)
    records = tuple(record._replace(recent=moved, transitions=1) for record in status.records)
    turns = (
        Turn(BEGAN, CheckOutcome.UNKNOWN),
        Turn(ago(3_590), CheckOutcome.FAIL),
        Turn(ago(2_300), CheckOutcome.PASS),
    )
    events = (
        Event(ago(2_400), status.domain.name, EventKind.TRANSITION, "A went from v1 to v2"),
        Event(ago(500), status.domain.name, EventKind.HELD, "has held every criterion for 1800 s"),
    )
    return DomainReport(status._replace(records=records), turns, events)


def lost(name: str = "checkout.example.com") -> DomainReport:
    """A domain that two ExternalDNS fought over, with owners that read like markup."""
    status = fighting(domain(name, "wave-1", Expectation.V2))._replace(confirmation=broken())
    turns = (Turn(BEGAN, CheckOutcome.PASS), Turn(ago(600), CheckOutcome.FAIL))
    events = (Event(ago(600), status.domain.name, EventKind.BROKEN, f"the clock starts again, broken by {HOSTILE}"),)
    return DomainReport(status, turns, events, forgotten=3)


def report(*domains: DomainReport, outcome: CheckOutcome = CheckOutcome.PASS, signed_by: str = "") -> SignOff:
    """A report over these domains."""
    of = snapshot(tuple(one.status for one in domains))
    return SignOff(
        Check("confirmed", "wave-1", outcome, " ".join(wave.sentence for wave in of.waves)),
        Ending.HELD if outcome is CheckOutcome.PASS else Ending.TIME_IS_UP,
        of.waves,
        domains,
        (),
        replace(of.plan, digest="3f2a" * 16),
        "1.2.3",
        BEGAN,
        NOW,
        ago(3_598),
        7_200.0,
        signed_by,
    )
