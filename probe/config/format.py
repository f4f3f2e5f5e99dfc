"""Which file it is: the schema that it is held to, and the words in which its mistakes are told."""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that a user writes.

    Attributes:
        noun: What it is called in messages.
        root: Its schema.
        reference: The document that describes it.
        start: Where to begin when there is nothing yet.
        first_key: A key that it may begin with.
        depth: How many levels deep it is at most.
        too_much: What to do with more of it than can be taken.
        secrets: Keys at the top below which no value is ever repeated in a message.
    """

    noun: str
    root: type[BaseModel]
    reference: str
    start: str
    first_key: str
    depth: int
    too_much: str
    secrets: frozenset[str] = frozenset()
