"""docs/plan-file.md says what the code does."""

import re

from plan_reference import BEGIN, END, PAGE, page_with, reference

from probe.config.load import parse


def test_the_reference_in_the_documentation_is_the_present_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert page == page_with(reference(), page), "write it anew: make schema"


def test_every_plan_in_the_documentation_loads() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    plans = [block for block in blocks if "vantage:" in block]
    assert plans
    assert all(parse(block).domains for block in plans)
