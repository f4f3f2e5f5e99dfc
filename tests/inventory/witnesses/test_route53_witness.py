"""Route 53 as a witness: the zones of the domains in their views, at a slow pace, and each refusal in a sentence."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import HealthCheck, Route53Account, Timing, ZoneEntry
from probe.inventory.witnesses.route53_witness import Route53Witness, account_testimony
from probe.model.name import DomainName
from probe.model.plan import Authoritative, Endpoint, Plan, Shard
from probe.model.testimony import Testimony, WitnessSilence, ZoneTestimony
from probe.model.witness import Written
from probe.model.witness_sources import Route53Source
from probe.route53.account import Route53
from tests import plans
from tests.aws import lab_server, moto_server, require_boto3, with_credentials, without_credentials
from tests.inventory.manifests import V1_WEB
from tests.inventory.written.test_export import PRIVATE_NS, SOA, alias, plain
from tests.lab import builders
from tests.lab.builders import StandingClock, create

MOST_SETS = 30_000
ZONES_SECONDS = 900.0
WITNESS_REQUEST_SECONDS = 1.0
REQUESTS_PER_SECOND = 5
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SHOP, API, INSIDE = (DomainName(f"{label}.example.com.") for label in ("shop", "api", "a.corp"))
PUBLIC = ZoneEntry("Z1", "example.com.", is_private=False, size=9)
PRIVATE = ZoneEntry("Z2", "example.com.", is_private=True, size=9)
CORP = ZoneEntry("Z3", "corp.example.com.", is_private=True, size=9)


class Account:
    """An account whose zones are known; what it refuses, it refuses by id."""

    def __init__(self, zones: dict[ZoneEntry, list[dict[str, Any]]], refused: dict[str, str] | None = None) -> None:
        self.held = zones
        self.refused = refused or {}
        self.asked: list[object] = []

    def zones(self) -> tuple[ZoneEntry, ...]:
        return tuple(self.held)

    def record_sets(self, zone_id: str, most: int) -> list[dict[str, Any]]:
        self.asked.append((zone_id, most))
        if zone_id in self.refused:
            raise UnreadableSource(self.refused[zone_id])
        entry = next(one for one in self.held if one.zone_id == zone_id)
        return [{**SOA, "Name": entry.name}, *self.held[entry]]

    def health_checks(self, wanted: list[str]) -> dict[str, HealthCheck]:
        self.asked.append(tuple(wanted))
        return {name: HealthCheck({"Type": "TCP"}, ("Failure: x",)) for name in wanted}


def plan(*names: DomainName, private: str = "") -> Plan:
    zones = ((DomainName(private), (Endpoint("10.0.0.2", 53),)),) if private else ()
    return plans.plan(*(names or (SHOP, API)), authoritative=Authoritative(private_zones=zones))


def told(account: Account, plan: Plan, *zones: str) -> Testimony:
    asked: Any = account
    return account_testimony(asked, Route53Source(zones=zones), plan)


def written(testimony: Testimony) -> dict[DomainName, Written]:
    assert isinstance(testimony, ZoneTestimony)
    return dict(testimony.written)


def gaps(testimony: Testimony) -> list[str]:
    assert isinstance(testimony, ZoneTestimony)
    return list(testimony.gaps)


def test_the_zones_of_the_domains_are_read_and_the_health_of_their_own_sets_alone() -> None:
    sets = [
        alias("shop.example.com.", SetIdentifier="v1", Weight=1, HealthCheckId="hc-1"),
        alias("other.example.com.", SetIdentifier="v1", Weight=1, HealthCheckId="hc-2"),
    ]
    account = Account({PUBLIC: sets, ZoneEntry("Z9", "example.net.", is_private=False, size=1): []})
    found = written(told(account, plan()))
    assert account.asked == [("Z1", MOST_SETS), ("hc-1",)]
    assert [(one.set_identifier, one.weight, one.health) for one in found[SHOP].sets] == [("v1", 1, False)]
    assert found[API] == Written(zone=DomainName("example.com."))


def test_a_reading_may_take_a_quarter_of_an_hour() -> None:
    clock = StandingClock()
    witness = Route53Witness(Route53Source(), clock, lambda _: None, random.Random(1))
    assert witness.patience == ZONES_SECONDS
    assert MOST_SETS * 3 / 300 * WITNESS_REQUEST_SECONDS < ZONES_SECONDS / 2, "three full zones at a witness' pace"


def test_each_view_is_read_by_itself() -> None:
    account = Account(
        {PUBLIC: [alias("shop.example.com.")], PRIVATE: [PRIVATE_NS, plain("shop.example.com.", "A", "10.0.0.1")]}
    )
    assert written(told(account, plan()))[SHOP].sets[0].targets == (f"dualstack.{V1_WEB}",)
    inside = written(told(account, plan(private="example.com.")))[SHOP]
    assert (inside.is_private, inside.sets[0].targets) == (True, ("10.0.0.1",))
    outside = written(told(account, plan()))[SHOP]
    assert (outside.other_zone, outside.other_sets) == ("example.com.", inside.sets)  # each is told beside the other
    assert (inside.other_zone, inside.other_sets) == ("example.com.", outside.sets)


def test_of_two_zones_of_one_name_and_view_none_is_read_by_chance() -> None:
    twin = ZoneEntry("Z7", "example.com.", is_private=False, size=2)
    corp = [{**PRIVATE_NS, "Name": "corp.example.com."}]
    testimony = told(Account({PUBLIC: [], twin: [], CORP: corp}), plan(SHOP, INSIDE))
    assert written(testimony) == {}
    assert gaps(testimony) == [
        (
            "2 public hosted zones are `example.com` (`Z1` and `Z7`), and none is read: name the one in "
            "`witnesses.route53.zones`."
        )
    ]
    assert written(told(Account({PUBLIC: [], twin: []}), plan(), "Z7"))[SHOP].zone == "example.com."


def test_a_zone_that_cannot_be_read_leaves_its_names_out_and_the_others_are_told() -> None:
    dev = ZoneEntry("Z4", "dev.example.com.", is_private=False, size=1)
    account = Account({PUBLIC: [alias("shop.example.com.")], dev: []}, {"Z4": "the credentials may not"})
    names = plan(SHOP, DomainName("x.dev.example.com."))
    assert set(written(told(account, names))) == {SHOP}
    assert gaps(told(account, names)) == ["The credentials may not."]


def test_no_zone_at_all_is_a_silence() -> None:
    account = Account({PUBLIC: []}, {"Z1": "Route 53 throttled ListResourceRecordSets 6 times"})
    assert told(account, plan()) == WitnessSilence("Route 53 throttled ListResourceRecordSets 6 times.")
    with pytest.raises(UnreadableSource, match="no hosted zone of the account holds a domain of the plan"):
        told(Account({CORP: []}), plan())


class Opened:
    """What a witness asks for when it opens the account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.given: list[tuple[str, str, float]] = []
        self.timing: Timing | None = None

    def __call__(self, profile: str, timing: Timing, *, role: str, pace: float) -> Route53Account:
        self.given.append((profile, role, pace))
        self.timing = timing
        return cast("Route53Account", self.account)


def witness(opened: Opened, source: Route53Source | None = None) -> Route53Witness:
    return Route53Witness(source or Route53Source(), StandingClock(), lambda _: None, random.Random(1), opened)


def test_the_account_is_opened_anew_for_every_reading_and_shards_share_the_pace() -> None:
    opened = Opened(Account({PUBLIC: []}))
    asking = witness(opened, Route53Source("prod", "arn:aws:iam::123456789012:role/dns"))
    asking.read(plan(), lambda: False)
    asking.read(replace(plan(), shard=Shard(1, 4)), lambda: False)
    assert opened.given == [
        ("prod", "arn:aws:iam::123456789012:role/dns", WITNESS_REQUEST_SECONDS),
        ("prod", "arn:aws:iam::123456789012:role/dns", 4 * WITNESS_REQUEST_SECONDS),
    ]
    assert 1 / WITNESS_REQUEST_SECONDS <= REQUESTS_PER_SECOND / 5


def test_a_reading_that_is_given_up_ends_at_its_next_request() -> None:
    opened = Opened(Account({PUBLIC: []}))

    class Paced(Account):
        def zones(self) -> tuple[ZoneEntry, ...]:
            assert opened.timing is not None
            opened.timing.pause(0.5)
            return super().zones()

    opened.account = Paced({PUBLIC: []})
    assert witness(opened).read(plan(), lambda: True) == WitnessSilence(
        "Route 53 answers too slowly: the reading was given up."
    )


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_boto3()
    without_credentials(monkeypatch, tmp_path)


def asking(source: Route53Source | None = None) -> Route53Witness:
    clock = StandingClock()

    def pause(seconds: float) -> None:
        clock.seconds += max(seconds, 0.0)

    return Route53Witness(source or Route53Source(), clock, pause, random.Random(1))


@pytest.mark.usefixtures("_credentials")
def test_without_credentials_it_says_so() -> None:
    silence = asking().read(plan(), lambda: False)
    assert isinstance(silence, WitnessSilence)
    assert silence.reason.startswith("No AWS credentials were found: ")


@pytest.mark.usefixtures("_credentials")
def test_the_labs_route_53_is_a_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, route53 = StandingClock(), Route53(random.Random(1))
    zone = route53.create_hosted_zone(DomainName("example.com."))
    zone.change(create(builders.alias("shop.example.com.", "A")))
    with lab_server(route53, clock) as url:
        with_credentials(monkeypatch, url)
        found = written(asking().read(plan(), lambda: False))
    assert found[SHOP].sets[0].targets == (builders.V1_ALB.removesuffix("."),)
    assert found[API].sets == ()


@pytest.mark.usefixtures("_credentials")
def test_motos_route_53_is_a_witness_also_as_an_assumed_role(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3  # noqa: PLC0415  # the extra may be missing

    with moto_server() as url:
        with_credentials(monkeypatch, url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        client = boto3.client("route53", region_name="us-east-1")
        zone_id = client.create_hosted_zone(Name="example.com.", CallerReference="1")["HostedZone"]["Id"]
        change = {"Action": "CREATE", "ResourceRecordSet": plain("shop.example.com.", "A", "192.0.2.7")}
        client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": [change]})
        source = Route53Source(role="arn:aws:iam::123456789012:role/cutover-probe-dns")
        for one in (Route53Source(), source):
            assert written(asking(one).read(plan(), lambda: False))[SHOP].sets[0].targets == ("192.0.2.7",)
