"""Kinds that a cluster did not list: which of them it lists by now, whatever it answers of the others."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest

from probe.inventory.reading.api_server import RESOURCES, Resource
from probe.inventory.witnesses import unlisted_kinds
from probe.inventory.witnesses.unlisted_kinds import first_listable
from tests.inventory.reading.test_api_server import listed

OBJECT_OCTETS = 8 * 1024 * 1024
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

GATEWAY = "/apis/gateway.networking.k8s.io"
KINDS = [one for one in RESOURCES if one.kind in {"HTTPRoute", "DNSEndpoint"}]
ENDPOINTS = "/apis/externaldns.k8s.io/v1alpha1/dnsendpoints"
Answer = Callable[[], httpx.Response]


def look(answers: Mapping[str, Answer]) -> tuple[Resource | None, list[httpx.URL]]:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return answers.get(request.url.path, lambda: httpx.Response(404))()

    async def looked() -> Resource | None:
        transport = httpx.MockTransport(answer)
        async with httpx.AsyncClient(transport=transport, base_url="https://192.0.2.1:6443") as client:
            return await first_listable(client, KINDS)

    return asyncio.run(looked()), asked


def there() -> httpx.Response:
    return listed("any/v1")


def unreachable() -> httpx.Response:
    raise httpx.ConnectError("refused")


def breaking() -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.ReadError("connection reset")

    return httpx.Response(200, content=pieces())


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_kind_is_found_in_whatever_version_and_one_object_is_asked_for(version: str) -> None:
    found, asked = look({f"{GATEWAY}/{version}/httproutes": there})
    assert found is not None
    assert found.kind == "HTTPRoute"
    assert {tuple(url.params.items()) for url in asked} == {(("limit", "1"),)}


def test_where_no_kind_is_there_every_one_was_asked_for_in_every_version() -> None:
    found, asked = look({})
    assert found is None
    assert [url.path for url in asked] == [path for kind in KINDS for path in kind.paths]


@pytest.mark.parametrize(
    "answer",
    [*(lambda status=status: httpx.Response(status) for status in (401, 403, 429, 500)), unreachable, breaking],
)
def test_what_is_refused_or_breaks_off_is_not_found_and_hides_no_other(answer: Answer) -> None:
    refused = {f"{GATEWAY}/v1/httproutes": answer}
    assert look(refused)[0] is None
    found, _ = look({**refused, ENDPOINTS: there})
    assert found is not None
    assert found.kind == "DNSEndpoint"


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlisted_kinds, "OBJECT_OCTETS", 1000)
    taken = []

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 600

    assert look({ENDPOINTS: lambda: httpx.Response(200, content=pieces())})[0] is None
    assert len(taken) == 2


@pytest.mark.parametrize(("more", "is_there"), [(0, True), (1, False)])
def test_an_object_is_as_large_as_etcd_takes_it_and_json_writes_it(more: int, *, is_there: bool) -> None:
    body = bytes(OBJECT_OCTETS + more)
    assert (look({ENDPOINTS: lambda: httpx.Response(200, content=body)})[0] is not None) == is_there
