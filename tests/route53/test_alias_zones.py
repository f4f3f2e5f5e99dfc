from probe.model.name import DomainName
from probe.route53.alias_zones import CANONICAL_HOSTED_ZONES, alias_zones, region_domain


def test_alias_zones_cover_their_regions_names() -> None:
    assert alias_zones()["Z32O12XQLNTSW2"] == "eu-west-1.elb.amazonaws.com."


def test_every_region_has_a_zone_of_its_own_under_its_own_name() -> None:
    zones = alias_zones()
    assert len(zones) == len(CANONICAL_HOSTED_ZONES)
    assert set(zones.values()) == {region_domain(region) for region in CANONICAL_HOSTED_ZONES}
    assert region_domain("eu-west-1") == DomainName("eu-west-1.elb.amazonaws.com.")
