"""What a cluster holds, as it was listed and as its events have changed it since: the pure part of watching it."""

import json
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, NamedTuple

from probe.inventory.reading.api_server import RESOURCES, ItemReader, Resource
from probe.inventory.reading.node import MAX_DEPTH, Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.pared import pared


class EventFold(Enum):
    """What an event has done."""

    CHANGED = auto()
    """Something that is read is different, new or gone."""
    UNCHANGED = auto()
    """Nothing that is read is different: a bookmark, or one of the many updates of what nobody here reads."""
    GONE = auto()
    """The API server does not keep what came since (410): the cluster has to be listed anew."""
    REFUSED = auto()
    """The watch ended with another error, or this is no event."""


class Watchable(NamedTuple):
    """A kind that was listed.

    Attributes:
        resource: Which.
        path: Where it was listed, and is watched.
        version: Of the objects, such as `networking.k8s.io/v1`.
    """

    resource: Resource
    path: str
    version: str


class _HeldKind:
    __slots__ = ("objects", "path", "resource", "resource_version", "version")

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.path = ""
        self.version = ""
        self.resource_version = ""
        self.objects: dict[tuple[str, str], bytes] = {}


class HeldCluster:
    """Every object of a cluster of which something is read, pared down and packed.

    A list goes in by `take` and `listed` (`probe.inventory.reading.api_server.ListSink`), and then an event after the
    other by `fold`. Packed, 10,000 Ingresses are some MiB; they are unpacked for each reading.

    Args:
        cluster: The context's name.
        octets: What may be held.

    Attributes:
        listing: What is to be said of the list: kinds that were not read, and notices.
    """

    def __init__(self, cluster: str, octets: int) -> None:
        self.listing = Objects()
        self._cluster = cluster
        self._most = octets
        self._octets = 0
        self._kinds: dict[str, _HeldKind] = {}

    @property
    def is_full(self) -> bool:
        """Whether more came than may be held, so that some of it is missing."""
        return self._octets > self._most

    @property
    def octets(self) -> int:
        """What is held."""
        return self._octets

    @property
    def watchable(self) -> tuple[Watchable, ...]:
        """The kinds that were listed to their end; none where the API server does not say as of when they are."""
        listed = [one for one in self._kinds.values() if one.path]
        if not all(one.resource_version for one in listed):
            return ()
        return tuple(Watchable(one.resource, one.path, one.version) for one in listed)

    @property
    def unlisted(self) -> tuple[Resource, ...]:
        """The kinds that were not listed to their end: the cluster has none of them, or does not allow it."""
        return tuple(one for one in RESOURCES if one.kind not in self._kinds or not self._kinds[one.kind].path)

    def take(self, resource: Resource, version: str, item: dict[str, Any]) -> None:
        """Take an object of a list."""
        kind = self._kinds.setdefault(resource.kind, _HeldKind(resource))
        kind.version = version
        self._put(kind, item)

    def listed(self, resource: Resource, path: str, resource_version: str) -> None:
        """Hear that a kind was listed to its end; it may have no object."""
        kind = self._kinds.setdefault(resource.kind, _HeldKind(resource))
        kind.path, kind.resource_version = path, resource_version
        kind.version = kind.version or path.removeprefix("/apis/").removeprefix("/api/").rpartition("/")[0]

    def resource_version(self, kind: str) -> str:
        """Give the version after which a kind is to be watched."""
        return self._kinds[kind].resource_version

    def fold(self, kind: str, line: bytes) -> EventFold:
        """Take an event of a kind's watch, as it comes on a line."""
        try:
            event = json.loads(line)
            what, item = event["type"], event["object"]
            metadata = item.get("metadata", {})
            resource_version = metadata.get("resourceVersion")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return EventFold.REFUSED
        if what == "ERROR":
            return EventFold.GONE if item.get("code") == HTTPStatus.GONE else EventFold.REFUSED
        held = self._kinds[kind]
        match what:
            case "ADDED" | "MODIFIED":
                changed = self._put(held, item)
            case "DELETED":
                changed = self._drop(held, _key(metadata))
            case "BOOKMARK":
                changed = False
            case _:
                return EventFold.REFUSED
        if isinstance(resource_version, str) and resource_version:
            held.resource_version = resource_version
        return EventFold.CHANGED if changed else EventFold.UNCHANGED

    def objects(self, budget: Budget) -> Objects:
        """Unpack everything, in the order in which kinds are listed."""
        found = Objects(notices=list(self.listing.notices), unread=dict(self.listing.unread))
        reader = ItemReader(self._cluster, budget, found)
        for kind, version, item in self._unpacked():
            if budget.spent_values > budget.values:
                break
            reader.read(kind, version, item)
        return found

    def _unpacked(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for kind, held in self._kinds.items():
            for packed in held.objects.values():
                yield kind, held.version, json.loads(packed)

    def _put(self, held: _HeldKind, item: Mapping[str, Any]) -> bool:
        kept = pared(held.resource.kind, item)
        key = _key(item.get("metadata", {}))
        if kept is None or not key[1]:
            return self._drop(held, key)
        packed = _packed(kept)
        if packed is None:
            return self._drop(held, key)
        before = held.objects.get(key, b"")
        if packed == before:
            return False
        self._octets += len(packed) - len(before)
        if not self.is_full:
            held.objects[key] = packed
        return True

    def _drop(self, held: _HeldKind, key: tuple[str, str]) -> bool:
        before = held.objects.pop(key, None)
        if before is None:
            return False
        self._octets -= len(before)
        return True


def _packed(kept: Mapping[str, Any]) -> bytes | None:
    """Pack an object; None for one that is deeper than anything that is read, and that not everybody could unpack."""
    try:
        packed = json.dumps(kept, separators=(",", ":")).encode()
    except RecursionError:
        return None
    may_be_deep = packed.count(b"{") + packed.count(b"[") > MAX_DEPTH
    return None if may_be_deep and _is_deeper(kept, MAX_DEPTH) else packed


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return not levels or any(_is_deeper(one, levels - 1) for one in inside)


def _key(metadata: object) -> tuple[str, str]:
    if not isinstance(metadata, dict):
        return "", ""
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")
