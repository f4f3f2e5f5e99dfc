"""What stands in a hosted zone, as the tests of witnesses write it."""

from probe.model.witness import WrittenSet


def simple(target: str, rdtype: str = "A") -> WrittenSet:
    """Make the one record set of a type."""
    return WrittenSet(rdtype, (target,))


def routed(identifier: str, target: str, weight: int | None, rdtype: str = "A") -> WrittenSet:
    """Make one of several sets between which Route 53 chooses."""
    return WrittenSet(rdtype, (target,), identifier, weight)
