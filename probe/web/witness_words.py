"""How witnesses beside DNS fare, and what a plan lacks beside them, in sentences for every page."""

from probe.model.clock import Instant
from probe.model.name import display
from probe.model.snapshot import Snapshot
from probe.model.testimony import Knowledge, WitnessStatus
from probe.model.text import duration, plural

NAMED_HOSTS = 5
"""Hosts that a sentence names: `/api/v1/status` has more of them."""

_WORTH = {
    Knowledge.AWAITED: "not known since the start",
    Knowledge.CURRENT: "current",
    Knowledge.OLD: "old: nothing new is concluded from it",
    Knowledge.FORGOTTEN: "forgotten: not known",
}


def silence_words(one: WitnessStatus, now: Instant) -> str:
    """Say that a witness cannot be read, why, and what that means; nothing while it can."""
    if one.up is not False:
        return ""
    last = "It was never read since the start."
    if one.read is not None:
        last = f"It was read last {_ago(one.read, now)} ago."
    if one.knowledge is Knowledge.FORGOTTEN:
        last += " What it said is forgotten."
    return f"The witness {one.name} cannot be read. {one.error} {last} No verdict rests on it."


def lacking_words(snapshot: Snapshot) -> list[str]:
    """Say which hosts each cluster wants that the plan does not have; nothing of one that wants no other."""
    return [_lacking(one) for one in snapshot.witnesses if one.lacking_count]


def worth_words(one: WitnessStatus, now: Instant) -> str:
    """Say what a witness' word is worth, and of when it is."""
    worth = _WORTH[one.knowledge]
    if one.read is None:
        return worth
    return f"{worth}, {'watched, and heard' if one.watched else 'read'} {_ago(one.read, now)} ago"


def _lacking(one: WitnessStatus) -> str:
    count = one.lacking_count or 0
    hosts = ", ".join(display(host) for host in one.lacking[:NAMED_HOSTS])
    more = f" and {count - NAMED_HOSTS:,} more" if count > NAMED_HOSTS else ""
    return (
        f"The plan lacks {plural(count, 'host')} that {one.name} wants: {hosts}{more}. This probe does not watch them."
    )


def _ago(at: Instant, now: Instant) -> str:
    return duration(max(0.0, now.monotonic - at.monotonic))
