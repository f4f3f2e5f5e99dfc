"""Kubeconfigs as kubectl reads them, and credential plugins as EKS has them."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import yaml

from probe.inventory.reading import kubeconfig
from probe.inventory.reading.kubeconfig import KubeContext, read_context
from probe.inventory.reading.manifests import UnreadableSource

PLUGIN_SECONDS, API_ANSWER_SECONDS, MAX_OCTETS = 60, 30.0, 4 * 1024 * 1024
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def written(folder: Path, user: dict[str, Any], name: str = "config", **cluster: Any) -> dict[str, str]:
    document = {
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://192.0.2.1:6443", **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    (folder / name).write_text(yaml.safe_dump(document), encoding="utf-8")
    return {"KUBECONFIG": str(folder / name), "PATH": "/usr/bin:/bin"}


def plugin(folder: Path, code: str, **more: Any) -> dict[str, Any]:
    path = folder / "plugin.py"
    path.write_text(code, encoding="utf-8")
    version = "client.authentication.k8s.io/v1beta1"
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(path)], **more}}


TOKEN = "import json, os; print(json.dumps({'status': {'token': os.environ.get('AWS_PROFILE', 'none')}}))"


def test_a_context_by_its_name_or_the_current_one(tmp_path: Path) -> None:
    environment = written(tmp_path, {"token": "secret"}, **{"tls-server-name": "kubernetes", "proxy-url": "http://p:1"})
    one = read_context("prod", environment)
    assert one == read_context("", environment)
    assert (one.server, one.token, one.server_name, one.proxy) == (
        "https://192.0.2.1:6443",
        "secret",
        "kubernetes",
        "http://p:1",
    )
    assert "secret" not in repr(one)


def test_files_and_data_are_the_same(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem = authority.cert_pem.bytes()
    (tmp_path / "ca.pem").write_bytes(pem)
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    by_file = read_context("", written(tmp_path, {"tokenFile": "token"}, **{"certificate-authority": "ca.pem"}))
    data = base64.b64encode(pem).decode()
    by_data = read_context("", written(tmp_path, {"token": "from-file"}, **{"certificate-authority-data": data}))
    assert by_file == by_data
    by_file.client()


def test_a_client_certificate_is_loaded(tmp_path: Path) -> None:
    own = trustme.CA().issue_cert("me")
    user = {
        "client-certificate-data": base64.b64encode(own.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(own.private_key_pem.bytes()).decode(),
    }
    read_context("", written(tmp_path, user)).client()
    broken = KubeContext("x", "https://192.0.2.1", certificate="no", key="no")
    with pytest.raises(UnreadableSource, match="cannot be used"):
        broken.client()


def test_the_first_file_that_names_something_wins(tmp_path: Path) -> None:
    first, second = (written(tmp_path, {"token": token}, token)["KUBECONFIG"] for token in ("one", "two"))
    assert read_context("", {"KUBECONFIG": f"{first}:{second}:/no/such/file"}).token == "one"


def test_a_plugin_gives_the_token_as_eks_does(tmp_path: Path) -> None:
    user = plugin(tmp_path, TOKEN, env=[{"name": "AWS_PROFILE", "value": "night"}])
    assert read_context("", written(tmp_path, user)).token == "night"


def test_a_plugin_is_told_what_it_is_asked_for(tmp_path: Path) -> None:
    code = "import json, os; print(json.dumps({'status': {'token': os.environ['KUBERNETES_EXEC_INFO']}}))"
    told = json.loads(read_context("", written(tmp_path, plugin(tmp_path, code))).token)
    assert told["kind"] == "ExecCredential"
    assert told["spec"] == {"interactive": False}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; sys.exit('The SSO session has expired')", "ended with 1: `The SSO session has expired`"),
        ("import os, sys; sys.exit('no login as ' + os.environ['MY_TOKEN'])", "ended with 1: `no login as …`"),
        ("import os, sys; sys.exit('no login in ' + os.environ['REGION'])", "ended with 1: `no login in eu-west-1`"),
        ("print('hello')", "gave no ExecCredential"),
        ("print('[]')", "gave no ExecCredential"),
    ],
)
def test_a_plugin_that_fails_says_why(tmp_path: Path, code: str, words: str) -> None:
    env = [{"name": "MY_TOKEN", "value": "canary"}, {"name": "REGION", "value": "eu-west-1"}]
    with pytest.raises(UnreadableSource) as raised:
        read_context("", written(tmp_path, plugin(tmp_path, code, env=env)))
    assert words in str(raised.value)


def test_a_plugin_has_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def run(*_: object, timeout: float, **__: object) -> None:
        waited.append(timeout)
        raise subprocess.TimeoutExpired("plugin", timeout)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(UnreadableSource, match="the credential plugin `aws` of the context `prod` took too long"):
        read_context("", written(tmp_path, {"exec": {"command": "aws"}}))
    assert waited == [PLUGIN_SECONDS]


def test_a_setting_of_a_plugin_may_stand_in_its_words_and_a_secret_may_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 1, stderr=b"never mind: false or canary or canaries")

    monkeypatch.setattr(subprocess, "run", run)
    env = [{"name": name, "value": value} for name, value in (("TOKEN_CACHE", "false"), ("A_KEY", "canary"))]
    with pytest.raises(UnreadableSource, match=r"`never mind: false or … or canaries`$"):
        read_context("", written(tmp_path, {"exec": {"command": "aws", "env": env}}))


def test_an_api_server_has_half_a_minute_for_an_answer() -> None:
    client = KubeContext("prod", "http://192.0.2.1:6443").client()
    assert client.timeout == httpx.Timeout(API_ANSWER_SECONDS)


def test_a_file_that_a_kubeconfig_names_is_read_as_far_as_any_has_to_be(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t" * (MAX_OCTETS + 1), encoding="ascii")
    assert len(read_context("", written(tmp_path, {"tokenFile": "token"})).token) == MAX_OCTETS


def test_a_plugin_that_hangs_or_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "PLUGIN_SECONDS", 0.01)
    with pytest.raises(UnreadableSource, match="took too long"):
        read_context(
            "", written(tmp_path, plugin(tmp_path, "import sys; sys.stdin.read(); import time; time.sleep(9)"))
        )
    with pytest.raises(UnreadableSource, match="cannot be started"):
        read_context("", written(tmp_path, {"exec": {"command": "/no/such/program"}}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("current-context: prod\n", "has no context `prod`; it has `none`"),
        ("a: {\n", "cannot be read"),
        ("", "has no context ``"),
    ],
)
def test_what_is_no_kubeconfig_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "config").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableSource) as raised:
        read_context("", {"KUBECONFIG": str(tmp_path / "config")})
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("user", "cluster", "words"),
    [
        ({"auth-provider": {"name": "oidc"}}, {}, "use `exec`"),
        ({}, {"server": "ftp://x"}, "has no server"),
        ({}, {"certificate-authority-data": "%%%"}, "is not base64"),
        ({"tokenFile": "/no/such"}, {}, "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any], words: str
) -> None:
    with pytest.raises(UnreadableSource) as raised:
        read_context("", written(tmp_path, user, **cluster))
    assert words in str(raised.value)


def test_another_context_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="no context `other`; it has `prod`"):
        read_context("other", written(tmp_path, {}))
    with pytest.raises(UnreadableSource, match="there is no kubeconfig"):
        read_context("", {"HOME": str(tmp_path)})


def test_a_pod_asks_as_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.crt").write_text("ca", encoding="utf-8")
    (tmp_path / "token").write_text("own\n", encoding="utf-8")
    monkeypatch.setattr(kubeconfig, "_ACCOUNT", tmp_path)
    one = read_context("in-cluster", {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"})
    assert (one.server, one.token, one.authority) == ("https://[fd00::1]:443", "own", "ca")
    with pytest.raises(UnreadableSource, match="this is not a pod"):
        read_context("in-cluster", {})


@pytest.mark.parametrize("token", ["canary\nsecond-line", "canäry", "canary\x7f"])
def test_what_no_header_takes_is_refused_before_a_library_shows_it(tmp_path: Path, token: str) -> None:
    with pytest.raises(UnreadableSource) as raised:
        read_context("", written(tmp_path, {"token": token}))
    assert str(raised.value) == "the token of the context `prod` has a character that no token has"


@pytest.mark.parametrize(
    ("more", "whose"),
    [
        ({"server": "https://me:canary@[::1"}, "server"),
        ({"server": "https://"}, "server"),
        ({"proxy-url": "gopher://me:canary@192.0.2.9:1"}, "proxy"),
        ({"proxy-url": "http://me:canary@[::1"}, "proxy"),
    ],
)
def test_what_is_no_url_is_told_without_the_password_in_it(tmp_path: Path, more: dict[str, Any], whose: str) -> None:
    with pytest.raises(UnreadableSource) as raised:
        read_context("", written(tmp_path, {"token": "x"}, **more)).client()
    assert str(raised.value) == f"the {whose} of the context `prod` is no URL such as `https://name:port`"


def test_the_server_is_shown_without_what_lets_anybody_in(tmp_path: Path) -> None:
    server = "https://me:canary@192.0.2.1:6443/k8s?token=canary#canary"
    one = read_context("", written(tmp_path, {"token": "canary"}, server=server))
    assert one.shown == "https://192.0.2.1:6443/k8s"
    assert repr(one) == "KubeContext('prod', 'https://192.0.2.1:6443/k8s')"
