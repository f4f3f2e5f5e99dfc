"""A web configuration file to a `WebConfig`, or to everything that is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

from probe.config.document import Document
from probe.config.format import Format
from probe.config.mistakes import Complaint, Mistake, WebConfigError
from probe.config.rules.part import Part
from probe.config.source import checked, content_of, folder_of
from probe.config.web.schema import CIPHER_SUITES, CURVES, TlsFile, WebConfigFile
from probe.model.web import ClientAuth, RequestRate, TlsServer, TlsVersion, WebConfig

WEB = Format(
    noun="web configuration",
    root=WebConfigFile,
    reference="docs/web.md",
    start="docs/web.md",
    first_key="tls_server_config",
    depth=4,
    too_much="take some users out",
    secrets=frozenset({"basic_auth_users"}),
)

_FILE_KEYS = ("cert_file", "key_file", "client_ca_file")
_TLS_VERSIONS = tuple(TlsVersion)


def load_web(path: Path) -> WebConfig:
    """Read and check a web configuration file. An empty one is good: everybody may ask, as with exporter-toolkit.

    Raises:
        WebConfigError: It cannot be read, or is not a good web configuration.
    """
    text = _text(path)
    return _said(text, path) if text.strip() else WebConfig(files=(path,))


def reload_web(path: Path) -> WebConfig:
    """Read and check it while it is in force: what is empty by now was emptied, and must not open the door.

    A full disk leaves such a file, and so does whoever writes it, between cutting it off and writing it again.

    Raises:
        WebConfigError: It cannot be read, is empty, or is not a good web configuration.
    """
    text = _text(path)
    if not text.strip():
        remedy = "write it again; `basic_auth_users: {}` alone lets everybody ask"
        raise WebConfigError([Mistake(str(path), 1, 1, "the web configuration is empty", remedy)])
    return _said(text, path)


def _text(path: Path) -> str:
    return content_of(path, WEB, WebConfigError).decode("utf-8")


def _said(text: str, path: Path) -> WebConfig:
    file = checked(text, WebConfigFile, _rules, kind=WEB, source=path, error=WebConfigError)
    tls = None if file.tls_server_config is None else _tls(file.tls_server_config, folder_of(path))
    own = () if tls is None else tuple(one for one in (tls.certificate, tls.key, tls.client_ca) if one is not None)
    headers = file.http_server_config.headers.model_dump(by_alias=True, exclude_none=True)
    limit = file.rate_limit
    return WebConfig(
        tls=tls,
        users=tuple(file.basic_auth_users.items()),
        headers=tuple(headers.items()),
        rate=RequestRate(limit.interval, max(limit.burst, 1)) if limit.interval > 0 else None,
        files=(path, *own),
    )


def _tls(file: TlsFile, folder: Path) -> TlsServer:
    return TlsServer(
        certificate=folder / file.cert_file,
        key=folder / file.key_file,
        client_auth=ClientAuth(file.client_auth_type),
        client_ca=None if file.client_ca_file is None else folder / file.client_ca_file,
        client_allowed_sans=tuple(file.client_allowed_sans),
        min_version=TlsVersion(file.min_version),
        max_version=TlsVersion(file.max_version),
        cipher_suites=tuple(CIPHER_SUITES[suite] for suite in file.cipher_suites if suite in CIPHER_SUITES),
        prefer_server=file.prefer_server_cipher_suites,
        curve=CURVES[file.curve_preferences[0]] if file.curve_preferences else None,
    )


def _rules(document: Document) -> Iterator[Complaint]:
    tls = Part(document)["tls_server_config"]
    if not isinstance(tls.value, dict):
        return
    for key in _FILE_KEYS:
        yield from _readable(tls[key], document.folder)
    auth, authority = tls["client_auth_type"], tls["client_ca_file"]
    verifies = auth.text in {ClientAuth.IF_GIVEN, ClientAuth.REQUIRED}
    if verifies and not authority.given:
        yield auth.complain(
            f"`{auth.text}` needs an authority to verify certificates with", "add `client_ca_file`, or take this out"
        )
    for key in ("client_ca_file", "client_allowed_sans"):
        if tls[key].given and not verifies:
            yield tls[key].complain(
                f"`{key}` has no effect as long as no client certificate is verified",
                "add `client_auth_type: RequireAndVerifyClientCert`, or take this out",
                at_key=True,
            )
    oldest, newest = tls["min_version"].text or TlsVersion.TLS12, tls["max_version"].text or TlsVersion.TLS13
    if {oldest, newest} <= set(_TLS_VERSIONS) and _age(oldest) > _age(newest):
        yield tls["max_version"].complain(
            f"`max_version` ({newest}) is older than `min_version` ({oldest})", "swap them, or take both out"
        )


def _age(version: str) -> int:
    return _TLS_VERSIONS.index(TlsVersion(version))


def _readable(file: Part, folder: Path) -> Iterator[Complaint]:
    if not file.text or not file.text.isprintable():
        return
    try:
        with (folder / file.text).open("rb"):
            pass
    except OSError as error:
        yield file.complain(
            f"the file cannot be read ({(error.strerror or 'unknown error').lower()})",
            "correct the path (a relative one starts at this file's folder) or the file's permissions",
        )
