"""The finding `service-failing`, and how a check is said in words."""

from probe.judge.context import Context
from probe.judge.domain import SIDES, relevant
from probe.judge.findings.evidence import Found, facts
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.record import Position
from probe.model.service import ServiceAddress, ServiceCheck, ServiceFailure, ServiceState, ServiceStatus
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
    down = [one for one in status.services if one.state is ServiceState.DOWN and one.side in sides_led_to(status)]
    if not down:
        return None
    return Found(
        f"HTTPS of {display(status.domain.name)} fails on {listed([_side(one) for one in down])}, where it leads.",
        tuple(evidence(one) for service in down for one in failing(service)),
        facts=facts(*((FactLabel.CAUSE, _first_failure(one)) for one in down)),
    )


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
    check = address.check
    told = [failure_words(check)]
    if check.status is not None:
        told.append(f"status {check.status}")
    if check.certificate is not None:
        told.append(f"certificate until {wall(check.certificate.not_after)}")
    return (
        f"{moment(check.at)}: {check.address} on {check.side.value} {', '.join(told)} (since {moment(address.since)})"
    )


def _side(service: ServiceStatus) -> str:
    return f"{service.side.value} ({len(failing(service))} of {plural(len(service.addresses), 'address', 'addresses')})"


def _first_failure(service: ServiceStatus) -> str:
    check = failing(service)[0].check
    return f"{check.address} on {service.side.value} {failure_words(check)}"
