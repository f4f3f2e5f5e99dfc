"""The house stands as it is drawn: a module's tests are found by its name, and a name stands for one thing."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROBE, TESTS = ROOT / "probe", ROOT / "tests"

HELD_BY = {
    # Findings are seen where they are raised, and values where they are read.
    "cli/answers.py": "cli/commands/test_gate.py",
    "cli/rehearsed.py": "cli/commands/test_rehearse.py",
    "config/schema_external_dns.py": "config/test_external_dns.py",
    "judge/advice/of_services.py": "judge/findings/test_http.py",
    "judge/advice/stopping.py": "judge/advice/test_of_fights.py",
    "judge/findings/declaration.py": "judge/findings/test_hysteresis.py",
    "judge/findings/failing.py": "judge/findings/test_vantage.py",
    "judge/findings/hazard.py": "judge/findings/test_ownership.py",
    "judge/findings/positions.py": "judge/findings/test_diagnose.py",
    "judge/findings/servers.py": "judge/findings/test_diagnose.py",
    "judge/ownership/takeover.py": "judge/findings/test_takeover.py",
    "judge/preflight/inputs.py": "judge/preflight/test_run.py",
    "judge/record/episode.py": "judge/test_episodes.py",
    "model/finding.py": "judge/findings/test_catalogue.py",
    "report/readable.py": "report/test_render.py",
    "report/sign_off.py": "report/test_render.py",
    # The judge's parts that say one thing in two places, and are seen whole where that is said.
    "judge/acceptance/criteria_answers.py": "judge/acceptance/test_criteria.py",
    "judge/acceptance/criteria_ownership.py": "judge/acceptance/test_criteria.py",
    "judge/acceptance/released.py": "judge/acceptance/test_decommission.py",
    "judge/acceptance/side.py": "judge/acceptance/test_expectation.py",
    "judge/answer/alias.py": "judge/record/test_unknown_target.py",
    "judge/answer/cname.py": "judge/answer/test_classify.py",
    "judge/context.py": "judge/findings/test_ownership.py",
    "judge/effects.py": "judge/test_review.py",
    "judge/findings/fight_by_plan.py": "judge/findings/test_flap_cause.py",
    "judge/findings/flap_text.py": "judge/findings/test_flap_cause.py",
    "judge/ownership/txt_history.py": "judge/ownership/test_txt_reading.py",
    "judge/ownership/placeholders.py": "judge/ownership/test_foresight.py",
    "judge/ownership/lookup.py": "judge/findings/test_ownership.py",
    "judge/preflight/dns.py": "judge/preflight/test_run.py",
    "judge/preflight/http.py": "judge/preflight/test_run.py",
    "judge/preflight/rehearsal.py": "cli/commands/test_rehearse.py",
    "judge/rehearsal/assumptions.py": "judge/rehearsal/test_run.py",
    "judge/rehearsal/course.py": "judge/rehearsal/test_foretold.py",
    "judge/rehearsal/group.py": "judge/rehearsal/test_foretold.py",
    "judge/rehearsal/reported.py": "judge/rehearsal/test_foretold.py",
    "judge/rehearsal/sets.py": "judge/rehearsal/test_run.py",
    "judge/rehearsal/verdict.py": "judge/rehearsal/test_run.py",
    "judge/propagation/follow.py": "judge/propagation/test_convergence.py",
    "judge/resume.py": "runtime/test_replay.py",
    "judge/state.py": "judge/test_review.py",
    # Values with a property or two, read by everything.
    "model/alert.py": "notify/test_alert.py",
    "model/domain.py": "judge/test_domain.py",
    "model/outcome.py": "judge/answer/test_classify.py",
    "model/plan.py": "config/test_load.py",
    "model/ports.py": "runtime/test_engine.py",
    "model/record.py": "judge/record/test_rules.py",
    "model/rehearsal.py": "judge/rehearsal/test_run.py",
    "model/resolver.py": "judge/propagation/test_resolver.py",
    "model/server.py": "config/test_load.py",
    "model/share.py": "judge/share/test_window.py",
    "model/side.py": "judge/answer/test_classify.py",
    "model/spell.py": "judge/record/test_spells.py",
    "model/witness_sources.py": "config/test_witnesses.py",
    # What commands share is seen through the commands, as users see it.
    "cli/daemon_api.py": "cli/commands/test_gate.py",
    "cli/assembly.py": "cli/test_processes.py",
    "cli/serving.py": "cli/test_processes.py",
    "cli/check_json.py": "cli/commands/test_check.py",
    "cli/commands/confirm.py": "cli/test_main.py",
    "cli/commands/run.py": "cli/test_processes.py",
    "cli/errors.py": "cli/test_main.py",
    "cli/gate_answer.py": "cli/commands/test_gate.py",
    "cli/gate_query.py": "cli/commands/test_gate.py",
    "cli/keeping.py": "cli/test_story_journal.py",
    "cli/command_table.py": "cli/test_start.py",
    "cli/url.py": "cli/test_processes.py",
    "cli/shipped.py": "cli/test_main.py",
    "cli/sign_off.py": "cli/test_soak.py",
    # A plan is right or wrong as a whole: one file per mistake in tests/config/bad, with the sentence that it gives.
    "config/convert.py": "config/test_load.py",
    "config/document.py": "config/test_load.py",
    "config/pydantic_errors.py": "config/test_load.py",
    "config/mistakes.py": "config/test_load.py",
    "config/rules/queries.py": "config/test_load.py",
    "config/rules/notify.py": "config/test_load.py",
    "config/rules/part.py": "config/test_load.py",
    "config/rules/sides.py": "config/test_load.py",
    "config/rules/journal.py": "config/test_state.py",
    "config/rules/witnesses.py": "config/test_witnesses.py",
    "config/rules/waves.py": "config/test_load.py",
    "config/schema_waves.py": "config/test_load.py",
    "config/source.py": "config/test_hostile_text.py",
    "config/types.py": "config/test_load.py",
    "config/web/schema.py": "config/web/test_load.py",
    "config/yaml11.py": "config/test_load.py",
    # The models of ExternalDNS and Route 53 are held to recordings of the real ones.
    "externaldns/endpoint.py": "externaldns/test_planning.py",
    "externaldns/registry.py": "externaldns/test_traces.py",
    "externaldns/version.py": "externaldns/test_traces.py",
    "route53/change_form.py": "route53/test_change_batch.py",
    "route53/health.py": "route53/test_answer.py",
    "route53/records.py": "route53/test_answer.py",
    "route53/record_values.py": "route53/test_change_batch.py",
    # The lab is asked over its sockets, as the probe asks it.
    "lab/hierarchy.py": "lab/test_internet.py",
    "lab/http_server.py": "lab/route53_api/test_api.py",
    "lab/nameserver.py": "lab/test_nameserver_sockets.py",
    "lab/route53_api/xml.py": "lab/route53_api/test_api.py",
    "lab/story_stage.py": "lab/test_story.py",
    # What a cluster wants is read as a whole.
    "inventory/wanted/host.py": "inventory/wanted/test_sources.py",
    "inventory/wanted/inventory.py": "inventory/wanted/test_sources.py",
    "inventory/wanted/workload.py": "inventory/wanted/test_workloads.py",
    "inventory/wanted/workload_flags.py": "inventory/wanted/test_workloads.py",
    "inventory/proposal/host_hazards.py": "inventory/proposal/test_hazards.py",
    "inventory/proposal/setup_hazards.py": "inventory/proposal/test_hazards.py",
    "inventory/proposal/told.py": "inventory/proposal/test_hazards.py",
    "inventory/witnesses/sentence.py": "inventory/witnesses/test_cluster_witness.py",
    "cli/cluster_sources.py": "cli/commands/test_discover.py",
    # Sending is seen where it arrives.
    "notify/receiver.py": "notify/test_webhook.py",
    "report/rehearsal.py": "cli/commands/test_rehearse.py",
    "report/event.py": "report/test_render.py",
    # The engine's parts share one loop and one clock, and mean little apart.
    "runtime/bill.py": "runtime/test_engine.py",
    "runtime/first_looks.py": "runtime/test_engine.py",
    "runtime/vantage_watch.py": "runtime/test_engine.py",
    "runtime/restored.py": "runtime/test_replay.py",
    "runtime/due_queries.py": "runtime/test_engine.py",
    "runtime/watched.py": "runtime/test_engine.py",
    "runtime/zones.py": "runtime/test_engine.py",
    # A file of the journal is written, broken and read as a whole.
    "store/checkpoints.py": "store/test_pace.py",
    "store/entries.py": "runtime/test_bystanders.py",
    "store/reading.py": "store/test_journal.py",
    "store/rows.py": "store/test_journal.py",
    "store/sums.py": "store/test_damage.py",
    "store/tables.py": "store/test_journal.py",
    "store/journal_error.py": "store/test_journal_faults.py",
    "store/known_types.py": "store/test_codec.py",
    "store/writer.py": "store/test_journal.py",
    # A scrape is read as Prometheus reads it, and rules are evaluated by promtool.
    "telemetry/collector.py": "telemetry/test_exposition.py",
    "telemetry/domains.py": "telemetry/test_exposition.py",
    "telemetry/rules/rules_file.py": "telemetry/test_rules.py",
    "telemetry/rules/findings.py": "telemetry/test_rules.py",
    "telemetry/rules/probe.py": "telemetry/test_rules.py",
    "telemetry/rules/rule.py": "telemetry/test_rules.py",
    # Pages and API are asked for over HTTP.
    "web/api.py": "web/test_app.py",
    "web/events.py": "web/test_live.py",
    "web/facts/base.py": "web/test_app.py",
    "web/facts/domain.py": "web/test_app.py",
    "web/facts/waves.py": "web/test_app.py",
    "web/headers.py": "web/test_app.py",
    "web/problem.py": "web/test_app.py",
    "web/sentences.py": "web/test_pages.py",
    # A turn of the loop between two pieces is seen in who has it.
    "http_client/turn.py": "http_client/test_bounded_transport.py",
    # The transports are driven through the querier, the walk through its world of servers, against sockets.
    "wire/delegation/examination.py": "wire/delegation/test_faults.py",
    "wire/delegation/standing.py": "wire/delegation/test_walk.py",
    "wire/transport/exchange.py": "wire/transport/test_udp.py",
    "wire/transport/sockets.py": "wire/transport/test_udp.py",
    "wire/transport/transport_error.py": "wire/transport/test_udp.py",
    "wire/transport/send_queue.py": "wire/transport/test_querier.py",
}
"""Modules without tests of their own name, and the tests that hold them: parts that mean something as a whole only. A
new module has tests of its own name, unless its reason is one of these."""

ONE_SUBJECT = {
    "alert": "an alert: how patient one is, and how one is sent",
    "api": "an HTTP API: the probe's own, and the simulated Route 53's",
    "check": "`check`: its outcome, which all that is decided shares, and its command",
    "clock": "the one clock: its port, the system's, the lab's",
    "convergence": "a change's way to every server: its value, judged, counted",
    "decommission": "may v1 go: its value, judged, asked for by command, told",
    "domain": "a domain: its status, judged, told",
    "events": "what happened to a domain: out of the journal, and on its page",
    "findings": "findings: as alerting rules, and as facts of the API",
    "health": "a health check of Route 53: simulated, and read from its API",
    "http": "HTTPS checks: when to make them, what they find, what they say before a wave",
    "journal": "the journal: what goes in, its file, its rule in the plan",
    "load": "a file becomes what it says, or all its mistakes: the plan, the web configuration",
    "names": "DNS names: of the plan's domains, and of the TXT records beside them",
    "ownership": "who owns a record: its value, judged, checked before a wave",
    "probe": "the probe itself: its alerting rules, its facts",
    "propagation": "how long a change takes to be seen: its value, and simulated",
    "rehearsal": "the move played before the night: its value, checked before a wave, reported",
    "replay": "a journal folded again: by whom, and its command",
    "reply": "one reply of an authoritative server: read on a walk, and given by the model of Route 53",
    "resolver": "a resolver: its status, judged, simulated",
    "run": "where a room is entered: the command, the rehearsal, the preflight",
    "schema": "the keys of a file: of the plan, of the web configuration",
    "service": "the service behind a name: its status, judged",
    "side": "v1 and v2: the value, and where a domain stands by its expectation",
    "sign_off": "the sign-off: how it is reached, what its report says",
    "soak": "a soak: judged, and waited for by `confirm`",
    "state": "all that there is of a domain or of its record: what is public and what is remembered",
    "testimony": "what witnesses beside DNS said: its value, and a domain's words made of it",
    "takeover": "a take-over that deletes: why, found, foreseen before a wave",
    "wave": "a wave: the value, and its page",
    "witnesses": "witnesses beside DNS: ruled in the plan, made of it",
    "waves": "waves: proposed, ruled in the plan, judged, told",
    "wildcard": "a wildcard's answers: the value, judged",
    "zones": "zones: who finds their servers, and what `preflight` asks about them",
}
"""Names of modules in several rooms, and the one thing that each stands for: its value in the model, its verdict in the
judge, its words at an edge. Two modules of different things have different names."""


class Named(NamedTuple):
    """A name that a module defines: with the text of its value, if it is a constant."""

    name: str
    module: str
    value: str


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules() -> list[str]:
    """Give all modules, by their path in probe/."""
    return sorted(path.relative_to(PROBE).as_posix() for path in PROBE.rglob("*.py") if path.name != "__init__.py")


def has_logic(module: str) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(parsed(PROBE / module)))


def mirror(module: str) -> Path:
    path = TESTS / module
    return path.with_name(f"test_{path.name}")


@cache
def imports(path: Path) -> frozenset[Path]:
    """Give the modules of this project that a file imports, in whatever form."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    if path == PROBE / "cli" / "main.py":  # its table names the commands, which it loads as they are asked for
        names |= {f"probe.cli.commands.{command.stem}" for command in (PROBE / "cli" / "commands").glob("*.py")}
    own = [ROOT / name.replace(".", "/") for name in names if name.startswith(("probe.", "tests."))]
    places = [place for path in own for place in (path.with_suffix(".py"), path / "__init__.py")]
    return frozenset(place for place in places if place.is_file())


@cache
def reached(path: Path) -> frozenset[Path]:
    """Give everything that a file imports, and what that imports."""
    found: set[Path] = set()
    left = [path]
    while left:
        fresh = imports(left.pop()) - found
        found |= fresh
        left += fresh
    return frozenset(found)


def test_every_module_with_logic_has_tests_of_its_name_or_is_held_by_others() -> None:
    homeless = [
        module
        for module in modules()
        if has_logic(module) and module not in HELD_BY and module != "__main__.py" and not mirror(module).exists()
    ]
    assert homeless == [], "write tests/<room>/test_<module>.py"


def test_only_modules_without_tests_of_their_name_are_listed_as_held_by_others() -> None:
    assert [module for module in HELD_BY if module not in modules() or mirror(module).exists()] == []


@pytest.mark.parametrize("module", HELD_BY)
def test_the_tests_that_hold_a_module_reach_it(module: str) -> None:
    holder = TESTS / HELD_BY[module]
    started = (PROBE / "cli" / "main.py",) if holder.name in {"test_processes.py", "test_main.py"} else ()
    assert PROBE / module in {*reached(holder), *(path for start in started for path in reached(start))}


def defined(module: str) -> Iterator[Named]:
    """Give a module's classes and constants, private ones as well; functions not."""
    for node in parsed(PROBE / module).body:
        if isinstance(node, ast.ClassDef):
            yield Named(node.name, module, f"class of {module}")
            continue
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None and "TypeAlias" not in ast.unparse(node):
            targets, value = [node.target], node.value
        else:
            continue
        if ast.unparse(value).startswith("TypeVar("):
            continue
        names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        yield from (Named(name.id, module, ast.unparse(value)) for name in names if name.id.isupper())


def doubles(named: Iterable[Named]) -> dict[str, list[Named]]:
    """Give the names that stand for two things: two classes, or constants of two values."""
    by_name: defaultdict[str, list[Named]] = defaultdict(list)
    for one in named:
        by_name[one.name].append(one)
    several = [(name, found) for name, found in by_name.items() if len({one.value for one in found}) > 1]
    return dict(sorted(several))


def test_no_public_name_stands_for_two_things() -> None:
    public = [one for module in modules() for one in defined(module) if not one.name.startswith("_")]
    assert doubles(public) == {}


def test_no_private_name_is_defined_twice() -> None:
    """Neither for two things nor for one: what two modules need stands in one of them, under a public name."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for one in (one for module in modules() for one in defined(module) if one.name.startswith("_")):
        places[one.name].add(one.module)
    assert {name: sorted(found) for name, found in places.items() if len(found) > 1} == {}


def test_modules_of_one_name_are_about_one_subject() -> None:
    names = Counter(Path(module).stem for module in modules() if module != "__main__.py")
    assert sorted(name for name, count in names.items() if count > 1) == sorted(ONE_SUBJECT)


def test_a_second_class_and_a_second_value_would_be_found() -> None:
    one = Named("GRACE", "a.py", "1.0")
    assert doubles([one, one._replace(module="b.py")]) == {}
    assert doubles([one, one._replace(module="b.py", value="2.0")]).keys() == {"GRACE"}
    assert doubles([Named("Word", "a.py", "class of a.py"), Named("Word", "b.py", "class of b.py")]).keys() == {"Word"}


OF_EXTERNAL_DNS = re.compile(r"[Vv]ersion\S* (?:[<>]=?|==) \(\d|[<>=] \(0, ?[12]\d, ?\d+\)|\bis (?:not )?Policy\.")


def test_what_externaldns_does_by_version_and_policy_is_known_in_one_room() -> None:
    """Anywhere else it would be a second table of it: who has a version or a policy asks there what it does."""
    found = {
        f"{path.relative_to(PROBE)}:{number}"
        for path in PROBE.rglob("*.py")
        if path.relative_to(PROBE).parts[0] != "externaldns" and path != PROBE / "model" / "external_dns.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if OF_EXTERNAL_DNS.search(line)
    }
    assert not found


READS_FLAGS = {
    # They play, or prepare a play.
    "judge/ownership/foresight.py": "plays",
    "judge/ownership/takeover.py": "plays what is taken over",
    "judge/rehearsal/cast.py": "plays",
    "judge/rehearsal/reported.py": "asks whether a play is about a take-over",
    "judge/rehearsal/remedies.py": "changes flags, and plays them",
    "inventory/proposal/setup_hazards.py": "plays, and names the flag behind what was played",
    # They say by which flag it came, after a play.
    "judge/findings/flap_text.py": "words of a deletion",
    "judge/findings/ownership.py": "words of what was played",
    "judge/findings/positions.py": "names other owners, after a play",
    "judge/findings/takeover.py": "names the owner that is migrated from",
    "judge/findings/witnessed.py": "names why two fight, after a play",
    "judge/preflight/instances.py": "names the flag, after a play",
    "judge/preflight/ownership.py": "names the flag, after a play",
    "judge/preflight/takeover.py": "words of what was played",
    "judge/rehearsal/verdict.py": "names the flags, after a play",
    # They predict nothing.
    "judge/findings/fight_by_plan.py": "compares what was seen of a fight with the flags of the plan",
    "inventory/proposal/cluster_wishes.py": "puts the cluster's in the place of the plan's",
    "inventory/proposal/lacking.py": "compares a plan with a cluster",
    "inventory/proposal/plan_text.py": "writes a plan",
    "inventory/wanted/workload_flags.py": "reads a command line",
    "judge/acceptance/released.py": "a policy that deletes nothing, whatever DNS shows, deletes nothing",
    "telemetry/owners.py": "lists the owners that a plan knows",
}
"""Who reads what an ExternalDNS takes over and what its policy lets it do, and what for: predictions are played."""

FLAGS_OF_A_PREDICTION = {"migrate_from_txt_owner", "deletes", "updates", "migrates_owner", "deletes_as_stored"}


def test_whoever_reads_what_an_externaldns_takes_over_or_deletes_plays_it_or_says_why_not() -> None:
    rooms = ("judge/", "inventory/", "cli/", "telemetry/", "web/", "report/", "notify/", "runtime/")
    found = {
        module
        for module in modules()
        if module.startswith(rooms)
        for node in ast.walk(parsed(PROBE / module))
        if (isinstance(node, ast.Attribute) and node.attr in FLAGS_OF_A_PREDICTION)
        or (isinstance(node, ast.Constant) and node.value in FLAGS_OF_A_PREDICTION)
    }
    assert found == READS_FLAGS.keys()


OF_FACTS = {
    "APPLICATION_ID": "what a journal is known by",
    "HEADER_SIZE": "RFC 1035 section 4.1.1",
    "JEFFREYS": "a prior by its name",
    "UNIFORM": "a prior by its name",
    "WIDTH": "the unit of a drawing",
    "ZONE_SERVERS": "how many servers Route 53 gives to a zone",
}
"""Numbers that nobody moves: tests may use the code's."""

BESIDE_THRESHOLDS = ("bench", "docs", "e2e", "fuzz")
"""Rooms of tests that measure, or that hold a document to the code."""


def is_number(value: ast.expr | None) -> bool:
    """Tell whether an expression is made of numbers alone (`64 << 20`), or is a logarithm of one."""
    parts = [] if value is None else list(ast.walk(value))
    if isinstance(value, ast.Call):
        parts = list(ast.walk(value.args[0])) if ast.unparse(value.func) == "math.log" else []
    known = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    return bool(parts) and all(isinstance(part, known) and not is_word(part) for part in parts)


def is_word(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and (isinstance(part.value, bool) or not isinstance(part.value, int | float))


@cache
def thresholds() -> frozenset[tuple[str, str]]:
    """Give the numeric constants of every module, with the module that has them."""
    found = set()
    for module in modules():
        dotted = f"probe.{module.removesuffix('.py').replace('/', '.')}"
        for node in parsed(PROBE / module).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            value = getattr(node, "value", None)
            pairs: Iterable[tuple[ast.AST | None, ast.expr | None]] = ((target, value),)
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = zip(target.elts, value.elts, strict=True)
            for name, number in pairs:
                if isinstance(name, ast.Name) and name.id.isupper() and is_number(number):
                    found.add((dotted, name.id))
    return frozenset(found)


def borrowed(path: Path) -> set[str]:
    """Give the thresholds that a file of tests takes from the code, and does not set to something else."""
    tree = parsed(path)
    names: dict[str, str] = {}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {one.name for one in node.names if (node.module, one.name) in thresholds()}
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    replaced = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr not in replaced:
            found |= {node.attr} if (names.get(node.value.id, ""), node.attr) in thresholds() else set()
    return found - OF_FACTS.keys()


def test_tests_have_figures_of_their_own_for_the_thresholds_that_they_hold() -> None:
    """One that imports what it should hold moves with it, and holds nothing."""
    files = [path for path in TESTS.rglob("test_*.py") if path.relative_to(TESTS).parts[0] not in BESIDE_THRESHOLDS]
    assert {str(path.relative_to(TESTS)): names for path in files if (names := borrowed(path))} == {}


def test_the_walk_sees_the_thresholds_that_are_known() -> None:
    known = {
        ("probe.judge.record.likelihood", "SURE"),
        ("probe.store.codec", "MAX_BLOB"),
        ("probe.wire.delegation.walk_bounds", "MAX_SERVERS"),
        ("probe.runtime.stretch", "CALM_SHARE"),
        ("probe.web.access", "GUESS_BURST"),  # of two in one line
    }
    assert known <= thresholds()
    assert ("probe.model.text", "PLACES") not in thresholds()
    assert borrowed(TESTS / "docs" / "test_scaling.py") >= {"CALM_SHARE"}
