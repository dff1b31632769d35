"""A fraud Lambda as tutorials build it: scikit-learn, joblib, boto3, Powertools, pydantic.

Nothing is made slow on purpose: the model is loaded once, rows go in as numpy arrays, jobs are not parallel, the log
item is written as one JSON document.
"""

import io
import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import joblib
import numpy as np
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel, ConfigDict, Field

logger = Logger(service="fraud", level="INFO")
metrics = Metrics(namespace="Fraud", service="fraud")
s3 = boto3.client("s3")
dynamodb = boto3.client("dynamodb")
_model: Any = None


class Transaction(BaseModel):
    """The request."""

    model_config = ConfigDict(extra="forbid")

    transaction_id: str = Field(min_length=1, max_length=128)
    amount: float = Field(ge=0, allow_inf_nan=False)
    time: float = Field(ge=0, allow_inf_nan=False)
    features: dict[str, float]


def model() -> Any:
    """The fitted model from S3, once."""
    global _model  # noqa: PLW0603 -- as tutorials keep it
    if _model is None:
        found = s3.get_object(Bucket=os.environ["MODEL_BUCKET"], Key="model.joblib")
        _model = joblib.load(io.BytesIO(found["Body"].read()))
    return _model


def score(asked: Transaction) -> dict[str, Any]:
    """The answer without a trace of it."""
    row = [asked.time, *(asked.features[f"V{number}"] for number in range(1, 29)), asked.amount]
    probability = float(model().predict_proba(np.array([row]))[0, 1])
    return {
        "transaction_id": asked.transaction_id,
        "is_fraud": probability >= 0.5,
        "fraud_probability": probability,
        "risk_score": round(probability * 100, 2),
        "model_version": "v1.0.0",
    }


def answer(body: str) -> str:
    """Parse, validate, score, serialise: nothing else."""
    return json.dumps(score(Transaction.model_validate_json(body)))


def answer_many(body: str) -> str:
    """The same for a list, one row after another."""
    return json.dumps({"predictions": [score(Transaction(**asked)) for asked in json.loads(body)["transactions"]]})


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """API Gateway event in, recorded answer out."""
    started = time.perf_counter()
    told = score(Transaction.model_validate_json(event["body"]))
    told["processing_time_ms"] = round((time.perf_counter() - started) * 1000, 3)
    dynamodb.put_item(
        TableName=os.environ["REQUESTS_TABLE"],
        Item={
            "pk": {"S": f"TXN#{told['transaction_id']}"},
            "sk": {"S": datetime.now(UTC).isoformat()},
            "request": {"S": event["body"]},
            "response": {"S": json.dumps(told)},
            "expires_at": {"N": str(int((datetime.now(UTC) + timedelta(days=30)).timestamp()))},
        },
    )
    logger.info("predicted", extra={"transaction_id": told["transaction_id"], "is_fraud": told["is_fraud"]})
    metrics.add_metric(name="Predictions", unit=MetricUnit.Count, value=1)
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(told)}
