"""Plan texts for tests: a good one, to which each test adds what it is about."""

from pathlib import Path

from probe.config.load import parse
from probe.config.mistakes import PlanError
from probe.model.plan import Plan

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
BAD = Path(__file__).parent / "bad"

TOP = "vantage: seoul\n"
SIDES = """sides:
  v1: {load_balancers: [v1.elb.example.net]}
  v2: {load_balancers: [v2.elb.example.net]}
"""
WAVES = """waves:
  - name: first
    expect: moving
    domains: [app.example.com]
"""


def text(*, top: str = TOP, sides: str = SIDES, waves: str = WAVES, more: str = "") -> str:
    """A plan of the least that is needed, with parts replaced or added."""
    return top + sides + waves + more


def domains(*names: str) -> str:
    """One wave with these domains, each as YAML has it."""
    return "waves:\n  - name: first\n    expect: moving\n    domains:\n" + "".join(
        f"      - {name}\n" for name in names
    )


def plan(**parts: str) -> Plan:
    """The plan of `text(**parts)`."""
    return parse(text(**parts))


def mistakes(content: str) -> list[tuple[int, int, str]]:
    """Line, column and message of everything that is wrong; empty when nothing is."""
    try:
        parse(content)
    except PlanError as error:
        return [(mistake.line, mistake.column, mistake.message) for mistake in error.mistakes]
    return []
