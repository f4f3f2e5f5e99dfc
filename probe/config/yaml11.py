"""What YAML 1.1 makes of plain text without saying so, and how to explain it.

PyYAML reads YAML 1.1 (https://yaml.org/type/): `no` is a truth value, `1:30` a sexagesimal number, `010` an octal one.
"""

import re

import yaml

from probe.config.mistakes import Unusable, quoted

YAML_TAG = "tag:yaml.org,2002:"
_TAG_WORDS = {"bool": "a truth value", "int": "a number", "float": "a number", "null": "no value at all"}
MOMENT_KEY = "at"
"""The one key of a plan under which a date and time is wanted: there it is taken as it is written."""

_VERSION_LIKE = re.compile(r"\d+\.\d+")


def is_plain(node: yaml.Node) -> bool:
    """Tell whether the scalar stands without quotes, so that YAML guesses its type."""
    return isinstance(node, yaml.ScalarNode) and node.style is None


def is_moment(node: yaml.ScalarNode) -> bool:
    """Tell whether YAML takes the plain text for a date, or a date and time."""
    return is_plain(node) and node.tag == YAML_TAG + "timestamp"


def refuse_surprise(node: yaml.ScalarNode) -> None:
    """Refuse plain text that YAML turns into something that nobody means, whatever is wanted in its place.

    Raises:
        Unusable: Its reading differs from what it looks like.
    """
    if not is_plain(node):
        return
    text = node.value
    kind = node.tag.removeprefix(YAML_TAG)
    if kind == "timestamp":
        raise Unusable(f"YAML reads {quoted(text)} as a date", f'put it in quotes: "{quoted(text)[1:-1]}"')
    if kind not in ("int", "float"):
        return
    if ":" in text:
        raise Unusable(
            f"YAML 1.1 reads {quoted(text)} as a number in base 60",
            f'put it in quotes ("{quoted(text)[1:-1]}"), or write a duration such as `1h30m`',
        )
    if "_" in text:
        raise Unusable(
            f"YAML 1.1 reads {quoted(text)} as the number {text.replace('_', '')}",
            "leave the underscores out, or put it in quotes if it is a name",
        )
    digits = text.lstrip("+-")
    if kind == "int" and len(digits) > 1 and digits.startswith("0") and digits.isdecimal():
        raise Unusable(
            f"YAML 1.1 reads {quoted(text)} as the octal number for {int(digits, 8)}",
            f"write {digits.lstrip('0') or '0'} or {int(digits, 8)}, or put it in quotes if it is a name",
        )


def not_text(node: yaml.ScalarNode) -> Unusable | None:
    """Explain a plain scalar that is not the text that is wanted in its place; None when YAML did not guess."""
    kind = node.tag.removeprefix(YAML_TAG)
    if not is_plain(node) or kind not in _TAG_WORDS:
        return None
    text = node.value
    if kind == "null":
        return Unusable("there is no value here", "write one, or take the key out")
    shown = quoted(text)[1:-1]
    why = f"YAML reads {quoted(text)} as {_TAG_WORDS[kind]}, but text is wanted here"
    if kind == "float" and _VERSION_LIKE.fullmatch(text):
        return Unusable(f"{why} (0.20 would become 0.2)", f'put it in quotes: "{shown}"')
    return Unusable(why, f'put it in quotes: "{shown}"')


def not_number(node: yaml.ScalarNode) -> Unusable | None:
    """Explain text that looks like a number to people but not to YAML 1.1; None when it does not."""
    if is_plain(node) and (match := re.fullmatch(r"0o([0-7]{1,20})", node.value)):
        return Unusable(
            f"YAML 1.1 reads {quoted(node.value)} as text, not as an octal number",
            f"write {int(match[1], 8)}",
        )
    if not is_plain(node) and node.value.isascii() and node.value.isdecimal():
        return Unusable(
            f"{quoted(node.value)} stands in quotes and is text, but a number is wanted", "leave the quotes out"
        )
    return None
