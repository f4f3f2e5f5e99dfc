"""Route 53's API: pages, pace, back-off, what each refusal is in a sentence; against the lab's Route 53 and moto's."""

import logging
import random
import traceback
from collections.abc import Callable, Iterator, Mapping
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from probe.inventory.reading import route53_api
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import ACTIONS, Route53Account, Timing, _assumed, open_account, told
from probe.model.name import canonical
from probe.route53.account import Route53
from tests.aws import (
    KEY_ID,
    SECRET,
    SESSION,
    client_error,
    lab_server,
    moto_server,
    no_answer,
    repeating,
    require_boto3,
    with_credentials,
    without_credentials,
)
from tests.lab.builders import StandingClock, alias, create, plain, weighted

MAX_TRIES = 6
REQUEST_SECONDS = 0.5
REQUESTS_PER_SECOND = 5
MAX_ZONES, MAX_RECORD_SETS, MAX_CHECKS, MAX_LISTED_CHECKS = 10_000, 100_000, 200, 10_000
ROLE_SECONDS = 900
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_boto3()
    without_credentials(monkeypatch, tmp_path)


class Times(StandingClock):
    """Time that passes by waiting alone, and what was waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += max(seconds, 0)

    def timing(self, seed: int = 1) -> Timing:
        return Timing(lambda: self.now().monotonic, self.pause, random.Random(seed))


class Scripted:
    """A client that answers as it is told, and keeps when it was asked for what."""

    def __init__(self, times: Times, answers: Callable[[str, Mapping[str, str]], Mapping[str, Any]]) -> None:
        self.times = times
        self.answers = answers
        self.asked: list[tuple[float, str, Mapping[str, str]]] = []

    def __getattr__(self, operation: str) -> Callable[..., Mapping[str, Any]]:
        def ask(**parameters: str) -> Mapping[str, Any]:
            self.asked.append((self.times.seconds, operation, parameters))
            return self.answers(operation, parameters)

        return ask


def scripted(answers: Callable[[str, Mapping[str, str]], Mapping[str, Any]]) -> tuple[Route53Account, Scripted]:
    times = Times()
    client = Scripted(times, answers)
    account: Any = client
    return Route53Account(account, times.timing()), client


def failing(error: Exception, times: int = 10**6) -> tuple[Route53Account, Scripted]:
    left = iter(range(times))

    def answer(_: str, __: Mapping[str, str]) -> Mapping[str, Any]:
        if next(left, None) is not None:
            raise error
        return {"ResourceRecordSets": [], "HostedZones": [], "IsTruncated": False}

    return scripted(answer)


def test_it_asks_twice_a_second_however_many_pages_there_are() -> None:
    def answer(_: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        number = int(parameters.get("StartRecordName", "0"))
        more = {"IsTruncated": number < 9, "NextRecordName": str(number + 1), "NextRecordType": "A"}
        return {"ResourceRecordSets": [{"Name": str(number)}], **more}

    account, client = scripted(answer)
    assert [one["Name"] for one in account.record_sets("Z1")] == list(map(str, range(10)))
    moments = [moment for moment, *_ in client.asked]
    assert [later - earlier for earlier, later in pairwise(moments)] == [REQUEST_SECONDS] * 9
    assert 1 / REQUEST_SECONDS <= REQUESTS_PER_SECOND / 2, "both ExternalDNS need the rest"


@pytest.mark.parametrize(("code", "status"), [("Throttling", 400), ("ThrottlingException", 400), ("Boom", 503)])
def test_what_may_pass_is_asked_again_later_each_time(code: str, status: int) -> None:
    account, client = failing(client_error(code, "ListResourceRecordSets", status), MAX_TRIES - 1)
    assert account.record_sets("Z1") == []
    moments = [moment for moment, *_ in client.asked]
    waits = [later - earlier for earlier, later in pairwise(moments)]
    for wait, longest in zip(waits, (1, 2, 4, 8, 16), strict=True):
        assert longest / 2 <= wait <= longest


def test_who_was_throttled_together_does_not_come_back_together() -> None:
    waits = []
    for seed in (1, 2):
        times = Times()
        client: Any = Scripted(times, failing(client_error("Throttling", "ListHostedZones"), 1)[1].answers)
        Route53Account(client, times.timing(seed)).zones()
        waits.append(times.waits)
    assert waits[0] != waits[1]


def test_what_goes_on_being_throttled_ends_with_what_to_do() -> None:
    account, client = failing(client_error("Throttling", "ListHostedZones"))
    with pytest.raises(UnreadableSource, match=f"throttled ListHostedZones {MAX_TRIES} times .*run it again later"):
        account.zones()
    assert len(client.asked) == MAX_TRIES


SENTENCES = [
    (("ExpiredToken", "ListHostedZones"), "have expired (ExpiredToken): log in again"),
    (("ExpiredTokenException", "AssumeRole"), "have expired (ExpiredTokenException): log in again"),
    (("InvalidClientTokenId", "ListHostedZones"), "does not take the credentials (InvalidClientTokenId)"),
    (("SignatureDoesNotMatch", "ListHostedZones"), "does not take the credentials (SignatureDoesNotMatch)"),
    (
        ("AccessDenied", "ListHostedZones"),
        "route53:ListHostedZones (AccessDenied): allow route53:ListHostedZones and route53:ListResourceRecordSets",
    ),
    (("AccessDenied", "AssumeRole"), "may not do sts:AssumeRole (AccessDenied), which the profile's role asks for"),
    (("Strange{0}", "ListHostedZones"), "answered ListHostedZones with the error Strange{0}"),
]


@pytest.mark.parametrize(("answered", "words"), SENTENCES, ids=str)
def test_a_refusal_is_one_sentence_at_once_without_the_words_of_aws(answered: tuple[str, str], words: str) -> None:
    said = "User: arn:aws:iam::111122223333:user/ops with AKIAEXAMPLEEXAMPLE00 is not"
    account, client = failing(client_error(*answered, message=said))
    with pytest.raises(UnreadableSource) as refused:
        account.zones()
    assert words in str(refused.value)
    assert not {"111122223333", "arn:", "AKIA"} & set(str(refused.value).split())
    assert "1111" not in str(refused.value)
    assert len(client.asked) == 1


def test_a_zone_that_the_account_lacks_is_named() -> None:
    account, _ = failing(client_error("NoSuchHostedZone", "ListResourceRecordSets", 404))
    with pytest.raises(UnreadableSource, match=r"the account has no hosted zone `Z404` \(NoSuchHostedZone\)"):
        account.record_sets("Z404")


@pytest.mark.parametrize(
    ("kind", "parts", "words"),
    [
        ("NoCredentialsError", {}, "no AWS credentials were found"),
        ("PartialCredentialsError", {"provider": "env", "cred_var": "x"}, "no AWS credentials were found"),
        ("UnauthorizedSSOTokenError", {}, "single sign-on has expired: `aws sso login`"),
        ("TokenRetrievalError", {"provider": "sso", "error_msg": SECRET}, "single sign-on has expired"),
        ("CredentialRetrievalError", {"provider": "x", "error_msg": SECRET}, "credentials could not be fetched"),
        ("ReadTimeoutError", {"endpoint_url": "https://x"}, "does not answer (ReadTimeoutError)"),
        ("EndpointConnectionError", {"endpoint_url": "https://x"}, "does not answer (EndpointConnectionError)"),
        ("ProxyConnectionError", {"proxy_url": f"https://u:{SECRET}@p"}, "cannot be asked (ProxyConnectionError)"),
    ],
)
def test_what_fails_before_any_answer_is_a_sentence_without_a_secret(kind: str, parts: Any, words: str) -> None:
    sentence = told(no_answer(kind, **parts), "ListHostedZones", 1)
    assert words in sentence
    assert SECRET not in sentence


def test_what_an_account_may_hold_is_bounded() -> None:
    def listing(entries: int) -> Route53Account:
        page = {**dict.fromkeys(KEYS, [{"Id": "/hostedzone/Z1", "Name": "a."}] * entries), "IsTruncated": False}
        return scripted(lambda *_: page)[0]

    assert len(listing(MAX_ZONES).zones()) == MAX_ZONES
    with pytest.raises(UnreadableSource, match="more than 10,000 hosted zones: name one by its id"):
        listing(MAX_ZONES + 1).zones()
    assert len(listing(MAX_RECORD_SETS).record_sets("Z1")) == MAX_RECORD_SETS
    with pytest.raises(UnreadableSource, match="the zone Z1 has more than 100,000 record sets"):
        listing(MAX_RECORD_SETS + 1).record_sets("Z1")
    assert listing(MAX_LISTED_CHECKS).health_checks(["gone"]) == {}
    with pytest.raises(UnreadableSource, match="the account has more than 10,000 health checks"):
        listing(MAX_LISTED_CHECKS + 1).health_checks(["gone"])


@pytest.mark.parametrize("read", [0, 1, 2])
def test_what_has_no_end_is_read_no_further_than_its_bound(read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("MAX_ZONES", "MAX_RECORD_SETS", "MAX_LISTED_CHECKS"):
        monkeypatch.setattr(route53_api, bound, 3)
    account, client = scripted(Endless([{"Id": "/hostedzone/Z1", "Name": "a."}]))
    with pytest.raises(UnreadableSource, match="has more than 3 "):
        LISTS[read](account)
    assert len(client.asked) == 4


def test_as_many_checks_are_asked_for_as_an_account_has() -> None:
    wanted = [f"h{number:03}" for number in range(MAX_CHECKS + 1)]

    def answer(operation: str, _: Mapping[str, str]) -> Mapping[str, Any]:
        checks = [{"Id": one, "HealthCheckConfig": {"Type": "TCP"}} for one in wanted]
        return {"HealthChecks": checks} if operation == "list_health_checks" else {}

    account, client = scripted(answer)
    assert list(account.health_checks(wanted)) == wanted[:MAX_CHECKS]
    assert len(client.asked) == 1 + MAX_CHECKS


def test_a_role_is_assumed_for_a_quarter_of_an_hour() -> None:
    asked: list[dict[str, object]] = []

    class Session:
        region_name = "us-east-1"

        def client(self, *_: object, **__: object) -> "Session":
            return self

        def assume_role(self, **parameters: object) -> dict[str, dict[str, str]]:
            asked.append(parameters)
            return {"Credentials": {"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "SessionToken": SESSION}}

    _assumed(Session(), "arn:aws:iam::123456789012:role/dns", None)
    assert asked == [
        {
            "RoleArn": "arn:aws:iam::123456789012:role/dns",
            "RoleSessionName": "cutover-probe",
            "DurationSeconds": ROLE_SECONDS,
        }
    ]


def test_boto3_asks_nothing_again_at_its_own_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    import botocore.config  # noqa: PLC0415  # of an extra

    made = botocore.config.Config

    def config(**words: Any) -> object:
        told.update(words)
        return made(**words)

    monkeypatch.setattr(botocore.config, "Config", config)
    open_account("", Times().timing())
    assert told["retries"]["total_max_attempts"] == 1


LISTS: list[Callable[[Route53Account], object]] = [
    lambda account: account.zones(),
    lambda account: account.record_sets("Z1"),
    lambda account: account.health_checks(["gone"]),
]
KEYS = "HostedZones", "ResourceRecordSets", "HealthChecks"
NOT_OF_THE_API = "is none of AWS' API: a proxy on the way may have given it"


NO_NUMBER = """<{root}><HostedZones><HostedZone><ResourceRecordSetCount>{echo}</ResourceRecordSetCount></HostedZone>
</HostedZones></{root}>"""


class Endless:
    """Answers with the same entries again and again, and says that there are more."""

    def __init__(self, entries: list[Any], *markers: str) -> None:
        self._entries = entries
        self._markers = iter(markers) if markers else map(str, count())

    def __call__(self, _: str, __: Mapping[str, str]) -> Mapping[str, Any]:
        marker = next(self._markers)
        following = {"NextMarker": marker, "NextRecordName": marker} if marker else {}
        return {**dict.fromkeys(KEYS, self._entries), "IsTruncated": True, **following}


@pytest.mark.parametrize("read", LISTS, ids=KEYS)
@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(lambda *_: {}, id="nothing"),
        pytest.param(lambda *_: dict.fromkeys(KEYS), id="no lists"),
        pytest.param(Endless([]), id="nothing, and more of it"),
        pytest.param(Endless([{"Id": "a", "Name": "a."}], "", ""), id="more, and not from where"),
        pytest.param(Endless([{"Id": "a", "Name": "a."}], "x", "y", "x"), id="a circle"),
    ],
)
def test_what_is_no_listing_of_the_api_or_has_no_end_is_a_sentence(
    read: Callable[[Route53Account], object], answers: Callable[[str, Mapping[str, str]], Mapping[str, Any]]
) -> None:
    account, client = scripted(answers)
    with pytest.raises(UnreadableSource, match=NOT_OF_THE_API):
        read(account)
    assert len(client.asked) <= 3


@pytest.mark.parametrize(
    "entry",
    [{}, {"Id": "/hostedzone/Z1"}, {"Name": "a."}, {"Id": "Z1", "Name": "a..b"}, {"Id": "Z1", "Name": ""}],
    ids=str,
)
def test_a_zone_without_an_id_or_a_name_is_no_zone_of_the_api(entry: Mapping[str, str]) -> None:
    account, _ = scripted(lambda *_: {"HostedZones": [entry]})
    with pytest.raises(UnreadableSource, match=NOT_OF_THE_API):
        account.zones()


def test_checks_without_a_body_are_read_as_far_as_they_go() -> None:
    account, _ = scripted(lambda *_: {"HealthChecks": [{}, {"Id": "h"}]})
    assert account.health_checks(["h", "gone"])["h"].config == {}


@pytest.mark.parametrize("read", LISTS, ids=KEYS)
@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("", id="nothing"),
        pytest.param("<html><body>Blocked: {echo}<br></body></html>", id="a proxy's page"),
        pytest.param('{{"message": "{echo}"}}', id="JSON"),
        pytest.param(NO_NUMBER, id="a number that is none"),
    ],
)  # fmt: skip
def test_whatever_answers_in_the_place_of_aws_is_a_sentence_that_repeats_nothing(
    read: Callable[[Route53Account], object], status: int, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with repeating(status, answer) as url:
        with_credentials(monkeypatch, url)
        times = Times()
        with pytest.raises(UnreadableSource) as told_of:
            read(open_account("", times.timing()))
    whole = "".join(traceback.format_exception(told_of.value))
    assert not [secret for secret in (KEY_ID, SECRET, SESSION) if secret in whole]


def test_a_role_that_something_else_gives_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with repeating(200, "<html>{echo}<br></html>") as url:
        with_credentials(monkeypatch, url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        with pytest.raises(UnreadableSource, match="AssumeRole " + NOT_OF_THE_API) as told_of:
            open_account("", Times().timing(), role="arn:aws:iam::123456789012:role/dns")
    assert SESSION not in "".join(traceback.format_exception(told_of.value))


def test_checkers_are_asked_only_where_there_are_some() -> None:
    def answer(operation: str, parameters: Mapping[str, str]) -> Mapping[str, Any]:
        if operation == "list_health_checks":
            configs = {"h": {"Type": "HTTPS"}, "c": {"Type": "CALCULATED"}, "other": {"Type": "TCP"}}
            return {"HealthChecks": [{"Id": one, "HealthCheckConfig": told} for one, told in configs.items()]}
        assert parameters == {"HealthCheckId": "h"}
        return {"HealthCheckObservations": [{"StatusReport": {"Status": "Success: 200"}}, {}]}

    account, _ = scripted(answer)
    found = account.health_checks(["h", "c", "gone"])
    assert {name: one.statuses for name, one in found.items()} == {"h": ("Success: 200", ""), "c": ()}


def test_a_profile_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnreadableSource, match="there is no profile `prod` in the AWS configuration"):
        open_account("prod", Times().timing())


def test_who_has_no_credentials_is_told_where_they_are_looked_for() -> None:
    with pytest.raises(UnreadableSource, match="no AWS credentials were found"):
        open_account("", Times().timing()).zones()


def test_boto3_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route53_api, "is_possible", lambda: False)
    with pytest.raises(UnreadableSource, match=r"boto3 is not installed.*cutover-probe\[route53\]"):
        open_account("", Times().timing())


@pytest.fixture
def lab() -> Route53:
    route53 = Route53(random.Random(1))
    zone = route53.create_hosted_zone(canonical("example.com"))
    route53.create_hosted_zone(canonical("example.net"))
    sets = [plain(f"host{number}.example.com", "A", "192.0.2.1") for number in range(610)]
    zone.change(create(*sets, alias("*.w.example.com", "A"), weighted("d.example.com", "A", "v1", 70, "192.0.2.7")))
    return route53


def test_the_labs_zone_is_read_whole_and_never_throttled(lab: Route53, monkeypatch: pytest.MonkeyPatch) -> None:
    times = Times()
    with lab_server(lab, times) as url:
        with_credentials(monkeypatch, url)
        account = open_account("", times.timing())
        zones = {one.name: one for one in account.zones()}
        listed = account.record_sets(zones["example.com."].zone_id)
        with pytest.raises(UnreadableSource, match="no hosted zone `Z0`"):
            account.record_sets("Z0")
    assert (zones["example.com."].size, zones["example.com."].is_private) == (614, False)
    assert len(listed) == 614
    assert [one["Weight"] for one in listed if one["Name"] == "d.example.com."] == [70]
    assert not [wait for wait in times.waits if wait > REQUEST_SECONDS], "nothing was asked a second time"


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    require_boto3()
    with moto_server() as url:
        yield url


def test_motos_zones_records_and_checks_are_read_alike(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_credentials(monkeypatch, moto)
    times = Times()
    account = open_account("", times.timing())
    client: Any = account._client
    public = client.create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
    vpc = {"VPCRegion": "eu-west-1", "VPCId": "vpc-0abc"}
    private = {"PrivateZone": True, "Comment": ""}  # which AWS infers from the VPC
    client.create_hosted_zone(Name="example.org", CallerReference="2", VPC=vpc, HostedZoneConfig=private)
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.org", "Port": 443, "ResourcePath": "/"}
    check = client.create_health_check(CallerReference="3", HealthCheckConfig=config)["HealthCheck"]["Id"]
    sets = [
        {
            "Name": f"h{number}.example.org",
            "Type": "A",
            "SetIdentifier": "v1",
            "Weight": 70,
            "HealthCheckId": check,
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
        for number in range(310)
    ]
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": one} for one in sets]}
    client.change_resource_record_sets(HostedZoneId=public, ChangeBatch=batch)
    entries = account.zones()
    assert sorted(one.is_private for one in entries) == [False, True]
    assert {account.where(one) for one in entries if one.is_private} == {"vpc-0abc (eu-west-1)"}
    listed = account.record_sets(public.removeprefix("/hostedzone/"))
    assert {one.get("HealthCheckId") for one in listed if one["Type"] == "A"} == {check}
    assert len([one for one in listed if one["Type"] == "A"]) == 310
    (found,) = account.health_checks([check]).values()
    assert found.config["Type"] == "HTTPS"
    assert all(one.startswith("Success") for one in found.statuses)
    assert found.statuses


def test_nothing_is_asked_that_the_policy_does_not_name() -> None:
    operations = {"".join(part.title() for part in name.split("_")) for name in vars(route53_api.Operations)}
    assert {one for one in operations if one.startswith(("List", "Get"))} == set(ACTIONS)
    assert not [one for one in ACTIONS if not one.startswith(("List", "Get"))]


def test_no_secret_is_logged_at_any_level(
    moto: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_credentials(monkeypatch, moto)
    for library in ("boto3", "botocore", "urllib3"):  # as they are in a process that has asked nothing yet
        logging.getLogger(library).setLevel(logging.NOTSET)
    with caplog.at_level(logging.DEBUG):
        open_account("", Times().timing()).zones()
    assert "GET /2013-04-01/hostedzone" in caplog.text, "moto's own line: the level is in force"
    assert not [secret for secret in (KEY_ID, SECRET, SESSION) if secret in caplog.text]
