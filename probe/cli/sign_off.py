"""From a soak to its report: the outcome, the facts, and the files that they are written into."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from probe import __version__
from probe.cli.errors import CommandError
from probe.cli.soak import Record, Soaked, SoakLimits
from probe.config.mistakes import quoted
from probe.model.check import Check, CheckOutcome
from probe.model.confirmation import CONFIRMED_CHECK
from probe.model.domain import DomainStatus
from probe.model.text import listed
from probe.report.event import Event
from probe.report.readable import readable
from probe.report.render import to_html, to_markdown
from probe.report.sign_off import CANNOT_KNOW, DomainReport, Ending, SignOff
from probe.web.facts.base import timestamp, to_json
from probe.web.facts.domain import DomainFact
from probe.web.facts.waves import WaveSummary

_FORMAT_OF_SUFFIX = {".md": to_markdown, ".html": to_html}


def sign_off(soaked: Soaked, limits: SoakLimits, signed_by: str) -> SignOff:
    """Make the report of a soak that has ended."""
    snapshot = soaked.snapshot
    ending = soaked.ending or Ending.INTERRUPTED
    outcome = _outcome(ending, snapshot.domains)
    names = listed([wave.wave.name for wave in snapshot.waves])
    domains = tuple(_domain(status, soaked.records.get(status.domain.name, Record())) for status in snapshot.domains)
    return SignOff(
        Check(CONFIRMED_CHECK, names, outcome, _reason(outcome, ending, soaked)),
        ending,
        snapshot.waves,
        domains,
        tuple(soaked.records[None].events) if None in soaked.records else (),
        snapshot.plan,
        __version__,
        soaked.began,
        snapshot.at,
        soaked.watched,
        limits.timeout,
        signed_by,
    )


def _domain(status: DomainStatus, record: Record) -> DomainReport:
    return DomainReport(status, tuple(record.course), tuple(record.events), record.forgotten)


def _outcome(ending: Ending, statuses: Sequence[DomainStatus]) -> CheckOutcome:
    """What was seen to fail does not hold, also when it recovered too late. All else is missing evidence."""
    if ending is Ending.HELD:
        return CheckOutcome.PASS
    failed = any(status.confirmation.outcome is CheckOutcome.FAIL or status.confirmation.breaks for status in statuses)
    return CheckOutcome.FAIL if failed else CheckOutcome.UNKNOWN


def _reason(outcome: CheckOutcome, ending: Ending, soaked: Soaked) -> str:
    waves = soaked.snapshot.waves
    if outcome is CheckOutcome.PASS:
        return " ".join(wave.sentence for wave in waves)
    open_ones = [wave for wave in waves if not wave.confirmed or wave.outcome is not CheckOutcome.PASS]
    return f"{' '.join(wave.sentence for wave in open_ones)} The soak ended because {ending.value}."


def as_json(report: SignOff) -> str:
    """Write the report with all evidence, in the API's own facts."""
    document: dict[str, Any] = {
        "outcome": report.word,
        "ending": report.ending.value,
        "reason": readable(report.check.sentence),
        "signed_by": report.signed_by or None,
        "vantage": report.plan.vantage,
        "version": report.version,
        "plan": {"file": report.plan.source.name if report.plan.source else None, "digest": report.plan.digest},
        "soak": report.plan.soak,
        "timeout": report.timeout,
        "began": timestamp(report.began),
        "ended": timestamp(report.ended),
        "watched_since": timestamp(report.watched),
        "waves": [_fact(WaveSummary, wave) for wave in report.waves],
        "domains": [
            {
                **_fact(DomainFact, domain.status),
                "course": [{"at": timestamp(turn.at), "standing": turn.outcome.standing} for turn in domain.course],
                "events": [_event(event) for event in domain.events],
                "events_left_out": domain.forgotten,
            }
            for domain in report.domains
        ],
        "events": [_event(event) for event in report.events],
        "cannot_know": list(CANNOT_KNOW),
    }
    return json.dumps(document, indent=2)


def _fact(kind: type, value: object) -> dict[str, Any]:
    fact: dict[str, Any] = json.loads(to_json(kind, value))
    return fact


def _event(event: Event) -> dict[str, str | None]:
    return {"at": timestamp(event.at), "kind": event.kind.value, "text": readable(event.text)}


class ReportFile(NamedTuple):
    """A report that will be written: its place is held from the beginning."""

    path: Path
    draft: Path

    def write(self, report: SignOff) -> None:
        """Write the report and put it in its place, whole or not at all."""
        self.put(_FORMAT_OF_SUFFIX.get(self.path.suffix.lower(), as_json)(report))

    def put(self, text: str) -> None:
        """Put a text in its place, whole or not at all."""
        self.draft.write_text(text, encoding="utf-8")
        self.draft.replace(self.path)

    def drop(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):
            self.draft.unlink(missing_ok=True)


def open_reports(paths: Sequence[Path]) -> list[ReportFile]:
    """Hold the places of reports before a soak begins: half an hour must not end in a folder that cannot be written.

    Raises:
        CommandError: A path has another suffix than a report can have, or cannot be written.
    """
    files: list[ReportFile] = []
    for path in paths:
        if path.suffix.lower() not in {*_FORMAT_OF_SUFFIX, ".json"}:
            raise CommandError(f"--report {quoted(path)}: the name has to end in .md, .html or .json.")
        try:
            with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
                os.chmod(draft.name, 0o644)  # noqa: PTH101  # a report is for others to read, like any file
                files.append(ReportFile(path, Path(draft.name)))
        except OSError as error:
            for file in files:
                file.drop()
            raise CommandError(f"--report {quoted(path)} cannot be written: {error.strerror}.") from error
    return files
