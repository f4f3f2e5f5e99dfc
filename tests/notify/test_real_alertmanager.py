"""Telling a real Alertmanager, and one that is down, slow or in trouble."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import trustme
from structlog.testing import capture_logs

from probe.model.notification import NotificationFailure
from probe.model.plan import Alertmanager
from probe.notify import post
from tests.handled_http import Handler, handled
from tests.notify.scene import CODE, Scene, play
from tests.patience import HANG
from tests.real_monitoring import Webhook, alertmanager
from tests.real_servers import free_port

REPEAT_SECONDS = 60.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

LOOPBACK = "127.0.0.1"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as started:
        yield started


@contextmanager
def _scripted(*statuses: int, delay: float = 0.0) -> Iterator[tuple[str, list[Any]]]:
    """An Alertmanager that answers these statuses one after the other, and the last one from then on."""
    posted: list[Any] = []
    answers = list(statuses)
    slow = threading.Event()

    class Scripted(Handler):
        def requested(self) -> None:
            posted.append(self.content())
            if delay:
                slow.wait(delay)
            status = answers.pop(0) if len(answers) > 1 else answers[0]
            self.respond(status, b'"bad alert <script>"' * 100)

    with handled(Scripted) as url:
        try:
            yield url, posted
        finally:
            slow.set()


@pytest.mark.real
def test_alertmanager_pages_with_the_finding_s_sentence_and_tells_when_it_is_over(webhook: Webhook) -> None:
    with alertmanager(webhook.url) as real:
        scene = Scene(Alertmanager(real.url))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            await scene.look()
            page = await asyncio.to_thread(webhook.wait_for, lambda alert: alert["status"] == "firing", HANG)
            assert page["labels"] == {
                "alertname": "CutoverFightSameOwner",
                "severity": "critical",
                "domain": "shop.example.com",
                "wave": "wave-2",
                "code": CODE,
            }
            assert page["annotations"]["summary"] == "shop.example.com flaps."
            assert page["generatorURL"] == "https://cutover.example.com/domains/shop.example.com"

            scene.open = ()
            await scene.look(after=1.0)
            assert [alert["status"]["state"] for alert in real.alerts()] == ["active"]  # kept: a flap is no end
            await scene.look(after=600.0)
            over = await asyncio.to_thread(webhook.wait_for, lambda alert: alert["status"] == "resolved", HANG)
            assert over["labels"]["domain"] == "shop.example.com"

        play(scene, story())


@pytest.mark.real
def test_it_is_told_again_before_it_would_end_by_itself(webhook: Webhook) -> None:
    with alertmanager(webhook.url) as real:
        scene = Scene(Alertmanager(real.url))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            await scene.look()
            first = real.alerts()[0]["endsAt"]
            await scene.look(after=1.0)
            assert scene.sent() == [1]
            await scene.look(after=REPEAT_SECONDS)
            assert scene.sent() == [2]
            assert real.alerts()[0]["endsAt"] > first

        play(scene, story())


@pytest.mark.real
def test_a_restart_pages_nobody_again(webhook: Webhook) -> None:
    with alertmanager(webhook.url) as real:
        before, after = Scene(Alertmanager(real.url)), Scene(Alertmanager(real.url))
        before.open = after.open = ("shop.example.com",)
        play(before, before.look())
        webhook.wait_for(lambda alert: alert["status"] == "firing", HANG)
        play(after, after.look())

        assert len(real.alerts()) == 1
        with pytest.raises(AssertionError, match="not paged"):
            webhook.wait_for(lambda _: True, 3.0)


@pytest.mark.real
def test_every_member_of_a_cluster_is_told_and_one_that_is_down_holds_up_nobody(webhook: Webhook) -> None:
    port = free_port(LOOPBACK)
    down = Alertmanager(f"http://{LOOPBACK}:{port}")
    with alertmanager(webhook.url) as one, alertmanager(webhook.url) as two:
        scene = Scene(Alertmanager(one.url), down, Alertmanager(two.url))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs() as logs:
                await scene.look()
            assert len(one.alerts()) == len(two.alerts()) == 1
            assert scene.sent() == [1, 0, 1]
            assert scene.failures()[1] == {NotificationFailure.UNREACHABLE: 1}
            assert [entry["receiver"] for entry in logs] == [down.url]

            await scene.look(after=0.1)
            assert scene.failures()[1] == {NotificationFailure.UNREACHABLE: 1}  # it waits before it tries again
            with alertmanager(webhook.url, port=port) as back:
                await scene.look(after=60.0)  # twice the longest wait between two tries
                assert len(back.alerts()) == 1

        play(scene, story())


@pytest.mark.real
def test_a_password_and_a_private_ca_are_used(webhook: Webhook, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert(LOOPBACK)
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    (tmp_path / "cert.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    web_config = {
        "tls_server_config": {"cert_file": str(tmp_path / "cert.pem"), "key_file": str(tmp_path / "key.pem")},
        "basic_auth_users": {"probe": bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4)).decode()},
    }
    (tmp_path / "right").write_text("open sesame\n")
    (tmp_path / "wrong").write_text("guess")
    with alertmanager(webhook.url, web_config=web_config) as real:
        right = Alertmanager(real.url, "probe", tmp_path / "right", tmp_path / "ca.pem")

        def tell(alertmanager: Alertmanager) -> Scene:
            scene = Scene(alertmanager)
            scene.open = ("shop.example.com",)

            async def story() -> None:
                with capture_logs():
                    await scene.look()
                results.append((scene.sent()[0], scene.failures()[0]))

            play(scene, story())
            return scene

        results: list[tuple[int, dict[NotificationFailure, int]]] = []
        tell(right)
        tell(replace(right, password_file=tmp_path / "wrong"))
        tell(replace(right, ca_file=None))
        assert results == [
            (1, {}),
            (0, {NotificationFailure.REJECTED: 1}),
            (0, {NotificationFailure.UNREACHABLE: 1}),
        ]


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, NotificationFailure.REJECTED),
        (401, NotificationFailure.REJECTED),
        (500, NotificationFailure.FAILED),
        (302, NotificationFailure.FAILED),
    ],
)
def test_what_is_not_taken_is_posted_again_and_logged_with_a_bounded_reason(
    status: int, failure: NotificationFailure
) -> None:
    with _scripted(status, 200) as (url, posted):
        scene = Scene(Alertmanager(url))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs() as logs:
                await scene.look()
            assert scene.failures() == [{failure: 1}]
            assert scene.sent() == [0]
            assert logs[0]["log_level"] == "error"
            assert len(logs[0]["reason"]) < 400
            await scene.look(after=2.0)
            assert scene.sent() == [1]
            assert len(posted) == 2

        play(scene, story())


def test_waits_between_tries_grow_and_are_bounded() -> None:
    with _scripted(500) as (url, posted):
        scene = Scene(Alertmanager(url))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            with capture_logs():
                for _ in range(1000):
                    await scene.look(after=1.0)
            assert 25 <= len(posted) <= 50  # about 1,000 s in waits of up to 30 s, after 1, 2, 4, 8 and 16

        play(scene, story())


def test_one_that_is_slow_is_given_up_and_meanwhile_no_second_post_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "POST_SECONDS", 0.3)
    with _scripted(200, delay=5.0) as (url, posted):
        scene = Scene(Alertmanager(url))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            looked = asyncio.gather(scene.look(), scene.look(), scene.look())
            with capture_logs():
                await looked
            assert scene.failures() == [{NotificationFailure.TIMEOUT: 1}]
            assert len(posted) <= 1  # none where the machine took longer to connect

        play(scene, story())


def test_many_findings_go_out_in_batches_and_a_refused_batch_does_not_hold_up_the_next() -> None:
    with _scripted(400, 200) as (url, posted):
        scene = Scene(Alertmanager(url))

        async def story() -> None:
            scene.open = tuple(f"app-{number}.example.com" for number in range(150))
            with capture_logs():
                await scene.look()
            assert len(posted) == 3
            assert scene.sent() == [150 - 64]

        play(scene, story())


def test_a_changed_plan_lets_the_old_one_go_and_tells_the_new_one_everything() -> None:
    with _scripted(200) as (first, told_first), _scripted(200) as (second, told_second):
        scene = Scene(Alertmanager(first))

        async def story() -> None:
            scene.open = ("shop.example.com",)
            await scene.look()
            scene.receivers = (Alertmanager(second),)
            await scene.look(after=1.0)
            assert (len(told_first), len(told_second)) == (1, 1)
            assert [counts.receiver for counts in scene.notifier.counts()] == [second]

        play(scene, story())


def test_nobody_to_tell_is_no_work() -> None:
    scene = Scene()
    scene.open = ("shop.example.com",)
    play(scene, scene.look())

    assert scene.notifier.counts() == ()


def test_a_ca_file_that_has_gone_is_a_failure_and_no_death(tmp_path: Path) -> None:
    scene = Scene(Alertmanager("https://127.0.0.1:1", ca_file=tmp_path / "gone.pem"))

    async def story() -> None:
        scene.open = ("shop.example.com",)
        with capture_logs():
            await scene.look()
        assert scene.failures() == [{NotificationFailure.UNREACHABLE: 1}]

    play(scene, story())
