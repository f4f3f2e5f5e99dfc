"""Text of others as a report, a terminal or a log may show it."""

LONGEST = 2_000
"""Characters of one text in a report: a TXT string has 255 octets at most, and a sentence may quote several. What is to
be done is never cut: an order of steps that ends in the middle does harm."""


def readable(text: object) -> str:
    """Write text without what is not to be read (controls, direction marks), and cut it where it is too long."""
    clean = "".join(char if char.isprintable() else " " for char in str(text))
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"
