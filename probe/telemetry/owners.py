"""Which TXT owners may become label values.

An owner comes out of DNS. Whoever can write a TXT could make a new series with every answer, and Prometheus would keep
each of them. So the owners that the plan names are always told, a limited number of strangers is remembered for the
life of the process, and every other one is `other`.
"""

from probe.model.plan import Plan

OTHER = "other"

DEFAULT_OWNER = "default"
"""What ExternalDNS writes when nobody set `--txt-owner-id`: worth its name whoever else crowds in."""

MAX_STRANGERS = 64
"""Owners outside the plan that are told by name: more clusters than share a zone in any report of a fight."""

MAX_LENGTH = 128
"""Characters of an owner: `--txt-owner-id` is a short identifier; longer text is not one."""


class OwnerLabels:
    """Turns owners into label values. Not safe for several threads at once: its user holds a lock.

    Args:
        max_strangers: How many owners that the plan does not know have a value of their own; all others share one.
    """

    def __init__(self, max_strangers: int = MAX_STRANGERS) -> None:
        self._max_strangers = max_strangers
        self._strangers: set[str] = set()
        self._planned = frozenset({DEFAULT_OWNER})

    def learn(self, plan: Plan) -> None:
        """Take the owners that the plan in force names."""
        setups = (*plan.v1.instances, *plan.v2.instances)
        named = (owner for setup in setups for owner in (setup.txt_owner_id, setup.migrate_from_txt_owner))
        self._planned = frozenset({DEFAULT_OWNER, *(owner for owner in named if owner)})

    def label(self, owner: str) -> str:
        """Give the label value for `owner`."""
        if owner in self._planned or owner in self._strangers:
            return owner
        if len(self._strangers) >= self._max_strangers or not 0 < len(owner) <= MAX_LENGTH:
            return OTHER
        if not owner.isascii() or not owner.isprintable():
            return OTHER
        self._strangers.add(owner)
        return owner
