"""What is set on what can be read: WCAG 2.2, success criteria 1.4.3 (text, 4.5 : 1) and 1.4.11 (shapes, 3 : 1)."""

import re
from pathlib import Path

import pytest

from probe.model.record import RecordState

STYLE = (Path(__file__).parents[2] / "probe" / "web" / "static" / "style.css").read_text(encoding="utf-8")

STATES = (*(state.value for state in RecordState), "critical", "calm")
TEXT = [
    *((ink, ground) for ink in ("ink", "dim", "link") for ground in ("page", "card")),
    *((level, ground) for level in ("critical", "warning", "info") for ground in ("card", f"{level}-soft")),
    ("calm", "calm-soft"), ("calm", "page"),
    *(("ink", f"{level}-soft") for level in ("critical", "warning", "info", "calm")),
    *(("dim", f"{level}-soft") for level in ("critical", "warning", "info", "calm")),
    ("flapping", "card"), ("warning", "page"), ("page", "ink"),
]  # fmt: skip
SHAPES = [(state, "card") for state in STATES] + [("link", "page"), ("link", "card"), ("dim", "card")]


def variables(scheme: str) -> dict[str, str]:
    """The custom properties of one colour scheme."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    named = [dict(re.findall(r"--([a-z0-9-]+): ([^;]+);", block)) for block in blocks]
    assert len(named) == 2
    return named[0] if scheme == "light" else named[0] | named[1]


def channels(colour: str) -> tuple[float, ...]:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return tuple(int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))


def mixed(colour: str, ground: str, share: float) -> tuple[float, ...]:
    return tuple(a * share + b * (1 - share) for a, b in zip(channels(colour), channels(ground), strict=True))


def luminance(of: tuple[float, ...]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    darker, lighter = sorted((luminance(a), luminance(b)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read_on_its_ground(scheme: str, ink: str, ground: str) -> None:
    named = variables(scheme)
    assert contrast(channels(named[ink]), channels(named[ground])) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_a_states_word_can_be_read_on_its_own_tint(scheme: str, state: str) -> None:
    named = variables(scheme)
    tint = mixed(named[state], named["card"], float(named["tint"].removesuffix("%")) / 100)
    assert contrast(channels(named[state]), tint) >= 4.5
    assert contrast(channels(named["ink"]), tint) >= 4.5


@pytest.mark.parametrize("state", RecordState)
def test_every_state_has_its_hue_as_a_word_and_in_a_lane(state: RecordState) -> None:
    assert state is RecordState.UNKNOWN or f".s-{state.value}" in STYLE  # the hue of a word without one of its own
    assert f".p-{state.value}" in STYLE


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("level", ["critical", "warning", "info"])
def test_a_remedy_can_be_read_on_its_tint(scheme: str, level: str) -> None:
    named = variables(scheme)
    tint = mixed(named[level], named["card"], 0.08)
    assert contrast(channels(named[level]), tint) >= 4.5
    assert contrast(channels(named["ink"]), tint) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_stand_out_from_their_ground(scheme: str, shape: str, ground: str) -> None:
    named = variables(scheme)
    assert contrast(channels(named[shape]), channels(named[ground])) >= 3


def test_everything_that_moves_stands_still_for_who_asked_for_that() -> None:
    animated = re.findall(r"([^{}]+)\{[^{}]*animation: (?!none)", STYLE)
    still = re.findall(r"prefers-reduced-motion: reduce\) \{ ([^{}]+)\{ animation: none", STYLE)
    assert {one.strip() for one in animated} == {one.strip() for one in still} != set()
