"""A domain told answer by answer, its ownership TXT names with it."""

from collections.abc import Mapping

from probe.judge.context import Context
from probe.model.external_dns import ExternalDns
from probe.model.finding import Finding
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from probe.model.server import Server
from tests.judge.answers import NAME, SERVERS, at_position, context, nodata, observed
from tests.judge.story import Story

OLD, NEW = (0, 21, 0), (0, 22, 0)
CAUSES = {"fight-same-owner", "fight-mutual-migration", "fight-version-mix", "fight-delete-create", "flip-flop"}

Txts = Mapping[str, str]
"""What stands at the TXT names, by their kind (`bare` is the host's own name); the others hold nothing."""


def with_versions(v1: tuple[int, int, int] | None, v2: tuple[int, int, int] | None) -> Context:
    """Make surroundings in which each side has an owner id of its own, called like the side."""
    return context()._replace(v1=ExternalDns("v1", version=v1), v2=ExternalDns("v2", "v1", version=v2))


def heritage(owner: str, resource: str = "ingress/shop/web") -> str:
    return f'"heritage=external-dns,external-dns/owner={owner},external-dns/resource={resource}"'


def owned(owner: str, *kinds: str) -> dict[str, str]:
    """Let one owner stand at some names: those of an alias by v0.22, unless told."""
    return dict.fromkeys(kinds or ("a", "aaaa"), heritage(owner))


class Owned:
    """A story of answers and TXT records, both every few seconds."""

    def __init__(self, surroundings: Context | None = None, expectation: Expectation = Expectation.MOVING) -> None:
        weights = Weights(50, 50) if expectation is Expectation.WEIGHTED else None
        self.story = Story(expectation, weights, surroundings)
        self.at = 0.0

    def stand(self, position: Position, seconds: float, txts: Txts, *, aaaa: Position | None = None) -> None:
        """Let the servers answer so, for both types alike unless told; TXT names every ten seconds."""
        until = self.at + seconds
        while self.at < until:
            self.tell(txts)
            for _ in range(5):
                self._answer(position, aaaa or position)
                self.at += 2.0

    def answer(self, response: Response, seconds: float, txts: Txts) -> None:
        """Let every server answer one response for both types; TXT names every ten seconds."""
        until = self.at + seconds
        while self.at < until:
            self.tell(txts)
            for _ in range(5):
                for server in SERVERS:
                    for rdtype in ADDRESS_TYPES:
                        self.story.hear(observed(response, self.at, server, rdtype))
                self.story.wait(self.at)
                self.at += 2.0

    def stand_without_txt(self, position: Position, seconds: float) -> None:
        """The same, and no TXT name is asked."""
        until = self.at + seconds
        while self.at < until:
            self._answer(position, position)
            self.at += 2.0

    def stand_a_alone(self, position: Position, seconds: float) -> None:
        """Let the servers answer so for A, and nothing else be asked."""
        until = self.at + seconds
        while self.at < until:
            for server in SERVERS:
                self.story.hear(observed(at_position(position), self.at, server))
            self.story.wait(self.at)
            self.at += 2.0

    def tell(self, txts: Txts, server: Server = SERVERS[0]) -> None:
        """Let every TXT name be answered once, by one server."""
        for kind in ("a", "aaaa", "cname", "bare"):
            self.told(NAME if kind == "bare" else DomainName(f"{kind}-{NAME}"), txts.get(kind), server)

    def told(self, name: DomainName, value: str | None, server: Server = SERVERS[0]) -> None:
        """Let one TXT name be answered once, by one server: by nothing unless told."""
        answer = nodata() if value is None else _txt(name, value)
        self.story.hear(observed(answer, self.at, server, RecordType.TXT, name))

    def raised(self) -> list[str]:
        return self.story.raised()

    def causes(self) -> list[str]:
        return [code for code in self.raised() if code in CAUSES]

    def cause(self) -> Finding:
        (found,) = (finding for finding in self.story.status.findings if finding.code in CAUSES)
        return found

    def finding(self, code: str) -> Finding:
        return next(finding for finding in self.story.status.findings if finding.code == code)

    def _answer(self, a: Position, aaaa: Position) -> None:
        for server in SERVERS:
            for rdtype, position in zip(ADDRESS_TYPES, (a, aaaa), strict=True):
                self.story.hear(observed(at_position(position, rdtype), self.at, server, rdtype))
        self.story.wait(self.at)


def _txt(name: DomainName, value: str) -> Response:
    return Response("NOERROR", authoritative=True, answer=(RRset(name, "TXT", 300, (value,)),))
