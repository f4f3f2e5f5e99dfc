"""Watches on every kind of a cluster that was listed: their events are folded into what is held, whoever reads it.

All of it happens on one event loop of the reading's own thread, which runs only while `run_for` does. A watch lasts for
a minute at most: the API server ends it, and it is opened anew where it ended. So a way that is dead is noticed, and
credentials that have expired, and a quiet cluster is known to be alive. Bookmarks keep its place in the cluster's
history young. As often it is asked whether it has kinds by now that it did not list.
"""

import asyncio
from collections.abc import Sequence
from time import thread_time

import httpx

from probe.inventory.origin import named
from probe.inventory.reading.api_server import is_compressed
from probe.inventory.reading.kubeconfig import KubeContext
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.witnesses.held_cluster import EventFold, HeldCluster, Watchable
from probe.inventory.witnesses.sentence import sentence_of
from probe.inventory.witnesses.unlisted_kinds import OBJECT_OCTETS, first_listable
from probe.judge.polling.readings import BUSY_SHARE
from probe.model.clock import Clock, Instant, earliest
from probe.model.testimony import WatchEnd

SPREAD = 0.03
"""By so much of its length each kind's watch is shorter than the one before: a dozen are not opened anew at once."""

SHORTEST_SECONDS = 1.0
"""Of a watch: one that the API server ends sooner is opened again no sooner."""

BATCH_SECONDS = 0.01
"""Of CPU, after which folding rests for as long as its share of a core wants."""

_NO_ANSWER_SECONDS = 15.0
"""Beyond a watch's length, after which its silence is a dead way."""

_UNWATCHABLE = frozenset({httpx.codes.FORBIDDEN, httpx.codes.METHOD_NOT_ALLOWED})


class ClusterWatch:
    """The watches of one cluster. Made and closed on the loop that runs them.

    Args:
        context: Which cluster, and as whom.
        client: Asks it.
        held: Takes the events.
        clock: Tells when there was a sign of life.
        seconds: How long a watch lasts, and after which it is looked for kinds that were not listed.

    Attributes:
        changed: When the first change came that nobody has read yet; None where all is read.
        end: Why there is nothing more to come; None while there is.
    """

    def __init__(
        self, context: KubeContext, client: httpx.AsyncClient, held: HeldCluster, clock: Clock, seconds: float
    ) -> None:
        self.changed: Instant | None = None
        self.end: WatchEnd | None = None
        self._context = context
        self._client = client
        self._held = held
        self._clock = clock
        self._seconds = seconds
        self._looking: asyncio.Task[WatchEnd | None] | None = None
        self._looks_at = clock.now().monotonic + seconds
        self._signs: dict[str, Instant] = {}
        self._folding = asyncio.Lock()
        self._spent = 0.0
        kinds = held.watchable
        self._tasks = [
            asyncio.create_task(self._keep(kind, seconds * (1 - SPREAD * place))) for place, kind in enumerate(kinds)
        ]

    @property
    def alive(self) -> Instant | None:
        """The latest moment at which every watch is known to have lived; None before all of them are open."""
        return earliest(self._signs.values()) if len(self._signs) == len(self._tasks) else None

    async def run_for(self, seconds: float) -> None:
        """Let events come for so long, or until there will be none any more."""
        self._begin_look()
        pause = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait([pause, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
        for task in self._tasks:
            if task.done() and self.end is None:
                self.end = _end_of(task.exception(), self._context)
        self._hear_look()

    async def aclose(self) -> None:
        """End every watch."""
        running = self._tasks if self._looking is None else [*self._tasks, self._looking]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._client.aclose()

    def _begin_look(self) -> None:
        """Look whether kinds can be listed by now that could not be, if that is due and none is under way."""
        now = self._clock.now().monotonic
        if self._looking is None and now >= self._looks_at:
            self._looks_at = now + self._seconds
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> WatchEnd | None:
        found = await first_listable(self._client, self._held.unlisted)
        if found is None:
            return None
        return WatchEnd(f"The cluster has {named(found.plural)} by now, or lets them be listed.")

    def _hear_look(self) -> None:
        """End where a kind can be listed by now, so that all is listed anew."""
        if self._looking is not None and self._looking.done():
            self.end = self.end or self._looking.result()
            self._looking = None

    async def _keep(self, kind: Watchable, seconds: float) -> None:
        """Watch one kind, one watch after the other."""
        while True:
            begun = self._clock.now()
            await self._watch(kind, seconds)
            lasted = self._clock.now().monotonic - begun.monotonic
            if lasted < SHORTEST_SECONDS:
                await self._clock.sleep(SHORTEST_SECONDS - lasted)

    async def _watch(self, kind: Watchable, seconds: float) -> None:
        """Watch one kind until the API server ends it; raise what makes a list necessary."""
        name = kind.resource.kind
        parameters = {
            "watch": "true",
            "resourceVersion": self._held.resource_version(name),
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, round(seconds))),
        }
        async with self._client.stream("GET", kind.path, params=parameters) as response:
            if response.status_code != httpx.codes.OK:
                raise _Refused(kind, response.status_code)
            if is_compressed(response):
                raise UnreadableSource(f"the watch of {named(kind.path)} is compressed")
            self._signs[name] = self._clock.now()
            rest = bytearray()
            async for piece in response.aiter_bytes():
                rest += piece
                if b"\n" in piece:
                    *lines, rest = rest.split(b"\n")
                    await self._fold(kind, lines)
                if len(rest) > OBJECT_OCTETS:
                    raise UnreadableSource(f"an event of {named(kind.path)} is larger than {OBJECT_OCTETS:,} octets")
            self._signs[name] = self._clock.now()

    async def _fold(self, kind: Watchable, lines: Sequence[bytes | bytearray]) -> None:
        """Fold some events, one after the other, and rest when that has taken its share."""
        name = kind.resource.kind
        async with self._folding:
            for line in lines:
                begun = thread_time()
                folded = self._held.fold(name, bytes(line)) if line else EventFold.UNCHANGED
                self._spent += thread_time() - begun
                self._signs[name] = self._clock.now()
                match folded:
                    case EventFold.CHANGED:
                        self.changed = self.changed or self._signs[name]
                    case EventFold.GONE:
                        raise _Refused(kind, httpx.codes.GONE)
                    case EventFold.REFUSED:
                        raise UnreadableSource(f"the watch of {named(kind.resource.plural)} ended with an error")
                    case EventFold.UNCHANGED:
                        pass
                if self._spent >= BATCH_SECONDS:
                    rest, self._spent = self._spent * (1 / BUSY_SHARE - 1), 0.0
                    await self._clock.sleep(rest)


class _Refused(Exception):  # noqa: N818  # the API server's word for it
    """The API server does not watch a kind."""

    def __init__(self, kind: Watchable, status: int) -> None:
        super().__init__(status)
        self.plural = kind.resource.plural
        self.status = status


def watching_client(context: KubeContext, seconds: float) -> httpx.AsyncClient:
    """Give a client for watches of so many seconds.

    Raises:
        UnreadableSource: Its certificates cannot be used.
    """
    return context.client(seconds + _NO_ANSWER_SECONDS)


def _end_of(error: BaseException | None, context: KubeContext) -> WatchEnd:
    """Say why a watch has ended.

    Raises:
        BaseException: What no far side can do.
    """
    match error:
        case _Refused(status=status, plural=plural) if status in _UNWATCHABLE:
            return WatchEnd(
                f"{named(plural)} may not be watched ({status:d}), so that the cluster is read at its "
                "interval only: allow `watch` by the ClusterRole of docs/discover.md.",
                is_refused=True,
            )
        case _Refused(status=httpx.codes.GONE):
            return WatchEnd("The API server does not keep what came since it was read (410).")
        case _Refused(status=status, plural=plural):
            return WatchEnd(f"{named(plural)} is not watched: the API server answered {status:d}.")
        case UnreadableSource():
            return WatchEnd(sentence_of(str(error)))
        case httpx.HTTPError():
            return WatchEnd(f"The API server of {named(context.name)} broke off: {named(error)}.")
        case None:
            return WatchEnd("The watch has ended.")
        case _:
            raise error
