from itertools import chain

from probe.judge.review import initial
from probe.model.record import RecordState
from probe.runtime.look_queue import LookQueue
from probe.runtime.watched import Servers, WatchedDomain
from tests.fakes import server
from tests.plans import plan
from tests.snapshots import finding

ONE = tuple(server(number) for number in range(1, 5))
OTHER = tuple(server(number, "org.") for number in range(5, 9))
MANY = 10_000


def domains(zone: str, number: int, servers: Servers) -> list[WatchedDomain]:
    made = [
        WatchedDomain(initial(domain, ()), 0, 0.0)
        for domain in plan(*(f"app-{count}.{zone}." for count in range(number))).domains
    ]
    for watched_domain in made:
        watched_domain.servers = servers
    return made


def queue_of(*groups: list[WatchedDomain]) -> LookQueue:
    queue = LookQueue()
    for watched_domain in chain(*groups):
        queue.put(watched_domain)
    return queue


def begun(queue: LookQueue, room: dict[Servers, int]) -> list[str]:
    """Begin looks where there is room for so many."""
    names: list[str] = []
    for watched_domain in queue.begin(lambda servers: room.get(servers, 0) > 0):
        room[watched_domain.servers] -= 1
        names.append(watched_domain.name)
    return names


def test_each_zone_goes_on_as_its_servers_have_room() -> None:
    queue = queue_of(domains("large.example", 300, ONE), domains("small.example", 2, OTHER))

    assert begun(queue, {ONE: 1, OTHER: MANY}) == [
        "app-0.large.example.",
        "app-0.small.example.",
        "app-1.small.example.",
    ]
    assert begun(queue, {ONE: 2, OTHER: MANY}) == ["app-1.large.example.", "app-2.large.example."]


def test_nothing_begins_without_room_and_nothing_is_lost() -> None:
    queue = queue_of(domains("a.example", 2, ONE))

    assert begun(queue, {}) == []
    assert begun(queue, {ONE: MANY}) == ["app-0.a.example.", "app-1.a.example."]
    assert begun(queue, {ONE: MANY}) == []


def test_a_domain_that_has_left_the_plan_or_has_no_servers_takes_no_room() -> None:
    gone, stays = domains("a.example", 2, ONE)
    (lost,) = domains("lost.example", 1, ())
    queue = queue_of([gone, stays, lost])
    gone.watched = False

    assert begun(queue, {ONE: 1, (): MANY}) == [stays.name]


def test_what_an_earlier_process_left_open_is_looked_at_first() -> None:
    fresh, steady, flapping, accused = domains("a.example", 4, ONE)
    told = {
        steady: steady.status._replace(state=RecordState.V1),
        flapping: flapping.status._replace(state=RecordState.FLAPPING),
        accused: accused.status._replace(
            state=RecordState.V2, findings=(finding("stale-owner", accused.name, "It is v1's."),)
        ),
    }
    for watched_domain, status in told.items():
        watched_domain.resumed = True
        watched_domain.state = watched_domain.state.with_status(status)

    first = begun(queue_of([fresh, steady, flapping, accused]), {ONE: 2})
    assert sorted(first) == sorted([flapping.name, accused.name])


def test_a_domain_whose_servers_are_others_by_now_is_looked_at_there_alone() -> None:
    (moved,) = domains("a.example", 1, ONE)
    queue = queue_of([moved])
    moved.servers = OTHER
    queue.put(moved)

    assert begun(queue, {ONE: MANY, OTHER: MANY}) == [moved.name]
