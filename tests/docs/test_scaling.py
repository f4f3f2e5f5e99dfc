"""docs/scaling.md computes rightly."""

import re
from math import ceil
from pathlib import Path

import pytest

from probe.config.schema_waves import MAX_DOMAINS
from probe.judge.polling.cost import ZONE_SERVERS, cost_plan, price
from probe.model.plan import Probing
from tests.plans import plan

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "scaling.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| \d", line)]
PER_CORE = re.search(r"the whole path of the\s+│ ([\d,]+)", (DOCS / "benchmarks.md").read_text(encoding="utf-8"))
A_ZONE = 250


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


def test_a_zone_carries_as_many_domains_as_the_text_says() -> None:
    per_domain = cost_plan(plan("app.example.com.")).per_domain_minute / 60
    assert int(ZONE_SERVERS * Probing().queries_per_second / per_domain) // 10 * 10 == A_ZONE
    assert f"costs {per_domain:.2f} questions a\n   second" in TEXT
