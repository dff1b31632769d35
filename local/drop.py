"""The reference model: trained, dropped like any other model, followed until it is live, asked once."""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from local.aws import Aws
from local.children import Child, Command, child
from local.errors import ApiError, BusyError
from local.place import Place, environment

VERSION = "v1.0.0"
LIVE_SECONDS = 180.0
GOOD_ENDS, BAD_ENDS = {"activated"}, {"held", "rejected", "failed"}


def training(place: Place) -> AbstractContextManager[Child]:
    """The reference trainer, under way."""
    command: Command = [sys.executable, "-m", "training", "--out", place.state / "model"]
    return child("training", command, place.log("training"), env=environment(), cwd=place.root)


def upload(place: Place, aws: Aws, outputs: dict[str, str]) -> None:
    """Put the evaluation set where deploy looks for it, then the drop: its manifest first, the artefact last."""
    for name, key in (
        ("evaluation.npz", "evaluation/current.npz"),
        ("manifest.json", f"drops/{VERSION}/manifest.json"),
        ("model.joblib", f"drops/{VERSION}/model.joblib"),
    ):
        aws.s3.upload_file(str(place.state / "model" / name), outputs["model_bucket"], key)


def follow(outputs: dict[str, str], tell: Callable[[str], None]) -> None:
    """Tell each step the drop takes until its version is live; raises ApiError with the reason when it is not."""
    deadline, told = time.monotonic() + LIVE_SECONDS, 0
    while time.monotonic() < deadline:
        deployment: dict[str, Any] = {}
        with suppress(BusyError):
            deployment = _deployment(outputs)
        for step in deployment.get("steps", [])[told:]:
            told += 1
            tell(f"{step['step']}: {step['detail']}" if step.get("detail") else str(step["step"]))
        if deployment.get("state") in GOOD_ENDS:
            return
        if deployment.get("state") in BAD_ENDS:
            raise ApiError(f"{VERSION} is {deployment['state']}: {deployment.get('reason', 'no reason given')}")
        time.sleep(0.25)
    raise ApiError(f"{VERSION} was not live after {LIVE_SECONDS:.0f} s")


def example(place: Path) -> dict[str, Any]:
    """A transaction the API can score: the first fraud of the evaluation set in directory `place`."""
    with np.load(place / "evaluation.npz", allow_pickle=False) as data:
        row = data["X"][int(np.argmax(data["y"] == 1))]
        named = {str(name): round(float(value), 4) for name, value in zip(data["columns"], row, strict=True)}
    top = {name.lower(): named.pop(name) for name in list(named) if name.lower() in ("amount", "time")}
    return {"transaction_id": "example-1", **top, "features": named}


def score(outputs: dict[str, str], transaction: dict[str, Any]) -> dict[str, Any]:
    """The API's answer to one transaction; raises ApiError when it is no prediction."""
    return _call(outputs, "api_key", "/api/v1/predict", json.dumps(transaction).encode())


def _deployment(outputs: dict[str, str]) -> dict[str, Any]:
    listed = _call(outputs, "admin_api_key", f"/api/v1/deployments?version={VERSION}")["deployments"]
    return dict(listed[0]) if listed else {}


def _call(outputs: dict[str, str], key: str, path: str, body: bytes | None = None) -> dict[str, Any]:
    headers = {"x-api-key": outputs[key], "content-type": "application/json"}
    request = urllib.request.Request(outputs["api_url"] + path, data=body, headers=headers)  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as reply:
            return dict(json.load(reply))
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        with suppress(ValueError, KeyError, TypeError):
            text = json.loads(text)["error"]["message"]
        kind = BusyError if error.code >= 500 else ApiError
        raise kind(f"{path} answered {error.code}: {text}") from error
    except OSError as error:
        raise BusyError(f"{path} did not answer: {error}") from error
