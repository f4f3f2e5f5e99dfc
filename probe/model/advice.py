"""What to do about a finding, in an order in which each step may be the last one that is done.

Advice depends on the situation: what is expected of the domain, and which ExternalDNS see it.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from probe.model.external_dns import ExternalDns
from probe.model.first_step import FirstStep
from probe.model.plan import Expectation
from probe.model.side import Side
from probe.model.text import listed


class Advice(NamedTuple):
    """What to do.

    Attributes:
        first: The first step. Where no other one is done, no host is worse off than before.
        then: What to do after that, in order.
    """

    first: FirstStep
    then: str


class Situation(NamedTuple):
    """What advice depends on.

    Attributes:
        expectation: What is expected of the domain; None where that is not known.
        v1, v2: Each side's ExternalDNS that see the domain, by the plan; empty where it tells of none.
    """

    expectation: Expectation | None = None
    v1: tuple[ExternalDns, ...] = ()
    v2: tuple[ExternalDns, ...] = ()

    @property
    def expected(self) -> Side | None:
        """The one side that the domain is expected on; None while it moves, is split, or nothing is known."""
        return None if self.expectation is None else self.expectation.side

    def of(self, side: Side) -> tuple[ExternalDns, ...]:
        """A side's ExternalDNS; one of which nothing is known where the plan tells of none."""
        return (self.v1 if side is Side.V1 else self.v2) or (ExternalDns(),)

    def may_delete(self, side: Side) -> bool:
        """Tell whether an ExternalDNS of a side may delete hosts: each of which the plan does not declare otherwise."""
        return any(one.policy is None or one.policy.deletes for one in self.of(side))

    def who(self, side: Side) -> str:
        """Name a side's ExternalDNS, by what people call it where it has a name."""
        names = [one.name for one in self.of(side) if one.name is not None]
        return f"{side.value}'s ExternalDNS" + (f" ({listed(names)})" if names else "")


Advise: TypeAlias = Callable[[Situation], Advice]
"""Says what to do in a situation."""

ANYWHERE = Situation()
"""Nothing is known: what a list of all findings shows."""


USUAL = "usual"
"""The key of what a code advises unless the evidence says otherwise."""

UNLISTED = "unlisted"
"""The key of an advice that the catalogue does not list: nobody but the finding itself may say what it is."""


class OtherAdvice(NamedTuple):
    """What a finding advises where its evidence tells better than its code what to do.

    Attributes:
        key: What metrics call it, so that an alert, which knows no evidence, says the same.
        advise: Says it.
    """

    key: str
    advise: Advise


def always(first: FirstStep, then: str) -> Advise:
    """Advise the same in every situation."""
    return lambda _situation: Advice(first, then)
