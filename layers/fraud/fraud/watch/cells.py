"""What is counted: one cell a version and endpoint within a slice of time.

All sums are integers (microseconds, cents, billionths), so that adding in any order gives the same cell.
"""

from collections.abc import Iterable, Sequence

import msgspec

from fraud.requests.record import OK, Item, scored
from fraud.scoring.bins import logit_bin, quantile_bin
from fraud.watch import histogram
from fraud.watch.custom import CustomMetric, fulfilled
from fraud.watch.histogram import Counts

BILLION = 1_000_000_000
NO_VERSION = "none"
Edges = Sequence[Sequence[float]]


class Cell(msgspec.Struct, array_like=True):
    """Counts of one version and endpoint.

    `latency` by bucket, `scores` by log-odds bin, `features` by column and training quantile bin (empty without
    known quantiles). `flagged_score` and `passed_score` sum the probabilities at or above and below the threshold.
    """

    statuses: Counts = {}
    errors: dict[str, int] = {}
    recommendations: dict[str, int] = {}
    frauds: int = 0
    high_risk: int = 0
    amount_cents: str = "0"  # text: a caller's amounts may sum beyond 64 bits
    fraud_amount_cents: str = "0"
    latency: Counts = {}
    latency_us: int = 0
    latency_min_us: int | None = None
    latency_max_us: int | None = None
    scores: Counts = {}
    flagged_score: int = 0
    passed_score: int = 0
    features: list[Counts] = []
    passed_over: int = 0  # times another version answered because this one failed
    custom: dict[str, int] = {}  # by the operator's own metric

    @property
    def total(self) -> int:
        """Recorded requests; a row of a batch is one."""
        return sum(self.statuses.values())

    @property
    def succeeded(self) -> int:
        """Requests that were answered with a prediction."""
        return self.statuses.get(OK, 0)

    @property
    def failed(self) -> int:
        """Requests that were refused or failed."""
        return self.total - self.succeeded

    @property
    def unanswered(self) -> int:
        """Requests that failed on our side (status 500 and above)."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    @property
    def broken(self) -> int:
        """Failures of the version: requests it left unanswered, or another version answered in its place."""
        return self.unanswered + self.passed_over

    def add(self, other: "Cell") -> None:
        """Add another cell's counts to this one's."""
        histogram.add(self.statuses, other.statuses)
        histogram.add(self.errors, other.errors)
        histogram.add(self.recommendations, other.recommendations)
        histogram.add(self.latency, other.latency)
        histogram.add(self.scores, other.scores)
        histogram.add(self.custom, other.custom)
        self.passed_over += other.passed_over
        self.frauds += other.frauds
        self.high_risk += other.high_risk
        self.latency_us += other.latency_us
        self.flagged_score += other.flagged_score
        self.passed_score += other.passed_score
        self.amount_cents = str(int(self.amount_cents) + int(other.amount_cents))
        self.fraud_amount_cents = str(int(self.fraud_amount_cents) + int(other.fraud_amount_cents))
        self.latency_min_us = min(_known(self.latency_min_us, other.latency_min_us), default=None)
        self.latency_max_us = max(_known(self.latency_max_us, other.latency_max_us), default=None)
        self.features.extend({} for _ in range(len(other.features) - len(self.features)))
        for mine, theirs in zip(self.features, other.features, strict=False):
            histogram.add(mine, theirs)


Slice = dict[str, Cell]


def cell_of(item: Item, edges: Edges, high_risk_score: float, own: Sequence[CustomMetric] = ()) -> Cell:
    """The cell of one request record; `edges` are its version's training quantiles by column."""
    if item["s"] != OK:
        return Cell(statuses={int(item["s"]): 1}, errors={item["code"]: 1})
    told, micros = scored(item), round(float(item["ms"]) * 1000)
    cents, billionths = str(round(told.amount * 100)), round(told.probability * BILLION)
    return Cell(
        statuses={OK: 1},
        recommendations={told.recommendation: 1},
        frauds=int(item["f"]),
        high_risk=int(float(item["r"]) > high_risk_score),
        amount_cents=cents,
        fraud_amount_cents=cents if item["f"] else "0",
        latency={histogram.bucket(micros): 1},
        latency_us=micros,
        latency_min_us=micros,
        latency_max_us=micros,
        scores={logit_bin(told.probability): 1},
        flagged_score=billionths if item["f"] else 0,
        passed_score=0 if item["f"] else billionths,
        custom=fulfilled(own, item, told),
        features=[{quantile_bin(cuts, x): 1} if cuts else {} for cuts, x in zip(edges, told.row, strict=False)],
    )


def cell_key(version: str, endpoint: str) -> str:
    """What a cell is called within its slice."""
    return f"{version} {endpoint}"


def merged(slices: Iterable[Slice], version: str | None = None, endpoint: str | None = None) -> Cell:
    """The sum of the cells of a version and an endpoint; None stands for all.

    Features of different versions have different bins: they are summed for a single version alone.
    """
    total = Cell()
    for held in slices:
        for key, cell in held.items():
            of_version, of_endpoint = key.split(" ", 1)
            if version in (None, of_version) and endpoint in (None, of_endpoint):
                total.add(cell if version else msgspec.structs.replace(cell, features=[]))
    return total


def _known(*values: int | None) -> list[int]:
    return [value for value in values if value is not None]
