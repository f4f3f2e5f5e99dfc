"""A name that a public and a private zone have: which view is judged, who sees the other one, and where they differ.

A domain is judged in one view: at the public servers, or through the resolvers that the plan names for its private
zone. Resolvers whose `sees` names the other view are asked as well. What they answer is never compared with what is
judged, so that none of them is late or denies anything; it is shown beside it, as late as their caches let it be seen.
That its clients are led to v1 all the same keeps a domain from being confirmed on v2, and v1 from being removed
(`probe.judge.acceptance.other_view`).
"""

from collections.abc import Iterable
from typing import NamedTuple

from probe.judge.domain import cache_of, relevant
from probe.judge.propagation.resolver import stale_after
from probe.model.clock import Instant, latest
from probe.model.domain import DomainStatus
from probe.model.plan import Plan, Probing
from probe.model.reason import Views, ViewSeen
from probe.model.record import POSITIONS, Position, RecordState
from probe.model.resolver import ResolverStatus
from probe.model.server import CachedAnswers, Server, ZoneView
from probe.model.text import PLACES, brief, listed

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
    """

    view: ZoneView
    places: tuple[Position, ...] = ()
    heard: tuple[ResolverStatus, ...] = ()
    at: Instant | None = None
    since: Instant | None = None

    @property
    def who(self) -> tuple[str, ...]:
        """The resolvers that have answered lately, by their names in the plan."""
        return tuple(sorted({one.server.name for one in self.heard}))

    @property
    def leads(self) -> str:
        """Where it leads, as the predicate of a sentence."""
        return _leads([place.value for place in self.places])


def other_view(status: DomainStatus, at: Instant, resolvers: Iterable[Server], probing: Probing) -> OtherView | None:
    """Tell what the view of a domain answers that is not judged; None where no resolver sees it.

    Args:
        status: What is known of the domain.
        at: Now.
        resolvers: Those that the plan watches.
        probing: Its cadence: an answer that is older than a few of their turns tells nothing of now.
    """
    if not any(sees_other(resolver, status) for resolver in resolvers):
        return None
    view = ZoneView.PRIVATE if judged_view(status) is ZoneView.PUBLIC else ZoneView.PUBLIC
    oldest = at.monotonic - stale_after(probing)
    heard = tuple(one for one in status.other_view if one.at is not None and one.at.monotonic >= oldest)
    return OtherView(view, _places(heard), heard, latest(one.at for one in heard), latest(one.since for one in heard))


def views(status: DomainStatus, at: Instant, plan: Plan) -> Views | None:
    """Show both views of a domain; None where the plan watches one of them alone."""
    beside = other_view(status, at, plan.resolvers, plan.probing)
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
    return ViewSeen(judged_view(status), True, status.state.value, f"Judged at {kind}.", newest)  # noqa: FBT003  # it is


def _beside(other: OtherView) -> ViewSeen:
    if not other.places:
        return ViewSeen(other.view, False, RecordState.UNKNOWN.value, f"{UNHEARD}.", other.at)  # noqa: FBT003  # it is not
    names = list(other.who)
    answer = "answers" if len(names) == 1 else "answer"
    if len(other.places) == 1:
        told = f"{brief(names)} {answer} so, out of {'its cache' if len(names) == 1 else 'their caches'}."
        return ViewSeen(other.view, False, other.places[0].value, told, other.at)  # noqa: FBT003  # it is not
    told = f"{brief(names)} {answer} by turns: it {other.leads}."
    return ViewSeen(other.view, False, RecordState.DIVIDED.value, told, other.at)  # noqa: FBT003  # it is not


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
