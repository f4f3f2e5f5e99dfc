"""Records that lead to a load balancer which does not exist: said at once, by its name, and nothing else is."""

import random

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.answer.address_book import open_book
from probe.model.check import CheckOutcome
from probe.model.finding import Severity
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Plan, SidePlan, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from tests.judge.answers import (
    NAME,
    SERVERS,
    SOA,
    V2_BALANCER,
    addresses,
    at_position,
    context,
    instant,
    nodata,
    nxdomain,
    observed,
    without_ipv6,
)
from tests.judge.ownership.owned import heritage
from tests.judge.story import Story
from tests.judge.wording import whole

DEAD_AFTER, BELIEVED_AFTER, EMPTIED_WITHIN = 60.0, 130.0, 300.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


ONE = DomainName("k8s-v1.ap-northeast-2.elb.amazonaws.com.")
TWO = DomainName("k8s-v2.ap-northeast-2.elb.amazonaws.com.")
OLD = DomainName("k8s-old-v2.ap-northeast-2.elb.amazonaws.com.")
ADDRESS = {ONE: "192.0.2.11", TWO: "198.51.100.21"}


class Night(Story):
    """A domain, and load balancers that are looked up every half minute; `dead` ones are denied, `mute` ones silent."""

    def __init__(self, expectation: Expectation = Expectation.V2) -> None:
        sides = SidePlan(Side.V1, (ONE,)), SidePlan(Side.V2, (TWO, OLD))
        super().__init__(expectation, None, context(known=open_book(Plan("test", *sides, ()))))
        self.at = 0.0
        self.dead = {OLD: nxdomain()}

    def look_up(self) -> None:
        book = self.context.book
        for side, names in ((Side.V1, (ONE,)), (Side.V2, (TWO, OLD))):
            for name in names:
                for rdtype in ADDRESS_TYPES:
                    alive = (
                        addresses(rdtype, ADDRESS[name], name=name)
                        if rdtype is RecordType.A and name in ADDRESS
                        else None
                    )
                    book = book.learn(side, name, self.dead.get(name) or alive or nodata(), instant(self.at), rdtype)
        self.context = self.context._replace(book=book)

    def draw(self, seconds: float, *answers: Response) -> None:
        """Let every answer be one of these, by chance."""
        rng, until = random.Random(1), self.at + seconds
        while self.at < until:
            if self.at % 30 == 0:
                self.look_up()
            for server in SERVERS * 2:
                answer = rng.choice(answers)
                self.hear(observed(answer, self.at, server, RecordType.A))
                other = answer if answer.rcode == "NXDOMAIN" else _no_type(answer)
                self.hear(observed(other, self.at, server, RecordType.AAAA))
            self.wait(self.at)
            self.at += 3.0

    def pass_by(self, seconds: float, answer: Response) -> None:
        until = self.at + seconds
        while self.at < until:
            if self.at % 30 == 0:
                self.look_up()
            for server in SERVERS:
                self.hear(observed(answer, self.at, server, RecordType.A))
                self.hear(
                    observed(
                        answer if answer.rcode == "NXDOMAIN" else _no_type(answer), self.at, server, RecordType.AAAA
                    )
                )
            self.wait(self.at)
            self.at += 5.0


def _no_type(answer: Response) -> Response:
    """The same CNAME for AAAA, if it is one; an alias has no AAAA here."""
    return answer if any(one.rdtype == "CNAME" for one in answer.answer) else nodata()


def cname(target: DomainName, rcode: str = "NOERROR") -> Response:
    denied = (SOA,) if rcode == "NXDOMAIN" else ()
    return Response(rcode, authoritative=True, answer=(RRset(NAME, "CNAME", 300, (target,)),), authority=denied)


@pytest.mark.case("A1")
def test_a_cname_to_a_load_balancer_that_is_denied_is_dead_from_the_first_look_on() -> None:
    night = Night()
    night.pass_by(20, cname(OLD))
    assert night.codes == {"dead-target"}
    (found,) = night.status.findings
    assert found.severity is Severity.CRITICAL
    assert found.sentence == (
        "app.example.com (A and AAAA) leads to k8s-old-v2.ap-northeast-2.elb.amazonaws.com, which does not exist or "
        "has no address."
    )
    assert "Since: 2026-09-21 14:13:20 UTC: k8s-old-v2.ap-northeast-2.elb.amazonaws.com has no address" in whole(found)
    assert not found.inferred
    assert (verdict(night.status).outcome, verdict(night.status).sentence) == (CheckOutcome.FAIL, found.sentence)


@pytest.mark.case("A1")
def test_a_cname_whose_dead_target_the_same_server_denies_leads_to_its_side_as_one_that_is_answered_alone() -> None:
    night = Night()
    night.pass_by(60, cname(TWO))
    night.pass_by(300, cname(OLD, "NXDOMAIN"))
    assert night.status.state is RecordState.V2
    assert set(night.raised()) == {"dead-target"}
    assert "leads to k8s-old-v2.ap-northeast-2.elb.amazonaws.com" in night.status.findings[0].sentence
    assert verdict(night.status).outcome is CheckOutcome.FAIL


@pytest.mark.case("A1")
def test_an_alias_that_still_shows_the_addresses_of_a_dead_load_balancer_is_dead_and_nothing_else() -> None:
    night = Night()
    night.pass_by(300, addresses(RecordType.A, ADDRESS[TWO]))
    assert night.codes == set()
    night.dead[TWO] = nxdomain()
    night.pass_by(DEAD_AFTER - 5, addresses(RecordType.A, ADDRESS[TWO]))
    assert night.codes == set()
    night.pass_by(DEAD_AFTER, addresses(RecordType.A, ADDRESS[TWO]))
    assert night.codes == {"dead-target"}
    assert (
        "still leads to the last addresses of k8s-v2.ap-northeast-2.elb.amazonaws.com, which has none any more."
        in night.status.findings[0].sentence
    )
    night.pass_by(1200, addresses(RecordType.A, ADDRESS[TWO]))
    assert set(night.raised()) == {"dead-target"}
    assert verdict(night.status).outcome is CheckOutcome.FAIL


@pytest.mark.case("A1", "A4")
@pytest.mark.parametrize("kind", ["CNAME", "chain", "alias"])
def test_a_dead_load_balancer_behind_a_part_of_the_draws_is_dead_once_and_no_outage(kind: str) -> None:
    night = Night(Expectation.V1)
    alive, dead = cname(ONE), cname(OLD)
    if kind == "chain":
        dead = cname(DomainName("gone.example.net."), "NXDOMAIN")
    elif kind == "alias":
        alive, dead = addresses(RecordType.A, ADDRESS[ONE]), addresses(RecordType.A, ADDRESS[TWO])
    night.pass_by(60, alive)
    night.dead[TWO] = nxdomain()
    night.draw(450, alive, dead)
    assert night.codes == {"dead-target", "weights-undeclared"}
    assert night.raised().count("dead-target") == 1
    assert night.cleared() == []
    assert verdict(night.status).outcome is CheckOutcome.FAIL


def test_a_load_balancer_without_any_address_is_as_dead_as_one_without_a_name() -> None:
    night = Night()
    night.dead = {OLD: nodata(), TWO: nodata()}
    night.pass_by(20, cname(TWO))
    assert night.codes == {"dead-target"}


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
def test_a_load_balancer_whose_servers_fail_is_not_called_dead(rcode: str) -> None:
    night = Night()
    night.pass_by(60, addresses(RecordType.A, ADDRESS[TWO]))
    night.dead[TWO] = Response(rcode, authoritative=True)
    night.pass_by(600, addresses(RecordType.A, ADDRESS[TWO]))
    assert night.codes == set()


def test_it_closes_once_the_record_leads_elsewhere_for_the_grace_time() -> None:
    night = Night()
    night.pass_by(60, cname(OLD))
    night.pass_by(60, cname(TWO))
    assert night.codes == {"dead-target"}
    night.pass_by(30, cname(TWO))
    assert night.codes == set()


def test_a_chain_that_ends_in_nxdomain_is_dead_and_no_outage_though_the_name_had_an_address() -> None:
    night = Night()
    night.pass_by(60, addresses(RecordType.A, ADDRESS[TWO]))
    night.pass_by(120, cname(DomainName("gone.example.net."), "NXDOMAIN"))
    assert night.codes == {"dead-target"}
    assert "leads to gone.example.net, which does not exist" in night.status.findings[0].sentence
    assert night.status.findings[0].evidence[0] == "The answer itself says that gone.example.net does not exist"


def test_a_probe_that_never_saw_the_load_balancer_alive_infers_it_and_says_so() -> None:
    night = Night()
    night.dead[TWO] = nxdomain()
    night.pass_by(BELIEVED_AFTER - 10, addresses(RecordType.A, ADDRESS[TWO]))
    assert (night.status.state, night.codes) == (RecordState.UNKNOWN, set())
    night.pass_by(30, addresses(RecordType.A, ADDRESS[TWO]))
    assert night.codes == {"dead-target"}
    assert night.status.findings[0].inferred
    assert "k8s-v2.ap-northeast-2.elb.amazonaws.com" in night.status.findings[0].sentence
    assert verdict(night.status).outcome is CheckOutcome.UNKNOWN


@pytest.mark.case("A1")
def test_an_alias_that_answers_nothing_since_its_load_balancer_is_gone_is_dead_and_keeps_its_ownership() -> None:
    night = Night()
    night.pass_by(300, addresses(RecordType.A, ADDRESS[TWO]))
    night.dead[TWO] = nxdomain()
    night.pass_by(DEAD_AFTER - 10, nodata())
    assert night.codes == {"outage"}
    night.pass_by(200, nodata())
    assert night.codes == {"dead-target"}
    (found,) = night.status.findings
    assert found.inferred
    assert found.sentence == (
        "app.example.com (A) answers nothing, probably as an alias of k8s-v2.ap-northeast-2.elb.amazonaws.com, which "
        "has no address."
    )
    assert found.first.sentence == "Point the record to a load balancer that exists."
    night.dead.pop(TWO)
    night.pass_by(120, addresses(RecordType.A, ADDRESS[TWO]))
    assert not night.codes


@pytest.mark.case("A1", "K5")
@pytest.mark.parametrize(
    ("answer", "gone", "later", "code"),
    [
        pytest.param(nodata(), TWO, 0.7, "dead-target", id="its load balancer went some minutes before"),
        pytest.param(nodata(), TWO, 1.1, "outage", id="that went long before"),
        pytest.param(nodata(), OLD, 0.0, "outage", id="a load balancer that never had an address"),
        pytest.param(nodata(), ONE, 0.0, "outage", id="the other side's load balancer"),
        pytest.param(nxdomain(), TWO, 0.0, "outage", id="a name that does not exist"),
    ],
)
def test_a_record_that_was_deleted_is_an_outage_unless_its_load_balancer_went_with_it(
    answer: Response, gone: DomainName, later: float, code: str
) -> None:
    night = Night()
    night.pass_by(300, addresses(RecordType.A, ADDRESS[TWO]))
    night.dead[gone] = nxdomain()
    night.pass_by(later * EMPTIED_WITHIN, addresses(RecordType.A, ADDRESS[TWO]))
    night.pass_by(300, answer)
    assert night.codes == {code}


@pytest.mark.case("A1")
@pytest.mark.parametrize(("answer", "codes"), [(nodata(), {"dead-target"}), (nxdomain(), {"outage", "orphan-txt"})])
def test_nobody_is_told_to_delete_the_ownership_of_an_alias_whose_load_balancer_is_gone(
    answer: Response, codes: set[str]
) -> None:
    night = Night()
    txt = DomainName(f"a-{NAME}")
    for stood in (addresses(RecordType.A, ADDRESS[TWO]), answer):
        for _ in range(60):
            night.pass_by(5, stood)
            own = Response("NOERROR", authoritative=True, answer=(RRset(txt, "TXT", 300, (heritage("default"),)),))
            night.hear(observed(own, night.at, SERVERS[0], RecordType.TXT, txt))
        night.dead[TWO] = nxdomain()
    assert night.codes >= codes
    assert not {"outage", "orphan-txt", "dead-target"} & (night.codes - codes)


@pytest.mark.case("A1")
def test_draws_that_lead_to_a_dead_load_balancer_name_it() -> None:
    """Half of the answers are NODATA: the record set of v2 stands, as an alias of a load balancer that is gone."""
    story = Story(Expectation.WEIGHTED, Weights(50, 50), surroundings=context(known=without_ipv6(Side.V1)))
    rng = random.Random(7)
    for second in range(0, 1200, 3):
        if second >= 600 and second % 30 == 0:
            known = story.context.book
            for rdtype in ADDRESS_TYPES:
                known = known.learn(Side.V2, V2_BALANCER, nxdomain(), instant(second), rdtype)
            story.context = context(known=known)
        for server in SERVERS * 2:
            is_v1 = rng.random() < 0.5
            dead = nodata() if second >= 600 else at_position(Position.V2)
            story.hear(observed(at_position(Position.V1) if is_v1 else dead, second, server))
        story.wait(second)
    (found,) = story.status.findings
    assert found.code == "dead-target"
    assert found.inferred
    assert found.sentence == (
        "app.example.com (A) answers nothing in some draws, probably as an alias of "
        "k8s-two.eu-west-1.elb.amazonaws.com, which has no address."
    )
    assert found.remedy.startswith("Look at the weighted record sets of the name in Route 53.")
