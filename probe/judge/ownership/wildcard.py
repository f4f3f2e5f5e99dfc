"""What is a name's own, and what a wildcard made up for it (RFC 4592), told by asking for names that no one created.

A wildcard answers for every name below its parent that does not exist, TXT names included: ExternalDNS up to v0.17
wrote the ownership of `*.w` at `*.w` itself, and so every `a-...` below `w` seems to hold it. Two questions tell:

- a *sibling*, `<label>.w`: no one created it, so what it is answered with is what a wildcard holds;
- a *child*, `<label>.m.w`: where `m.w` exists it is the closest encloser, and the child is NXDOMAIN; where `m.w` is
  made up itself the child is made up as well, by the same wildcard.

So a TXT that reads as the sibling's does is the wildcard's, unless its child is NXDOMAIN; and a name whose child is
made up has no record of its own. The label is the domain's, so that an answer is known to be meant for it. They are ten
questions a domain and hour at most, three where no wildcard stands, and their answers are remembered with the status.

Whose the wildcard is stands at the wildcard itself (v0.17 and older), or where the sides' registries keep its
ownership: `a-*.w`, or with a replacement `a-any.w`. Where a wildcard was found, these names are asked as well.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

from probe.judge.answer.held import speaks_for_zone
from probe.judge.ownership.heritage import read
from probe.judge.ownership.names import places_of
from probe.model.domain import DomainStatus
from probe.model.external_dns import TxtRegistry, Unseal
from probe.model.name import DomainName, is_within, parent
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.ownership import TxtStatus
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import Position, RecordStatus
from probe.model.wildcard import WildcardAnswer

PREFIX = "cutover-probe-"
"""What the label of every such name begins with: readers of a query log know who asked."""

WILDCARDS = 1_024
"""Wildcards whose names of ownership are remembered: one for each zone, or subdomain, of a plan."""

REPEATED_AFTER = 3600.0
"""Seconds after which a question is asked again: a wildcard is written once in years, and three questions an hour are a
five-hundredth of what a calm domain costs."""

HEARD_EVERYWHERE = 60.0
"""Seconds after a change after which what was answered soon after it is asked again: the default grace time, in which
every machine hears of a change. One that had not yet would be believed for an hour."""

TOLD_LATER = HEARD_EVERYWHERE + 30.0
"""Seconds after a change within which an answer may turn that tells that a wildcard made it up: it is asked for again
once every machine has heard of the change, and a calm turn or two bring the answer."""

_TXT_TYPE = RecordType.TXT
_MAX_ABSOLUTE_NAME = 254  # characters of an absolute name in presentation format (RFC 1035 section 2.3.4)


@lru_cache(maxsize=16384)
def label(domain: DomainName) -> str:
    """Give the label under which a domain's questions for names that no one created are asked."""
    return PREFIX + blake2b(domain.encode(), digest_size=6).hexdigest()


def questions(
    status: DomainStatus, zone: DomainName | None, registries: Sequence[TxtRegistry] = ()
) -> tuple[Question, ...]:
    """Give all that is worth asking by what is known now: siblings; children and owners where a wildcard was found.

    Args:
        status: What is known of the domain.
        zone: The zone that holds it: nothing outside is asked.
        registries: The TXT registry's flags of every ExternalDNS: where a wildcard's owner may stand.
    """
    domain = status.domain.name
    if zone is None or domain.startswith("*."):
        return ()
    mark = label(domain)
    parents = dict.fromkeys(parent(name) for name in (domain, *(txt.name for txt in status.txts)))
    asked = [
        Question(DomainName(f"{mark}.{above}"), rdtype)
        for above in parents
        if is_within(above, zone)
        for rdtype in ((*ADDRESS_TYPES, RecordType.TXT) if above == parent(domain) else (RecordType.TXT,))
    ]
    if any(known.exists for known in _siblings(status, domain)):
        asked.append(Question(DomainName(f"{mark}.{domain}"), RecordType.A))
    asked += [Question(DomainName(f"{mark}.{txt.name}"), RecordType.TXT) for txt in status.txts if txt.synthesised]
    if any(known.rdata for known in _siblings(status, domain)):
        asked += [Question(name, _TXT_TYPE) for name in owner_places(status, registries) if is_within(name, zone)]
    return tuple(question for question in dict.fromkeys(asked) if len(question.name) <= _MAX_ABSOLUTE_NAME)


def owner_places(status: DomainStatus, registries: Iterable[TxtRegistry]) -> tuple[DomainName, ...]:
    """Give the names beside the wildcard that may cover a domain at which its ownership may stand."""
    domain = status.domain.name
    if domain.startswith("*."):
        return ()
    wildcard, own = DomainName(f"*.{parent(domain)}"), {txt.name for txt in status.txts}
    return tuple(name for name in _places(wildcard, tuple(registries)) if name != wildcard and name not in own)


@lru_cache(maxsize=WILDCARDS)
def _places(wildcard: DomainName, registries: tuple[TxtRegistry, ...]) -> tuple[DomainName, ...]:
    return tuple(places_of(wildcard, registries))


def due(
    status: DomainStatus, zone: DomainName | None, now: float | None, registries: Sequence[TxtRegistry] = ()
) -> tuple[Question, ...]:
    """Give those that were never answered, or not for long before monotonic second `now` (None: that does not matter).

    Whether a name has a record of its own is asked again once the record has changed.
    """
    known = {(answer.name, answer.rdtype): answer.at.monotonic for answer in status.wildcard_answers}
    changed = max((record.recent[-1].at.monotonic for record in status.records if record.recent), default=None)
    child = f"{label(status.domain.name)}.{status.domain.name}"
    wanted = []
    for question in questions(status, zone, registries):
        at = known.get((question.name, question.rdtype))
        old = at is not None and now is not None and now - at >= REPEATED_AFTER
        outrun = at is not None and changed is not None and question.name == child and _is_outrun(at, changed, now)
        if at is None or old or outrun:
            wanted.append(question)
    return tuple(wanted)


def _is_outrun(at: float, changed: float, now: float | None) -> bool:
    """Tell whether an answer is from before a change, or so soon after it that it may come from a late machine."""
    return at < changed or (now is not None and at < changed + HEARD_EVERYWHERE <= now)


def own_question(status: DomainStatus) -> Question | None:
    """Give the question that tells whether a name has a record of its own; None where no wildcard stands beside it."""
    domain = status.domain.name
    name = DomainName(f"{label(domain)}.{domain}")
    asked = any(known.exists for known in _siblings(status, domain)) and len(name) <= _MAX_ABSOLUTE_NAME
    return Question(name, RecordType.A) if asked else None


def is_uncovered(status: DomainStatus, since: float) -> bool:
    """Tell whether a name has lost its own record, so that a wildcard answers for it, as was seen since a second.

    A and AAAA are lost at once and are seen to be one after the other.
    """
    if not status.wildcard_answers:  # told for every answer of a record that is disturbed
        return False
    domain = status.domain.name
    child = _answer(status, DomainName(f"{label(domain)}.{domain}"), RecordType.A)
    if child is None or not child.exists or child.since is None:
        return False
    lately = child.at.monotonic >= since and child.since.monotonic >= since - HEARD_EVERYWHERE
    return lately and any(known.rdata for known in _siblings(status, domain))


def explained(status: DomainStatus) -> DomainStatus:
    """Say of the newest change that nobody has written it, where only a later answer tells that a wildcard made it up.

    That answer may be lost, or come from a machine that had not heard of the deletion. What was told of the change
    when it was confirmed stands in the journal and in the counters; what is concluded from it from now on does not.
    """
    child = _answer(status, DomainName(f"{label(status.domain.name)}.{status.domain.name}"), RecordType.A)
    if child is None or child.since is None or not child.exists:
        return status
    records = tuple(_explained(record, status, child.since.monotonic) for record in status.records)
    same = all(after is before for after, before in zip(records, status.records, strict=True))
    return status if same else status._replace(records=records)


def _explained(record: RecordStatus, status: DomainStatus, gone: float) -> RecordStatus:
    if not record.recent:
        return record
    newest = record.recent[-1]
    at = newest.at.monotonic
    under_way = any(server.position not in {None, newest.after} for server in record.servers)  # perhaps the next change
    if newest.uncovered or newest.after is Position.ABSENT or under_way or gone > at + TOLD_LATER:
        return record
    if not is_uncovered(status, at):
        return record
    return record._replace(recent=(*record.recent[:-1], newest._replace(reversal=False, uncovered=True)))


def is_asked_beside(status: DomainStatus, name: DomainName, registries: Iterable[TxtRegistry] = ()) -> bool:
    """Tell whether a name is asked beside the domain: one that no one created, or a place of a wildcard's owner."""
    if name.startswith(PREFIX):
        return name.startswith(label(status.domain.name) + ".")
    return name not in {txt.name for txt in status.txts} and name in owner_places(status, registries)


def hear(status: DomainStatus, observation: Observation) -> DomainStatus:
    """Take in an answer at a name that no one created; ownership that a wildcard made up is taken back."""
    outcome, question = observation.outcome, observation.question
    if not isinstance(outcome, Response) or outcome.rcode not in ("NOERROR", "NXDOMAIN"):
        return status
    if not speaks_for_zone(observation.server, outcome):
        return status
    rdata = tuple(value for rrset in outcome.answer for value in rrset.rdata)
    exists, before = outcome.rcode == "NOERROR", _answer(status, question.name, question.rdtype)
    turned = before is not None and before.exists is not exists
    since = observation.at if turned else before.since if before is not None else None
    name = next((known.name for known in status.wildcard_answers if known.name == question.name), question.name)
    answer = WildcardAnswer(name, question.rdtype, exists, rdata, observation.at, since)  # of three types, one name
    others = (known for known in status.wildcard_answers if (known.name, known.rdtype) != (answer.name, answer.rdtype))
    heard = status._replace(wildcard_answers=(*others, answer))
    return heard._replace(txts=tuple(_without_made_up(heard, txt) for txt in heard.txts))


def is_made_up(status: DomainStatus, name: DomainName, values: Sequence[str]) -> bool:
    """Tell whether the TXT values that a name was answered with are a wildcard's."""
    if not values:
        return False
    sibling = _answer(status, DomainName(f"{label(status.domain.name)}.{parent(name)}"), RecordType.TXT)
    if sibling is None or frozenset(sibling.rdata) != frozenset(values):
        return False
    child = _answer(status, DomainName(f"{label(status.domain.name)}.{name}"), RecordType.TXT)
    return child is None or child.exists


def covered_by(status: DomainStatus) -> DomainName | None:
    """Give the wildcard that answers for a domain without a record of its own; None where it has one, or may have.

    The wildcard that is named is the nearest that there can be; it may stand further up.
    """
    domain = status.domain.name
    child = _answer(status, DomainName(f"{label(domain)}.{domain}"), RecordType.A)
    changed = [record.recent[-1].at.monotonic for record in status.records if record.recent]
    if child is None or not child.exists or any(child.at.monotonic < at for at in changed):
        return None
    return DomainName(f"*.{parent(domain)}") if any(known.rdata for known in _siblings(status, domain)) else None


def is_open(status: DomainStatus) -> bool:
    """Tell whether an answer is missing yet that tells what is the domain's own, where a wildcard stands beside it."""
    domain = status.domain.name
    if not any(known.exists for known in _siblings(status, domain)):
        return False
    mark = label(domain)
    child = _answer(status, DomainName(f"{mark}.{domain}"), RecordType.A)
    changed = [record.recent[-1].at.monotonic for record in status.records if record.recent]
    if child is None or any(child.at.monotonic < at for at in changed):
        return True
    return any(
        txt.synthesised and _answer(status, DomainName(f"{mark}.{txt.name}"), RecordType.TXT) is None
        for txt in status.txts
    )


def owner_of_wildcard(
    status: DomainStatus, unseal: Unseal | None, registries: Iterable[TxtRegistry] = ()
) -> frozenset[str]:
    """Give the owners of a wildcard: at its own name, as up to v0.17, and where these registries keep its ownership."""
    places = owner_places(status, registries)
    told = [*_siblings(status, status.domain.name), *(one for one in status.wildcard_answers if one.name in places)]
    values = [value for known in told for value in known.rdata if known.rdtype is _TXT_TYPE]
    return frozenset(owner.owner for owner in read(tuple(values), unseal).owners)


def _siblings(status: DomainStatus, name: DomainName) -> Iterable[WildcardAnswer]:
    sibling = f"{label(status.domain.name)}.{parent(name)}"
    return (known for known in status.wildcard_answers if known.name == sibling)


def _answer(status: DomainStatus, name: DomainName, rdtype: RecordType) -> WildcardAnswer | None:
    return next((known for known in status.wildcard_answers if known.name == name and known.rdtype is rdtype), None)


def _without_made_up(status: DomainStatus, txt: TxtStatus) -> TxtStatus:
    """Forget what a wildcard made up; that it was ever taken for the name's own must leave no trace."""
    if not is_made_up(status, txt.name, txt.values):
        return txt
    return TxtStatus(txt.name, at=txt.at, since=txt.at, kind=txt.kind, answers=1, server=txt.server, synthesised=True)
