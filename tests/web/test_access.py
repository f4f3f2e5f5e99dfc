"""Who gets in, request by request."""

import asyncio
import base64

import bcrypt
import httpx
import pytest

from probe.model.web import RequestRate, WebConfig
from probe.web.access import Access
from tests.snapshots import fleet, migration
from tests.web.ports import Far

ALL_GUESSES_BURST, GUESS_BURST, LOGINS_REMEMBERED, LONGEST_PASSWORD = 20, 10, 256, 72
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

HASHED = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4))
USERS = WebConfig(users=(("alice", HASHED), ("bob", bcrypt.hashpw("pässwörd".encode(), bcrypt.gensalt(5)))))
ALICE = ("alice", "open sesame")


def authorization(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Visit:
    """Requests to one application, one after the other or together."""

    def __init__(self, access: Access, far: Far | None = None) -> None:
        self._app = (far or Far(snapshot=fleet(1))).app(access)

    def __call__(
        self, *requests: tuple[str, dict[str, str]], method: str = "GET", peer: str = "192.0.2.7"
    ) -> list[httpx.Response]:
        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self._app, client=(peer, 40_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://probe.test") as client:
                return await asyncio.gather(
                    *(client.request(method, path, headers=headers) for path, headers in requests)
                )

        return asyncio.run(send())

    def status(self, path: str, headers: dict[str, str] | None = None, peer: str = "192.0.2.7") -> int:
        (response,) = self((path, headers or {}), peer=peer)
        return response.status_code


def checking(monkeypatch: pytest.MonkeyPatch, *, verdict: bool | None = None) -> list[tuple[bytes, bytes]]:
    """Keep what bcrypt is asked, and give its own verdict or another."""
    checks: list[tuple[bytes, bytes]] = []
    real = bcrypt.checkpw

    def check(password: bytes, hashed: bytes) -> bool:
        checks.append((password, hashed))
        return real(password, hashed) if verdict is None else verdict

    monkeypatch.setattr(bcrypt, "checkpw", check)
    return checks


PATHS = ["/", "/domains/app-0.example.com", "/metrics", "/api/v1/status", "/api/v1/openapi.json", "/-/healthy", "/no"]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_told_without_a_password(path: str) -> None:
    (response,) = Visit(Access(USERS))((path, {}))

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Basic realm="Cutover Probe", charset="UTF-8"'
    assert "A user and a password are needed here." in response.text
    assert path.startswith("/api/") is (response.headers["content-type"] == "application/problem+json")
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_nothing_is_done_without_a_password() -> None:
    far = Far()

    (response,) = Visit(Access(USERS), far)(("/-/reload", {}), method="POST")

    assert (response.status_code, far.reloads) == (401, 0)


@pytest.mark.parametrize(("user", "password"), [ALICE, ("bob", "pässwörd")])
def test_the_right_password_opens(user: str, password: str) -> None:
    assert Visit(Access(USERS)).status("/metrics", authorization(user, password)) == 200


@pytest.mark.parametrize(
    "headers",
    [
        authorization("alice", "open sesam"),
        authorization("alice", ""),
        authorization("bob", "open sesame"),
        authorization("eve", "open sesame"),
        authorization("", ""),
        authorization("alice", "x" * 73),
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + base64.b64encode(b"alice").decode()},
        {"authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
        {"authorization": "Bearer open sesame"},
        {"authorization": ""},
    ],
)
def test_anything_else_does_not(headers: dict[str, str]) -> None:
    assert Visit(Access(USERS)).status("/metrics", headers) == 401


def test_a_password_that_bcrypt_would_cut_is_wrong_and_the_longest_one_is_right() -> None:
    longest = "x" * LONGEST_PASSWORD
    users = WebConfig(users=(("carol", bcrypt.hashpw(longest.encode(), bcrypt.gensalt(4))),))
    assert Visit(Access(users)).status("/metrics", authorization("carol", longest)) == 200
    assert Visit(Access(users)).status("/metrics", authorization("carol", f"{longest}y")) == 401


def test_a_right_password_is_hashed_once_also_for_requests_that_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = checking(monkeypatch)
    visit = Visit(Access(USERS))

    together = visit(*[("/metrics", authorization(*ALICE))] * 4)
    later = visit(("/", authorization(*ALICE)))

    assert {response.status_code for response in together + later} == {200}
    assert len(checks) == 1


def test_a_user_who_does_not_exist_takes_as_long_as_one_who_does(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = checking(monkeypatch, verdict=True)

    assert Visit(Access(USERS)).status("/", authorization("eve", "x")) == 401
    assert checks == [(b"x", USERS.users[1][1])]  # the costliest


def test_who_guesses_is_slowed_down_and_who_is_known_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = checking(monkeypatch)
    visit = Visit(Access(USERS))
    assert visit.status("/metrics", authorization(*ALICE)) == 200

    guesses = visit(*(("/metrics", authorization("alice", str(number))) for number in range(60)))

    assert {response.status_code for response in guesses} == {401, 429}
    assert len(checks) <= GUESS_BURST + 2
    (refused,) = {response.headers["retry-after"] for response in guesses if response.status_code == 429}
    assert refused == "1"
    assert visit.status("/metrics", authorization(*ALICE)) == 200


def test_guesses_from_one_address_do_not_keep_another_out() -> None:
    visit = Visit(Access(USERS))
    visit(*(("/metrics", authorization("alice", str(number))) for number in range(30)), peer="203.0.113.1")

    assert visit.status("/metrics", authorization(*ALICE), peer="203.0.113.2") == 200


def test_guesses_of_the_1024_addresses_that_came_last_are_counted_apart() -> None:
    """Of one more the first is forgotten, and may guess anew: what strangers make it remember is bounded."""
    guesses = Access(USERS)._rules._guesses
    tired = "203.0.113.1"
    while not guesses.take_or_wait(tired, 0.0):
        pass
    for number in range(1023):
        guesses.take_or_wait(f"192.0.2.{number}", 0.0)
    assert guesses.take_or_wait(tired, 0.0)
    for number in range(1024):
        guesses.take_or_wait(f"198.51.100.{number}", 0.0)
    assert not guesses.take_or_wait(tired, 0.0)


def test_guesses_from_everywhere_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = checking(monkeypatch, verdict=False)
    visit = Visit(Access(USERS))

    for number in range(60):
        visit.status("/metrics", authorization("alice", "x"), peer=f"203.0.113.{number}")

    assert ALL_GUESSES_BURST <= len(checks) < 40


def test_remembered_passwords_are_bounded() -> None:
    rules = Access(USERS)._rules
    for number in range(3 * LOGINS_REMEMBERED):
        rules._remember(str(number).encode())

    assert len(rules._right) == LOGINS_REMEMBERED


def test_a_changed_file_forgets_who_was_right() -> None:
    access = Access(USERS)
    visit = Visit(access)
    assert visit.status("/", authorization(*ALICE)) == 200

    access.apply(WebConfig(users=USERS.users[1:]))

    assert visit.status("/", authorization(*ALICE)) == 401
    assert visit.status("/", authorization("bob", "pässwörd")) == 200


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
def test_health_is_open_where_that_was_chosen_and_nothing_else_is(path: str) -> None:
    visit = Visit(Access(USERS, open_health=True))

    assert visit.status(path) == 200
    assert visit.status("/metrics") == 401
    assert visit.status(f"{path}/") == 401


def test_open_readiness_names_no_domain_to_strangers() -> None:
    far = Far(snapshot=migration())

    (stranger,) = Visit(Access(USERS, open_health=True), far)(("/-/ready", {}))
    (known,) = Visit(Access(USERS), far)(("/-/ready", authorization(*ALICE)))

    assert stranger.text == "Not every domain has been observed.\n"
    assert "*.apps.example.com" in known.text


def test_more_requests_than_the_rate_limit_allows_are_put_off() -> None:
    visit = Visit(Access(WebConfig(rate=RequestRate(60.0, 3)), open_health=True))

    responses = visit(*[("/metrics", {})] * 5)

    assert sorted(response.status_code for response in responses) == [200, 200, 200, 429, 429]
    assert visit.status("/-/healthy") == 200


def test_the_files_headers_go_with_every_response_and_the_own_policy_stays() -> None:
    access = Access(WebConfig(headers=(("Content-Security-Policy", "img-src 'none'"), ("X-Frame-Options", "DENY"))))

    for path in ("/", "/no"):
        (response,) = Visit(access)((path, {}))
        policies = response.headers.get_list("content-security-policy")
        assert any("default-src 'none'" in policy for policy in policies)
        assert "img-src 'none'" in policies
        assert response.headers["x-frame-options"] == "DENY"


def test_a_storm_of_reloads_reloads_a_few_times() -> None:
    far = Far()
    visit = Visit(Access(), far)

    for _ in range(50):
        visit(("/-/reload", {}), method="POST")
    (refused,) = visit(("/-/reload", {}), method="POST")

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert 5 <= far.reloads < 15
