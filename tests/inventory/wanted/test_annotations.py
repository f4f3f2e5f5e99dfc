"""ExternalDNS' annotations, by the prefix that an instance reads."""

import pytest

from probe.inventory.wanted.annotations import Annotations, prefixes_of, weight_of
from probe.model.plan import Routing
from tests.inventory.manifests import NEW, OLD


def read(**values: str) -> Annotations:
    return Annotations(NEW, {NEW + name.replace("_", "-"): value for name, value in values.items()})


def test_one_prefix_is_read_without_fallback() -> None:
    values = {OLD + "hostname": "old.example.com", NEW + "hostname": "new.example.com"}
    assert Annotations(OLD, values).hostnames == ("old.example.com",)
    assert Annotations(NEW, values).hostnames == ("new.example.com",)
    assert prefixes_of(values) == {OLD, NEW}
    assert prefixes_of({OLD + "ttl": "60"}) == frozenset()


def test_names_stand_between_commas() -> None:
    assert read(hostname=" a.example.com ,b.example.com.,, ").hostnames == ("a.example.com", "b.example.com")


@pytest.mark.parametrize(
    ("text", "ttl"), [("60", 60), ("1m", 60), ("", None), ("1h30m", 5400), ("soon", None), ("9" * 40, None)]
)
def test_a_ttl_is_seconds_or_a_duration(text: str, ttl: int | None) -> None:
    assert read(ttl=text).ttl == ttl


@pytest.mark.parametrize(("text", "weight"), [("0", 0), ("255", 255), ("256", None), ("-1", None), ("x", None)])
def test_a_weight_is_what_route53_takes(text: str, weight: int | None) -> None:
    assert weight_of(text) == weight


@pytest.mark.parametrize(
    ("name", "routing"),
    [
        ("aws_failover", Routing.FAILOVER),
        ("aws_region", Routing.LATENCY),
        ("aws_geolocation_country_code", Routing.GEOLOCATION),
        ("aws_multi_value_answer", Routing.MULTIVALUE),
        ("aws_weight", None),
    ],
)
def test_other_routing_than_weights_is_told(name: str, routing: Routing | None) -> None:
    assert read(**{name: "1"}).routing is routing


def test_another_controller_and_a_routing_without_a_word_are_seen() -> None:
    assert read(controller="someone").is_for_another
    assert not read(controller="dns-controller").is_for_another
    assert read(aws_geoproximity_region="us-east-1").unread == ("aws-geoproximity-region",)
    assert [read(aws_evaluate_target_health=text).evaluate_target_health for text in ("false", "", "x")] == [
        False,
        None,
        None,
    ]
