"""The report as Markdown, and as one HTML file that loads nothing.

All that DNS said is hostile: HTML is escaped by the engine, Markdown by `markdown`, and neither keeps a character that
a terminal or an editor could obey.
"""

import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from probe.model.confirmation import Criterion
from probe.model.name import display
from probe.model.text import duration, listed, moment, wall
from probe.report import timeline
from probe.report.readable import readable
from probe.report.sign_off import CANNOT_KNOW, SignOff

_MEANS = {
    Criterion.RESOLVERS: "the plan names no resolvers, and nothing was seen to drain",
    Criterion.SERVICE: "the plan has no HTTPS check",
}

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~!&])")


def markdown(text: object) -> str:
    """Write text so that Markdown takes none of it for markup (CommonMark section 2.4)."""
    return _SPECIAL.sub(r"\\\1", readable(text))


def to_markdown(report: SignOff) -> str:
    """Write the report as Markdown."""
    return _render(MARKDOWN, "sign_off.md", report)


def to_html(report: SignOff) -> str:
    """Write the report as one HTML document with the timelines drawn in it."""
    return _render(HTML, "sign_off.html", report)


def _unjudged(report: SignOff) -> list[str]:
    """Say which criteria do not exist for whom: the plan gives no means to judge them."""
    told = []
    for criterion, why in _MEANS.items():
        without = [
            display(domain.status.domain.name)
            for domain in report.domains
            if criterion not in {one.name for one in domain.status.confirmation.criteria}
        ]
        if without:
            told.append(f"{criterion.value}, for {listed(without)}: {why}.")
    return told


def environment(*, html: bool) -> Environment:
    """Give the engine of one format: all that DNS said passes through its escaping."""
    made = Environment(
        loader=PackageLoader("probe.report"),
        autoescape=html,  # noqa: S701  # Markdown has no escaping engine: every value there goes through `markdown`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=readable if html else markdown,
    )
    made.filters.update(name=display, moment=moment, wall=wall, span=duration)
    made.globals.update(width=timeline.WIDTH)
    return made


HTML = environment(html=True)
MARKDOWN = environment(html=False)


def _render(engine: Environment, template: str, report: SignOff) -> str:
    span = timeline.Span(report.began, report.ended)
    facts: dict[str, Any] = {
        "report": report,
        "axis": timeline.axis(span),
        "lanes": {domain.status.domain.name: timeline.lanes(domain, span) for domain in report.domains},
        "breaks": {domain.status.domain.name: timeline.breaks(domain, span) for domain in report.domains},
        "unjudged": _unjudged(report),
        "cannot_know": CANNOT_KNOW,
    }
    return engine.get_template(template).render(facts)
