"""Dashboards show metrics that exist."""

import json
import re
from pathlib import Path

from fraud.watch import prometheus
from fraud.watch.cells import Cell
from local.template import load_template

ROOT = Path(__file__).resolve().parents[3]
SOURCES = "".join(path.read_text() for path in (ROOT / "layers/fraud/fraud").rglob("*.py"))


def published() -> set[str]:
    """Every Prometheus metric, with the suffixes of histograms."""
    cell = Cell(statuses={200: 1}, errors={"x": 1}, latency={1: 1})
    families = prometheus.of_totals({"v1.0.0 /predict": cell})
    names = {f"{one.name}{suffix}" for one in families for suffix, _, _ in one.samples}
    gauges = set(re.findall(r'gauge\(\s*"(\w+)"', SOURCES))
    return names | gauges


def test_every_grafana_panel_asks_for_metrics_we_publish() -> None:
    # GIVEN the dashboard
    dashboard = json.loads((ROOT / "docs/grafana.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]

    # WHEN its expressions are read
    asked = {name for expression in expressions for name in re.findall(r"fraud_\w+", expression)}

    # THEN each metric is ours, and each of ours has its panel
    assert asked <= published()
    assert {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in published()} == {
        name.removesuffix("_bucket") for name in asked
    }
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


def test_the_cloudwatch_dashboard_is_json_over_metrics_we_publish() -> None:
    body = load_template(ROOT / "template.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    assert len(widgets) == 6
    for name in re.findall(r'MetricName=\\"(\w+)\\"', body):
        assert f'"{name}": (' in SOURCES, name


def test_every_alarm_tells_the_topic_of_trouble_and_of_its_end() -> None:
    resources = load_template(ROOT / "template.yaml")["Resources"].values()
    alarms = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert len(alarms) >= 4
    assert all(alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlertTopic"}] for alarm in alarms)
