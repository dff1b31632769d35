"""What was measured of a model: plain records that survive JSON, without numpy, so that gates can read them."""

from collections.abc import Mapping

import msgspec

METRICS = (
    "average_precision",
    "roc_auc",
    "f1",
    "precision",
    "recall",
    "precision_at_100",
    "brier",
    "log_loss",
    "calibration_error",
)

Bounds = tuple[float, float]


class Confusion(msgspec.Struct, frozen=True):
    """Rows at the threshold: true and false positives, false and true negatives."""

    tp: int
    fp: int
    fn: int
    tn: int


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """Precision and recall when rows that score at least `threshold` are flagged."""

    threshold: float
    precision: float
    recall: float


class CalibrationBin(msgspec.Struct, frozen=True, kw_only=True):
    """`n` rows of neighbouring scores: the probability they were told on average, and the share that was fraud."""

    mean_score: float
    fraud_share: float
    n: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Time the packed model took in pure Python where it was deployed: the median row (µs), a thousand rows (ms)."""

    one_row_us: float
    thousand_rows_ms: float


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One model on one evaluation set.

    `precision`, `recall`, `f1` and `confusion` hold at `threshold` (fraud when score >= threshold);
    `score_histogram` counts the rows in 20 equal bins of [0, 1] and `fraud_histogram` the frauds among them; `bounds`
    maps each name of METRICS to its 95 % interval from `draws` stratified bootstrap resamples. `calibration` holds
    the bins of `calibration_error`, highest scores first; `precision_at_k` has the k as text, as JSON wants it.
    `score_bins` counts the rows by log-odds bin (`fraud.scoring.bins`): what drift of the score is measured from.
    The fields with defaults are empty in records from before they were measured.
    """

    n: int
    frauds: int
    threshold: float
    average_precision: float
    roc_auc: float
    f1: float
    precision: float
    recall: float
    precision_at_100: float
    brier: float
    log_loss: float
    calibration_error: float
    confusion: Confusion
    score_histogram: tuple[int, ...]
    draws: int
    bounds: dict[str, Bounds]
    precision_recall_curve: tuple[CurvePoint, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    precision_at_k: dict[str, float] = {}
    fraud_histogram: tuple[int, ...] = ()
    score_bins: dict[str, int] = {}

    @property
    def accuracy(self) -> float:
        """Share of rows decided rightly; close to 1 for any model when fraud is rare."""
        return (self.confusion.tp + self.confusion.tn) / self.n


class Difference(msgspec.Struct, frozen=True):
    """Candidate minus active, with the 95 % interval."""

    point: float
    lower: float
    upper: float


class PairedDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Two models on the same rows and the same resamples: the first one's metric minus the second one's."""

    n: int
    frauds: int
    draws: int
    f1: Difference
    average_precision: Difference


class Comparison(PairedDifference, frozen=True, kw_only=True):
    """The paired difference to the version that was active when this one was measured."""

    version: str


def evaluation_from_record(record: Mapping[str, object]) -> Evaluation:
    """The Evaluation whose `msgspec.to_builtins` form was stored; msgspec.ValidationError for anything else."""
    return msgspec.convert(dict(record), Evaluation)
