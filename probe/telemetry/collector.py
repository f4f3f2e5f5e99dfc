"""The series about the daemon itself, as a custom collector of prometheus_client over one snapshot.

A custom collector rather than counters that are set: what it says is of one moment, and what no longer exists (a
resolver that left the plan) has no series any more.
"""

import platform
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from probe import __version__
from probe.model.convergence import CONVERGENCE_BUCKETS
from probe.model.finding import CatalogueEntry, Severity
from probe.model.name import display
from probe.model.notification import NotificationFailure
from probe.model.outcome import FailureReason
from probe.model.snapshot import Snapshot
from probe.model.traffic import DURATION_BUCKETS
from probe.telemetry import daemon_families as families
from probe.telemetry.domains import loudest
from probe.telemetry.family import VANTAGE, Family, MetricType

_COUNTED = tuple(reason for reason in FailureReason if not reason.is_judged)
"""What is judged is counted with the domain's answers."""

_JOURNAL = (
    families.JOURNAL_WRITING,
    families.JOURNAL_ENTRIES,
    families.JOURNAL_DROPPED,
    families.JOURNAL_SIZE,
    families.JOURNAL_WRITTEN,
    families.JOURNAL_UNWATCHED,
)


_WITNESS = (families.WITNESS_UP, families.WITNESS_READ, families.WITNESS_WATCHED, families.WITNESS_LACKING)


class _Histogram(NamedTuple):
    """What one series counted: values per bucket (not cumulative) with one more for all above, and their sum."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float


class SnapshotCollector(Collector):
    """Everything of a snapshot that is not about one domain.

    Args:
        snapshot: The moment.
        catalogue: Every finding code that can be raised of a domain.
    """

    def __init__(self, snapshot: Snapshot, catalogue: Iterable[CatalogueEntry]) -> None:
        self._snapshot = snapshot
        self._catalogue = catalogue

    def collect(self) -> Iterator[Metric]:
        """Give the families in a fixed order."""
        yield from self._traffic()
        snapshot, schedule, reload = self._snapshot, self._snapshot.schedule, self._snapshot.reload
        billed = self._family(families.BILLED_QUERIES)
        for zone, count in snapshot.billed:
            self._add(billed, families.BILLED_QUERIES, (display(zone),), count)
        yield billed
        convergence = self._family(families.CONVERGENCE)
        for reached in snapshot.convergence:
            seconds = _Histogram(CONVERGENCE_BUCKETS, reached.counts, reached.total)
            self._add_histogram(convergence, families.CONVERGENCE, (reached.stage.value,), seconds)
        yield convergence
        yield self._failing_servers()
        yield self._open_findings()
        yield from self._waves()
        yield from self._told()
        last_pass = schedule.last_pass
        shard = snapshot.plan.shard
        build = (__version__, platform.python_version())
        links = (snapshot.plan.external_url, snapshot.plan.runbook_url)
        for family, values, value in (
            (families.SCHEDULE_LAG, (), schedule.lag),
            (families.SCHEDULE_LAG_MAX, (), schedule.max_lag),
            (families.QUESTIONS_WAITING, (), schedule.due),
            (families.LAST_PASS, (), last_pass.wall if last_pass else None),
            (families.READY, (), snapshot.ready),
            (families.BLIND, (), snapshot.blind),
            (families.BEHIND, (), snapshot.behind),
            (families.SHARD_ORDINAL, (str(shard.ordinal),), shard.ordinal),
            (families.TOTAL_SHARDS, (), shard.total),
            (families.BUILD, build, 1),
            (families.LINKS, links, 1),
            (families.RELOAD_SUCCESSFUL, (), reload.successful),
            (families.RELOAD_TIMESTAMP, (), reload.at.wall),
            (
                families.WEB_RELOAD_SUCCESSFUL,
                (),
                None if snapshot.web_reload is None else snapshot.web_reload.successful,
            ),
        ):
            yield self._single(family, values, value)
        yield from self._journal()
        yield from self._witnesses()

    def _single(self, family: Family, values: Iterable[str], value: float | None) -> Metric:
        metric = self._family(family)
        if value is not None:
            self._add(metric, family, values, value)
        return metric

    def _journal(self) -> Iterator[Metric]:
        journal = self._snapshot.journal
        if journal is None:
            yield from (self._family(family) for family in _JOURNAL)
            return
        unwatched = sum(max(0.0, gap.until.wall - gap.since.wall) for gap in journal.unwatched)
        written = journal.written.wall if journal.written else None
        told = (journal.writing, journal.entries, journal.dropped, journal.size, written, unwatched)
        for family, value in zip(_JOURNAL, told, strict=True):
            yield self._single(family, (), value)

    def _witnesses(self) -> Iterator[Metric]:
        metrics = [self._family(family) for family in _WITNESS]
        for one in self._snapshot.witnesses:
            moment = None if one.read is None else one.read.wall
            watched = None if one.up is None else one.watched
            for metric, family, value in zip(
                metrics, _WITNESS, (one.up, moment, watched, one.lacking_count), strict=True
            ):
                if value is not None:
                    self._add(metric, family, (one.name,), value)
        yield from metrics

    def _failing_servers(self) -> Metric:
        metric = self._family(families.FAILING_SERVERS)
        failing = {found.domain: len(found.evidence) for found in self._snapshot.findings if found.evidence}
        zones = [delegation.zone for delegation in self._snapshot.delegations if delegation.zone is not None]
        for zone in dict.fromkeys([*zones, *failing]):
            self._add(metric, families.FAILING_SERVERS, (display(zone),), failing.get(zone, 0))
        return metric

    def _open_findings(self) -> Metric:
        metric = self._family(families.OPEN_FINDINGS)
        counted: dict[tuple[str, Severity], int] = dict.fromkeys(
            ((entry.code, entry.severity) for entry in self._catalogue), 0
        )
        for status in self._snapshot.domains:
            if status.findings:
                for opened in loudest((found.code, found.severity) for found in status.findings).items():
                    counted[opened] = counted.get(opened, 0) + 1
        for labels, count in counted.items():
            self._add(metric, families.OPEN_FINDINGS, labels, count)
        return metric

    def _waves(self) -> Iterator[Metric]:
        confirmed, held = self._family(families.WAVE_CONFIRMED), self._family(families.WAVE_HELD)
        for status in self._snapshot.waves:
            self._add(confirmed, families.WAVE_CONFIRMED, (status.wave.name,), status.confirmed)
            self._add(held, families.WAVE_HELD, (status.wave.name,), status.held)
        soak = self._family(families.SOAK_SECONDS)
        self._add(soak, families.SOAK_SECONDS, (), self._snapshot.plan.soak)
        yield from (confirmed, held, soak, self._next_expectations())

    def _next_expectations(self) -> Metric:
        metric = self._family(families.WAVE_NEXT_EXPECTATION)
        for wave in self._snapshot.plan.waves:
            step = wave.upcoming
            if step is not None and step.at is not None:
                labels = (wave.name, step.expectation.value)
                self._add(metric, families.WAVE_NEXT_EXPECTATION, labels, step.at)
        return metric

    def _traffic(self) -> Iterator[Metric]:
        queries = self._family(families.QUERIES)
        failures = self._family(families.QUERY_FAILURES)
        durations = self._family(families.QUERY_DURATION)
        dropped = self._family(families.DROPPED_RESPONSES)
        for traffic in self._snapshot.traffic:
            labels = (traffic.group, traffic.transport.value)
            self._add(queries, families.QUERIES, labels, traffic.queries)
            counted = dict(traffic.failures)
            for reason in _COUNTED:
                self._add(failures, families.QUERY_FAILURES, (*labels, reason.value), counted.get(reason, 0))
            seconds = _Histogram(DURATION_BUCKETS, traffic.duration_counts, traffic.duration_sum)
            self._add_histogram(durations, families.QUERY_DURATION, labels, seconds)
            for reason_dropped, count in (
                ("late", traffic.late),
                ("duplicate", traffic.duplicates),
                ("mismatched", traffic.mismatched),
            ):
                self._add(dropped, families.DROPPED_RESPONSES, (*labels, reason_dropped), count)
        yield from (queries, failures, durations, dropped)

    def _told(self) -> Iterator[Metric]:
        told, failures = self._family(families.NOTIFICATIONS), self._family(families.NOTIFICATION_FAILURES)
        for counts in self._snapshot.notifications:
            self._add(told, families.NOTIFICATIONS, (counts.receiver,), counts.sent)
            counted = dict(counts.failures)
            for reason in NotificationFailure:
                values = (counts.receiver, reason.value)
                self._add(failures, families.NOTIFICATION_FAILURES, values, counted.get(reason, 0))
        yield from (told, failures)

    def _add_histogram(self, metric: Metric, family: Family, values: tuple[str, ...], histogram: _Histogram) -> None:
        labels = self._labels(family, values)
        total = 0
        for bound, count in zip((*map(str, histogram.bounds), "+Inf"), histogram.counts, strict=True):
            total += count
            metric.add_sample(f"{family.name}_bucket", {**labels, "le": bound}, total)
        metric.add_sample(f"{family.name}_count", labels, total)
        metric.add_sample(f"{family.name}_sum", labels, histogram.total)

    def _family(self, family: Family) -> Metric:
        return empty_metric(family)

    def _labels(self, family: Family, values: Iterable[str]) -> dict[str, str]:
        return {VANTAGE: self._snapshot.plan.vantage, **dict(zip(family.labels, values, strict=True))}

    def _add(self, metric: Metric, family: Family, values: Iterable[str], value: float) -> None:
        metric.add_sample(family.name, self._labels(family, values), value)


class Labelled(Collector):
    """Another collector's series with the vantage on each: `process_*` of several probes must not collide either.

    Args:
        inner: Whose series they are.
        vantage: The label's value.
    """

    def __init__(self, inner: Collector, vantage: str) -> None:
        self._inner = inner
        self._vantage = vantage

    def collect(self) -> Iterator[Metric]:
        """Give the inner collector's families."""
        for metric in self._inner.collect():
            metric.samples = [
                sample._replace(labels={**sample.labels, VANTAGE: self._vantage}) for sample in metric.samples
            ]
            yield metric


def empty_metric(family: Family) -> Metric:
    """Make prometheus_client's value for a family, which names counters and infos without their suffix."""
    name = family.name
    if family.kind is MetricType.COUNTER:
        name = name.removesuffix("_total")
    elif family.kind is MetricType.INFO:
        name = name.removesuffix("_info")
    return Metric(name, family.documentation, family.kind.value)
