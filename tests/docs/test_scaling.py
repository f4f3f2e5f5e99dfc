"""docs/scaling.md computes rightly."""

import re
from math import ceil, log
from pathlib import Path

import pytest

from probe.config.schema_waves import MAX_DOMAINS
from probe.judge.polling import cadence
from probe.judge.polling.cost import ZONE_SERVERS, cost_plan, price
from probe.judge.review import initial
from probe.model.name import DomainName
from probe.model.plan import Probing
from probe.runtime.due_queries import CALM_BESIDE_LOOKS
from probe.runtime.stretch import CALM_SHARE
from tests.plans import plan
from tests.runtime.bench import FOUR, Bench
from tests.runtime.fleet import Fleet

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "scaling.md").read_text(encoding="utf-8")
TABLES = [
    [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if re.match(r"\| \d", line)]
    for table in TEXT.split("### What a name server sees")
]
ROWS, SHARDS = TABLES
PER_CORE = re.search(r"the whole path of the\s+│ ([\d,]+)", (DOCS / "benchmarks.md").read_text(encoding="utf-8"))
A_ZONE = 250
SECONDS = 60


def looked_at(domains: int) -> tuple[float, float]:
    """Seconds until domains of one zone are known, and the calm questions a second for each of them from then on.

    Its servers' pace goes into looks, but for the calm turns, which give way, of those that are known already: of `L`
    looks at `q` questions, `q dL/dt = pace - calm L`.
    """
    watched = plan("app.example.com.")
    status = initial(watched.domains[0], watched.registries).status
    look = len(cadence.look_plan(status, FOUR)) + len(
        cadence.wildcard_plan(status, FOUR, DomainName("example.com."), 0, None)
    )
    pace = ZONE_SERVERS * Probing().queries_per_second
    planned = cost_plan(watched).per_domain_minute / SECONDS
    calm = min(planned, CALM_SHARE * pace / domains)
    beside = min(calm, planned * Probing().interval / CALM_BESIDE_LOOKS)
    assert f"{look} questions" in TEXT.replace("\n   ", " ")
    return look / beside * log(pace / (pace - beside * domains)), calm


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_of_the_table_is_what_the_cost_plan_says(row: list[str]) -> None:
    domains = int(row[0].replace(",", ""))
    sample = cost_plan(plan(*(f"app-{number}.example.com." for number in range(100))))
    per_second = sample.per_domain_minute * domains / 60
    assert PER_CORE is not None
    cores = per_second / int(PER_CORE[1].replace(",", ""))
    assert row[1] == f"{per_second:,.0f}"
    assert float(row[2]) == pytest.approx(cores, rel=0.5, abs=0.01)
    assert int(row[3]) == ceil(domains / A_ZONE)
    assert int(row[4]) == max(1, ceil(domains / MAX_DOMAINS))
    assert row[5] == f"{price(sample.month.queries * domains / 100):,.2f} USD"


@pytest.mark.parametrize("row", SHARDS, ids=lambda row: row[0])
def test_a_row_of_what_a_name_server_sees_is_what_follows_from_pace_and_cadence(row: list[str]) -> None:
    shards = int(row[0])
    domains = ceil(A_ZONE / shards)
    known, calm = looked_at(domains)
    assert row[1:] == [
        str(domains),
        f"{known:.0f} s",
        f"{shards * Probing().queries_per_second:.0f}",
        f"{calm * A_ZONE / ZONE_SERVERS:.1f}",
    ]


def test_the_engine_needs_as_long_as_the_arithmetic_says() -> None:
    fleet = Fleet((63,))

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(30.0)

    fleet.run(scenario)
    assert max(fleet.known.values()) == pytest.approx(looked_at(63)[0], abs=2.0)  # walks, and the last look's way
    assert len(fleet.known) == 63


def test_a_zone_carries_as_many_domains_as_the_text_says() -> None:
    per_domain = cost_plan(plan("app.example.com.")).per_domain_minute / 60
    assert int(ZONE_SERVERS * Probing().queries_per_second / per_domain) // 10 * 10 == A_ZONE
    assert f"costs {per_domain:.2f} questions a\n   second" in TEXT
