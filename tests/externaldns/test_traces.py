"""Our ExternalDNS held against every recorded reconcile of the real one."""

import base64
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from probe.externaldns.aws import SentBatch
from probe.externaldns.instance import ExternalDnsInstance
from probe.externaldns.labels import Cipher
from probe.model.name import canonical
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import Change, ChangeAction, ResourceRecordSet
from tests.externaldns.traces import Batch, Reconcile, load

RECONCILES = load()
SCENARIOS = {
    scenario: tuple(rows) for scenario, rows in itertools.groupby(RECONCILES, key=lambda reconcile: reconcile.scenario)
}


class CountingCipher:
    """Stands in for AES-256-GCM: opaque base64 that differs at every write and gives the text back."""

    def __init__(self) -> None:
        self._nonce = itertools.count()

    def encrypt(self, text: str) -> str:
        return base64.b64encode(f"{next(self._nonce):012d}{text}".encode()).decode()

    def decrypt(self, text: str) -> str | None:
        try:
            plain = base64.b64decode(text, validate=True).decode()
        except ValueError:
            return None
        return plain[12:] if plain[:12].isdigit() else None


def zone_with(records: Iterable[ResourceRecordSet]) -> HostedZone:
    zone = HostedZone(canonical("example.com"), "Z1", (canonical("ns-1.awsdns-01.org"),))
    changes = [Change(ChangeAction.CREATE, record) for record in records]
    if changes:
        zone.change(changes)
    return zone


def contents(zone: HostedZone) -> frozenset[ResourceRecordSet]:
    return frozenset(record for record in zone.record_sets() if record.rdtype not in {"NS", "SOA"})


def instance(reconcile: Reconcile, zone: HostedZone, cipher: Cipher) -> ExternalDnsInstance:
    return ExternalDnsInstance(
        version=reconcile.version,
        flags=reconcile.flags,
        source=lambda: reconcile.desired,
        zone=zone,
        cipher=cipher if reconcile.encrypted else None,
    )


def without_ciphertext(record: ResourceRecordSet) -> ResourceRecordSet:
    """The one thing that cannot be equal: a ciphertext (no plain heritage) depends on the nonce and the key."""
    if record.rdtype == "TXT" and not record.values[0].startswith('"heritage='):
        return replace(record, values=("<ciphertext>",))
    return record


def comparable(batches: Iterable[SentBatch | Batch]) -> list[tuple[list[Change], tuple[str, ...]]]:
    return [
        ([Change(change.action, without_ciphertext(change.record)) for change in batch.changes], batch.errors)
        for batch in batches
    ]


@pytest.mark.parametrize("reconcile", RECONCILES, ids=lambda reconcile: reconcile.id)
def test_a_sync_sends_the_recorded_batches_and_leaves_the_recorded_zone(reconcile: Reconcile) -> None:
    cipher = CountingCipher()
    # The recorded ciphertexts' key is lost: what the zone held is written anew by a cipher that can read it.
    before = {
        record if without_ciphertext(record) is record else recrypted(record, cipher) for record in reconcile.before
    }
    zone = zone_with(before)

    sent = instance(reconcile, zone, cipher).sync()

    assert comparable(sent) == comparable(reconcile.batches)
    assert set(map(without_ciphertext, contents(zone))) == set(map(without_ciphertext, reconcile.after))


def recrypted(record: ResourceRecordSet, cipher: Cipher) -> ResourceRecordSet:
    plain = "heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/web"
    return replace(record, values=(f'"{cipher.encrypt(plain)}"',))


@pytest.mark.parametrize("rows", SCENARIOS.values(), ids=lambda rows: rows[0].scenario.split()[0])
def test_a_whole_scenario_plays_out_in_one_zone(rows: tuple[Reconcile, ...]) -> None:
    cipher = CountingCipher()
    zone = zone_with(rows[0].before)
    for previous, reconcile in zip((rows[0], *rows), rows, strict=False):
        if previous is not reconcile and _starts_anew(previous, reconcile):
            zone = zone_with(reconcile.before)

        instance(reconcile, zone, cipher).sync()

        assert set(map(without_ciphertext, contents(zone))) == set(map(without_ciphertext, reconcile.after))


def _starts_anew(previous: Reconcile, reconcile: Reconcile) -> bool:
    """S21c and S30 try their variants in a fresh zone each."""
    return previous.after != reconcile.before


def test_the_recording_covers_38_scenarios_and_three_versions() -> None:
    assert len(SCENARIOS) == 38
    assert len(RECONCILES) == 136
    assert {str(reconcile.version) for reconcile in RECONCILES} == {"v0.15.1", "v0.21.0", "v0.22.0"}


def test_only_variants_tried_in_a_fresh_zone_break_a_scenario_s_thread() -> None:
    def broken(rows: tuple[Reconcile, ...]) -> Iterator[str]:
        for previous, reconcile in itertools.pairwise(rows):
            if _starts_anew(previous, reconcile):
                yield reconcile.scenario.split()[0]

    assert {name for rows in SCENARIOS.values() for name in broken(rows)} == {"S21c", "S30"}


def test_encrypted_ownership_changes_at_every_write_of_a_fight() -> None:
    rows = SCENARIOS["S20 same owner same resource, encryption on"]
    cipher = CountingCipher()
    zone = zone_with(())
    seen = []
    for reconcile in rows:
        instance(reconcile, zone, cipher).sync()
        seen.append(next(record.values for record in contents(zone) if record.name == "a-web.example.com."))

    assert len(set(seen)) == len(rows)
