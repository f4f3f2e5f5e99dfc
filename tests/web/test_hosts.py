"""DNS rebinding: a page of another site that leads its own name here may neither read nor reload."""

from dataclasses import replace

import pytest

from probe.web.hosts import is_known
from tests.web.ports import Far, get, post

NAMES = ("cutover.example.com",)


def linked(url: str) -> Far:
    far = Far()
    far.snapshot = replace(far.snapshot, plan=replace(far.snapshot.plan, external_url=url))
    return far


@pytest.mark.case("F7")
@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/status", "/-/ready", "/live", "/static/style.css"])
def test_a_foreign_name_reads_nothing(path: str) -> None:
    evil = {"host": "evil.test:9953", "origin": "http://evil.test:9953"}
    response = get(path, headers=evil)
    assert response.status_code == 421
    assert "external_url" in response.text
    assert response.headers["content-security-policy"]


@pytest.mark.case("F7")
def test_a_foreign_name_reloads_nothing_whatever_its_origin_says() -> None:
    far = Far()
    for origin in ("http://evil.test:9953", "http://probe.test"):
        response = post("/-/reload", far, headers={"host": "evil.test:9953", "origin": origin})
        assert response.status_code == 421
    assert far.reloads == 0


@pytest.mark.parametrize(
    "host",
    ["probe.test", "PROBE.test.", "probe.test:8080", "192.0.2.7:9953", "[2001:db8::1]:9953", "localhost:1", "[::1]"],
)
def test_addresses_and_given_names_read(host: str) -> None:
    assert get("/api/v1/status", headers={"host": host}).status_code == 200


@pytest.mark.case("F7")
def test_the_name_of_the_external_url_is_known_as_soon_as_the_plan_says_it() -> None:
    asked = {"host": "cutover.example.com"}
    assert get("/api/v1/status", headers=asked).status_code == 421
    assert get("/api/v1/status", linked("https://Cutover.example.com/probe"), headers=asked).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        ":9953",
        "evil.test",
        "cutover.example.com.evil.test",
        "evil.test:cutover.example.com",
        "cutover.example.com@evil.test",
        "cutover.example.com:80:80",
        "[cutover.example.com]",
        "[::1].evil.test",
        "127.0.0.1.evil.test",
        "localhost.evil.test",
        "0x7f000001.evil.test",
    ],
)
def test_what_only_looks_like_a_known_name_is_none(header: str) -> None:
    assert not is_known(header, NAMES)
