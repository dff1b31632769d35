"""predict: score one transaction or a batch. Nothing heavy is imported here; see `fraud.scoring`."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.http.access import admitted
from fraud.http.envelope import Response, body, explain_wanted, guarded, header, respond
from fraud.scoring import batch_reply
from fraud.scoring.assembly import Parts
from fraud.scoring.batch import BatchScorer
from fraud.scoring.predict import Predictor
from fraud.scoring.prediction import unexplained
from fraud.scoring.warm_up import warm_up

BATCH = "/predict/batch"
BATCH_BYTES = 4 << 20


@cache
def parts() -> Parts:
    return Parts(settings.read(settings.PredictSettings))


@cache
def predictor() -> Predictor:
    return Predictor(parts().models, parts().recorder("/predict"))


@cache
def scorer() -> BatchScorer:
    return BatchScorer(parts().models, parts().recorder(BATCH))


def single(event: dict[str, Any], request: str) -> Response:
    explain = explain_wanted(event)
    answer = predictor().predict(body(event), request, rescore=rescore(event))
    return respond(200, answer if explain else unexplained(answer), request)


def batch(event: dict[str, Any], request: str) -> Response:
    explain = explain_wanted(event)
    reply = batch_reply.reply_to(scorer(), body(event, BATCH_BYTES), request, rescore=rescore(event))
    return respond(reply.status, batch_reply.encoded(reply, explain=explain), request)


def rescore(event: dict[str, Any]) -> bool:
    return (header(event, "x-rescore") or "").lower() == "true"


def handler(event: dict[str, Any], context: object) -> Response:
    if "warm_up" in event:  # invoked by `models` before it moves the pointer, never by API Gateway
        return warm_up(parts().models, event["warm_up"])

    def answer(request: str) -> Response:
        admitted(event, "predict")
        return (batch if event["path"].endswith(BATCH) else single)(event, request)

    return guarded(event, answer)
