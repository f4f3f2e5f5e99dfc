"""Kubernetes' label selectors, which ExternalDNS' --annotation-filter and --label-filter are (labels.Parse)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_SET_REQUIREMENT = re.compile(r"(?P<key>[^\s!=,()]+)\s+(?P<not>not)?in\s*\((?P<values>[^()]*)\)")
_EQUAL = re.compile(r"(?P<key>[^\s!=,()]+)\s*(?P<operator>==|=|!=)\s*(?P<value>[^\s!=,()]*)")
_EXISTS = re.compile(r"(?P<not>!)?\s*(?P<key>[^\s!=,()]+)")
_BETWEEN = re.compile(r"\s*,\s*")


class Requirement(NamedTuple):
    """One requirement: a key that has one of some values, or any; or has not."""

    key: str
    values: frozenset[str] | None
    wanted: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels meet it. A key that is missing meets `!=` and `notin`, as in Kubernetes."""
        has = self.key in labels if self.values is None else labels.get(self.key) in self.values
        return has is self.wanted


class LabelSelector(NamedTuple):
    """Requirements that hold together; without any, everything is selected."""

    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels are selected."""
        return all(one.holds(labels) for one in self.requirements)


def parse_selector(text: str) -> LabelSelector | None:
    """Read a selector such as `app=web,tier in (a, b),!internal`; None when it is none."""
    found: list[Requirement] = []
    position = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    while position < end:
        if found:
            between = _BETWEEN.match(text, position)
            if between is None:
                return None
            position = between.end()
        if (match := _SET_REQUIREMENT.match(text, position)) is not None:
            values = frozenset(value.strip() for value in match["values"].split(","))
            found.append(Requirement(match["key"], values, match["not"] is None))
        elif (match := _EQUAL.match(text, position)) is not None:
            found.append(Requirement(match["key"], frozenset({match["value"]}), match["operator"] != "!="))
        elif (match := _EXISTS.match(text, position)) is not None:
            found.append(Requirement(match["key"], None, match["not"] is None))
        else:
            return None
        position = match.end()
    return LabelSelector(tuple(found))
