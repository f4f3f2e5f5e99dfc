"""Names as people type and read them, and what none of it may cost or do."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.model import idn
from probe.model.idn import as_typed, folded, is_part_of_any, to_a_labels, to_u_labels

MAX_NAME_CHARACTERS = 253
"""RFC 1035 section 2.3.4: 255 octets on the wire."""


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Bücher.Example.com", "xn--bcher-kva.example.com."),
        ("BÜCHER。example.com。", "xn--bcher-kva.example.com."),  # as an input method for Japanese has the dot
        ("bu\u0308cher.example.com", "xn--bcher-kva.example.com."),  # as macOS writes file names
        ("XN--BCHER-KVA.example.com.", "xn--bcher-kva.example.com."),
        ("*.bücher.example.com", "*.xn--bcher-kva.example.com."),
        ("faß.example", "xn--fa-hia.example."),
        ("no such name", "no such name."),
        ("ü_b.example", None),
        ("a..ü", None),
        ("\u202eabc.example", None),
        ("ü." * MAX_NAME_CHARACTERS, None),
    ],
)
def test_a_name_is_found_as_it_is_typed(typed: str, name: str | None) -> None:
    assert as_typed(typed) == name


def test_the_longest_name_is_found_in_whichever_form_it_is_typed() -> None:
    name = ".".join("\u01d6" * 54 for _ in range(4))  # each label becomes 60 octets, the name 243
    apart = unicodedata.normalize("NFD", name)
    assert len(apart) > 2.5 * MAX_NAME_CHARACTERS
    assert as_typed(apart) == as_typed(name) is not None


def test_what_is_too_long_for_any_name_is_refused_before_it_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def encode(text: str, **_: bool) -> bytes:
        asked.append(len(text))
        return b""

    monkeypatch.setattr("idna.encode", encode)
    to_a_labels("ü" * 759)
    for text in ("ü" * 760, "\u0301\u0316" * 20_000, "xn--" + "a" * 756):
        with pytest.raises(UnicodeError, match="characters, and DNS allows 253"):
            to_a_labels(text)
    assert asked == [759]


def test_labels_that_are_no_a_labels_stay_as_they_are() -> None:
    assert to_u_labels("*.xn--bcher-kva.xn--.xn--zzzzzzzzzz99999.example.com") == (
        "*.bücher..xn--zzzzzzzzzz99999.example.com"
    )


@pytest.mark.parametrize("text", ["büch", "BÜCH", "bu\u0308ch", "xn--bch", "XN--BCH", "er.exa", "ü"])
def test_a_part_is_found_in_either_form(text: str) -> None:
    assert is_part_of_any(folded(text), ("a.example.com", "xn--bcher-kva.example.com"))


@pytest.mark.parametrize("text", ["buch", "bücherei", "\u00ad", "\ufeff"])
def test_a_part_of_no_name_is_not_found(text: str) -> None:
    assert not is_part_of_any(folded(text), ("a.example.com", "xn--bcher-kva.example.com"))


def test_a_name_is_decoded_for_the_first_search_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "xn--bcher-kva.decoded-once.example.com"
    assert is_part_of_any("bücher", (name,))
    monkeypatch.setattr(idn, "_to_u_label", lambda _label: pytest.fail("it is decoded again"))
    assert is_part_of_any("bücher", (name,))
    assert not is_part_of_any("fücher", (name,))


@given(st.text(max_size=300))
def test_nothing_that_is_typed_fails(text: str) -> None:
    name = as_typed(text)
    assert name is None or name.endswith(".")
    assert folded(text) or not text
    to_u_labels(text)
