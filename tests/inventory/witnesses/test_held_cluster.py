"""What a cluster holds: a list, and event after event of a watch folded into it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.inventory.reading.api_server import RESOURCES
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Unread
from probe.inventory.witnesses.held_cluster import EventFold, HeldCluster
from tests.inventory.manifests import external_dns, ingress

RESOURCE = {one.kind: one for one in RESOURCES}
PATH = "/apis/networking.k8s.io/v1/ingresses"


def cluster(*items: dict[str, Any], octets: int = 1_000_000) -> HeldCluster:
    held = HeldCluster("prod", octets)
    for item in items:
        held.take(RESOURCE[item["kind"]], item["apiVersion"], item)
    held.listed(RESOURCE["Ingress"], PATH, "100")
    return held


def event(what: str, item: dict[str, Any], version: str = "101") -> bytes:
    metadata = {**item.get("metadata", {}), "resourceVersion": version}
    return json.dumps({"type": what, "object": {**item, "metadata": metadata}}).encode()


def names(held: HeldCluster) -> list[str]:
    return [name for _, _, name in held.objects(Budget()).found]


def test_a_list_is_held_and_given_back() -> None:
    held = cluster(ingress("a", "a.example.com"), external_dns("--source=ingress"))
    held.listing.unread["Gateway"] = Unread(403, "no")
    objects = held.objects(Budget())
    assert list(objects.found) == [("Ingress", "shop", "a"), ("Deployment", "dns", "external-dns")]
    assert objects.found["Ingress", "shop", "a"].file == "kube:prod/ingress/shop/a"
    assert objects.unread == held.listing.unread
    (watched,) = held.watchable
    assert (watched.path, watched.version, held.resource_version("Ingress")) == (PATH, "networking.k8s.io/v1", "100")


def test_what_comes_changes_and_goes_is_as_a_list_would_have_it() -> None:
    held = cluster(ingress("a", "a.example.com"), ingress("b", "b.example.com"))
    assert held.fold("Ingress", event("ADDED", ingress("c", "c.example.com"), "101")) is EventFold.CHANGED
    assert held.fold("Ingress", event("MODIFIED", ingress("b", "x.example.com"), "102")) is EventFold.CHANGED
    assert held.fold("Ingress", event("DELETED", ingress("a", "a.example.com"), "103")) is EventFold.CHANGED
    assert held.resource_version("Ingress") == "103"
    objects = held.objects(Budget()).found
    hosts = {name: [rule["host"].text for rule in one.root["spec"]["rules"]] for (*_, name), one in objects.items()}
    assert hosts == {"b": ["x.example.com"], "c": ["c.example.com"]}


def test_a_kind_that_had_no_object_when_it_was_listed_has_one_in_the_version_that_was_listed() -> None:
    held = cluster()
    held.fold("Ingress", event("ADDED", ingress("a", "a.example.com")))
    assert names(held) == ["a"]


def deep(depth: int) -> bytes:
    """Say that an Ingress has labels of some depth now."""
    labels = b', "labels": ' + b'{"a": ' * depth + b"1" + b"}" * depth
    return event("MODIFIED", ingress("a", "a.example.com")).replace(b'"shop"', b'"shop"' + labels, 1)


def test_objects_of_any_depth_are_held_or_left_out() -> None:
    """Python's own bound on nesting counts from where it is asked: what was packed might not be unpacked there."""
    for depth in range(200, 1_100, 7):
        held = cluster(ingress("a", "a.example.com"))
        assert held.fold("Ingress", deep(depth)) in {EventFold.CHANGED, EventFold.REFUSED}
        assert names(held) in ([], ["a"])
    held = cluster()
    assert held.fold("Ingress", deep(240)) is EventFold.CHANGED
    assert names(held) == ["a"]
    assert held.fold("Ingress", deep(270)) is EventFold.CHANGED, "it is gone"
    assert names(held) == []


def test_lists_that_do_not_say_as_of_when_they_are_cannot_be_watched() -> None:
    held = cluster()
    held.listed(RESOURCE["Service"], "/api/v1/services", "")
    assert held.watchable == ()


def test_a_kind_that_broke_off_is_not_watched_and_the_others_are() -> None:
    held = cluster()
    held.take(RESOURCE["Gateway"], "gateway.networking.k8s.io/v1", {"metadata": {"name": "g", "namespace": "shop"}})
    assert [one.resource.kind for one in held.watchable] == ["Ingress"]


def test_kinds_that_were_not_listed_to_their_end_are_known() -> None:
    held = cluster(external_dns("--source=ingress"))
    unlisted = [one.kind for one in held.unlisted]
    assert "Ingress" not in unlisted
    assert "Deployment" in unlisted, "its list broke off"
    assert len(unlisted) == len(RESOURCES) - 1


def test_a_core_kind_has_its_version_from_its_path() -> None:
    held = HeldCluster("prod", 1000)
    held.listed(RESOURCE["Service"], "/api/v1/services", "7")
    assert [one.version for one in held.watchable] == ["v1"]


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"managedFields": [{"manager": "x"}], "generation": 7}},
        {"spec": {"rules": [{"host": "a.example.com", "http": {"paths": []}}]}},
        {},
    ],
    ids=["who wrote it", "what nobody reads", "nothing"],
)
def test_an_update_of_what_nobody_reads_is_none(change: dict[str, Any]) -> None:
    one = ingress("a", "a.example.com")
    held = cluster(one)
    for part, value in change.items():
        one[part] = {**one[part], **value}
    assert held.fold("Ingress", event("MODIFIED", one, "105")) is EventFold.UNCHANGED
    assert held.resource_version("Ingress") == "105"


def test_an_object_of_which_nothing_is_read_any_more_is_gone() -> None:
    held = HeldCluster("prod", 1_000_000)
    annotated = {"metadata": {"namespace": "shop", "name": "web", "annotations": {"a": "b"}}}
    held.take(RESOURCE["Service"], "v1", annotated)
    held.listed(RESOURCE["Service"], "/api/v1/services", "1")
    bare = {"metadata": {"namespace": "shop", "name": "web"}}
    assert held.fold("Service", event("MODIFIED", bare)) is EventFold.CHANGED
    assert held.fold("Service", event("MODIFIED", bare)) is EventFold.UNCHANGED
    assert held.fold("Service", event("DELETED", bare)) is EventFold.UNCHANGED
    assert (names(held), held.octets) == ([], 0)


def test_a_bookmark_keeps_the_place_young() -> None:
    held = cluster(ingress("a", "a.example.com"))
    line = json.dumps({"type": "BOOKMARK", "object": {"kind": "Ingress", "metadata": {"resourceVersion": "900"}}})
    assert held.fold("Ingress", line.encode()) is EventFold.UNCHANGED
    assert held.resource_version("Ingress") == "900"
    assert names(held) == ["a"]


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        (b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}', EventFold.GONE),
        (b'{"type":"ERROR","object":{"kind":"Status","code":500}}', EventFold.REFUSED),
        (b'{"type":"WHATEVER","object":{}}', EventFold.REFUSED),
        (b'{"type":"ADDED"}', EventFold.REFUSED),
        (b'{"type":"ADDED","object":[]}', EventFold.REFUSED),
        (b'{"type":"ADDED","object":{"metadata":3}}', EventFold.REFUSED),
        (b'{"type":"ADDED","object":{"metadata":{}}}', EventFold.UNCHANGED),
        (b"[1]", EventFold.REFUSED),
        (b"<html>", EventFold.REFUSED),
        (b"\xff\xfe\x00", EventFold.REFUSED),
        (b"[" * 100_000, EventFold.REFUSED),
    ],
)
def test_what_is_an_error_or_no_event_says_so_and_changes_nothing(line: bytes, folded: EventFold) -> None:
    held = cluster(ingress("a", "a.example.com"))
    assert held.fold("Ingress", line) is folded
    assert (names(held), held.resource_version("Ingress")) == (["a"], "100")


def test_what_may_be_held_is_bounded() -> None:
    room = cluster(ingress("a", "a.example.com")).octets
    held = cluster(ingress("a", "a.example.com"), octets=room)
    assert not held.is_full
    held.fold("Ingress", event("ADDED", ingress("b", "b.example.com")))
    assert held.is_full
    assert names(held) == ["a"]


def test_a_reading_of_more_values_than_it_may_have_ends_there() -> None:
    held = cluster(*(ingress(f"w{number}", "a.example.com") for number in range(9)))
    budget = Budget(values=30)
    assert len(held.objects(budget).found) < 9
    assert budget.spent_values > budget.values


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", None])),
        max_size=12,
    )
)
def test_however_it_came_to_it_what_is_held_is_what_a_list_of_the_end_holds(
    story: list[tuple[str, str | None]],
) -> None:
    held, there = cluster(), dict[str, dict[str, Any]]()
    for number, (name, host) in enumerate(story):
        before = there.get(name)
        if host is None:
            there.pop(name, None)
            line = event("DELETED", before or ingress(name), str(200 + number))
            changed = before is not None
        else:
            there[name] = ingress(name, f"{host}.example.com")
            line = event("MODIFIED" if before else "ADDED", there[name], str(200 + number))
            changed = there[name] != before
        assert held.fold("Ingress", line) is (EventFold.CHANGED if changed else EventFold.UNCHANGED)
    listed = cluster(*there.values())
    assert held.octets == listed.octets
    assert sorted(names(held)) == sorted(names(listed))
