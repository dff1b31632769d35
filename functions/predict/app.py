"""predict: score one transaction. Nothing heavy is imported here; see `fraud.scoring`."""

from datetime import timedelta
from functools import cache
from typing import Any

from fraud import settings
from fraud.aws.lean.client import LeanClient
from fraud.http.envelope import Response, body, guarded, header, respond
from fraud.requests.redaction import Redactor
from fraud.requests.store import RequestStore
from fraud.scoring.live import LiveModels
from fraud.scoring.predict import Predictor
from fraud.scoring.store import ServingStore


@cache
def predictor() -> Predictor:
    told = settings.read(settings.PredictSettings)
    client = LeanClient(told.aws_region, endpoint_url=told.aws_endpoint_url)
    models = LiveModels(
        ServingStore(client, told.registry_table, told.model_bucket),
        cache_size=told.model_cache_size,
        routing_seconds=told.routing_cache_seconds,
    )
    return Predictor(
        models,
        RequestStore(client, told.requests_table),
        Redactor(lambda: client.secret_value(told.token_secret_arn)),
        timedelta(days=told.log_retention_days),
    )


def handler(event: dict[str, Any], context: object) -> Response:
    def answer(request: str) -> Response:
        rescore = (header(event, "x-rescore") or "").lower() == "true"
        return respond(200, predictor().predict(body(event), request, rescore=rescore), request)

    return guarded(event, answer)
