"""Every row of data/expected.md, played by the lab and watched by the judge: its state, its findings and no others."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from probe.judge.catalogue import CATALOGUE
from probe.model.plan import Expectation, Weights
from probe.model.side import Side
from probe.model.status import RecordState
from tests.judge.simulator import Run
from tests.lab.external_dns.traces import load
from tests.scenarios.play import Setting, play

TABLE = (Path(__file__).parent / "data" / "expected.md").read_text(encoding="utf-8")
RECORDINGS = {
    scenario: tuple(rows) for scenario, rows in itertools.groupby(load(), key=lambda reconcile: reconcile.scenario)
}

V1, V2, FLAPPING, ABSENT = RecordState.V1, RecordState.V2, RecordState.FLAPPING, RecordState.ABSENT
WEIGHTED, DIVIDED = RecordState.WEIGHTED, RecordState.DIVIDED
LONG = "x" * 58


@dataclass(frozen=True)
class Row:
    """One row for one host and one expectation.

    Attributes:
        id: That of the table.
        host: As recorded.
        final: The domain's state at the end.
        findings: Exactly the codes that are ever raised.
        through: States that it has to go through.
        expectation, weights: Of its wave.
        steps: Which reconciles of the recording are played.
        endless: The instances go on as at their last recorded reconcile.
        together: Both instances have synced once before anybody looks.
        networks: What the plan gives of a side beside its load balancer.
        records: The final states of A and AAAA, where they differ from each other.
        key: The plan has the key of encrypted TXT.
    """

    id: str
    host: str
    final: RecordState
    findings: frozenset[str] = frozenset()
    through: tuple[RecordState, ...] = ()
    expectation: Expectation = Expectation.MOVING
    weights: Weights | None = None
    steps: tuple[int, int | None] = (0, None)
    endless: bool = True
    together: bool = False
    networks: tuple[tuple[Side, str], ...] = ()
    records: tuple[RecordState, RecordState] | None = None
    key: bool = False

    def __str__(self) -> str:
        key = "-key" if self.key else ""
        return f"{self.id}-{self.host.partition('.')[0][-8:] or 'apex'}-{self.expectation}{key}"


def row(id_: str, final: RecordState, *findings: str, host: str = "web.example.com", **more: Any) -> Row:
    return Row(id_, host, final, frozenset(findings), **more)


TO_V2: dict[str, Any] = {"expectation": Expectation.V2}
SPLIT: dict[str, Any] = {"expectation": Expectation.WEIGHTED, "weights": Weights(90, 10)}

FIGHTS = (
    row("S1", FLAPPING, "fight-same-owner"),
    row("S1b", FLAPPING, "fight-same-owner"),
    row("S3", FLAPPING, "fight-delete-create", "outage", host="a.example.com"),
    row("S3", FLAPPING, "fight-delete-create", "outage", host="b.example.com"),
    row("S4", FLAPPING, "fight-same-owner", host="s.example.com"),
    row("S6", FLAPPING, "fight-mutual-migration"),
    row("S9", FLAPPING, "fight-same-owner"),
    row("S12", FLAPPING, "fight-version-mix", "family-split", steps=(0, 5), records=(FLAPPING, V2)),
    row("S15", FLAPPING, "fight-version-mix", "family-split", records=(FLAPPING, V2)),
    row("S20", FLAPPING, "fight-same-owner"),
    row("S20", FLAPPING, "fight-same-owner", key=True),
    row("S25", FLAPPING, "fight-same-owner"),
    row("S31", FLAPPING, "fight-same-owner"),
)
QUIET = (
    row("S2", V1),
    row("S2", V1, "laggard", **TO_V2),
    row("S4", V1, host="a.example.com"),
    row("S4", V2, host="b.example.com"),
    row("S5", V2, through=(V1, V2)),
    row("S7", V1, host="old.example.com"),
    row("S7", V1, "laggard", host="old.example.com", **TO_V2),
    row("S7", V2, host="web.example.com", through=(V1, V2)),
    row("S7b", V1, host="old.example.com"),
    row("S7b", V1, "laggard", host="old.example.com", **TO_V2),
    row("S8", V2, "stale-owner", host="ip.example.com", networks=((Side.V2, "192.0.2.0/24"),)),
    row("S9b", V1),
    row("S9b", V1, "laggard", **TO_V2),
    row("S10", WEIGHTED, together=True),
    row("S10", WEIGHTED, together=True, **SPLIT),
    row("S10b", V1),
    row("S10b", V1, "weights-one-sided", **SPLIT),
    row("S11", V1, steps=(0, 4)),
    row("S13", DIVIDED, "family-split", "contradicting-owners", records=(V1, V2)),
    row("S14", V2, "stale-owner", through=(V1, V2)),
    row("S19", V2, "outage", through=(V2,), endless=False),
    row("S21", V1, "unowned", host="example.com"),
    row("S21", V2, host="*.example.com", through=(V1, V2)),
    row("S21b", V1, host="example.com"),
    row("S21b", V1, host="*.example.com"),
    row("S22", V1, host="a-web.example.com"),
    row("S22", V1, host="cname-x.example.com"),
    row(
        "S22b",
        V2,
        host="ip.example.com",
        through=(V1, V2),
        networks=((Side.V1, "192.0.2.10/32"), (Side.V2, "192.0.2.20/32")),
    ),
    row("S23", V2, "stale-owner", steps=(0, 1)),
    row("S24", V1),
    row("S24", V1, "laggard", **TO_V2),
    row("S26", V2, "outage", through=(V1, V2)),
    row("S27", V1),
    row("S27", V1, "laggard", **TO_V2),
    row("S28", V1),
    row("S29", V1, "unowned", networks=((Side.V1, "192.0.2.0/24"),)),
    row("S30", V1, host=f"{LONG}.example.com", steps=(0, 1)),
    row("S30", V1, "unowned", host=f"{LONG}x.example.com", steps=(1, 2)),
    row("S30", V1, "unowned", host=f"{LONG}xxx.example.com", steps=(2, 3)),
    row("S30", V1, "unowned", host=f"{LONG}xxxx.example.com", steps=(3, 4)),
)


SETTINGS = [
    (each, interval, seed)
    for each in (*FIGHTS, *QUIET)
    for interval in ((60.0, 10.0, 180.0) if each in FIGHTS else (60.0,))
    for seed in (1, 2)
]
"""Every row with the default interval, fights with a short and a long one as well; two seeds."""


def played(each: Row, interval: float, seed: int) -> Run:
    recording = next(rows for scenario, rows in RECORDINGS.items() if scenario.split()[0] == each.id)
    return play(
        recording,
        each.host,
        Setting(interval, seed, each.expectation, each.weights, each.key),
        steps=slice(*each.steps),
        endless=each.endless,
        together=each.together,
        networks=dict(each.networks),
    )


@pytest.mark.parametrize(("each", "interval", "seed"), SETTINGS, ids=str)
def test_a_row_is_called_what_it_is_and_nothing_else(each: Row, interval: float, seed: int) -> None:
    run = played(each, interval, seed)
    states = [state for _, state in run.states(None)]
    assert run.raised() == each.findings
    assert run.status.state is each.final
    if each.records is not None:
        assert tuple(record.state for record in run.status.records) == each.records
    following = iter(states)
    assert all(wanted in following for wanted in each.through)


def test_every_row_of_the_table_is_played_and_says_what_is_tested() -> None:
    rows = {
        scenario: cells[3]
        for line in TABLE.splitlines()
        if re.match(r"\| S\d", line)
        for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
        for scenario in cells[0].split(", ")
    }
    beside = {"S21b", "S22b"}  # recorded, and not in the table: nothing may be raised of them
    assert {each.id for each in (*FIGHTS, *QUIET)} == rows.keys() | beside
    for each in (*FIGHTS, *QUIET):
        assert each.findings <= CATALOGUE.keys()
        assert all(code in rows.get(each.id, "") for code in each.findings)


@pytest.mark.parametrize("key", [False, True])
def test_the_key_names_the_owner_of_an_encrypted_fight(*, key: bool) -> None:
    each = next(one for one in FIGHTS if one.id == "S20" and one.key is key)
    (finding,) = played(each, 60.0, 3).status.findings
    owner = re.search(r"Two ExternalDNS with the same owner id (.*?) overwrite", finding.sentence)
    assert owner is not None
    assert (owner[1] == "(encrypted in their TXT)") is not key
