"""docs/metrics.md says what is exported, and nothing else."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_text

from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.vantage import ABOUT_NO_DOMAIN
from probe.model.clock import Instant
from probe.model.confirmation import Confirmation
from probe.model.domain import DomainStatus
from probe.model.plan import Expectation
from probe.model.record import Position, RecordStatus
from probe.model.side import AnswerClass
from probe.telemetry.domain_families import DOMAIN_FAMILIES
from probe.telemetry.exposition import Exposition
from probe.telemetry.families import FAMILIES
from tests.snapshots import RESOLVERS, calm, domain, fleet, flips, snapshot

ZERO_SECONDS = 900.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

TEXT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| `")]


def test_the_tables_name_every_metric_with_its_type_and_labels_in_order() -> None:
    documented = [(name.strip("`"), kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels, *_ in ROWS]

    assert documented == [(family.name, family.kind.value, family.labels) for family in FAMILIES]


def test_every_metric_is_explained_below_its_table() -> None:
    explained = re.findall(r"`(cutover_\w+)`", " ".join(re.findall(r"^- (`cutover_[^:]+):", TEXT, re.MULTILINE)))

    assert explained == [family.name for family in FAMILIES]


NAME = "checkout.shop.example.com"
"""As long as host names of an EKS migration are, with their environment or team."""
TABLE, COSTS = (
    ROWS[: len(DOMAIN_FAMILIES)],
    [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"\| A domain \|.*?\n\n", TEXT, re.DOTALL)[0].splitlines()[2:-1]
    ],
)


def _on(position: Position, *, moved: bool = False) -> DomainStatus:
    """A quiet domain without resolvers or HTTPS checks."""
    expectation = Expectation.V2 if position is Position.V2 else Expectation.V1
    status = calm(domain(NAME, "wave-12", expectation), position)
    records = tuple(
        record._replace(
            transitions=int(moved),
            recent=flips(1) if moved else (),
            answers=tuple(
                1234 if one.value in {"v1" if moved else position.value, position.value} else 0 for one in AnswerClass
            ),
        )
        for record in status.records
    )
    return status._replace(records=records, resolvers=(), services=())


def _cost(*told: tuple[float, DomainStatus]) -> tuple[int, int]:
    """The series and bytes of the domain in the last of several scrapes."""
    present = [snapshot((status,)) for _, status in told]
    moments = [
        replace(one, at=Instant(one.at.wall + at, one.at.monotonic + at))
        for one, (at, _) in zip(present, told, strict=True)
    ]
    exposition = Exposition(lambda: moments.pop(0), CATALOGUE.values(), rest=lambda: None)
    *_, newest = [exposition("") for _ in told]
    lines = [line for line in b"".join(newest.blocks).decode().splitlines() if NAME in line]
    return len(lines), sum(len(line) + 1 for line in lines)


BEFORE, AFTER = _on(Position.V1), _on(Position.V2, moved=True)
RESOLVER, CHECKED = calm(BEFORE.domain, Position.V1).resolvers[-2:], calm(BEFORE.domain, Position.V1).services
WITHOUT = _cost((0.0, BEFORE))


def _more(status: DomainStatus) -> tuple[int, int]:
    series, size = _cost((0.0, status))
    return series - WITHOUT[0], size - WITHOUT[1]


@pytest.mark.parametrize(
    ("row", "taken"),
    [
        (0, WITHOUT),
        (1, _cost((0.0, BEFORE), (15.0, AFTER))),
        (2, _cost((0.0, BEFORE), (15.0, AFTER), (15.0 + ZERO_SECONDS, AFTER))),
        (3, _more(BEFORE._replace(resolvers=RESOLVER))),
        (4, _more(BEFORE._replace(services=CHECKED))),
    ],
    ids=lambda row: COSTS[row][0] if isinstance(row, int) else "",
)
def test_a_domain_takes_no_more_of_a_scrape_than_the_page_says(row: int, taken: tuple[int, int]) -> None:
    series, most = (int(cell.replace(",", "")) for cell in COSTS[row][1:])

    assert taken[0] == series
    assert 0.85 * most <= taken[1] <= most


def test_ten_thousand_domains_before_they_move_fit_into_fifteen_megabytes() -> None:
    """Also when a scrape saw them before they were known: that they were unknown is told as 0 then."""
    size, series = 10_000, WITHOUT[0]
    unknown = DomainStatus(BEFORE.domain, records=tuple(RecordStatus(one.rdtype) for one in BEFORE.records))

    assert size * WITHOUT[1] < 15e6
    first = _cost((0.0, unknown), (15.0, BEFORE))
    assert first[0] == series + 1
    assert size * first[1] < 15e6
    assert f"{size * first[0]:,} in {size * first[1] / 1e6:.1f} MB in the first fifteen minutes" in TEXT
    calm = f"{series * size:,} series in {size * WITHOUT[1] / 1e6:.1f} MB before they move"
    assert f"A scrape of 10,000 domains has {calm}" in TEXT


def test_no_domain_has_a_series_that_was_never_anything_but_0_beside_changes_and_its_confirmation() -> None:
    scrape = Exposition(
        lambda: snapshot((_on(Position.V1)._replace(confirmation=Confirmation()),)),
        CATALOGUE.values(),
        rest=lambda: None,
    )("")
    zeros = {
        sample.name
        for family in parse_text(b"".join(scrape.blocks).decode())
        for sample in family.samples
        if sample.value == 0 and sample.labels.get("domain") == NAME
    }

    assert zeros == {"cutover_transitions_total", "cutover_domain_confirmed"}


def test_the_table_holds_what_a_scrape_of_a_domain_that_tells_everything_has() -> None:
    codes = tuple(entry for code, entry in CATALOGUE.items() if code not in ABOUT_NO_DOMAIN)
    scrape = Exposition(lambda: fleet(1), codes, rest=lambda: None)("")
    text = b"".join(scrape.blocks).decode()
    held = Counter(sample.name for family in parse_text(text) for sample in family.samples)
    resolvers = len({server.name for server in RESOLVERS})

    for name, _, _, budget in TABLE:
        times = (
            resolvers
            if "per resolver" in budget
            else 2
            if "per TXT name" in budget
            else len(codes)
            if "per finding" in budget
            else 1
        )
        least, _, most = budget.split(" per ")[0].partition(" to ")
        assert int(least) * times <= held[name.strip("`")] <= int(most or least) * times
