"""The recorded reconciles of real ExternalDNS versions, as values that the lab's own can be held against.

Each line of data/external-dns-traces.jsonl is one reconcile: flags, what was desired, every batch sent to a strict
Route 53, and the zone afterwards. The zone before is found by undoing the accepted batches.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import Flags
from probe.externaldns.naming import TxtNames
from probe.externaldns.version import Version
from probe.model.external_dns import Policy
from probe.model.name import canonical
from probe.route53.records import AliasTarget, Change, ChangeAction, ResourceRecordSet

TRACES = Path(__file__).parent / "data" / "external-dns-traces.jsonl"


@dataclass(frozen=True)
class Batch:
    """One request as it was recorded; `errors` is empty when it was accepted."""

    changes: tuple[Change, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Reconcile:
    """One line."""

    scenario: str
    step: int
    instance: str
    version: Version
    flags: Flags
    encrypted: bool
    desired: tuple[DnsEndpoint, ...]
    batches: tuple[Batch, ...]
    before: frozenset[ResourceRecordSet]
    after: frozenset[ResourceRecordSet]

    @property
    def id(self) -> str:
        return f"{self.scenario.split()[0]}-{self.step}-{self.instance}"


def load() -> tuple[Reconcile, ...]:
    steps: dict[str, int] = {}
    reconciles = []
    for line in TRACES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        step = steps[row["scenario"]] = steps.get(row["scenario"], 0) + 1
        reconciles.append(_reconcile(row, step))
    return tuple(reconciles)


def _reconcile(row: Mapping[str, Any], step: int) -> Reconcile:
    zone = {record.key: record for record in map(_record, row["zone_after"] or ())}
    after = frozenset(zone.values())
    for batch in reversed(row["batches"] or ()):
        if batch["OK"]:
            _undo(zone, batch["Changes"])
    return Reconcile(
        scenario=row["scenario"],
        step=step,
        instance=row["instance"],
        version=Version.parse(row["version"]),
        flags=Flags(
            txt_owner_id=row["owner"],
            migrate_from_txt_owner=row["migrate_from"],
            policy=Policy(row["policy"]),
            names=TxtNames(row["txt_prefix"], row["txt_suffix"], row["wildcard_replacement"]),
            prefer_cname=row["prefer_cname"],
            # The one flag that the recording leaves out: S28 is about v2's being false.
            evaluate_target_health=not (row["scenario"].startswith("S28 ") and row["instance"] == "v2"),
        ),
        encrypted=row["encrypted"],
        desired=tuple(map(_endpoint, row["desired"] or ())),
        batches=tuple(map(_batch, row["batches"] or ())),
        before=frozenset(zone.values()),
        after=after,
    )


def _undo(zone: dict[Any, ResourceRecordSet], changes: Sequence[Mapping[str, Any]]) -> None:
    for change in reversed(changes):
        record = _record(change["RR"])
        if change["Action"] == "DELETE":
            zone[record.key] = record
        elif change.get("Was"):
            zone[record.key] = _record(change["Was"])
        else:
            del zone[record.key]


def _batch(row: Mapping[str, Any]) -> Batch:
    changes = tuple(Change(ChangeAction(change["Action"]), _record(change["RR"])) for change in row["Changes"])
    return Batch(changes, tuple(row.get("Errors") or ()))


def _record(row: Mapping[str, Any]) -> ResourceRecordSet:
    alias = AliasTarget(row["AliasZone"], canonical(row["Alias"]), row["Eval"]) if row["Alias"] else None
    return ResourceRecordSet(
        name=canonical(row["Name"].replace(r"\052", "*")),
        rdtype=row["Type"],
        ttl=None if alias else row["TTL"],
        values=tuple(row["Values"] or ()),
        alias=alias,
        set_identifier=row["SetID"],
        weight=row["Weight"],
    )


def _endpoint(row: Mapping[str, Any]) -> DnsEndpoint:
    target = row["Target"]
    return DnsEndpoint(
        name=canonical(row["Host"]),
        rdtype="A" if target.replace(".", "").isdigit() else "CNAME",
        targets=(target,),
        ttl=row["TTL"] or None,
        set_identifier=row["SetID"],
        weight=int(row["Weight"]) if row["Weight"] else None,
        labels={"resource": row["Resource"]},
    )
