"""What readers say goes wrong, as a sentence by itself."""

MAX_GAPS = 5
"""Sentences of one witness about what could not be read: who has more of them begins with the first."""


def sentence_of(text: str) -> str:
    """Write a clause as a sentence: with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}".removesuffix(".") + "."
