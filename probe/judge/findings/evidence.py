"""What a rule found, and the lines of evidence that findings show."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from probe.model.advice import Advise
from probe.model.clock import Instant
from probe.model.finding import FactLabel, LabelledFact, Severity
from probe.model.name import display
from probe.model.outcome import Response
from probe.model.ownership import TxtStatus
from probe.model.record import RecordStatus, ServerStatus
from probe.model.side import AnswerClass, Side
from probe.model.text import PLACES, listed, moment, plural

MAX_SHOWN = 80
"""Characters of one value of an answer that a line of evidence shows: a load balancer's name fits."""


class Found(NamedTuple):
    """What holds at present.

    Attributes:
        sentence: The headline: what happens to whom, in at most twenty words.
        evidence: Lines, newest last.
        severity: How loud, when it is not as loud as its code usually is.
        inferred: Whether its cause is inferred, when it is not as its code usually is.
        facts: What stands beneath the headline.
        advise: What to do, when the evidence tells it better than its code.
        pending: Seconds for which it has to hold before it is raised, when that is longer than its code usually takes.
        unlike: Sides whose ExternalDNS do what they would not by the plan's flags: their policy is not taken from it.
    """

    sentence: str
    evidence: tuple[str, ...] = ()
    severity: Severity | None = None
    inferred: bool | None = None
    facts: tuple[LabelledFact, ...] = ()
    advise: Advise | None = None
    pending: float = 0.0
    unlike: tuple[Side, ...] = ()


def facts(*told: tuple[FactLabel, str]) -> tuple[LabelledFact, ...]:
    """Label facts; one that has nothing to say is left out."""
    return tuple(LabelledFact(label, text) for label, text in told if text)


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
        f"{PLACES[transition.after]}{', by a wildcard: its own record is gone' if transition.uncovered else ''}"
        for transition, record in changes
    )


def word_by_word(pair: Sequence[RecordStatus]) -> tuple[str, ...]:
    """Write what servers say of some records: who, when, which side, and the answer itself.

    Servers that say the same are counted in one line, with the newest of their moments: eight equal lines hide a ninth.
    """
    return tuple(line for record in pair for line in _answers(record))


def _answers(record: RecordStatus) -> list[str]:
    said: dict[AnswerClass, list[tuple[Instant, ServerStatus]]] = {}
    for server in record.servers:
        if server.at is not None and server.answer_class is not None:
            said.setdefault(server.answer_class, []).append((server.at, server))
    return [_line(record, answer_class, told) for answer_class, told in said.items()]


def _line(record: RecordStatus, answer_class: AnswerClass, told: Sequence[tuple[Instant, ServerStatus]]) -> str:
    newest = max((at for at, _ in told), key=lambda at: at.monotonic)
    if len(told) == 1:
        server = told[0][1].server
        who = f"{display(server.name)} ({server.address}) answers"
    else:
        who = f"{len(told)} of {plural(len(record.servers), 'server')} answer"
    return (
        f"{moment(newest)}: {who} {answer_class.value} for {record.rdtype.value}"
        f"{_values(server.response for _, server in told)}"
    )


def _values(responses: Iterable[Response | None]) -> str:
    """Write the values of some answers, each once; the class says it all where there are none."""
    answers = {id(response.answer): response.answer for response in responses if response is not None}
    values = dict.fromkeys(
        display(value)[:MAX_SHOWN] for answer in answers.values() for rrset in answer for value in rrset.rdata
    )
    return f": {listed(list(values))}" if values else ""


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
