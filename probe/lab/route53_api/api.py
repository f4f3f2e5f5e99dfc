"""The Route 53 API over HTTP: the four operations that ExternalDNS uses, strict about what it is told.

Signatures are not checked and credentials not looked at: whoever reaches the loopback port may change the lab.
"""

import re
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count, islice

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from probe.lab.route53_api import xml
from probe.model.clock import Clock
from probe.route53.account import Route53
from probe.route53.hosted_zone import HostedZone, listing_order
from probe.route53.records import InvalidChangeBatchError, InvalidInputError, ResourceRecordSet

MOST_RECORD_SETS = 300
"""The most record sets of one page, and the default (API reference, ListResourceRecordSets)."""

MOST_ZONES = 100
"""The most zones of one page, and the default (API reference, ListHostedZones)."""

MOST_RESOURCES = 10
"""The most ids of one ListTagsForResources (API reference)."""

REQUESTS_PER_SECOND = 5
"""Of one account, over all its clients (developer guide, "Quotas")."""

_LARGEST_BODY = 4 * 1024 * 1024  # 32,000 characters of values in 1,000 changes stay well below
_API_VERSION = "/2013-04-01"


class _RefusedError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


_Operation = Callable[[Request], Awaitable[bytes]]


class Route53Api:
    """The service in front of an account.

    Args:
        route53: The account.
        clock: What stamps changes and counts requests per second.
        throttle: Whether more than five requests within a second are refused, as they are by AWS.
    """

    def __init__(self, route53: Route53, clock: Clock, *, throttle: bool = False) -> None:
        self._route53 = route53
        self._clock = clock
        self._recent: deque[float] = deque()
        self._request_ids = count(1)
        self.throttle = throttle

    def app(self) -> Starlette:
        """Make the ASGI application."""
        rrset = f"{_API_VERSION}/hostedzone/{{zone_id}}/rrset"
        return Starlette(
            routes=[
                Route(f"{_API_VERSION}/hostedzone", self._endpoint(self._list_hosted_zones), methods=["GET"]),
                Route(rrset, self._endpoint(self._list_record_sets), methods=["GET"]),
                Route(rrset, self._endpoint(self._change_record_sets), methods=["POST"]),
                Route(f"{rrset}/", self._endpoint(self._change_record_sets), methods=["POST"]),
                Route(f"{_API_VERSION}/tags/hostedzone", self._endpoint(self._list_tags), methods=["POST"]),
            ]
        )

    def _endpoint(self, operation: _Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            request_id = f"{next(self._request_ids):08d}-lab"
            status = 200
            try:
                self._count()
                body = await operation(request)
            except InvalidInputError as error:
                status, body = 400, xml.write_error("InvalidInput", error.messages, request_id)
            except InvalidChangeBatchError as error:
                status, body = 400, xml.write_error("InvalidChangeBatch", error.messages, request_id)
            except xml.InvalidXmlError as error:
                status, body = 400, xml.write_error("InvalidInput", (f"Invalid XML ; {error}",), request_id)
            except _RefusedError as error:
                status, body = error.status, xml.write_error(error.code, (error.message,), request_id)
            return Response(body, status, {"x-amzn-RequestId": request_id}, "text/xml")

        return endpoint

    def _count(self) -> None:
        if not self.throttle:
            return
        now = self._clock.now().monotonic
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= REQUESTS_PER_SECOND:
            raise _RefusedError("Throttling", "Rate exceeded")
        self._recent.append(now)

    def _zone(self, request: Request) -> HostedZone:
        zone_id: str = request.path_params["zone_id"]
        zone = self._route53.hosted_zone(zone_id)
        if zone is None:
            raise _RefusedError("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)
        return zone

    async def _list_hosted_zones(self, request: Request) -> bytes:
        max_items = _max_items(request, MOST_ZONES)
        marker = request.query_params.get("marker", "")
        zones = sorted(self._route53.hosted_zones(), key=lambda zone: zone.zone_id)
        rest = [zone for zone in zones if zone.zone_id >= marker]
        next_marker = rest[max_items].zone_id if len(rest) > max_items else None
        return xml.write_hosted_zones(rest[:max_items], marker, next_marker, max_items)

    async def _list_record_sets(self, request: Request) -> bytes:
        zone = self._zone(request)
        max_items = _max_items(request, MOST_RECORD_SETS)
        start = _start(request)
        rest = [record for record in zone.record_sets() if start is None or listing_order(record) >= start]
        after = rest[max_items] if len(rest) > max_items else None
        return xml.write_record_sets(islice(rest, max_items), after, max_items)

    async def _change_record_sets(self, request: Request) -> bytes:
        zone = self._zone(request)
        changes = xml.read_changes(xml.parse(await _body(request)))
        return xml.write_change_info(zone.change(changes), self._clock.now().wall)

    async def _list_tags(self, request: Request) -> bytes:
        ids = xml.read_resource_ids(xml.parse(await _body(request)))
        if not 1 <= len(ids) <= MOST_RESOURCES:
            raise _RefusedError("InvalidInput", f"ResourceIds has to name 1 to {MOST_RESOURCES} zones")
        zones = []
        for zone_id in ids:
            zone = self._route53.hosted_zone(zone_id)
            if zone is None:
                raise _RefusedError("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)
            zones.append(zone)
        return xml.write_tags(zones)


def _max_items(request: Request, most: int) -> int:
    text = request.query_params.get("maxitems", str(most))
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise _RefusedError("InvalidInput", f"maxitems has to be a number from 1 to {most}, not {text!r}")
    return min(int(text), most)


def _start(request: Request) -> tuple[str, str, str] | None:
    """Read where a listing begins; the type may be left out, the name may not if there is a type."""
    name = request.query_params.get("name")
    rdtype = request.query_params.get("type", "")
    identifier = request.query_params.get("identifier", "")
    if name is None:
        if rdtype or identifier:
            raise _RefusedError("InvalidInput", "a start type or identifier needs a start name")
        return None
    if identifier and not rdtype:
        raise _RefusedError("InvalidInput", "a start identifier needs a start type")
    return listing_order(ResourceRecordSet(xml.to_name(name), rdtype, set_identifier=identifier))


async def _body(request: Request) -> bytes:
    """Read the body up to the bound."""
    pieces = bytearray()
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            pieces += piece
            if len(pieces) > _LARGEST_BODY:
                raise _RefusedError("InvalidInput", "the request is too large", 413)
    return bytes(pieces)
