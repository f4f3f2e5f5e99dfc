import random
import re

from probe.model.name import DomainName, canonical
from probe.route53.account import Route53, draw_delegation_set, name_server_name


def test_name_servers_are_numbered_as_route_53_does() -> None:
    assert [name_server_name(stripe, 0) for stripe in range(4)] == [
        "ns-0.awsdns-00.com.",
        "ns-512.awsdns-00.net.",
        "ns-1024.awsdns-00.org.",
        "ns-1536.awsdns-00.co.uk.",
    ]
    assert name_server_name(1, 511) == "ns-1023.awsdns-63.net."


def test_a_delegation_set_is_never_that_of_private_zones() -> None:
    draw = random.Random(1)
    drawn = {name for _ in range(3000) for name in draw_delegation_set(draw)}
    assert not drawn & {name_server_name(stripe, 0) for stripe in range(4)}
    assert len(drawn) > 2000


def test_two_zones_share_at_most_two_name_servers() -> None:
    class Repeating(random.Random):
        """Draws the same delegation set over and over, then others."""

        calls = 0

        def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
            self.calls += 1
            return 7 if self.calls <= 20 else super().randrange(start, stop, step)

    route53 = Route53(Repeating(1))
    first, second = (route53.create_hosted_zone(canonical(name)) for name in ("example.com", "example.net"))
    assert len(set(first.name_servers) & set(second.name_servers)) <= 2


def test_zones_are_found_by_id_with_or_without_its_prefix() -> None:
    route53 = Route53(random.Random(1))
    zone = route53.create_hosted_zone(canonical("example.com"))
    assert re.fullmatch("Z[A-Z0-9]{13}", zone.zone_id)
    assert route53.hosted_zone(zone.zone_id) is route53.hosted_zone(f"/hostedzone/{zone.zone_id}") is zone
    assert route53.hosted_zone("ZNONE") is None
    assert route53.hosted_zones() == (zone,)


def test_the_nearest_zone_holds_a_name() -> None:
    route53 = Route53(random.Random(1))
    above = route53.create_hosted_zone(canonical("example.com"))
    below = route53.create_hosted_zone(canonical("app.example.com"))
    assert route53.longest_match(DomainName("web.app.example.com.")) is below
    assert route53.longest_match(DomainName("web.example.com.")) is above
    assert route53.longest_match(DomainName("example.org.")) is None
