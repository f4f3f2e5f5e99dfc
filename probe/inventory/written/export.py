"""The JSON of `aws route53 list-resource-record-sets` to record sets: one shape, whatever else a file may hold."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dns.exception

from probe.inventory.origin import Notice, Origin, named
from probe.inventory.written.zone import UnreadableZone, WrittenZone, make_zone
from probe.model.name import canonical
from probe.model.plan import Routing
from probe.route53.record_values import to_domain
from probe.route53.records import AliasTarget, ResourceRecordSet, RoutedBy

LISTING = "aws route53 list-resource-record-sets --hosted-zone-id Z... > zone.json"
"""The command that makes one."""

_NO_LISTING = (ValueError, KeyError, TypeError, AttributeError, RecursionError, dns.exception.DNSException)
"""What reading something else raises."""

_NO_WORD = ("GeoProximityLocation", "CidrRoutingConfig", "TrafficPolicyInstanceId")


def read_zone_export(content: bytes, file: str) -> WrittenZone:
    """Read an export as a zone.

    Raises:
        UnreadableZone: It is no export, or not of a whole zone.
    """
    notices: list[Notice] = []
    return make_zone(record_sets_of(content, file, notices), Origin(file), notices)


def record_sets_of(content: bytes, file: str, notices: list[Notice]) -> tuple[ResourceRecordSet, ...]:
    """Read the record sets of an export, whole zone or not.

    Raises:
        UnreadableZone: It is no export.
    """
    try:
        listed = json.loads(content)["ResourceRecordSets"]
        return tuple(_record_sets(listed, file, notices))
    except _NO_LISTING as error:
        raise UnreadableZone(f"{Origin(file)} is not an export of a hosted zone; make one with `{LISTING}`") from error


def read_zone_listing(listed: Iterable[Mapping[str, Any]], source: str) -> WrittenZone:
    """Read what ListResourceRecordSets gives as a zone.

    Raises:
        UnreadableZone: It is not what Route 53 gives.
    """
    notices: list[Notice] = []
    try:
        held = tuple(_record_sets(listed, source, notices))
    except _NO_LISTING as error:
        raise UnreadableZone(f"{Origin(source)} answers with what is no listing of record sets") from error
    return make_zone(held, Origin(source), notices)


def _record_sets(listed: Iterable[Any], file: str, notices: list[Notice]) -> Iterator[ResourceRecordSet]:
    for one in listed:
        record = _record_set(one)
        unread = next((key for key in _NO_WORD if one.get(key) is not None), None)
        if unread is not None:
            sentence = f"{named(record.name)} {record.rdtype} is chosen by {unread}, for which a plan has no word"
            notices.append(Notice(Origin(file), sentence))
        yield record


def _record_set(one: dict[str, Any]) -> ResourceRecordSet:
    alias = one.get("AliasTarget")
    return ResourceRecordSet(
        name=to_domain(str(one["Name"])),
        rdtype=str(one["Type"]),
        ttl=int(one["TTL"]) if "TTL" in one else None,
        values=tuple(str(value["Value"]) for value in one.get("ResourceRecords", ())),
        alias=None
        if alias is None
        else AliasTarget(
            str(alias["HostedZoneId"]), canonical(str(alias["DNSName"])), bool(alias.get("EvaluateTargetHealth"))
        ),
        set_identifier=str(one.get("SetIdentifier", "")),
        weight=int(one["Weight"]) if one.get("Weight") is not None else None,
        health_check_id=str(one["HealthCheckId"]) if one.get("HealthCheckId") else None,
        routed=_routed(one),
    )


def _routed(one: dict[str, Any]) -> RoutedBy | None:
    if one.get("Failover") is not None:
        return RoutedBy(Routing.FAILOVER, str(one["Failover"]))
    if one.get("Region") is not None:
        return RoutedBy(Routing.LATENCY, str(one["Region"]))
    if one.get("GeoLocation") is not None:
        location = one["GeoLocation"]
        return RoutedBy(Routing.GEOLOCATION, ",".join(f"{key}={location[key]}" for key in sorted(location)))
    return RoutedBy(Routing.MULTIVALUE) if one.get("MultiValueAnswer") is not None else None
