"""A shadow scores what the active version has answered, from the log, where no caller waits."""

from collections.abc import Iterable, Sequence

from fraud.observability import log
from fraud.requests.record import Item, scored
from fraud.scoring.live import ServingModel
from fraud.traffic.figures import Figures
from fraud.traffic.routing import Routing
from fraud.traffic.sequential.means import Moments, moments


def overshadow(
    records: Iterable[Item], routing: Routing, shadow: ServingModel, columns: Sequence[str]
) -> tuple[Figures, Figures]:
    """What the shadow and the active version did on the same decisions, and a log line of each.

    `columns` name the active version's row; a column the shadow has besides is filled with its median. What another
    version answered, or was answered before the shadow began, is left out. Latency is not compared: they are not
    timed alike.
    """
    mine: list[tuple[bool, float] | None] = []
    theirs: list[tuple[bool, float]] = []
    for item in records:
        if item.get("v") != routing.active or item["at"] < routing.at:
            continue
        told = scored(item)
        found = _scored(shadow, dict(zip(columns, told.row, strict=True)))
        mine.append(found)
        theirs.append((bool(item["f"]), told.probability))
        _tell(item, shadow.version, found, told.probability)
    return _figures(mine), _figures(theirs)


def _scored(shadow: ServingModel, values: dict[str, float]) -> tuple[bool, float] | None:
    """Verdict and probability, None when the shadow fails, whatever the reason: it is not to fail anybody."""
    row = [values.get(name, median) for name, median in zip(shadow.names, shadow.medians, strict=True)]
    try:
        probability = shadow.packed.score(row)
    except Exception as error:
        log("shadow_failed", level="ERROR", version=shadow.version, error=type(error).__name__)
        return None
    return probability >= shadow.thresholds.decision, probability


def _figures(answers: Sequence[tuple[bool, float] | None]) -> Figures:
    given = [one for one in answers if one is not None]
    return Figures(
        requests=len(answers),
        errors=len(answers) - len(given),
        alerts=sum(flagged for flagged, _ in given),
        scores=_scores([probability for _, probability in given]),
    )


def _scores(probabilities: list[float]) -> Moments:
    return moments([(100.0 * one, 1) for one in probabilities])


def _tell(item: Item, version: str, found: tuple[bool, float] | None, active: float) -> None:
    log(
        "shadow_scored",
        transaction_id=item["pk"].removeprefix("TXN#"),
        version=version,
        is_fraud=found[0] if found else None,
        fraud_probability=found[1] if found else None,
        active_version=item["v"],
        active_is_fraud=item["f"],
        active_probability=active,
    )
