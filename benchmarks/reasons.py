"""What reasons cost and how exact they are: 10,000 explained predictions a model."""

from importlib.util import find_spec
from typing import Any

import msgspec
import numpy as np

from benchmarks.engine import Subject, side_by_side
from fraud.scoring.packed.attribution import PATH_DEPENDENT

SHAP_ROWS = 500  # shap takes milliseconds a row
CALLS = {"score": 200, "explain": 20, "walker": 5, "shap": 1}


class Reasons(msgspec.Struct, frozen=True):
    """One model: how far `base + Σ contributions` lies from `margin`, and contributions from shap's, at most.

    `cost` of an explanation in scorings of one row; `walker` and `shap`: their time for a row over the kernel's. None:
    shap was not asked.
    """

    model: str
    method: str
    explained: int
    largest_gap: float
    largest_difference: float | None
    cost: float
    walker: float
    shap: float | None


def reasons(subject: Subject) -> Reasons:
    """Explain every row, compare with shap, and time one row by each."""
    told = subject.kernel.explain_many(subject.X.tolist())
    row = subject.X[0].tolist()
    calls: dict[str, Any] = {
        "score": lambda: subject.kernel.score(row),
        "explain": lambda: subject.kernel.explain(row),
        "walker": lambda: subject.walker.explain(row),
    }
    explainer = _explainer(subject) if told[0].method == PATH_DEPENDENT and find_spec("shap") else None
    if explainer:
        calls["shap"] = lambda: explainer.shap_values(subject.X[:1], check_additivity=False)
    spent = side_by_side(calls, CALLS)
    return Reasons(
        model=subject.name,
        method=told[0].method,
        explained=len(told),
        largest_gap=max(abs(one.base + sum(one.contributions) - one.margin) for one in told),
        largest_difference=_difference(explainer, subject, [one.contributions for one in told]) if explainer else None,
        cost=spent["explain"] / spent["score"],
        walker=spent["walker"] / spent["explain"],
        shap=spent["shap"] / spent["explain"] if explainer else None,
    )


def _explainer(subject: Subject) -> Any:
    import shap  # noqa: PLC0415 -- seconds, and not on every Python

    return shap.TreeExplainer(subject.fitted, feature_perturbation="tree_path_dependent")


def _difference(explainer: Any, subject: Subject, ours: list[tuple[float, ...]]) -> float:
    theirs = np.asarray(explainer.shap_values(subject.X[:SHAP_ROWS], check_additivity=False))
    theirs = theirs[..., 1] if theirs.ndim == 3 else theirs
    return float(np.abs(theirs - np.array(ours[:SHAP_ROWS])).max())
