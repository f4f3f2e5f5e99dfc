"""What clusters that were read want of a host today: who of them writes it, and how its objects say so.

What was not read is assumed (`probe.judge.rehearsal.assumptions` says how): a cluster that is no `ReadSide` of a host.
"""

from typing import NamedTuple

from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.rewrite import SIMPLE, ChosenBy
from probe.model.side import Side


class ReadWish(NamedTuple):
    """What the objects that one ExternalDNS reads say of a host.

    Attributes:
        name: Of that ExternalDNS in the plan; None where its side has only one, or none was found: each of them.
        by: The record set's identifier, and by what it is chosen; None: as the plan declares it.
        ttl: Seconds, where an object sets them.
        addresses: It leads to addresses, and not to a load balancer's name.
        evaluates: The annotation `aws-evaluate-target-health`; None where there is none.
    """

    name: str | None
    by: ChosenBy | None = SIMPLE
    ttl: int | None = None
    addresses: bool = False
    evaluates: bool | None = None

    def is_of(self, player: Player) -> bool:
        """Tell whether an ExternalDNS reads it."""
        return self.name is None or self.name == player.setup.name

    def shape(self, player: Player, standing: Shape) -> Shape:
        """Tell how an ExternalDNS leads the host there, where it stands in some way."""
        if self.addresses:
            return Shape.ADDRESSES
        return player.shape(Shape.ALIAS if standing is Shape.ADDRESSES else standing)


class ReadSide(NamedTuple):
    """What a cluster that was read wants of a host: nothing, where it has no wish.

    Attributes:
        side: Whose.
        wishes: One for each ExternalDNS that writes the host.
    """

    side: Side
    wishes: tuple[ReadWish, ...] = ()

    def of(self, player: Player) -> ReadWish | None:
        """Give what an ExternalDNS wants of the host."""
        return next((one for one in self.wishes if one.is_of(player)), None)
