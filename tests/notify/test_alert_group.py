"""Which messages a night makes: grouped, not too often, and the end once."""

from collections.abc import Iterable

import pytest

from probe.model.alert import AT_ONCE
from probe.model.clock import Instant
from probe.model.plan import Webhook
from probe.notify.alert import Condition, Labels
from probe.notify.alert_group import AlertGroup, Told, ToldGroup, due, grouped, take
from probe.notify.book import StandingAlert, follow

GROUP_INTERVAL = 60.0
GROUP_WAIT = 10.0
MAX_TOLD_GROUPS = 1_024
REPEAT_INTERVAL = 14_400.0
MAX_STANDING = 2_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SEVERITIES = Webhook("chat").severities
KEEP = AT_ONCE.keep
WALL = 1_800_000_000.0


def _alert(name: str, domain: str = "shop.example.com", severity: str = "critical", wave: str = "wave-2") -> Condition:
    labels = {"alertname": name, "domain": domain, "severity": severity, "wave": wave}
    return Condition(tuple(sorted(labels.items())), "", "", "", None, AT_ONCE, "")


class _Night:
    """Looks once a second at what holds, takes down what is told, and gives each message as its counts."""

    def __init__(self, severities: frozenset[str] = SEVERITIES) -> None:
        self.second = 0.0
        self.told: Told = {}
        self.messages: list[AlertGroup] = []
        self._severities = severities
        self._book: dict[Labels, StandingAlert] = {}
        self._first_seen: dict[Labels, float] = {}

    def hold(self, conditions: Iterable[Condition], seconds: float) -> list[tuple[float, str, int, int]]:
        messages, held = [], tuple(conditions)
        for _ in range(int(seconds)):
            now = Instant(WALL + self.second, self.second)
            self._book = follow(self._book, held, now)
            groups = list(grouped(self._book, self.told, self._severities, now))
            self._first_seen = {one.key: self._first_seen.get(one.key, self.second) for one in groups}
            for one in groups:
                if due(one, self.told.get(one.key), self.second - self._first_seen[one.key], now):
                    self.told = take(self.told, one, now)
                    ended = len(one.resolved) + len(one.lessened)
                    messages.append((self.second, dict(one.key)["alertname"], len(one.firing), ended))
                    self.messages.append(one)
            self.second += 1.0
        return messages


def test_what_is_critical_is_told_at_once_and_its_end_once() -> None:
    night = _Night()

    assert night.hold([_alert("CutoverOutage")], 30) == [(0.0, "CutoverOutage", 1, 0)]
    assert night.hold([], 3600) == [(30.0 + KEEP, "CutoverOutage", 0, 1)]
    assert night.told == {}


def test_a_warning_waits_for_others_of_its_kind() -> None:
    night = _Night()

    assert night.hold([_alert("CutoverUnowned", "a.example.com", "warning")], GROUP_WAIT - 1) == []
    both = [_alert("CutoverUnowned", name, "warning") for name in ("a.example.com", "b.example.com")]
    assert night.hold(both, 600) == [(GROUP_WAIT, "CutoverUnowned", 2, 0)]


def test_what_comes_later_is_told_with_its_group_no_more_often_than_the_interval() -> None:
    night = _Night()
    three = [_alert("CutoverOutage", f"{name}.example.com") for name in "abc"]

    messages = [message for count in (1, 2, 3) for message in night.hold(three[:count], 10)] + night.hold(three, 200)
    assert messages == [(0.0, "CutoverOutage", 1, 0), (GROUP_INTERVAL, "CutoverOutage", 3, 0)]


def test_waves_and_alerts_are_groups_of_their_own() -> None:
    alerts = [_alert("CutoverOutage"), _alert("CutoverOutage", wave="wave-3"), _alert("CutoverReverted")]

    assert len(_Night().hold(alerts, 1)) == 3


def test_what_goes_on_is_told_again_after_four_hours_and_nothing_in_between() -> None:
    seconds = [second for second, *_ in _Night().hold([_alert("CutoverOutage")], REPEAT_INTERVAL + 2)]

    assert seconds == [0.0, REPEAT_INTERVAL]


def test_a_finding_that_flaps_is_one_message() -> None:
    night = _Night()
    messages = []
    for turn in range(40):
        messages += night.hold([_alert("CutoverOutage")] if turn % 2 == 0 else [], 30)

    assert messages == [(0.0, "CutoverOutage", 1, 0)]


def test_one_of_two_that_ends_is_told_beside_the_one_that_holds() -> None:
    night = _Night()
    both = [_alert("CutoverOutage", f"{name}.example.com") for name in "ab"]
    night.hold(both, 10)

    assert night.hold(both[:1], 1000) == [(10.0 + KEEP, "CutoverOutage", 1, 1)]


@pytest.mark.parametrize("name", ["CutoverOutage", "CutoverFamilySplit", "CutoverReverted", "CutoverPremature"])
def test_a_fight_silences_what_it_brings_with_it(name: str) -> None:
    assert [message[1] for message in _Night().hold([_alert(name), _alert("CutoverFightSameOwner")], 60)] == [
        "CutoverFightSameOwner"
    ]


def test_what_is_critical_silences_warnings_of_its_domain_and_of_no_other() -> None:
    warned = [_alert("CutoverUnowned", name, "warning") for name in ("shop.example.com", "www.example.com")]

    told = _Night().hold([*warned, _alert("CutoverDeadTarget")], 60)

    assert told == [(0.0, "CutoverDeadTarget", 1, 0), (GROUP_WAIT, "CutoverUnowned", 1, 0)]


def test_one_that_a_fight_silences_after_it_was_told_is_not_over() -> None:
    night = _Night()
    outage, fight = _alert("CutoverOutage"), _alert("CutoverFlipFlop")
    night.hold([outage], 10)

    assert night.hold([outage, fight], 300) == [(10.0, "CutoverFlipFlop", 1, 0)]
    assert [message[1:] for message in night.hold([], 600)] == [("CutoverOutage", 0, 1), ("CutoverFlipFlop", 0, 1)]


SPLIT = "CutoverFamilySplit"


def test_what_becomes_critical_is_told_once_more_and_its_warning_is_not_told_to_be_over() -> None:
    night = _Night()
    night.hold([_alert(SPLIT, severity="warning")], 200)

    assert night.hold([_alert(SPLIT)], 3000) == [(200.0, SPLIT, 1, 0)]
    assert night.hold([], 3600) == [(3200.0 + KEEP, SPLIT, 0, 1)]
    assert night.told == {}


def test_what_becomes_critical_and_ends_while_its_warning_is_kept_is_over_once() -> None:
    night = _Night()
    night.hold([_alert(SPLIT, severity="warning")], 100)
    night.hold([_alert(SPLIT)], 100)

    assert night.hold([], 3600) == [(200.0 + KEEP, SPLIT, 0, 1)]


def test_what_is_critical_no_longer_is_told_as_what_it_is_now_and_not_to_be_over() -> None:
    night = _Night()
    night.hold([_alert(SPLIT)], 200)

    assert night.hold([_alert(SPLIT, severity="warning")], 3000) == [(200.0 + KEEP, SPLIT, 1, 0)]
    assert night.hold([], 3600) == [(3200.0 + KEEP, SPLIT, 0, 1)]


def test_who_is_told_of_critical_alerts_only_hears_that_one_is_none_any_more() -> None:
    night = _Night(frozenset({"critical"}))
    night.hold([_alert(SPLIT)], 200)

    assert night.hold([_alert(SPLIT, severity="warning")], 3000) == [(200.0 + KEEP, SPLIT, 0, 1)]
    assert [one.lessened for one in night.messages[-1:]] != [()]
    assert night.hold([], 3600) == []


def test_what_is_less_grave_while_a_fight_silences_it_is_over_only_when_it_is() -> None:
    night = _Night()
    night.hold([_alert(SPLIT)], 100)
    fight = _alert("CutoverFlipFlop")
    first = night.hold([_alert(SPLIT, severity="warning"), fight], 3000)
    assert first == [(100.0, "CutoverFlipFlop", 1, 0)]

    assert night.hold([fight], 600) == [(3100.0 + KEEP, SPLIT, 0, 1)]


def test_the_gravest_of_a_group_comes_first() -> None:
    night = _Night()
    night.hold([_alert(SPLIT, "a.example.com", "warning")], 30)
    night.hold([_alert(SPLIT, "a.example.com", "warning"), _alert(SPLIT, "b.example.com")], 100)

    assert [dict(one.condition.labels)["domain"] for one in night.messages[-1].firing] == [
        "b.example.com",
        "a.example.com",
    ]


def test_severities_that_were_not_asked_for_are_not_told() -> None:
    assert _Night().hold([_alert("CutoverDefaultOwner", severity="info")], 60) == []


def test_a_group_that_could_not_be_told_for_an_hour_still_hears_of_the_end() -> None:
    alert = _alert("CutoverOutage")
    standing = StandingAlert(alert, WALL, fired=True)
    told: dict[tuple[tuple[str, str], ...], ToldGroup] = {
        (("alertname", "CutoverOutage"), ("wave", "wave-2")): ToldGroup({alert.labels: standing}, 0.0)
    }

    (group,) = grouped({}, told, SEVERITIES, Instant(WALL + 9999, 9999.0))

    assert (len(group.firing), len(group.resolved)) == (0, 1)


def test_what_is_remembered_is_bounded() -> None:
    told: Told = {}
    for number in range(MAX_TOLD_GROUPS + 10):
        alert = StandingAlert(_alert("CutoverOutage", wave=f"wave-{number}"), WALL, fired=True)
        group = AlertGroup((("alertname", "CutoverOutage"), ("wave", f"wave-{number}")), (alert,), ())
        told = take(told, group, Instant(WALL, float(number)))

    assert len(told) == MAX_TOLD_GROUPS
    assert min(one.at for one in told.values()) == 10.0


def test_all_that_may_stand_is_told_in_one_message_of_a_wave() -> None:
    night = _Night()

    many = [_alert("CutoverOutage", f"app-{number}.example.com") for number in range(MAX_STANDING)]

    assert night.hold(many, 1) == [(0.0, "CutoverOutage", MAX_STANDING, 0)]
