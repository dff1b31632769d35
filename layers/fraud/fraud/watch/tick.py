"""Every minute: examine, look for drift, take up waiting labels, alert. What one part cannot do stops no other."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from fraud.errors import NoActiveModelError
from fraud.observability import log, metrics
from fraud.scoring.live import LiveModels
from fraud.versions.version import ModelVersion
from fraud.watch.alert_store import AlertStore
from fraud.watch.alerts import Alerts
from fraud.watch.anomaly import unusual
from fraud.watch.cells import Cell
from fraud.watch.counter_store import CounterStore
from fraud.watch.health import PASS, Report
from fraud.watch.label_store import LabelStore
from fraud.watch.model_watch import COUNTED_DAYS, DRIFT_HOURS, drift_report, quality_report
from fraud.watch.rules import Alert, Rule, value_of
from fraud.watch.summary_store import DRIFT, HEALTH, QUALITY, UNUSUAL, SummaryStore

LABELS_EVERY_MINUTES = 10
LABELS_WAIT_DAYS = 60
HOUR_DONE_MINUTE = 5  # the last records of the hour before have been counted


class Stores(msgspec.Struct, frozen=True):
    """Where the tick reads and writes."""

    counters: CounterStore
    labels: LabelStore
    alerts: AlertStore
    summaries: SummaryStore


class Tick:
    """One minute's work."""

    def __init__(
        self,
        stores: Stores,
        models: LiveModels,
        record: Callable[[str], ModelVersion],
        tell: Alerts,
        rules: list[Rule],
        cooldown: timedelta,
    ) -> None:
        self._stores, self._models, self._record = stores, models, record
        self._tell, self._rules, self._cooldown = tell, rules, cooldown

    def run(self, examine: Callable[[], Report], at: datetime) -> Report:
        """Everything due at a moment; the report of the checks, drift and labels of this minute included."""
        self._apart("drift", lambda: self._drift(at))
        if at.minute % LABELS_EVERY_MINUTES == 0:
            self._apart("labels", lambda: self._labels(at))
        if at.minute == HOUR_DONE_MINUTE:
            self._apart("anomalies", lambda: self._stores.summaries.keep(UNUSUAL, unusual(self._counted, at)))
        report = examine()
        self._apart("summary", lambda: self._stores.summaries.keep(HEALTH, report))
        self._apart("alerts", lambda: self._alert(report, at))
        failing = [check.name for check in report.checks if check.status != PASS]
        log("health", status=report.status, failing=failing)
        metrics({"Unhealthy": (float(report.status == "unhealthy"), "count")}, service="health")
        return report

    def _drift(self, at: datetime) -> None:
        try:
            model = self._models.active()
        except NoActiveModelError:
            return
        seen = self._stores.counters.figures(_hour(at) - timedelta(hours=DRIFT_HOURS), at, model.version)
        found = drift_report(self._record(model.version), model, seen)
        self._stores.summaries.keep(DRIFT, found)
        distances = [one.psi or 0.0 for one in (*found.features, found.score.psi)]
        values = {"DriftedFeatures": (float(len(found.drifted)), "count"), "LargestPsi": (max(distances), "count")}
        metrics(values, version=model.version)

    def _labels(self, at: datetime) -> None:
        joined = self._stores.labels.sweep(LABELS_WAIT_DAYS)
        hours = self._stores.counters.slices(_hour(at) - timedelta(days=COUNTED_DAYS), _hour(at))
        self._stores.summaries.keep(QUALITY, quality_report(hours, self._stores.labels, at))
        log("labels_swept", joined=joined)

    def _alert(self, report: Report, at: datetime) -> None:
        checks = {check.name: check for check in report.checks}
        for alert in self._due(lambda rule: value_of(rule, checks, lambda span: self._lately(at, span)), at):
            facts = {name: str(value) for name, value in msgspec.to_builtins(alert).items() if value is not None}
            words = next((check.detail for check in report.checks if f"check.{check.name}" == alert.metric), "")
            self._tell.publish(f"{alert.state} {alert.severity} {alert.rule}", {**facts, "detail": words})

    def _due(self, value: Callable[[Rule], float | None], at: datetime) -> Iterator[Alert]:
        for rule in self._rules:
            alert = self._stores.alerts.settle(rule, value(rule), at, self._cooldown)
            if alert:
                yield alert

    def _counted(self, since: datetime, until: datetime) -> Cell:
        return self._stores.counters.figures(since, until)

    def _lately(self, at: datetime, span: timedelta) -> Cell:
        return self._counted(at - span, at)

    def _apart(self, part: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as exc:  # the other parts of the minute must still be done; health says what is down
            log("tick_failed", level="ERROR", part=part, error=type(exc).__name__)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
