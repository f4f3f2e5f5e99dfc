"""What a rule found, and the lines of evidence that findings show."""

from collections.abc import Sequence
from typing import NamedTuple

from probe.model.finding import Severity
from probe.model.name import display
from probe.model.outcome import Response
from probe.model.ownership import TxtStatus
from probe.model.record import RecordStatus
from probe.model.text import PLACES, listed, moment

MAX_SHOWN = 80
"""Characters of one value of an answer that a line of evidence shows: a load balancer's name fits."""


class Found(NamedTuple):
    """What holds at present.

    Attributes:
        sentence: What happens, with names.
        evidence: Lines, newest last.
        severity: How loud, when it is not as loud as its code usually is.
        inferred: Whether its cause is inferred, when it is not as its code usually is.
    """

    sentence: str
    evidence: tuple[str, ...] = ()
    severity: Severity | None = None
    inferred: bool | None = None


def kinds(pair: Sequence[RecordStatus]) -> str:
    """Write the types of some records."""
    return listed([record.rdtype.value for record in pair])


def history(pair: Sequence[RecordStatus]) -> tuple[str, ...]:
    """Write the newest transitions of some records, in their order."""
    changes = sorted(
        ((transition, record) for record in pair for transition in record.recent),
        key=lambda change: change[0].at.monotonic,
    )
    return tuple(
        f"{moment(transition.at)}: {record.rdtype.value} went from {PLACES[transition.before]} to "
        f"{PLACES[transition.after]}"
        for transition, record in changes
    )


def word_by_word(pair: Sequence[RecordStatus]) -> tuple[str, ...]:
    """Write what each server says of some records: who, when, which side, and the answer itself."""
    return tuple(
        f"{moment(server.at)}: {display(server.server.name)} ({server.server.address}) answers "
        f"{server.answer_class.value} for {record.rdtype.value}{_answer(server.response)}"
        for record in pair
        for server in record.servers
        if server.at is not None and server.answer_class is not None
    )


def _answer(response: Response | None) -> str:
    """Write the values of an answer; the class says it all where there are none."""
    values = [display(value) for rrset in response.answer for value in rrset.rdata] if response is not None else []
    return f": {listed([value[:MAX_SHOWN] for value in values])}" if values else ""


def txt_by_txt(txts: Sequence[TxtStatus]) -> tuple[str, ...]:
    """Write what stands at some TXT names, who said so, and since when."""
    return tuple(f"{moment(txt.at)}: {_who(txt)}{_standing(txt)}" for txt in txts if txt.at is not None)


def _who(txt: TxtStatus) -> str:
    return f"{display(txt.server.name)} ({txt.server.address}): " if txt.server is not None else ""


def _standing(txt: TxtStatus) -> str:
    name = display(txt.name)
    since = f", the same since {moment(txt.since)}" if txt.since is not None and txt.answers > 1 else ""
    if txt.owners:
        words = [
            f'owner "{owner.owner}"' + (f" for {owner.resource}" if owner.resource else "") for owner in txt.owners
        ]
        return f"TXT {name} names {listed(words)}{since}"
    if txt.opaque:
        return f"TXT {name} holds an encrypted value{since}"
    return f"TXT {name} holds no ownership{since}"
