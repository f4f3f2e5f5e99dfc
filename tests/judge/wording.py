"""A finding as people read it: the headline and the labelled facts beneath it."""

from probe.model.finding import Finding


def whole(finding: Finding) -> str:
    """Write a finding on lines: its headline, then each fact with its label."""
    return "\n".join([finding.sentence, *(f"{fact.label.value}: {fact.text}" for fact in finding.facts)])
