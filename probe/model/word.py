"""Closed sets of words that stand in dictionaries' keys on the path of every observation."""

from enum import StrEnum


class Word(StrEnum):
    """A StrEnum that hashes as the string that it is, in C.

    Enum's own `__hash__` is a Python function; with some ten look-ups for each observation it took a twentieth of
    all time. Equality is str's already, so that equal words still hash alike.
    """

    __hash__ = str.__hash__
