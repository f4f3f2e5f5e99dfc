"""The routes, as HTTP clients see them."""

import json
from dataclasses import replace

import pytest

from probe.model.clock import Instant
from probe.model.effect import FindingRaised, TransitionConfirmed
from probe.model.home import RUNBOOK
from probe.model.name import canonical
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.snapshot import ReloadStatus
from probe.telemetry.packed import Body
from tests.snapshots import CATALOGUE, HOSTILE, NOW, fleet, migration, snapshot, with_other_view, with_witnesses
from tests.web.ports import Far, get, post, request

MAX_SILENCE, DEFAULT_PAGE_SIZE, MAX_PAGE = 15.0, 1_000, 10_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_metrics_are_what_the_exposition_gives_for_the_accept_header() -> None:
    response = get("/metrics", headers={"accept": "application/openmetrics-text"})

    assert response.text == "up 1\n"
    assert response.headers["content-type"] == "text/plain; accepted=application/openmetrics-text"


def test_a_large_scrape_arrives_whole_plain_and_compressed() -> None:
    blocks = tuple(b"series_%d 1.0\n" % number for number in range(60_000))
    body = b"".join(blocks)
    far = Far(expose=lambda _accept: (Body(blocks), "text/plain; version=0.0.4"))

    plain = get("/metrics", far, headers={"accept-encoding": "identity"})
    small = get("/metrics", far, headers={"accept-encoding": "gzip"})

    assert plain.content == small.content == body
    assert plain.headers["content-length"] == str(len(body))
    assert small.headers["content-encoding"] == "gzip"


def test_the_probe_is_healthy_while_its_loop_beats() -> None:
    response = get("/-/healthy")

    assert (response.status_code, response.text) == (200, "The probing loop is alive.\n")


def test_a_loop_that_has_not_beaten_for_long_is_not_healthy() -> None:
    response = get("/-/healthy", Far(silence=31.4))

    assert (response.status_code, response.text) == (503, "The probing loop has not run for 31 s.\n")


@pytest.mark.parametrize(("silence", "status"), [(MAX_SILENCE, 200), (MAX_SILENCE + 0.1, 503)])
def test_a_loop_that_loads_a_plan_of_thousands_of_domains_is_not_taken_for_a_stuck_one(
    silence: float, status: int
) -> None:
    assert get("/-/healthy", Far(silence=silence)).status_code == status


def test_the_probe_is_ready_when_every_domain_has_been_observed() -> None:
    response = get("/-/ready", Far(snapshot=fleet(2)))

    assert (response.status_code, response.text) == (200, "Every domain has been observed.\n")


def test_readiness_names_what_is_missing() -> None:
    response = get("/-/ready")

    assert response.status_code == 503
    assert response.text == "Not every domain has been observed: *.apps.example.com.\n"


def test_readiness_does_not_name_a_thousand_domains() -> None:
    statuses = tuple(
        status._replace(records=tuple(record._replace(since=None) for record in status.records))
        for status in fleet(100).domains
    )

    response = get("/-/ready", Far(snapshot=snapshot(statuses, ready=False)))

    assert response.text.startswith("Not every domain has been observed: app-0.example.com, ")
    assert response.text.endswith(" and 95 more.\n")


def test_a_reload_that_succeeds_says_so() -> None:
    far = Far()

    response = post("/-/reload", far)

    assert (response.status_code, response.text) == (200, "The plan has been loaded.\n")
    assert far.reloads == 1


def test_a_reload_that_fails_gives_the_error() -> None:
    failed = ReloadStatus(successful=False, at=NOW, error="plan.yaml:7:3: wave-2 has no domains")

    response = post("/-/reload", Far(reload_status=failed))

    assert response.status_code == 500
    assert response.text == (
        "The plan was not loaded, the one before stays in force: plan.yaml:7:3: wave-2 has no domains\n"
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_reload_is_only_posted(method: str) -> None:
    far = Far()

    response = request(far, method, "/-/reload")

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.text in {"", f"{method} is not possible here; use POST.\n"}
    assert far.reloads == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_cannot_reload(site: str) -> None:
    far = Far()

    response = post("/-/reload", far, headers={"sec-fetch-site": site})

    assert (response.status_code, far.reloads) == (403, 0)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://probe.test:8080", "null", "probe.test", "", "http://[", "http://probe.test/x"],
)
def test_a_page_of_another_origin_cannot_reload_where_browsers_send_no_fetch_metadata(origin: str) -> None:
    far = Far()

    response = post("/-/reload", far, headers={"origin": origin})

    assert (response.status_code, far.reloads) == (403, 0)


def test_a_page_of_the_probe_itself_may_reload() -> None:
    far = Far()

    response = post("/-/reload", far, headers={"origin": "http://probe.test", "sec-fetch-site": "same-origin"})

    assert (response.status_code, far.reloads) == (200, 1)


@pytest.mark.parametrize("path", ["/metrics", "/-/healthy", "/api/v1/status", "/"])
def test_what_is_read_is_not_written(path: str) -> None:
    response = post(path)

    assert response.status_code == 405
    assert {"GET", "HEAD"} == set(response.headers["allow"].split(", "))
    assert "POST is not possible here; use " in response.text


@pytest.mark.parametrize("headers", [{"content-length": "1025"}, {"content-length": "x"}])
def test_a_large_request_is_refused_before_it_is_read(headers: dict[str, str]) -> None:
    far = Far()

    response = post("/-/reload", far, headers=headers)

    assert response.status_code == 413
    assert response.text == "The request's body is too large: nothing here takes more than 1024 bytes.\n"
    assert far.reloads == 0


def test_a_page_that_does_not_exist_is_a_sentence() -> None:
    response = get("/nothing")

    assert (response.status_code, response.text) == (404, "There is no such page. Begin at /.\n")


def test_a_domain_that_is_not_in_the_plan_is_a_sentence_in_json() -> None:
    response = get("/api/v1/domains/%3Cscript%3E.example.com")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "<script>.example.com is not a domain of the plan.",
    }


def _behind_a_proxy(origins: int) -> Far:
    now = fleet(4)
    fetched = [
        status._replace(
            domain=replace(
                status.domain,
                name=canonical(f"edge-{number}.example.com"),
                proxied=canonical("xn--bcher-kva.example.com"),
            )
        )
        for number, status in enumerate(now.domains[:origins])
    ]
    return Far(snapshot=snapshot((*fetched, *now.domains[origins:])))


@pytest.mark.parametrize("name", ["edge-0.example.com", "xn--bcher-kva.example.com", "B%C3%9CCHER.example.com."])
def test_a_name_behind_a_proxy_is_found_as_its_users_know_it(name: str) -> None:
    far = _behind_a_proxy(1)

    told = get(f"/api/v1/domains/{name}", far).json()

    assert (told["name"], told["proxied"]) == ("edge-0.example.com", "xn--bcher-kva.example.com")
    assert get(f"/api/v1/domains/{name}/why", far).status_code == 200
    assert "By the plan users ask <strong>xn--bcher-kva.example.com</strong>" in get(f"/domains/{name}", far).text
    (listed,) = get("/api/v1/domains?q=b%C3%BCch", far).json()["domains"]
    assert listed["proxied"] == "xn--bcher-kva.example.com"
    assert "origin of xn--bcher-kva.example.com" in get("/", far).text
    assert get("/api/v1/domains/app-3.example.com", far).json()["proxied"] is None


@pytest.mark.parametrize(
    "path", ["/domains/{}", "/domains/{}/events", "/api/v1/domains/{}/history", "/api/v1/domains/{}/why"]
)
def test_every_page_and_answer_of_a_domain_is_found_as_its_users_know_it(path: str) -> None:
    assert get(path.format("B%C3%9CCHER.example.com."), _behind_a_proxy(1)).status_code == 200
    assert get(path.format("b%C3%BCcher.example.org"), _behind_a_proxy(1)).status_code == 404


def test_a_name_that_users_know_is_text_and_nothing_else() -> None:
    now = fleet(1)
    domain = replace(now.domains[0].domain, proxied=canonical("<b>bold</b>.example.com"))
    far = Far(snapshot=snapshot((now.domains[0]._replace(domain=domain),)))

    for path in ("/", "/domains/app-0.example.com"):
        told = get(path, far).text
        assert "&lt;b&gt;bold&lt;/b&gt;.example.com" in told
        assert "<b>bold" not in told


def test_a_name_with_several_origins_is_asked_which_of_them_is_meant() -> None:
    response = get("/api/v1/domains/b%C3%BCcher.example.com", _behind_a_proxy(2))

    assert (response.status_code, response.json()["detail"]) == (
        404,
        "bücher.example.com has several origins, each watched by itself: edge-0.example.com and edge-1.example.com.",
    )


@pytest.mark.parametrize(
    "name",
    [
        "%C3%BC_b.example.com",
        "%E2%80%AEa.example.com",
        "%C3%BC" * 1_000,
        "%CC%81%CC%96" * 1_000,
        "%00.example.com",
        "%ED%A0%80.example.com",
        "%FF.example.com",
        "xn--99999999999.example.com",
        "..%E3%80%82",
        "*.*.%C3%BC",
    ],
)
def test_what_is_no_name_is_no_domain_of_the_plan(name: str) -> None:
    assert get(f"/api/v1/domains/{name}").status_code == 404
    assert get(f"/domains/{name}").status_code == 404
    assert get(f"/?q={name}").status_code == 200
    assert get(f"/api/v1/domains?q={name}").status_code in {200, 400}


def test_an_unforeseen_error_is_a_sentence_that_reveals_nothing() -> None:
    def broken(_accept: str) -> tuple[Body, str]:
        raise RuntimeError("secret")

    response = get("/metrics", Far(expose=broken))

    assert response.status_code == 500
    assert response.text == "The probe failed to answer this; its log says why.\n"


@pytest.mark.parametrize(
    "path", ["/", "/domains/api.example.com", "/metrics", "/api/v1/status", "/nothing", "/-/reload", "/-/ready"]
)
def test_every_response_carries_strict_headers(path: str) -> None:
    headers = get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/api/") else "no-store")


def test_an_unforeseen_error_carries_strict_headers_too() -> None:
    def broken(_accept: str) -> tuple[Body, str]:
        raise RuntimeError

    assert "content-security-policy" in get("/metrics", Far(expose=broken)).headers


def test_the_list_of_domains_is_in_the_plans_order_with_states_and_findings() -> None:
    domains = get("/api/v1/domains").json()["domains"]

    assert [one["name"] for one in domains][:3] == ["www.example.com", "blog.example.com", "login.example.com"]
    assert domains[3] == {
        "name": "checkout.example.com",
        "proxied": None,
        "wave": "wave-2",
        "expectation": "moving",
        "weights": None,
        "upcoming": None,
        "state": "flapping",
        "since": "2027-01-15T09:00:00.000Z",
        "sentence": "The target goes to and fro every 60 s while `default` stays its owner.",
        "records": [
            {"type": "A", "state": "flapping", "since": "2027-01-15T09:00:00.000Z"},
            {"type": "AAAA", "state": "flapping", "since": "2027-01-15T09:00:00.000Z"},
        ],
        "findings": [
            {"code": "fight-same-owner", "severity": "critical"},
            {"code": "default-owner", "severity": "info"},
        ],
        "confirmation": {"confirmed": False, "standing": "fails", "held": 0.0},
    }


def test_waves_are_in_the_plans_order_and_say_whether_they_are_confirmed() -> None:
    waves = get("/api/v1/waves").json()["waves"]

    assert [wave["name"] for wave in waves] == ["wave-1", "wave-2", "wave-3"]
    assert {key: waves[1][key] for key in ("expectation", "confirmed", "standing", "domains_total")} == {
        "expectation": "moving",
        "confirmed": False,
        "standing": "fails",
        "domains_total": 4,
    }
    assert waves[1]["sentence"].startswith("Wave wave-2 does not hold: checkout.example.com (authoritative): ns-1.")
    assert (waves[0]["soak"], waves[0]["domains_confirmed"]) == (1800.0, 2)


def test_a_wave_tells_of_each_domain_what_holds_and_what_broke_it_and_by_which_plan() -> None:
    wave = get("/api/v1/waves/wave-2").json()

    assert (wave["vantage"], wave["plan_digest"], wave["at"]) == ("eu-central-1", "3f2a", "2027-01-15T10:00:00.000Z")
    checkout = wave["domains"][0]
    assert checkout["name"] == "checkout.example.com"
    assert checkout["confirmation"]["broken"]["at"] == "2027-01-15T09:50:00.000Z"
    assert checkout["confirmation"]["broken"]["criterion"] == "authoritative"
    billing = get("/api/v1/waves/wave-3").json()["domains"][0]["confirmation"]
    assert (billing["confirmed"], billing["held"], billing["unwatched"]) == (True, 5390.0, 10.0)


def test_a_wave_that_is_not_in_the_plan_is_a_sentence() -> None:
    response = get("/api/v1/waves/wave-9")

    assert (response.status_code, response.json()["detail"]) == (404, "wave-9 is not a wave of the plan.")


def test_an_empty_plan_is_an_empty_list() -> None:
    assert get("/api/v1/domains", Far(snapshot=snapshot(()))).json() == {"domains": [], "total": 0, "next": None}


@pytest.mark.parametrize("name", ["login.example.com", "LOGIN.example.COM."])
def test_a_domain_tells_what_each_server_answers_and_who_owns_it(name: str) -> None:
    login = get(f"/api/v1/domains/{name}").json()

    assert login["records"][0]["servers"][0] == {
        "name": "ns-11.awsdns-11.com",
        "address": "192.0.2.11",
        "answer_class": "nxdomain",
        "answers": ["NXDOMAIN"],
        "at": "2027-01-15T09:59:57.000Z",
        "since": "2027-01-15T09:58:25.000Z",
        "failures": 0,
        "failure": None,
    }
    assert login["records"][0]["answers_total"]["nxdomain"] == 512
    assert login["txts"][0]["owners"][0] == {"owner": f"{HOSTILE}-0", "resource": HOSTILE}
    assert login["findings"][0]["code"] == "outage"
    assert login["resolvers"][0]["ttl"] is None


def test_a_domain_tells_its_chain_from_wanted_to_reached_and_so_does_why() -> None:
    name = "checkout.example.com"
    far = Far(snapshot=with_witnesses(migration(), name))
    told = get(f"/api/v1/domains/{name}", far).json()["chain"]
    assert [one["link"] for one in told] == ["wanted", "written", "served", "cached", "reached"]
    assert told[0] == {
        "link": "wanted",
        "mark": "no",
        "sentence": 'Both clusters want it, and both ExternalDNS have the owner id "default".',
        "at": "2027-01-15T09:59:40.000Z",
    }
    assert [one["mark"] for one in told] == ["no", "not known", "no", "no", "not watched"]
    assert get(f"/api/v1/domains/{name}/why", far).json()["chain"] == told
    unwatched = get(f"/api/v1/domains/{name}").json()["chain"][:2]
    assert [(one["mark"], one["sentence"], one["at"]) for one in unwatched] == [("not watched", "", None)] * 2


def test_a_domain_tells_both_of_its_views() -> None:
    name = "www.example.com"
    far = Far(snapshot=with_other_view(migration(), name, Position.V2))
    told = get(f"/api/v1/domains/{name}", far).json()["views"]
    assert (told["sentence"], told["differ"]) == ("Both lead to v2.", False)
    assert [(one["view"], one["judged"], one["state"]) for one in told["seen"]] == [
        ("public", True, "v2"),
        ("private", False, "v2"),
    ]
    assert told["seen"][1]["at"] == "2027-01-15T09:59:35.000Z"
    assert [one["owners"] for one in told["seen"]] == [["cluster-v2"], [HOSTILE]]
    assert get(f"/api/v1/domains/{name}/why", far).json()["views"] == told
    assert get(f"/api/v1/domains/{name}").json()["views"] is None
    vpc = next(one for one in get("/api/v1/resolvers", far).json()["resolvers"] if one["name"] == "vpc")
    assert (vpc["records"], vpc["answers"], vpc["verdicts"]) == (1, {"v2": 1}, {"unknown": 1})


def test_a_wildcard_domain_has_an_address_too() -> None:
    assert get("/api/v1/domains/*.apps.example.com").json()["state"] == "unknown"


def test_answers_are_addresses() -> None:
    api = get("/api/v1/domains/api.example.com").json()

    assert api["records"][0]["servers"][0]["answers"] == ["203.0.113.20", "203.0.113.21"]


def test_the_status_tells_of_the_probe_itself() -> None:
    status = get("/api/v1/status").json()

    assert status["vantage"] == "eu-central-1"
    assert status["at"] == "2027-01-15T10:00:00.000Z"
    assert (status["ready"], status["blind"]) == (False, False)
    assert status["waves"][0] == {
        "name": "wave-1",
        "expectation": "v2",
        "domains": ["www.example.com", "blog.example.com", "login.example.com"],
        "schedule": [],
        "upcoming": None,
    }
    assert status["schedule"] == {"lag": 0.004, "max_lag": 0.031, "last_pass": "2027-01-15T09:59:51.000Z", "due": 2}
    assert status["traffic"][0]["failures"] == {"timeout": 17, "servfail": 2}
    assert status["billed"] == {"example.com": 3120}
    assert status["delegations"][0]["problems"][0]["problem"] == "silent"
    assert status["targets"][0]["address"] == "198.51.100.10"


def test_json_is_ascii_safe_to_parse_whatever_a_txt_contained() -> None:
    text = get("/api/v1/domains/login.example.com").text

    assert json.loads(text)["txts"][0]["values"][0] == f'"{HOSTILE} 0"'


def test_moments_are_rfc_3339_in_utc() -> None:
    far = Far(snapshot=fleet(1))
    far.snapshot = type(far.snapshot)(
        **{name: getattr(far.snapshot, name) for name in type(far.snapshot).__slots__} | {"at": Instant(0.5, 1.0)}
    )

    assert get("/api/v1/status", far).json()["at"] == "1970-01-01T00:00:00.500Z"


def test_the_share_of_v2_comes_with_its_interval_and_what_is_missing_to_judge_it() -> None:
    a, aaaa = get("/api/v1/domains/search.example.com").json()["shares"]
    assert (a["ratio"], a["lower"], a["upper"], a["verdict"], a["needed"]) == (0.21, 0.16, 0.27, "as-declared", 0)
    assert (aaaa["type"], aaaa["v1"], aaaa["v2"], aaaa["verdict"], aaaa["needed"]) == ("AAAA", 3, 1, "open", 440)
    assert get("/api/v1/domains/www.example.com").json()["shares"] == []


def test_services_come_with_both_sides_checks() -> None:
    v1, v2 = get("/api/v1/domains/cart.example.com").json()["services"]
    assert (v1["side"], v1["state"], v1["addresses"][0]["headers"]["x-cluster"]) == ("v1", "up", "v1")
    (address,) = v2["addresses"]
    assert (v2["state"], address["failure"], address["failing"], address["status"]) == (
        "down",
        "name-mismatch",
        True,
        None,
    )
    assert address["certificate"]["not_after"] == "2027-01-25T08:00:00.000Z"
    assert get("/api/v1/domains/search.example.com").json()["services"] == []


def test_a_long_list_comes_page_by_page_and_each_page_leads_to_the_next() -> None:
    far, path, names = Far(snapshot=fleet(7)), "/api/v1/domains?limit=3", []
    while path:
        told = get(path, far).json()
        assert told["total"] == 7
        names += [one["name"] for one in told["domains"]]
        path = told["next"]

    assert names == [f"app-{number}.example.com" for number in range(7)]


def test_a_list_has_a_thousand_items_unless_asked_otherwise_and_never_more_than_a_plan_has_domains() -> None:
    far = Far(snapshot=fleet(DEFAULT_PAGE_SIZE + 1))
    assert len(get("/api/v1/domains", far).json()["domains"]) == DEFAULT_PAGE_SIZE
    assert len(get(f"/api/v1/domains?limit={MAX_PAGE}", far).json()["domains"]) == DEFAULT_PAGE_SIZE + 1
    refused = get(f"/api/v1/domains?limit={MAX_PAGE + 1}", far)
    assert refused.status_code == 400
    assert str(MAX_PAGE) in refused.json()["detail"]


def test_the_list_is_narrowed_as_on_the_page_and_the_next_page_as_well() -> None:
    told = get("/api/v1/domains?findings=true&limit=1&wave=wave-2").json()

    assert ([one["name"] for one in told["domains"]], told["total"]) == (["checkout.example.com"], 2)
    assert told["next"] == "/api/v1/domains?findings=true&limit=1&wave=wave-2&offset=1"
    assert [one["name"] for one in get(told["next"]).json()["domains"]] == ["api.example.com"]
    assert get("/api/v1/domains?q=CLUSTER-V1").json()["total"] == 2
    assert get("/api/v1/domains?state=weighted").json()["domains"][0]["name"] == "search.example.com"


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "limit: Input should be greater than or equal to 1."),
        ("limit=x", "limit: Input should be a valid integer, unable to parse string as an integer."),
        ("limti=1", "limti: Extra inputs are not permitted."),
        ("limit=1&limit=2", "limit is given more than once."),
        ("state=fine", None),
    ],
)
def test_a_query_that_cannot_be_is_refused_with_the_reason(query: str, detail: str | None) -> None:
    response = get(f"/api/v1/domains?{query}")

    assert response.status_code == 400
    assert detail is None or response.json()["detail"] == detail


def test_open_findings_come_worst_first_and_can_be_narrowed() -> None:
    told = get("/api/v1/findings").json()

    assert [one["code"] for one in told["findings"]] == [
        "outage", "stale-owner", "fight-same-owner", "family-split", "default-owner",
    ]  # fmt: skip
    assert get("/api/v1/findings?severity=info").json()["total"] == 1
    assert get("/api/v1/findings?code=outage").json()["findings"][0]["domain"] == "login.example.com"


def test_the_catalogue_says_what_each_code_means_and_where_the_runbook_has_it() -> None:
    now = migration()
    far = Far(snapshot=replace(now, plan=replace(now.plan, runbook_url="https://docs.example.com/runbook")))
    none = Far(snapshot=replace(now, plan=replace(now.plan, runbook_url="")))

    assert get("/api/v1/catalogue", none).json()["findings"][0]["runbook_url"] is None
    assert get("/api/v1/catalogue").json()["findings"][0]["runbook_url"].startswith(f"{RUNBOOK}#")
    assert get("/api/v1/catalogue", far).json()["findings"] == [
        {
            "code": entry.code,
            "severity": entry.severity.value,
            "link": entry.link.value,
            "meaning": entry.meaning,
            "remedy": entry.remedy,
            "runbook_url": f"https://docs.example.com/runbook#{entry.code}",
        }
        for entry in CATALOGUE
    ]


def test_resolvers_are_told_over_all_domains() -> None:
    google, _, quad9 = get("/api/v1/resolvers").json()["resolvers"]

    assert (google["name"], google["address"], google["transport"]) == ("google", "8.8.8.8", "udp")
    assert google["records"] == 18
    assert quad9["answers"]["v1"] == 8


def test_the_past_of_a_domain_is_told() -> None:
    far = Far()
    (status,) = [one for one in far.snapshot.domains if one.domain.name == "login.example.com."]
    far.history.observe(FindingRaised(status.findings[0], NOW))
    far.history.observe(TransitionConfirmed(status.domain.name, RecordType.AAAA, status.records[1].recent[0]))

    told = get("/api/v1/domains/login.example.com/history", far).json()

    assert [(one["at"], one["what"]) for one in told["events"]] == [("2027-01-15T10:00:00.000Z", "outage (critical)")]
    assert told["transitions"] == [
        {
            "type": "AAAA",
            "at": "2027-01-15T09:58:25.000Z",
            "before": "v2",
            "after": "absent",
            "reversal": False,
            "uncovered": False,
        }
    ]
    assert len(told["servers"]) == 8


def test_the_reason_for_a_state_is_told() -> None:
    told = get("/api/v1/domains/checkout.example.com/why").json()

    (a, _) = told["reasons"]
    assert a["rules"][a["applied"]]["when"]
    assert a["beat"]["period"] == 120.0
    assert a["beat"]["next_at"] == "2027-01-15T10:00:40.000Z"


def test_who_has_the_newest_answer_already_is_not_sent_it_again() -> None:
    far = Far()
    first = get("/api/v1/domains", far)
    assert first.headers["cutover-snapshot-at"] == "2027-01-15T10:00:00.000Z"

    again = get("/api/v1/domains", far, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    far.snapshot = fleet(3)
    changed = get("/api/v1/domains", far, headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert changed.status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/domains", "/api/v1/nothing", "/"])
def test_a_head_request_is_answered_as_a_get_would_be(path: str) -> None:
    head, told = request(None, "HEAD", path), get(path)

    assert (head.status_code, head.headers["content-type"]) == (told.status_code, told.headers["content-type"])


def test_a_thousand_domains_are_one_answer_of_bounded_size() -> None:
    response = get("/api/v1/domains", Far(snapshot=fleet(1_200)))

    assert (len(response.json()["domains"]), response.json()["total"]) == (1_000, 1_200)
    assert len(response.content) < 1_500_000


def test_whether_v1_may_go_is_told_for_domains_that_are_expected_on_v2() -> None:
    told = get("/api/v1/domains/blog.example.com").json()["decommission"]
    assert (told["safe"], told["leftovers"]) == (False, ["cname-blog.example.com"])
    assert told["other_view_leftovers"] == ["blog.example.com"]
    assert [one["holds"] for one in told["requirements"]] == [True, False]
    assert get("/api/v1/domains/billing.example.com").json()["decommission"] is None
    domains = get("/api/v1/waves/wave-1").json()["domains"]
    assert {one["name"]: one["decommission"] and one["decommission"]["safe"] for one in domains}[
        "blog.example.com"
    ] is False


def test_ownership_says_what_is_encrypted_and_who_answered() -> None:
    (txt,) = get("/api/v1/domains/checkout.example.com").json()["txts"]
    assert (txt["opaque"], txt["server"]) == (0, None)
