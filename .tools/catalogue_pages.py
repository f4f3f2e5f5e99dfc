"""Writes anew what documents say of all findings: the table of docs/alerts.md, and the count in docs/metrics.md.

Run from the project's root, by `make rules`.
"""

import re
from pathlib import Path

import yaml

from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.vantage import ABOUT_NO_DOMAIN
from probe.telemetry.rules.rules_file import rules_text

ALERTS, METRICS = Path("docs/alerts.md"), Path("docs/metrics.md")
HEAD = "| Alert | Severity | Fires after | Goes on for |\n| --- | --- | --- | --- |\n"
BUDGET = re.compile(r"With (\d+) finding codes, (.+?) that is (\d+) series(.+?) \d+,000 for a thousand", re.DOTALL)


def with_table(page: str) -> str:
    """Replace the rows between the table's head and the next empty line: name, severity and patience of every alert."""
    rows = []
    for group in yaml.safe_load(rules_text(CATALOGUE.values()))["groups"]:
        for rule in group["rules"]:
            if "alert" not in rule:
                continue
            code = rule["annotations"]["runbook_url"].rpartition("#")[2]
            own = rule["labels"]["severity"]
            severity = CATALOGUE[code].severity.value if "{{" in own else own
            pending, keep = rule.get("for", "at once"), rule.get("keep_firing_for", "")
            rows.append(f"| [`{rule['alert']}`](runbook.md#{code}) | {severity} | {pending} | {keep} |\n")
    return re.sub(re.escape(HEAD) + r"(?:\|.*\n)*", lambda _: HEAD + "".join(rows), page)


def with_count(page: str, codes: int) -> str:
    """Replace the number of codes that a domain has a series for each, and what the series add up to."""

    def counted(told: re.Match[str]) -> str:
        before, given, series, between = told.groups()
        total = int(series) + codes - int(before)
        return f"With {codes} finding codes, {given} that is {total} series{between} {total},000 for a thousand"

    return BUDGET.sub(counted, page)


def main() -> None:
    """Write both pages."""
    ALERTS.write_text(with_table(ALERTS.read_text(encoding="utf-8")), encoding="utf-8")
    codes = len(CATALOGUE.keys() - ABOUT_NO_DOMAIN)
    METRICS.write_text(with_count(METRICS.read_text(encoding="utf-8"), codes), encoding="utf-8")


if __name__ == "__main__":
    main()
