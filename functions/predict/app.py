"""predict: score one transaction. Nothing heavy is imported here; see `fraud.scoring`."""

from functools import cache
from typing import Any

from fraud import settings
from fraud.http.access import admitted
from fraud.http.envelope import Response, body, guarded, header, respond
from fraud.scoring.assembly import Parts
from fraud.scoring.predict import Predictor


@cache
def predictor() -> Predictor:
    parts = Parts(settings.read(settings.PredictSettings))
    return Predictor(parts.models, parts.recorder("/predict"))


def handler(event: dict[str, Any], context: object) -> Response:
    def answer(request: str) -> Response:
        admitted(event, "predict")
        rescore = (header(event, "x-rescore") or "").lower() == "true"
        return respond(200, predictor().predict(body(event), request, rescore=rescore), request)

    return guarded(event, answer)
