"""The plan file's `notify`: whom findings are told directly."""

from pydantic import Field

from probe.config.schema_part import SchemaPart
from probe.config.types import FileText, LabelNameText, LabelValueText, UrlText, UserText


class BasicAuthFile(SchemaPart):
    """HTTP basic authentication."""

    username: UserText = Field(description="The user's name.", examples=["cutover-probe"])
    password_file: FileText = Field(
        description="A file with the password in its first line, read anew for every request. A relative path "
        "starts at the plan's folder.",
        examples=["alertmanager-password"],
    )


class AlertmanagerFile(SchemaPart):
    """One Alertmanager."""

    url: UrlText = Field(
        description="Where it is, without `/api/v2/alerts`. No credentials in it: use `basic_auth`.",
        examples=["http://alertmanager-operated.monitoring:9093"],
    )
    basic_auth: BasicAuthFile | None = Field(default=None, description="When it wants to know who posts.")
    ca_file: FileText | None = Field(
        default=None,
        description="A PEM file with the certificates to trust, in place of the system's. A relative path starts at "
        "the plan's folder.",
        examples=["ca.pem"],
    )


class NotifyFile(SchemaPart):
    """Whom findings are told directly, beside Prometheus' rules or where there is no Prometheus: docs/alerts.md."""

    alertmanagers: list[AlertmanagerFile] = Field(
        default=[],
        max_length=8,
        description="Every member of the Alertmanager cluster: each gets every alert, and they agree on which "
        "of them notifies. At most 8: each is a label in metrics.",
    )
    labels: dict[LabelNameText, LabelValueText] = Field(
        default={},
        max_length=16,
        description="Labels for every alert: Prometheus' `external_labels`, if its rules page as well, or the two "
        "would be two alerts.",
        examples=[{"cluster": "prod"}],
        json_schema_extra={"additionalProperties": False},
    )
