"""Remembering what a function gave for the very same values, told by their identity.

A domain's status is asked the same things many times while one answer is judged: who owns its records, by four rules
and a criterion. Comparing statuses, or hashing them, would cost more than the answers do; that it is the very same
tuple costs nothing to see.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


def by_identity(entries: int) -> Callable[[Callable[[*Arguments], Result]], Callable[[*Arguments], Result]]:
    """Remember the latest results of a pure function of frozen values, by the identity of its arguments.

    The arguments are kept beside the result: no other value gets their identity meanwhile. Any thread may call it.

    Args:
        entries: How many are remembered; then all are forgotten. As many as one judgement needs: the next one is of
            another domain.
    """

    def decorate(function: Callable[[*Arguments], Result]) -> Callable[[*Arguments], Result]:
        known: dict[tuple[int, ...], tuple[tuple[*Arguments], Result]] = {}

        @wraps(function)
        def remembered(*arguments: *Arguments) -> Result:
            key = tuple(map(id, arguments))
            found = known.get(key)
            if found is None:
                if len(known) >= entries:
                    known.clear()
                found = known[key] = (arguments, function(*arguments))
            return found[1]

        return remembered

    return decorate
