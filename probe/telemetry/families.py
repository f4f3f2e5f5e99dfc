"""Every metric that is exported."""

from probe.telemetry.daemon_families import DAEMON_FAMILIES
from probe.telemetry.domain_families import DOMAIN_FAMILIES

FAMILIES = DOMAIN_FAMILIES + DAEMON_FAMILIES
