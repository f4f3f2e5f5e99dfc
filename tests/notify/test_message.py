"""The words that reach a chat: readable, bounded, and with nothing in them that it would obey."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model.alert import AT_ONCE
from probe.model.clock import Instant
from probe.model.notification import Placeholder
from probe.model.plan import Webhook, WebhookFormat
from probe.notify.alert import Condition
from probe.notify.alert_group import AlertGroup
from probe.notify.book import StandingAlert
from probe.notify.message import body, words
from tests.snapshots import HOSTILE

MAX_ALERTS = 64
MAX_TEXT = 3_500
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

NOW = Instant(1_800_000_600.0, 600.0)
SLACK, JSON = Webhook("chat", WebhookFormat.SLACK), Webhook("pager", WebhookFormat.JSON)
ALL_PLACEHOLDERS = "|".join(f"{{{one}}}" for one in Placeholder)


def _alert(said: str, domain: str = "shop.example.com", link: str = "https://cutover.example.com") -> StandingAlert:
    labels = {"alertname": "CutoverOutage", "code": "outage", "domain": domain, "severity": "critical", "wave": "w-1"}
    page = link and f"{link}/domains/{domain}"
    condition = Condition(
        tuple(sorted(labels.items())), said, f"{domain}: {said}", "https://x.example/r#outage", None, AT_ONCE, page
    )
    return StandingAlert(condition, 1_800_000_000.0, fired=True)


def _group(*firing: StandingAlert, resolved: tuple[StandingAlert, ...] = ()) -> AlertGroup:
    return AlertGroup((("alertname", "CutoverOutage"), ("wave", "w-1")), firing, resolved)


def _slack(said: str) -> str:
    return words(SLACK, _group(_alert(said)))


def test_a_message_for_a_chat_is_a_title_the_alert_and_its_links() -> None:
    assert body(SLACK, _group(_alert("It is absent.")), NOW) == {
        "text": "*[FIRING:1] CutoverOutage (critical, wave w-1)*\n"
        "shop.example.com: It is absent.\n"
        "<https://cutover.example.com/domains/shop.example.com|page> · <https://x.example/r#outage|runbook>"
    }


def test_what_goes_on_as_a_warning_of_which_is_not_told_is_no_longer_critical_and_not_over() -> None:
    one = _alert("Stop v1's ExternalDNS.")

    assert words(SLACK, AlertGroup(_group().key, (), (), (one,))) == (
        "*[RESOLVED:1] CutoverOutage (critical, wave w-1)*\n"
        "shop.example.com: no longer critical, but not over. It began at 2027-01-15 08:00:00 UTC."
    )
    assert [alert["status"] for alert in body(JSON, AlertGroup(_group().key, (), (), (one,)), NOW)["alerts"]] == [
        "resolved"
    ]


def test_what_is_over_asks_for_nothing() -> None:
    text = words(SLACK, _group(resolved=(_alert("Stop v1's ExternalDNS."),)))

    assert text == (
        "*[RESOLVED:1] CutoverOutage (critical, wave w-1)*\n"
        "shop.example.com: over. It began at 2027-01-15 08:00:00 UTC."
    )


def test_without_an_external_url_no_page_is_linked() -> None:
    assert "|page>" not in words(SLACK, _group(_alert("It is absent.", link="")))


@pytest.mark.parametrize(
    "said",
    [
        HOSTILE,
        "<!channel> <!here> <@U024BE7LH> <https://evil.example|click>",
        "&lt;!channel&gt;",
        "@all @everyone @channel",
        "[click](https://evil.example)",
        "https://evil.example",
        "*bold* _italic_ ~struck~ `code` ```block```",
        "a*b*c __b__ **b** ~~s~~",
        "\x1b[31m\u202egnp.exe",
    ],
)
def test_nothing_that_dns_says_is_obeyed_by_a_chat(said: str) -> None:
    text = _slack(said).split("\n", 1)[1].replace("<https://x.example/r#outage|runbook>", "")
    text = re.sub(r"<https://cutover\.example\.com/[\w/.]+\|page>", "", text)

    assert not re.search(r"[<>@`~\[\]\x1b\u202e]|://", text)
    assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert not re.search(r"(?<=\S)[*_](?=\W|$)", text)  # no formatting that began would end
    assert "**" not in text


@given(st.text(max_size=200))
def test_no_text_makes_a_command_or_a_link_and_none_is_lost(said: str) -> None:
    text = _slack(said).split("\n", 1)[1]

    assert len(re.findall("[<>]", text)) == 4  # of both links
    assert json.loads(json.dumps({"text": text}))["text"] == text


@pytest.mark.parametrize("name", ["*.apps.example.com", "_dmarc.example.com", "a-_x.example.com", "b_c.example"])
def test_names_can_be_copied_as_they_are(name: str) -> None:
    assert f" {name} " in _slack(f"See {name} now.")


def test_a_name_with_any_octet_does_not_end_the_link() -> None:
    alert = _alert("It is absent.", r"a\124b\062>|<!channel>.example.com")

    (link,) = re.findall(r"<([^>|]*)\|page>", words(SLACK, _group(alert)))
    assert link == r"https://cutover.example.com/domains/a%5C124b%5C062%3E%7C%3C!channel%3E.example.com"


def test_a_template_is_the_plan_s_and_its_values_are_harmless() -> None:
    webhook = Webhook("chat", WebhookFormat.SLACK, template="*{subject}* <!here>: {summary} {{{code}}}")

    text = words(webhook, _group(_alert("<!channel> {vantage}")))

    before, said = text.split(": ")
    assert before.endswith("*shop.example.com* <!here>")
    assert re.fullmatch(r"[^<]!channel[^>] \{vantage\} \{outage\}", said)


def test_every_placeholder_has_a_value() -> None:
    firing = words(Webhook("chat", WebhookFormat.SLACK, template=ALL_PLACEHOLDERS), _group(_alert("It is absent.")))
    over = words(
        Webhook("chat", WebhookFormat.JSON, resolved_template=ALL_PLACEHOLDERS), _group(resolved=(_alert("Gone."),))
    )

    assert "|firing|" not in firing  # it stands first
    assert "\nfiring|CutoverOutage|critical|shop.example.com|shop.example.com|w-1|outage||" in firing
    assert "\nresolved|CutoverOutage|" in over
    assert over.endswith(
        "page: https://cutover.example.com/domains/shop.example.com · runbook: https://x.example/r#outage"
    )


def test_a_long_message_is_cut_between_alerts_and_says_how_many_are_left() -> None:
    text = words(SLACK, _group(*(_alert("x" * 5_000, f"app-{number}.example.com") for number in range(50))))

    assert len(text) < MAX_TEXT + 100
    assert re.search(r"^and 4\d more$", text.splitlines()[-1])


@pytest.mark.parametrize(("spare", "shown"), [(0, 2), (-1, 1)])
def test_a_message_holds_as_many_alerts_as_a_chat_takes_and_not_one_more(spare: int, shown: int) -> None:
    webhook = Webhook("chat", WebhookFormat.SLACK, template="{summary}")
    title = words(webhook, _group(_alert(""), _alert(""))).splitlines()[0]
    first = "x" * 1_800
    second = "y" * (MAX_TEXT - len(f"{title}\n{first}") - spare)

    text = words(webhook, _group(_alert(first), _alert(second)))

    assert text.splitlines()[-1] == (second if shown == 2 else "and 1 more")


def test_one_alert_is_shown_however_long_it_is() -> None:
    webhook = Webhook("chat", WebhookFormat.SLACK, template="{description}" * 5)

    assert "more" not in words(webhook, _group(_alert("&" * 5_000)))


def test_json_is_what_alertmanager_posts_and_the_text_beside_it() -> None:
    shop, www = _alert("It is absent."), _alert("It was absent.", "www.example.com")._replace(ended=590.0)

    told = body(JSON, _group(shop, resolved=(www,)), NOW)

    assert told["text"].startswith("[FIRING:1, RESOLVED:1] CutoverOutage (critical, wave w-1)\nshop.example.com: It")
    assert (told["version"], told["status"], told["receiver"]) == ("4", "firing", "pager")
    assert told["groupLabels"] == {"alertname": "CutoverOutage", "wave": "w-1"}
    assert told["commonLabels"] == {
        "alertname": "CutoverOutage",
        "code": "outage",
        "severity": "critical",
        "wave": "w-1",
    }
    assert [one["status"] for one in told["alerts"]] == ["firing", "resolved"]
    assert [one["endsAt"] for one in told["alerts"]] == ["0001-01-01T00:00:00Z", "2027-01-15T08:09:50.000Z"]
    assert told["alerts"][0]["fingerprint"] != told["alerts"][1]["fingerprint"]
    assert told["truncatedAlerts"] == 0


def test_json_is_bounded_and_says_what_it_leaves_out() -> None:
    told = body(JSON, _group(*(_alert("Gone.", f"app-{number}.example.com") for number in range(MAX_ALERTS + 6))), NOW)

    assert (len(told["alerts"]), told["truncatedAlerts"]) == (MAX_ALERTS, 6)
