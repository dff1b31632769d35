"""What the trainer prints when it is done."""

from rich.table import Table

from fraud.versions.gates import activation_verdict
from fraud.versions.measurements import Evaluation

SHOWN = {
    "average_precision": "Average precision",
    "roc_auc": "ROC-AUC",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "precision_at_100": "Precision at 100",
    "brier": "Brier",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
}


def table_of(evaluation: Evaluation) -> Table:
    """Every metric with its 95 % bounds."""
    table = Table(title=f"{evaluation.n:,} validation rows, {evaluation.frauds:,} frauds")
    table.add_column("Metric")
    for heading in ("Measured", "Lower 95 %", "Upper 95 %"):
        table.add_column(heading, justify="right")
    for name, words in SHOWN.items():
        numbers = (getattr(evaluation, name), *evaluation.bounds[name])
        table.add_row(words, *(_number(number) for number in numbers))
    return table


def gate_words(evaluation: Evaluation) -> str:
    """What the activation gate would say of this model with nothing active, at its default minimum."""
    verdict = activation_verdict(evaluation=evaluation, paired=None, active_version=None)
    return f"activation gate: {verdict.reasons[0]}"


def _number(value: float) -> str:
    return f"{value:.4f}" if value >= 0.01 or value == 0 else f"{value:.6f}"
