"""The model held against whole nights of the real programs: every accepted change, in its order, by who was running.

data/real-runs.txt has what a strict Route 53 accepted of v0.21.0, v0.22.0, and v0.22.0 with v0.23.0's registry. Who
sent a change is not recorded, and times jitter. So each recorded change has to be exactly what one sync of an instance
that runs at that moment makes of the zone as it is then.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.labels import parse
from probe.externaldns.version import V0_23_0, Version
from probe.model.external_dns import Policy
from probe.model.name import canonical
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import ResourceRecordSet

DATA = Path(__file__).parent / "data" / "real-runs.txt"
TARGETS = {side: f"{side}-1.ap-northeast-2.elb.amazonaws.com" for side in ("v1", "v2")}
NOTHING = "(batch that changed nothing)"
START = re.compile(r"(v\d): external-dns (\S+) owner=(\S+) policy=(\S+) migrate=(\S+) interval=20s")
CHANGE = re.compile(r"(\S+) (\w+)(?:/(\w+))?: (.+?) => (.+)")

Contents = Mapping[tuple[str, str, str], str]
"""What a zone holds, in the words of the file: (name, type, set identifier) to value."""


class Want(NamedTuple):
    """What a cluster wants from some second on."""

    since: float
    hosts: tuple[str, ...]
    weight: int | None = None


WANTS: Mapping[str, Mapping[str, tuple[Want, ...]]] = {
    "c23-23": {"v1": (Want(0, ("app", "stay")),), "v2": (Want(0, ("app",)),)},
    "c23_upsert-23": {"v1": (Want(0, ("app", "stay")),), "v2": (Want(0, ("app",)),)},
    # v1 wants `keep` until v2 starts, which wants it from then on.
    "e-21": {"v1": (Want(0, ("app", "keep")), Want(50, ("app", "other"))), "v2": (Want(0, ("keep",)),)},
    "e_fix-22": {"v1": (Want(0, ("app",)),), "v2": (Want(0, ("other",)),)},
    "f2-22": {"v1": (Want(0, ("app",)), Want(239.6, ("app",), 70)), "v2": (Want(0, ("app",), 30),)},
    "gh-22": {
        "v1": (Want(0, ("app",)), Want(79.4, ()), Want(247.5, ("app",))),
        "v2": (Want(0, ("app",)), Want(247.5, ())),
    },
    "c21_22-22": {"v1": (Want(0, ("app", "stay")), Want(587.1, ("stay",))), "v2": (Want(0, ("app",)),)},
}


@dataclass
class Night:
    """One run, and the zone that it is played in."""

    name: str
    zone: HostedZone = field(default_factory=lambda: HostedZone(canonical("example.com"), "Z1"))
    running: dict[str, tuple[Version, Flags]] = field(default_factory=dict)

    def play(self, at: float, kind: str, text: str) -> None:
        if kind == "ED-":
            del self.running[text.split(maxsplit=1)[0]]
        elif kind == "ED+":
            match = START.match(text)
            assert match is not None, text
            side, version, owner, policy, migrate = match.groups()
            flags = Flags(owner, "" if migrate == "None" else migrate, Policy(policy))
            self.running[side] = (V0_23_0 if version == "v0.23x" else Version.parse(version), flags)
        elif kind == "ZONE":
            recorded = dict(changes(text))
            tried = {side: self.tried(side, at) for side in self.running}
            fitting = [side for side, (told, _) in tried.items() if told == recorded]
            assert fitting, f"{at}: {recorded} is none of {tried}"
            self.zone = tried[fitting[0]][1]

    def tried(self, side: str, at: float) -> tuple[dict[tuple[str, str, str], tuple[str, str]] | None, HostedZone]:
        """Sync one instance in a copy of the zone: what it changed, None when no batch of it was accepted."""
        copy = HostedZone(self.zone.name, "Z1")
        copy._version = self.zone.version  # versions are never changed, so that both may have it
        before = contents(copy)
        version, flags = self.running[side]
        batches = ExternalDnsInstance(version, flags, lambda: self.wanted(side, at), copy).sync()
        if not any(batch.accepted for batch in batches):
            return None, copy
        after = contents(copy)
        keys = sorted({*before, *after})
        changed = {
            key: (before.get(key, "-"), after.get(key, "-")) for key in keys if before.get(key) != after.get(key)
        }
        return changed, copy

    def wanted(self, side: str, at: float) -> Iterable[DnsEndpoint]:
        want = [want for want in WANTS[self.name][side] if want.since <= at][-1]
        for host in want.hosts:
            set_id = side if want.weight is not None else ""
            resource = f"ingress/shop/{host}-example-com"
            yield ingress(f"{host}.example.com", TARGETS[side], resource, weight=want.weight, set_id=set_id)


def changes(text: str) -> Iterator[tuple[tuple[str, str, str], tuple[str, str]]]:
    _, _, told = text.partition(" ")
    for change in told.split(" | ") if told != NOTHING else ():
        match = CHANGE.fullmatch(change)
        assert match is not None, change
        name, rdtype, set_id, before, after = match.groups()
        yield (name, rdtype, set_id or ""), (before, after)


def contents(zone: HostedZone) -> Contents:
    return {record.key: value(record) for record in zone.record_sets() if record.rdtype not in {"NS", "SOA"}}


def value(record: ResourceRecordSet) -> str:
    weight = "" if record.weight is None else f" w={record.weight}"
    if record.alias is not None:
        return f"alias:{record.alias.dns_name[:2]}{weight}"
    labels = parse(record.values[0])
    assert labels is not None
    return f"[owner={labels['owner']} resource={labels['resource']}]{weight}"


def nights() -> dict[str, list[tuple[float, str, str]]]:
    found: dict[str, list[tuple[float, str, str]]] = {}
    name = ""
    for line in DATA.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            name = line[3:].partition(":")[0]
        elif not line.startswith("#"):
            at, kind, *rest = line.split(maxsplit=2)
            found.setdefault(name, []).append((float(at), kind, "".join(rest)))
    return found


NIGHTS = nights()


@pytest.mark.parametrize("name", sorted(NIGHTS))
def test_every_accepted_change_is_what_a_running_instance_makes_of_the_zone(name: str) -> None:
    night = Night(name)
    for at, kind, text in NIGHTS[name]:
        night.play(at, kind, text)


def test_the_recording_has_seven_nights_and_their_changes() -> None:
    assert set(NIGHTS) == set(WANTS)
    assert sum(kind == "ZONE" for rows in NIGHTS.values() for _, kind, _ in rows) > 100


@pytest.mark.case("A5")
def test_a_take_over_with_upsert_only_deletes_nothing_and_with_sync_deletes_at_every_sync() -> None:
    def deleted(name: str) -> int:
        rows = (dict(changes(text)) for _, kind, text in NIGHTS[name] if kind == "ZONE")
        return sum(after == "-" for row in rows for _, after in row.values())

    assert deleted("c23_upsert-23") == 0
    assert deleted("c23-23") > 20
