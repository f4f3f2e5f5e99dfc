"""Whole files: the examples load, each bad file gets exactly its expected complaints, and nothing else gets out."""

import hashlib
from ipaddress import ip_network
from pathlib import Path

import pytest

from probe.config.load import load, parse
from probe.config.mistakes import PlanError
from probe.model.external_dns import ExternalDns, Policy
from probe.model.plan import Endpoint, Expectation, Probing, Webhook, WebhookFormat, Weights
from probe.model.server import Server, ServerRole, Transport, ZoneView
from tests.config.plans import BAD, CONFIG, SIDES, TOP, domains, mistakes, plan, text

MAX_BYTES = 1024 * 1024
MAX_DOMAINS = 10_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

BAD_FILES = sorted(BAD.glob("*.yaml"))


@pytest.mark.parametrize("path", BAD_FILES, ids=lambda path: path.stem)
def test_a_bad_file_gets_exactly_its_expected_complaints(path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        load(path)
    said = str(caught.value).replace(f"{BAD}/", "") + "\n"
    assert said == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_every_bad_file_has_its_expectation_and_every_expectation_its_file() -> None:
    assert BAD_FILES
    assert {path.stem for path in BAD_FILES} == {path.stem for path in BAD.glob("*.expected")}


@pytest.mark.parametrize("path", BAD_FILES, ids=lambda path: path.stem)
def test_every_mistake_has_a_place_a_sentence_and_a_remedy_on_one_line(path: Path) -> None:
    with pytest.raises(PlanError) as caught:
        load(path)
    for mistake in caught.value.mistakes:
        assert mistake.line >= 1
        assert mistake.column >= 1
        assert mistake.message
        assert mistake.remedy
        assert "\n" not in str(mistake)


def test_mistakes_come_in_the_order_of_the_file() -> None:
    with pytest.raises(PlanError) as caught:
        load(BAD / "everything-at-once.yaml")
    places = [(mistake.line, mistake.column) for mistake in caught.value.mistakes]
    assert places == sorted(places)
    assert len(places) > 5


def test_a_file_that_is_missing_is_said_to_be() -> None:
    with pytest.raises(PlanError, match=r"^/no/such/plan\.yaml:1:1: the plan cannot be read \(no such file"):
        load(Path("/no/such/plan.yaml"))


def test_a_folder_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="the plan cannot be read"):
        load(tmp_path)


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(PlanError, match=f"larger than {MAX_BYTES} bytes; split it"):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text(), encoding="utf-8-sig")
    assert load(path).vantage == "seoul"


def test_the_digest_is_that_of_the_bytes_and_the_source_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(text(), encoding="utf-8")
    loaded = load(path)
    assert loaded.digest == hashlib.sha256(path.read_bytes()).hexdigest() == parse(text()).digest
    assert loaded.source == path
    assert parse(text()).source is None


def test_text_without_a_file_is_called_plan() -> None:
    with pytest.raises(PlanError, match=r"^<plan>:1:1: the plan is empty"):
        parse("")


def test_the_least_plan_has_the_models_defaults() -> None:
    loaded = plan()
    assert loaded.v1.load_balancers == ("v1.elb.example.net.",)
    assert loaded.v1.external_dns == ExternalDns()
    assert loaded.probing == Probing()
    assert loaded.listen == Endpoint("127.0.0.1", 9953)
    assert [(domain.name, domain.wave, domain.expectation) for domain in loaded.domains] == [
        ("app.example.com.", "first", Expectation.MOVING)
    ]
    assert loaded.domains[0].http is None


def test_the_example_becomes_the_plan_that_it_describes() -> None:
    loaded = load(CONFIG / "example.yaml")
    assert [wave.expectation for wave in loaded.waves] == [
        Expectation.V2, Expectation.MOVING, Expectation.WEIGHTED, Expectation.V1,
    ]  # fmt: skip
    by_name = {str(domain.name): domain for domain in loaded.domains}
    assert "xn--9q5b29o.tools.example.com." in by_name
    assert by_name["shop.example.com."].weights == Weights(70, 30)
    assert by_name["pay.example.com."].weights == Weights(255, 1)
    assert by_name["grafana.tools.example.com."].http is not None
    assert by_name["grafana.tools.example.com."].http.path == "/healthz"
    assert by_name["*.campaign.example.com."].http is None
    assert loaded.v2.external_dns == ExternalDns("eks-v2", "default", (0, 22, 0), 60.0, policy=Policy.UPSERT_ONLY)
    assert loaded.v1.networks == (ip_network("203.0.113.16/28"),)
    assert loaded.registry.prefix == "%{record_type}-"
    assert loaded.listen == Endpoint("0.0.0.0", 9953)
    assert not loaded.authoritative.ipv6


def test_each_transport_gets_its_own_port_unless_another_is_written() -> None:
    loaded = plan(
        more="""resolvers:
  - {name: a, address: 192.0.2.1}
  - {name: b, transport: tcp, address: 192.0.2.1, port: 5353}
  - {name: c, transport: dot, address: "2001:DB8::1", tls_name: DNS.example.net.}
  - {name: d, transport: doh, address: 192.0.2.1, url: "https://dns.example.net/dns-query"}
  - {name: e, transport: doh, address: 192.0.2.1, url: "https://dns.example.net:8443/dns-query"}
"""
    )
    role = ServerRole.RESOLVER
    assert loaded.resolvers == (
        Server("a", "192.0.2.1", 53, role, Transport.UDP, "a"),
        Server("b", "192.0.2.1", 5353, role, Transport.TCP, "b"),
        Server("c", "2001:db8::1", 853, role, Transport.DOT, "c", "dns.example.net"),
        Server("d", "192.0.2.1", 443, role, Transport.DOH, "d", None, "https://dns.example.net/dns-query"),
        Server("e", "192.0.2.1", 8443, role, Transport.DOH, "e", None, "https://dns.example.net:8443/dns-query"),
    )


def test_a_resolver_that_passes_client_subnets_on_has_a_view_for_each_and_one_of_its_own() -> None:
    loaded = plan(
        more="""client_subnets: {kt: 168.126.63.0/24, v6: "2001:db8::/56"}
resolvers:
  - {name: google, address: 192.0.2.1, ecs: true, queries_per_second: 2.5}
  - {name: cloudflare, address: 192.0.2.2}
"""
    )
    assert [(one.name, one.group, one.client_subnet, one.queries_per_second) for one in loaded.resolvers] == [
        ("google", "google", None, 2.5),
        ("google@kt", "google", "168.126.63.0/24", 2.5),
        ("google@v6", "google", "2001:db8::/56", 2.5),
        ("cloudflare", "cloudflare", None, None),
    ]


def test_a_resolver_may_be_said_to_see_a_view() -> None:
    loaded = plan(
        more="""resolvers:
  - {name: vpc, address: 10.0.0.2, sees: private}
  - {name: google, address: 192.0.2.1, sees: public}
  - {name: office, address: 192.0.2.2}
"""
    )
    assert [one.sees for one in loaded.resolvers] == [ZoneView.PRIVATE, ZoneView.PUBLIC, None]


def test_load_balancers_are_folded_to_the_name_that_both_spellings_share() -> None:
    loaded = plan(sides=SIDES.replace("v1.elb", "dualstack.V1.ELB"))
    assert loaded.v1.load_balancers == ("v1.elb.example.net.",)


def test_overrides_start_and_listen_take_both_address_families() -> None:
    loaded = plan(
        more='authoritative: {overrides: {Example.COM: ["192.0.2.53", "[2001:db8::53]:5353", "2001:db8::54"]}, '
        'start: ["198.51.100.1:53"]}\nlisten: "[::]:0"\n'
    )
    assert loaded.authoritative.overrides == (
        ("example.com.", (Endpoint("192.0.2.53"), Endpoint("2001:db8::53", 5353), Endpoint("2001:db8::54"))),
    )
    assert loaded.authoritative.start == (Endpoint("198.51.100.1"),)
    assert loaded.listen == Endpoint("::", 0)


@pytest.mark.parametrize(
    ("written", "seconds"), [("30", 30.0), ("30s", 30.0), ("5m", 300.0), ("1h30m", 5400.0), ("1d", 86400.0)]
)
def test_durations_are_numbers_of_seconds_or_text_with_units(written: str, seconds: float) -> None:
    sides = SIDES.replace("v2.elb.example.net]", f"v2.elb.example.net], external_dns: {{interval: {written}}}")
    assert plan(sides=sides).v2.external_dns.interval == seconds


@pytest.mark.parametrize(
    "content", [b"0123456789abcdef0123456789abcdef", b"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=\n"]
)
def test_a_key_file_is_found_beside_the_plan_raw_or_in_base64(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    path = tmp_path / "plan.yaml"
    path.write_text(text(more="txt_registry: {decryption_key_file: key}\n"), encoding="utf-8")
    assert load(path).registry.decryption_key_file == tmp_path / "key"


@pytest.mark.parametrize("secret", ["c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=", "0123456789abcdef0123456789abcdef"])
def test_a_key_written_in_place_of_a_path_is_never_repeated(secret: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse(text(more=f'txt_registry: {{decryption_key_file: "{secret}"}}\n'))
    assert "the key itself" in str(caught.value)
    assert secret not in str(caught.value)


def test_a_bad_key_file_is_named_but_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"hunter2-hunter2")
    path = tmp_path / "plan.yaml"
    path.write_text(text(more="txt_registry: {decryption_key_file: key}\n"), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load(path)
    assert str(tmp_path / "key") in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_anchors_aliases_and_merge_keys_are_followed() -> None:
    loaded = plan(
        waves="""waves:
  - &wave
    name: first
    expect: v2
    http: {path: /a}
    domains: [a.example.com]
  - <<: *wave
    name: second
    domains: [b.example.com]
"""
    )
    assert [(wave.name, wave.expectation) for wave in loaded.waves] == [
        ("first", Expectation.V2), ("second", Expectation.V2),
    ]  # fmt: skip
    assert loaded.domains[1].http == loaded.domains[0].http


def test_a_mistake_that_came_by_an_alias_is_reported_where_it_stands() -> None:
    content = text(waves=domains("&bad {name: my_app.example.com}", "*bad"))
    assert [line for line, _, _ in mistakes(content)] == [9]


def test_no_mistake_hides_another() -> None:
    found = mistakes(
        text(top="vantage: ''\n", waves=domains("a_b.example.com", "c.example.com", "C.example.com"), more="x: 1\n")
    )
    assert len(found) == 4


def test_a_plan_of_the_most_domains_loads_and_one_more_does_not() -> None:
    names = [f"d{index}.example.com" for index in range(MAX_DOMAINS + 1)]
    head = TOP + SIDES + "waves: [{name: w, expect: v1, domains: ["
    assert len(parse(head + ", ".join(names[:-1]) + "]}]\n").domains) == MAX_DOMAINS
    found = mistakes(head + ", ".join(names) + "]}]\n")
    assert [message for _, _, message in found] == [
        f"this is domain number {MAX_DOMAINS + 1}, and a plan has at most {MAX_DOMAINS}"
    ]


def test_control_characters_of_the_file_never_reach_the_terminal() -> None:
    with pytest.raises(PlanError) as caught:
        parse(text(top='vantage: "\\e[31mred\\a"\n'))
    assert all(c.isprintable() for c in str(caught.value))


NIGHT = """waves:
  - name: first
    expect: v1
    weights: {v1: 80, v2: 20}
    schedule:
      - {at: 2026-12-01T20:00:00+09:00, expect: weighted}
      - at: "2026-12-01T12:00Z"
        expect: weighted
        weights: {v1: 50, v2: 50}
      - at: 2026-12-01 13:00:00.5Z
        expect: v2
    domains:
      - app.example.com
      - {name: pay.example.com, weights: {v1: 255, v2: 1}}
"""


def test_a_schedule_becomes_steps_with_the_weights_that_each_domain_has_then() -> None:
    loaded = plan(waves=NIGHT)
    (wave,) = loaded.waves
    begin = 1_796_122_800.0
    assert [(step.at, step.expectation) for step in wave.schedule] == [
        (None, Expectation.V1),
        (begin, Expectation.WEIGHTED),
        (begin + 3600, Expectation.WEIGHTED),
        (begin + 7200.5, Expectation.V2),
    ]
    app, pay = wave.domains
    assert [step.weights for step in app.schedule] == [None, Weights(80, 20), Weights(50, 50), None]
    assert [step.weights for step in pay.schedule] == [None, Weights(255, 1), Weights(255, 1), None]
    for holder in (wave, app, pay):
        assert (holder.expectation, holder.upcoming) == (Expectation.V1, holder.schedule[1])
    assert app.weights is None


def test_a_wave_without_a_schedule_has_no_steps_and_a_soak_has_its_default() -> None:
    loaded = plan()
    assert (loaded.waves[0].schedule, loaded.waves[0].upcoming, loaded.soak) == ((), None, 1800.0)
    assert plan(more="soak: 90m\n").soak == 5400.0


@pytest.mark.parametrize(
    ("key", "content", "complaint"),
    [
        ("url_file", "ftp://s3cret", "the file's first line cannot be used: this is not an http or https URL"),
        ("url_file", "https://s3cret:s3cret@host/", "cannot be used: the URL carries a user's name or password"),
        ("url_file", "https://host/s3cret#s3cret", "cannot be used: the URL has a fragment"),
        ("url_file", "", "the file's first line cannot be used"),
        ("token_file", "", "the file has no token in its first line"),
        ("token_file", "s3cret and more", "the file has no token in its first line"),
    ],
)
def test_a_secret_that_cannot_be_used_is_told_by_its_file_s_place_and_never_repeated(
    key: str, content: str, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("https://host/fine")
    (tmp_path / "token").write_text("fine")
    (tmp_path / key.removesuffix("_file")).write_text(content)
    (tmp_path / "plan.yaml").write_text(
        f"{text()}notify:\n  webhooks:\n    - name: chat\n      url_file: url\n      token_file: token\n"
    )

    with pytest.raises(PlanError) as caught:
        load(tmp_path / "plan.yaml")

    (mistake,) = caught.value.mistakes
    assert complaint in mistake.message
    assert "s3cret" not in str(mistake)


def test_a_webhook_is_what_the_plan_says(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("https://hooks.example.com/services/T0/B0/s3cret\nsecond line\n")
    (tmp_path / "plan.yaml").write_text(
        f"{text()}notify:\n  webhooks:\n    - {{name: chat, format: slack, url_file: url, severities: [critical]}}\n"
    )

    read = load(tmp_path / "plan.yaml")

    (webhook,) = read.notify.webhooks
    assert webhook == Webhook(
        "chat", WebhookFormat.SLACK, url_file=tmp_path / "url", severities=frozenset({"critical"})
    )
    assert "s3cret" not in repr(read)
