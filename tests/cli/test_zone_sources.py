"""What `--zone` may be: Route 53's API, a transfer, a file; and what each refusal is."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probe.cli.errors import CommandError
from probe.cli.zone_sources import read_account, read_zones
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import HealthCheck, ZoneEntry
from probe.inventory.written import hosted_zones
from probe.inventory.written.zone import WrittenZone
from probe.model.name import DomainName, canonical
from probe.route53.account import Route53
from tests.aws import lab_server, require_boto3, with_credentials, without_credentials
from tests.inventory.manifests import DATA, V1_WEB
from tests.inventory.written.test_export import SOA, alias
from tests.lab.builders import StandingClock, create, plain
from tests.real_servers import bind

HOSTS = (DomainName("shop.example.com."), DomainName("api.example.com."))
PUBLIC = ZoneEntry("Z1", "example.com.", is_private=False, size=120)
PRIVATE = ZoneEntry("Z2", "example.com.", is_private=True, size=12)


class Account:
    """An account whose answers are known, and what was asked of it."""

    def __init__(self, *entries: ZoneEntry, sets: tuple[dict[str, Any], ...] = (), refused: str = "") -> None:
        self.entries = entries
        self.sets = sets
        self.refused = refused
        self.asked: list[str] = []

    def zones(self) -> tuple[ZoneEntry, ...]:
        self.asked.append("zones")
        return self.entries

    def where(self, entry: ZoneEntry) -> str:
        return "" if self.refused else {"Z1": "ns-1.awsdns-01.com", "Z2": "vpc-0abc (eu-west-1)"}[entry.zone_id]

    def record_sets(self, zone_id: str) -> list[dict[str, Any]]:
        self.asked.append(zone_id)
        return [SOA, *self.sets]

    def health_checks(self, wanted: tuple[str, ...]) -> dict[str, HealthCheck]:
        if self.refused:
            raise UnreadableSource(self.refused)
        return {name: HealthCheck({"Type": "TCP"}, ("Failure: x",)) for name in wanted if name != "gone"}


def read(account: Account, zone_id: str = "", profile: str = "prod") -> list[WrittenZone]:
    asked: Any = account
    return list(read_account(asked, profile, zone_id, HOSTS))


def test_the_zones_of_the_hosts_are_read_and_told_by_profile_and_id() -> None:
    account = Account(PUBLIC, ZoneEntry("Z3", "example.net.", is_private=False, size=1))
    (zone,) = read(account)
    assert (zone.apex, str(zone.origin)) == ("example.com.", "route53:prod@Z1")
    assert zone.zone_id == "Z1", "a --zone-id-filter is compared with it"
    assert account.asked == ["zones", "Z1"]


def test_a_zone_that_is_named_needs_no_list() -> None:
    account = Account()
    assert str(read(account, "Z9", "")[0].origin) == "route53:@Z9"
    assert account.asked == ["Z9"]


def test_two_zones_of_a_name_are_told_apart_and_how_to_choose() -> None:
    with pytest.raises(UnreadableSource) as raised:
        read(Account(PUBLIC, PRIVATE))
    assert str(raised.value) == (
        "2 hosted zones are `example.com`: `Z1` is public, of 120 record sets, at ns-1.awsdns-01.com; `Z2` is private, "
        "of 12 record sets, at vpc-0abc (eu-west-1). Write `route53:prod@Z1` for the first"
    )
    with pytest.raises(UnreadableSource, match="`Z1` is public, of 120 record sets; `Z2` is private"):
        read(Account(PUBLIC, PRIVATE, refused="no"))


def test_health_is_read_beside_and_is_missed_without_harm() -> None:
    sets = tuple(alias("a.example.com.", SetIdentifier=one, Weight=1, HealthCheckId=one) for one in ("hc", "gone"))
    (zone,) = read(Account(PUBLIC, sets=sets))
    assert {name: one.is_healthy for name, one in zone.health.items()} == {"hc": False, "gone": None}
    (zone,) = read(Account(PUBLIC, sets=sets, refused="it may not"))
    assert (zone.health, [one.sentence for one in zone.notices]) == (
        {},
        ["the health checks were not read: it may not"],
    )


def test_a_file_that_is_larger_than_any_zone_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(CommandError, match=r"it is larger than 64 MiB: it is not a zone"):
        read_zones([str(tmp_path / "huge")], HOSTS, None)


def test_more_health_checks_than_are_asked_for_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted_zones, "MAX_CHECKS", 1)
    sets = tuple(alias("a.example.com.", SetIdentifier=one, Weight=1, HealthCheckId=one) for one in ("h1", "h2"))
    (zone,) = read(Account(PUBLIC, sets=sets))
    assert list(zone.health) == ["h1"]
    assert "1 of 2 health checks were asked" in zone.notices[0].sentence


def refusal(text: str, tsig: Path | None = None) -> str:
    with pytest.raises(CommandError) as raised:
        read_zones([text], HOSTS, tsig)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("route53:prod@z1", "--zone `route53:prod@z1`: `z1` is no hosted zone's id; write route53:PROFILE@Z012"),
        ("route53:a@b@", "`` is no hosted zone's id"),
        (
            "axfr:ns.example.com/example.com",
            "`ns.example.com` does not name an IP address; write an address and a port",
        ),
        ("axfr:192.0.2.53/exa mple", "exa mple"),
        ("/no/such/zone", "--zone `/no/such/zone`: it cannot be read: No such file"),
        (str(DATA / "v1" / "shop.yaml"), "does not tell whose zone it is"),
    ],
)
def test_what_is_no_zone_is_refused_with_what_to_write(text: str, words: str) -> None:
    assert words in refusal(text)


def test_two_zones_of_one_name_are_looked_at_one_by_one() -> None:
    with pytest.raises(CommandError, match=r"Two of the zones are `example\.com`"):
        read_zones([str(DATA / "zone.json")] * 2, HOSTS, None)


@pytest.fixture
def _aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_boto3()
    without_credentials(monkeypatch, tmp_path)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, _aws: None) -> Iterator[str]:
    """The lab's Route 53 with one zone, and a profile for it."""
    route53 = Route53(random.Random(1))
    zone = route53.create_hosted_zone(canonical("example.com"))
    zone.change(create(plain("shop.example.com", "CNAME", V1_WEB)))
    clock = StandingClock()
    with lab_server(route53, clock) as url:
        with_credentials(monkeypatch, url)
        monkeypatch.setattr("probe.cli.zone_sources.time.sleep", lambda _: None)
        yield zone.zone_id


def test_the_labs_route_53_is_asked_as_the_real_one(lab: str) -> None:
    (zone,) = read_zones(["route53:"], HOSTS, None)
    assert str(zone.origin) == f"route53:@{lab}"
    (shop,) = zone.standing(HOSTS[0])
    assert list(zone.targets(shop)) == [V1_WEB]
    assert "the account has no hosted zone `Z404`" in refusal("route53:@Z404")


@pytest.mark.usefixtures("_aws")
def test_who_has_no_credentials_is_told_in_a_sentence() -> None:
    assert refusal("route53:") == (
        "--zone `route53:`: no AWS credentials were found: name a profile (`route53:PROFILE`), set AWS_PROFILE or the "
        "variables of the credentials, or give the pod's service account a role."
    )
    assert refusal("route53:prod") == ("--zone `route53:prod`: there is no profile `prod` in the AWS configuration.")


@pytest.mark.real
def test_a_transfer_with_and_without_the_zones_name() -> None:
    with bind(
        {"example.com": "@ NS ns\nns A 127.0.0.1\nshop A 192.0.2.1\n"}, options="allow-transfer { any; };"
    ) as one:
        for text in (f"axfr:127.0.0.1:{one.port}/example.com", f"axfr:127.0.0.1:{one.port}"):
            (zone,) = read_zones([text], HOSTS, None)
            assert str(zone.origin) == f"axfr:127.0.0.1:{one.port}/example.com"
            assert zone.standing(HOSTS[0])
