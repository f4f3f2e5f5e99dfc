"""What is told of two clusters: the closed set of it, and the words that its sentences share."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from probe.inventory.origin import shown
from probe.inventory.proposal.survey import Survey
from probe.model.check import Check, CheckOutcome
from probe.model.name import DomainName, display
from probe.model.text import listed, plural
from probe.model.word import Word


class Hazard(Word):
    """What can be wrong with two clusters that share a zone."""

    NOT_FOUND = "external-dns"
    OWNER = "owner-id"
    TAKE_OVER = "take-over"
    POLICY = "policy"
    REGISTRY = "registry"
    VERSIONS = "versions"
    ANNOTATIONS = "annotation-prefix"
    NOT_ENTERED = "zone-not-entered"
    TWICE = "wanted-twice"
    ONE_SET = "one-set-of-two"
    ONLY_V1 = "only-v1"
    ONLY_V2 = "only-v2"
    UNSEEN = "unseen"
    CONFLICT = "conflict"
    UNWANTED = "unwanted"
    UNUSED = "unused"
    SHARED = "shared-target"
    HEALTH = "health-check"
    PRIVATE = "private-zone"
    ELSEWHERE = "elsewhere"
    UNTOLD = "no-target"


class Told(NamedTuple):
    """One thing that is told.

    Attributes:
        check: What, and what to do.
        details: One line for each place or name that it is about; the check counts them.
    """

    check: Check
    details: tuple[str, ...] = ()


def told(  # noqa: PLR0913, PLR0917  # a check's parts and its details
    code: Hazard, subject: str, outcome: CheckOutcome, sentence: str, remedy: str, details: Iterable[str] = ()
) -> Told:
    """Make one, with its details."""
    return Told(Check(code, str(subject), outcome, sentence, remedy), tuple(details))


def counted(things: Collection[object], noun: str) -> str:
    """Write how many there are."""
    return plural(len(things), noun)


def are(things: Collection[object]) -> str:
    """Give the verb for so many."""
    return "is" if len(things) == 1 else "are"


def have(things: Collection[object]) -> str:
    """Give the verb for so many."""
    return "has" if len(things) == 1 else "have"


def lead(things: Collection[object]) -> str:
    """Give the verb for so many."""
    return "leads" if len(things) == 1 else "lead"


def them(things: Collection[object]) -> str:
    """Give the pronoun for so many."""
    return "it" if len(things) == 1 else "them"


def names_of(hosts: Iterable[DomainName]) -> str:
    """List hosts as a sentence does."""
    return listed([display(host) for host in hosts])


def where_wanted(survey: Survey, host: DomainName) -> str:
    """Write a host with the places where it is wanted."""
    places = [f"{side} {wishes[0].origin}" for side, wishes in survey.wishes[host].items()]
    return f"{display(host)}: {', '.join(places)}"


def where_led(survey: Survey, host: DomainName) -> str:
    """Write a host with what it leads to, and whose it is."""
    where = survey.whereabouts(host)
    owners = f", owned by {listed([shown(one) for one in where.owners])}" if where.owners else ""
    return f"{display(host)}: {listed([shown(one) for one in where.targets])}{owners}"
