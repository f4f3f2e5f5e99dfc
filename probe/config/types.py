"""The plan file's scalar types: text that pydantic checks with this room's parsers, and its JSON Schema."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from string import Formatter
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from probe.config.mistakes import Unusable, quoted
from probe.config.names import parse_filter, parse_load_balancer, parse_name
from probe.config.ranges import Number
from probe.config.values import (
    ENDPOINT_PATTERN,
    MOMENT_PATTERN,
    VERSION_PATTERN,
    parse_address,
    parse_client_subnet,
    parse_endpoint,
    parse_moment,
    parse_network,
    parse_version,
)
from probe.externaldns.naming import TEMPLATE
from probe.model.name import DomainName
from probe.model.notification import Placeholder
from probe.model.plan import Endpoint

_ADDRESS_PATTERN = "^[0-9A-Fa-f:.]+$"
_NAME_PATTERN = r"^[^\s/:@*]+$"
WILDCARD_PATTERN = r"^(\*\.)?[^\s/:@*]+$"
_MAX_LABEL_TEXT = 63  # what fits a DNS label, a Kubernetes label value and a readable table column
_LABEL_PATTERN = rf"^[A-Za-z0-9][A-Za-z0-9._-]{{0,{_MAX_LABEL_TEXT - 1}}}$"
_MAX_OWNER = 128  # with the rest of the TXT payload it stays within one character string of 255 octets
_PREFIX_PATTERN = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?/"
_MAX_PREFIX = 254  # a DNS name and its slash: Kubernetes' own bound for the prefix of an annotation
_ZONE_ID_PATTERN = "Z[A-Z0-9]+"
_MAX_ZONE_ID = 32  # Route 53's ResourceId
_CONTEXT_PATTERN = "[A-Za-z0-9][A-Za-z0-9@:/._-]*"
_MAX_CONTEXT = 253
_MAX_PROFILE = 128  # a name that people type
_ROLE_PATTERN = r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+"
_MAX_ROLE = 2048  # IAM's own bound for an ARN
_NAMESPACE_PATTERN = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_MAX_NAMESPACE = 63  # Kubernetes' own bound: a DNS label
_WORKLOAD_PATTERN = r"(deployment|statefulset|daemonset|cronjob|rollout)/[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
_MAX_WORKLOAD = 270  # a kind, and a name of 253 characters
_MAX_PATH = 1024
_URL_PATTERN = r"https?://[^\s\"'`{}<>\\?#]+"
_LABEL_NAME_PATTERN = "[a-zA-Z][a-zA-Z0-9_]*"
_OWN_LABELS = frozenset({"alertname", "severity", "domain", "wave", "code", "vantage"})
_MAX_TEMPLATE = 2_000  # a message is cut at 3,500 characters
_MAX_HEADER = 64  # cluster names and versions are short; what is kept of a response has to be bounded


def _label(text: str) -> str:
    if not text:
        raise Unusable("the name is empty", "give it a short name, such as `internal-tools`")
    if len(text) > _MAX_LABEL_TEXT:
        raise Unusable(f"{quoted(text)} is too long for a label", f"use at most {_MAX_LABEL_TEXT} characters")
    if not (text[0].isascii() and text[0].isalnum() and all(c.isascii() and (c.isalnum() or c in "._-") for c in text)):
        raise Unusable(
            f"{quoted(text)} cannot be a label in metrics, URLs and file names",
            "use ASCII letters, digits, `.`, `_` and `-`, beginning with a letter or digit",
        )
    return text


def _domain(text: str) -> DomainName:
    return parse_name(text, wildcard=True)


def _zone(text: str) -> DomainName:
    return parse_name(text, single_label=True)


def _listen(text: str) -> Endpoint:
    return parse_endpoint(text, default_port=None, port_zero=True)


def _owner(text: str) -> str:
    printable = all("!" <= c <= "~" for c in text)  # Route 53 takes nothing else in a TXT without escapes
    if not text or len(text) > _MAX_OWNER or not printable or any(c in ',"=' for c in text):
        raise Unusable(
            f"{quoted(text)} cannot be an owner id in a TXT record",
            f"write the value of the flag: 1 to {_MAX_OWNER} ASCII characters without spaces, commas, quotes and `=`",
        )
    return text


def _profile(text: str) -> str:
    if not text or len(text) > _MAX_PROFILE or not text.isprintable() or any(c in "[]@" for c in text):
        raise Unusable(
            f"{quoted(text)} cannot be a profile of the AWS configuration",
            "write its name as `aws configure list-profiles` shows it",
        )
    return text


def _affix(text: str) -> str:
    rest = text.lower().replace(TEMPLATE, "")
    if "%" in rest or "{" in rest:
        raise Unusable(f"{quoted(text)} has a placeholder that ExternalDNS does not know", f"use `{TEMPLATE}` or none")
    if len(text) > _MAX_LABEL_TEXT or any(not (c.isascii() and (c.isalnum() or c in "._-")) for c in rest):
        raise Unusable(
            f"{quoted(text)} cannot be part of a domain name",
            f"write the value of the flag: at most {_MAX_LABEL_TEXT} letters, digits, `.`, `_`, `-` and `{TEMPLATE}`",
        )
    return text


def _wildcard_replacement(text: str) -> str:
    if len(text) > _MAX_LABEL_TEXT or any(not (c.isascii() and (c.isalnum() or c in "_-")) for c in text):
        raise Unusable(
            f"{quoted(text)} cannot stand in for `*` in a domain name",
            "write the value of --txt-wildcard-replacement: one label of letters, digits, `_` and `-`",
        )
    return text


def _http_path(text: str) -> str:
    if not text.startswith("/"):
        raise Unusable(f"{quoted(text)} is not a path", "begin it with `/`, such as `/healthz`")
    if len(text) > _MAX_PATH or "#" in text or any(not "!" <= c <= "~" for c in text):
        raise Unusable(
            f"{quoted(text)} cannot be sent as a path",
            f"percent-encode what is not plain ASCII, leave `#…` out, and stay within {_MAX_PATH} characters",
        )
    return text


def _doh_url(text: str) -> str:
    remedy = "write it as the resolver documents it, such as `https://dns.quad9.net/dns-query`"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Unusable("the URL cannot be read", remedy) from None
    if parts.username is not None or parts.password is not None:
        raise Unusable("the URL carries credentials", "take them out: a resolver's URL is shown on pages and in logs")
    if parts.scheme != "https" or not parts.hostname or port == 0 or any(not "!" <= c <= "~" for c in text):
        raise Unusable(f"{quoted(text)} is not an https URL", remedy)
    if parts.fragment or "{" in text:
        raise Unusable(f"{quoted(text)} is a URI template or has a fragment", remedy)
    return text


def _link(text: str) -> str:
    return text and _url(text)


def _url(text: str) -> str:
    remedy = "write it as a browser shows it, such as `https://cutover.example.com`"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Unusable("the URL cannot be read", remedy) from None
    if parts.username is not None or parts.password is not None:
        raise Unusable("the URL carries credentials", "take them out: it is shown in alerts and on dashboards")
    # Quotes, braces, backticks and backslashes would end a label, a template or an attribute somewhere on its way.
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or len(text) > _MAX_PATH:
        raise Unusable(f"{quoted(text)} is not an http or https URL", remedy)
    if parts.query or parts.fragment or any(not "!" <= c <= "~" or c in "\"'`{}<>\\" for c in text):
        raise Unusable(f"{quoted(text)} has a query, a fragment or characters that do not belong into a link", remedy)
    return text.rstrip("/")


def parse_post_url(text: str) -> str:
    """Read the URL of a webhook. It may be a secret: no message repeats any of it.

    Raises:
        Unusable: It is no http or https URL, or carries what is no part of one that is posted to.
    """
    remedy = "write it as the receiver shows it, such as `https://hooks.example.com/services/...`"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Unusable("the URL cannot be read", remedy) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or len(text) > _MAX_PATH:
        raise Unusable("this is not an http or https URL", remedy)
    if parts.username is not None or parts.password is not None:
        raise Unusable("the URL carries a user's name or password", "take it out, and put a token into `token_file`")
    if parts.fragment or any(not "!" <= c <= "~" for c in text):
        raise Unusable("the URL has a fragment, or characters that have to be percent-encoded", remedy)
    return text


def _template(text: str) -> str:
    known = f"use {', '.join(f'`{{{one}}}`' for one in Placeholder)}"
    if not text.strip() or len(text) > _MAX_TEMPLATE:
        raise Unusable("the template is empty or too long", f"write 1 to {_MAX_TEMPLATE:,} characters")
    try:
        fields = [found[1:] for found in Formatter().parse(text) if found[1] is not None]
    except ValueError:
        raise Unusable("a brace of the template has no partner", "write `{{` and `}}` for braces as such") from None
    for name, form, conversion in fields:
        if name not in {one.value for one in Placeholder}:
            raise Unusable(f"the template has an unknown placeholder, {quoted(f'{{{name}}}')}", known)
        if form or conversion:
            raise Unusable(f"the placeholder {quoted(f'{{{name}}}')} takes no `:` and no `!`", "write the name alone")
    return text


def _header_name(text: str) -> str:
    if (
        not text
        or len(text) > _MAX_HEADER
        or any(not (c.isascii() and (c.isalnum() or c in "!#$%&'*+-.^_`|~")) for c in text)
    ):
        raise Unusable(
            f"{quoted(text)} is no name of an HTTP header",
            f"write the name alone, such as `x-cluster`: at most {_MAX_HEADER} letters, digits and `-`",
        )
    return text.lower()


def _header_value(text: str) -> str:
    if not text or len(text) > _MAX_HEADER or text != text.strip() or any(not " " <= c <= "~" for c in text):
        raise Unusable(
            f"{quoted(text)} cannot be compared with a header's value",
            f"write 1 to {_MAX_HEADER} characters of plain ASCII, without white space at the ends",
        )
    return text


def _user(text: str) -> str:
    if not text or len(text) > _MAX_OWNER or ":" in text or not text.isprintable():
        raise Unusable(
            f"{quoted(text)} cannot be a user's name in basic authentication",
            f"write 1 to {_MAX_OWNER} characters without a colon (RFC 7617)",
        )
    return text


def _label_name(text: str) -> str:
    if not re.fullmatch(_LABEL_NAME_PATTERN, text) or len(text) > _MAX_LABEL_TEXT:
        raise Unusable(f"{quoted(text)} cannot be a label's name", "use letters, digits and `_`, such as `cluster`")
    if text in _OWN_LABELS:
        raise Unusable(f"alerts have a label {quoted(text)} already", "choose another name")
    return text


def _label_value(text: str) -> str:
    if not text or len(text) > _MAX_OWNER or not text.isprintable():
        raise Unusable(f"{quoted(text)} cannot be a label's value", f"write 1 to {_MAX_OWNER} printable characters")
    return text


def _file(text: str) -> Path:
    if not text:
        raise Unusable("the path is empty", "write the path of the file, or take the key out")
    if not text.isprintable():
        raise Unusable("the path has characters that no path should have", "write the path as the shell shows it")
    return Path(text)


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a type annotation must be hashable, a schema is not
class Text:
    """Text that a parser checks and turns into the model's own value.

    Attributes:
        parse: Gives the value, or raises `Unusable`.
        schema: What JSON Schema can say of the text.
    """

    parse: Callable[[str], Any]
    schema: dict[str, Any] = field(default_factory=dict)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.parse, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", **self.schema}


def _matching(pattern: str, longest: int, what: str, remedy: str) -> Text:
    """Give text that a pattern tells as a whole, for the parser and for JSON Schema alike."""

    def parse(text: str) -> str:
        if len(text) > longest or not re.fullmatch(pattern, text):
            raise Unusable(f"{quoted(text)} {what}", remedy)
        return text

    return Text(parse, {"pattern": f"^{pattern}$", "maxLength": longest})


PORT_RANGE = Number(1, 65535, "port 0 cannot be asked", "ports end at 65535")

Label = Annotated[str, Text(_label, {"pattern": _LABEL_PATTERN})]
"""A name of the plan's own that becomes a metric label, a part of a URL or of a file name."""
DomainText = Annotated[DomainName, Text(_domain, {"pattern": WILDCARD_PATTERN})]
HostText = Annotated[DomainName, Text(parse_name, {"pattern": _NAME_PATTERN})]
LoadBalancerText = Annotated[DomainName, Text(parse_load_balancer, {"pattern": _NAME_PATTERN})]
ZoneText = Annotated[DomainName, Text(_zone, {"pattern": _NAME_PATTERN})]
FilterText = Annotated[DomainName, Text(parse_filter, {"pattern": _NAME_PATTERN})]
AddressText = Annotated[str, Text(parse_address, {"pattern": _ADDRESS_PATTERN})]
NetworkText = Annotated[
    IPv4Network | IPv6Network, Text(parse_network, {"pattern": _ADDRESS_PATTERN.replace("$", r"(/\d{1,3})?$")})
]
ClientSubnetText = Annotated[str, Text(parse_client_subnet, {"pattern": _ADDRESS_PATTERN.replace("$", r"/\d{1,3}$")})]
ServerEndpointText = Annotated[
    Endpoint, Text(parse_endpoint, {"anyOf": [{"pattern": ENDPOINT_PATTERN}, {"pattern": _ADDRESS_PATTERN}]})
]
ListenText = Annotated[Endpoint, Text(_listen, {"pattern": ENDPOINT_PATTERN.replace(")?$", ")$")})]
MomentText = Annotated[float, Text(parse_moment, {"pattern": MOMENT_PATTERN})]
VersionText = Annotated[tuple[int, int, int], Text(parse_version, {"pattern": VERSION_PATTERN})]
OwnerText = Annotated[str, Text(_owner, {"minLength": 1, "maxLength": _MAX_OWNER, "pattern": r"^[!#-+\-.-<>-~]+$"})]
AnnotationPrefixText = Annotated[
    str,
    _matching(
        _PREFIX_PATTERN,
        _MAX_PREFIX,
        "cannot begin an annotation",
        "write the value of the flag: a DNS name with a `/` at its end, such as `external-dns.kubernetes.io/`",
    ),
]
ZoneIdText = Annotated[
    str,
    _matching(
        _ZONE_ID_PATTERN,
        _MAX_ZONE_ID,
        "is no id of a hosted zone",
        "write it as Route 53 shows it, without `/hostedzone/`, such as `Z0123456789ABCDEFGHIJ`",
    ),
]
ContextText = Annotated[
    str,
    _matching(
        _CONTEXT_PATTERN,
        _MAX_CONTEXT,
        "cannot be used as a context",
        "write a name that `kubectl config get-contexts` shows, of letters, digits and `@:/._-`",
    ),
]
ProfileText = Annotated[str, Text(_profile, {"minLength": 1, "maxLength": _MAX_PROFILE, "pattern": r"^[^\[\]@]+$"})]
RoleText = Annotated[
    str,
    _matching(
        _ROLE_PATTERN,
        _MAX_ROLE,
        "is no ARN of a role",
        "write it as IAM shows it, such as `arn:aws:iam::123456789012:role/cutover-probe-dns`",
    ),
]
NamespaceText = Annotated[
    str,
    _matching(
        _NAMESPACE_PATTERN,
        _MAX_NAMESPACE,
        "is no namespace",
        f"write up to {_MAX_NAMESPACE} small letters, digits and hyphens, such as `external-dns`",
    ),
]
WorkloadText = Annotated[
    str,
    _matching(
        _WORKLOAD_PATTERN,
        _MAX_WORKLOAD,
        "is no Deployment, StatefulSet, DaemonSet, CronJob or Rollout",
        "write kind and name as kubectl does, such as `deployment/external-dns`",
    ),
]
AffixText = Annotated[str, Text(_affix, {"maxLength": _MAX_LABEL_TEXT})]
WildcardReplacementText = Annotated[
    str, Text(_wildcard_replacement, {"maxLength": _MAX_LABEL_TEXT, "pattern": r"^[A-Za-z0-9_-]*$"})
]
HttpPathText = Annotated[str, Text(_http_path, {"pattern": "^/[!-~]*$", "maxLength": _MAX_PATH})]
DohUrlText = Annotated[str, Text(_doh_url, {"pattern": "^https://"})]
UrlText = Annotated[str, Text(_url, {"pattern": f"^{_URL_PATTERN}$", "maxLength": _MAX_PATH})]
LinkText = Annotated[str, Text(_link, {"pattern": f"^({_URL_PATTERN})?$", "maxLength": _MAX_PATH})]
"""Where people go: the URL of a page, without a slash at the end; empty for none."""
PostUrlText = Annotated[str, Text(parse_post_url, {"pattern": "^https?://[!-~]+$", "maxLength": _MAX_PATH})]
TemplateText = Annotated[str, Text(_template, {"minLength": 1, "maxLength": _MAX_TEMPLATE})]
UserText = Annotated[str, Text(_user, {"pattern": "^[^:]+$", "maxLength": _MAX_OWNER})]
LabelNameText = Annotated[str, Text(_label_name, {"pattern": f"^{_LABEL_NAME_PATTERN}$"})]
LabelValueText = Annotated[str, Text(_label_value, {"minLength": 1, "maxLength": _MAX_OWNER})]
FileText = Annotated[Path, Text(_file, {"minLength": 1})]
HeaderText = Annotated[str, Text(_header_name, {"pattern": "^[!#-'*+.0-9A-Z^-z|~-]+$", "maxLength": _MAX_HEADER})]
HeaderValueText = Annotated[
    str, Text(_header_value, {"minLength": 1, "maxLength": _MAX_HEADER, "pattern": "^[!-~]([ -~]*[!-~])?$"})
]
