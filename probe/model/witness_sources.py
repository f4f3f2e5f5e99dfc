"""How witnesses beside DNS are asked, as the plan has it. All of them may be missing: then nobody is asked."""

from dataclasses import dataclass
from pathlib import Path

from probe.model.side import Side


@dataclass(frozen=True, slots=True)
class ClusterSource:
    """How one cluster's API server is found, and as whom it is asked.

    Attributes:
        kubeconfig: A file of its own; None takes KUBECONFIG, as kubectl does.
        context: One of its contexts; empty takes the current one.
        in_cluster: This pod's own cluster, by its service account.
    """

    kubeconfig: Path | None = None
    context: str = ""
    in_cluster: bool = False


@dataclass(frozen=True, slots=True)
class Route53Source:
    """As whom Route 53 is asked, and for which zones.

    Attributes:
        profile: Of the AWS configuration; empty takes what the environment says.
        role: The ARN of a role that is assumed with these credentials; empty assumes none.
        zones: Ids of hosted zones; empty takes those that hold the plan's domains.
        interval: Seconds between two readings.
    """

    profile: str = ""
    role: str = ""
    zones: tuple[str, ...] = ()
    interval: float = 300.0


@dataclass(frozen=True, slots=True)
class WitnessSources:
    """Every witness of a plan. The reason for each default stands in `probe.config.schema_witnesses`.

    Attributes:
        v1, v2: The clusters; None where one is no witness.
        cluster_interval: Seconds between two readings of a cluster that may not be watched.
        route53: Route 53; None where it is no witness.
    """

    v1: ClusterSource | None = None
    v2: ClusterSource | None = None
    cluster_interval: float = 60.0
    route53: Route53Source | None = None

    def cluster(self, side: Side) -> ClusterSource | None:
        """Give one side's."""
        return self.v1 if side is Side.V1 else self.v2

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return not (self.v1 is None and self.v2 is None and self.route53 is None)
