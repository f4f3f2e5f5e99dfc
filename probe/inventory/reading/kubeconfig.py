"""A kubeconfig's context, or a pod's service account: where its API server is, whom to trust, and as whom to ask.

Read as kubectl does: files of KUBECONFIG from left to right, the first that names something wins; relative paths start
at the file's folder; a plugin (`exec`, such as `aws eks get-token`) is run for a token, without a shell.
"""

import base64
import binascii
import json
import os
import re
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx

from probe.http_client.bounded_transport import BoundedTransport
from probe.inventory.origin import Notice, named
from probe.inventory.reading.documents import UnreadableDocument, build, split
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.node import Budget, Node

IN_CLUSTER = "in-cluster"
"""The name of the context of a pod's own service account."""

PLUGIN_SECONDS = 60
"""How long a credential plugin may take: one that opens a browser is for people, and not for this."""

API_ANSWER_SECONDS = 30.0
"""How long the next octets of the API server's answer are waited for: 500 objects take it about a second."""

_TOKEN = re.compile(r"[ -~]*")
"""What a header takes: without it, the library that sends it would show the token in its complaint."""

_SECRET = re.compile("secret|token|passw|key|credential", re.IGNORECASE)
_SHORTEST_SECRET_SETTING = 6
"""Characters: what is shorter, such as `1` and `true`, is a setting, and stands in many a sentence."""

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_MAX_OCTETS = 4 * 1024 * 1024  # of a kubeconfig: hundreds of clusters with their certificates


class _Asked(NamedTuple):
    """What a client is made of."""

    server: httpx.URL
    tls: ssl.SSLContext
    headers: dict[str, str]
    extensions: dict[str, str]
    proxy: httpx.URL | None


@dataclass(frozen=True, slots=True)
class KubeContext:
    """How to ask one API server; its secrets are never shown.

    Attributes:
        name: Of the context.
        server: Its URL.
        authority: Certificates in PEM that are trusted instead of the system's; empty trusts the system's.
        server_name: The name that its certificate must carry, if another than the URL's.
        is_insecure: Its certificate is not looked at, because the kubeconfig says so.
        token: Sent as a bearer token; empty sends none.
        certificate, key: The client's, in PEM.
        proxy: A proxy's URL.
    """

    name: str
    server: str
    authority: str = ""
    server_name: str = ""
    is_insecure: bool = False
    token: str = ""
    certificate: str = ""
    key: str = ""
    proxy: str = ""

    def __repr__(self) -> str:
        """Show nothing that lets anybody in."""
        return f"KubeContext({self.name!r}, {self.shown!r})"

    @property
    def shown(self) -> str:
        """The server's URL without a password, or whatever else may stand in one."""
        url = _url(self.server, f"the server of the context {named(self.name)}")
        return str(url.copy_with(username=None, password=None, query=None, fragment=None))

    def client(self, silence: float = API_ANSWER_SECONDS) -> httpx.AsyncClient:
        """Give a client that asks as this context; redirects are not followed.

        Args:
            silence: Seconds without anything in an answer, after which none comes any more.

        Raises:
            UnreadableSource: Its certificates cannot be used.
        """
        asked = self._asked_as()
        client = httpx.AsyncClient(
            base_url=asked.server,
            transport=BoundedTransport(verify=asked.tls, proxy=asked.proxy),
            headers=asked.headers,
            timeout=httpx.Timeout(API_ANSWER_SECONDS, read=silence),
            trust_env=False,
        )
        if asked.extensions:

            async def name_server(request: httpx.Request) -> None:
                request.extensions.update(asked.extensions)

            client.event_hooks["request"] = [name_server]
        return client

    def _asked_as(self) -> "_Asked":
        # Not compressed: a few bytes could become any number of them, before they can be counted.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return _Asked(
            _url(self.server, f"the server of the context {named(self.name)}"),
            self._tls(),
            headers,
            {"sni_hostname": self.server_name} if self.server_name else {},
            _url(self.proxy, f"the proxy of the context {named(self.name)}") if self.proxy else None,
        )

    def _tls(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cadata=self.authority or None)
            if self.is_insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.certificate:
                with TemporaryDirectory() as folder:  # OpenSSL reads a client's key from files only
                    chain, key = Path(folder) / "chain.pem", Path(folder) / "key.pem"
                    for path, text in ((chain, self.certificate), (key, self.key)):
                        path.touch(0o600)
                        path.write_text(text, encoding="ascii")
                    context.load_cert_chain(chain, key)
        except (ssl.SSLError, ValueError, OSError) as error:
            raise UnreadableSource(f"the certificates of the context {named(self.name)} cannot be used") from error
        return context


def _url(text: str, whose: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    if not url.host or url.scheme not in {"http", "https"}:
        raise UnreadableSource(f"{whose} is no URL such as `https://name:port`")
    return url


def read_context(name: str, environment: Mapping[str, str] | None = None) -> KubeContext:
    """Read a context: by its name, the current one for an empty name, or a pod's own.

    Raises:
        UnreadableSource: There is none, or it cannot be used.
    """
    environment = os.environ if environment is None else environment
    if name == IN_CLUSTER:
        return _own_account(environment)
    files = _files(environment)
    wanted = name or next((text for _, root in files if (text := root["current-context"].text)), "")
    folder, context = _named(files, "contexts", "context", wanted)
    del folder
    return _made(wanted, files, context, environment)


def _own_account(environment: Mapping[str, str]) -> KubeContext:
    host, port = environment.get("KUBERNETES_SERVICE_HOST", ""), environment.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise UnreadableSource("this is not a pod: KUBERNETES_SERVICE_HOST is not set")
    shown = f"[{host}]" if ":" in host else host
    return KubeContext(
        IN_CLUSTER,
        f"https://{shown}:{port}",
        authority=_content(_ACCOUNT / "ca.crt"),
        token=_content(_ACCOUNT / "token").strip(),
    )


def _files(environment: Mapping[str, str]) -> list[tuple[Path, Node]]:
    listed = environment.get("KUBECONFIG") or str(Path(environment.get("HOME", "~")).expanduser() / ".kube" / "config")
    found = [(path, _parsed(path)) for text in listed.split(os.pathsep) if text and (path := Path(text)).is_file()]
    if not found:
        raise UnreadableSource(f"there is no kubeconfig ({named(listed)}); set KUBECONFIG")
    return found


def _parsed(path: Path) -> Node:
    notices: list[Notice] = []
    try:
        documents = [build(one, str(path), Budget(), notices) for one in split(_content(path))]
    except UnreadableDocument as error:
        raise UnreadableSource(f"a kubeconfig cannot be read: {error.notice}") from error
    return documents[0] if documents else Node()


def _named(files: list[tuple[Path, Node]], plural: str, singular: str, name: str) -> tuple[Path, Node]:
    for path, root in files:
        for entry in root[plural]:
            if entry["name"].text == name and name:
                return path.parent, entry[singular]
    known = sorted({entry["name"].text for _, root in files for entry in root[plural]})
    raise UnreadableSource(
        f"the kubeconfig has no {singular} {named(name)}; it has {named(', '.join(known) or 'none')}"
    )


def _made(name: str, files: list[tuple[Path, Node]], context: Node, environment: Mapping[str, str]) -> KubeContext:
    where, cluster = _named(files, "clusters", "cluster", context["cluster"].text)
    folder, user = _named(files, "users", "user", context["user"].text)
    if user["auth-provider"].given:
        raise UnreadableSource(
            f"the context {named(name)} has an `auth-provider`, which Kubernetes has given up: use `exec`"
        )
    server = cluster["server"].text
    if not server.startswith(("https://", "http://")):
        raise UnreadableSource(f"the context {named(name)} has no server")
    token = user["token"].text.strip() or (
        _content(folder / user["tokenFile"].text).strip() if user["tokenFile"].text else ""
    )
    certificate = _data(user, "client-certificate", folder)
    key = _data(user, "client-key", folder)
    if user["exec"].given:
        token, certificate, key = _asked(name, user["exec"], folder, environment)
    if not _TOKEN.fullmatch(token):
        raise UnreadableSource(f"the token of the context {named(name)} has a character that no token has")
    return KubeContext(
        name,
        server,
        authority=_data(cluster, "certificate-authority", where),
        server_name=cluster["tls-server-name"].text,
        is_insecure=cluster["insecure-skip-tls-verify"].is_true,
        token=token,
        certificate=certificate,
        key=key,
        proxy=cluster["proxy-url"].text,
    )


def _data(node: Node, key: str, folder: Path) -> str:
    """Give what stands in a kubeconfig as base64, or in a file that it names."""
    text = node[f"{key}-data"].text
    if text:
        try:
            return base64.b64decode(text, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise UnreadableSource(f"`{key}-data` of the kubeconfig is not base64 of PEM") from error
    return _content(folder / node[key].text) if node[key].text else ""


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_OCTETS).decode("utf-8", "replace")
    except OSError as error:
        raise UnreadableSource(f"{named(path)} cannot be read ({(error.strerror or 'unknown').lower()})") from error


def _without_secrets(said: str, environment: Mapping[str, str]) -> str:
    """Take out of a plugin's words the secrets that it was handed."""
    secrets = (
        value for name, value in environment.items() if _SECRET.search(name) and len(value) >= _SHORTEST_SECRET_SETTING
    )
    for secret in sorted(secrets, key=len, reverse=True):
        said = said.replace(secret, "…")
    return said


def _asked(name: str, plugin: Node, folder: Path, environment: Mapping[str, str]) -> tuple[str, str, str]:
    """Run a credential plugin; give its token, or its certificate and key."""
    command = plugin["command"].text
    if "/" in command and not Path(command).is_absolute():
        command = str(folder / command)
    info = {"apiVersion": plugin["apiVersion"].text, "kind": "ExecCredential", "spec": {"interactive": False}}
    own = {entry["name"].text: entry["value"].text for entry in plugin["env"] if entry["name"].text}
    try:
        ran = subprocess.run(  # noqa: S603  # the kubeconfig's own command, as kubectl runs it; no shell
            [command, *(argument.text for argument in plugin["args"])],
            env={**environment, **own, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PLUGIN_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        why = "took too long" if isinstance(error, subprocess.TimeoutExpired) else "cannot be started"
        raise UnreadableSource(f"the credential plugin {named(command)} of the context {named(name)} {why}") from error
    if ran.returncode:
        said = _without_secrets(ran.stderr.decode("utf-8", "replace"), {**environment, **own}).strip()
        said = said.rpartition("\n")[2]
        raise UnreadableSource(
            f"the credential plugin {named(command)} of the context {named(name)} ended with {ran.returncode}: "
            f"{named(said)}"
        )
    try:
        status = json.loads(ran.stdout)["status"]
        found = tuple(str(status.get(key) or "") for key in ("token", "clientCertificateData", "clientKeyData"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableSource(f"the credential plugin {named(command)} gave no ExecCredential") from error
    return found[0], found[1], found[2]
