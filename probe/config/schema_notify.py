"""The plan file's `notify`: whom findings are told directly."""

from typing import Literal

from pydantic import Field

from probe.config.schema_part import SchemaPart
from probe.config.types import (
    FileText,
    Label,
    LabelNameText,
    LabelValueText,
    PostUrlText,
    TemplateText,
    UrlText,
    UserText,
)
from probe.model.notification import Placeholder


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


class WebhookFile(SchemaPart):
    """One webhook: a chat, or a program that takes JSON. It is told what an Alertmanager would tell it."""

    name: Label = Field(
        description="How logs, metrics and pages call it: its URL may be a secret.", examples=["night-channel"]
    )
    format: Literal["slack", "json"] = Field(
        default="json",
        description="`slack`: text for an incoming webhook of Slack, Mattermost or Rocket.Chat. `json`: what "
        "Alertmanager posts to a webhook (version 4), and the text beside it.",
    )
    url_file: FileText | None = Field(
        default=None,
        description="A file with the URL in its first line, read anew for every message: who knows a chat's URL can "
        "post. A relative path starts at the plan's folder.",
        examples=["slack-url"],
    )
    url: PostUrlText | None = Field(
        default=None,
        description="The URL, in place of `url_file`, where it is no secret.",
        examples=["http://pager.tools:8080/hook"],
    )
    token_file: FileText | None = Field(
        default=None,
        description="A file with a token in its first line, which is sent as `Authorization: Bearer`; read anew for "
        "every message. A relative path starts at the plan's folder.",
        examples=["pager-token"],
    )
    ca_file: FileText | None = Field(
        default=None,
        description="A PEM file with the certificates to trust, in place of the system's. A relative path starts at "
        "the plan's folder.",
        examples=["ca.pem"],
    )
    severities: list[Literal["critical", "warning", "info"]] = Field(
        default=["critical", "warning"],
        min_length=1,
        max_length=3,
        description="Alerts of these severities are told. A channel that wakes people takes `[critical]`.",
        examples=[["critical"]],
    )
    template: TemplateText | None = Field(
        default=None,
        description="The text of one alert that fires, in place of the house's own. Placeholders: "
        f"{', '.join(f'`{{{one}}}`' for one in Placeholder)}.",
        examples=["*{subject}* {summary}"],
    )
    resolved_template: TemplateText | None = Field(
        default=None,
        description="The text of one alert that is over, with the same placeholders.",
        examples=["{subject} is well again."],
    )


class NotifyFile(SchemaPart):
    """Whom findings are told directly, beside Prometheus' rules or where there is no Prometheus: docs/alerts.md."""

    alertmanagers: list[AlertmanagerFile] = Field(
        default=[],
        max_length=8,
        description="Every member of the Alertmanager cluster: each gets every alert, and they agree on which "
        "of them notifies. At most 8: each is a label in metrics.",
    )
    webhooks: list[WebhookFile] = Field(
        default=[],
        max_length=8,
        description="Webhooks to tell where there is no Alertmanager. With one, let it tell them: it silences, routes "
        "and survives a restart. At most 8: each is a label in metrics.",
    )
    labels: dict[LabelNameText, LabelValueText] = Field(
        default={},
        max_length=16,
        description="Labels for every alert: Prometheus' `external_labels`, if its rules page as well, or the two "
        "would be two alerts.",
        examples=[{"cluster": "prod"}],
        json_schema_extra={"additionalProperties": False},
    )
