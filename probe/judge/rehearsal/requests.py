"""How often Route 53 is asked to change something, once an act has settled: by each ExternalDNS, for all its hosts."""

from collections.abc import Iterable
from typing import NamedTuple

from probe.externaldns.aws import BATCH_CHANGES, BATCH_OCTETS, BATCH_VALUES
from probe.judge.rehearsal.rewrite import Rewrite
from probe.model.clock import MINUTE


class SyncLoad(NamedTuple):
    """What one sync sends for some hosts that stand alike."""

    hosts: int
    step: Rewrite


class Sent(NamedTuple):
    """Requests of one sync."""

    all: int
    refused: int

    def per_minute(self, interval: float) -> "tuple[float, float]":
        """Give both, for syncs at this interval in seconds."""
        return self.all * MINUTE / interval, self.refused * MINUTE / interval


def sent(loads: Iterable[SyncLoad]) -> Sent:
    """Count the requests of one sync: batches, and what was refused once more, host by host."""
    total = refused = 0
    for hosts, bad in _batches(loads):
        total += 1
        if bad:
            refused += 1
            if hosts > 1:
                total += hosts
                refused += bad
    return Sent(total, refused)


def _batches(loads: Iterable[SyncLoad]) -> Iterable[tuple[int, int]]:
    """Give each batch's hosts, and how many of them are refused: host by host until a batch is full, as it is sent."""
    hosts = bad = changes = values = octets = 0
    for load in loads:
        step = load.step
        for _ in range(load.hosts if step.changes else 0):
            full = (
                changes + step.changes > BATCH_CHANGES
                or values + step.values > BATCH_VALUES
                or octets + step.octets > BATCH_OCTETS
            )
            if hosts and full:
                yield hosts, bad
                hosts = bad = changes = values = octets = 0
            hosts += 1
            bad += bool(step.refusals)
            changes += step.changes
            values += step.values
            octets += step.octets
    if hosts:
        yield hosts, bad
