"""Clocks apart: a daemon's moments are told by its own clock, and read beside this machine's."""

from collections.abc import Iterable
from datetime import datetime

import click

from probe.model.text import duration

CLOCKS_APART = 60.0
"""Seconds from which on it is said. A busy daemon's answer is some seconds old, and clocks that the network sets are
less than one apart. An alias' TTL, the shortest time that is told, is a minute: by that much it would be wrong."""


def clocks_apart(url: str, at: str, now: float) -> str | None:
    """Say how far a daemon's answer is from this machine's time; None where they agree, or the answer has no time.

    Args:
        url: Where it was asked.
        at: When it says that its answer is of (RFC 3339).
        now: This machine's time, in seconds since 1970.
    """
    try:
        ahead = datetime.fromisoformat(at).timestamp() - now
    except (ValueError, OverflowError):
        return None
    if abs(ahead) < CLOCKS_APART:
        return None
    if ahead > 0:
        told, why = "ahead of", "the clocks are apart"
    else:
        told, why = "behind", "the clocks are apart, or the daemon stands still"
    return (
        f"The answer of {url} is {duration(abs(ahead))} {told} this machine's clock: {why}. "
        "The times that it tells are by its own clock."
    )


def tell_of_clocks(answers: Iterable[tuple[str, str]], now: float) -> None:
    """Say it on standard error of each daemon and the time of its answer, once, at `now` seconds since 1970.

    It changes no exit status.
    """
    for sentence in dict.fromkeys(clocks_apart(url, at, now) for url, at in answers):
        if sentence is not None:
            click.echo(sentence, err=True)
