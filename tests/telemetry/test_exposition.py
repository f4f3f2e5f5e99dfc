"""The exposition as scrapers read it."""

import re
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import count, pairwise

import pytest
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.registry import Collector

from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FindingCode, Severity
from probe.model.name import display
from probe.model.outcome import Response, RRset
from probe.model.ownership import TxtOwner
from probe.model.plan import Expectation, Step
from probe.model.question import ADDRESS_TYPES
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.side import AnswerClass
from probe.model.snapshot import Snapshot
from probe.telemetry.domain_families import DOMAIN_FAMILIES
from probe.telemetry.exposition import Exposition, Scrape
from probe.telemetry.families import FAMILIES
from probe.telemetry.family import MetricType
from probe.telemetry.packed import PackedLines
from tests.snapshots import CATALOGUE, HOSTILE, NOW, START, calm, domain, finding, fleet, migration, snapshot, txt

DOMAINS_TOGETHER = 32
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

OPENMETRICS = "application/openmetrics-text;version=1.0.0"


class Given(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def scrape(of: Snapshot, accept: str = "") -> str:
    return read(Exposition(lambda: of, CATALOGUE, rest=lambda: None)(accept))


def read(scrape: Scrape) -> str:
    return b"".join(scrape.blocks).decode()


def series(of: Snapshot | str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every series of a scrape by its name and labels, which must be unique: Prometheus refuses duplicates."""
    text = of if isinstance(of, str) else scrape(of)
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in parse_text(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"{key} appears twice"
            found[key] = sample.value
    return found


def value(of: Snapshot | str, name: str, **labels: str) -> float | None:
    return series(of).get((name, frozenset({"vantage": "eu-central-1", **labels}.items())))


def domains_of(text: str) -> str:
    """The part of a scrape that is about domains."""
    return text[text.index("# HELP cutover_domain_state") :]


def whole(text: str) -> str:
    """The same with whole numbers written without a fraction, as ours are: two octets less of nearly every line."""
    return re.sub(r"\.0$", "", text, flags=re.MULTILINE)


def one(name: str = "www.example.com") -> Snapshot:
    return snapshot((calm(domain(name, "wave-1", Expectation.V2), Position.V2),))


def test_the_text_format_reads_back_and_is_what_prometheus_client_itself_would_write() -> None:
    ours = domains_of(scrape(migration()))

    assert ours == whole(ours)
    assert whole(generate_latest(Given(parse_text(ours))).decode()) == ours


def test_openmetrics_reads_back_and_is_what_prometheus_client_itself_would_write() -> None:
    text = whole(scrape(migration(), OPENMETRICS))

    families = list(parse_openmetrics(text))  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped

    assert len(families) > len(FAMILIES)
    for family in families:
        rendered = whole(generate_openmetrics(Given([family])).decode())  # type: ignore[no-untyped-call]  # the same
        assert rendered.removesuffix("# EOF\n") in text


@pytest.mark.parametrize(
    ("accept", "content_type", "ends_with_eof"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8", False),
        ("text/html, */*", "text/plain; version=0.0.4; charset=utf-8", False),
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8", False),
        (f"{OPENMETRICS},text/plain;version=0.0.4;q=0.5", f"{OPENMETRICS}; charset=utf-8", True),
        ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8", OPENMETRICS, True),
        ("application/openmetrics-text; version=99.x\x01.0", OPENMETRICS, True),
        ("application/openmetrics-text; version=x", "text/plain; version=0.0.4", False),
    ],
)
def test_the_format_follows_the_accept_header_and_nothing_of_it_is_echoed(
    accept: str, content_type: str, *, ends_with_eof: bool
) -> None:
    blocks, told = Exposition(migration, CATALOGUE, rest=lambda: None)(accept)
    body = b"".join(blocks)

    assert told.replace(" ", "").startswith(content_type.replace(" ", ""))
    assert "99" not in told
    assert body.endswith(b"\n# EOF\n") is ends_with_eof
    assert body.count(b"# EOF") == int(ends_with_eof)


def test_every_family_is_there_with_help_and_type_even_without_domains() -> None:
    text = scrape(snapshot(()))

    for family in FAMILIES:
        assert f"# HELP {family.name} {family.documentation}\n" in text
        kind = MetricType.GAUGE if family.kind is MetricType.INFO else family.kind
        assert f"# TYPE {family.name} {kind}\n" in text


def test_every_series_carries_the_vantage_those_of_the_process_too() -> None:
    all_series = series(migration())

    assert any(name.startswith("process_") for name, _ in all_series)
    assert {dict(labels).get("vantage") for _, labels in all_series} == {"eu-central-1"}


def test_labels_are_those_that_the_families_declare() -> None:
    declared = {family.name: {*family.labels, "vantage"} for family in FAMILIES}

    for name, labels in series(migration()):
        if name in declared:
            assert {label for label, _ in labels} == declared[name]


def after(seconds: float, present: Snapshot) -> Snapshot:
    return replace(present, at=Instant(present.at.wall + seconds, present.at.monotonic + seconds))


def held(text: str, name: str, label: str, **labels: str) -> dict[str, float]:
    """The members of a set that have a series, with their values."""
    return {
        dict(has)[label]: number
        for (of, has), number in series(text).items()
        if of == name and labels.items() <= dict(has).items()
    }


def test_a_state_set_has_the_state_that_holds_and_no_other() -> None:
    assert held(scrape(migration()), "cutover_domain_state", "state", domain="www.example.com") == {"v2": 1}


def test_a_state_that_was_left_is_told_as_0_for_three_times_as_long_as_rules_look_back() -> None:
    plan_domain = domain("www.example.com", "wave-1", Expectation.V2)
    on_v1, on_v2 = (snapshot((calm(plan_domain, position),)) for position in (Position.V1, Position.V2))
    present = [on_v1]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)

    def told(at: float, of: Snapshot) -> dict[str, float]:
        present[0] = after(at, of)
        return held(read(exposition("")), "cutover_domain_state", "state")

    assert told(0.0, on_v1) == {"v1": 1}
    assert told(15.0, on_v2) == {"v2": 1, "v1": 0}
    assert told(30.0, on_v2) == {"v2": 1, "v1": 0}
    assert told(914.0, on_v2) == {"v2": 1, "v1": 0}
    assert told(916.0, on_v2) == {"v2": 1}
    assert told(930.0, on_v1) == {"v1": 1, "v2": 0}
    assert told(945.0, on_v2) == {"v2": 1, "v1": 0}


def test_a_finding_that_ends_or_changes_its_severity_is_told_as_0_under_the_severity_that_it_had() -> None:
    quiet = one()
    present = [quiet]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)

    def told(at: float, *severities: Severity) -> dict[str, float]:
        findings = tuple(finding("stale-owner", "www.example.com", "Once.", severity=each) for each in severities)
        present[0] = after(at, snapshot((quiet.domains[0]._replace(findings=findings),)))
        return held(read(exposition("")), "cutover_finding", "severity")

    assert told(0.0) == {}
    assert told(15.0, Severity.WARNING) == {"warning": 1}
    assert told(30.0, Severity.CRITICAL) == {"critical": 1, "warning": 0}
    assert told(300.0) == {"critical": 0, "warning": 0}
    assert told(931.0) == {"critical": 0}
    assert told(1201.0) == {}


def test_a_and_aaaa_have_states_of_their_own() -> None:
    labels = {"domain": "api.example.com", "state": "v2"}

    assert value(migration(), "cutover_record_state", record_type="A", **labels) == 1
    assert value(migration(), "cutover_record_state", record_type="AAAA", **labels) is None
    assert value(migration(), "cutover_record_state", record_type="AAAA", **{**labels, "state": "v1"}) == 1


def test_the_expectation_is_a_state_set_too() -> None:
    labels = {"domain": "search.example.com", "wave": "wave-2"}

    assert value(migration(), "cutover_domain_expectation", expectation="weighted", **labels) == 1
    assert value(migration(), "cutover_domain_expectation", expectation="v2", **labels) is None


def test_answers_are_counted_by_class_and_a_class_that_never_came_has_no_series() -> None:
    labels = {"domain": "api.example.com", "record_type": "A"}

    assert value(migration(), "cutover_answers_total", answer_class="v2", **labels) == 512
    assert value(migration(), "cutover_answers_total", answer_class="foreign", **labels) is None


def test_transitions_and_reversals_are_counted_and_the_newest_is_dated() -> None:
    labels = {"domain": "checkout.example.com", "record_type": "A"}

    assert value(migration(), "cutover_transitions_total", **labels) == 7
    assert value(migration(), "cutover_reversals_total", **labels) == 6
    assert value(migration(), "cutover_last_transition_timestamp_seconds", **labels) == 1_800_007_180


def test_reversals_stand_at_0_from_the_first_change_so_that_the_first_of_them_is_an_increase() -> None:
    status = one().domains[0]
    records = tuple(record._replace(transitions=1) for record in status.records)
    labels = {"domain": "www.example.com", "record_type": "A"}

    assert value(one(), "cutover_transitions_total", **labels) == 0
    assert value(one(), "cutover_reversals_total", **labels) is None
    assert value(snapshot((status._replace(records=records),)), "cutover_reversals_total", **labels) == 0


def test_a_record_that_never_changed_has_no_transition_time_rather_than_zero() -> None:
    assert value(one(), "cutover_last_transition_timestamp_seconds", domain="www.example.com", record_type="A") is None


def test_the_beat_of_a_fight_is_told_while_there_is_one() -> None:
    assert value(migration(), "cutover_flip_period_seconds", domain="checkout.example.com") == 60.25
    assert value(one(), "cutover_flip_period_seconds", domain="www.example.com") is None


def test_the_share_of_v2_is_told_of_what_is_drawn_and_of_nothing_else() -> None:
    labels = {"domain": "search.example.com", "record_type": "A"}
    told = [value(migration(), f"cutover_v2_share_ratio{end}", **labels) for end in ("", "_lower", "_upper")]
    assert told == [0.21, 0.16, 0.27]
    assert value(one(), "cutover_v2_share_ratio", domain="www.example.com", record_type="A") is None


def test_every_code_of_the_catalogue_has_a_count_from_the_start_and_no_series_of_a_domain() -> None:
    counts = {
        (dict(labels)["code"], dict(labels)["severity"]): number
        for (name, labels), number in series(one()).items()
        if name == "cutover_open_findings"
    }

    assert counts == {(entry.code, entry.severity.value): 0 for entry in CATALOGUE}
    assert "cutover_finding{" not in scrape(one())


def test_of_a_code_with_several_advices_the_one_that_stands_is_told_and_the_one_before_ends() -> None:
    quiet = one()
    present = [quiet]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)

    def told(at: float, *advices: str) -> dict[str, float]:
        findings = tuple(replace(finding("outage", "www.example.com", "Gone."), advice=each) for each in advices)
        present[0] = after(at, snapshot((quiet.domains[0]._replace(findings=findings),)))
        return held(read(exposition("")), "cutover_finding_advice", "advice")

    assert told(0.0, "") == {}
    assert told(15.0, "usual") == {"usual": 1}
    assert told(30.0, "end-deletions", "end-deletions") == {"end-deletions": 1, "usual": 0}
    assert told(45.0, "end-deletions", "restore-set") == {"end-deletions": 1, "restore-set": 1, "usual": 0}
    assert told(931.0) == {"end-deletions": 0, "restore-set": 0}
    assert told(1832.0) == {}


def test_domains_with_an_open_finding_are_counted_once_each_under_its_severity() -> None:
    status = one().domains[0]
    louder, quieter = (
        finding("stale-owner", "www.example.com", "Open.", severity=severity)
        for severity in (Severity.CRITICAL, Severity.WARNING)
    )
    of = snapshot((status._replace(findings=(louder, quieter)), status._replace(findings=(quieter,))))

    def count(severity: str) -> float | None:
        # Of the daemon's part alone: two statuses of one name would have series twice.
        return value(
            scrape(of).partition("# HELP cutover_domain_state")[0],
            "cutover_open_findings",
            code="stale-owner",
            severity=severity,
        )

    assert (count("critical"), count("warning")) == (1, 1)


def test_an_open_finding_has_one_series_under_its_own_severity() -> None:
    found = {
        dict(labels)["severity"]: number
        for (name, labels), number in series(migration()).items()
        if name == "cutover_finding" and {("domain", "login.example.com"), ("code", "stale-owner")} <= labels
    }

    assert found == {"critical": 1}


def test_two_findings_of_one_code_make_one_series_of_the_louder_severity() -> None:
    status = one().domains[0]
    both = tuple(
        finding("stale-owner", "www.example.com", "Twice.", severity=severity)
        for severity in (Severity.WARNING, Severity.CRITICAL, Severity.INFO)
    )

    found = snapshot((status._replace(findings=both),))

    labels = {"domain": "www.example.com", "wave": "wave-1", "code": "stale-owner"}
    assert value(found, "cutover_finding", severity="critical", **labels) == 1
    assert value(found, "cutover_finding", severity="warning", **labels) is None


def test_a_finding_that_the_catalogue_does_not_know_is_told_all_the_same() -> None:
    gone = snapshot((one().domains[0]._replace(findings=(finding("outage", "www.example.com", "It is gone."),)),))
    others = [entry for entry in CATALOGUE if entry.code is not FindingCode.OUTAGE]

    text = read(Exposition(lambda: gone, others, rest=lambda: None)(""))

    labels = 'code="outage",domain="www.example.com",severity="critical"'
    assert f"cutover_finding{{{labels}" in text


def test_a_resolver_with_two_addresses_is_one_resolver_and_its_silence_shows() -> None:
    labels = {"domain": "checkout.example.com", "resolver": "google", "record_type": "A"}

    assert value(migration(), "cutover_resolver_answer", answer_class="v2", **labels) == 1
    assert value(migration(), "cutover_resolver_answer", answer_class="failed", **labels) == 1
    assert value(migration(), "cutover_resolver_answer", answer_class="v1", **labels) is None


def test_resolvers_that_have_converged_are_counted_by_name_and_unknown_ones_not_at_all() -> None:
    assert value(migration(), "cutover_resolvers_converged_ratio", domain="www.example.com") == 1
    assert value(migration(), "cutover_resolvers_converged_ratio", domain="checkout.example.com") == 0.5
    assert value(migration(), "cutover_resolvers_converged_ratio", domain="login.example.com") is None


def test_the_drain_deadline_stands_while_v1_is_out_of_the_answers() -> None:
    deadline = value(migration(), "cutover_drain_deadline_timestamp_seconds", domain="www.example.com")

    assert deadline == NOW.wall + 20
    assert value(migration(), "cutover_drain_deadline_timestamp_seconds", domain="billing.example.com") is None


def test_convergence_is_a_histogram_per_stage() -> None:
    for stage, within_minute, total, seconds in (("all_servers", 21, 21, 431.5), ("all_resolvers", 0, 5, 702.25)):
        assert value(migration(), "cutover_convergence_seconds_bucket", stage=stage, le="60.0") == within_minute
        assert value(migration(), "cutover_convergence_seconds_count", stage=stage) == total
        assert value(migration(), "cutover_convergence_seconds_sum", stage=stage) == seconds


def test_a_domain_that_was_never_observed_is_unknown_and_accuses_nobody() -> None:
    name = "*.apps.example.com"

    assert value(migration(), "cutover_domain_state", domain=name, wave="wave-3", state="unknown") == 1
    for metric in ("cutover_answers_total", "cutover_resolver_answer"):
        assert held(scrape(migration()), metric, "answer_class", domain=name) == {}


def test_owners_are_told_per_txt_name() -> None:
    labels = {"domain": "api.example.com", "txt_name": "aaaa-api.example.com"}

    assert value(migration(), "cutover_txt_owner_info", txt_owner="cluster-v1", **labels) == 1
    assert value(migration(), "cutover_txt_owner_info", txt_owner="cluster-v2", **labels) is None


def test_many_owners_at_one_name_end_in_other() -> None:
    told = [
        dict(labels)["txt_owner"]
        for name, labels in series(migration())
        if name == "cutover_txt_owner_info" and ("domain", "login.example.com") in labels
    ]

    assert sorted(told) == sorted([*(f"{HOSTILE}-{number}" for number in range(4)), "other"])


def test_owners_that_change_with_every_answer_cannot_make_series_without_end() -> None:
    present = [one()]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    told = set()
    for turn in range(80):
        status = one().domains[0]._replace(txts=(txt("a-www.example.com", TxtOwner(f"stranger-{turn}", None)),))
        present[0] = snapshot((status,))
        told |= {
            dict(labels)["txt_owner"]
            for name, labels in series(read(exposition("")))
            if name == "cutover_txt_owner_info"
        }

    assert "other" in told
    assert len(told) == 65
    present[0] = migration()
    labels = {"domain": "api.example.com", "txt_name": "aaaa-api.example.com", "txt_owner": "cluster-v1"}
    assert value(read(exposition("")), "cutover_txt_owner_info", **labels) == 1


@pytest.mark.parametrize("owner", ["", "x" * 129, "red\x1b[31m", "two\nlines", "nül"])
def test_what_is_no_identifier_is_other(owner: str) -> None:
    status = one().domains[0]._replace(txts=(txt("a-www.example.com", TxtOwner(owner, None)),))

    text = scrape(snapshot((status,)))

    assert 'txt_name="a-www.example.com",txt_owner="other"' in text
    assert "\x1b" not in text


def _serving(*ttls: int, cache: int | None = None) -> Snapshot:
    """One domain whose servers answer with these TTLs."""
    of = one()
    (status,) = of.domains
    records = []
    for record in status.records:
        (server, *_), name = record.servers, status.domain.name
        answers = (Response("NOERROR", answer=(RRset(name, record.rdtype.value, ttl, ("::",)),)) for ttl in ttls)
        servers = tuple(server._replace(response=answer) for answer in answers)
        records.append(record._replace(servers=servers, cache=cache))
    return replace(of, domains=(status._replace(records=tuple(records)),))


def test_the_longest_ttl_of_the_servers_is_told_of_the_domain() -> None:
    assert value(_serving(60, 3600, 60), "cutover_ttl_seconds", domain="www.example.com") == 3600


@pytest.mark.parametrize("of", [_serving(), _serving(60, cache=60)], ids=["no answer", "behind a cache"])
def test_no_ttl_is_told_where_none_is_served_or_a_cache_counts_it_down(of: Snapshot) -> None:
    assert value(of, "cutover_ttl_seconds", domain="www.example.com") is None


def test_the_series_of_a_removed_domain_disappear() -> None:
    present = [fleet(3)]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    assert "app-2.example.com" in read(exposition(""))

    present[0] = fleet(2)

    text = read(exposition(""))
    assert "app-2.example.com" not in text
    names = {
        one.name for kept in exposition._domains._kept.values() for lines in kept if lines for one in lines.domains
    }
    assert names == {status.domain.name for status in present[0].domains}


def test_what_changes_between_scrapes_is_told_and_what_does_not_stays() -> None:
    present = [one()]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    before = series(read(exposition("")))
    status = present[0].domains[0]
    record = status.records[0]
    counted = record._replace(answers=tuple(count + 1 for count in record.answers))
    present[0] = snapshot((status._replace(records=(counted, status.records[1])),))

    after = series(read(exposition("")))

    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    changed = {(name, labels) for name, labels in changed if not name.startswith("process_")}
    assert {name for name, _ in changed} == {"cutover_answers_total"}
    assert len(changed) == len(AnswerClass)


def test_lines_and_what_they_were_made_of_are_kept_together_and_once() -> None:
    """Of 10,000 domains they were 34 MB when each had its own in seven families; the text alone was 12 MB, unpacked."""
    of = fleet(4 * DOMAINS_TOGETHER)
    exposition = Exposition(lambda: of, CATALOGUE, rest=lambda: None)
    first, second = exposition(""), exposition("")
    kept = {name: [block for block in blocks if block] for name, blocks in exposition._domains._kept.items()}
    assert {len(blocks) for blocks in kept.values()} == {0, 4}
    assert not kept["cutover_answers_total"]  # every scrape has others
    again = [block.lines for blocks in kept.values() for block in blocks if isinstance(block.lines, PackedLines)]
    assert {id(lines) for lines in again} <= {id(one) for one in first.blocks._pieces} & {
        id(one) for one in second.blocks._pieces
    }
    assert sum(len(lines.packed) for lines in again) < sum(lines.size for lines in again) / 8
    states = {id(pick) for block in kept["cutover_record_state"] for pick in block.picks}
    assert len(states) < DOMAINS_TOGETHER / 2


def test_a_set_s_end_is_told_of_a_domain_that_has_another_place_in_the_plan() -> None:
    """What is kept by places is of other domains after a reload with one domain less."""
    statuses = fleet(DOMAINS_TOGETHER + 2).domains
    present = [snapshot(statuses)]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    exposition("")
    last = statuses[-1]
    left = last._replace(state=RecordState.FLAPPING)
    present[0] = snapshot((*statuses[1:-1], left))
    told = read(exposition(""))
    name, wave = display(last.domain.name), last.domain.wave
    for state, holds in ((last.state, 0), (RecordState.FLAPPING, 1)):
        assert value(told, "cutover_domain_state", domain=name, wave=wave, state=state) == holds
    assert not [one for one in re.findall("cutover_domain_state{.*} 0", told) if f'"{name}"' not in one]


def test_the_end_of_being_unknown_is_told_of_a_domain_and_not_of_its_records() -> None:
    """Every record of a plan begins so: of 10,000 domains the zeros were 1.9 MB of a scrape."""
    plan_word = domain("www.example.com", "wave-1", Expectation.V1)
    present = [snapshot((DomainStatus(plan_word, records=tuple(map(RecordStatus, ADDRESS_TYPES))),))]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    exposition("")
    present[0] = snapshot((calm(plan_word, Position.V1),))
    told = read(exposition(""))
    named = {"domain": "www.example.com"}
    assert value(told, "cutover_domain_state", **named, wave="wave-1", state="unknown") == 0
    for rdtype in ADDRESS_TYPES:
        assert value(told, "cutover_record_state", **named, record_type=rdtype, state="unknown") is None
        assert value(told, "cutover_record_state", **named, record_type=rdtype, state="v1") == 1


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_a_kept_scrape_equals_a_fresh_one(accept: str) -> None:
    present = [migration()]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    for present[0] in (fleet(4), migration(blind=True), one()):
        exposition(accept)
    present[0] = migration()

    kept = read(exposition(accept))

    assert domains_of(kept) == domains_of(scrape(migration(), accept))


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_what_no_scrape_changes_of_a_domain_s_families_is_rendered_once(
    accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = migration()
    first = scrape(of, accept)
    monkeypatch.setattr("probe.telemetry.exposition.empty_metric", None)  # whoever calls it fails
    assert domains_of(scrape(of, accept)) == domains_of(first)


def test_a_domain_that_moves_to_another_wave_or_expectation_leaves_no_series_behind() -> None:
    present = [one()]
    exposition = Exposition(lambda: present[0], CATALOGUE, rest=lambda: None)
    exposition("")
    present[0] = snapshot((calm(domain("www.example.com", "wave-9", Expectation.MOVING), Position.V2),))

    text = read(exposition(""))

    assert "wave-1" not in text
    labels = {"domain": "www.example.com", "wave": "wave-9", "expectation": "moving"}
    assert value(text, "cutover_domain_expectation", **labels) == 1


def test_the_daemon_tells_of_itself() -> None:
    now = migration(reload_error="plan.yaml:3:1: broken")

    asking = {"server_group": "authoritative", "transport": "udp"}
    assert value(now, "cutover_queries_total", **asking) == 48_211
    assert value(now, "cutover_query_failures_total", reason="timeout", **asking) == 17
    assert value(now, "cutover_query_failures_total", reason="malformed", **asking) == 0
    assert value(now, "cutover_query_duration_seconds_bucket", le="0.0025", **asking) == 3
    assert value(now, "cutover_query_duration_seconds_bucket", le="+Inf", **asking) == 48_194
    assert value(now, "cutover_query_duration_seconds_count", **asking) == 48_194
    assert value(now, "cutover_query_duration_seconds_sum", **asking) == 1_204.75
    assert value(now, "cutover_dropped_responses_total", reason="mismatched", **asking) == 2
    assert value(now, "cutover_billed_queries_total", hosted_zone="example.com") == 3_120
    assert value(now, "cutover_schedule_lag_seconds") == 0.004
    assert value(now, "cutover_schedule_lag_max_seconds") == 0.031
    assert value(now, "cutover_last_pass_timestamp_seconds") == 1_800_007_191
    assert value(now, "cutover_ready") == 0
    assert value(now, "cutover_blind") == 0
    assert value(now, "cutover_config_last_reload_successful") == 0
    assert value(replace(now, web_reload=now.reload), "cutover_web_config_last_reload_successful") == 0
    assert value(now, "cutover_config_last_reload_success_timestamp_seconds") == 1_800_000_000


def test_rendering_rests_whenever_it_has_worked_for_half_a_millisecond() -> None:
    rests: list[float] = []
    clock = [0.0]

    def ticking() -> float:
        clock[0] += 0.0002  # each look at the clock finds that a block took that long
        return clock[0]

    exposition = Exposition(lambda: fleet(100), CATALOGUE, rest=lambda: rests.append(clock[0]), ticking=ticking)

    exposition("")

    worked = [after - before for before, after in pairwise(rests)]
    assert 0.0007 < min(worked) < max(worked) < 0.0015  # of which the last block began before half a millisecond
    assert len(rests) >= len(DOMAIN_FAMILIES) * (100 // DOMAINS_TOGETHER) // 4


def test_a_scrape_that_takes_long_rests_more_seldom_and_never_goes_on_for_more_than_four_milliseconds() -> None:
    clock = [0.0]
    rests: list[tuple[float, float]] = []

    def ticking() -> float:
        clock[0] += 0.0002
        return clock[0]

    def rest() -> None:
        begins = clock[0]
        clock[0] += 0.05  # probing has no time to spare
        rests.append((begins, clock[0]))

    Exposition(lambda: fleet(900), CATALOGUE, rest=rest, ticking=ticking)("")

    worked = [(begins, begins - ended) for (_, ended), (begins, _) in pairwise(rests)]
    at_first = [length for moment, length in worked if moment < 0.2]
    after_a_second = [length for moment, length in worked if 1.0 < moment < 1.2]
    at_last = [length for moment, length in worked if moment > 2.0]
    assert max(at_first) < 0.0014
    assert 0.0024 < min(after_a_second) <= max(after_a_second) < 0.0034
    assert 0.0038 < min(at_last) <= max(at_last) < 0.0045


def test_a_rest_is_as_long_as_probing_needs_to_take_over(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(time, "sleep", rests.append)

    Exposition(lambda: fleet(1), CATALOGUE, ticking=count().__next__)("")

    assert set(rests) == {0.0005}


def test_scrapes_from_several_threads_do_not_disturb_each_other() -> None:
    present = [fleet(20)]
    exposition = Exposition(lambda: present[0], CATALOGUE)
    bodies: list[str] = []
    threads = [threading.Thread(target=lambda: bodies.append(read(exposition("")))) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {domains_of(body) for body in bodies} == {domains_of(scrape(present[0]))}


def test_domains_and_waves_say_whether_they_are_confirmed_and_how_far_the_soak_is() -> None:
    of = migration()
    assert value(of, "cutover_domain_confirmed", domain="www.example.com", wave="wave-1") == 1
    assert value(of, "cutover_domain_confirmed", domain="checkout.example.com", wave="wave-2") == 0
    assert value(of, "cutover_wave_confirmed", wave="wave-1") == 0  # one of its domains has gone
    assert value(of, "cutover_soak_seconds") == 1800
    quiet = one()
    assert value(quiet, "cutover_wave_confirmed", wave="wave-1") == 1
    assert value(quiet, "cutover_wave_held_seconds", wave="wave-1") == 5390


def test_a_wave_with_a_later_step_counts_down_to_it() -> None:
    of = one()
    step = Step(1_800_010_000.0, Expectation.MOVING)
    of = replace(of, plan=replace(of.plan, waves=(replace(of.plan.waves[0], upcoming=step),)))
    name = "cutover_wave_next_expectation_timestamp_seconds"
    assert value(of, name, wave="wave-1", expectation="moving") == 1_800_010_000.0
    assert name + "{" not in scrape(one())


def test_https_is_told_per_side_and_only_of_what_is_known() -> None:
    up = {side: value(migration(), "cutover_http_up", domain="cart.example.com", side=side) for side in ("v1", "v2")}
    assert up == {"v1": 1, "v2": 0}
    took = value(migration(), "cutover_http_duration_seconds", domain="www.example.com", side="v1")
    assert took == 0.034
    ends = value(migration(), "cutover_certificate_expiry_timestamp_seconds", domain="cart.example.com", side="v2")
    assert ends == START + 864_000.0
    assert value(migration(), "cutover_http_up", domain="search.example.com", side="v1") is None  # it has no check


def test_notifications_are_told_per_receiver_and_reasons_that_never_came_are_zero() -> None:
    away = "http://alertmanager-1:9093"
    assert value(migration(), "cutover_notifications_total", receiver="http://alertmanager-0:9093") == 41
    told = {
        reason: value(migration(), "cutover_notification_failures_total", receiver=away, reason=reason)
        for reason in ("timeout", "unreachable", "rejected", "failed")
    }
    assert told == {"timeout": 7, "unreachable": 0, "rejected": 0, "failed": 0}


def test_whether_v1_may_go_is_told_where_v2_is_expected() -> None:
    waves = {"www": "wave-1", "blog": "wave-1", "billing": "wave-3"}
    told = {
        name: value(migration(), "cutover_v1_removable", domain=f"{name}.example.com", wave=wave)
        for name, wave in waves.items()
    }
    assert told == {"www": 1, "blog": 0, "billing": None}


def test_each_witness_is_told_with_what_is_known_of_it_and_nothing_is_without() -> None:
    names = ("kubernetes-v1", "kubernetes-v2", "route53")
    up, read, watched, lacking = (
        {name: value(migration(), f"cutover_witness_{family}", witness=name) for name in names}
        for family in ("up", "last_read_timestamp_seconds", "watched", "lacking_hosts")
    )
    assert up == {"kubernetes-v1": 0, "kubernetes-v2": 1, "route53": None}
    assert read == {"kubernetes-v1": START + 6_000.0, "kubernetes-v2": START + 7_170.0, "route53": None}
    assert watched == {"kubernetes-v1": 0, "kubernetes-v2": 1, "route53": None}
    assert lacking == {"kubernetes-v1": None, "kubernetes-v2": 6, "route53": None}
    assert not any(name.startswith("cutover_witness") for name, _ in series(replace(migration(), witnesses=())))
