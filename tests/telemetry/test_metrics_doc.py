"""docs/metrics.md says what is exported, and nothing else."""

import re
from collections import Counter
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families as parse_text

from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.vantage import ABOUT_NO_DOMAIN
from probe.telemetry.exposition import Exposition
from probe.telemetry.families import DOMAIN_FAMILIES, FAMILIES
from tests.snapshots import RESOLVERS, fleet

TEXT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| `")]


def test_the_tables_name_every_metric_with_its_type_and_labels_in_order() -> None:
    documented = [(name.strip("`"), kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels, *_ in ROWS]

    assert documented == [(family.name, family.kind.value, family.labels) for family in FAMILIES]


def test_every_metric_is_explained_below_its_table() -> None:
    explained = re.findall(r"`(cutover_\w+)`", " ".join(re.findall(r"^- (`cutover_[^:]+):", TEXT, re.MULTILINE)))

    assert explained == [family.name for family in FAMILIES]


CODES = len(set(CATALOGUE) - ABOUT_NO_DOMAIN)


def test_the_series_budget_per_domain_is_what_a_scrape_holds() -> None:
    codes = tuple(entry for code, entry in CATALOGUE.items() if code not in ABOUT_NO_DOMAIN)
    body, _ = Exposition(lambda: fleet(1), codes, rest=lambda: None)("")
    held = Counter(sample.name for family in parse_text(body.decode()) for sample in family.samples)
    resolvers = len({server.name for server in RESOLVERS})
    budgets = {name.strip("`"): budget for name, _, _, budget in ROWS[: len(DOMAIN_FAMILIES)]}

    for name, budget in budgets.items():
        match budget.split(" per ")[0].split(" to "):
            case [least, most]:
                assert int(least) <= held[name] <= int(most) * (2 if name == "cutover_txt_owner_info" else 1)
            case ["one"]:
                assert held[name] == len(codes)
            case [exact]:
                assert held[name] == int(exact) * (resolvers if "resolver" in budget else 1)


def test_the_sum_in_the_text_is_the_sum_of_the_table() -> None:
    exact = sum(int(budget) for _, _, _, budget in ROWS[: len(DOMAIN_FAMILIES)] if budget.isdecimal())

    drained_and_converged, ttls = 2, 2
    total = exact + 2 + CODES + 2 + 4 * 14 + drained_and_converged + ttls

    assert f"four resolvers that is {total} series" in TEXT
    assert f"{total},000 for a thousand" in TEXT
    assert f"With {CODES} finding codes" in TEXT
