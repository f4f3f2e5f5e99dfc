"""The dashboards: present, good for Grafana, and nothing in them that does not exist."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import pytest
from dashboards.palette import CLASSES, COLOURS, PAGE, STATES
from dashboards.queries import panels, queries, with_values
from dashboards.shape import NONE
from dashboards.write import FOLDER, FOLDERS, texts
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from probe.model.home import HOME
from probe.model.record import RecordState
from probe.model.side import AnswerClass
from probe.telemetry.domain_families import DOMAIN_FAMILIES
from probe.telemetry.families import FAMILIES
from probe.telemetry.family import MetricType

FILES = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
BOARDS = list(FILES.values())
IDS = list(FILES)
QUERIES = [query for board in BOARDS for query in queries(board)]
SERIES = {family.name for family in FAMILIES} | {
    f"{family.name}_{part}"
    for family in FAMILIES
    if family.kind is MetricType.HISTOGRAM
    for part in ("bucket", "sum", "count")
}


class _Panel(NamedTuple):
    board: str
    value: dict[str, Any]


PANELS = [_Panel(board["uid"], panel) for board in BOARDS for panel in panels(board)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_the_files_in_the_chart_and_in_the_package_are_the_present_ones(folder: Path) -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}

    assert written == texts(), "write them anew: make dashboards"


@pytest.mark.parametrize("board", BOARDS, ids=IDS)
def test_grafana_s_schema_knows_everything_that_a_dashboard_says(board: dict[str, Any]) -> None:
    """What its models do not know is lost on the way through them."""
    register_default_plugins()

    through = json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(json.dumps(board)))))

    assert through == _without(PLUGIN_KEYS, board)


PLUGIN_KEYS = {"titleFormat", "textFormat", "useValueForTime"}
"""What Grafana's data source of Prometheus reads of an annotation; the schema of dashboards leaves it to the plugin."""


def _without(keys: set[str], board: dict[str, Any]) -> dict[str, Any]:
    told = [{key: value for key, value in mark.items() if key not in keys} for mark in board["annotations"]["list"]]
    return board | {"annotations": {"list": told}}


@pytest.mark.parametrize("board", BOARDS, ids=IDS)
def test_changes_alerts_moves_and_plans_are_marked_on_every_axis_of_time(board: dict[str, Any]) -> None:
    marked = board["annotations"]["list"]

    assert [mark["name"] for mark in marked] == ["Changes", "Alerts", "Waves move on", "Plans taken over"]
    for mark in marked:
        promql_parser.parse(with_values(mark["expr"], domain="www.example.com"))  # or it raises
        assert set(re.findall(r"cutover_\w+", mark["expr"])) <= SERIES
        assert mark["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        labels = set(re.findall(r"{{(\w+)}}", mark["textFormat"]))
        for label in labels:
            assert re.search(rf"by \([^)]*\b{label}\b", mark["expr"]), "a label that the query keeps"
        assert mark["useValueForTime"] is ("timestamp_seconds" in mark["expr"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel.board}: {panel.value['title']}")
def test_a_panel_without_data_says_why_and_a_legend_has_numbers(panel: _Panel) -> None:
    assert panel.value["fieldConfig"]["defaults"]["noValue"]
    if panel.value["type"] == "timeseries":
        legend = panel.value["options"]["legend"]
        assert (legend["displayMode"], legend["calcs"]) == ("table", ["lastNotNull", "max"])


def test_shards_of_a_vantage_are_told_apart() -> None:
    (board,) = (board for board in BOARDS if board["uid"] == "cutover-probe")
    told = {
        panel["title"]
        for panel in panels(board)
        if all("shard_ordinal" in f"{target['expr']}" for target in panel["targets"])
    }
    assert told >= {"Probes", "Age of the verdicts", "Lateness", "Questions that wait", "CPU", "Memory"}


def test_a_word_that_grafana_does_not_know_would_be_found() -> None:
    register_default_plugins()
    board = json.loads(json.dumps(BOARDS[0]))
    first = next(panels(board))
    first["fieldConfig"]["defaults"]["colour"] = "red"

    assert json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(json.dumps(board))))) != board


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_is_promql_over_series_that_exist(query: str) -> None:
    promql_parser.parse(with_values(query, domain="www.example.com"))  # or it raises

    for name in re.findall(r"\b(?:cutover|process)_\w+", query):
        assert name in SERIES or name.startswith("process_")


@pytest.mark.parametrize("query", QUERIES)
def test_changes_are_never_summed_over_replicas_or_vantages(query: str) -> None:
    if re.search(r"cutover_(transitions|reversals|finding|domain_state|record_state)", query):
        assert not re.search(r"\b(sum|avg)\b", query)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel.board}: {panel.value['title']}")
def test_a_panel_says_what_it_shows_and_asks_the_chosen_source_about_the_chosen_vantages(panel: _Panel) -> None:
    assert panel.value["description"].endswith(".")
    assert panel.value["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    for target in panel.value["targets"]:
        assert "$vantage" in target["expr"]


@pytest.mark.parametrize("board", BOARDS, ids=IDS)
def test_panels_have_titles_of_their_own_and_fit_the_grid(board: dict[str, Any]) -> None:
    titles = [panel["title"] for panel in panels(board)]
    assert len(titles) == len(set(titles))
    taken: set[tuple[int, int]] = set()
    for panel in panels(board):
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells


@pytest.mark.parametrize("board", BOARDS, ids=IDS)
def test_source_vantage_wave_and_domain_can_be_chosen(board: dict[str, Any]) -> None:
    names = [variable["name"] for variable in board["templating"]["list"]]

    assert names[:4] == ["datasource", "vantage", "wave", "domain"]


@pytest.mark.parametrize("board", BOARDS, ids=IDS)
def test_a_link_leads_somewhere_whatever_the_plan_says(board: dict[str, Any]) -> None:
    """Without an `external_url` to the document that says how to set it, not to a page that Grafana does not have."""
    used = {name for name in ("page", "runbook") if f"${{{name}}}" in json.dumps(board)}
    told = {variable["name"]: variable for variable in board["templating"]["list"] if variable["name"] in used}

    assert told.keys() == used
    for variable in told.values():
        expression = variable["query"].removeprefix("query_result(").removesuffix(")")
        promql_parser.parse(expression)  # or it raises
        (otherwise,) = re.findall(rf'"{HOME}/blob/main/([^"?]+)[^"]*"', expression)
        assert (FOLDER.parents[3] / otherwise).is_file()
        line = re.search(
            variable["regex"].strip("/"), '{external_url="https://a.test", runbook_url="https://a.test"} 1 0'
        )
        assert line is not None
        assert line[1] == "https://a.test"


def test_everything_that_is_told_of_domains_is_on_a_dashboard() -> None:
    shown = {name.removesuffix("_bucket") for query in QUERIES for name in re.findall(r"\bcutover_\w+", query)}

    assert {family.name for family in DOMAIN_FAMILIES} - shown == set()


def test_everything_that_is_told_of_witnesses_is_on_the_dashboard_of_the_probe() -> None:
    (board,) = (board for board in BOARDS if board["uid"] == "cutover-probe")
    told = {name: panel for panel in panels(board) for target in panel["targets"] for name in _series(target["expr"])}
    witnesses = {family.name for family in FAMILIES if family.labels == ("witness",)}

    assert len(witnesses) == 4
    for name in witnesses:
        assert told[name]["fieldConfig"]["defaults"]["noValue"] == "The plan has no `witnesses`"
        assert all("by (vantage, witness)" in target["expr"] for target in told[name]["targets"])


def _series(query: str) -> list[str]:
    return re.findall(r"\bcutover_\w+", query)


def _colours(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"color", "fixedColor"} and isinstance(item, str):
                yield item
            else:
                yield from _colours(item)
    elif isinstance(value, list):
        for item in value:
            yield from _colours(item)


@pytest.mark.parametrize("board", BOARDS, ids=IDS)
def test_colours_are_the_status_page_s(board: dict[str, Any]) -> None:
    used = {colour for panel in panels(board) for colour in _colours(panel["fieldConfig"])}

    assert used
    assert used <= {*PAGE.values(), NONE}


def test_every_state_and_answer_class_has_a_colour_and_a_code() -> None:
    assert set(STATES) == {state.value for state in RecordState}
    assert set(CLASSES) == {answer.value for answer in AnswerClass}
    assert {*STATES, *CLASSES} <= set(COLOURS)
