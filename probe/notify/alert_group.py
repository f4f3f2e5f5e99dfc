"""Which messages a webhook is owed: alerts in groups, told when something about a group is new.

An Alertmanager groups, waits, repeats and inhibits by itself. Without one, these are the settings of the route that
docs/alerts.md recommends: the same night makes the same number of messages either way. Pure.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from probe.model.alert import alert_name
from probe.model.clock import Instant
from probe.model.finding import FindingCode, Severity
from probe.notify.alert import Labels
from probe.notify.book import Book, Phase, StandingAlert

GROUP_BY = ("alertname", "wave")
"""One message for what happens to a wave, however many of its domains it happens to."""

GROUP_WAIT = 10.0
"""Seconds for which a group that is new waits for more of its kind; none that has a critical alert waits."""

GROUP_INTERVAL = 60.0
"""Seconds between two messages about one group, when there is something new of it."""

REPEAT_INTERVAL = 14_400.0
"""Seconds after which a group that goes on firing is told once more: four hours, so that the next shift hears of it."""

MAX_TOLD_GROUPS = 1_024
"""Groups that are remembered as told: thirty alerts for thirty waves. The oldest is forgotten first."""

_FIGHTS = frozenset(alert_name(code) for code in FindingCode if code.startswith("fight-") or code == "flip-flop")
_BROUGHT_BY_A_FIGHT = frozenset(map(alert_name, ("outage", "family-split", "reverted", "premature")))
"""What comes and goes with a fight, by turns."""


class AlertGroup(NamedTuple):
    """What is to be told of one group.

    Attributes:
        key: Its labels.
        firing: What holds, the gravest first, and of these the oldest.
        resolved: What was told to hold, and is over.
        lessened: What was told to hold, and goes on under a severity of which is not told.
    """

    key: Labels
    firing: tuple[StandingAlert, ...]
    resolved: tuple[StandingAlert, ...]
    lessened: tuple[StandingAlert, ...] = ()

    @property
    def critical(self) -> bool:
        """Whether somebody is to be woken."""
        return any(_severity(one) == Severity.CRITICAL for one in self.firing)


class ToldGroup(NamedTuple):
    """A group as it was last told.

    Attributes:
        alerts: What was said to hold.
        at: Monotonic second of it.
    """

    alerts: Mapping[Labels, StandingAlert]
    at: float


Told = Mapping[Labels, ToldGroup]


def grouped(book: Book, told: Told, severities: Collection[str], now: Instant) -> Iterator[AlertGroup]:
    """Give every group that has anything to tell: now, later or again.

    Args:
        book: What stands.
        told: What was told.
        severities: Alerts of these are told.
        now: The moment at which it is looked.
    """
    standing = {labels: one for labels, one in book.items() if one.phase(now) is Phase.FIRING}
    firing: dict[Labels, list[StandingAlert]] = {}
    for one in _audible(standing.values()):
        if _severity(one) in severities:
            firing.setdefault(key_of(one.condition.labels), []).append(one)
    for key in dict.fromkeys((*firing, *told)):
        before = told[key].alerts if key in told else {}
        gone = {labels: one for labels, one in before.items() if labels not in standing}
        now_as = {labels: _severities_of(labels, standing) for labels in gone}
        over = tuple(book.get(labels, one) for labels, one in gone.items() if not now_as[labels])
        less = tuple(one for labels, one in gone.items() if now_as[labels] and not now_as[labels] & {*severities})
        holds = tuple(
            sorted(firing.get(key, ()), key=lambda one: (_severity(one).rank, one.since, one.condition.labels))
        )
        if holds or over or less:
            yield AlertGroup(key, holds, over, less)


def due(group: AlertGroup, before: ToldGroup | None, waited: float, now: Instant) -> bool:
    """Tell whether a group is to be told now.

    Args:
        group: What there is to tell.
        before: How it was last told; None when it never was.
        waited: Seconds since it was first seen, of one that never was told.
        now: The moment.
    """
    if before is None:
        return group.critical or waited >= GROUP_WAIT
    since = now.monotonic - before.at
    news = group.resolved or group.lessened or any(one.condition.labels not in before.alerts for one in group.firing)
    return since >= (GROUP_INTERVAL if news else REPEAT_INTERVAL)


def take(told: Told, group: AlertGroup, now: Instant) -> dict[Labels, ToldGroup]:
    """Take down that a group was told. One that is over is forgotten: its end is told once."""
    before = told[group.key].alerts if group.key in told else {}
    over = {one.condition.labels for one in (*group.resolved, *group.lessened)}
    told_anew = {_but_severity(one.condition.labels) for one in group.firing}
    alerts = {  # what a fight silences meanwhile stays
        labels: one for labels, one in before.items() if labels not in over and _but_severity(labels) not in told_anew
    }
    alerts |= {one.condition.labels: one for one in group.firing}
    after = {key: one for key, one in told.items() if key != group.key}
    if alerts:
        after[group.key] = ToldGroup(alerts, now.monotonic)
    while len(after) > MAX_TOLD_GROUPS:
        del after[min(after, key=lambda key: after[key].at)]
    return after


def key_of(labels: Labels) -> Labels:
    """Give the group that an alert belongs to."""
    return tuple((name, value) for name, value in labels if name in GROUP_BY)


def _audible(standing: Iterable[StandingAlert]) -> Iterator[StandingAlert]:
    """Leave out what a worse alert of the same domain silences: both inhibition rules of docs/alerts.md."""
    alerts = tuple(standing)
    critical = {_place(one) for one in alerts if _severity(one) == Severity.CRITICAL}
    fought = {_place(one) for one in alerts if _name(one) in _FIGHTS}
    for one in alerts:
        place = _place(one)
        lesser = place in critical and _severity(one) != Severity.CRITICAL
        if not lesser and not (place in fought and _name(one) in _BROUGHT_BY_A_FIGHT):
            yield one


def _severities_of(labels: Labels, standing: Collection[Labels]) -> set[Severity]:
    """Give the other severities under which an alert stands: its finding has become graver, or less grave."""
    own = ("severity", dict(labels)["severity"])
    changed = {one: tuple(("severity", one.value) if pair == own else pair for pair in labels) for one in Severity}
    return {one for one, other in changed.items() if other != labels and other in standing}


def _but_severity(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] != "severity")


def _place(one: StandingAlert) -> tuple[str, str]:
    labels = dict(one.condition.labels)
    return labels.get("domain", ""), labels.get("wave", "")


def _severity(one: StandingAlert) -> Severity:
    return Severity(dict(one.condition.labels)["severity"])


def _name(one: StandingAlert) -> str:
    return dict(one.condition.labels)["alertname"]
