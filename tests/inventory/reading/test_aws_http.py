"""What answers in the place of AWS: without an end in any of its parts, or dearer to read than it looks."""

import json
import os
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from probe.inventory.reading import aws_http
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import open_account
from tests.aws import KEY_ID, SECRET, SESSION, require_boto3, with_credentials, without_credentials
from tests.hostile_http import WITHOUT_END, Answer, hostile, whole
from tests.inventory.reading.test_route53_api import Times
from tests.patience import HANG
from tests.wire.http.certificates import make_certificate

MAX_OCTETS, MAX_MARKS, METADATA_OCTETS = 16 * 1024 * 1024, 600_000, 64 * 1024
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

ROLE = "arn:aws:iam::123456789012:role/dns"
DEADLINE = 0.5
"""Seconds, in place of a minute: what is left for another reason may be left for this one on a busy machine."""
LEFT = r"did not end within|has more than|does not answer \(ConnectionClosedError\)"
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy")

Reading = Callable[[pytest.MonkeyPatch, str], object]


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_boto3()
    without_credentials(monkeypatch, tmp_path)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    # No test of a metadata service is about a second of silence, which a busy machine may have by itself.
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", str(int(HANG)))
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.TIMEOUT_SECONDS", HANG)
    monkeypatch.setattr(aws_http, "METADATA_SECONDS", HANG)


def listed(monkeypatch: pytest.MonkeyPatch, url: str) -> object:
    with_credentials(monkeypatch, url)
    return open_account("", Times().timing()).zones()


def assumed(monkeypatch: pytest.MonkeyPatch, url: str) -> object:
    with_credentials(monkeypatch, url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    return open_account("", Times().timing(), role=ROLE)


def assumed_by_boto3(monkeypatch: pytest.MonkeyPatch, url: str) -> object:
    """Let the profile name the role: boto3 asks for it by itself, before its first request to Route 53."""
    with_credentials(monkeypatch, url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    profile = f"[profile night]\nrole_arn = {ROLE}\ncredential_source = Environment\n"
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(profile, encoding="utf-8")
    return open_account("night", Times().timing()).zones()


READINGS = (listed, assumed, assumed_by_boto3)


@pytest.mark.parametrize(
    ("answer", "read"),
    [(answer, listed) for answer in WITHOUT_END]
    + [(answer, read) for answer in ("a body", "silence") for read in (assumed, assumed_by_boto3)],
)
def test_an_answer_without_an_end_is_left(answer: str, read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_http, "ANSWER_SECONDS", DEADLINE)
    with hostile(WITHOUT_END[answer]) as url, pytest.raises(UnreadableSource, match=LEFT):
        read(monkeypatch, url)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<a/>" * (2 * MAX_MARKS), id="empty elements"),
        pytest.param(b"<a " + b"".join(b'a%d=""' % number for number in range(MAX_MARKS)) + b"/>", id="attributes"),
        pytest.param(b"[" + b"[]," * MAX_MARKS + b"[]]", id="empty lists"),
        pytest.param(b" " * (MAX_OCTETS + 1), id="spaces"),
    ],
)
def test_more_than_any_answer_of_aws_has_is_not_parsed(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(whole(body)) as url, pytest.raises(UnreadableSource, match=r"has more than .*, as none of AWS' API"):
        listed(monkeypatch, url)


@pytest.mark.parametrize("read", READINGS)
def test_entities_of_entities_are_not_unfolded(read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    layers = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 8))
    body = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "{"x" * 10_000}">{layers}]><a>&e7;</a>'.encode()
    with hostile(whole(body)) as url, pytest.raises(UnreadableSource, match="it declares some of its own"):
        read(monkeypatch, url)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(whole(b"<a>" * (MAX_MARKS // 10)), id="elements in elements"),
        pytest.param(whole(b"{" * (MAX_MARKS // 10)), id="objects in objects"),
        pytest.param(whole(b"\x1f\x8b" + bytes(1_000), "Content-Encoding: gzip, gzip, gzip"), id="compressed"),
        pytest.param(Answer(lambda: [b"SSH-2.0-none\r\n"]), id="another protocol"),
        pytest.param(Answer(lambda: [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<a>"]), id="cut off"),
        pytest.param(Answer(list), id="nothing"),
    ],
)
def test_what_is_within_bounds_and_none_of_aws_is_a_sentence(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    words = r"none of AWS' API|does not answer \(ConnectionClosedError\)"
    with hostile(answer) as url, pytest.raises(UnreadableSource, match=words):
        listed(monkeypatch, url)


def of_the_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> object:
    """Let the role of a machine be the only one that there may be."""
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ROUTE_53", "http://127.0.0.1:1")
    return open_account("", Times().timing()).zones()


def of_the_pod(monkeypatch: pytest.MonkeyPatch, url: str) -> object:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/v1/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", SESSION)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ROUTE_53", "http://127.0.0.1:1")
    return open_account("", Times().timing()).zones()


def of_the_machine_for_a_profile(monkeypatch: pytest.MonkeyPatch, url: str) -> object:
    """Let a profile's role be assumed with the machine's."""
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
    profile = f"[profile night]\nrole_arn = {ROLE}\ncredential_source = Ec2InstanceMetadata\n"
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(profile, encoding="utf-8")
    return open_account("night", Times().timing()).zones()


NO_CREDENTIALS = r"^no AWS credentials were found|AWS credentials could not be fetched"


@pytest.mark.parametrize(
    ("answer", "read"),
    [(answer, read) for answer in WITHOUT_END for read in (of_the_machine, of_the_pod)]
    + [("a body", of_the_machine_for_a_profile)],
)
def test_a_metadata_service_without_an_end_is_left(answer: str, read: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks off for another reason (a head that is too long) is no service: there are no credentials then."""
    monkeypatch.setattr(aws_http, "METADATA_SECONDS", DEADLINE)
    monkeypatch.setattr("time.sleep", lambda _: None)  # boto3 waits a second between its tries
    words = rf"metadata service of this machine or pod (did not end within|has more than)|{NO_CREDENTIALS}"
    with hostile(WITHOUT_END[answer]) as url, pytest.raises(UnreadableSource, match=words) as told:
        read(monkeypatch, url)
    if "octet by octet" in answer or answer in {"a body", "chunks"}:
        assert not re.search(NO_CREDENTIALS, str(told.value))


CREDENTIALS = {"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "Token": SESSION, "Expiration": "2037-01-01T00:00:00Z"}


@pytest.mark.parametrize("read", [of_the_machine, of_the_pod])
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"[" * 60_000, id="lists in lists"),
        pytest.param(b'{"a":' * 10_000, id="objects in objects"),
        pytest.param(b"7", id="a number"),
        pytest.param(b"9" * 60_000, id="a long number"),
        pytest.param(b"null", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"a\r\nX: y", id="lines"),
        pytest.param(json.dumps(CREDENTIALS | {"Expiration": "7" * 50_000}).encode(), id="an end in no time"),
        pytest.param(json.dumps(CREDENTIALS | {"Expiration": "1970-01-01T00:00:00Z"}).encode(), id="expired"),
        pytest.param(json.dumps(CREDENTIALS | {"AccessKeyId": 7}).encode(), id="a key that is none"),
        pytest.param(json.dumps(CREDENTIALS | {"Token": "a\r\nX: y"}).encode(), id="a token of lines"),
    ],
)
def test_what_a_metadata_service_may_say_is_a_sentence_that_repeats_nothing(
    document: bytes,
    read: Reading,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with hostile(whole(document)) as url, pytest.raises(UnreadableSource) as told:
        read(monkeypatch, url)
    said = str(told.value) + caplog.text
    assert not any(secret in said for secret in (KEY_ID, SECRET, SESSION, "7" * 9, "[[["))


@pytest.mark.parametrize("read", [of_the_machine, of_the_pod])
def test_the_credentials_of_a_metadata_service_are_what_is_asked_with(
    read: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service is asked as boto3 asks it, a pod's by its token and through no proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1" if read is of_the_machine else "")
    heads: list[bytes] = []
    nobody = r"Route 53's API (does not answer|cannot be asked)"
    with hostile(whole(json.dumps(CREDENTIALS).encode()), heads) as url, pytest.raises(UnreadableSource, match=nobody):
        read(monkeypatch, url)  # it is Route 53 that is not there
    lines = [head.split(b"\r\n")[0].split(b" ")[0] for head in heads]
    assert lines == ([b"PUT", b"GET", b"GET"] if read is of_the_machine else [b"GET"])
    assert (f"authorization: {SESSION}".encode() in heads[0].lower()) is (read is of_the_pod)


def test_what_has_no_end_takes_no_more_memory_than_an_answer_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_http, "MAX_OCTETS", 2**20)
    with_credentials(monkeypatch, "http://127.0.0.1:1")
    account = open_account("", Times().timing())  # boto3's own tables are in the memory by now
    for answer in ("a body", "chunks", "a chunk's length", "a header", "headers"):
        with hostile(WITHOUT_END[answer]) as url:
            client: Any = account._client
            client.meta.events.register("request-created", lambda request, url=url, **_: moved(request, url))
            tracemalloc.start()
            with pytest.raises(UnreadableSource, match=LEFT):
                account.zones()
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 8 * 2**20, answer


def moved(request: Any, url: str) -> None:
    request.url = url


def test_what_is_sent_is_what_boto3_signed_and_would_have_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names as a zone may have them are in the query: whoever writes them otherwise breaks the signature."""
    name = r"\052.~a@b+c d%25é!'()*;:&=,/?#[].example.com."
    sent: list[list[bytes]] = []
    for is_ours in (True, False):
        heads: list[bytes] = []
        with hostile(whole(b"<ListResourceRecordSetsResponse/>"), heads) as url:
            with_credentials(monkeypatch, url)
            client: Any = open_account("", Times().timing())._client
            if not is_ours:
                client.meta.events._emitter.unregister("before-send")
            client.list_resource_record_sets(HostedZoneId="Z1", StartRecordName=name)
        lines = heads[0].split(b"\r\n")
        names = {line.partition(b":")[0].lower() for line in lines[1:] if line}
        sent.append([lines[0], *sorted(names - {b"accept", b"connection"})])
    assert sent[0] == sent[1]
    assert b"authorization" in sent[0]


def test_a_proxy_is_gone_through_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []
    with hostile(whole(b"<html>"), heads) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.replace("http://", "http://someone:word@"))
        with pytest.raises(UnreadableSource, match="none of AWS' API"):
            listed(monkeypatch, "http://route53.example.com")
        monkeypatch.setenv("HTTP_PROXY", proxy.removeprefix("http://"))
        with pytest.raises(UnreadableSource, match="none of AWS' API"):
            listed(monkeypatch, "http://route53.example.com")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(UnreadableSource, match="EndpointConnectionError"):
            listed(monkeypatch, "http://127.0.0.1:1")
    assert [head.split(b"?")[0].split(b"\r\n")[0][:50] for head in heads] == [
        b"GET http://route53.example.com/2013-04-01/hostedzo"
    ] * 2
    assert [b"proxy-authorization: basic" in head.lower() for head in heads] == [True, False]


def test_a_proxy_that_is_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://:x")
    with pytest.raises(UnreadableSource, match=r"cannot be asked \(InvalidProxiesConfigError\)"):
        listed(monkeypatch, "http://route53.example.com")


def test_a_server_is_trusted_by_the_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    with hostile(whole(b"<html>"), tls=certificate.server_context()) as url:
        with pytest.raises(UnreadableSource, match=r"cannot be asked \(SSLError\)"):
            listed(monkeypatch, url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.certificate))
        with pytest.raises(UnreadableSource, match="none of AWS' API"):
            listed(monkeypatch, url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none"))
        with pytest.raises(UnreadableSource, match="the certificates by which AWS is checked cannot be read"):
            listed(monkeypatch, url)


@pytest.mark.parametrize(
    ("octets", "said"), [(METADATA_OCTETS, NO_CREDENTIALS), (METADATA_OCTETS + 1, "has more than")]
)
def test_a_document_of_the_bound_is_read(octets: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session token has some kilobytes."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with hostile(whole(b" " * octets)) as url, pytest.raises(UnreadableSource, match=said):
        of_the_pod(monkeypatch, url)
