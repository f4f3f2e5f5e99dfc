"""The plan file's `http`: how the service behind a domain is checked. The defaults are the model's."""

from typing import Annotated

from pydantic import Field

from probe.config.ranges import Number, Seconds
from probe.config.schema_part import SchemaPart
from probe.config.types import PORT_RANGE, FileText, HeaderText, HeaderValueText, HttpPathText
from probe.model.plan import HttpCheck

_HTTP = HttpCheck()

STATUS = Number(100, 599, "HTTP status codes begin at 100", "HTTP status codes end at 599 (RFC 9110 section 15)")
HTTP_TIMEOUT = Seconds(0.1, 30, "no TLS handshake is that fast across regions", "a slower service is down to its users")


class IdentityFile(SchemaPart):
    """The response header by which a cluster names itself: the best proof of which cluster it is that answers."""

    header: HeaderText = Field(description="The header's name.", examples=["x-cluster"])
    v1: HeaderValueText = Field(description="Its value in answers of v1, exactly.", examples=["eks-v1"])
    v2: HeaderValueText = Field(description="Its value in answers of v2, exactly.", examples=["eks-v2"])


class HttpFile(SchemaPart):
    """How the service behind a domain is asked whether it works: by HTTPS, at each side's load balancers, past DNS."""

    path: HttpPathText = Field(
        default=_HTTP.path,
        description="What is fetched, with the domain's name in SNI and Host.",
        examples=["/healthz"],
    )
    port: Annotated[int, PORT_RANGE] = Field(default=_HTTP.port, description="The HTTPS port.")
    statuses: list[Annotated[int, STATUS]] = Field(
        default=list(_HTTP.statuses),
        min_length=1,
        max_length=20,
        description="Status codes that mean that it works; redirects are not followed, so list theirs if that is "
        "the answer.",
        examples=[[200, 204]],
    )
    timeout: Annotated[float, HTTP_TIMEOUT] = HTTP_TIMEOUT.field(
        _HTTP.timeout,
        "How long connection, TLS handshake and answer may take together.",
    )
    headers: list[HeaderText] = Field(
        default=[],
        max_length=8,
        description="Response headers to keep, to show and to compare between the sides; at most 8.",
        examples=[["server", "x-app-version"]],
    )
    identity: IdentityFile | None = Field(
        default=None, description="How a response tells which cluster it is from; another cluster's is a failure."
    )
    ca_file: FileText | None = Field(
        default=None,
        description="A file of certificates (PEM) that are trusted instead of the system's, for a CA of your own. A "
        "relative path starts at the plan's folder.",
        examples=["internal-ca.pem"],
    )
