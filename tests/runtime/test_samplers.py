"""Windows of denser questions: as many domains of the same servers as they have room for, one after the other."""

from probe.judge.review import initial
from probe.model.plan import Probing
from probe.runtime.samplers import Samplers
from probe.runtime.watched import Servers, WatchedDomain
from tests.fakes import server
from tests.plans import plan

FOUR = tuple(server(number) for number in range(1, 5))
OTHER_FOUR = tuple(server(number) for number in range(5, 9))
ROOM = 7
"""Windows at once at four servers of 20 questions a second."""


def waiting(samplers: Samplers, number: int, servers: Servers = FOUR) -> list[WatchedDomain]:
    """Let so many domains of the same servers wait for a window."""
    watched = plan(*(f"host-{count}.example.com." for count in range(number)))
    domains = [WatchedDomain(initial(domain, watched.registries), 0, 0.0) for domain in watched.domains]
    for domain in domains:
        domain.servers = servers
        samplers.queue(domain)
    return domains


def test_as_many_as_there_is_room_for_begin_and_the_next_one_when_one_is_over() -> None:
    samplers = Samplers()
    domains = waiting(samplers, 20)
    assert list(samplers.admitted(Probing())) == domains[:ROOM]
    assert list(samplers.admitted(Probing())) == []
    samplers.leave(domains[3])
    samplers.queue(domains[3])  # comes after all that have waited
    assert list(samplers.admitted(Probing())) == [domains[ROOM]]
    for domain in domains[:ROOM]:
        samplers.leave(domain)
    assert list(samplers.admitted(Probing())) == domains[ROOM + 1 : 2 * ROOM]


def test_who_has_a_window_does_not_wait_for_another_one() -> None:
    samplers = Samplers()
    (domain,) = waiting(samplers, 1)
    samplers.queue(domain)
    assert list(samplers.admitted(Probing())) == [domain]
    samplers.queue(domain)
    assert list(samplers.admitted(Probing())) == []
    samplers.leave(domain)
    samplers.leave(domain)
    samplers.queue(domain)
    assert list(samplers.admitted(Probing())) == [domain]


def test_zones_do_not_wait_for_each_other() -> None:
    samplers = Samplers()
    waiting(samplers, 20)
    others = waiting(samplers, 2, OTHER_FOUR)
    assert set(others) < set(samplers.admitted(Probing()))


def test_servers_that_may_be_asked_next_to_nothing_have_room_for_none() -> None:
    samplers = Samplers()
    waiting(samplers, 2)
    assert list(samplers.admitted(Probing(queries_per_second=1.0))) == []
