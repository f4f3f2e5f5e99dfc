"""The finding `service-failing`, and how a check is said in words."""

from probe.judge.advice.of_services import comes_and_goes
from probe.judge.context import Context
from probe.judge.domain import SIDES, relevant
from probe.judge.findings.evidence import Found, facts
from probe.judge.service import falters
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, Severity
from probe.model.name import display
from probe.model.record import Position
from probe.model.service import (
    CheckMark,
    ServiceAddress,
    ServiceCheck,
    ServiceFailure,
    ServiceState,
    ServiceStatus,
)
from probe.model.side import Side
from probe.model.text import listed, moment, plural, wall

_FAILURE_IN_WORDS = {
    ServiceFailure.REFUSED: "refuses the connection",
    ServiceFailure.UNREACHABLE: "cannot be reached",
    ServiceFailure.TIMEOUT: "does not connect in time",
    ServiceFailure.SLOW: "connects, but does not answer in time",
    ServiceFailure.NAME_MISMATCH: "has a certificate for other names",
    ServiceFailure.EXPIRED: "has a certificate that is not valid at this time",
    ServiceFailure.UNTRUSTED: "has a certificate that no trusted authority issued",
    ServiceFailure.HANDSHAKE: "fails in the TLS handshake",
    ServiceFailure.PROTOCOL: "does not speak HTTP",
    ServiceFailure.STATUS: "answers with a status that the plan does not accept",
    ServiceFailure.IDENTITY: "answers with the identity header of the other cluster",
}


def service_failing(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """Tell the sides that the name leads to, or may lead to just now, on which its service is down."""
    if not status.services:
        return None
    led_to = [one for one in status.services if one.side in sides_led_to(status)]
    down = [one for one in led_to if one.state is ServiceState.DOWN]
    if not down:
        return _now_and_then(status, [one for one in led_to if any(map(falters, one.addresses))])
    return Found(
        f"HTTPS of {display(status.domain.name)} fails on {listed([_side(one) for one in down])}, where it leads.",
        tuple(evidence(one) for service in down for one in failing(service)),
        facts=facts(*((FactLabel.CAUSE, _first_failure(one)) for one in down)),
    )


def _now_and_then(status: DomainStatus, services: list[ServiceStatus]) -> Found | None:
    """Tell of sides that fail again and again, and work in between: how many of their newest checks failed."""
    if not services:
        return None
    marks = [address.marks for service in services for address in service.addresses]
    checks, worked = sum(map(len, marks)), sum(one.count(CheckMark.WORKS) for one in marks)
    lapses = [
        (address, lapse)
        for service in services
        for address in service.addresses
        if (lapse := address.lapse) is not None
    ]
    return Found(
        f"HTTPS of {display(status.domain.name)} fails now and then on {listed([one.side.value for one in services])}, "
        f"where it leads: {checks - worked} of {checks} checks.",
        tuple(_told(lapse) for _, lapse in lapses),
        severity=Severity.WARNING,
        facts=facts(*((FactLabel.CAUSE, _lapses(*one)) for one in lapses)),
        advise=comes_and_goes,
    )


def _lapses(address: ServiceAddress, newest: ServiceCheck) -> str:
    failed, checks = len(address.marks) - address.marks.count(CheckMark.WORKS), len(address.marks)
    words = failure_words(newest)
    return f"{newest.address} on {newest.side.value}: {failed} of its last {checks} checks failed; it {words} then"


def sides_led_to(status: DomainStatus) -> frozenset[Side]:
    """Give the sides that clients are led to: of a record that does not stand (weighted, changing), both."""
    sides: set[Side] = set()
    for record in relevant(status):
        if record.state.is_side and record.position in SIDES:
            sides.add(Side.V1 if record.position is Position.V1 else Side.V2)
        elif record.position in SIDES or record.position is Position.MIXED:
            sides |= set(Side)
    return frozenset(sides)


def failing(service: ServiceStatus) -> tuple[ServiceAddress, ...]:
    """Give the addresses that are confirmed to fail."""
    return tuple(one for one in service.addresses if one.failing)


def failure_words(check: ServiceCheck) -> str:
    """Say what is wrong with a check, as the end of a sentence that begins with the address; "works" if nothing is."""
    if check.failure is None:
        return "works"
    return _FAILURE_IN_WORDS[check.failure] + (f" ({check.detail})" if check.detail else "")


def evidence(address: ServiceAddress) -> str:
    """Write what the newest check at an address brought, and since when it is so."""
    return f"{_told(address.check)} (since {moment(address.since)})"


def _told(check: ServiceCheck) -> str:
    told = [failure_words(check)]
    if check.status is not None:
        told.append(f"status {check.status}")
    if check.certificate is not None:
        told.append(f"certificate until {wall(check.certificate.not_after)}")
    return f"{moment(check.at)}: {check.address} on {check.side.value} {', '.join(told)}"


def _side(service: ServiceStatus) -> str:
    return f"{service.side.value} ({len(failing(service))} of {plural(len(service.addresses), 'address', 'addresses')})"


def _first_failure(service: ServiceStatus) -> str:
    address = failing(service)[0]
    again = "; its newest check works, which is not confirmed yet" if address.check.failure is None else ""
    return f"{address.check.address} on {service.side.value} {failure_words(address.lapse or address.check)}{again}"
