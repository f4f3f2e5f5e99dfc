"""A Kubernetes API server, as its answers are: pages, versions, and everything that it may refuse."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from probe.inventory.reading import api_server
from probe.inventory.reading.api_server import RESOURCES, read_api_server
from probe.inventory.reading.kubeconfig import KubeContext
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.inventory import take_inventory
from probe.model.side import Side
from tests.hostile_http import WITHOUT_END, hostile
from tests.inventory.manifests import external_dns, ingress

CHUNK, MAX_PAGES, MAX_OBJECTS, PAGE_SECONDS = 500, 1_000, 200_000, 120.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

INGRESSES, DEPLOYMENTS = "/apis/networking.k8s.io/v1/ingresses", "/apis/apps/v1/deployments"
Handler = Callable[[httpx.Request], httpx.Response]


def read(handler: Handler, *, is_insecure: bool = False, budget: Budget | None = None) -> Objects:
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="https://192.0.2.1:6443")
    context = KubeContext("prod", "https://192.0.2.1:6443", is_insecure=is_insecure)
    return read_api_server(context, budget or Budget(), client)


def listed(version: str, *items: dict[str, Any], following: str = "") -> httpx.Response:
    """Answer as an API server does: the items have neither kind nor version."""
    bare = [{key: value for key, value in one.items() if key not in {"kind", "apiVersion"}} for one in items]
    return httpx.Response(
        200, json={"kind": "List", "apiVersion": version, "metadata": {"continue": following}, "items": bare}
    )


def serving(**pages: list[httpx.Response]) -> Handler:
    def answer(request: httpx.Request) -> httpx.Response:
        left = pages.get(request.url.path.rpartition("/")[2], [])
        return left.pop(0) if left else httpx.Response(404)

    return answer


def test_lists_are_read_page_by_page_and_make_an_inventory() -> None:
    asked: list[httpx.URL] = []
    pages = serving(
        ingresses=[
            listed("networking.k8s.io/v1", ingress("a", "a.example.com"), following="next"),
            listed("networking.k8s.io/v1", ingress("b", "b.example.com")),
        ],
        deployments=[listed("apps/v1", external_dns("--source=ingress", "--txt-owner-id=x", "--policy=sync"))],
    )

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return pages(request)

    found = take_inventory(Side.V1, "kube:prod", read(answer))
    assert sorted(found.hosts) == ["a.example.com.", "b.example.com."]
    assert found.workloads[0].external_dns.txt_owner_id == "x"
    assert str(found.wanted[0].origin) == "kube:prod/ingress/shop/a"
    queries = [dict(url.params) for url in asked if url.path == INGRESSES]
    assert queries == [{"limit": str(CHUNK)}, {"limit": str(CHUNK), "continue": "next"}]
    assert not found.notices


def test_a_version_that_the_cluster_has_not_is_passed_over_and_an_older_one_is_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/apis/gateway.networking.k8s.io/v1beta1/gateways":
            return listed("gateway.networking.k8s.io/v1beta1", {"metadata": {"name": "g"}})
        return httpx.Response(404)

    assert list(read(answer).found) == [("Gateway", "default", "g")]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "`ingresses` was not read: it may not be listed (403)"),
        (410, "more slowly than the API server keeps them"),
        (429, "too much to do"),
        (500, "the API server answered 500"),
    ],
)
def test_what_is_refused_is_named_and_the_rest_is_read(status: int, words: str) -> None:
    pages = serving(
        ingresses=[httpx.Response(status)], deployments=[listed("apps/v1", external_dns("--source=ingress"))]
    )
    found = read(pages)
    assert list(found.found) == [("Deployment", "dns", "external-dns")]
    ((notice),) = found.notices
    assert notice.is_gap
    assert words in str(notice)


def test_a_page_that_is_refused_leaves_those_before_it() -> None:
    pages = serving(
        ingresses=[
            listed("networking.k8s.io/v1", ingress("a", "a.example.com"), following="x"),
            httpx.Response(410),
        ]
    )
    found = read(pages)
    assert len(found.found) == 1
    assert found.notices[0].is_gap


def test_an_expired_token_ends_it() -> None:
    with pytest.raises(UnreadableSource, match="refuses the credentials"):
        read(lambda _: httpx.Response(401))


def test_a_server_that_is_gone_ends_it() -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(UnreadableSource, match="does not answer: `refused`"):
        read(gone)


@pytest.mark.parametrize("content", [b"<html>", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_ends_it(content: bytes) -> None:
    with pytest.raises(UnreadableSource, match="with no JSON"):
        read(lambda _: httpx.Response(200, content=content))


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b'{"items": [1, null, {"metadata": 3}]}',
        b'{"items": null}',
        b'{"items": 5}',
        b'{"items": true}',
        b'{"items": "abc", "metadata": "continue"}',
        b'{"items": {"continue": 1}, "metadata": null}',
        b'{"items": [], "metadata": [1]}',
        b'{"items": [], "metadata": {"continue": ""}}',
    ],
)
def test_json_of_another_shape_is_nothing(content: bytes) -> None:
    assert not read(lambda _: httpx.Response(200, content=content)).found


@pytest.mark.parametrize("items", [[], [ingress("a", "a.example.com")]], ids=["of nothing", "of the same object"])
@pytest.mark.parametrize("following", ["again", 1, {"a": 1}], ids=str)
def test_a_list_without_an_end_is_left(items: list[Any], following: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_server, "MAX_PAGES", 20)
    page = {"apiVersion": "v1", "metadata": {"continue": following}, "items": items}
    asked = count()
    with pytest.raises(UnreadableSource, match="`/api/v1/namespaces` without an end"):
        read(lambda _: (next(asked), httpx.Response(200, json=page))[1])
    assert next(asked) == 20


def test_a_thousand_pages_are_read_and_are_more_than_the_objects_that_are() -> None:
    page, asked = b'{"apiVersion": "v1", "metadata": {"continue": "again"}}', count()
    with pytest.raises(UnreadableSource, match="`/api/v1/namespaces` without an end"):
        read(lambda _: (next(asked), httpx.Response(200, content=page))[1])
    assert next(asked) == MAX_PAGES
    assert CHUNK * MAX_PAGES > 2 * MAX_OBJECTS


def test_what_is_left_out_because_there_is_too_much_is_told() -> None:
    pages = serving(
        ingresses=[listed("networking.k8s.io/v1", *(ingress(str(n), f"a{n}.example.com") for n in range(20)))]
    )
    found = read(pages, budget=Budget(values=100))
    assert 0 < len(found.found) < 20
    (notice,) = found.notices
    assert notice.is_gap
    assert "more than 100 values were read already: what came after them was not read" in str(notice)


@pytest.mark.parametrize("layers", [1, 4])
def test_what_is_compressed_is_not_unfolded(layers: int) -> None:
    """A kilobyte of four layers is 64 GiB, and is unfolded before a byte of it can be counted."""
    asked: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers)
        stream = httpx.ByteStream(b"\x1f\x8b no matter what")
        return httpx.Response(200, headers={"Content-Encoding": ", ".join(["gzip"] * layers)}, stream=stream)

    with pytest.raises(UnreadableSource, match="answers `/api/v1/namespaces` compressed"):
        read(answer)


def test_a_page_of_more_values_than_memory_has_room_for_is_not_parsed() -> None:
    def empty_lists(values: int) -> Objects:
        page = b'{"items": [' + b"[]," * values + b"[]]}"
        return read(lambda _: httpx.Response(200, content=page), budget=Budget(octets=8_000))

    assert not empty_lists(400).found
    with pytest.raises(UnreadableSource, match="`/api/v1/namespaces` has more than 1,000 values"):
        empty_lists(600)


def test_pages_of_real_objects_have_room() -> None:
    fields: dict[str, Any] = {"f:metadata": {"f:annotations": {".": {}, "f:a": {}}, "f:labels": {"f:app": {}}}}
    dense = json.dumps(fields, separators=(",", ":")).encode()
    assert sum(map(dense.count, (b",", b"[", b"{"))) * 8 < len(dense) * 1.05


def test_answers_are_bounded() -> None:
    with pytest.raises(UnreadableSource, match="larger than 1,000 octets"):
        read(lambda _: httpx.Response(200, content=b" " * 2_000), budget=Budget(octets=1_000))


def test_a_certificate_that_nobody_looks_at_is_told() -> None:
    (notice,) = read(lambda _: httpx.Response(404), is_insecure=True).notices
    assert "`insecure-skip-tls-verify`" in str(notice)


def test_only_lists_are_asked_for() -> None:
    methods: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        methods.add(request.method)
        return httpx.Response(404)

    read(answer)
    assert methods == {"GET"}
    assert len({resource.kind for resource in RESOURCES}) == len(RESOURCES)


@pytest.mark.parametrize("answer", WITHOUT_END)
def test_an_answer_without_an_end_is_left(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real sockets, in whichever part of it there is no end: no thread of a witness waits for it for ever."""
    monkeypatch.setattr(api_server, "PAGE_SECONDS", 0.5)
    words = "did not end within|is larger than|does not answer"
    with hostile(WITHOUT_END[answer]) as url, pytest.raises(UnreadableSource, match=words):
        read_api_server(KubeContext("prod", url), Budget(octets=2**20))


def test_other_answers_without_a_pause_are_left_long_before() -> None:
    with (
        hostile(WITHOUT_END["other answers first, without a pause"]) as url,
        pytest.raises(UnreadableSource, match="does not answer: `more than 64 KiB that tell nothing`"),
    ):
        read_api_server(KubeContext("prod", url), Budget(octets=2**20))


def test_a_page_may_take_two_minutes() -> None:
    assert api_server.PAGE_SECONDS == PAGE_SECONDS
