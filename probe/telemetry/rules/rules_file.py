"""The rules file, as Prometheus reads it and as the chart wraps it into a PrometheusRule."""

from collections.abc import Iterable
from typing import Any

import yaml

from probe.model.finding import CatalogueEntry
from probe.telemetry.rules.findings import domain_rules
from probe.telemetry.rules.probe import PROBE_CODES, probe_rules
from probe.telemetry.rules.rule import as_document

_HEAD = """\
# Recording and alerting rules of Cutover Probe. Made by `cutover-probe config rules`; do not edit by hand.
# Prometheus 2.42 or later (keep_firing_for). What each alert means, and what to do: docs/runbook.md.
# Links come from the plan's `external_url` and `runbook_url` (cutover_links_info): without the first, none to a page.
"""


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def rules_text(catalogue: Iterable[CatalogueEntry]) -> str:
    """Write the rules file.

    Args:
        catalogue: Every finding code that can be raised. Those about the vantage itself have a rule already.
    """
    about_domains = (entry for entry in catalogue if entry.code not in PROBE_CODES)
    document = as_document((domain_rules(about_domains), probe_rules()))
    # Never folded: an expression in one line can be copied.
    return _HEAD + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100_000, allow_unicode=True)
