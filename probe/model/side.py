"""The two clusters, and what one answer says about them."""

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


ABSENT_CLASSES = frozenset({AnswerClass.NODATA, AnswerClass.NXDOMAIN})
