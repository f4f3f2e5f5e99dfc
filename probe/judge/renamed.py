"""What a plan calls otherwise than the one before: what is known of a record is of the names that it had then.

A load balancer that goes to the other side, is added or is taken out changes what answers are called, and not what they
are. Read as a change it would be one that nobody wrote; and until servers were asked again, the record would be held
against owners and expectations of the new plan under the old names. So a record of which an answer is called otherwise
begins anew, with what its servers say next.

Where the new plan has all load balancers that ever showed an address, and all networks, and more, what was a side's is
one's still, in caches too. What led to neither side begins anew: the load balancer that is asked next may be where it
leads.
"""

from typing import NamedTuple

from probe.judge.answer.address_book import AddressBook, carry_over
from probe.judge.answer.classify import classify
from probe.judge.answer.held import is_held
from probe.judge.record.state import RecordMemory
from probe.judge.share.window import first_shares
from probe.judge.state import DomainState
from probe.model.confirmation import Confirmation
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.plan import Plan
from probe.model.question import Question
from probe.model.record import Position, RecordStatus, ServerStatus
from probe.model.side import ABSENT_CLASSES, Side


def calls_otherwise(plan: Plan, before: Plan) -> bool:
    """Tell whether a plan has other load balancers or networks of a side than the one before."""
    return any(_targets(plan, side) != _targets(before, side) for side in Side)


class Renaming(NamedTuple):
    """How a plan calls addresses that the one before called otherwise.

    Attributes:
        book: The address book under that plan, with what was learned under the one before.
        grown: It has all load balancers of the one before that ever showed an address, and all networks.
    """

    book: AddressBook
    grown: bool


def renaming_by(plan: Plan, before: Plan, book: AddressBook) -> Renaming | None:
    """Tell how a plan calls addresses otherwise than the one before, whose book this is; None where it does not."""
    if not calls_otherwise(plan, before):
        return None
    after = carry_over(book, plan)
    told = {name: side for name, side in book.names.items() if name in book.answered}
    return Renaming(after, told.items() <= after.names.items() and {*book.networks} <= {*after.networks})


def renamed(state: DomainState, renaming: Renaming) -> DomainState:
    """Begin anew the records of a domain, taken over by the new plan, whose answers are called otherwise."""
    status, (book, grown) = state.status, renaming
    other = [
        _is_of_no_one_side(record.position)
        if grown
        else any(_is_renamed(status.domain.name, record, server, book) for server in record.servers)
        for record in status.records
    ]
    if not any(other):
        return state
    kinds = {record.rdtype for record, is_other in zip(status.records, other, strict=True) if is_other}
    begun = first_shares(status.domain)
    records = tuple(
        RecordStatus(record.rdtype, existed=record.existed) if record.rdtype in kinds else record
        for record in status.records
    )
    memories = tuple(
        RecordMemory() if is_other else memory for memory, is_other in zip(state.memory.records, other, strict=True)
    )
    anew = status._replace(
        records=records,
        shares=begun.shares,
        drain=None,
        confirmation=Confirmation(),
        decommission=None,
        resolvers=tuple(one for one in status.resolvers if one.rdtype not in kinds),
        convergences=tuple(one for one in status.convergences if one.rdtype not in kinds),
        cached_answers=tuple(
            one for one in status.cached_answers if one.rdtype not in kinds or (grown and one.position.is_side)
        ),
    )
    return DomainState(anew, state.memory._replace(records=memories, windows=begun.windows)).judged_at(None)


def _is_of_no_one_side(position: Position | None) -> bool:
    return position is not None and position is not Position.ABSENT and not position.is_side


def _is_renamed(name: DomainName, record: RecordStatus, server: ServerStatus, book: AddressBook) -> bool:
    """Tell whether a server's newest answer is called otherwise; one that is not kept may be."""
    was, response = server.answer_class, server.response
    if was is None:
        return False
    if not isinstance(response, Response):
        return was not in ABSENT_CLASSES
    question = Question(name, record.rdtype)
    now, _ = classify(response, question, server.server.role, book, held=is_held(server.server, response))
    return now is not was


def _targets(plan: Plan, side: Side) -> tuple[object, object]:
    return (frozenset(plan.side(side).load_balancers), frozenset(plan.side(side).networks))
