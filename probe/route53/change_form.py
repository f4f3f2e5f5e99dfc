"""The form of a change, checked before any look at the zone: Route 53 codes these mistakes `InvalidInput`."""

from functools import lru_cache

import dns.exception
import dns.name

from probe.model.plan import Routing
from probe.route53.record_values import SUPPORTED_TYPES
from probe.route53.records import Change, ResourceRecordSet

MAX_WEIGHT = 255
"""Weights are 0 to 255 (API reference, ResourceRecordSet)."""

MAX_TTL = 2147483647
"""API reference, ResourceRecordSet; also the DNS's own (RFC 2181 section 8)."""

MAX_SET_IDENTIFIER = 128
"""Characters (API reference, ResourceRecordSet)."""

_TARGETS = "AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId"
_POLICIES = "Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig"


def form_mistake(change: Change) -> str | None:
    """Say what is wrong with the form of one change; None when nothing is."""
    record = change.record
    where = (
        f"in Change with [Action={change.action}, Name={record.name}, Type={record.rdtype}, "
        f"SetIdentifier={record.set_identifier or 'null'}]"
    )
    plain_parts = (record.ttl is not None) + bool(record.values)
    mistake = None
    if record.rdtype not in SUPPORTED_TYPES:
        mistake = f"Value '{record.rdtype}' at 'type' failed to satisfy constraint: Member must satisfy enum value set"
    elif not _is_name(record.name):
        mistake = f"Invalid request: Invalid domain name '{record.name}' {where}"
    elif record.alias is not None and plain_parts:
        mistake = f"Invalid request: Expected exactly one of [{_TARGETS}], but found more than one {where}"
    elif record.alias is None and plain_parts != len(("TTL", "ResourceRecords")):
        mistake = f"Invalid request: Expected exactly one of [{_TARGETS}], but found none {where}"
    elif (of_the_policy := _policy_mistake(record)) is not None:
        mistake = f"Invalid request: {of_the_policy} {where}"
    elif record.weight is not None and not 0 <= record.weight <= MAX_WEIGHT:
        bound = "greater than or equal to 0" if record.weight < 0 else f"less than or equal to {MAX_WEIGHT}"
        mistake = _constraint(record.weight, "weight", f"value {bound}")
    elif record.ttl is not None and not 0 <= record.ttl <= MAX_TTL:
        bound = "greater than or equal to 0" if record.ttl < 0 else f"less than or equal to {MAX_TTL}"
        mistake = _constraint(record.ttl, "tTL", f"value {bound}")
    elif len(record.set_identifier) > MAX_SET_IDENTIFIER:
        mistake = _constraint(
            record.set_identifier, "setIdentifier", f"length less than or equal to {MAX_SET_IDENTIFIER}"
        )
    return mistake


def _policy_mistake(record: ResourceRecordSet) -> str | None:
    if record.policy and not record.set_identifier:
        return "Missing field 'SetIdentifier'"
    if not record.policy and record.set_identifier:
        return f"Expected exactly one of [{_POLICIES}], but found none"
    if record.weight is not None and record.routed is not None:
        return f"Expected exactly one of [{_POLICIES}], but found more than one"
    if record.routed is not None and record.routed.routing is Routing.MULTIVALUE and record.alias is not None:
        return "Expected no AliasTarget of a record set with MultiValueAnswer"
    return None


@lru_cache(maxsize=8192)  # the same few names are changed again and again
def _is_name(text: str) -> bool:
    try:
        dns.name.from_text(text)
    except dns.exception.DNSException:
        return False
    return True


def _constraint(value: object, field: str, constraint: str) -> str:
    begin = f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint"
    return f"{begin}: Member must have {constraint}"
