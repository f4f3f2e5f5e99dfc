"""A name that a public and a private zone have: which view is judged, who sees the other one, and where they differ.

A domain is judged in one view: at the public servers, or through the resolvers that the plan names for its private
zone. Resolvers whose `sees` names the other view are asked as well. What they answer is never compared with what is
judged, so that none of them is late or denies anything; it is shown beside it, as late as their caches let it be seen.
"""

from collections.abc import Iterable

from probe.judge.domain import cache_of, relevant
from probe.judge.propagation.resolver import stale_after
from probe.model.clock import Instant, latest
from probe.model.domain import DomainStatus
from probe.model.plan import Plan
from probe.model.reason import Views, ViewSeen
from probe.model.record import POSITIONS, Position, RecordState
from probe.model.resolver import ResolverStatus
from probe.model.server import CachedAnswers, Server, ZoneView
from probe.model.text import PLACES, brief, listed


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


def views(status: DomainStatus, at: Instant, plan: Plan) -> Views | None:
    """Show both views of a domain; None where the plan watches one of them alone."""
    if not any(sees_other(resolver, status) for resolver in plan.resolvers):
        return None
    own, other = _judged(status), _beside(status, at, plan)
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
    return ViewSeen(judged_view(status), True, status.state.value, f"Judged at {kind}.", newest)  # noqa: FBT003  # it is


def _beside(status: DomainStatus, at: Instant, plan: Plan) -> ViewSeen:
    view = ZoneView.PRIVATE if judged_view(status) is ZoneView.PUBLIC else ZoneView.PUBLIC
    oldest = at.monotonic - stale_after(plan.probing)
    heard = [one for one in status.other_view if one.at is not None and one.at.monotonic >= oldest]
    newest = latest(one.at for one in heard)
    places = _places(heard)
    if not places:
        return ViewSeen(view, False, RecordState.UNKNOWN.value, "No resolver that sees it has answered lately.", newest)  # noqa: FBT003  # it is not
    names = sorted({one.server.name for one in heard})
    answer = "answers" if len(names) == 1 else "answer"
    told = f"{brief(names)} {answer} so, out of {'its cache' if len(names) == 1 else 'their caches'}."
    if len(places) == 1:
        return ViewSeen(view, False, places[0].value, told, newest)  # noqa: FBT003  # it is not
    state = f"{brief(names)} {answer} by turns: it {_leads([place.value for place in places])}."
    return ViewSeen(view, False, RecordState.DIVIDED.value, state, newest)  # noqa: FBT003  # it is not


def _places(heard: Iterable[ResolverStatus]) -> tuple[Position, ...]:
    """Give where the answers lead; that a family is absent beside one that is there says nothing."""
    told = {POSITIONS[one.answer_class] for one in heard if one.answer_class is not None}
    there = tuple(place for place in Position if place in told and place is not Position.ABSENT)
    return there or tuple(place for place in Position if place in told)


def _leads(states: list[str], verb: str = "leads") -> str:
    places = [PLACES[Position(state)] for state in states if state in {place.value for place in Position}]
    if not places:
        return f"{'is' if verb == 'leads' else 'are'} {listed(states)}"
    return f"{verb} to {listed(places)}"
