"""All UDP sockets behind one descriptor: the event loop is woken up by any of them, or for a moment by none.

What is calm leaves in batches, and its answers come one by one, each server's in its own time. Each would wake the loop
up, take a turn of it, and find nothing of what it needs in the processor's caches. So after questions whose answers
nobody waits for urgently the loop listens to none for `GATHERED_SECONDS`, and then takes in what has come, all at once.
When each came tells the kernel's stamp on it, so that no round trip looks longer because of it.

A server that is further away wakes the loop up as ever, and so does everything while an urgent question waits.
"""

import asyncio
import selectors
from collections.abc import Callable
from typing import TYPE_CHECKING

from probe.model.clock import AlarmClock
from probe.wire.transport.alarm import Alarm

if TYPE_CHECKING:  # sockets.py names Inbox
    from probe.wire.transport.sockets import SharedSocket

GATHERED_SECONDS = 0.04
"""Seconds for which answers to calm questions wait for each other at most: servers of one zone that are as near as
anycast ones answer a few to some tens of milliseconds apart. A surprise is seen later by that at most, which is less
than the engine's tick, for which its first round waits anyway (`probe.runtime.pulse_timer`)."""


class Inbox:
    """Tells when sockets have something to read. Belongs to the running event loop.

    Args:
        clock: Tells when a moment is over.
        drain: Reads from a socket that has something.

    Attributes:
        gathering: Nothing wakes the loop up at present; what comes waits in the sockets.
    """

    __slots__ = ("_alarm", "_drain", "_selector", "gathering")

    def __init__(self, clock: AlarmClock, drain: Callable[["SharedSocket"], None]) -> None:
        self._alarm = Alarm(clock, self._release)
        self._drain = drain
        self._selector: selectors.DefaultSelector | None = None
        self.gathering = False

    def add(self, shared: "SharedSocket") -> None:
        """Hear what comes to a socket."""
        if self._selector is None:
            self._selector = selectors.DefaultSelector()
            self._hear()
        self._selector.register(shared.socket, selectors.EVENT_READ, shared)

    def remove(self, shared: "SharedSocket") -> None:
        """Hear of a socket no more, which is still open."""
        if self._selector is not None:
            self._selector.unregister(shared.socket)

    def gather(self, now: float) -> None:
        """Let what comes until `GATHERED_SECONDS` after the monotonic second `now` be taken in together then.

        Nothing while it is waited for already: no answer waits longer than that.
        """
        if not self.gathering and self._selector is not None:
            self.gathering = True
            asyncio.get_running_loop().remove_reader(self._selector)
            self._alarm.set(now + GATHERED_SECONDS)

    def listen(self) -> None:
        """Let what comes be taken in as it comes, from now on."""
        if self.gathering:
            self._alarm.clear()
            self._hear()

    def take_in(self) -> None:
        """Take in what has come."""
        for key, _ in self._selector.select(0) if self._selector is not None else ():
            self._drain(key.data)

    def close(self) -> None:
        """Hear nothing more; all sockets are closed already."""
        self._alarm.clear()
        if self._selector is not None:
            if not self.gathering:
                asyncio.get_running_loop().remove_reader(self._selector)
            self._selector.close()
            self._selector = None
            self.gathering = False

    def _release(self) -> None:
        self.take_in()
        if self.gathering:
            self._hear()

    def _hear(self) -> None:
        self.gathering = False
        assert self._selector is not None  # noqa: S101  # there is a socket that may be heard
        asyncio.get_running_loop().add_reader(self._selector, self.take_in)
