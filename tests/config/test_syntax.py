"""Long files are read by libyaml, short ones by PyYAML's own loader: to the same nodes, at the same places."""

import pytest
import yaml

from probe.config import syntax
from probe.config.load import PLAN
from probe.config.syntax import Unreadable, compose, position_of
from tests.config.plans import CONFIG, text

LONG = 65_536
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

ODD = """
grüße: &a {x: [1, 2.5, "ü\\n\\x41", 'it''s', yes, ~, 0x1f, 2026-11-28T20:00:00Z, !!str 5]}   # ü
again: *a
merged:
  <<: *a
  y: |-
   é
    b
"""
TEXTS = {
    "example": (CONFIG / "example.yaml").read_text(encoding="utf-8"),
    "plan": text(more="soak: 30m\n"),
    "odd": ODD,
}


def shape(node: yaml.Node | None) -> object:
    """Everything that is read of a node."""
    if node is None:
        return None
    value = node.value
    if isinstance(node, yaml.SequenceNode):
        value = [shape(item) for item in node.value]
    elif isinstance(node, yaml.MappingNode):
        value = [(shape(key), shape(item)) for key, item in node.value]
    plain = getattr(node, "style", None)
    return (type(node).__name__, node.tag, value, position_of(node.start_mark), plain or None)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML without libyaml")
@pytest.mark.parametrize("name", TEXTS)
def test_both_ways_lead_to_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = shape(compose(TEXTS[name], PLAN))
    monkeypatch.setattr(syntax, "LONG", 0)
    monkeypatch.setattr(syntax, "_BoundedLoader", None)  # it must not be needed
    assert shape(compose(TEXTS[name], PLAN)) == slow


@pytest.mark.case("F13")
@pytest.mark.parametrize(
    ("begin", "sentence"),
    [
        ("a: " + "[" * 40_000, "nested too deeply"),
        ("a: b: c\n", "a `:` stands where none is allowed"),
        ("a: \x07\n", "U\\+0007"),
    ],
)
def test_what_is_wrong_with_a_long_file_is_said_as_with_a_short_one(begin: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        compose(begin + "# long\n" * (LONG // 7 + 1), PLAN)


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        ("sides:\n  v1: {a: [b]\n  v2: c\n", "at the key `v2`"),
        ("waves: [", "at the key `waves`"),
        ("waves: [a\nsides: b\n", "at the key `sides`"),
        ("waves:\n- name: a\n - name: b\n", "at the key `name`"),
        ("waves:\n  - name: a\n    expect v1\n    domains: [x]\n", "at the key `expect`"),
        ("vantage: a\n sides: b\n", "at the key `sides`"),
        ("domains:\n  - *.example.com\n", "after the key `domains`"),
    ],
)
def test_what_is_not_yaml_is_said_in_our_words_and_at_which_key(bad: str, key: str) -> None:
    with pytest.raises(Unreadable) as raised:
        compose(bad, PLAN)

    said = raised.value.complaint.message
    assert key in said
    assert "expected" not in said


@pytest.mark.parametrize(
    ("bad", "key", "place"),
    [
        ("vantage a\nsides: b\n", "vantage", (1, 1)),
        ("vantage a\nlisten b  # c: d\n\nsides: e\n", "vantage", (1, 1)),
        ("vantage: a\nwaves:\n  - name w\n    expect: v1\n", "name", (3, 5)),
        ("vantage: a\nwaves:\n  - name\n    # why: so\n    expect: v1\n", "name", (3, 5)),
        ("vantage: a\ndomains\n  - x\nsides: b\n", "domains", (2, 1)),
    ],
)
def test_a_key_that_lacks_its_colon_is_told_where_it_stands(bad: str, key: str, place: tuple[int, int]) -> None:
    with pytest.raises(Unreadable) as raised:
        compose(bad, PLAN)

    complaint = raised.value.complaint
    assert complaint.message == f"this is not YAML: a key has no `:` after it (at the key `{key}`)"
    assert complaint.position == place


def test_a_colon_too_many_is_told_where_it_stands() -> None:
    with pytest.raises(Unreadable) as raised:
        compose("waves:\n  - expect: v1\n    name: a: b\n", PLAN)

    assert raised.value.complaint.message == "this is not YAML: a `:` stands where none is allowed (at the key `name`)"
    assert raised.value.complaint.position == (3, 12)
