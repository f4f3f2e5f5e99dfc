"""The words of a webhook's message, and the bodies that Slack and others take. Pure.

What DNS says may be hostile, and Slack obeys what stands in angle brackets (`<!channel>`, `<https://evil|click>`), as
Mattermost obeys `@all`, and Markdown `[click](https://evil)`. Values are made harmless before they enter a template;
the template's own text is the plan's, and stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import chain
from typing import Any
from urllib.parse import quote

from probe.model.clock import Instant
from probe.model.notification import Placeholder
from probe.model.plan import Webhook, WebhookFormat
from probe.model.text import moment, rfc3339
from probe.notify.alert import annotations
from probe.notify.alert_group import AlertGroup
from probe.notify.book import StandingAlert

FIRING_TEMPLATE = "{description}\n{links}"
RESOLVED_TEMPLATE = "{subject}: over. It began at {began}."
"""Where the plan has none: of what is over nothing is to be done any more."""

LESSENED_TEMPLATE = "{subject}: no longer {severity}, but not over. It began at {began}."
"""The same of what goes on under a severity that the webhook is not told of."""

MAX_TEXT = 3_500
"""Characters of one message. Slack advises 4,000 at most; a reader in a chat has had enough before."""

MAX_ALERTS = 64
"""Alerts in one body of JSON, as in one post to an Alertmanager; `truncatedAlerts` says how many more there are."""

_STILL = "0001-01-01T00:00:00Z"
"""What Alertmanager writes as the end of an alert that has none."""


def body(webhook: Webhook, group: AlertGroup, now: Instant) -> dict[str, Any]:
    """Write what a webhook is posted about a group."""
    text = words(webhook, group)
    return {"text": text} if webhook.format is WebhookFormat.SLACK else {**_as_json(webhook, group, now), "text": text}


def words(webhook: Webhook, group: AlertGroup) -> str:
    """Write a group for people: a title, then alert by alert as far as there is room."""
    slack = webhook.format is WebhookFormat.SLACK
    title = _title(group)
    lines = [f"*{title}*" if slack else title]  # made of the plan's words: brackets and all
    ended = webhook.resolved_template
    alerts = [
        *((one, True, webhook.template or FIRING_TEMPLATE) for one in group.firing),
        *((one, False, ended or LESSENED_TEMPLATE) for one in group.lessened),
        *((one, False, ended or RESOLVED_TEMPLATE) for one in group.resolved),
    ]
    for index, (one, fires, template) in enumerate(alerts):
        text = template.format_map(_values(one, fires=fires, slack=slack)).strip()
        if index and len("\n".join(lines)) + len(text) > MAX_TEXT:
            lines.append(f"and {len(alerts) - index:,} more")
            break
        lines.append(text)
    return "\n".join(lines)


def _title(group: AlertGroup) -> str:
    """Write what it is about, as Alertmanager begins its messages."""
    key = dict(group.key)
    told = [f"FIRING:{len(group.firing)}"] if group.firing else []
    ended = (*group.lessened, *group.resolved)
    told += [f"RESOLVED:{len(ended)}"] if ended else []
    severity = dict((group.firing or ended)[0].condition.labels)["severity"]
    wave = f", wave {key['wave']}" if "wave" in key else ""
    return f"[{', '.join(told)}] {key['alertname']} ({severity}{wave})"


def _values(one: StandingAlert, *, fires: bool, slack: bool) -> Mapping[str, str]:
    """Give what stands for each placeholder, made harmless for the format."""
    labels, said = dict(one.condition.labels), annotations(one.condition)
    safe: Callable[[str], str] = _for_slack if slack else str
    page, runbook = said.get("dashboard_url", ""), said["runbook_url"]
    words = {
        Placeholder.STATUS: "firing" if fires else "resolved",
        Placeholder.ALERTNAME: labels["alertname"],
        Placeholder.SEVERITY: labels["severity"],
        Placeholder.SUBJECT: labels.get("domain") or labels.get("hosted_zone") or labels.get("vantage", ""),
        Placeholder.DOMAIN: labels.get("domain", ""),
        Placeholder.WAVE: labels.get("wave", ""),
        Placeholder.CODE: labels.get("code", ""),
        Placeholder.VANTAGE: labels.get("vantage", ""),
        Placeholder.SUMMARY: said["summary"],
        Placeholder.DESCRIPTION: said["description"],
        Placeholder.BEGAN: moment(one.since),
    }
    links = {"page": page, "runbook": runbook}
    written = [_link(name, url, slack=slack) for name, url in links.items() if url.partition("#")[0]]
    return {
        **{name.value: safe(value) for name, value in words.items()},
        Placeholder.PAGE: _url(page),
        Placeholder.RUNBOOK: _url(runbook),
        Placeholder.LINKS: " · ".join(written),
    }


def _link(name: str, url: str, *, slack: bool) -> str:
    return f"<{_url(url)}|{name}>" if slack else f"{name}: {_url(url)}"


def _url(url: str) -> str:
    """Write a URL so that nothing in it ends a link: a domain's name may hold any octet."""
    return quote(url, safe=":/#%?=~+,;@!$()[]")


def _for_slack(text: str) -> str:
    """Make a text harmless for Slack's mrkdwn and for Markdown, and leave names as they are where possible.

    Formatting begins before a word and ends after one: what could end it is replaced, so that none ever does. `*` stays
    in a wildcard's name, `_` before a word and inside it.
    """
    return _MARKUP.sub(lambda found: _LOOK_ALIKES[found[0]], text).replace("://", _NO_LINK).translate(_ENTITIES)


_MARKUP = re.compile(r"(?<=\S)\*|\*(?!\.)|(?<=\S)_(?![A-Za-z0-9])|_(?=\s|$)|[~`@\[\]]")
_NO_LINK = ":\N{DIVISION SLASH}\N{DIVISION SLASH}"
_LOOK_ALIKES = {
    "*": "\N{ASTERISK OPERATOR}",
    "_": "\N{FULLWIDTH LOW LINE}",
    "~": "\N{TILDE OPERATOR}",
    "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
    "@": "\N{FULLWIDTH COMMERCIAL AT}",
    "[": "\N{FULLWIDTH LEFT SQUARE BRACKET}",
    "]": "\N{FULLWIDTH RIGHT SQUARE BRACKET}",
}
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
"""What Slack wants escaped, and nothing else: docs of its `mrkdwn`."""


def _as_json(webhook: Webhook, group: AlertGroup, now: Instant) -> dict[str, Any]:
    """Write a group as Alertmanager's webhook_config does (version 4), for receivers that read that already."""
    alerts = [
        _alert(one, fires, now)
        for one, fires in chain(
            ((one, True) for one in group.firing), ((one, False) for one in (*group.lessened, *group.resolved))
        )
    ]
    shown = alerts[:MAX_ALERTS]
    return {
        "version": "4",
        "groupKey": f"{{}}:{{{', '.join(f'{name}={value!r}' for name, value in group.key)}}}",
        "truncatedAlerts": len(alerts) - len(shown),
        "status": "firing" if group.firing else "resolved",
        "receiver": webhook.name,
        "groupLabels": dict(group.key),
        "commonLabels": _common([one["labels"] for one in shown]),
        "commonAnnotations": _common([one["annotations"] for one in shown]),
        "externalURL": "",
        "alerts": shown,
    }


def _alert(one: StandingAlert, fires: bool, now: Instant) -> dict[str, Any]:  # noqa: FBT001  # private, one caller
    condition = one.condition
    ended = now.monotonic if one.ended is None else one.ended
    return {
        "status": "firing" if fires else "resolved",
        "labels": dict(condition.labels),
        "annotations": annotations(condition),
        "startsAt": rfc3339(one.since),
        # Not before its beginning, should the wall's clock have stepped back.
        "endsAt": _STILL if fires else rfc3339(max(one.since, now.wall - (now.monotonic - ended))),
        "generatorURL": condition.link,
        "fingerprint": sha256(repr(condition.labels).encode()).hexdigest()[:16],
    }


def _common(many: list[dict[str, str]]) -> dict[str, str]:
    return {name: value for name, value in many[0].items() if all(one.get(name) == value for one in many)}
