"""The hosted zones that an alias to a load balancer names."""

from probe.model.name import DomainName

CANONICAL_HOSTED_ZONES = {
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-northeast-2": "ZWKZPGTI48KDX",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-west-2": "Z1H1FL5HABSF5",
}
"""Per region, the hosted zone that an alias to one of its load balancers names (AWS general reference, "ELB")."""


def region_domain(region: str) -> DomainName:
    """Give the zone in which a region's load balancers are named."""
    return DomainName(f"{region}.elb.amazonaws.com.")


def alias_zones() -> dict[str, DomainName]:
    """Give, for each canonical hosted zone, the domain it covers."""
    return {zone_id: region_domain(region) for region, zone_id in CANONICAL_HOSTED_ZONES.items()}
