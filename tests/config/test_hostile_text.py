"""Whatever stands in the file: a plan or its mistakes come out, never another exception, in bounded time."""

import contextlib
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probe.config.load import parse
from probe.config.mistakes import PlanError
from tests.config.plans import SIDES, TOP, WAVES

_MORE = "probing: {interval: 7s}\nlisten: '[::]:1'\nresolvers: [{name: a, address: 1.1.1.1}]\n"
_LINES = (TOP + SIDES + WAVES + _MORE).split("\n")
_NUMBERS = ["0x" + "f" * 400, "1" * 5000, ".nan", "-.inf", "2026-99-99", "1:99999999999", "0b1", "!!int x"]
_ESCAPES = ['"\\UFFFFFFFF"', '"\\ud800": 1', '"\\0"', "'\\0'"]
_SYNTAX = [
    "&a",
    "*a",
    "<<: *a",
    "!!set",
    "? k",
    "%x",
    "\t",
    "- ",
    "{",
    "[",
    "null",
    "~",
    "=",
    "|",
    ">-",
    "---",
    "...",
    "# x",
]
_FRAGMENTS = st.text(max_size=40) | st.sampled_from([*_NUMBERS, *_ESCAPES, *_SYNTAX])
_EDITS = st.tuples(st.integers(0, len(_LINES) - 1), st.integers(0, 60), _FRAGMENTS)


@settings(max_examples=300, deadline=None)
@given(st.lists(_EDITS, min_size=1, max_size=4))
@example([(0, 9, '"\\UFFFFFFFF"')])
@example([(0, 9, "1" * 5000)])
@example([(0, 0, '"\\ud800": 1')])
def test_whatever_is_written_a_plan_or_its_mistakes_come_out(edits: list[tuple[int, int, str]]) -> None:
    lines = list(_LINES)
    for index, column, fragment in edits:
        lines[index] = lines[index][:column] + fragment
    with contextlib.suppress(PlanError):
        assert parse("\n".join(lines)).domains


_KNOWN_KEYS = [
    *("vantage", "sides", "v1", "v2", "load_balancers", "addresses", "external_dns", "version", "waves", "name"),
    *("expect", "weights", "domains", "http", "resolvers", "transport", "address", "authoritative", "overrides"),
    *("probing", "interval", "listen", "txt_registry", "prefix", "decryption_key_file"),
]
_KEYS = st.text(max_size=10) | st.sampled_from(_KNOWN_KEYS)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=20
)


@settings(max_examples=150, deadline=None)
@given(_VALUES)
def test_values_of_any_shape_get_mistakes_that_can_be_printed(value: object) -> None:
    keys = ("vantage", "sides", "probing", "txt_registry", "authoritative", "resolvers", "extra")
    with pytest.raises(PlanError) as caught:  # JSON is YAML, and any shape is quickly written in it
        parse(json.dumps(dict.fromkeys(keys, value) | {"waves": [value]}))
    assert str(caught.value).encode("utf-8")


@pytest.mark.parametrize("depth", [40, 5000])
def test_deep_nesting_ends_before_the_stack_does(depth: int) -> None:
    with pytest.raises(PlanError, match="nested too deeply"):
        parse("a: " + "[" * depth + "]" * depth)


def test_aliases_of_merge_keys_are_bounded_as_well() -> None:
    lines = ["m0: &m0 {k: 1}"]
    lines += [f"m{level}: &m{level} {{<<: [{', '.join([f'*m{level - 1}'] * 20)}]}}" for level in range(1, 12)]
    with pytest.raises(PlanError, match=r"nested too deeply|more than \d+ values"):
        parse("\n".join(lines))
