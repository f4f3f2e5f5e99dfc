"""YAML streams: a broken document costs no other, and neither depth nor aliases cost more than what stands there."""

import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from probe.inventory.origin import Notice
from probe.inventory.reading.documents import DocumentText, UnreadableDocument, build, split
from probe.inventory.reading.node import Budget, Node

MAX_DEPTH = 256
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def node_of(text: str, budget: Budget | None = None) -> tuple[Node, list[Notice]]:
    notices: list[Notice] = []
    return build(DocumentText(1, text, ""), "a.yaml", budget or Budget(), notices), notices


def refusal(text: str, budget: Budget | None = None) -> str:
    with pytest.raises(UnreadableDocument) as raised:
        node_of(text, budget)
    return str(raised.value.notice)


def test_documents_begin_at_their_lines() -> None:
    text = "# a chart\n---\nkind: A\n--- # second\n\nkind: 'B'\nx: |\n  --- no end\n...\n---\n# nothing\n"
    assert [(one.line, one.kind) for one in split(text)] == [(3, "A"), (5, "B")]


def test_values_have_the_lines_of_their_file() -> None:
    (document,) = split("---\n\nkind: A\nspec:\n  rules:\n    - host: a.example.com\n")
    root = build(document, "a.yaml", Budget(), [])
    (rule,) = root["spec"]["rules"]
    assert (rule["host"].text, rule["host"].line) == ("a.example.com", 6)
    assert rule["missing"]["deeper"].line == 6


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("kind: Ingress\nmetadata: {name: a\n", 3, "this document cannot be read and was skipped: it is not YAML"),
        ('a: "no end\n', 2, "unexpected end of stream"),
        ("a: b\n c: d\n", 2, "mapping values are not allowed here"),
        ("a: \x07\n", 1, "a character that is not allowed"),
        ("a: *nobody\n", 1, "the alias `*nobody` has no anchor before it"),
        ("a: &a [*a]\n", 1, "the alias `*a` has no anchor before it"),
        ('a: "\\UFFFFFFFF"\n', 1, "invalid Unicode character escape code"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int, words: str) -> None:
    told = refusal(text)
    assert told.startswith(f"a.yaml:{line}: ")
    assert words in told


def test_a_template_is_told_as_one() -> None:
    told = refusal('kind: Ingress\nmetadata:\n  name: {{ include "web.fullname" . }}\n')
    assert "this template is not rendered" in told
    assert "helm template" in told


def test_braces_in_a_rendered_text_are_no_template() -> None:
    root, _ = node_of("annotations:\n  description: 'failed for {{ $labels.pod }}'\n")
    assert root["annotations"]["description"].text == "failed for {{ $labels.pod }}"


def test_the_later_of_two_equal_keys_is_read_and_both_are_told() -> None:
    root, (notice,) = node_of("host: a\nhost: b\n")
    assert root["host"].text == "b"
    assert str(notice) == (
        "a.yaml:2: the key `host` stands here for the second time (first on line 1), and the later one was read; "
        "keep one"
    )


def test_merge_keys_and_aliases_are_followed() -> None:
    root, _ = node_of("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 5}\nd: *a\n")
    assert root["c"].texts() == {"x": "5", "y": "2", "z": "4"}
    assert root["d"] is not None
    assert root["d"].texts() == {"x": "1", "y": "2"}


def test_aliases_of_aliases_cost_what_stands_there() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    root, _ = node_of("\n".join(lines))
    assert len(root.entries) == 40


def test_merged_keys_are_counted_every_time() -> None:
    keys = ", ".join(f"k{i}: 1" for i in range(100))
    merges = "\n".join(f"m{i}: {{<<: *base}}" for i in range(100))
    assert "more than 2,000 values" in refusal(f"base: &base {{{keys}}}\n{merges}\n", Budget(values=2_000))


def test_depth_is_bounded_without_recursion() -> None:
    assert node_of("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))[0].given
    assert f"more than {MAX_DEPTH} levels deep" in refusal("[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    ("text", "value"), [("~", None), ("null", None), ("", None), ("'null'", "null"), ("true", "true"), ("07", "07")]
)
def test_scalars_stay_text_and_null_is_nothing(text: str, value: str | None) -> None:
    assert node_of(f"a: {text}\n")[0]["a"].value == value


def test_json_is_read_as_well() -> None:
    root, _ = node_of('{"kind": "List",\n\t"items": [{"name": "\\ud83d\\ude00\\/"}]}')
    assert next(iter(root["items"]))["name"].text == "😀/"


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
    | st.text(alphabet="{}[]:-&*<'\"| \n#%?a1", max_size=60)
)
def test_whatever_stands_there_it_is_read_or_told(text: str) -> None:
    for document in split(text):
        try:
            build(document, "a.yaml", Budget(), [])
        except UnreadableDocument as error:
            assert str(error.notice).startswith("a.yaml:")  # noqa: PT017  # what is raised is what is looked at


def test_half_a_file_is_read_or_told_wherever_it_ends() -> None:
    whole = yaml.safe_dump({"kind": "Ingress", "spec": {"rules": [{"host": "a.example.com", "x": 'q"uoted'}] * 3}})
    draw = random.Random(1)
    for end in draw.sample(range(len(whole)), 60):
        for document in split(whole[:end]):
            try:
                assert isinstance(build(document, "a.yaml", Budget(), []), Node)
            except UnreadableDocument as error:
                assert "was skipped" in str(error.notice)  # noqa: PT017  # as above
