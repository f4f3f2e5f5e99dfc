"""Names, targets and addresses that a play needs and DNS does not show. No word of a verdict is made of them."""

from dataclasses import replace

from probe.externaldns.endpoint import DEFAULT_TTL, DnsEndpoint
from probe.externaldns.instance import ingress
from probe.judge.ownership.lookup import Shape
from probe.model.name import DomainName, canonical, display
from probe.model.record import Position
from probe.model.side import Side
from probe.route53.records import AliasTarget, ResourceRecordSet

ASSUMED_RESOURCE = "ingress/any/any"
"""The object that wants a host: the manifests of both clusters are taken to be the same."""

_ELB_ZONE = "ZWKZPGTI48KDX"  # ap-northeast-2's: which region it is decides nothing
_ASSUMED_TARGETS: dict[Side | None, str] = {
    **{side: f"{side.value}-0.ap-northeast-2.elb.amazonaws.com" for side in Side},
    None: "elsewhere-0.ap-northeast-2.elb.amazonaws.com",
}
_ASSUMED_ADDRESSES: dict[Side | None, tuple[str, str]] = {
    Side.V1: ("192.0.2.1", "2001:db8::1"),
    Side.V2: ("198.51.100.1", "2001:db8:ffff::1"),
    None: ("203.0.113.1", "2001:db8:eeee::1"),
}
_PLACES: dict[Side | None, Position] = {Side.V1: Position.V1, Side.V2: Position.V2, None: Position.FOREIGN}
_PLACE_OF = {
    **{text: _PLACES[side] for side, text in _ASSUMED_TARGETS.items()},
    **{text: _PLACES[side] for side, texts in _ASSUMED_ADDRESSES.items() for text in texts},
}


def record(name: DomainName, rdtype: str, shape: Shape, side: Side | None) -> ResourceRecordSet:
    """Make a record of a host that leads to a side's load balancer, or to neither."""
    if shape is Shape.CNAME:
        return ResourceRecordSet(name, "CNAME", DEFAULT_TTL, (_ASSUMED_TARGETS[side],))
    if shape is Shape.ALIAS:
        return ResourceRecordSet(
            name, rdtype, alias=AliasTarget(_ELB_ZONE, canonical(_ASSUMED_TARGETS[side]), evaluate_target_health=True)
        )
    return ResourceRecordSet(name, rdtype, DEFAULT_TTL, (_ASSUMED_ADDRESSES[side][rdtype == "AAAA"],))


def wanted(name: DomainName, side: Side, shape: Shape, *, dualstack: bool) -> tuple[DnsEndpoint, ...]:
    """Make what a side's cluster wants of a host.

    Args:
        name: The host.
        side: Whose load balancer it is to lead to.
        shape: How.
        dualstack: It has AAAA as well: of addresses, and of a load balancer that is marked so for old versions, which
            write an AAAA alias only then.
    """
    if shape is Shape.ADDRESSES:
        v4, v6 = _ASSUMED_ADDRESSES[side]
        one = DnsEndpoint(name, "A", (v4,), labels={"resource": ASSUMED_RESOURCE})
        return (one, replace(one, rdtype="AAAA", targets=(v6,))) if dualstack else (one,)
    one = ingress(display(name), _ASSUMED_TARGETS[side], ASSUMED_RESOURCE)
    if shape is Shape.CNAME or not dualstack:
        return (one,)
    return (one, replace(one, rdtype="AAAA", alias=True, evaluate_target_health=True))


def place_of(held: ResourceRecordSet) -> Position:
    """Tell where a record that was made of these leads."""
    target = display(held.alias.dns_name) if held.alias is not None else next(iter(held.values), "")
    return _PLACE_OF.get(target.rstrip("."), Position.FOREIGN)
