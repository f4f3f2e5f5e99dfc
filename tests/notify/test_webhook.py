"""Telling real HTTP servers that fail in every way, and no secret in what is said about it."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from socket import SHUT_RDWR, create_server, socket
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from probe.model.alert import AT_ONCE
from probe.model.clock import Instant
from probe.model.notification import NotificationFailure
from probe.model.plan import Webhook, WebhookFormat
from probe.notify import post
from probe.notify.alert import Condition
from probe.notify.book import StandingAlert
from probe.notify.webhook import WebhookReceiver
from tests.notify.scene import Scene, play
from tests.patience import HANG
from tests.real_servers import free_port
from tests.snapshots import HOSTILE

GROUP_INTERVAL = 60.0
REPEAT_INTERVAL = 14_400.0
LONGEST_RETRY_AFTER = 120.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

LOOPBACK = "127.0.0.1"
SECRET = "T0AAAAAAA/B0BBBBBBB/x7Zq9vKsecretsecret"
TOKEN = "open-sesame-7f3a"
KEEP = 600.0  # of a fight's alert

Answer = Callable[[socket, bytes], None]
"""What a server does with a connection after it has read the request."""


def _says(head: str, body: bytes = b"", *, headers: str = "") -> Answer:
    def answer(connection: socket, _: bytes) -> None:
        connection.sendall(f"HTTP/1.1 {head}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    return answer


OK = _says("200 OK", b"ok")


class _Server:
    """A server that answers one connection after the other as it is told, and keeps to the last answer."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self._answers = list(answers)
        self._tls = tls
        self._listening = create_server((LOOPBACK, 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.address = f"{LOOPBACK}:{self._listening.getsockname()[1]}"
        self._thread.start()

    @property
    def posted(self) -> list[dict[str, Any]]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]

    def close(self) -> None:
        self.ended.set()
        with suppress(OSError):
            self._listening.shutdown(SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, suppress(OSError, ssl.SSLError):
                secured = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
                with secured:
                    request = _read(secured)
                    if request:
                        self.requests.append(request)
                    (self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])(secured, request)


def _read(connection: socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += (more := connection.recv(65_536))
        if not more or data.startswith(b"\x16\x03"):  # a TLS handshake, at a server that has none
            return b""
    head, _, body = data.partition(b"\r\n\r\n")
    (length,) = (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def _serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[_Server]:
    server = _Server(*answers, tls=tls)
    try:
        yield server
    finally:
        server.close()


def _webhook(folder: Path, address: str, *, scheme: str = "http", **more: Any) -> Webhook:
    (folder / "url").write_text(f"{scheme}://{address}/services/{SECRET}\n")
    return Webhook("night-channel", WebhookFormat.SLACK, url_file=folder / "url", **more)


def _tell(webhook: Webhook, *, looks: int = 1) -> tuple[Scene, list[MutableMapping[str, Any]]]:
    scene = Scene(webhook)
    scene.open = ("shop.example.com",)
    results: list[MutableMapping[str, Any]] = []

    async def story() -> None:
        with capture_logs() as logs:
            for _ in range(looks):
                await scene.look(after=2 * LONGEST_RETRY_AFTER)
        results.extend(logs)
        scene.told = scene.sent(), scene.failures()

    play(scene, story())
    return scene, results


def test_a_chat_is_told_a_fight_at_once_and_its_end_once(tmp_path: Path) -> None:
    with _serving(OK) as server:
        scene = Scene(_webhook(tmp_path, server.address))

        async def story() -> None:
            scene.open = ("shop.example.com", "www.example.com")
            for _ in range(100):
                await scene.look(after=1.0)
            assert len(server.posted) == 1
            scene.open = ()
            for _ in range(100):
                await scene.look(after=KEEP / 50)
            assert scene.sent() == [4]

        play(scene, story())
        begun, over = (message["text"] for message in server.posted)
        assert begun.startswith(
            "*[FIRING:2] CutoverFightSameOwner (critical, wave wave-2)*\nshop.example.com (wave wave-2):"
        )
        assert over.startswith("*[RESOLVED:2] CutoverFightSameOwner (critical, wave wave-2)*\nshop.example.com: over.")
        head = server.requests[0].decode().partition("\r\n\r\n")[0]
        assert head.startswith(f"POST /services/{SECRET} HTTP/1.1\r\n")
        assert "content-type: application/json" in head.lower()
        assert "authorization" not in head.lower()


def test_a_program_gets_alertmanager_s_json_with_a_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with _serving(_says("204 No Content")) as server:
        webhook = Webhook("pager", url=f"http://{server.address}/hook?team=dns", token_file=tmp_path / "token")
        _tell(webhook)

        (told,) = server.posted
        assert [alert["labels"]["domain"] for alert in told["alerts"]] == ["shop.example.com"]
        assert server.requests[0].startswith(b"POST /hook?team=dns HTTP/1.1\r\n")
        assert f"Authorization: Bearer {TOKEN}\r\n".encode() in server.requests[0]


def test_hostile_words_of_a_finding_reach_a_chat_harmless(tmp_path: Path) -> None:
    with _serving(OK) as server:
        scene = Scene(_webhook(tmp_path, server.address))
        scene.open, scene.sentence = (
            ("shop.example.com",),
            "{} flaps: <!channel> @all " + HOSTILE.replace("{{7*7}}", ""),
        )
        play(scene, scene.look())

        text = server.posted[0]["text"]
        assert "<!channel>" not in text
        assert "@" not in text
        assert "<script" not in text


def _hangs(server: list[_Server]) -> Answer:
    def answer(_: socket, __: bytes) -> None:
        server[0].ended.wait(HANG)

    return answer


def _drips(connection: socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b"x-a: b\r\n")
            threading.Event().wait(0.05)


def _huge(connection: socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 500 Oh\r\nContent-Length: 99999999999\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(SECRET.encode() * 1000)


def _endless_head(connection: socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        for number in range(1_000_000):
            connection.sendall(b"x-%d: %s\r\n" % (number, b"a" * 1000))


def _closes(connection: socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 20")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (_says("500 Oh", f"no luck with {SECRET}".encode()), NotificationFailure.FAILED),
        (_says("404 Not Found", b"no_service"), NotificationFailure.REJECTED),
        (_says("410 Gone", f"/services/{SECRET} {TOKEN}".encode()), NotificationFailure.REJECTED),
        (_says("429 Slow", headers="Retry-After: 30\r\n"), NotificationFailure.THROTTLED),
        (_says("503 Away", headers="Retry-After: 30\r\n"), NotificationFailure.THROTTLED),
        (_says("503 Away"), NotificationFailure.FAILED),
        (_says("302 Found", headers=f"Location: http://evil.example/{SECRET}\r\n"), NotificationFailure.FAILED),
        (_huge, NotificationFailure.FAILED),
        (_endless_head, NotificationFailure.UNREACHABLE),
        (_closes, NotificationFailure.UNREACHABLE),
        (lambda connection, _: connection.close(), NotificationFailure.UNREACHABLE),
        (lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n"), NotificationFailure.UNREACHABLE),
    ],
    ids=[
        "500", "404", "410", "429", "503-later", "503", "redirect",
        "huge-body", "huge-head", "cut", "closed", "no-http",
    ],
)  # fmt: skip
def test_whatever_a_server_does_is_a_failure_that_shows_no_secret_and_the_message_comes_after(
    answer: Answer, failure: NotificationFailure, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with _serving(answer, OK) as server:
        webhook = _webhook(tmp_path, server.address, token_file=tmp_path / "token")
        scene, logs = _tell(webhook, looks=2)

        assert scene.told == ([1], [{failure: 1}])
        assert len(server.requests) == 2
        assert server.requests[0] == server.requests[1]
    assert [entry["event"] for entry in logs] == ["the webhook was not reached", "the webhook takes alerts again"]
    assert len(logs[0]["reason"]) < 400
    for part in (TOKEN, *SECRET.split("/")):
        assert part not in str(logs)
        assert part not in repr(scene.notifier.counts())


def test_each_post_has_a_connection_of_its_own(tmp_path: Path) -> None:
    more: list[bytes] = []

    def keeps_alive(connection: socket, request: bytes) -> None:
        _says("500 Oh", b"short")(connection, request)  # read to its end: such a connection could be used again
        more.append(connection.recv(1))

    with _serving(keeps_alive) as server:
        scene = Scene(_webhook(tmp_path, server.address))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            for _ in range(2):
                await scene.look(after=GROUP_INTERVAL)

        play(scene, story())
        assert len(server.posted) == 2
    assert more == [b"", b""]


@pytest.mark.parametrize("slow", ["hangs", "drips"])
def test_one_that_hangs_or_drips_is_given_up(slow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "POST_SECONDS", 0.3)
    known: list[_Server] = []
    with _serving(_hangs(known) if slow == "hangs" else _drips) as server:
        known.append(server)
        scene, logs = _tell(_webhook(tmp_path, server.address))
        server.ended.set()

    assert scene.told == ([0], [{NotificationFailure.TIMEOUT: 1}])
    assert logs[0]["reason"] == "no answer within 0.3 s"


def test_each_part_of_a_url_that_may_be_a_secret_is_hidden_and_words_such_as_hooks_are_not(tmp_path: Path) -> None:
    url = "https://chat.example.com/hooks/abcdef/12345?key=q1w2e3&to=x"
    (tmp_path / "url").write_text(url)
    receiver = WebhookReceiver(Webhook("chat", WebhookFormat.SLACK, url_file=tmp_path / "url"))
    at = Instant(1_800_000_000.0, 0.0)
    labels = (("alertname", "CutoverOutage"), ("severity", "critical"))
    alert = StandingAlert(Condition(labels, "", "", "", None, AT_ONCE, ""), 0.0, fired=True)
    (parcel,) = receiver.owed({labels: alert}, at)

    request = asyncio.run(parcel.request(at))

    assert request.secrets == (url, "/hooks/abcdef/12345", "key=q1w2e3&to=x", "key=q1w2e3", "abcdef")


def test_nobody_listens(tmp_path: Path) -> None:
    scene, logs = _tell(_webhook(tmp_path, f"{LOOPBACK}:{free_port(LOOPBACK)}"))

    assert scene.told == ([0], [{NotificationFailure.UNREACHABLE: 1}])
    assert SECRET not in str(logs)


@pytest.mark.parametrize("wrong", ["authority", "name", "plain"])
def test_a_certificate_that_is_not_to_be_trusted_gets_no_word(wrong: str, tmp_path: Path) -> None:
    ours, other = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    signer = other if wrong == "authority" else ours
    signer.issue_cert("evil.example" if wrong == "name" else LOOPBACK).configure_cert(tls)
    with _serving(OK, tls=None if wrong == "plain" else tls) as server:
        scene, logs = _tell(_webhook(tmp_path, server.address, scheme="https", ca_file=tmp_path / "ca.pem"))

        assert scene.told == ([0], [{NotificationFailure.UNREACHABLE: 1}])
        assert server.requests == []
    assert SECRET not in str(logs)


def test_a_certificate_of_the_plan_s_authority_is_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(LOOPBACK).configure_cert(tls)
    with _serving(OK, tls=tls) as server:
        scene, _ = _tell(_webhook(tmp_path, server.address, scheme="https", ca_file=tmp_path / "ca.pem"))

    assert scene.told == ([1], [{}])


def _in(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(Scene().clock.now().wall + seconds, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("45", 45.0),
        ("in 60", 60.0),
        ("86400", LONGEST_RETRY_AFTER),
        ("in 86400", LONGEST_RETRY_AFTER),
        ("in -60", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("9" * 400, LONGEST_RETRY_AFTER),
    ],
)
def test_one_that_asks_to_be_left_alone_is_within_bounds(header: str, seconds: float, tmp_path: Path) -> None:
    written = _in(float(header[3:])) if header.startswith("in ") else header
    with _serving(_says("429 Slow down", headers=f"Retry-After: {written}\r\n")) as server:
        scene = Scene(_webhook(tmp_path, server.address))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs():
                await scene.look()
                if seconds > 3.0:
                    await scene.look(after=seconds - 3.0)  # a busy machine takes its time, and a date is one
                    assert len(server.requests) == 1
                await scene.look(after=5.0)
            assert len(server.requests) == 2

        play(scene, story())


def test_tries_wait_longer_and_longer_and_no_more_than_half_a_minute(tmp_path: Path) -> None:
    with _serving(_says("500 Oh")) as server:
        scene = Scene(_webhook(tmp_path, server.address))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs():
                for _ in range(1000):
                    await scene.look(after=1.0)
            assert 25 <= len(server.requests) <= 50

        play(scene, story())


def test_after_an_hour_without_a_chat_it_hears_of_what_holds_then_and_of_nothing_twice(tmp_path: Path) -> None:
    with _serving(*[_says("500 Oh")] * 2, OK) as server:
        scene = Scene(_webhook(tmp_path, server.address))

        async def story() -> None:
            with capture_logs():
                scene.open = ("shop.example.com",)
                await scene.look()
                scene.open = ("www.example.com",)
                await scene.look(after=60.0)  # twice the longest wait between two tries
                await scene.look(after=3600.0)
                await scene.look(after=GROUP_INTERVAL)
            assert scene.sent() == [1]

        play(scene, story())
        assert "www.example.com" in server.posted[-1]["text"]
        assert "shop.example.com" not in server.posted[-1]["text"]


def test_a_chat_that_missed_the_end_hears_of_it_however_late(tmp_path: Path) -> None:
    with _serving(OK, _says("500 Oh"), OK) as server:
        scene = Scene(_webhook(tmp_path, server.address))

        async def story() -> None:
            with capture_logs():
                scene.open = ("shop.example.com",)
                await scene.look()
                scene.open = ()
                await scene.look(after=1.0)
                await scene.look(after=KEEP)
                await scene.look(after=2 * 3600.0)
                await scene.look(after=REPEAT_INTERVAL)

        play(scene, story())
        assert [message["text"].partition("]")[0] for message in server.posted] == [
            "*[FIRING:1",
            "*[RESOLVED:1",
            "*[RESOLVED:1",
        ]


def test_a_rotated_url_and_token_are_used_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old-token")
    with _serving(_says("401 No"), OK) as old, _serving(OK) as new:
        scene = Scene(_webhook(tmp_path, old.address, token_file=tmp_path / "token"))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs():
                await scene.look()
                _webhook(tmp_path, new.address)
                (tmp_path / "token").write_text("new-token")
                await scene.look(after=2.0)
            assert scene.sent() == [1]

        play(scene, story())
        assert b"Bearer old-token" in old.requests[0]
        assert b"Bearer new-token" in new.requests[0]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("url", None),
        ("url", b""),
        ("url", b"ftp://x/" + SECRET.encode()),
        ("url", b"\xff\xfe" + SECRET.encode()),
        ("url", b"https://[" + SECRET.encode()),
        ("url", b"https://host:" + SECRET.encode() + b"/"),
        ("url", b"https://host/\x00" + SECRET.encode()),
        ("token", None),
        ("token", b"\n"),
        ("token", b"\x00" + SECRET.encode()),
        ("token", "§".encode() + SECRET.encode()),
    ],
)
def test_a_file_that_is_no_good_any_more_is_a_failure_that_does_not_repeat_it(
    file: str, content: bytes | None, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    webhook = _webhook(tmp_path, f"{LOOPBACK}:9", token_file=tmp_path / "token")
    (tmp_path / file).unlink() if content is None else (tmp_path / file).write_bytes(content)

    scene, logs = _tell(webhook)

    assert scene.told == ([0], [{NotificationFailure.UNREACHABLE: 1}])
    for part in SECRET.split("/"):
        assert part not in str(logs)


def test_one_that_fails_holds_up_nobody_else_and_its_name_is_its_only_mark(tmp_path: Path) -> None:
    with _serving(_says("500 Oh")) as bad, _serving(OK) as good:
        failing = _webhook(tmp_path, bad.address)
        fine = Webhook("pager", url=f"http://{good.address}/hook")
        scene = Scene(failing, fine)

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs() as logs:
                await asyncio.gather(scene.look())
            assert [entry["receiver"] for entry in logs] == ["night-channel"]
            assert [counts.receiver for counts in scene.notifier.counts()] == ["night-channel", "pager"]
            assert scene.sent() == [0, 1]

        play(scene, story())


def test_what_is_not_secret_in_the_plan_is_not_shown_either() -> None:
    webhook = Webhook("pager", url=f"https://pager.example.com/{SECRET}")

    assert SECRET not in repr(webhook)
    assert replace(webhook, name="other") != webhook
