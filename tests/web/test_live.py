"""Server-sent events: over a real socket to a real client, which reads them line by line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from probe.model.effect import FindingRaised
from probe.web import live, web_server
from probe.web.app import create_app
from probe.web.live import Live
from probe.web.web_server import WebServer
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG
from tests.snapshots import NOW, finding
from tests.web.ports import Far, get, request

NEWS = FindingRaised(finding("outage", "shop.example.com.", "It is gone."), NOW)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(live, "TICK_SECONDS", 0.2)


@contextmanager
def serving(far: Far) -> Iterator[tuple[WebServer, str]]:
    application = create_app(far.ports())
    server = WebServer(application.app, "127.0.0.1", 0, ending=application.close)
    host, port = server.start()
    try:
        yield server, f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def listening(url: str, seen: str = "", headers: dict[str, str] | None = None) -> Iterator[Iterator[dict[str, str]]]:
    with (
        httpx.Client(trust_env=False, timeout=HANG) as client,
        client.stream("GET", f"{url}/live", params={"seen": seen}, headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        assert "content-encoding" not in response.headers
        yield events(response)


def events(response: httpx.Response) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields
            fields = {}


def test_a_page_that_shows_the_present_hears_nothing_new_until_there_is_and_then_at_once() -> None:
    far = Far()
    with serving(far) as (_, url):
        with listening(url) as first:
            assert next(first) == {"retry": "1000"}
            present = next(first)["id"]
        with listening(url, present) as stream:
            next(stream)
            assert next(stream)["event"] == "tick"
            far.history.observe(NEWS)
            told = next(event for event in stream if event["event"] == "news")
            assert told["id"] != present


def test_what_a_page_shows_is_the_id_that_it_listens_with() -> None:
    far = Far()
    with serving(far) as (_, url):
        seen = httpx.get(url, trust_env=False, timeout=HANG).text.partition('data-seen="')[2].partition('"')[0]
        with listening(url, seen) as stream:
            next(stream)
            assert next(stream) == {"id": seen, "event": "tick", "data": seen}


def test_who_comes_back_with_an_old_id_is_told_at_once_that_there_is_news() -> None:
    far = Far()
    with serving(far) as (_, url), listening(url, headers={"last-event-id": "of-another-life"}) as stream:
        next(stream)
        assert next(stream)["event"] == "news"


@pytest.mark.parametrize("last", ["", "x" * 4_000, "\x7f", "0-0; DROP TABLE", "<script>"])
def test_whatever_is_said_to_have_been_seen_does_no_harm(last: str) -> None:
    with serving(Far()) as (_, url), listening(url, last) as stream:
        next(stream)
        assert set(next(stream)) == {"id", "event", "data"}


def test_many_changes_within_a_moment_are_one_event() -> None:
    """In virtual time: between two looks a real server's thread may have its turn after any of them."""
    far = Far()

    async def scene(_: LoopClock) -> list[str]:
        stream = Live(lambda: far.history.version)
        response = await stream.stream(_asking(stream))
        assert isinstance(response, StreamingResponse)
        told = aiter(response.body_iterator)
        await anext(told)
        for _change in range(1_000):
            far.history.observe(NEWS)
        return [str(bytes(await anext(told))) for _event in range(2)]  # type: ignore[arg-type]  # ours are bytes

    news, tick = run_virtual(scene)
    assert "event: news" in news
    assert "event: tick" in tick


def test_streams_are_bounded_and_a_place_is_free_again_when_somebody_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LISTENERS", 2)
    with serving(Far()) as (_, url):
        with listening(url) as one, listening(url) as two:
            next(one)
            next(two)
            refused = httpx.get(f"{url}/live", trust_env=False, timeout=HANG)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "15")
            assert httpx.get(f"{url}/-/healthy", trust_env=False, timeout=HANG).status_code == 200
        for _ in range(3_000):
            with httpx.stream("GET", f"{url}/live", trust_env=False, timeout=HANG) as response:
                if response.status_code == 200:
                    return
            threading.Event().wait(0.02)
    pytest.fail("no place became free")


def test_a_stream_ends_by_itself_before_the_server_would_cut_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.3)
    with serving(Far()) as (_, url), listening(url) as stream:
        assert len(list(stream)) >= 2
    assert live.TICK_SECONDS < live.STREAM_SECONDS


def _asking(stream: Live) -> Request:
    """Ask for news beyond what is new now."""
    query = f"seen={stream.newest}".encode()
    return Request({"type": "http", "method": "GET", "path": "/live", "headers": [], "query_string": query})


def test_news_is_told_within_a_second_and_its_absence_every_five_for_55_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server would cut a connection on which nothing else is asked after 75."""
    monkeypatch.undo()  # the pace is the program's, and time is virtual

    async def scene(clock: LoopClock) -> tuple[list[tuple[float, str]], float]:
        stream = Live(lambda: int(clock.now().monotonic > 7.3))
        response = await stream.stream(_asking(stream))
        assert isinstance(response, StreamingResponse)
        told = [(clock.now().monotonic, str(bytes(chunk))) async for chunk in response.body_iterator]  # type: ignore[arg-type]  # ours are bytes
        kinds = [(at, kind) for at, chunk in told for kind in ("tick", "news") if f"event: {kind}" in chunk]
        return kinds, clock.now().monotonic

    told, ended = run_virtual(scene)
    assert told == [(5.0, "tick"), (8.0, "news"), *((float(at), "tick") for at in range(13, 55, 5))]
    assert ended == 55.0


def test_thirty_two_pages_may_listen() -> None:
    async def scene(_: LoopClock) -> tuple[int, int]:
        stream = Live(lambda: 0)
        open_pages = []
        for _page in range(32):
            response = await stream.stream(_asking(stream))
            assert isinstance(response, StreamingResponse)
            open_pages.append(aiter(response.body_iterator))
            await anext(open_pages[-1])
        refused = (await stream.stream(_asking(stream))).status_code
        await open_pages[0].aclose()  # type: ignore[attr-defined]  # it is a generator
        return refused, (await stream.stream(_asking(stream))).status_code

    assert run_virtual(scene) == (503, 200)


def test_stopping_the_server_ends_the_streams_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "STOP_SECONDS", 600.0)  # so long it would wait for a stream that goes on
    with serving(Far()) as (server, url), listening(url) as stream:
        next(stream)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        for _ in stream:
            pass
        stopping.join(HANG)
        assert not stopping.is_alive()


def test_a_head_request_gets_no_stream_and_a_post_is_refused() -> None:
    assert request(None, "HEAD", "/live").content == b""
    assert request(None, "POST", "/live").status_code == 405


def test_nothing_is_rendered_while_nobody_asks() -> None:
    far = Far()
    first = get("/", far).text

    for _ in range(100):
        far.history.observe(NEWS)

    assert first.partition('data-seen="')[2] != get("/", far).text.partition('data-seen="')[2]
