"""Every row of data/expected.md, for one host and one expectation each: what it has to be called, and nothing else."""

from dataclasses import dataclass
from typing import Any

from probe.model.plan import Expectation, Weights
from probe.model.record import RecordState
from probe.model.side import Side

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
        gap: It is about a gap of less than a sync interval. At 10 s that is shorter than two calm turns: nobody has to
            see it.
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
    gap: bool = False

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
    row("S10", WEIGHTED, "weights-undeclared", together=True),
    row("S10", WEIGHTED, together=True, **SPLIT),
    row("S10b", V1),
    row("S10b", V1, "weights-one-sided", **SPLIT),
    row("S11", V1, steps=(0, 4)),
    row("S13", DIVIDED, "family-split", "contradicting-owners", records=(V1, V2)),
    row("S14", V2, "stale-owner", through=(V1, V2)),
    row("S19", V2, "outage", through=(V2,), endless=False, gap=True),
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
    row("S26", V2, "outage", through=(V1, V2), gap=True),
    row("S27", V1),
    row("S27", V1, "laggard", **TO_V2),
    row("S28", V1),
    row("S29", V1, "unowned", networks=((Side.V1, "192.0.2.0/24"),)),
    row("S30", V1, host=f"{LONG}.example.com", steps=(0, 1)),
    row("S30", V1, "unowned", host=f"{LONG}x.example.com", steps=(1, 2)),
    row("S30", V1, "unowned", host=f"{LONG}xxx.example.com", steps=(2, 3)),
    row("S30", V1, "unowned", host=f"{LONG}xxxx.example.com", steps=(3, 4)),
)

ROWS = (*FIGHTS, *QUIET)
