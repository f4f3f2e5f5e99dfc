"""Lines of evidence: who said what, when, and in which words; bounded."""

from probe.judge.findings.evidence import txt_by_txt, word_by_word
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.ownership import TxtOwner, TxtStatus
from probe.model.question import RecordType
from probe.model.record import RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from tests.judge.answers import NAME, SERVERS, addresses, instant, nxdomain

MAX_SHOWN = 80
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def words(response: Response, answer_class: AnswerClass) -> str:
    server = ServerStatus(SERVERS[0], answer_class, instant(5), instant(5), response)
    (line,) = word_by_word((RecordStatus(RecordType.A, servers=(server, ServerStatus(SERVERS[1]))),))
    return line


def test_a_line_names_moment_server_address_side_and_answer() -> None:
    assert words(addresses(RecordType.A, "198.51.100.1", "198.51.100.2"), AnswerClass.V1) == (
        "2026-09-21 14:13:25 UTC: ns-0.awsdns-00.com (192.0.2.50) answers v1 for A: 198.51.100.1 and 198.51.100.2"
    )


def test_servers_that_say_the_same_are_one_line_with_the_newest_moment_and_another_stands_apart() -> None:
    def server(number: int, at: float, answer_class: AnswerClass, address: str) -> ServerStatus:
        response = addresses(RecordType.A, address)
        return ServerStatus(SERVERS[number], answer_class, instant(at), instant(at), response)

    alike = (server(0, 5, AnswerClass.V2, "203.0.113.1"), server(1, 9, AnswerClass.V2, "203.0.113.2"))
    late = server(2, 7, AnswerClass.V1, "198.51.100.1")
    assert word_by_word((RecordStatus(RecordType.A, servers=(*alike, late)),)) == (
        "2026-09-21 14:13:29 UTC: 2 of 3 servers answer v2 for A: 203.0.113.1 and 203.0.113.2",
        "2026-09-21 14:13:27 UTC: ns-2.awsdns-02.org (192.0.2.52) answers v1 for A: 198.51.100.1",
    )


def test_a_denial_has_no_values() -> None:
    assert words(nxdomain(), AnswerClass.NXDOMAIN).endswith("(192.0.2.50) answers nxdomain for A")


def test_a_long_answer_is_cut_in_number_and_length() -> None:
    many = Response("NOERROR", authoritative=True, answer=(RRset(NAME, "A", 60, ("x" * 500,) * 50),))
    assert len(words(many, AnswerClass.FOREIGN)) < 200 + 4 * MAX_SHOWN


def test_ownership_is_told_with_who_answered_it() -> None:
    txt = TxtStatus(
        DomainName(f"a-{NAME}"), owners=(TxtOwner("v1", None),), at=instant(5), since=instant(5), server=SERVERS[2]
    )
    assert txt_by_txt((txt,)) == (
        '2026-09-21 14:13:25 UTC: ns-2.awsdns-02.org (192.0.2.52): TXT a-app.example.com names owner "v1"',
    )
