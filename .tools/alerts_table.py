"""Writes the table of docs/alerts.md anew from the rules: name, severity and patience of every alert.

Run from the project's root, by `make rules`.
"""

import re
from pathlib import Path

import yaml

from probe.judge.findings.catalogue import CATALOGUE
from probe.telemetry.rules.file import rules_text

PAGE = Path("docs/alerts.md")
HEAD = "| Alert | Severity | Fires after | Goes on for |\n| --- | --- | --- | --- |\n"


def main() -> None:
    """Replace the rows between the table's head and the next empty line."""
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
    text = PAGE.read_text(encoding="utf-8")
    made = re.sub(re.escape(HEAD) + r"(?:\|.*\n)*", lambda _: HEAD + "".join(rows), text)
    PAGE.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
