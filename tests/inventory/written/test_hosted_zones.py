"""Which hosted zones are read: the nearest above each host, and never one of two of a name by chance."""

import pytest

from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import ZoneEntry
from probe.inventory.written.hosted_zones import Ambiguous, zones_for
from probe.model.name import DomainName


def entry(zone_id: str, name: str, *, is_private: bool = False) -> ZoneEntry:
    return ZoneEntry(zone_id, name, is_private, 4)


def chosen(entries: list[ZoneEntry], *hosts: str) -> list[str]:
    return [one.zone_id for one in zones_for(entries, map(DomainName, hosts))]


ACCOUNT = [entry("Z1", "example.com."), entry("Z2", "dev.example.com."), entry("Z3", "example.net.")]


@pytest.mark.parametrize(
    ("hosts", "zones"),
    [
        (["shop.example.com."], ["Z1"]),
        (["example.com."], ["Z1"]),
        (["a.dev.example.com.", "shop.example.com."], ["Z2", "Z1"]),
        (["*.dev.example.com."], ["Z2"]),
        (["notexample.com.", "a.example.net."], ["Z3"]),
    ],
    ids=str,
)
def test_the_nearest_zone_above_each_host_is_read(hosts: list[str], zones: list[str]) -> None:
    assert chosen(ACCOUNT, *hosts) == zones


@pytest.mark.parametrize("is_private", [False, True])
def test_two_zones_of_one_name_have_to_be_chosen_from(*, is_private: bool) -> None:
    twice = [*ACCOUNT, entry("Z4", "Example.com.", is_private=is_private)]
    with pytest.raises(Ambiguous, match=r"2 hosted zones are `example\.com`") as raised:
        chosen(twice, "shop.example.com.")
    assert [one.zone_id for one in raised.value.entries] == ["Z1", "Z4"]
    assert chosen(twice, "a.dev.example.com.") == ["Z2"], "and where no host is, there is nothing to choose"


def test_an_account_of_other_zones_is_told_with_those_that_it_has() -> None:
    with pytest.raises(UnreadableSource, match=r"holds a host that moves .*`dev.example.com`, `example.com` and `ex"):
        chosen(ACCOUNT, "shop.example.org.")
    with pytest.raises(UnreadableSource, match="its zones: none at all"):
        chosen([], "shop.example.org.")
