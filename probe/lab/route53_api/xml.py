r"""The XML of the Route 53 API (2013-04-01): requests taken in, responses written.

Requests come from anyone who reaches the port: they are bounded, and a DTD is refused (no entities, no expansion).
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.parsers import expat

import dns.name

from probe.model.name import DomainName
from probe.route53.hosted_zone import ChangeInfo, HostedZone, escape
from probe.route53.record_values import to_domain
from probe.route53.records import AliasTarget, Change, ChangeAction, ResourceRecordSet

XML_NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"

_DEEPEST = 12  # the deepest request, a record's value, is eight elements deep
_NAMESPACE_SEPARATOR = " "  # between namespace and tag; cannot occur in either
_ROUTING_POLICIES = (
    "Region",
    "Failover",
    "GeoLocation",
    "MultiValueAnswer",
    "GeoProximityLocation",
    "CidrRoutingConfig",
)
_NUMBER = re.compile(r"-?[0-9]{1,18}")


class InvalidXmlError(ValueError):
    """The body is not a request; the message says why in one sentence."""


class _Tree:
    """Builds elements without namespaces from expat's events, and refuses what no request needs."""

    def __init__(self) -> None:
        self._builder = ET.TreeBuilder()
        self._depth = 0

    def start(self, tag: str, *_: object) -> None:
        namespace, separator, local = tag.rpartition(_NAMESPACE_SEPARATOR)
        self._depth += 1
        if not separator or namespace != XML_NAMESPACE:
            raise InvalidXmlError(f"element {local} is not in the namespace {XML_NAMESPACE}")
        if self._depth > _DEEPEST:
            raise InvalidXmlError("elements are nested too deeply")
        self._builder.start(local, {})

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(tag.rpartition(_NAMESPACE_SEPARATOR)[2])

    def data(self, text: str) -> None:
        self._builder.data(text)

    def doctype(self, *_: object) -> None:
        raise InvalidXmlError("a DTD is not accepted")

    def close(self) -> ET.Element:
        return self._builder.close()


def parse(body: bytes) -> ET.Element:
    """Parse a request.

    Raises:
        InvalidXmlError: It is not well formed, has a DTD, or is not in Route 53's namespace.
    """
    tree = _Tree()
    parser = expat.ParserCreate(namespace_separator=_NAMESPACE_SEPARATOR)
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    parser.StartDoctypeDeclHandler = tree.doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003 -- expat's own flag for the last piece
    except expat.ExpatError as error:
        raise InvalidXmlError(str(error)) from None
    return tree.close()


def to_name(text: str) -> DomainName:
    r"""Make a name of the API's spelling: `\ooo` octal, any case, with or without the trailing dot.

    Raises:
        InvalidXmlError: It is no domain name.
    """
    try:
        return to_domain(text.strip())
    except dns.name.NameTooLong:
        raise InvalidXmlError(f"{text!r} is too long for a domain name") from None
    except (dns.name.LabelTooLong, dns.name.EmptyLabel):
        raise InvalidXmlError(f"{text!r} has a label that is too long or empty") from None


def read_changes(root: ET.Element) -> list[Change]:
    """Read a ChangeResourceRecordSetsRequest.

    Raises:
        InvalidXmlError: Something is missing or not what it should be.
    """
    if root.tag != "ChangeResourceRecordSetsRequest":
        raise InvalidXmlError(f"expected ChangeResourceRecordSetsRequest, found {root.tag}")
    changes = [_read_change(element) for element in root.findall("ChangeBatch/Changes/Change")]
    if not changes:
        raise InvalidXmlError("the content of element 'Changes' is not complete")
    return changes


def _read_change(element: ET.Element) -> Change:
    action = _text(element, "Action")
    record = element.find("ResourceRecordSet")
    if action not in set(ChangeAction) or record is None:
        raise InvalidXmlError("a Change needs an Action (CREATE, DELETE or UPSERT) and a ResourceRecordSet")
    return Change(ChangeAction(action), _read_record(record))


def _read_record(element: ET.Element) -> ResourceRecordSet:
    for policy in _ROUTING_POLICIES:
        if element.find(policy) is not None:
            raise InvalidXmlError(f"this Route 53 holds simple and weighted record sets only, none with {policy}")
    alias = element.find("AliasTarget")
    values = element.findall("ResourceRecords/ResourceRecord")
    return ResourceRecordSet(
        name=to_name(_text(element, "Name") or ""),
        rdtype=_text(element, "Type") or "",
        ttl=_number(element, "TTL"),
        values=tuple(_text(value, "Value") or "" for value in values),
        alias=None if alias is None else _read_alias(alias),
        set_identifier=_text(element, "SetIdentifier") or "",
        weight=_number(element, "Weight"),
        health_check_id=_text(element, "HealthCheckId"),
    )


def _read_alias(element: ET.Element) -> AliasTarget:
    evaluate = _text(element, "EvaluateTargetHealth")
    if evaluate not in {"true", "false"}:
        raise InvalidXmlError("EvaluateTargetHealth has to be true or false")
    zone_id = (_text(element, "HostedZoneId") or "").removeprefix("/hostedzone/")
    return AliasTarget(zone_id, to_name(_text(element, "DNSName") or ""), evaluate == "true")


def read_resource_ids(root: ET.Element) -> list[str]:
    """Read the zone ids of a ListTagsForResourcesRequest."""
    return [(element.text or "").strip() for element in root.findall("ResourceIds/ResourceId")]


def _text(element: ET.Element, tag: str) -> str | None:
    found = element.find(tag)
    return None if found is None else (found.text or "").strip()


def _number(element: ET.Element, tag: str) -> int | None:
    text = _text(element, tag)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise InvalidXmlError(f"{tag} has to be a number, not {text!r}")
    return int(text)


def _write(root: ET.Element) -> bytes:
    root.set("xmlns", XML_NAMESPACE)
    return b'<?xml version="1.0"?>\n' + ET.tostring(root)


def _add(parent: ET.Element, tag: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = text
    return element


def _flag(*, value: bool) -> str:
    return "true" if value else "false"


def write_hosted_zones(zones: Iterable[HostedZone], marker: str, next_marker: str | None, max_items: int) -> bytes:
    """Write a ListHostedZonesResponse."""
    root = ET.Element("ListHostedZonesResponse")
    listed = _add(root, "HostedZones")
    for zone in zones:
        element = _add(listed, "HostedZone")
        _add(element, "Id", f"/hostedzone/{zone.zone_id}")
        _add(element, "Name", escape(zone.name))
        _add(element, "CallerReference", zone.zone_id)
        _add(_add(element, "Config"), "PrivateZone", "false")
        _add(element, "ResourceRecordSetCount", str(len(zone.record_sets())))
    if marker:
        _add(root, "Marker", marker)
    _add(root, "IsTruncated", _flag(value=next_marker is not None))
    if next_marker is not None:
        _add(root, "NextMarker", next_marker)
    _add(root, "MaxItems", str(max_items))
    return _write(root)


def write_record_sets(records: Iterable[ResourceRecordSet], after: ResourceRecordSet | None, max_items: int) -> bytes:
    """Write a ListResourceRecordSetsResponse; `after` is the first record set of the next page."""
    root = ET.Element("ListResourceRecordSetsResponse")
    listed = _add(root, "ResourceRecordSets")
    for record in records:
        _add_record(listed, record)
    _add(root, "IsTruncated", _flag(value=after is not None))
    if after is not None:
        _add(root, "NextRecordName", escape(after.name))
        _add(root, "NextRecordType", after.rdtype)
        if after.set_identifier:
            _add(root, "NextRecordIdentifier", after.set_identifier)
    _add(root, "MaxItems", str(max_items))
    return _write(root)


def _add_record(listed: ET.Element, record: ResourceRecordSet) -> None:
    element = _add(listed, "ResourceRecordSet")
    _add(element, "Name", escape(record.name))
    _add(element, "Type", record.rdtype)
    if record.set_identifier:
        _add(element, "SetIdentifier", record.set_identifier)
    if record.weight is not None:
        _add(element, "Weight", str(record.weight))
    if record.alias is None:
        _add(element, "TTL", str(record.ttl))
        values = _add(element, "ResourceRecords")
        for value in record.values:
            _add(_add(values, "ResourceRecord"), "Value", value)
    else:
        alias = _add(element, "AliasTarget")
        _add(alias, "HostedZoneId", record.alias.hosted_zone_id)
        _add(alias, "DNSName", escape(record.alias.dns_name))
        _add(alias, "EvaluateTargetHealth", _flag(value=record.alias.evaluate_target_health))
    if record.health_check_id is not None:
        _add(element, "HealthCheckId", record.health_check_id)


def write_change_info(info: ChangeInfo, submitted_at: float) -> bytes:
    """Write a ChangeResourceRecordSetsResponse; `submitted_at` is wall time in seconds."""
    root = ET.Element("ChangeResourceRecordSetsResponse")
    element = _add(root, "ChangeInfo")
    _add(element, "Id", f"/change/{info.change_id}")
    _add(element, "Status", "PENDING")
    moment = datetime.fromtimestamp(submitted_at, UTC)
    _add(element, "SubmittedAt", moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    return _write(root)


def write_tags(zones: Iterable[HostedZone]) -> bytes:
    """Write a ListTagsForResourcesResponse."""
    root = ET.Element("ListTagsForResourcesResponse")
    sets = _add(root, "ResourceTagSets")
    for zone in zones:
        element = _add(sets, "ResourceTagSet")
        _add(element, "ResourceType", "hostedzone")
        _add(element, "ResourceId", zone.zone_id)
        tags = _add(element, "Tags")
        for key, value in zone.tags.items():
            tag = _add(tags, "Tag")
            _add(tag, "Key", key)
            _add(tag, "Value", value)
    return _write(root)


def write_error(code: str, messages: tuple[str, ...], request_id: str) -> bytes:
    """Write an ErrorResponse; InvalidChangeBatch lists its messages besides, as the API reference has it."""
    root = ET.Element("ErrorResponse")
    error = _add(root, "Error")
    _add(error, "Type", "Sender")
    _add(error, "Code", code)
    if code == "InvalidChangeBatch":
        _add(error, "Message", f"[{', '.join(messages)}]")
        listed = _add(error, "Messages")
        for message in messages:
            _add(listed, "Message", message)
    else:
        _add(error, "Message", "; ".join(messages))
    _add(root, "RequestId", request_id)
    return _write(root)
