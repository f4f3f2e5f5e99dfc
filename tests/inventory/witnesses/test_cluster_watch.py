"""A cluster that is watched, before a scripted API server: what it says, when, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from probe.inventory.reading.kubeconfig import KubeContext
from probe.inventory.witnesses import cluster_watch, cluster_witness
from probe.inventory.witnesses.cluster_watch import watching_client
from probe.inventory.witnesses.cluster_witness import ClusterWitness
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.testimony import ClusterTestimony, WatchedNow, WatchEnd
from probe.model.witness_sources import ClusterSource
from tests.clock import FakeClock
from tests.inventory.manifests import external_dns, ingress
from tests.inventory.reading.test_api_server import listed
from tests.inventory.witnesses.test_cluster_witness import kubeconfig
from tests.inventory.witnesses.test_held_cluster import event
from tests.plans import plan

__all__ = ["kubeconfig"]

SHOP = DomainName("shop.example.com.")
READS = external_dns("--source=ingress", "--txt-owner-id=eks-v1", "--policy=sync")
INTERVAL = 60.0

SETTLED_SECONDS = 1.0
CHANGES_SECONDS = 3.0
SHORTEST_SECONDS = 1.0
TURN_SECONDS = 0.5
WATCH_SECONDS = 60.0
RELISTED_SECONDS = 600.0
CREDENTIAL_SECONDS = 600.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


class SteppingClock(FakeClock):
    """Time passes where somebody waits, after everybody else on the loop had turns enough to take what has come."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        for _ in range(30):
            await asyncio.sleep(0)  # noqa: TID251  # gives up its turn and waits for no time
        self.advance(seconds)


class Server:
    """An API server whose Ingresses are watched by a script, and everything else lies still."""

    def __init__(self, kubeconfig: Path, interval: float = INTERVAL) -> None:
        self.clock = SteppingClock()
        self.scripts: dict[str, list[Callable[[], httpx.Response]]] = {}
        self.asked: list[httpx.URL] = []
        self.asked_at: list[float] = []
        self.lists = 0
        self.clients = 0
        self.over = False
        self.version = "100"
        self.defined: dict[str, Callable[[], httpx.Response]] = {}
        self.looked: list[httpx.URL] = []
        self.witness = ClusterWitness(
            Side.V1, ClusterSource(kubeconfig, "eks-v1"), interval, self.clock, self._client, watching=self._watching
        )

    def _client(self, context: KubeContext) -> httpx.AsyncClient:
        def answer(request: httpx.Request) -> httpx.Response:
            self.lists += 1
            match request.url.path.rpartition("/")[2]:
                case "ingresses":
                    return _of_version(listed("networking.k8s.io/v1", ingress("web", "shop.example.com")), self.version)
                case "deployments":
                    return _of_version(listed("apps/v1", READS), self.version)
                case _:
                    return httpx.Response(404)

        return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url=context.server)

    def _watching(self, context: KubeContext, seconds: float) -> httpx.AsyncClient:
        assert seconds <= WATCH_SECONDS
        self.clients += 1
        return httpx.AsyncClient(transport=httpx.MockTransport(self._watched), base_url=context.server)

    def _watched(self, request: httpx.Request) -> httpx.Response:
        if "watch" not in request.url.params:
            self.looked.append(request.url)
            return self.defined.get(request.url.path, lambda: httpx.Response(404))()
        self.asked.append(request.url)
        self.asked_at.append(self.clock.monotonic)
        left = self.scripts.get(request.url.path.rpartition("/")[2], [])
        return left.pop(0)() if left else quiet()

    def follow(self, names: Plan | None = None) -> Iterator[WatchedNow | WatchEnd]:
        given = names or plan(SHOP)
        assert isinstance(self.witness.read(given, lambda: self.over), ClusterTestimony)
        return self.witness.follow(given, lambda: self.over)

    def end(self, *script: Callable[[], httpx.Response], kind: str = "ingresses") -> WatchEnd:
        """Watch by a script, and say how that ends."""
        self.scripts[kind] = list(script)
        *_, end = islice(self.follow(), 50)
        assert isinstance(end, WatchEnd)
        return end


def _of_version(response: httpx.Response, version: str) -> httpx.Response:
    page: dict[str, Any] = response.json()
    page["metadata"]["resourceVersion"] = version
    return httpx.Response(200, json=page)


def quiet() -> httpx.Response:
    return saying()


def saying(*lines: bytes | Callable[[], None], goes_on: bool = True) -> httpx.Response:
    """Say some events, and then end or stay open."""

    async def pieces() -> AsyncIterator[bytes]:
        for line in lines:
            if isinstance(line, bytes):
                yield line + b"\n"
            else:
                line()
        if goes_on:
            await asyncio.Event().wait()

    return httpx.Response(200, content=pieces())


def hosts(said: WatchedNow | WatchEnd) -> tuple[str, ...]:
    assert isinstance(said, WatchedNow)
    return said.testimony.lacking


def test_it_says_that_it_lives_once_in_a_while(kubeconfig: Path) -> None:
    server = Server(kubeconfig)
    server.scripts["ingresses"] = server.scripts["deployments"] = [lambda: saying(goes_on=False)] * 1000
    first, second, third = islice(server.follow(), 3)
    assert isinstance(first, WatchedNow)
    assert isinstance(second, WatchedNow)
    assert isinstance(third, WatchedNow)
    assert first.testimony == second.testimony == third.testimony
    assert first.at.monotonic <= SHORTEST_SECONDS
    for before, after in ((first, second), (second, third)):
        assert after.at.monotonic - before.at.monotonic == pytest.approx(
            WATCH_SECONDS / 2, abs=6
        )  # a kind's watches are a second or more


def test_a_change_is_told_as_a_whole_reading_and_nothing_is_listed_for_it(kubeconfig: Path) -> None:
    server = Server(kubeconfig)
    new, other = ingress("new", "new.example.com"), ingress("web", "x.example.com")
    server.scripts["ingresses"] = [lambda: saying(event("ADDED", new), event("MODIFIED", other))]
    said = server.follow()
    lists = server.lists
    changed = next(said)
    assert isinstance(changed, WatchedNow)
    assert (changed.testimony.wishes, changed.testimony.is_whole) == ({}, True)
    assert changed.testimony.lacking == ("new.example.com.", "x.example.com.")
    assert SETTLED_SECONDS <= changed.at.monotonic <= SETTLED_SECONDS + 2 * TURN_SECONDS
    queries = [dict(url.params) for url in server.asked if url.path.endswith("/ingresses")]
    assert queries == [
        {"watch": "true", "resourceVersion": "100", "allowWatchBookmarks": "true", "timeoutSeconds": "58"}
    ]
    server.over = True
    assert list(said) == []
    assert server.lists == lists


def test_changes_that_go_on_are_told_every_few_seconds_and_not_each(kubeconfig: Path) -> None:
    server = Server(kubeconfig)

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(1000):
            yield event("MODIFIED", ingress("web", f"h{number}.example.com"), str(number)) + b"\n"
            await server.clock.sleep(0.25)

    server.scripts["ingresses"] = [lambda: httpx.Response(200, content=pieces())]
    told = list(islice(server.follow(), 4))
    times = [one.at.monotonic for one in told if isinstance(one, WatchedNow)]
    assert all(CHANGES_SECONDS <= after - before <= CHANGES_SECONDS + 2 for before, after in pairwise(times))
    assert len({hosts(one) for one in told}) == 4


def test_a_watch_that_the_api_server_ends_is_opened_anew_where_it_ended_and_never_at_once(kubeconfig: Path) -> None:
    server = Server(kubeconfig)
    said = server.follow()
    server.scripts["ingresses"] = [
        lambda: saying(event("BOOKMARK", {"metadata": {}}, "150"), goes_on=False),
        lambda: saying(event("ADDED", ingress("new", "new.example.com"), "160")),
    ]
    server.asked.clear()
    server.asked_at.clear()
    assert hosts(next(one for one in said if hosts(one))) == ("new.example.com.",)
    versions = [url.params["resourceVersion"] for url in server.asked if url.path.endswith("/ingresses")]
    assert versions == ["100", "150"]
    first, second = (
        at for url, at in zip(server.asked, server.asked_at, strict=True) if url.path.endswith("/ingresses")
    )
    assert second - first >= SHORTEST_SECONDS


@pytest.mark.parametrize("cut", [1, 40, 90])
def test_an_event_that_comes_in_pieces_is_one(kubeconfig: Path, cut: int) -> None:
    server = Server(kubeconfig)
    line = event("ADDED", ingress("new", "new.example.com")) + b"\n"

    async def pieces() -> AsyncIterator[bytes]:
        yield line[:cut]
        yield line[cut:] + line[:cut]
        await asyncio.Event().wait()

    server.scripts["ingresses"] = [lambda: httpx.Response(200, content=pieces())]
    assert hosts(next(one for one in server.follow() if hosts(one))) == ("new.example.com.",)


def test_what_its_interval_is_shorter_than_is_no_longer_than_its_interval(kubeconfig: Path) -> None:
    server = Server(kubeconfig, interval=10.0)
    next(server.follow())
    assert {url.params["timeoutSeconds"] for url in server.asked} == {"10"}


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (lambda: saying(b'{"type":"ERROR","object":{"code":410}}'), "does not keep what came since it was read (410)"),
        (lambda: httpx.Response(410), "does not keep what came since it was read (410)"),
        (lambda: saying(b'{"type":"ERROR","object":{"code":500}}'), "The watch of `ingresses` ended with an error."),
        (lambda: saying(b"<html>"), "The watch of `ingresses` ended with an error."),
        (lambda: httpx.Response(401), "`ingresses` is not watched: the API server answered 401."),
        (lambda: httpx.Response(404), "`ingresses` is not watched: the API server answered 404."),
        (lambda: httpx.Response(429), "`ingresses` is not watched: the API server answered 429."),
        (lambda: httpx.Response(302, headers={"Location": "https://192.0.2.66/"}), "answered 302."),
    ],
)
def test_what_ends_a_watch_is_a_sentence_and_no_refusal(
    kubeconfig: Path, response: Callable[[], httpx.Response], words: str
) -> None:
    end = Server(kubeconfig).end(response)
    assert words in end.reason
    assert not end.is_refused


def test_a_connection_that_breaks_is_a_sentence(kubeconfig: Path) -> None:
    def breaking() -> httpx.Response:
        def fail() -> None:
            raise httpx.ReadError("connection reset")

        return saying(event("ADDED", ingress("new", "new.example.com")), fail)

    assert Server(kubeconfig).end(breaking) == WatchEnd("The API server of `eks-v1` broke off: `connection reset`.")


@pytest.mark.parametrize("status", [403, 405])
def test_a_kind_that_may_not_be_watched_is_a_refusal_that_names_it(kubeconfig: Path, status: int) -> None:
    end = Server(kubeconfig).end(lambda: httpx.Response(status), kind="deployments")
    assert end.is_refused
    assert end.reason == (
        f"`deployments` may not be watched ({status}), so that the cluster is read at its interval only: allow `watch` "
        "by the ClusterRole of docs/discover.md."
    )


def test_an_event_that_is_too_large_ends_it(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_watch, "OBJECT_OCTETS", 1000)

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 600

    end = Server(kubeconfig).end(lambda: httpx.Response(200, content=pieces()))
    assert end.reason == "An event of `/apis/networking.k8s.io/v1/ingresses` is larger than 1,000 octets."


def test_what_is_compressed_is_not_unfolded_and_ends_it(kubeconfig: Path) -> None:
    folded = {"Content-Encoding": "gzip, gzip, gzip"}
    end = Server(kubeconfig).end(lambda: httpx.Response(200, headers=folded, stream=httpx.ByteStream(b"")))
    assert end.reason == "The watch of `/apis/networking.k8s.io/v1/ingresses` is compressed."


def test_more_than_may_be_held_ends_it(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(kubeconfig)
    monkeypatch.setattr(cluster_witness, "HELD_OCTETS", 1000)
    many = [event("ADDED", ingress(f"w{number}", "a.example.com"), str(number)) for number in range(9)]
    assert server.end(lambda: saying(*many)).reason == (
        "The cluster has more than 1,000 octets in what is read: they were not all read."
    )


def test_a_fault_of_its_own_is_raised(kubeconfig: Path) -> None:
    def broken() -> httpx.Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Server(kubeconfig).end(broken)


def test_it_ends_when_it_is_time_to_list_all_anew(kubeconfig: Path) -> None:
    server = Server(kubeconfig)
    said = list(server.follow())
    assert not any(isinstance(one, WatchEnd) for one in said)
    assert server.clock.monotonic == pytest.approx(RELISTED_SECONDS, abs=1)


ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes"


def test_a_kind_that_the_cluster_has_by_now_ends_it_within_a_minute(kubeconfig: Path) -> None:
    server = Server(kubeconfig)
    server.defined[ROUTES] = lambda: listed("gateway.networking.k8s.io/v1")
    *_, end = server.follow()
    assert end == WatchEnd("The cluster has `httproutes` by now, or lets them be listed.")
    assert server.clock.monotonic == pytest.approx(WATCH_SECONDS, abs=2 * TURN_SECONDS)
    assert not any(url.path.endswith(("ingresses", "deployments")) for url in server.looked), "they were listed"


@pytest.mark.parametrize(("answer", "looks"), [(lambda: httpx.Response(403), 9), (saying, 1)], ids=["no", "hangs"])
def test_kinds_that_cannot_be_listed_are_looked_for_once_a_minute_and_one_look_at_a_time(
    kubeconfig: Path, answer: Callable[[], httpx.Response], looks: int
) -> None:
    server = Server(kubeconfig)
    server.defined[ROUTES] = answer
    assert not any(isinstance(one, WatchEnd) for one in server.follow())
    assert [url.path for url in server.looked].count(ROUTES) == pytest.approx(looks, abs=looks // 9)


def test_with_a_longer_interval_its_credentials_are_renewed_and_its_watches_go_on(kubeconfig: Path) -> None:
    server = Server(kubeconfig, interval=3600.0)
    said = server.follow()
    lists = server.lists
    assert isinstance(next(said), WatchedNow)
    server.clock.advance(CREDENTIAL_SECONDS)
    server.scripts["ingresses"] = [lambda: saying(event("ADDED", ingress("new", "new.example.com")))]
    assert hosts(next(one for one in said if hosts(one))) == ("new.example.com.",)
    assert (server.clients, server.lists) == (2, lists)
    kubeconfig.unlink()
    server.clock.advance(CREDENTIAL_SECONDS)
    *_, end = said
    assert isinstance(end, WatchEnd)
    assert end.reason.startswith("There is no kubeconfig (")


def test_without_a_reading_nothing_is_watched_and_neither_is_what_does_not_say_as_of_when_it_is(
    kubeconfig: Path,
) -> None:
    server = Server(kubeconfig)
    server.version = ""
    assert list(server.follow()) == []
    assert server.asked == []
    server = Server(kubeconfig)
    assert list(server.witness.follow(plan(SHOP), lambda: False)) == []


def test_folding_takes_its_share_of_a_core_and_no_more(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_watch, "BATCH_SECONDS", 0.0)
    spent = iter(number * 0.01 for number in range(10_000))
    monkeypatch.setattr(cluster_watch, "thread_time", lambda: next(spent))
    server = Server(kubeconfig)
    storm = [event("MODIFIED", ingress("web", f"h{number}.example.com"), str(number)) for number in range(100)]
    server.scripts["ingresses"] = [lambda: saying(*storm)]
    last = next(one for one in server.follow() if hosts(one) == ("h99.example.com.",))
    assert isinstance(last, WatchedNow)
    assert last.at.monotonic >= 100 * 0.01 * 19, "a hundred events of 10 ms each, at a twentieth of the time"


def test_folding_rests_after_ten_milliseconds_of_work(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter(number * 0.003 for number in range(10_000))
    monkeypatch.setattr(cluster_watch, "thread_time", lambda: next(spent))
    server = Server(kubeconfig)
    storm = [event("MODIFIED", ingress("web", f"h{number}.example.com"), str(number)) for number in range(12)]
    server.scripts["ingresses"] = [lambda: saying(*storm)]
    next(one for one in server.follow() if hosts(one) == ("h11.example.com.",))
    rests = [seconds for seconds in server.clock.slept if seconds not in (TURN_SECONDS, SHORTEST_SECONDS)]
    assert rests == [pytest.approx(4 * 0.003 * 19)] * 3, "four events of 3 ms are the first to be more than that"


def test_what_watches_bring_is_looked_at_twice_a_second(kubeconfig: Path) -> None:
    server = Server(kubeconfig)
    next(server.follow())
    assert set(server.clock.slept) == {TURN_SECONDS}


def test_its_client_waits_longer_than_a_watch_lasts_and_asks_as_the_context() -> None:
    client = watching_client(
        KubeContext("prod", "https://192.0.2.1:6443", token="t", server_name="api.example.com"), 60.0
    )
    assert client.timeout.read == 75.0
    assert client.headers["Authorization"] == "Bearer t"
    request = httpx.Request("GET", "https://192.0.2.1:6443/")
    asyncio.run(client.event_hooks["request"][0](request))
    assert request.extensions["sni_hostname"] == "api.example.com"
