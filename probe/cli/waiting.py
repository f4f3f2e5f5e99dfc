"""What a command waits for, told on standard error: the result alone is output."""

import click

from probe.model.clock import Clock

SAME_LINE = 60.0
"""Seconds between two lines that say the same: an hour of waiting is a page of a log."""


class Waiting:
    """Lines about what is waited for, on standard error: each new reason at once, and the same one now and then.

    Args:
        clock: Tells when a line is repeated.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told = ""
        self._next = clock.now().monotonic

    def show(self, sentence: str) -> None:
        """Say what is waited for, unless that was said a moment ago."""
        now = self._clock.now().monotonic
        if sentence == self._told and now < self._next:
            return
        self._told, self._next = sentence, now + SAME_LINE
        click.echo(f"waiting: {sentence}", err=True)
