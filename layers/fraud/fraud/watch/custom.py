"""An operator's own metrics: how many answered transactions fulfil conditions. Counted with everything else. Pure."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fraud.requests.record import Item, Scored

MOST = 20
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
}
NUMBERS: Mapping[str, Callable[[Item, Scored], float]] = {
    "amount": lambda _, told: told.amount,
    "fraud_probability": lambda _, told: told.probability,
    "risk_score": lambda item, _: float(item["r"]),
    "processing_time_ms": lambda item, _: float(item["ms"]),
}
TEXTS: Mapping[str, Callable[[Item, Scored], str]] = {
    "recommendation": lambda _, told: told.recommendation,
    "merchant_category": lambda item, _: item.get("merchant_category", ""),  # as far as the privacy policy keeps it
    "model_version": lambda item, _: item["v"],
    "endpoint": lambda item, _: item["ep"],
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field compared with a value; a text is only compared for equality."""

    field: str
    comparison: str
    value: float | str

    def holds(self, item: Item, told: Scored) -> bool:
        """Whether an answered transaction fulfils it."""
        read = NUMBERS.get(self.field) or TEXTS[self.field]
        return COMPARE[self.comparison](read(item, told), self.value)


class CustomMetric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Counts the answered transactions that fulfil every condition."""

    name: str
    when: tuple[Condition, ...]


def custom_metrics(told: str) -> list[CustomMetric]:
    """The metrics of a JSON list; msgspec.ValidationError or ValueError, naming the metric, when it is not one."""
    found = msgspec.json.decode(told, type=list[CustomMetric]) if told else []
    for metric in found:
        if not _NAME.fullmatch(metric.name) or not metric.when:
            raise ValueError(f"custom metric {metric.name!r}: needs a name of [a-z0-9_] and at least one condition")
        unknown = [one.field for one in metric.when if not _sensible(one)]
        if unknown:
            raise ValueError(f"custom metric {metric.name}: {', '.join(unknown)} cannot be asked so")
    if len(found) > MOST or len({metric.name for metric in found}) < len(found):
        raise ValueError(f"custom metrics: at most {MOST}, each name once")
    return found


def fulfilled(metrics: Sequence[CustomMetric], item: Item, told: Scored) -> dict[str, int]:
    """1 for each metric whose conditions an answered transaction fulfils."""
    return {metric.name: 1 for metric in metrics if all(one.holds(item, told) for one in metric.when)}


def _sensible(condition: Condition) -> bool:
    if condition.field in TEXTS:
        return condition.comparison == "==" and isinstance(condition.value, str)
    return condition.field in NUMBERS and condition.comparison in COMPARE and not isinstance(condition.value, str)
