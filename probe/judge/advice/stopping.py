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


def keep_all_and_stop(situation: Situation, keeps: Side) -> FirstStep:
    """The same where other hosts may be in the fight: whose ExternalDNS is stopped decides for all of them.

    The condition stands before what depends on it, and behind what is safe without it.
    """
    other = keeps.other
    another = f"nless {other.value} keeps another host in this fight"
    if not situation.may_delete(keeps):
        return FirstStep(f"U{another}, stop {situation.who(other)}.", stop(situation, other))
    return FirstStep(
        f"Give {situation.who(keeps)} {UPSERT}; u{another}, stop {other.value}'s after two of its syncs.",
        edit_and_stop(situation, keeps),
    )


def decide_then_stop(situation: Situation, *, serves: str = "is not to serve the host") -> FirstStep:
    """Let neither side's ExternalDNS delete anything, and say how to decide which one is stopped then.

    Args:
        situation: Where.
        serves: What the cluster of the one that is stopped does not do.
    """
    deleting = [side for side in (V2, V1) if situation.may_delete(side)]
    choice = f"after two syncs stop the one whose cluster {serves}: v1's to go on with the move, v2's to undo it."
    if not deleting:
        return FirstStep(choice.removeprefix("after two syncs ").capitalize(), edit_and_choose(situation, ()))
    whose = "both ExternalDNS" if len(deleting) > 1 else situation.who(deleting[0])
    return FirstStep(f"Give {whose} {UPSERT}; {choice}", edit_and_choose(situation, deleting))
