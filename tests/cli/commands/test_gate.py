"""`gate`, between a daemon's answers and an exit status; time is virtual, the daemon a script."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from probe.cli import daemon_api
from probe.cli.daemon_api import PASSWORD_VARIABLE, DaemonAccess, DaemonApi, access_to
from probe.cli.errors import ExitStatus
from probe.cli.gate_query import DaemonReply, together
from probe.cli.gate_query import ask as ask_daemons
from probe.cli.main import root
from probe.model.clock import Instant
from probe.runtime.clock import SystemClock
from tests.clock import LoopClock, run_virtual
from tests.hostile_http import WITHOUT_END, hostile
from tests.snapshots import NOW, fleet, migration
from tests.web.ports import Far, get

DAEMON = DaemonApi("http://probe.test", "first")

Said = dict[str, Any] | int | Exception


def refusal(status: int, detail: str) -> dict[str, object]:
    """A problem document as the daemon writes it."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def wave(**changes: Any) -> dict[str, Any]:
    """What a daemon says of a wave that is confirmed, unless told otherwise."""
    facts = {
        "confirmed": True,
        "standing": "passes",
        "sentence": "Wave first is confirmed.",
        "held": 1900.0,
        "blind": False,
        "plan_digest": "3f2a",
    }
    return {**facts, **changes}


def ask(*answers: Said, digest: str | None = None, wait: float = 0.0) -> tuple[DaemonReply, int, float]:
    """Ask a daemon that says these things in turn, and the last one for ever. Give also how often, and how long."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        said = answers[min(len(asked), len(answers) - 1)]
        if request.url.path == "/api/v1/status":
            return httpx.Response(200, json={"plan_digest": "0000"})
        asked.append(request)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, int):
            return httpx.Response(said, json=refusal(said, "first is not a wave of the plan."))
        return httpx.Response(200, json=said)

    async def main(clock: LoopClock) -> tuple[DaemonReply, float]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
            words = await ask_daemons(client, [DAEMON], digest, wait, clock)
            return together(words), clock.now().monotonic

    reply, seconds = run_virtual(main)
    return reply, len(asked), seconds


SOAKING = wave(confirmed=False, sentence="Wave first holds, and 5 min of the soak are left.")
FAILING = wave(confirmed=False, standing="fails", sentence="Wave first does not hold.")
UNKNOWN = wave(standing="unknown", sentence="Wave first cannot be told.")


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        (wave(), ExitStatus.HOLDS, "Wave first is confirmed."),
        (SOAKING, ExitStatus.UNKNOWN, "5 min of the soak are left"),
        (FAILING, ExitStatus.DOES_NOT_HOLD, "Wave first does not hold."),
        (UNKNOWN, ExitStatus.UNKNOWN, "It was seen to hold for 31 min 40 s before."),
        (wave(blind=True), ExitStatus.UNKNOWN, "reaches no server at present"),
        (404, ExitStatus.FAILED, "first is not a wave of the plan."),
        (401, ExitStatus.FAILED, "rejects the user or the password"),
        (503, ExitStatus.FAILED, "says:"),
        ({"something": "else"}, ExitStatus.FAILED, "is not this version's Cutover Probe"),
        (httpx.ConnectError("Connection refused"), ExitStatus.FAILED, "does not answer: Connection refused."),
    ],
)
def test_what_the_daemon_says_is_an_exit_status_and_one_sentence(said: Said, status: ExitStatus, words: str) -> None:
    reply, asked, _ = ask(said)
    assert reply.status is status
    assert words in reply.check.sentence
    assert asked == 1


def test_waiting_ends_as_soon_as_it_is_confirmed() -> None:
    reply, asked, seconds = ask(httpx.ConnectError("not up yet"), FAILING, SOAKING, wave(), wait=600)
    assert (reply.status, asked) == (ExitStatus.HOLDS, 4)
    assert seconds == pytest.approx(6.0)


def test_waiting_ends_with_the_last_word_when_the_time_is_up() -> None:
    reply, _, seconds = ask(SOAKING, wait=61)
    assert reply.status is ExitStatus.UNKNOWN
    assert seconds == pytest.approx(61.0)


@pytest.mark.parametrize("said", [401, 403, 404])
def test_what_waiting_cannot_change_is_not_waited_for(said: int) -> None:
    _, asked, _ = ask(said, wait=600)
    assert asked == 1


def test_a_wave_that_the_daemon_does_not_know_yet_is_waited_for_when_the_plan_is_at_hand() -> None:
    reply, asked, _ = ask(404, 404, wave(), digest="3f2a", wait=600)
    assert (reply.status, asked) == (ExitStatus.HOLDS, 3)


def test_a_daemon_that_goes_by_another_plan_confirms_nothing() -> None:
    reply, _, _ = ask(wave(plan_digest="0000"), digest="3f2a")
    assert reply.status is ExitStatus.UNKNOWN
    assert "has another plan than this file" in reply.check.sentence
    after, asked, _ = ask(wave(plan_digest="0000"), wave(), digest="3f2a", wait=60)
    assert (after.status, asked) == (ExitStatus.HOLDS, 2)


def ask_several(*said: Said, digest: str | None = None) -> DaemonReply:
    """Ask several daemons once; each says its own reply, and all of them go by the plan `3f2a`."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/status":
            return httpx.Response(200, json={"plan_digest": "3f2a"})
        reply = said[int(request.url.host.removeprefix("shard-"))]
        assert not isinstance(reply, Exception)
        return httpx.Response(reply, json={}) if isinstance(reply, int) else httpx.Response(200, json=reply)

    async def main(clock: LoopClock) -> DaemonReply:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
            daemons = [DaemonApi(f"http://shard-{number}", "first") for number in range(len(said))]
            return together(await ask_daemons(client, daemons, digest, 0.0, clock))

    return run_virtual(main)


@pytest.mark.parametrize("digest", [None, "3f2a"])
def test_every_shard_that_has_a_domain_of_the_wave_has_to_confirm_it(digest: str | None) -> None:
    all_hold = ask_several(wave(), 404, wave(), digest=digest)
    assert all_hold.status is ExitStatus.HOLDS
    assert all_hold.check.sentence.endswith("All 2 daemons agree.")
    assert ask_several(wave(), SOAKING, digest=digest).status is ExitStatus.UNKNOWN
    assert ask_several(wave(), SOAKING, FAILING, digest=digest).status is ExitStatus.DOES_NOT_HOLD
    assert ask_several(wave(), 503, SOAKING, digest=digest).status is ExitStatus.FAILED
    assert ask_several(404, 404, digest=digest).status is ExitStatus.FAILED


def test_a_shard_that_lacks_the_wave_by_another_plan_confirms_nothing() -> None:
    reply = ask_several(wave(plan_digest="9999"), 404, digest="9999")
    assert reply.status is ExitStatus.UNKNOWN
    assert "has another plan" in reply.check.sentence


@pytest.mark.parametrize(("size", "given_up"), [(64 * 1024 * 1024, False), (64 * 1024 * 1024 + 1, True)])
def test_an_answer_without_end_is_given_up(size: int, *, given_up: bool) -> None:
    def flood(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"x" * size)

    async def main(clock: LoopClock) -> DaemonReply:
        async with httpx.AsyncClient(transport=httpx.MockTransport(flood)) as client:
            return together(await ask_daemons(client, [DAEMON], None, 0.0, clock))

    assert ("its answer does not end" in run_virtual(main).check.sentence) is given_up


@pytest.mark.parametrize("answer", WITHOUT_END)
def test_an_answer_without_end_is_given_up_in_whichever_part_of_it_there_is_none(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon_api, "WHOLE_WITHIN", 0.5)
    monkeypatch.setattr(daemon_api, "LARGEST", 2**20)
    with hostile(WITHOUT_END[answer]) as url:
        status, output = run("--url", url, "--wave", "first")
    assert status == ExitStatus.FAILED
    assert f"The daemon at {url} does not answer: " in output
    assert "Traceback" not in output


def test_an_answer_may_take_a_minute() -> None:
    async def main(clock: LoopClock) -> tuple[DaemonReply, float]:
        async def drip() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await clock.sleep(9.0)

        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=drip()))
        async with httpx.AsyncClient(transport=transport) as client:
            return together(await ask_daemons(client, [DAEMON], None, 0.0, clock)), clock.now().monotonic

    reply, seconds = run_virtual(main)
    assert "its answer does not end within 60 s" in reply.check.sentence
    assert seconds == 60.0


@pytest.mark.parametrize(("values", "too_many"), [(8 * 1024 * 1024, False), (8 * 1024 * 1024 + 1, True)])
def test_an_answer_of_more_values_than_memory_has_room_for_is_not_read(values: int, *, too_many: bool) -> None:
    """Commas alone: what begins to read them as JSON stops at the first."""

    async def main(clock: LoopClock) -> DaemonReply:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"," * values))
        async with httpx.AsyncClient(transport=transport) as client:
            return together(await ask_daemons(client, [DAEMON], None, 0.0, clock))

    assert ("its answer has more values than any of a daemon's" in run_virtual(main).check.sentence) is too_many


@pytest.mark.parametrize("status", [b"[" * 100_000, b"[]", b'{"plan_digest": 1}', b"\xff", b"null"])
def test_a_status_that_is_none_is_that_of_no_known_plan(status: bytes) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/status":
            return httpx.Response(200, content=status)
        return httpx.Response(404, content=b"[" * 100_000)

    async def main(clock: LoopClock) -> DaemonReply:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
            return together(await ask_daemons(client, [DAEMON], "3f2a", 0.0, clock))

    reply = run_virtual(main)
    assert reply.check.sentence == "The daemon at http://probe.test says: HTTP 404"
    assert not reply.final


def test_an_answer_that_is_compressed_is_not_unfolded() -> None:
    """A kilobyte of four layers is 64 GiB, and is unfolded before a byte of it can be counted."""

    def folded(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx.Response(200, headers={"Content-Encoding": "gzip, gzip"}, stream=httpx.ByteStream(b""))

    async def main(clock: LoopClock) -> DaemonReply:
        access = access_to(
            None, urls=("http://192.0.2.1",), ca_file=None, cert_file=None, key_file=None, user=None, password_file=None
        )
        async with access.client() as client:
            client._transport = httpx.MockTransport(folded)
            return together(await ask_daemons(client, [DAEMON], None, 0.0, clock))

    assert "its answer is compressed" in run_virtual(main).check.sentence


def test_what_the_api_really_says_is_understood() -> None:
    for far, name, status in (
        (Far(snapshot=fleet(2)), "wave-1", ExitStatus.HOLDS),
        (Far(snapshot=migration()), "wave-2", ExitStatus.DOES_NOT_HOLD),
        (Far(snapshot=migration()), "wave-3", ExitStatus.UNKNOWN),
    ):
        said = get(f"/api/v1/waves/{name}", far).json()
        assert ask(said)[0].status is status, said["sentence"]


PLAN = """
vantage: test
sides:
  v1: {addresses: [192.0.2.0/24]}
  v2: {addresses: [198.51.100.0/24]}
waves: [{name: first, expect: v2, domains: [app.example.com]}]
"""


def run(*arguments: str, variables: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(root, ["gate", *arguments], env=variables or {})
    return result.exit_code, result.output


@pytest.mark.parametrize("command", ["gate", "decommission"])
@pytest.mark.parametrize("scheme", ["http", "socks5", "foo"])
def test_a_proxy_of_the_environment_gets_neither_the_question_nor_the_password(
    monkeypatch: pytest.MonkeyPatch, command: str, scheme: str
) -> None:
    with socket.socket() as nobody, socket.create_server(("127.0.0.1", 0)) as proxy:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        proxy.settimeout(0)
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, f"{scheme}://127.0.0.1:{proxy.getsockname()[1]}")
        daemon = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        result = CliRunner().invoke(
            root,
            [command, "--url", daemon, "--wave", "first", "--user", "ci"],
            env={PASSWORD_VARIABLE: "secret"},
        )

        assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
        assert f"{daemon} does not answer" in result.output
        with pytest.raises(BlockingIOError):
            proxy.accept()


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., str]:
    def write(more: str = "") -> str:
        path = tmp_path / "plan.yaml"
        path.write_text(PLAN + more, encoding="utf-8")
        return str(path)

    return write


URL = "http://127.0.0.1:1"  # nobody listens at port 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--wave", "first"], "Give the daemon's address"),
        (["--wave", "first", "--url", "ftp://x"], "write it as"),
        (["--wave", "first", "--url", "http://me:secret@127.0.0.1"], "carries credentials"),
        (["--wave", "first", "--url", URL, "--user", "ci"], PASSWORD_VARIABLE),
        (["--wave", "first", "--url", URL, "--password-file", __file__], "needs --user"),
        (["--wave", "first", "--url", URL, "--ca-file", __file__], "could not be loaded"),
        (["--wave", "first", "--url", URL], "does not answer"),
    ],
)
def test_what_cannot_be_asked_is_said_with_status_1(arguments: Sequence[str], words: str) -> None:
    status, output = run(*arguments)
    assert status == 1
    assert words in output
    assert "secret" not in output


def test_a_wave_that_the_plan_has_not_and_a_port_that_is_any_are_said_before_anybody_is_asked(
    plan: Callable[..., str],
) -> None:
    assert "no wave `second`" in run("--config", plan(), "--wave", "second")[1]
    assert "any free port" in run("--config", plan("listen: 127.0.0.1:0\n"), "--wave", "first")[1]


def test_the_outcome_for_programs_has_the_status_and_the_reason(plan: Callable[..., str]) -> None:
    status, output = run("--config", plan(), "--wave", "first", "--url", URL, "--output", "json")
    told = json.loads(output)
    (daemon,) = told["daemons"]
    assert (status, told["exit_status"], daemon["facts"], daemon["url"]) == (1, 1, None, URL)
    assert "does not answer" in told["reason"]


@pytest.mark.parametrize("ahead", [0.0, -300.0])
def test_clocks_apart_are_said_beside_the_answer_and_change_nothing_else(
    monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    async def handle(request: httpx.Request) -> httpx.Response:
        answer = await asyncio.to_thread(get, request.url.raw_path.decode(), Far(snapshot=fleet(2)))
        return httpx.Response(200, content=answer.content)

    told = Instant(NOW.wall - ahead, NOW.monotonic)
    monkeypatch.setattr(SystemClock, "now", lambda _: told)
    client = httpx.MockTransport(handle)
    monkeypatch.setattr(DaemonAccess, "client", lambda _: httpx.AsyncClient(transport=client))
    result = CliRunner().invoke(root, ["gate", "--wave", "wave-1", "--url", URL, "--output", "json"])
    assert result.exit_code == json.loads(result.stdout)["exit_status"] == 0
    assert (f"The answer of {URL} is 5 min behind this machine's clock" in result.stderr) is (ahead != 0)
