"""Health as Route 53 sees it: a fact that the story sets. Everything is healthy until said otherwise."""

from probe.model.name import DomainName


def without_dualstack(name: DomainName) -> DomainName:
    """Strip the `dualstack.` that the console and ExternalDNS may put before a load balancer's name."""
    return DomainName(name.removeprefix("dualstack."))


class Health:
    """Which health checks fail, and which load balancers have a target group without a healthy target."""

    def __init__(self) -> None:
        self._failing_checks: set[str] = set()
        self._unhealthy_targets: set[DomainName] = set()

    def set_check(self, health_check_id: str, *, healthy: bool) -> None:
        """Set what a health check reports."""
        (self._failing_checks.discard if healthy else self._failing_checks.add)(health_check_id)

    def set_target(self, name: DomainName, *, healthy: bool) -> None:
        """Set whether a load balancer counts as healthy for `evaluate-target-health`."""
        change = self._unhealthy_targets.discard if healthy else self._unhealthy_targets.add
        change(without_dualstack(name))

    def check_passes(self, health_check_id: str) -> bool:
        """Tell what a health check reports."""
        return health_check_id not in self._failing_checks

    def target_healthy(self, name: DomainName) -> bool:
        """Tell whether a load balancer has healthy targets."""
        return not self._unhealthy_targets or without_dualstack(name) not in self._unhealthy_targets
