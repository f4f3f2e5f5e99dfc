"""What servers may be asked for the domains of a crowd: its share is saved for a second, and advanced for two."""

from probe.judge.review import initial
from probe.model.plan import Probing
from probe.runtime.crowds import Crowds
from probe.runtime.watched import Servers, WatchedDomain
from tests.fakes import server
from tests.plans import plan

SAVED_SECONDS, ADVANCE_SECONDS = 1.0, 2.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

FOUR = tuple(server(number) for number in range(1, 5))
PER_SECOND = 0.7 * 4 * 20.0
"""Questions a second: the burst's share of what four servers may be asked."""


def crowd(number: int, servers: Servers = FOUR) -> tuple[Crowds, list[WatchedDomain]]:
    """Give so many domains of the same servers, all in a burst since second 0."""
    watched = plan(*(f"host-{count}.example.com." for count in range(number)))
    members = [WatchedDomain(initial(domain, watched.registries), 0, 0.0) for domain in watched.domains]
    crowds = Crowds()
    for member in members:
        member.servers = servers
        crowds.join(member, Probing(), 0.0)
    return crowds, members


def rounds(crowds: Crowds, members: list[WatchedDomain], now: float, questions: int) -> int:
    """Let every domain's round be due, and tell how many the allowance holds, at so many questions each."""
    for member in members:
        crowds.queue(member)
    count = 0
    for member in crowds.served(now):
        crowds.spend(member, questions, now)
        count += 1
    return count


def test_what_is_not_used_is_saved_for_a_second() -> None:
    crowds, members = crowd(100)
    assert rounds(crowds, members, 1000.0, 1) == int(PER_SECOND * SAVED_SECONDS)
    assert next(crowds.served(1000.0), None) is None
    assert next(crowds.served(1000.0 + 2 / PER_SECOND), None) is not None


def test_a_surprise_is_followed_up_until_two_seconds_of_the_allowance_are_owed() -> None:
    crowds, (member, *_) = crowd(100)
    crowds.spend(member, int(PER_SECOND * SAVED_SECONDS), 0.0)
    asked = 0
    while crowds.affords(member, 0.0, Probing()):
        crowds.spend(member, 1, 0.0)
        asked += 1
    assert asked in range(int(PER_SECOND * ADVANCE_SECONDS), int(PER_SECOND * ADVANCE_SECONDS) + 2)


def test_servers_that_are_not_known_are_asked_nothing() -> None:
    crowds, members = crowd(3, ())
    assert rounds(crowds, members, 1000.0, 1) <= 1
    assert next(crowds.served(10_000.0), None) is None


def test_one_domain_is_no_crowd_and_waits_for_nobody() -> None:
    crowds, (member,) = crowd(1)
    crowds.spend(member, 10_000, 0.0)
    assert crowds.affords(member, 0.0, Probing())
