"""One host that a cluster wants, from one object."""

from typing import NamedTuple

from probe.externaldns.endpoint import DnsEndpoint
from probe.inventory.origin import Origin
from probe.model.name import DomainName
from probe.model.plan import Routing


class NamedHost(NamedTuple):
    """A host as an object names it, and what it is to lead to.

    Attributes:
        text: As it is written.
        origin: Where.
        targets: Names and addresses; none where nothing tells them.
        by_annotation: They are an annotation's and no status'.
    """

    text: str
    origin: Origin
    targets: tuple[str, ...]
    by_annotation: bool = False


class WantedHost(NamedTuple):
    """What one ExternalDNS would write for one object and host.

    Attributes:
        endpoint: As ExternalDNS' sources give it, before the AWS provider makes aliases of load balancers' names;
            without targets where the object's status tells none.
        workload: The label of the ExternalDNS that reads it.
        source: `ingress`, `service`, `gateway-httproute`, `crd`, …
        namespace: Of its object.
        wave: What the label or annotation `cutover-probe/wave` says, of the object or of its namespace.
        origin: Where the host stands.
        is_internal: Its load balancer is an internal one, by its name or by its object's annotations.
        by_annotation: Its target is an annotation's and no status'.
        routing: How Route 53 is to choose, where not by weights.
    """

    endpoint: DnsEndpoint
    workload: str
    source: str
    namespace: str
    wave: str
    origin: Origin
    is_internal: bool = False
    by_annotation: bool = False
    routing: Routing | None = None

    @property
    def name(self) -> DomainName:
        """The host."""
        return self.endpoint.name

    @property
    def resource(self) -> str:
        """The object, in ExternalDNS' words."""
        return self.endpoint.labels.get("resource", "")


class Balancer(NamedTuple):
    """What a cluster's objects lead to.

    Attributes:
        name: Its DNS name without a trailing dot, or its address.
        origin: The first place where it stands.
        resource: The object there.
        is_internal: It is an internal one.
    """

    name: str
    origin: Origin
    resource: str
    is_internal: bool
