"""TLS and passwords over real sockets, to real clients: httpx, and a Prometheus that scrapes."""

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
import trustme

from probe.model.web import ClientAuth, TlsServer, TlsVersion, WebConfig
from probe.runtime.clock import SystemClock
from probe.web.access import Access
from probe.web.tls import TlsError
from probe.web.web_server import WebServer
from tests.patience import HANG
from tests.real import require
from tests.web.ports import Far

AUTHORITY = trustme.CA()
OTHER_AUTHORITY = trustme.CA()
HASHED = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4))


def certificate(folder: Path, name: str = "server", authority: trustme.CA = AUTHORITY, san: str = "127.0.0.1") -> Path:
    """A certificate and key in one PEM file."""
    path = folder / f"{name}.pem"
    authority.issue_cert(san).private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


def authority_file(folder: Path, authority: trustme.CA = AUTHORITY) -> Path:
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def tls(folder: Path, **more: Any) -> TlsServer:
    own = certificate(folder)
    return TlsServer(own, own, **more)


def trust(authority: trustme.CA = AUTHORITY, client: Path | None = None) -> ssl.SSLContext:
    """What a client uses that trusts one authority, and shows a certificate."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if client is not None:
        context.load_cert_chain(client)
    return context


@contextmanager
def serving(access: Access) -> Iterator[str]:
    server = WebServer(Far().app(access), "127.0.0.1", 0, tls=access.tls)
    host, port = server.start()
    try:
        yield f"{host}:{port}"
    finally:
        server.stop()


def get(at: str, path: str = "/-/healthy", context: ssl.SSLContext | None = None, **more: Any) -> httpx.Response:
    return httpx.get(f"https://{at}{path}", verify=context or trust(), trust_env=False, timeout=HANG, **more)


def serial(at: str, context: ssl.SSLContext) -> str:
    """Which certificate the server shows."""
    host, port = at.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=HANG) as plain,
        context.wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        shown = encrypted.getpeercert()
        assert shown is not None
        return str(shown["serialNumber"])


def test_pages_are_served_over_tls_and_not_in_clear(tmp_path: Path) -> None:
    with serving(Access(WebConfig(tls(tmp_path)))) as at:
        assert get(at).text == "The probing loop is alive.\n"
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://{at}/-/healthy", trust_env=False, timeout=HANG)
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            get(at, context=trust(OTHER_AUTHORITY))


def test_a_changed_certificate_is_shown_to_the_next_connection_and_the_open_one_stays(tmp_path: Path) -> None:
    access = Access(WebConfig(tls(tmp_path)))
    with serving(access) as at, httpx.Client(verify=trust(), trust_env=False, timeout=HANG) as open_one:
        before = serial(at, trust())
        assert open_one.get(f"https://{at}/-/healthy").status_code == 200

        access.apply(WebConfig(tls(tmp_path)))

        assert serial(at, trust()) != before
        assert open_one.get(f"https://{at}/-/healthy").status_code == 200


def test_certificates_that_cannot_be_used_leave_those_before_in_force(tmp_path: Path) -> None:
    access = Access(WebConfig(tls(tmp_path)))
    other = certificate(tmp_path, "other")
    with serving(access) as at:
        before = serial(at, trust())
        with pytest.raises(TlsError, match=r"server\.pem and .*make no TLS \(key values mismatch\)"):
            access.apply(WebConfig(TlsServer(tmp_path / "server.pem", _key_only(tmp_path, other))))
        with pytest.raises(TlsError, match="cannot be turned on or off"):
            access.apply(WebConfig())

        assert serial(at, trust()) == before


def _key_only(folder: Path, both: Path) -> Path:
    path = folder / "key.pem"
    path.write_text(both.read_text().partition("-----BEGIN CERTIFICATE-----")[0])
    return path


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "no"), ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "make no TLS")],
)
def test_what_is_no_certificate_is_said_with_what_is_wanted(tmp_path: Path, content: str, reason: str) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text(content)

    with pytest.raises(TlsError, match=reason) as raised:
        Access(WebConfig(TlsServer(broken, broken)))

    assert raised.value.remedy == "give a PEM certificate and its own key, without a passphrase"


def test_a_key_with_a_passphrase_is_refused_instead_of_asked_for(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    locked = tmp_path / "locked.pem"
    command = [require("openssl"), "pkey", "-in", str(own), "-out", str(locked), "-aes256", "-passout", "pass:secret"]
    subprocess.run(command, check=True, capture_output=True)

    with pytest.raises(TlsError, match="the key has a passphrase"):
        Access(WebConfig(TlsServer(own, locked)))


def test_a_client_certificate_is_needed_where_it_is_required(tmp_path: Path) -> None:
    config = tls(tmp_path, client_auth=ClientAuth.REQUIRED, client_ca=authority_file(tmp_path))
    good = certificate(tmp_path, "good", san="prometheus.example.com")
    bad = certificate(tmp_path, "bad", OTHER_AUTHORITY)
    with serving(Access(WebConfig(config))) as at:
        assert get(at, "/metrics", trust(client=good)).status_code == 200
        for context in (trust(), trust(client=bad)):
            with pytest.raises(httpx.TransportError):
                get(at, "/metrics", context)


def test_with_open_health_only_health_comes_without_a_certificate(tmp_path: Path) -> None:
    config = tls(tmp_path, client_auth=ClientAuth.REQUIRED, client_ca=authority_file(tmp_path))
    good = certificate(tmp_path, "good")
    bad = certificate(tmp_path, "bad", OTHER_AUTHORITY)
    with serving(Access(WebConfig(config), open_health=True)) as at:
        assert get(at, "/-/healthy").status_code == 200
        assert get(at, "/metrics").status_code == 403
        assert get(at, "/metrics").text == "A client certificate is needed here.\n"
        assert get(at, "/metrics", trust(client=good)).status_code == 200
        with pytest.raises(httpx.TransportError):
            get(at, "/-/healthy", trust(client=bad))


def test_a_certificate_may_come_or_not_where_it_is_verified_if_given(tmp_path: Path) -> None:
    config = tls(tmp_path, client_auth=ClientAuth.IF_GIVEN, client_ca=authority_file(tmp_path))
    bad = certificate(tmp_path, "bad", OTHER_AUTHORITY)
    with serving(Access(WebConfig(config))) as at:
        assert get(at).status_code == 200
        with pytest.raises(httpx.TransportError):
            get(at, context=trust(client=bad))


def test_only_certificates_with_an_allowed_name_may_stay(tmp_path: Path) -> None:
    config = tls(
        tmp_path,
        client_auth=ClientAuth.REQUIRED,
        client_ca=authority_file(tmp_path),
        client_allowed_sans=("prometheus.example.com", "10.0.0.1"),
    )
    with serving(Access(WebConfig(config))) as at:
        for name, allowed in (("Prometheus.example.com", True), ("10.0.0.1", True), ("grafana.example.com", False)):
            client = certificate(tmp_path, "client", san=name)
            if allowed:
                assert get(at, context=trust(client=client)).status_code == 200
            else:
                with pytest.raises(httpx.TransportError):
                    get(at, context=trust(client=client))


def test_versions_suites_and_curve_are_those_of_the_file(tmp_path: Path) -> None:
    config = tls(
        tmp_path,
        max_version=TlsVersion.TLS12,
        cipher_suites=("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        curve="secp384r1",
    )
    new, old = trust(), trust()
    new.minimum_version = ssl.TLSVersion.TLSv1_3
    old.set_ciphers("ECDHE+CHACHA20")
    with serving(Access(WebConfig(config))) as at:
        assert get(at).status_code == 200
        for context in (new, old):
            with pytest.raises(httpx.ConnectError):
                get(at, context=context)


def test_a_password_goes_over_tls(tmp_path: Path) -> None:
    access = Access(WebConfig(tls(tmp_path), users=(("alice", HASHED),)))
    with serving(access) as at:
        assert get(at, "/metrics").status_code == 401
        assert get(at, "/metrics", auth=("alice", "open sesame")).status_code == 200


@pytest.mark.real
def test_a_real_prometheus_scrapes_with_tls_client_certificate_and_password(tmp_path: Path) -> None:
    prometheus = require("prometheus")
    config = tls(tmp_path, client_auth=ClientAuth.REQUIRED, client_ca=authority_file(tmp_path))
    client = certificate(tmp_path, "client")
    scrape: dict[str, Any] = {
        "job_name": "cutover-probe",
        "scheme": "https",
        "basic_auth": {"username": "alice", "password": "open sesame"},
        "tls_config": {
            "ca_file": str(tmp_path / "ca.pem"),
            "cert_file": str(client),
            "key_file": str(client),
            "server_name": "127.0.0.1",
        },
    }
    with serving(Access(WebConfig(config, users=(("alice", HASHED),)))) as at:
        scrape["static_configs"] = [{"targets": [at]}]
        # JSON is YAML, and Prometheus reads it.
        settings = {"global": {"scrape_interval": "1m", "scrape_timeout": "1m"}, "scrape_configs": [scrape]}
        (tmp_path / "prometheus.yml").write_text(json.dumps(settings))
        with _running(prometheus, tmp_path) as own:
            target = _newest_target(own)
    assert (target["health"], target["lastError"]) == ("up", "")


@contextmanager
def _running(prometheus: str, folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [prometheus, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={address}"], stderr=log, stdout=log)
        try:
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(HANG)


def _newest_target(own: str) -> dict[str, Any]:
    """Wait for the first scrape of the one target."""
    clock = SystemClock()
    end = clock.now().monotonic + HANG
    target: dict[str, Any] = {"health": "unknown", "lastError": "it does not start"}
    while target["health"] == "unknown" and clock.now().monotonic < end:
        try:
            told = httpx.get(f"{own}/api/v1/targets", trust_env=False, timeout=HANG).json()
        except (httpx.TransportError, json.JSONDecodeError):
            threading.Event().wait(0.1)
            continue
        target = next(iter(told["data"]["activeTargets"]), target)
        threading.Event().wait(0.1)
    return target
