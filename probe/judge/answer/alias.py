"""Whether an answer comes from a Route 53 alias: bare addresses that a load balancer showed."""

from probe.judge.answer.address_book import AddressBook
from probe.model.outcome import Response
from probe.model.question import Question


def is_alias(response: Response, question: Question, book: AddressBook) -> bool | None:
    """Tell whether an alias gave this answer.

    Returns:
        True when a load balancer showed one of its addresses; False for a CNAME, a denial or unknown addresses; None
        when its addresses are known from the plan's networks only: an alias and a plain record look alike then.
    """
    addresses = [
        address
        for rrset in response.answer
        if rrset.rdtype == question.rdtype and rrset.name == question.name
        for address in rrset.rdata
    ]
    if any(book.is_learned(address) for address in addresses):
        return True
    return None if any(book.side_of(address) for address in addresses) else False
