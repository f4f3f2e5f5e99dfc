"""`--web.config.file` on the command line: refused in sentences, and followed while the daemon runs."""

from pathlib import Path

import bcrypt
import httpx
import pytest
import trustme
from click.testing import CliRunner
from structlog.testing import capture_logs

from probe.cli.commands.run import run
from probe.cli.door import door
from probe.config.mistakes import WebConfigError
from probe.runtime.clock import SystemClock
from probe.web.web_server import WebServer
from tests.config.plans import text
from tests.patience import HANG
from tests.web.ports import Far


def test_a_file_with_mistakes_ends_the_command_with_all_of_them(tmp_path: Path) -> None:
    plan, web = tmp_path / "plan.yaml", tmp_path / "web.yaml"
    plan.write_text(text())
    web.write_text("basic_auth_user: {}\nrate_limits: {}\n")

    result = CliRunner().invoke(run, ["--config", str(plan), "--web.config.file", str(web)])

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-2:] == [
        f"{web}:1:1: the web configuration has no key `basic_auth_user`; did you mean `basic_auth_users`?",
        f"{web}:2:1: the web configuration has no key `rate_limits`; did you mean `rate_limit`?",
    ]


def test_certificates_that_cannot_be_used_are_a_mistake_of_the_file(tmp_path: Path) -> None:
    web = tmp_path / "web.yaml"
    web.write_text("tls_server_config: {cert_file: web.yaml, key_file: web.yaml}\n")

    with pytest.raises(
        WebConfigError, match=r"web\.yaml:1:1: .* make no TLS \(no PEM where one is needed\); give a PEM certificate"
    ):
        door(web, SystemClock(), open_health=False)


def test_without_a_file_everybody_may_ask_and_nothing_is_watched() -> None:
    entry = door(None, SystemClock(), open_health=False)

    assert (entry.access.tls, entry.watch) == (None, None)


def test_a_new_certificate_and_a_new_password_are_taken_over_without_a_restart(tmp_path: Path) -> None:
    authority, newer = trustme.CA(), trustme.CA()
    pem, web = tmp_path / "tls.pem", tmp_path / "web.yaml"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
    web.write_text(_config(b"first"))
    entry = door(web, SystemClock(), open_health=False)
    assert entry.watch is not None
    watch = entry.watch(lambda _status: None)
    server = WebServer(Far().app(entry.access), "127.0.0.1", 0, tls=entry.access.tls)
    host, port = server.start()
    try:
        assert _status(f"https://{host}:{port}/", authority, "first") == 200

        newer.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
        web.write_text(_config(b"second"))
        watch.look()

        assert _status(f"https://{host}:{port}/", newer, "first") == 401
        assert _status(f"https://{host}:{port}/", newer, "second") == 200

        pem.write_text("half written")
        watch.look()
        assert _status(f"https://{host}:{port}/", newer, "second") == 200
    finally:
        server.stop()


@pytest.mark.parametrize("content", ["", "\n"])
def test_a_file_that_was_emptied_leaves_the_password_in_force_and_is_told(tmp_path: Path, content: str) -> None:
    web = tmp_path / "web.yaml"
    hashed = bcrypt.hashpw(b"first", bcrypt.gensalt(4)).decode()
    web.write_text(f"basic_auth_users: {{alice: {hashed}}}\n")
    entry = door(web, SystemClock(), open_health=False)
    assert entry.watch is not None
    watch = entry.watch(lambda _status: None)
    server = WebServer(Far().app(entry.access), "127.0.0.1", 0)
    host, port = server.start()
    try:
        web.write_text(content)
        with capture_logs() as logs:
            watch.look()

        assert httpx.get(f"http://{host}:{port}/", trust_env=False, timeout=HANG).status_code == 401
        assert ["the web configuration is empty" in entry["error"] for entry in logs] == [True]
    finally:
        server.stop()


@pytest.mark.parametrize(("content", "warned"), [("", 1), ("rate_limit: {interval: 1s, burst: 20}\n", 0)])
def test_a_file_that_asks_for_nothing_is_a_warning_at_the_start(tmp_path: Path, content: str, warned: int) -> None:
    web = tmp_path / "web.yaml"
    web.write_text(content)

    with capture_logs() as logs:
        door(web, SystemClock(), open_health=False)

    assert [entry["log_level"] for entry in logs] == ["warning"] * warned


def _config(password: bytes) -> str:
    hashed = bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()
    return f"tls_server_config: {{cert_file: tls.pem, key_file: tls.pem}}\nbasic_auth_users: {{alice: {hashed}}}\n"


def _status(url: str, authority: trustme.CA, password: str) -> int:
    context = httpx.create_ssl_context()
    authority.configure_trust(context)
    return httpx.get(url, verify=context, auth=("alice", password), trust_env=False, timeout=HANG).status_code
