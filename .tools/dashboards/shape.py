"""What the panels have in common: where their data comes from, how they are laid out, what colours mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from grafana_foundation_sdk.builders import bargauge, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    TableFooterOptions,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.palette import COLOURS
from probe.model.home import HOME, RUNBOOK

SOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")

P = TypeVar("P", bargauge.Panel, stat.Panel, statetimeline.Panel, table.Panel, timeseries.Panel)


class Query(NamedTuple):
    """One query of a panel.

    Attributes:
        expr: PromQL with Grafana's variables.
        legend: What a series is called.
        instant: Only the newest moment.
    """

    expr: str
    legend: str = ""
    instant: bool = False


def by_code(metric: str, label: str, codes: Iterable[str], by: str, selector: str) -> str:
    """Write a state set as one number per series: the index of the state in `codes`; over vantages the highest.

    A timeline shows one value per series, and a state set has one series per state.
    """
    parts = (f'({metric}{{{selector},{label}="{state}"}} == 1) * {code}' for code, state in enumerate(codes))
    return f"max by ({by}) ({' or '.join(parts)})"


NOT_TOLD = "Not told in this time"
"""What stands in a panel without data, where only a probe that is not scraped can be the reason."""


def frame(panel: P, title: str, description: str, queries: Iterable[Query], *, empty: str, height: int, span: int) -> P:
    """Give a panel its words, also those for having nothing to show (`empty`), its data and its size."""
    panel.title(title).description(description).datasource(SOURCE).height(height).span(span).no_value(empty)
    as_table = isinstance(panel, table.Panel)
    for number, query in enumerate(queries):
        target = prometheus.Dataquery().expr(query.expr).ref_id(chr(ord("A") + number)).datasource(SOURCE)
        if query.legend:
            target = target.legend_format(query.legend)
        target = target.instant() if query.instant or as_table else target.range()
        if as_table:
            target = target.format(PromQueryFormat.TABLE)
        panel.with_target(target)
    return panel


def series(
    title: str, description: str, *queries: Query, unit: str = "short", empty: str = NOT_TOLD, span: int = 12
) -> timeseries.Panel:
    """Make a panel of lines over time; its legend is a table of what each line is now, and was at most."""
    panel = frame(timeseries.Panel(), title, description, queries, empty=empty, height=8, span=span)
    legend = VizLegendOptions().display_mode(common.LegendDisplayMode.TABLE).placement(common.LegendPlacement.BOTTOM)
    legend = legend.calcs(["lastNotNull", "max"])
    tooltip = VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    return (
        panel.unit(unit)
        .min(0)
        .line_width(1)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .legend(legend.show_legend(True))
        .tooltip(tooltip)
    )


def number(
    title: str,
    description: str,
    query: Query,
    steps: Mapping[float, str] | None = None,
    *,
    unit: str = "short",
    empty: str = NOT_TOLD,
    span: int = 4,
) -> stat.Panel:
    """Make a panel of one number, coloured from each step on."""
    panel = frame(stat.Panel(), title, description, [query._replace(instant=True)], empty=empty, height=4, span=span)
    newest = ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)
    return (
        panel.unit(unit)
        .reduce_options(newest)
        .color_mode(common.BigValueColorMode.BACKGROUND)  # Grafana picks ink that is legible on it, in both themes
        .graph_mode(common.BigValueGraphMode.NONE)
        .thresholds(steps_of(steps or {}, below=NONE))
    )


def bars(
    title: str,
    description: str,
    query: Query,
    steps: Mapping[float, str] | None = None,
    *,
    unit: str = "short",
    most: float | None = None,
    empty: str = NOT_TOLD,
    span: int = 8,
) -> bargauge.Panel:
    """Make a panel of one bar for each series."""
    now = [query._replace(instant=True)]
    panel = frame(bargauge.Panel(), title, description, now, empty=empty, height=8, span=span)
    newest = ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)
    panel = (
        panel.unit(unit)
        .min(0)
        .reduce_options(newest)
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
        .thresholds(steps_of(steps or {}))
    )
    return panel if most is None else panel.max(most)


def timeline(
    title: str,
    description: str,
    query: Query,
    codes: Iterable[str],
    *,
    empty: str = NOT_TOLD,
    height: int = 10,
    span: int = 24,
) -> statetimeline.Panel:
    """Make a panel of one strip for each series, in the page's colours, with the state's word in it."""
    panel = frame(statetimeline.Panel(), title, description, [query], empty=empty, height=height, span=span)
    return (
        panel.mappings([words_for(codes)])
        .show_value(common.VisibilityMode.AUTO)
        .merge_values(True)
        .row_height(0.85)
        .line_width(0)
        .fill_opacity(85)
        .legend(
            VizLegendOptions()
            .show_legend(False)
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
        )
    )


def rows(
    title: str,
    description: str,
    *queries: Query,
    columns: Mapping[str, str],
    unit: str = "short",
    empty: str = NOT_TOLD,
    height: int = 8,
    span: int = 24,
) -> table.Panel:
    """Make a table; `columns` are the labels that are shown, in order, with their headings; `Value` is the number."""
    panel = frame(table.Panel(), title, description, queries, empty=empty, height=height, span=span)
    order = {name: index for index, name in enumerate(columns)}
    if len(queries) > 1:
        panel.with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(
        dashboard.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {"Time": True}
                | ({} if any(name.startswith("Value") for name in columns) else {"Value": True}),
                "indexByName": order,
                "renameByName": dict(columns),
            },
        )
    )
    return (
        panel.unit(unit)
        .cell_height(common.TableCellHeight.SM)
        .footer(TableFooterOptions().show(False).reducer(["sum"]))
    )


NONE = "transparent"


def steps_of(steps: Mapping[float, str], below: str = COLOURS["plain"]) -> dashboards.ThresholdsConfig:
    """Write thresholds: what is below the first of `steps`, then the colour of each."""
    first = dashboard.Threshold(value=None, color=below)
    above = [dashboard.Threshold(value=value, color=COLOURS[name]) for value, name in steps.items()]
    return dashboards.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps([first, *above])


def words_for(codes: Iterable[str]) -> dashboard.ValueMap:
    """Map numbers back to the words that they stand for, with the page's colours."""
    return dashboard.ValueMap(
        options={
            str(code): dashboard.ValueMappingResult(text=word, color=COLOURS[word], index=code)
            for code, word in enumerate(codes)
        }
    )


def names_for(names: Mapping[int, str]) -> dashboard.ValueMap:
    """Map numbers to the words that they stand for, in the colours of a panel's steps."""
    return dashboard.ValueMap(
        options={str(value): dashboard.ValueMappingResult(text=name, index=value) for value, name in names.items()}
    )


def severities() -> dashboard.DynamicConfigValue:
    """Colour a severity's cell."""
    words = {
        name: dashboard.ValueMappingResult(text=name, color=COLOURS[name]) for name in ("critical", "warning", "info")
    }
    return dashboard.DynamicConfigValue(id_val="mappings", value=[dashboard.ValueMap(options=words).to_json()])


COLOURED_TEXT = dashboard.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"})


def link(title: str, url: str) -> dashboard.DynamicConfigValue:
    """Make a column's cells lead somewhere."""
    return dashboard.DynamicConfigValue(id_val="links", value=[{"title": title, "url": url, "targetBlank": True}])


class _Marks(dashboard.AnnotationQuery):
    """An annotation of Prometheus, with the keys of its plugin that the schema of dashboards leaves out."""

    plugin: dict[str, object]

    def to_json(self) -> dict[str, object]:
        return super().to_json() | self.plugin


@dataclass(frozen=True)
class Mark(Builder[dashboard.AnnotationQuery]):
    """What is marked on every axis of time: a moment, or a span.

    Attributes:
        name: What the switch at the top says.
        expr: PromQL. Where `is_moment`, its value is the moment in milliseconds; else it lasts while there is a sample.
        text: What the mark says, with labels in double braces.
        colour: One of the palette's names.
        is_moment: See `expr`.
    """

    name: str
    expr: str
    text: str
    colour: str
    is_moment: bool = False

    def build(self) -> dashboard.AnnotationQuery:
        """Build it, as the SDK's builders do."""
        made = _Marks(self.name, SOURCE, icon_color=COLOURS[self.colour], hide=False, expr=self.expr)
        made.plugin = {"titleFormat": self.name, "textFormat": self.text, "useValueForTime": self.is_moment}
        return made


def marks(domains: str, vantages: str, waves: str) -> tuple[Mark, ...]:
    """Make the annotations of a dashboard: changes, alerts, moves of waves, plans.

    Args:
        domains: What selects domains by the label `domain`.
        vantages: What selects vantages.
        waves: What selects waves.
    """
    moved = f"max by (wave, expectation) (cutover_domain_expectation{{{vantages},{waves}}}%s == 1)"
    return (
        Mark(
            "Changes",
            f"max by (domain, record_type) (cutover_last_transition_timestamp_seconds{{{vantages},{domains}}}) * 1000",
            "{{domain}} ({{record_type}}) changed",
            "moving",
            is_moment=True,
        ),
        Mark(
            "Alerts",
            f'max by (alertname, domain) (ALERTS{{alertname=~"Cutover.+",alertstate="firing",{domains}}})',
            "{{alertname}} {{domain}}",
            "critical",
        ),
        # What is expected now and was not a minute ago, of a wave that was there a minute ago.
        Mark(
            "Waves move on",
            f"({moved % ''} unless {moved % ' offset 1m'})"
            f" and on (wave) cutover_domain_expectation{{{vantages},{waves}}} offset 1m",
            "{{wave}} is expected: {{expectation}}",
            "good",
        ),
        Mark(
            "Plans taken over",
            f"max by (vantage, instance) (cutover_config_last_reload_success_timestamp_seconds{{{vantages}}}) * 1000",
            "{{vantage}} took over a plan",
            "plain",
            is_moment=True,
        ),
    )


def board(
    uid: str, title: str, description: str, *variables: dashboards.QueryVariable, annotations: Iterable[Mark]
) -> dashboards.Dashboard:
    """Begin a dashboard: its name, its variables, links to the others, and its annotations."""
    made = (
        dashboards.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["cutover-probe", "dns"])
        .refresh("10s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .readonly()
        .with_variable(dashboards.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .link(
            dashboards.DashboardLink("Cutover Probe")
            .type(dashboard.DashboardLinkType.DASHBOARDS)
            .tags(["cutover-probe"])
            .include_vars(True)
            .keep_time(True)
        )
    )
    for variable in variables:
        made.with_variable(variable)
    for mark in annotations:
        made.annotation(mark)
    return made


def choice(name: str, label: str, query: str, *, several: bool = True) -> dashboards.QueryVariable:
    """Make a variable that is chosen from what Prometheus has."""
    variable = (
        dashboards.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    )
    return variable.multi(True).include_all(True).all_value(".*") if several else variable


def link_to(name: str, label: str, otherwise: str) -> dashboards.QueryVariable:
    """Make a variable that nobody sees: where links lead, as the plan's `label` says.

    `otherwise` is where they lead without one: Grafana can neither leave a link out nor take an empty address for none.
    """
    known = f'max by ({label}) (cutover_links_info{{{label}!=""}})'
    query = f'query_result({known} or on() label_replace(vector(1), "{label}", "{otherwise}", "", ""))'
    variable = choice(name, name, query, several=False).hide(dashboard.VariableHide.HIDE_VARIABLE)
    return variable.regex(f'/{label}="([^"]+)"/')


def links() -> tuple[dashboards.QueryVariable, dashboards.QueryVariable]:
    """Make the variables of links. What stands behind the address of no page is a query, which the document ignores."""
    return (
        link_to("page", "external_url", f"{HOME}/blob/main/docs/alerts.md?without-external_url="),
        link_to("runbook", "runbook_url", RUNBOOK),
    )
