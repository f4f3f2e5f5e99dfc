"""The web configuration file: exporter-toolkit's format, each bad file with exactly its complaints, no secret shown."""

from pathlib import Path

import pytest

from probe.config.mistakes import WebConfigError
from probe.config.web.load import load_web, reload_web
from probe.model.web import ClientAuth, RequestRate, TlsServer, TlsVersion, WebConfig

BAD = Path(__file__).parent / "bad"
BAD_FILES = sorted(BAD.glob("*.yaml"))
HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"


def written(folder: Path, text: str) -> Path:
    """A web configuration beside the files that it may name."""
    for name in ("tls.crt", "tls.key", "ca.crt"):
        (folder / name).write_text("-")
    path = folder / "web.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", BAD_FILES, ids=lambda path: path.stem)
def test_a_bad_file_gets_exactly_its_expected_complaints(path: Path) -> None:
    with pytest.raises(WebConfigError) as caught:
        load_web(path)
    said = str(caught.value).replace(f"{BAD}/", "") + "\n"
    assert said == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_everything_that_the_file_may_say_is_taken_over(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"""
tls_server_config:
  cert_file: tls.crt
  key_file: tls.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [Prometheus.example.com]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519]
http_server_config:
  http2: true
  headers: {{Strict-Transport-Security: max-age=60, X-Frame-Options: DENY}}
basic_auth_users:
  prometheus: {HASH}
rate_limit: {{interval: 100ms, burst: 20}}
""",
    )

    assert load_web(path) == WebConfig(
        tls=TlsServer(
            certificate=tmp_path / "tls.crt",
            key=tmp_path / "tls.key",
            client_auth=ClientAuth.REQUIRED,
            client_ca=tmp_path / "ca.crt",
            client_allowed_sans=("prometheus.example.com",),
            min_version=TlsVersion.TLS13,
            max_version=TlsVersion.TLS13,
            cipher_suites=("ECDHE-RSA-AES256-GCM-SHA384",),
            prefer_server=False,
            curve="X25519",
        ),
        users=(("prometheus", HASH.encode()),),
        headers=(("X-Frame-Options", "DENY"), ("Strict-Transport-Security", "max-age=60")),
        rate=RequestRate(0.1, 20),
        files=(path, tmp_path / "tls.crt", tmp_path / "tls.key", tmp_path / "ca.crt"),
    )


@pytest.mark.parametrize("text", ["", "\n", "rate_limit: {interval: 0, burst: 20}\n"])
def test_a_file_that_asks_for_nothing_lets_everybody_in(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)

    assert load_web(path) == WebConfig(files=(path,))


@pytest.mark.parametrize("text", ["", " \n", "\n\n"])
def test_one_that_is_empty_by_the_time_it_is_loaded_again_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(WebConfigError, match=r"web\.yaml:1:1: the web configuration is empty; write it again"):
        reload_web(path)


def test_to_let_everybody_in_while_it_is_in_force_is_written_down(tmp_path: Path) -> None:
    path = written(tmp_path, "basic_auth_users: {}\n")

    assert reload_web(path) == WebConfig(files=(path,))


def test_the_file_that_exporter_toolkit_shows_as_its_example_is_taken(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
tls_server_config:
  cert_file: tls.crt
  key_file: tls.key
basic_auth_users:
  alice: $2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze
  bob: $2y$10$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m
rate_limit:
  interval: "1s"
  burst: 20
""",
    )

    assert [user for user, _ in load_web(path).users] == ["alice", "bob"]


@pytest.mark.parametrize("secret", ["hunter2-hunter2", "31337", "2026-11-25", "1_000_000", "yes", "0777"])
def test_a_password_that_stands_there_unhashed_is_never_repeated(tmp_path: Path, secret: str) -> None:
    path = written(tmp_path, f"basic_auth_users:\n  alice: {secret}\n")

    with pytest.raises(WebConfigError) as caught:
        load_web(path)

    assert str(caught.value).startswith(f"{path}:2:10: ")
    assert secret not in str(caught.value)
    assert secret.replace("_", "") not in str(caught.value)


def test_hashes_are_not_shown_where_a_configuration_is_printed() -> None:
    assert HASH not in repr(WebConfig(users=(("alice", HASH.encode()),)))


def test_a_file_that_is_missing_is_said_to_be() -> None:
    with pytest.raises(WebConfigError, match=r"^/no/such:1:1: the web configuration cannot be read \(no such file"):
        load_web(Path("/no/such"))
