"""Route 53's API, read only: hosted zones, their record sets, and what their health checks report. It never writes.

boto3 finds the credentials, signs and parses; pace, back-off and patience are here, and bounds of what is read in
`aws_http`. Nothing that AWS says is repeated but its error's code: the messages hold account ids, ARNs and access key
ids.
"""

import logging
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

import dns.exception

from probe.inventory.origin import named
from probe.inventory.reading.aws_http import AwsHttp, bound_metadata
from probe.inventory.reading.manifests import UnreadableSource
from probe.model.text import listed
from probe.model.token_bucket import TokenBucket
from probe.route53.record_values import to_domain

_EXTRA = "route53"
"""The distribution's extra that brings boto3."""

REQUEST_SECONDS = 0.5
"""Between two requests: an account has five a second, and both clusters' ExternalDNS have to write with them."""

ROLE_SECONDS = 900
"""For how long a role is assumed: the shortest that STS gives, and as long as a reading may take."""

MAX_TRIES = 6
"""Of one request that is throttled: with the waits below, 31 s at the longest."""

THROTTLED_WAIT = 1.0
"""Seconds of the first wait at the longest; each is twice the one before, and half of it is drawn by lot."""

MAX_ZONES = 10_000
"""Of an account: its quota is 500 until it is raised."""

MAX_RECORD_SETS = 100_000
"""Of a zone: its quota is 10,000 until it is raised. So many take three minutes."""

MAX_CHECKS = 200
"""Health checks whose status is asked for, one request each: the quota of an account until it is raised."""

MAX_LISTED_CHECKS = 10_000
"""Health checks that are gone through for those: fifty times that quota."""

ACTIONS = ("ListHostedZones", "GetHostedZone", "ListResourceRecordSets", "ListHealthChecks", "GetHealthCheckStatus")
"""Everything that is asked of Route 53, and so the policy that it needs."""

NEEDED = ("ListHostedZones", "ListResourceRecordSets")
"""Without these nothing is read; with a zone's id given, the second is enough."""

ZONE_ID = re.compile(r"[A-Z0-9]{1,32}")
"""An id, as the API reference bounds it."""

_THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
)
_BUSY = 500  # HTTP status from which the fault is AWS' own, and asking again may help
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_SENTENCE_OF_ERROR_CODE = {
    **dict.fromkeys(
        _THROTTLED,
        "Route 53 throttled {operation} {attempts} times ({code}): others use up the account's five requests a second; "
        "run it again later, or read the zone from a file",
    ),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
        "the AWS credentials have expired ({code}): log in again, or renew the session",
    ),
    **dict.fromkeys(
        (
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "InvalidAccessKeyId",
            "AuthFailure",
        ),
        "AWS does not take the credentials ({code}): they are withdrawn, mistyped, or of another partition",
    ),
}
_ASKED_STATUS = frozenset({"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"})
"""Types whose checkers report; others (CALCULATED, CLOUDWATCH_METRIC, RECOVERY_CONTROL) have none to ask."""

_LOGGERS = ("boto3", "botocore", "urllib3", "httpx", "httpcore")
_REPEATS = "botocore.credentials"
"""Whose warnings repeat what answered as a metadata service. What fails is raised as well."""
_OF_METADATA = frozenset({"iam-role", "container-role"})
"""boto3's words for credentials that a metadata service gave."""


class Operations(Protocol):
    """What is asked of boto3's client."""

    def list_hosted_zones(self, **parameters: str) -> Mapping[str, Any]:
        """Give a page of the account's zones."""

    def get_hosted_zone(self, **parameters: str) -> Mapping[str, Any]:
        """Give a zone with its name servers or VPCs."""

    def list_resource_record_sets(self, **parameters: str) -> Mapping[str, Any]:
        """Give a page of a zone's record sets."""

    def list_health_checks(self, **parameters: str) -> Mapping[str, Any]:
        """Give a page of the account's health checks."""

    def get_health_check_status(self, **parameters: str) -> Mapping[str, Any]:
        """Give what the checkers of a health check last saw."""


class ZoneEntry(NamedTuple):
    """A hosted zone, as the account lists it.

    Attributes:
        zone_id: Without `/hostedzone/`.
        name: As the API writes it, octal escapes and last dot included.
        is_private: Only VPCs' resolvers answer for it.
        size: How many record sets it has.
    """

    zone_id: str
    name: str
    is_private: bool
    size: int


class HealthCheck(NamedTuple):
    """A health check and what its checkers say, in the API's words.

    Attributes:
        config: `HealthCheckConfig`: its type, and whether it is inverted or disabled.
        statuses: What each checker saw last, such as `Success: HTTP Status Code 200, OK`; empty for a type that has no
            checkers.
    """

    config: Mapping[str, Any]
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Time and chance, handed in.

    Attributes:
        now: Seconds on a scale that never steps.
        pause: Waits for so many seconds.
        draw: Decides by how much a wait is shortened, so that two who were throttled together do not come back so.
    """

    now: Callable[[], float]
    pause: Callable[[float], None]
    draw: random.Random


def is_possible() -> bool:
    """Tell whether the library is installed."""
    return find_spec("boto3") is not None


def open_account(profile: str, timing: Timing, *, role: str = "", pace: float = REQUEST_SECONDS) -> "Route53Account":
    """Find credentials as `aws` does: a profile (with a role or SSO), the environment, or a pod's or machine's role.

    Args:
        profile: Of the AWS configuration; empty takes what the environment says.
        timing: Time and chance.
        role: The ARN of a role that is assumed with these credentials; empty assumes none.
        pace: Seconds between two requests.

    Raises:
        UnreadableSource: boto3 is not installed, knows no such profile, or may not assume the role.
    """
    if not is_possible():
        raise UnreadableSource(f"boto3 is not installed, which asks Route 53: install `cutover-probe[{_EXTRA}]`")
    # Here, because the library is an extra that only those need who ask Route 53 itself.
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    for name in _LOGGERS:  # what they write at DEBUG holds signatures and session tokens
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(_REPEATS).setLevel(logging.ERROR)
    config = Config(
        retries={"total_max_attempts": 1},  # asking again is done here, at our pace
        user_agent_extra="cutover-probe",
    )
    try:
        session = _session(profile_name=profile or None)
        _fetch_credentials(session)
        if role:
            session = _assumed(session, role, config)
        client = session.client("route53", config=config)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise UnreadableSource(told(error, "", 1)) from error
    except (ResponseParserError, KeyError):  # the words of the first repeat the answer
        raise UnreadableSource(_not_of_the_api("AssumeRole")) from None
    return Route53Account(client, timing, pace)


def _session(**given: str | None) -> Any:
    """Give a session all of whose clients, those that fetch credentials too, read answers within bounds."""
    import boto3  # noqa: PLC0415  # as above
    import botocore.session  # noqa: PLC0415  # as above

    core = botocore.session.Session()
    session = boto3.Session(botocore_session=core, **given)
    core.register("before-send", AwsHttp(core.get_config_variable("ca_bundle") or "").send)
    if session.region_name is None:
        # Route 53 is one service for all regions: without one of its own, a profile must not fail for it.
        core.set_config_variable("region", "us-east-1")
    bound_metadata(core)
    return session


def _fetch_credentials(session: Any) -> None:
    """Have credentials fetched, if any are to be: boto3 raises whatever an answer brings it to, and repeats it."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as above
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # as above

    try:
        credentials = session.get_credentials()
        if credentials is not None and credentials.method in _OF_METADATA:
            credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError, ResponseParserError, MemoryError, UnreadableSource):
        raise
    except Exception as error:  # noqa: BLE001  # as it says
        raise UnreadableSource(
            f"AWS credentials could not be fetched ({type(error).__name__}): what says whose they are gives none that "
            "can be read; `aws sts get-caller-identity` tells more"
        ) from None


def _assumed(session: Any, role: str, config: Any) -> Any:
    """Give a session of a role: for one reading, after which it is assumed anew."""
    sts = session.client("sts", config=config)
    given = sts.assume_role(RoleArn=role, RoleSessionName="cutover-probe", DurationSeconds=ROLE_SECONDS)["Credentials"]
    return _session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=session.region_name,
    )


class Route53Account:
    """One account's Route 53.

    Args:
        client: Asks; boto3's, without retries of its own.
        timing: Time and chance.
        pace: Seconds between two requests.
    """

    def __init__(self, client: Operations, timing: Timing, pace: float = REQUEST_SECONDS) -> None:
        self._client = client
        self._timing = timing
        self._pace = TokenBucket(pace, 1, timing.now())

    def zones(self) -> tuple[ZoneEntry, ...]:
        """List every hosted zone.

        Raises:
            UnreadableSource: They cannot be listed.
        """
        found: list[ZoneEntry] = []
        for page in self._pages("ListHostedZones", self._client.list_hosted_zones, "HostedZones", _marker):
            found += map(_entry, page)
            if len(found) > MAX_ZONES:
                raise UnreadableSource(f"the account has more than {MAX_ZONES:,} hosted zones: name one by its id")
        return tuple(found)

    def where(self, entry: ZoneEntry) -> str:
        """Tell two zones of one name apart: by name servers, or by VPCs. Empty where that may not be read."""
        try:
            page = self._asked("GetHostedZone", self._client.get_hosted_zone, {"Id": entry.zone_id})
        except UnreadableSource:
            return ""
        vpcs = [f"{one.get('VPCId')} ({one.get('VPCRegion')})" for one in page.get("VPCs") or ()]
        servers = (page.get("DelegationSet") or {}).get("NameServers") or ()
        return listed(vpcs) if entry.is_private else listed([str(one) for one in servers])

    def record_sets(self, zone_id: str, most: int | None = None) -> list[Mapping[str, Any]]:
        """List a zone's record sets, in the API's words; one with more than `most` (MAX_RECORD_SETS) is not read.

        Raises:
            UnreadableSource: They cannot be listed, or there is no such zone.
        """
        bound = MAX_RECORD_SETS if most is None else most
        found: list[Mapping[str, Any]] = []
        ask = self._client.list_resource_record_sets
        for page in self._pages("ListResourceRecordSets", ask, "ResourceRecordSets", _next_record, zone_id):
            found += page
            if len(found) > bound:
                raise UnreadableSource(f"the zone {zone_id} has more than {bound:,} record sets")
        return found

    def health_checks(self, wanted: Iterable[str]) -> dict[str, HealthCheck]:
        """Read health checks and what their checkers report; one that does not exist is left out.

        Raises:
            UnreadableSource: They cannot be read.
        """
        wanted = set(wanted)
        configs: dict[str, Mapping[str, Any]] = {}
        seen = 0
        for page in self._pages("ListHealthChecks", self._client.list_health_checks, "HealthChecks", _marker):
            configs |= {one["Id"]: one.get("HealthCheckConfig") or {} for one in page if one.get("Id") in wanted}
            seen += len(page)
            if len(configs) == len(wanted):
                break
            if seen > MAX_LISTED_CHECKS:
                raise UnreadableSource(f"the account has more than {MAX_LISTED_CHECKS:,} health checks")
        return {
            name: HealthCheck(config, self._statuses(name) if config.get("Type") in _ASKED_STATUS else ())
            for name, config in sorted(configs.items())[:MAX_CHECKS]
        }

    def _statuses(self, check: str) -> tuple[str, ...]:
        page = self._asked("GetHealthCheckStatus", self._client.get_health_check_status, {"HealthCheckId": check})
        reports = (one.get("StatusReport") or {} for one in page.get("HealthCheckObservations") or ())
        return tuple(str(one.get("Status", "")) for one in reports)

    def _pages(
        self,
        action: str,
        operation: Callable[..., Mapping[str, Any]],
        key: str,
        next_of: Callable[[Mapping[str, Any]], dict[str, str]],
        zone_id: str = "",
    ) -> Iterator[list[Mapping[str, Any]]]:
        """Give a list page by page; one that has no end, or leads back to where it was, is none of the API's."""
        own = {"HostedZoneId": zone_id} if zone_id else {}
        asked = [own]
        while True:
            page = self._asked(action, operation, asked[-1], zone_id)
            found = page.get(key)
            if not isinstance(found, list):
                raise UnreadableSource(_not_of_the_api(action))
            yield found
            if not page.get("IsTruncated"):
                return
            following = own | next_of(page)
            if not found or following in asked:
                raise UnreadableSource(_not_of_the_api(action))
            asked.append(following)

    def _asked(
        self, action: str, operation: Callable[..., Mapping[str, Any]], parameters: Mapping[str, str], zone_id: str = ""
    ) -> Mapping[str, Any]:
        """Ask at the pace that leaves others theirs; what is throttled is asked again, later each time."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # as above

        for attempt in range(1, MAX_TRIES + 1):
            self._timing.pause(self._pace.wait(self._timing.now()))
            self._pace.take(self._timing.now())
            try:
                return operation(**parameters)
            except ClientError as error:
                if attempt == MAX_TRIES or not _may_pass(error):
                    raise UnreadableSource(told(error, action, attempt, zone_id)) from error
            except BotoCoreError as error:
                raise UnreadableSource(told(error, action, attempt, zone_id)) from error
            except (MemoryError, UnreadableSource):
                raise
            except Exception:  # noqa: BLE001  # botocore's parser raises whatever an answer brings it to, and repeats it
                raise UnreadableSource(_not_of_the_api(action)) from None
            longest = THROTTLED_WAIT * 2 ** (attempt - 1)
            self._timing.pause(longest / 2 + self._timing.draw.random() * longest / 2)
        raise AssertionError("the last try has returned or raised")


def told(error: Exception, action: str, attempts: int, zone_id: str = "") -> str:
    """Write what became of a request, in one sentence without a secret.

    Args:
        error: boto3's.
        action: What was asked.
        attempts: How often.
        zone_id: Of which zone.
    """
    code = _code(error)
    if code is None:
        return _untold(type(error).__name__, error)
    operation = str(getattr(error, "operation_name", "") or action)
    if code in _DENIED:
        return _denied(code, action, operation)
    if zone_id and code in {"NoSuchHostedZone", "InvalidInput"}:
        return f"the account has no hosted zone {named(zone_id)} ({code}): the profile may be of another account"
    sentence = _SENTENCE_OF_ERROR_CODE.get(code, "Route 53 answered {operation} with the error {code}")
    return sentence.format(code=named(code)[1:-1], operation=operation, attempts=attempts)


def _denied(code: str, action: str, operation: str) -> str:
    if operation != action:  # of STS, when the profile's role is assumed
        return f"the credentials may not do sts:{operation} ({code}), which the profile's role asks for"
    actions = listed([f"route53:{one}" for one in (NEEDED if action in NEEDED else (action,))])
    return (
        f"the credentials may not do route53:{action} ({code}): allow {actions}; "
        "`cutover-probe discover --print-permissions route53` writes the policy"
    )


def _not_of_the_api(action: str) -> str:
    """Write that something else has answered, without a word of it: it may repeat what it was sent."""
    return (
        f"the answer to {action} is none of AWS' API: a proxy on the way may have given it, or `AWS_ENDPOINT_URL` "
        "leads elsewhere"
    )


def _marker(page: Mapping[str, Any]) -> dict[str, str]:
    return {"Marker": str(page.get("NextMarker", ""))}


def _next_record(page: Mapping[str, Any]) -> dict[str, str]:
    parts = ("Name", "Type", "Identifier")
    return {f"StartRecord{part}": str(page[f"NextRecord{part}"]) for part in parts if page.get(f"NextRecord{part}")}


def _untold(kind: str, error: Exception) -> str:
    """Write what went wrong before AWS answered: by the kind of error alone, since texts may hold secrets."""
    profile = getattr(error, "kwargs", {}).get("profile")
    match kind:
        case "ProfileNotFound":
            return f"there is no profile {named(profile)} in the AWS configuration"
        case "NoCredentialsError" | "PartialCredentialsError" | "NoAuthTokenError":
            return (
                "no AWS credentials were found: name a profile (`route53:PROFILE`), set AWS_PROFILE or the variables "
                "of the credentials, or give the pod's service account a role"
            )
        case "UnauthorizedSSOTokenError" | "SSOTokenLoadError" | "TokenRetrievalError" | "SSOError":
            return "the AWS session of the single sign-on has expired: `aws sso login`, with the profile"
        case "CredentialRetrievalError" | "MetadataRetrievalError" | "RefreshWithMFAUnsupportedError":
            return f"AWS credentials could not be fetched ({kind}): `aws sts get-caller-identity` tells more"
        case "ConnectTimeoutError" | "ReadTimeoutError" | "EndpointConnectionError" | "ConnectionClosedError":
            return f"Route 53's API does not answer ({kind})"
        case _:
            return f"Route 53's API cannot be asked ({kind})"


def _code(error: Exception) -> str | None:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else None


def _may_pass(error: Any) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _code(error) in _THROTTLED or status >= _BUSY


def _entry(one: Mapping[str, Any]) -> ZoneEntry:
    zone_id, name = str(one.get("Id", "")).removeprefix("/hostedzone/"), str(one.get("Name", ""))
    try:
        to_domain(name)
    except (ValueError, dns.exception.DNSException):
        zone_id = ""
    if not zone_id:
        raise UnreadableSource(_not_of_the_api("ListHostedZones"))
    return ZoneEntry(
        zone_id,
        name,
        bool((one.get("Config") or {}).get("PrivateZone")),
        int(one.get("ResourceRecordSetCount") or 0),
    )
