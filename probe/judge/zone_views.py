"""A name that a public and a private zone have: which view is judged, who sees the other one, and where they differ.

A domain is judged in one view: at the public servers, or through the resolvers that the plan names for its private
zone. Resolvers whose `sees` names the other view are asked as well. What they answer is never compared with what is
judged, so that none of them is late or denies anything; it is shown beside it, as late as their caches let it be seen.
Ownership TXT there is read likewise.
That its clients are led to v1 all the same keeps a domain from being confirmed on v2, and v1 from being removed
(`probe.judge.acceptance.other_view`).
"""

from collections.abc import Container, Iterable
from typing import NamedTuple

from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.answer.held import ROUNDING, held_for, is_fetched
from probe.judge.domain import cache_of, relevant
from probe.judge.ownership.txt_reading import hear
from probe.judge.propagation.resolver import stale_after
from probe.judge.record_sets import is_fresh, side_of_target
from probe.model.clock import Instant, latest
from probe.model.domain import DomainStatus
from probe.model.external_dns import Unseal
from probe.model.name import DomainName, display
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.ownership import TxtStatus
from probe.model.plan import Plan, Probing
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.reason import Views, ViewSeen
from probe.model.record import POSITIONS, Position, RecordState
from probe.model.resolver import ResolverStatus
from probe.model.server import CachedAnswers, Server, ZoneView
from probe.model.side import ABSENT_CLASSES
from probe.model.text import PLACES, brief, listed
from probe.model.witness import Written, WrittenSet, WrittenTxt

UNHEARD = "No resolver that sees it has answered lately"
"""Why nothing is known of a view."""


def judged_view(status: DomainStatus) -> ZoneView:
    """Tell in which view a domain is judged."""
    asked = (server.server.cached for record in status.records for server in record.servers)
    is_private = cache_of(status) is not None or CachedAnswers.ALWAYS in asked
    return ZoneView.PRIVATE if is_private else ZoneView.PUBLIC


def sees_other(resolver: Server, status: DomainStatus) -> bool:
    """Tell whether a resolver sees another view of a domain than the one that is judged."""
    return resolver.sees is not None and resolver.sees is not judged_view(status)


def seeing(resolvers: Iterable[Server], status: DomainStatus) -> tuple[Server, ...]:
    """Give the resolvers that see what is judged of a domain."""
    return tuple(resolver for resolver in resolvers if not sees_other(resolver, status))


class OtherView(NamedTuple):
    """What resolvers tell of the view of a name that is not judged.

    Attributes:
        view: Which it is.
        places: Where it leads, by all that have answered lately; empty where none has.
        heard: What these have answered, resolver by resolver and type by type.
        at: When the newest answer came.
        since: Since when all of them answer what they answer now.
        txts: What stands there at the ownership TXT names, as far as it was answered.
        zone: The hosted zone that holds the name there, where a witness has read it lately: it counts as well.
        zone_sets, zone_txts: Its record sets there, and the ownership TXT.
    """

    view: ZoneView
    places: tuple[Position, ...] = ()
    heard: tuple[ResolverStatus, ...] = ()
    at: Instant | None = None
    since: Instant | None = None
    txts: tuple[TxtStatus, ...] = ()
    zone: DomainName | None = None
    zone_sets: tuple[WrittenSet, ...] = ()
    zone_txts: tuple[WrittenTxt, ...] = ()

    @property
    def who(self) -> tuple[str, ...]:
        """The resolvers that have answered lately, by their names in the plan."""
        return tuple(sorted({one.server.name for one in self.heard}))

    @property
    def owners(self) -> tuple[str, ...]:
        """Those that ownership TXT names, as resolvers and the hosted zone have it."""
        return tuple(sorted({*owners_named(self.txts), *(one.owner for one in self.zone_txts)}))

    @property
    def leads(self) -> str:
        """Where it leads, as the predicate of a sentence."""
        return _leads([place.value for place in self.places])


def other_view(
    status: DomainStatus, at: Instant, resolvers: Iterable[Server], probing: Probing, book: AddressBook
) -> OtherView | None:
    """Tell what the view of a domain answers that is not judged; None where no resolver sees it, and no zone is read.

    Args:
        status: What is known of the domain.
        at: Now.
        resolvers: Those that the plan watches.
        probing: Its cadence: an answer that is older than a few of their turns tells nothing of now.
        book: Tells whose a target is that a hosted zone has.
    """
    written = _zone_beside(status, at)
    if written is None and not any(sees_other(resolver, status) for resolver in resolvers):
        return None
    view = ZoneView.PRIVATE if judged_view(status) is ZoneView.PUBLIC else ZoneView.PUBLIC
    oldest = at.monotonic - stale_after(probing)
    heard = tuple(one for one in status.other_view if one.at is not None and one.at.monotonic >= oldest)
    at_last, since = latest(one.at for one in heard), latest(one.since for one in heard)
    seen = OtherView(view, places_of(heard), heard, at_last, since, _still_beside(status))
    if written is None:
        return seen
    return seen._replace(
        places=_without_absent_families({*seen.places, *_places_in(written, book)}),
        at=latest([at_last, written.at]),
        zone=written.other_zone,
        zone_sets=written.other_sets,
        zone_txts=written.other_txts,
    )


def _zone_beside(status: DomainStatus, at: Instant) -> Written | None:
    """Give what a witness has read, if that is lately and holds the name in the other view."""
    written = status.witnessed.written
    if written is None or written.other_zone is None or not written.is_current or not is_fresh(written.at, at):
        return None
    return written


def _places_in(written: Written, book: AddressBook) -> frozenset[Position]:
    """Tell where the sets of the other zone lead; a target that is no side's is foreign."""
    sides = {side_of_target(target, book) for one in written.other_sets for target in one.targets}
    return frozenset(Position.FOREIGN if side is None else Position(side.value) for side in sides) or frozenset(
        {Position.ABSENT}
    )


def owner_questions(status: DomainStatus, resolvers: Iterable[Server], at: float) -> tuple[Query, ...]:
    """Give the questions for ownership TXT in the other view, which go to the first resolver that shows a record there.

    None where no record stands: no denial is planted in a cache that others use. And none while the resolver would only
    read out again what it holds.

    Args:
        status: What is known of the domain.
        resolvers: Those that the plan watches.
        at: Monotonic time.
    """
    showing = {
        one.server
        for one in status.other_view
        if one.failure is None and one.answer_class is not None and one.answer_class not in ABSENT_CLASSES
    }
    asked = next((one for one in resolvers if one in showing and sees_other(one, status)), None)
    if asked is None:
        return ()
    held = {txt.name: txt.held_until for txt in status.other_txts if txt.server == asked}
    return tuple(
        Query(asked, Question(txt.name, RecordType.TXT))
        for txt in status.txts
        if (until := held.get(txt.name)) is None or at >= until.monotonic + ROUNDING
    )


def with_other_txt(status: DomainStatus, observation: Observation, unseal: Unseal | None) -> DomainStatus:
    """Keep what a resolver has answered for a TXT name in the other view; as it was, where that tells nothing new."""
    question, outcome, server, at = observation.question, observation.outcome, observation.server, observation.at
    asked = next((txt for txt in status.txts if txt.name == question.name), None)
    if asked is None or not isinstance(outcome, Response) or outcome.rcode not in ("NOERROR", "NXDOMAIN"):
        return status
    known = next((txt for txt in status.other_txts if txt.name == asked.name), TxtStatus(asked.name, kind=asked.kind))
    until = known.held_until.monotonic if known.held_until is not None and known.server == server else None
    if not is_fetched(until, outcome, question, at):
        return status
    values = next((rrset.rdata for rrset in outcome.answer if (rrset.rdtype, rrset.name) == ("TXT", asked.name)), ())
    heard = hear(known, values, at, unseal)._replace(server=server, held_until=at.after(held_for(outcome, question)))
    kept = {txt.name: txt for txt in status.other_txts} | {asked.name: heard}
    return status._replace(other_txts=tuple(kept[txt.name] for txt in status.txts if txt.name in kept))


def _still_beside(status: DomainStatus) -> tuple[TxtStatus, ...]:
    return tuple(txt for txt in status.other_txts if txt.server is not None and sees_other(txt.server, status))


def owners_named(txts: Iterable[TxtStatus]) -> tuple[str, ...]:
    """Give the owners that ownership TXT names, each once."""
    return tuple(sorted({owner.owner for txt in txts for owner in txt.owners}))


def owner_words(owners: Iterable[str]) -> str:
    """Write them, to be put behind what they own; nothing where there is none."""
    quoted = [f'"{owner}"' for owner in owners]
    return f"owner {listed(quoted)}" if quoted else ""


def views(status: DomainStatus, at: Instant, plan: Plan) -> Views | None:
    """Show both views of a domain; None where the plan watches one of them alone."""
    beside = other_view(status, at, plan.resolvers, plan.probing, open_book(plan))
    if beside is None:
        return None
    own, other = _judged(status), _beside(beside)
    public, private = (own, other) if own.view is ZoneView.PUBLIC else (other, own)
    if RecordState.UNKNOWN in (own.state, other.state):
        lacking = own if own.state == RecordState.UNKNOWN else other
        return Views((public, private), f"Whether they differ is not known: the {lacking.view} one is not.", None)
    if not (status.state.is_side or status.state is RecordState.ABSENT):
        sentence = f"Whether they differ cannot be said while the {own.view} one is {own.state}."
        return Views((public, private), sentence, None)
    if public.state == private.state:
        return Views((public, private), f"Both {_leads([public.state], 'lead')}.", differ=False)
    sentence = (
        f"They differ: the public one {_leads([public.state])}, and the private one {_leads([private.state])}. Which "
        "one a client gets depends on the resolver that it asks."
    )
    return Views((public, private), sentence, differ=True)


def _judged(status: DomainStatus) -> ViewSeen:
    newest = latest(server.at for record in relevant(status) for server in record.servers)
    kind = "its servers" if cache_of(status) is None else "its zone's resolvers"
    owners = owners_named(status.txts)
    told = _with_owners(f"Judged at {kind}", owners)
    return ViewSeen(judged_view(status), True, status.state.value, told, newest, owners)  # noqa: FBT003  # it is


def _beside(other: OtherView) -> ViewSeen:
    if not other.places:
        return ViewSeen(other.view, False, RecordState.UNKNOWN.value, f"{UNHEARD}.", other.at)  # noqa: FBT003  # it is not
    names, owners = list(other.who), other.owners
    answer = "answers" if len(names) == 1 else "answer"
    if not names:
        told = f"The hosted zone {display(other.zone or '')} has it so"
        alone = len(other.places) == 1
        state = RecordState(other.places[0].value) if alone else RecordState.DIVIDED
    elif len(other.places) == 1:
        told = f"{brief(names)} {answer} so, out of {'its cache' if len(names) == 1 else 'their caches'}"
        state = RecordState.DIVIDED if other.places[0] is Position.MIXED else RecordState(other.places[0].value)
    else:
        told, state = f"{_and_zone(other)} {answer} by turns: it {other.leads}", RecordState.DIVIDED
    return ViewSeen(other.view, False, state.value, _with_owners(told, owners), other.at, owners)  # noqa: FBT003  # it is not


def _and_zone(other: OtherView) -> str:
    return brief([*other.who, *([] if other.zone is None else [f"the hosted zone {display(other.zone)}"])])


def _with_owners(told: str, owners: tuple[str, ...]) -> str:
    return f"{told}; {owner_words(owners)}." if owners else f"{told}."


def places_of(heard: Iterable[ResolverStatus]) -> tuple[Position, ...]:
    """Give where answers lead; that a family is absent beside one that is there says nothing."""
    return _without_absent_families({POSITIONS[one.answer_class] for one in heard if one.answer_class is not None})


def _without_absent_families(told: Container[Position | None]) -> tuple[Position, ...]:
    there = tuple(place for place in Position if place in told and place is not Position.ABSENT)
    return there or tuple(place for place in Position if place in told)


def _leads(states: list[str], verb: str = "leads") -> str:
    places = [PLACES[Position(state)] for state in states if state in {place.value for place in Position}]
    if not places:
        return f"{'is' if verb == 'leads' else 'are'} {listed(states)}"
    return f"{verb} to {listed(places)}"
