"""How an ExternalDNS is stopped without harm: whoever is left alone deletes nothing before."""

from probe.judge.advice.measures import UPSERT
from probe.model.advice import Situation
from probe.model.first_step import FirstStep
from probe.model.kubectl import edit_and_choose, edit_and_stop, stop
from probe.model.side import Side

V1, V2 = Side


def keep_and_stop(situation: Situation, keeps: Side, doubt: str = "") -> FirstStep:
    """Let one side's ExternalDNS delete nothing, and then stop the other side's; `doubt` says on which condition."""
    other = keeps.other
    if not situation.may_delete(keeps):
        return FirstStep(f"Stop {situation.who(other)}{doubt}.", stop(situation, other))
    return FirstStep(
        f"Give {situation.who(keeps)} {UPSERT}, wait for two syncs of {other.value}'s, then stop that one{doubt}.",
        edit_and_stop(situation, keeps),
    )


def decide_then_stop(situation: Situation) -> FirstStep:
    """Let neither side's ExternalDNS delete anything, and say how to decide which one is stopped then."""
    deleting = [side for side in (V2, V1) if situation.may_delete(side)]
    choice = (
        "after two syncs stop the one whose cluster is not to serve the host: v1's to go on with the move, v2's to "
        "undo it."
    )
    if not deleting:
        return FirstStep(choice.removeprefix("after two syncs ").capitalize(), edit_and_choose(situation, ()))
    whose = "both ExternalDNS" if len(deleting) > 1 else situation.who(deleting[0])
    return FirstStep(f"Give {whose} {UPSERT}; {choice}", edit_and_choose(situation, deleting))
