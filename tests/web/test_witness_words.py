"""What the pages say of witnesses beside DNS: who is silent and why, what a word is worth, what the plan lacks."""

from dataclasses import replace

import pytest

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.testimony import Knowledge, WitnessStatus
from probe.web.witness_words import lacking_words, silence_words, worth_words
from tests.snapshots import NOW, WITNESSES, snapshot

DEAD, ALIVE, AWAITED = WITNESSES


def test_a_silent_witness_says_why_since_when_and_that_no_verdict_rests_on_it() -> None:
    assert silence_words(DEAD, NOW) == (
        "The witness kubernetes-v1 cannot be read. The API server of `eks-v1` refuses the credentials (401): log in "
        "again, or renew the token. It was read last 20 min ago. No verdict rests on it."
    )
    forgotten = replace(DEAD, knowledge=Knowledge.FORGOTTEN, read=Instant(0.0, 0.0))
    assert "2 h ago. What it said is forgotten. No verdict rests on it." in silence_words(forgotten, NOW)
    assert "It was never read since the start." in silence_words(replace(DEAD, read=None), NOW)


@pytest.mark.parametrize("one", [ALIVE, AWAITED], ids=["read", "not read yet"])
def test_one_that_is_read_or_awaited_is_not_complained_of(one: WitnessStatus) -> None:
    assert silence_words(one, NOW) == ""


def test_what_a_word_is_worth_is_said_with_its_age() -> None:
    assert [worth_words(one, NOW) for one in WITNESSES] == [
        "old: nothing new is concluded from it, read 20 min ago",
        "current, watched, and heard 30 s ago",
        "not known since the start",
    ]
    assert worth_words(replace(ALIVE, watched=False), NOW) == "current, read 30 s ago"


def test_hosts_that_the_plan_lacks_are_named_up_to_some() -> None:
    many = snapshot(())
    (told,) = lacking_words(many)
    assert told == (
        "The plan lacks 6 hosts that kubernetes-v2 wants: new-0.example.com, new-1.example.com, new-2.example.com, "
        "new-3.example.com, new-4.example.com and 1 more. This probe does not watch them."
    )
    one = replace(ALIVE, lacking=(DomainName("new.example.com."),), lacking_count=1)
    assert lacking_words(replace(many, witnesses=(one, DEAD))) == [
        "The plan lacks 1 host that kubernetes-v2 wants: new.example.com. This probe does not watch them."
    ]
