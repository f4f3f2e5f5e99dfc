"""ExternalDNS' annotations of one object, by the prefix that an instance reads (source/annotations)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from probe.config.mistakes import Unusable
from probe.config.values import parse_seconds
from probe.model.plan import Routing
from probe.route53.change_form import MAX_WEIGHT

PREFIXES = ("external-dns.alpha.kubernetes.io/", "external-dns.kubernetes.io/")
"""The default of --annotation-prefix until v0.21, and from v0.22 on."""

CONTROLLER = "dns-controller"
"""The value of the annotation `controller` that ExternalDNS takes for its own; with any other the object is left."""

_HOSTNAME, _INTERNAL_HOSTNAME = "hostname", "internal-hostname"

_ROUTING: Mapping[str, Routing] = {
    "aws-failover": Routing.FAILOVER,
    "aws-region": Routing.LATENCY,
    "aws-geolocation-continent-code": Routing.GEOLOCATION,
    "aws-geolocation-country-code": Routing.GEOLOCATION,
    "aws-geolocation-subdivision-code": Routing.GEOLOCATION,
    "aws-multi-value-answer": Routing.MULTIVALUE,
}
_OTHER_ROUTING = re.compile(r"aws-(geoproximity|cidr)")


class Annotations(NamedTuple):
    """An object's annotations as an instance reads them.

    Attributes:
        prefix: `--annotation-prefix`.
        values: All of the object's annotations.
    """

    prefix: str
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        """Give the value of an annotation without its prefix; empty where there is none."""
        return self.values.get(self.prefix + name, "")

    @property
    def hostnames(self) -> tuple[str, ...]:
        """The annotation `hostname`: names between commas, blanks of no matter."""
        return _names(self.get(_HOSTNAME))

    @property
    def internal_hostnames(self) -> tuple[str, ...]:
        """The annotation `internal-hostname`: names that lead to a Service's cluster IP."""
        return _names(self.get(_INTERNAL_HOSTNAME))

    @property
    def targets(self) -> tuple[str, ...]:
        """The annotation `target`: in place of the load balancer of the status."""
        return _names(self.get("target"))

    @property
    def is_for_another(self) -> bool:
        """Whether the annotation `controller` leaves the object to somebody else."""
        return self.get("controller") not in {"", CONTROLLER}

    @property
    def hostname_source(self) -> str:
        """The annotation `ingress-hostname-source`, in lower case."""
        return self.get("ingress-hostname-source").lower()

    @property
    def ttl(self) -> int | None:
        """The annotation `ttl`, in whole seconds; None where there is none that can be read."""
        text = self.get("ttl")
        try:
            return round(parse_seconds(int(text) if text.isdecimal() and len(text) < 10 else text))  # noqa: PLR2004  a TTL has ten digits at most
        except Unusable:
            return None

    @property
    def set_identifier(self) -> str:
        """The annotation `set-identifier`: which of a name's record sets this is."""
        return self.get("set-identifier")

    @property
    def weight(self) -> int | None:
        """The annotation `aws-weight`; None where there is none that Route 53 would take."""
        return weight_of(self.get("aws-weight"))

    @property
    def routing(self) -> Routing | None:
        """How Route 53 is to choose, where not by weights; None where the object says nothing of it."""
        return next((routing for name, routing in _ROUTING.items() if self.get(name)), None)

    @property
    def health_check_id(self) -> str | None:
        """The annotation `aws-health-check-id`."""
        return self.get("aws-health-check-id") or None

    @property
    def evaluate_target_health(self) -> bool | None:
        """The annotation `aws-evaluate-target-health`; None leaves it to the flag."""
        text = self.get("aws-evaluate-target-health").lower()
        return None if text not in {"true", "false"} else text == "true"

    @property
    def unread(self) -> tuple[str, ...]:
        """Annotations of a routing that a plan has no word for."""
        own = (key.removeprefix(self.prefix) for key in self.values if key.startswith(self.prefix))
        return tuple(sorted(name for name in own if _OTHER_ROUTING.match(name)))


def weight_of(text: str) -> int | None:
    """Read a weight, 0 to 255; None for anything else."""
    return int(text) if text.isdecimal() and len(text) < 4 and int(text) <= MAX_WEIGHT else None  # noqa: PLR2004  three digits


def prefixes_of(values: Mapping[str, str]) -> frozenset[str]:
    """Give the default prefixes under which an object names hosts or targets."""
    names = (_HOSTNAME, _INTERNAL_HOSTNAME, "target", "set-identifier", "aws-weight")
    return frozenset(prefix for prefix in PREFIXES if any(prefix + name in values for name in names))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.replace(" ", "").split(",") if (name := part.strip().removesuffix(".")))
