"""What the judge is told of a domain's surroundings: every field holds what its name says."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from probe.judge.answer.address_book import open_book
from probe.judge.context import Context
from probe.judge.neighbours import NeighbourTransition
from probe.judge.review import initial
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.effect import Effect, TransitionConfirmed
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.plan import Probing
from probe.model.question import RecordType
from probe.model.record import Position, Transition
from probe.runtime import intake as module
from probe.runtime.intake import Intake
from probe.runtime.watched import WatchedDomain, WatchedDomains
from tests.judge.answers import NAME, RESOLVER, SERVERS, instant, plan

LOOKS = (instant(4), instant(5))
MOVED = Transition(instant(3), Position.V1, Position.V2, reversal=False)


def unsealed(text: str) -> str | None:
    return text


def test_a_field_that_moves_in_a_context_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made by position: two servers or two numbers that change places are no mistake to a type checker."""
    of = plan()
    v1 = replace(of.v1, external_dns=ExternalDns("one"), more_external_dns=(ExternalDns("other"),))
    v2 = replace(of.v2, external_dns=ExternalDns("two"))
    of = replace(
        of,
        v1=v1,
        v2=v2,
        registry=TxtRegistry("prefix-", unseal=unsealed),
        resolvers=(RESOLVER,),
        soak=1234.0,
        probing=Probing(interval=9.0),
    )
    told: list[Context] = []

    def expire(state: DomainState, now: Instant, context: Context) -> tuple[DomainState, tuple[Effect, ...]]:
        told.append(context)
        return state, (TransitionConfirmed(NAME, RecordType.A, MOVED._replace(at=now)),)

    monkeypatch.setattr(module, "expire", expire)
    watched = WatchedDomain(initial(of.domains[0], of.registries), 0, 0.0)
    watched.servers = SERVERS[:3]
    targets: Any = SimpleNamespace(book=open_book(of))
    turns: Any = SimpleNamespace(stretch_of={watched: 2.5}.__getitem__)
    unasked: Any = SimpleNamespace()
    recorder: Any = SimpleNamespace(record=[].append)
    intake = Intake(
        of,
        WatchedDomains((watched,)),
        querier=unasked,
        targets=targets,
        delegations=unasked,
        turns=turns,
        observers=(),
        recorder=recorder,
    )
    vantage: Any = SimpleNamespace(
        silent_to_all=dict.fromkeys(LOOKS, frozenset(SERVERS[:1])).__getitem__,
        pace=SimpleNamespace(behind="late"),
        vantage=SimpleNamespace(loss=0.3),
        dissenting=frozenset(SERVERS[1:2]),
        reported=dict.fromkeys(LOOKS, frozenset(SERVERS[2:3])).__getitem__,
    )
    intake.vantage_watch = vantage
    for look in LOOKS:
        intake.expire(watched, look)

    names = of.registry
    assert told[1]._asdict() == {
        "book": targets.book,
        "servers": SERVERS[:3],
        "probing": of.probing,
        "v1": ExternalDns("one", txt_registry=names),
        "v2": ExternalDns("two", txt_registry=names),
        "more": ((ExternalDns("other", txt_registry=names),), ()),
        "resolvers": (RESOLVER,),
        "soak": 1234.0,
        "unseal": unsealed,
        "failing": frozenset(SERVERS[:1]),
        "dissenting": frozenset(SERVERS[1:2]),
        "reported": frozenset(SERVERS[2:3]),
        "behind": True,
        "neighbours": (NeighbourTransition(NAME, Position.V1, Position.V2, 4.0, None),),
        "stretch": 2.5,
        "cache": None,
        "declared": False,
        "uncovered": False,
        "loss": 0.3,
    }
