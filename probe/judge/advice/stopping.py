"""How an ExternalDNS is stopped without harm: whoever is left alone deletes nothing before."""

from probe.judge.advice.measures import UPSERT
from probe.model.advice import Situation
from probe.model.first_step import FirstStep
from probe.model.kubectl import edit_and_choose, edit_and_stop, stop
from probe.model.side import Side

V1, V2 = Side


IN_FIGHT = "in this fight"


def keep_and_stop(situation: Situation, keeps: Side, *, others: str = IN_FIGHT, doubt: str = "") -> FirstStep:
    """Let one side's ExternalDNS delete nothing, and then stop the other side's, which acts on each host that it has.

    The conditions stand before what depends on them, and behind what is safe without them.

    Args:
        situation: Where.
        keeps: Whose cluster keeps the host.
        others: Which other hosts the one that is stopped would be missed for.
        doubt: On which further condition it is stopped.
    """
    other = keeps.other
    another = f"nless {other.value} keeps another host {others}"
    if not situation.may_delete(keeps):
        return FirstStep(f"U{another}, stop {situation.who(other)}{doubt}.", stop(situation, other))
    syncs = "two syncs" if doubt else "two of its syncs"  # a first step has twenty words
    return FirstStep(
        f"Give {situation.who(keeps)} {UPSERT}; u{another}, stop {other.value}'s after {syncs}{doubt}.",
        edit_and_stop(situation, keeps),
    )


def decide_then_stop(situation: Situation) -> FirstStep:
    """Let neither side's ExternalDNS delete anything, and say how to decide which one is stopped then."""
    deleting = [side for side in (V2, V1) if situation.may_delete(side)]
    choice = (
        f"after two syncs stop the one whose cluster is to serve no host {IN_FIGHT}: v1's to go on with the move, "
        "v2's to undo it."
    )
    if not deleting:
        return FirstStep(choice.removeprefix("after two syncs ").capitalize(), edit_and_choose(situation, ()))
    whose = "both ExternalDNS" if len(deleting) > 1 else situation.who(deleting[0])
    return FirstStep(f"Give {whose} {UPSERT}; {choice}", edit_and_choose(situation, deleting))
