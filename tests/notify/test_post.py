"""One post: how long it may take, what is shown of a refusal, and how much of a file with a secret is read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import httpx
import pytest

from probe.model.clock import Instant
from probe.model.notification import NotificationFailure
from probe.notify.post import Outcome, Request, client, first_line, post
from tests.clock import LoopClock, run_virtual
from tests.hostile_http import WITHOUT_END, hostile

POST_SECONDS, MAX_REASON, LONGEST_RETRY_AFTER, MAX_LINE = 10.0, 300, 120.0, 2_048
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

NOW = Instant(1_800_000_000.0, 0.0)
URL = "https://hooks.example.com/x"

Answer = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


async def posted(answer: Answer, *secrets: str) -> Outcome:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        return await post(http, Request(URL, {"text": "It is absent."}, secrets=secrets), NOW)


def answers(status: int, body: str = "", **headers: str) -> Answer:
    async def stream() -> AsyncIterator[bytes]:
        yield body.encode()

    async def answer(_: httpx.Request) -> httpx.Response:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return httpx.Response(status, content=stream(), headers=named)

    return answer


@pytest.mark.parametrize(
    ("takes", "outcome"),
    [
        (POST_SECONDS - 0.1, Outcome()),
        (POST_SECONDS + 0.1, Outcome(NotificationFailure.TIMEOUT, "no answer within 10 s")),
    ],
)
def test_a_post_may_take_ten_seconds_altogether(takes: float, outcome: Outcome) -> None:
    def posting(clock: LoopClock) -> Coroutine[None, None, Outcome]:
        async def slow(_: httpx.Request) -> httpx.Response:
            await clock.sleep(takes)
            return httpx.Response(200)

        return posted(slow)

    assert run_virtual(posting) == outcome


def test_no_part_of_it_may_take_longer_either() -> None:
    async def patience() -> httpx.Timeout:
        async with client(None) as http:
            return http.timeout

    assert asyncio.run(patience()) == httpx.Timeout(POST_SECONDS)


def test_a_receiver_that_tells_nothing_is_left_long_before() -> None:
    async def posting(url: str) -> Outcome:
        async with client(None) as http:
            return await post(http, Request(url, {}), NOW)

    with hostile(WITHOUT_END["other answers first, without a pause"]) as url:
        assert asyncio.run(posting(url)) == Outcome(
            NotificationFailure.UNREACHABLE, "more than 64 KiB that tell nothing"
        )


def test_a_refusal_is_shown_as_far_as_a_log_has_room_and_what_it_repeats_is_hidden() -> None:
    refused = answers(400, "bad: open-sesame " + "x" * 1_000)
    outcome = asyncio.run(posted(refused, "open-sesame"))
    assert outcome == Outcome(NotificationFailure.REJECTED, f"status 400: bad: *********** {'x' * (MAX_REASON - 17)}")


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("119", 119.0),
        ("120", LONGEST_RETRY_AFTER),
        ("121", LONGEST_RETRY_AFTER),
        ("Fri, 15 Jan 2027 08:01:59 GMT", 119.0),
        ("Fri, 15 Jan 2027 09:00:00 GMT", LONGEST_RETRY_AFTER),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("soon", 0.0),
    ],
)
def test_a_receiver_may_ask_to_be_left_alone_for_two_minutes(header: str, wait: float) -> None:
    outcome = asyncio.run(posted(answers(429, "slow down", Retry_After=header)))
    assert outcome == Outcome(NotificationFailure.THROTTLED, "status 429: slow down", wait)


def test_one_that_is_away_and_says_for_how_long_is_throttled_and_else_it_has_failed() -> None:
    away = asyncio.run(posted(answers(503, "away", Retry_After="30")))
    assert away == Outcome(NotificationFailure.THROTTLED, "status 503: away", 30.0)
    assert asyncio.run(posted(answers(503, "away"))) == Outcome(NotificationFailure.FAILED, "status 503: away")


def test_a_secret_may_have_two_thousand_characters_and_its_line_is_read_no_further(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t" * MAX_LINE + "more\nsecond line\n")
    assert asyncio.run(first_line(tmp_path / "token")) == "t" * MAX_LINE
    (tmp_path / "token").write_text(" token \nsecond line\n")
    assert asyncio.run(first_line(tmp_path / "token")) == "token"
