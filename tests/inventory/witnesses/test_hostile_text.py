"""Hostile text in every single string of what a cluster and Route 53 hold: what is said of it is bounded and printable.

No label of a metric is made of any of it (docs/metrics.md has them all); what is left are sentences, pages and logs.
"""

import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from probe.model.testimony import Testimony
from tests.inventory.manifests import NEW, external_dns, ingress
from tests.inventory.witnesses.test_cluster_witness import Asked, holding
from tests.inventory.witnesses.test_cluster_witness import kubeconfig as kubeconfig  # noqa: PLC0414  # a fixture
from tests.inventory.witnesses.test_route53_witness import PUBLIC, Account, plan, told
from tests.inventory.written.test_export import alias, plain

STEERING = "\x1b]0;x\x07\n\r\x00\x9b\u202e\u2028`|$(id);'\"<img src=x onerror=1>"
LONGEST = 1_500
"""Characters of one string: a sentence with four things in it that are cut at some 200."""

WEB = ingress(
    "web",
    "shop.example.com",
    "new.example.com",
    annotations={
        f"{NEW}hostname": "shop.example.com",
        f"{NEW}set-identifier": "v1",
        f"{NEW}aws-weight": "10",
        f"{NEW}target": "a.example.net",
    },
)
READS = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync", "--domain-filter=example.com")
OWNED = '"heritage=external-dns,external-dns/owner=eks-v1,external-dns/resource=ingress/shop/web"'
SETS = [
    alias("shop.example.com.", SetIdentifier="v1", Weight=1, HealthCheckId="hc-1"),
    plain("cname-shop.example.com.", "TXT", OWNED),
    plain("api.example.com.", "CNAME", "lb.example.net."),
]


class Place(NamedTuple):
    """A string in an object: the keys that lead to it; or a key itself."""

    keys: tuple[Any, ...]
    is_key: bool


def places(value: object, *keys: Any) -> Iterator[Place]:
    if isinstance(value, str):
        yield Place(keys, is_key=False)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield Place((*keys, key), is_key=True)
            yield from places(one, *keys, key)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from places(one, *keys, number)


def poisoned(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give copies of an object with one string each that is hostile: in its place, behind it, and without an end."""
    for place in places(value):
        for text in (STEERING, "{}" + STEERING, "{}" + "x" * 100_000):
            changed: Any = copy.deepcopy(value)
            inner = changed
            for key in place.keys[:-1]:
                inner = inner[key]
            last = place.keys[-1]
            if place.is_key:
                inner[text.replace("{}", last)] = inner.pop(last)
            else:
                inner[last] = text.replace("{}", inner[last])
            yield changed


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        for pair in value.items():
            yield from texts(pair)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from texts(one)


def assert_harmless(testimony: Testimony) -> None:
    for text in texts(testimony):
        assert text.isprintable(), text
        assert len(text) <= LONGEST, text


@pytest.mark.parametrize("which", ["ingress", "deployment"])
def test_what_a_cluster_holds_steers_nothing_and_has_an_end(kubeconfig: Path, which: str) -> None:
    count = 0
    for hostile in poisoned(WEB if which == "ingress" else READS):
        answer = holding(hostile, workloads=(READS,)) if which == "ingress" else holding(WEB, workloads=(hostile,))
        assert_harmless(Asked(kubeconfig, answer).read("shop.example.com."))
        count += 1
    assert count > 50


def test_what_route_53_holds_steers_nothing_and_has_an_end() -> None:
    for number, one in enumerate(SETS):
        for hostile in poisoned(one):
            assert_harmless(told(Account({PUBLIC: [hostile, *SETS[:number], *SETS[number + 1 :]]}), plan()))
