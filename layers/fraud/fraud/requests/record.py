"""The request-log record: at once the log entry, the idempotency record and the cached answer.

A decision stays under 1 KB (DynamoDB's unit of price): the row is packed as float64 bytes, the explanation as
msgpack without its texts, which are derived again from the numbers.
"""

import struct
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fraud.clock import rfc3339
from fraud.scoring.prediction import Explanation, Prediction, factor
from fraud.scoring.risk import Adjustment

OK = 200
Item = dict[str, Any]
_Packed = tuple[
    float,  # probability: here and not a DynamoDB number, which cannot hold 1e-200
    float,  # amount
    str,  # method
    str,  # unit
    float,  # base
    float,  # margin
    float,  # other
    float,  # confidence
    str,  # recommendation
    list[tuple[str, float, float]],  # factors: name, value, contribution; the sign says which side
    list[Adjustment],
    list[str],  # imputed features
]
_unpack = msgspec.msgpack.Decoder(
    _Packed
).decode  # made before threads use it: msgspec describes a type at its first use


def transaction_pk(transaction_id: str) -> str:
    """Partition of everything recorded about one transaction."""
    return f"TXN#{transaction_id}"


def decision_item(
    prediction: Prediction,
    *,
    digest: str,
    row: list[float],
    free_fields: dict[str, str],
    endpoint: str,
    amount: float,
    at: datetime,
    retention: timedelta,
) -> Item:
    """The item of one answered request."""
    return {
        "pk": transaction_pk(prediction.transaction_id),
        "sk": digest,
        "at": rfc3339(at),
        "ep": endpoint,
        "s": OK,
        "v": prediction.model_version,
        "f": prediction.is_fraud,
        "r": prediction.risk_score,
        "ms": prediction.processing_time_ms,
        "rid": prediction.request_id,
        "x": struct.pack(f"<{len(row)}d", *row),
        "e": _pack(prediction, amount),
        "expires_at": int((at + retention).timestamp()),
        **free_fields,
    }


def failure_item(
    transaction_id: str,
    *,
    suffix: str,
    status: int,
    code: str,
    request_id: str,
    endpoint: str,
    at: datetime,
    retention: timedelta,
) -> Item:
    """The item of a refused request; the `failures` index finds it by day."""
    return {
        "pk": transaction_pk(transaction_id),
        "sk": f"ERR#{suffix}",
        "at": rfc3339(at),
        "failure_day": rfc3339(at)[:10],
        "ep": endpoint,
        "s": status,
        "code": code,
        "rid": request_id,
        "expires_at": int((at + retention).timestamp()),
    }


def blamed(item: Item, version: str) -> Item:
    """The failure item as the failure of one version."""
    return {**item, "v": version}


def prediction_of(item: Item, *, cache_hit: bool) -> Prediction:
    """The answer a decision item stands for, word for word as it was given."""
    (
        probability,
        _,
        method,
        unit,
        base,
        margin,
        other,
        confidence,
        recommendation,
        factors,
        adjustments,
        imputed,
    ) = _unpack(item["e"])
    told = [factor(name, value, contribution, unit) for name, value, contribution in factors]
    return Prediction(
        transaction_id=item["pk"].removeprefix("TXN#"),
        is_fraud=item["f"],
        fraud_probability=probability,
        risk_score=float(item["r"]),
        model_version=item["v"],
        processing_time_ms=float(item["ms"]),
        explanation=Explanation(
            risk_factors=[one for one in told if one.contribution > 0],
            protective_factors=[one for one in told if one.contribution < 0],
            adjustments=adjustments,
            confidence=confidence,
            recommendation=recommendation,
            method=method,
            unit=unit,
            base=base,
            margin=margin,
            other=other,
        ),
        cache_hit=cache_hit,
        imputed_features=imputed,
        request_id=item["rid"],
    )


class Scored(msgspec.Struct, frozen=True):
    """The numbers of a decision: what it was decided on and what came out."""

    probability: float
    amount: float
    recommendation: str
    row: tuple[float, ...]


def scored(item: Item) -> Scored:
    """The numbers of a decision item."""
    told = _unpack(item["e"])
    return Scored(told[0], told[1], told[8], struct.unpack(f"<{len(item['x']) // 8}d", item["x"]))


def log_line(item: Item, names: tuple[str, ...]) -> dict[str, Any]:
    """The item as a person or Athena reads it; `names` are the columns of its version's schema."""
    line: dict[str, Any] = {
        "transaction_id": item["pk"].removeprefix("TXN#"),
        "at": item["at"],
        "endpoint": item["ep"],
        "status_code": item["s"],
        "request_id": item["rid"],
    }
    if item["s"] != OK:
        refused = {**line, "error_code": item["code"], "failure_id": item["sk"].removeprefix("ERR#")}
        return {**refused, "model_version": item["v"]} if "v" in item else refused
    prediction = msgspec.to_builtins(prediction_of(item, cache_hit=False))
    told = scored(item)
    free = {name: item[name] for name in ("merchant_category", "location", "entity_id") if name in item}
    return {
        **prediction,
        **line,
        "digest": item["sk"],
        "amount": told.amount,
        **free,
        "features": dict(zip(names, told.row, strict=True)),
    }


def _pack(prediction: Prediction, amount: float) -> bytes:
    told = prediction.explanation
    if told is None:
        raise ValueError("only an explained prediction can be recorded")
    factors = [(one.factor, one.value, one.contribution) for one in (*told.risk_factors, *told.protective_factors)]
    packed: _Packed = (
        prediction.fraud_probability,
        amount,
        told.method,
        told.unit,
        told.base,
        told.margin,
        told.other,
        told.confidence,
        told.recommendation,
        factors,
        told.adjustments,
        prediction.imputed_features,
    )
    return msgspec.msgpack.encode(packed)
