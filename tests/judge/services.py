"""HTTPS checks as the judge's tests speak of them."""

from probe.model.name import DomainName
from probe.model.service import Certificate, ServiceCheck, ServiceFailure
from probe.model.side import Side
from tests.judge.answers import NAME, instant

CERTIFICATE = Certificate("app.example.com", "Test CA", ("app.example.com",), 1_789_000_000.0, 1_800_000_000.0)
V1_ADDRESSES = ("198.51.100.1", "198.51.100.2")
V2_ADDRESSES = ("203.0.113.1", "203.0.113.2")
PRESENT = {Side.V1: V1_ADDRESSES, Side.V2: V2_ADDRESSES}


def checked(
    seconds: float,
    failure: ServiceFailure | None = None,
    *,
    side: Side = Side.V2,
    address: str | None = None,
    status: int | None = 200,
    headers: tuple[tuple[str, str], ...] = (),
    certificate: Certificate | None = CERTIFICATE,
    name: DomainName = NAME,
) -> ServiceCheck:
    return ServiceCheck(
        name,
        side,
        address or PRESENT[side][0],
        instant(seconds),
        0.05,
        failure,
        "" if failure is None else "a detail",
        status if failure in (None, ServiceFailure.STATUS, ServiceFailure.IDENTITY) else None,
        certificate,
        headers,
    )
