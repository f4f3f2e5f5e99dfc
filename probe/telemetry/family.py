"""What a metric is: its name, its type, its labels and its HELP text."""

from enum import StrEnum
from typing import NamedTuple


class MetricType(StrEnum):
    """The metric types of the exposition formats that are used here."""

    GAUGE = "gauge"
    COUNTER = "counter"
    INFO = "info"
    HISTOGRAM = "histogram"


class Family(NamedTuple):
    """One metric.

    Attributes:
        name: As it is queried, with `_total` or `_info`.
        kind: Its type.
        labels: Its labels, without `vantage`, which stands on every series.
        documentation: Its HELP text: stable, in one or two sentences.
    """

    name: str
    kind: MetricType
    labels: tuple[str, ...]
    documentation: str


VANTAGE = "vantage"
"""The label that says where the probe runs."""
