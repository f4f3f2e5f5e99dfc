"""All cases of the benchmark, by their names."""

from tests.detection import fights, legit, long_fights, people, routing

FIGHTS = fights.CASES | long_fights.CASES
DAYS = legit.DAYS
EVENTS = legit.EVENTS | people.EVENTS | routing.EVENTS
LOOK_ALIKES = people.EVENTS | routing.EVENTS
"""Events of which `fight-*` must never be said."""

CASES = (*FIGHTS, *DAYS, *EVENTS)
