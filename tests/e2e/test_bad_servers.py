"""Servers that lose, refuse, lie and dawdle: their failures are counted by reason, and nothing is believed of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.daemon import Daemon, daemon
from tests.e2e.plans import FAST, OWNERSHIP, V1, V2, plan_file, plan_text, wave
from tests.e2e.scripted import all_scripted, scripted
from tests.real_servers import bind, free_port, knot
from tests.wire.scriptable_server import (
    GARBAGE,
    REFUSED,
    SERVFAIL,
    SILENT,
    Behaviour,
    ScriptableServer,
    broken_after_question,
)

pytestmark = pytest.mark.e2e

GOOD = "127.0.0.11", "127.0.0.12"
BAD = "127.0.0.13"


def right(name: str) -> tuple[str, ...]:
    """The answer that is true."""
    return (f"{name}. 60 IN A {V1}",)


def ownership(name: str) -> Behaviour:
    """Whose it is."""
    return Behaviour(answer=(f"a-{name}. 60 IN TXT {OWNERSHIP}",))


def wrong(name: str) -> tuple[str, ...]:
    """What would be a move, were it believed."""
    return (f"{name}. 60 IN A {V2}",)


MISDEEDS: dict[str, tuple[Callable[[str], Behaviour], str]] = {
    "silent": (lambda _: SILENT, "timeout"),
    "late": (lambda name: Behaviour(answer=wrong(name), delay=2.0), "timeout"),
    "other-id": (lambda name: Behaviour(answer=wrong(name), wrong_id=True), "timeout"),
    "other-question": (lambda name: Behaviour(answer=wrong(name), question="x.example.com."), "timeout"),
    "other-port": (lambda name: Behaviour(answer=wrong(name), other_port=True), "timeout"),
    "garbage": (lambda _: GARBAGE, "timeout"),
    "broken": (lambda name: Behaviour(answer=wrong(name), mangle=broken_after_question), "malformed"),
    "servfail": (lambda _: SERVFAIL, "servfail"),
    "refused": (lambda _: REFUSED, "refused"),
    "no-authority": (lambda name: Behaviour(answer=wrong(name), authoritative=False), "lame"),
    "hangs-up": (lambda _: Behaviour(truncated=True, tcp_closes=True), "unreachable"),
}
"""By the first label of the name that it is done to: what one server of three does, and the reason to be given."""

LOSSY = "lossy.example.com"
ROUNDS = 5
"""Questions of each misdeed after which nothing of it may have been believed."""

UNSEEN = "app.example.com"
"""The name that is watched by a daemon to which nobody answers."""

UNHURRIED = {**FAST, "timeout": "1s"}
"""A busy machine must not turn an answer into a timeout."""


@pytest.fixture(scope="module", autouse=True)
def blinded(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, ScriptableServer]]:
    """A daemon whose only server has fallen silent: half a minute must pass until that counts, in which others test."""
    with scripted(GOOD[0]) as server:
        server.default = Behaviour(rcode="NXDOMAIN")
        server.script(f"{UNSEEN}.", Behaviour(answer=right(UNSEEN)), rdtype="A")
        server.script(f"a-{UNSEEN}.", ownership(UNSEEN), rdtype="TXT")
        zone = {"example.com": [f"{server.address}:{server.port}"]}
        text = plan_text(wave("first", "v1", UNSEEN), authoritative={"overrides": zone})
        with daemon(command, plan_file(tmp_path_factory.mktemp("blinded"), text)) as running:
            running.wait_until("it is on v1", lambda scrape: scrape.state(UNSEEN) == "v1")
            server.default = SILENT
            server.script(f"{UNSEEN}.", SILENT, rdtype="A")
            server.script(f"a-{UNSEEN}.", SILENT, rdtype="TXT")
            yield running, server


def test_one_server_of_three_misbehaves_in_every_way_and_no_record_changes_for_it(
    command: Path, tmp_path: Path
) -> None:
    with all_scripted(*GOOD, BAD) as servers:
        names = [f"{misdeed}.example.com" for misdeed in MISDEEDS]
        for server in servers:
            server.default = Behaviour(rcode="NXDOMAIN")
            server.script(f"{LOSSY}.", Behaviour(answer=right(LOSSY), loss=0.3), rdtype="A")
            server.script(f"{LOSSY}.", Behaviour(loss=0.3), rdtype="AAAA")
            server.script(f"a-{LOSSY}.", ownership(LOSSY), rdtype="TXT")
            for name in names:
                server.script(f"{name}.", Behaviour(answer=right(name)), rdtype="A")
                server.script(f"{name}.", Behaviour(), rdtype="AAAA")
                server.script(f"a-{name}.", ownership(name), rdtype="TXT")
        for name, (behaviour, _) in zip(names, MISDEEDS.values(), strict=True):
            for rdtype in ("A", "AAAA"):
                servers[-1].script(f"{name}.", behaviour(name), rdtype=rdtype)
        text = plan_text(
            wave("misdeeds", "v1", *names, LOSSY),
            authoritative={"overrides": {"example.com": [f"{each.address}:{each.port}" for each in servers]}},
            probing=UNHURRIED,
        )
        with daemon(command, plan_file(tmp_path, text)) as running:
            running.wait_until(
                "all are on v1 all the same",
                lambda scrape: {scrape.state(name) for name in (*names, LOSSY)} == {"v1"},
            )
            failed = {"record_type": "A", "answer_class": "failed"}
            running.wait_until(
                "the bad server was asked for each often enough",
                lambda scrape: all(
                    sum(count for _, count in scrape.series("cutover_answers_total", domain=name, **failed)) >= ROUNDS
                    for name in names
                ),
            )
            expected = {name: reason for name, (_, reason) in zip(names, MISDEEDS.values(), strict=True)}
            running.wait_for(
                "each failure is told with its reason",
                lambda: {name: _reason(running, name) for name in names} == expected,
            )
            running.wait_for(
                "the server is accused of each, for it is true",
                lambda: {*names} <= {one["domain"] for one in running.events("finding_raised", code="server-divided")},
            )
            for event in running.events("finding_raised", code="server-divided"):
                assert f"{BAD} gives no answer" in event["sentence"]
                assert not any(good in event["sentence"] for good in GOOD)
            scrape = running.scrape()
            assert scrape.findings(LOSSY) == set()
            for name in (*names, LOSSY):
                assert scrape.state(name) == "v1"
                assert scrape.transitions(name) == 0
                assert running.states(name) == ["unknown", "v1"]
            # Whether an answer without authority is lame depends on what was asked: a walk gets referrals all the time.
            for reason in {*expected.values()} - {"lame"}:
                assert scrape.total("cutover_query_failures_total", reason=reason) > 0
            for reason in ("late", "mismatched"):
                assert scrape.total("cutover_dropped_responses_total", reason=reason) > 0


def _reason(running: Daemon, name: str) -> str | None:
    """Tell why the bad server's newest answer for A was none."""
    (server,) = [one for one in running.domain(name)["records"][0]["servers"] if one["address"] == BAD]
    failure: str | None = server["failure"]
    return failure


@pytest.mark.real
def test_an_answer_too_long_for_a_datagram_comes_over_tcp_and_servers_without_edns_are_asked_without(
    command: Path, tmp_path: Path
) -> None:
    long = "long.example.com"
    plain = "plain.example.net"
    records = "".join(f"long A 192.0.2.{number}\n" for number in range(1, 91))
    zone = f"@ NS ns\nns A 127.0.0.1\n{records}"
    port = free_port("127.0.0.1", "127.0.0.2")
    with (
        bind({"example.com": zone}, port=port),
        knot({"example.com": zone}, addresses=("127.0.0.2",), port=port),
        scripted(GOOD[0]) as old,
    ):
        old.default = Behaviour(rcode="NXDOMAIN", without_edns=True)
        old.script(f"{plain}.", Behaviour(answer=right(plain), without_edns=True), rdtype="A")
        text = plan_text(
            wave("first", "v1", long, plain),
            authoritative={
                "overrides": {
                    "example.com": [f"127.0.0.1:{port}", f"127.0.0.2:{port}"],
                    "example.net": [f"{old.address}:{old.port}"],
                }
            },
        )
        with daemon(command, plan_file(tmp_path, text)) as running:
            running.wait_until("both are on v1", lambda scrape: {scrape.state(long), scrape.state(plain)} == {"v1"})
            running.wait_until("TCP is counted", lambda scrape: scrape.series("cutover_queries_total", transport="tcp"))
            shown = running.domain(long)["records"][0]["servers"]
            assert [len(server["answers"]) for server in shown] == [90, 90]
            assert {query.message.edns for query in old.received} == {0, -1}


def test_when_all_servers_are_silent_the_probe_says_that_it_is_blind_and_accuses_nobody(
    blinded: tuple[Daemon, ScriptableServer],
) -> None:
    running, server = blinded
    scrape = running.wait_until("it is blind", lambda scrape: scrape.total("cutover_blind") == 1)
    assert scrape.state(UNSEEN) == "unknown"
    assert scrape.findings(UNSEEN) == set()
    assert scrape.transitions(UNSEEN) == 0
    running.wait_for("the log says so", lambda: running.accusations() == ["probe-blind"])

    server.script(f"{UNSEEN}.", Behaviour(answer=right(UNSEEN)), rdtype="A")
    server.default = Behaviour(rcode="NXDOMAIN")
    scrape = running.wait_until("it sees again", lambda scrape: scrape.state(UNSEEN) == "v1")
    assert scrape.total("cutover_blind") == 0
    assert scrape.transitions(UNSEEN) == 0
    running.wait_for("the log says so", lambda: bool(running.events("finding_cleared", code="probe-blind")))
    assert running.accusations() == ["probe-blind"]
