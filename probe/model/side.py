"""The two clusters, and what one answer says about them."""

from typing import assert_never

from probe.model.word import Word


class Side(Word):
    """The cluster, by its load balancers, that an answer leads to."""

    V1 = "v1"
    V2 = "v2"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.V2 if self is Side.V1 else Side.V1


class AnswerClass(Word):
    """What one response says about a record. Everything but FAILED is evidence."""

    V1 = "v1"
    V2 = "v2"
    MIXED = "mixed"
    """Addresses of both sides in one answer: a simple record with several values, or a mistaken address book."""
    FOREIGN = "foreign"
    """An answer that leads to neither side."""
    NODATA = "nodata"
    """The name exists, this type does not (RFC 2308 section 2.2)."""
    NXDOMAIN = "nxdomain"
    """The name does not exist (RFC 2308 section 2.1)."""
    FAILED = "failed"
    """No evidence, with a FailureReason."""

    @property
    def is_side(self) -> bool:
        """It leads to one side."""
        match self:
            case AnswerClass.V1 | AnswerClass.V2:
                return True
            case (
                AnswerClass.MIXED | AnswerClass.FOREIGN | AnswerClass.NODATA | AnswerClass.NXDOMAIN | AnswerClass.FAILED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_absent(self) -> bool:
        """It denies the record."""
        match self:
            case AnswerClass.NODATA | AnswerClass.NXDOMAIN:
                return True
            case AnswerClass.V1 | AnswerClass.V2 | AnswerClass.MIXED | AnswerClass.FOREIGN | AnswerClass.FAILED:
                return False
            case _:
                assert_never(self)

    @property
    def leads_to_v1(self) -> bool:
        """It leads clients to v1, always or at times."""
        match self:
            case AnswerClass.V1 | AnswerClass.MIXED:
                return True
            case AnswerClass.V2 | AnswerClass.FOREIGN | AnswerClass.NODATA | AnswerClass.NXDOMAIN | AnswerClass.FAILED:
                return False
            case _:
                assert_never(self)


ANSWER_CLASSES = tuple(AnswerClass)
"""In the order in which a record counts its answers."""

ABSENT_CLASSES = frozenset(answer_class for answer_class in AnswerClass if answer_class.is_absent)
"""The answers that deny a record."""
