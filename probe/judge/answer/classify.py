"""What one outcome says about a record: its answer class, or the reason why it says nothing.

The rules, in their order:

| outcome | class |
| --- | --- |
| silence | failed, with its reason |
| SERVFAIL, REFUSED | failed, with that reason; any other code than NOERROR and NXDOMAIN: failed, malformed |
| an authoritative server without AA (a referral, a cache in between) | failed, lame |
| the same out of a cache that the plan names for the zone (`probe.judge.answer.held`) | as a resolver's |
| a resolver's referral: nothing answered, NS without SOA | failed, lame |
| a resolver's NXDOMAIN | nxdomain: whoever asks it gets no address, be it the name or a CNAME's target that it denies |
| a CNAME target that is a side's load balancer | that side, whatever follows: addresses, none, or NXDOMAIN (RFC 6604) |
| any other NXDOMAIN | nxdomain, also at the end of a CNAME chain: the record stands, but leads nowhere |
| addresses of which every known one is shown by load balancers of both sides | failed, contested: it tells no side |
| addresses of one side | that side, also with unknown ones beside them: a load balancer grows before the book knows |
| addresses of both sides | mixed |
| addresses of neither side | foreign |
| a CNAME chain that ends at another name, with the SOA that denies the type there | nodata |
| a CNAME chain that ends at another name, which another zone has to answer | foreign: its name is no side's |
| nothing | nodata |
"""

from typing import TypeAlias

from probe.judge.answer.address_book import AddressBook
from probe.judge.answer.cname import follow
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, failure_of
from probe.model.question import ADDRESS_TYPES, Question
from probe.model.server import ServerRole
from probe.model.side import AnswerClass, Side

Classified: TypeAlias = tuple[AnswerClass, FailureReason | None]

_OF_SIDE = {Side.V1: AnswerClass.V1, Side.V2: AnswerClass.V2}

_NODATA: Classified = (AnswerClass.NODATA, None)
_NXDOMAIN: Classified = (AnswerClass.NXDOMAIN, None)
_FOREIGN: Classified = (AnswerClass.FOREIGN, None)
_MIXED: Classified = (AnswerClass.MIXED, None)
_CONTESTED: Classified = (AnswerClass.FAILED, FailureReason.CONTESTED)
_LAME: Classified = (AnswerClass.FAILED, FailureReason.LAME)


def classify(
    outcome: Outcome, question: Question, role: ServerRole, book: AddressBook, *, held: bool = False
) -> Classified:
    """Tell what an outcome says about the record of `question`. The table at the top of this module has the rules.

    The result depends on the response, the question, the server and `book.version` only, so a caller may keep it for
    the same response object while the version stands.

    Args:
        outcome: What came back.
        question: What was asked.
        role: As what the server was asked.
        book: Whose addresses are whose.
        held: The answer comes out of a cache that the plan names for the zone.
    """
    if isinstance(outcome, NoResponse):
        return AnswerClass.FAILED, outcome.reason
    if outcome.rcode not in ("NOERROR", "NXDOMAIN"):
        return AnswerClass.FAILED, failure_of(outcome.rcode)
    if role is ServerRole.AUTHORITATIVE and not held:
        if not outcome.authoritative:
            return _LAME
    elif not outcome.answer and _is_referral(outcome):
        return _LAME
    if outcome.rcode == "NXDOMAIN" and (role is ServerRole.RESOLVER or not outcome.answer):
        return _NXDOMAIN
    return _of_answer(outcome, question, book)


def is_shadow(outcome: Outcome, question: Question, book: AddressBook) -> bool:
    """Tell whether an answer is no more than a CNAME to a load balancer that has addresses of the other type alone.

    The CNAME stands in for both types; of this one there is nothing to lose.
    """
    if not isinstance(outcome, Response) or outcome.rcode != "NOERROR":
        return False
    end = follow(outcome, question.name, question.rdtype)
    if end.rdata:
        return False
    other = next(rdtype for rdtype in ADDRESS_TYPES if rdtype is not question.rdtype)
    balancers = [target for target in end.targets if book.side_of_name(target) is not None]
    return any(book.shows(name, other) and not book.shows(name, question.rdtype) for name in balancers)


def _of_answer(response: Response, question: Question, book: AddressBook) -> Classified:
    end = follow(response, question.name, question.rdtype)
    for target in end.targets:
        side = book.side_of_name(target)
        if side is not None:
            return _OF_SIDE[side], None
    if response.rcode == "NXDOMAIN":
        return _NXDOMAIN
    if end.rdata:
        return _of_addresses(end.rdata, book)
    if end.targets and not _denies(response):
        return _FOREIGN
    return _NODATA


def _of_addresses(addresses: tuple[str, ...], book: AddressBook) -> Classified:
    sides = {side for address in addresses if (side := book.side_of(address)) is not None}
    if len(sides) > 1:
        return _MIXED
    if sides:
        return _OF_SIDE[sides.pop()], None
    return _CONTESTED if any(book.is_contested(address) for address in addresses) else _FOREIGN


def _is_referral(response: Response) -> bool:
    return any(rrset.rdtype == "NS" for rrset in response.authority) and not _denies(response)


def _denies(response: Response) -> bool:
    """Tell whether an SOA in the authority section denies the type (RFC 2308 section 2.2)."""
    return any(rrset.rdtype == "SOA" for rrset in response.authority)
