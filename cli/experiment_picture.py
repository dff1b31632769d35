"""An experiment on a terminal: both arms with their intervals, as numbers and as bars."""

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from cli.render import Body, add_row, coloured, grid

CELLS = 30
Interval = dict[str, Any]


def experiments_table(body: Body) -> RenderableType:
    """One row an experiment."""
    if not body["experiments"]:
        return "no experiments"
    table = grid("experiment", "name", "control", "treatment", "split", "metric", "owner", "state", "started")
    for one in body["experiments"]:
        fields = [one[name] for name in ("experiment_id", "name", "control", "treatment")]
        last = [f"{one['split']:g} %", one["metric"], one["owner"], coloured(one["state"]), one["started_at"]]
        add_row(table, *fields, *last)
    return table


def experiment_picture(body: Body) -> RenderableType:
    """Who against whom, every metric of both arms, and the verdict in words."""
    head = Text.assemble(f"{body['experiment_id']}  {body['name']}  ", coloured(body["state"]))
    sides = f"{body['treatment']} on {body['split']:g} % against {body['control']}, by {body['metric']}"
    results = body.get("results")
    if not results:
        return Group(head, sides)
    mismatch = results["sample_ratio_mismatch"]
    split = "sample ratio mismatch!" if mismatch["found"] else "split as asked for"
    return Group(head, sides, _arms(results["arms"]), split, Text(results["verdict"], style="bold"))


def _arms(arms: list[dict[str, Any]]) -> RenderableType:
    table = grid("metric", "version", "", "interval", "")
    for metric in arms[0]["metrics"]:
        found = [arm["metrics"][metric] for arm in arms]
        most = max((one["high"] for one in found if one), default=0.0) or 1.0
        for arm, one in zip(arms, found, strict=True):
            told = f"{one['point']:.4g} [{one['low']:.4g}, {one['high']:.4g}]" if one else "nothing observed"
            add_row(table, metric, arm["version"], f"{arm['exposures']} requests", told, _span(one, most))
    return table


def _span(one: Interval | None, most: float) -> str:
    """The interval on a line from 0 to the largest bound, its point marked."""
    if one is None:
        return ""
    low, point, high = (min(CELLS, max(0, round(one[name] / most * CELLS))) for name in ("low", "point", "high"))
    line = [" "] * (CELLS + 1)
    line[low : high + 1] = "─" * (high + 1 - low)
    line[point] = "●"
    return "".join(line)
