"""What a caller, an operator and a log reader do from outside: HTTP, S3 and nothing else."""

import gzip
import hashlib
import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
import joblib

Found = TypeVar("Found")
Outputs = dict[str, str]
Reply = tuple[int, dict[str, Any]]
FINAL = ("activated", "held", "rejected")


class Caller:
    """Speaks to one running system."""

    def __init__(self, outputs: Outputs) -> None:
        self.outputs = outputs
        self.s3: Any = boto3.client(
            "s3", endpoint_url=outputs["endpoint_url"], region_name=outputs["region"],
            aws_access_key_id="test", aws_secret_access_key="test", aws_session_token=None,
        )  # fmt: skip

    def call(self, method: str, path: str, body: object = None, *, key: str | None = "admin", **headers: str) -> Reply:
        """One HTTP call; a throttled one waits its turn."""
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        keys = {"admin": self.outputs["admin_api_key"], "client": self.outputs["api_key"]}
        known = {"x-api-key": keys.get(key, key)} if key else {}
        url = f"{self.outputs['api_url']}/api/v1{path}"
        request = urllib.request.Request(url, data=sent, method=method, headers={**known, **headers})  # noqa: S310
        for _ in range(60):
            try:
                with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as refused:
                if refused.code != 429:
                    return refused.code, json.load(refused)
            time.sleep(1)
        raise TimeoutError(f"{method} {path} stayed throttled for a minute")

    def predict(self, transaction: dict[str, Any]) -> Reply:
        """Score with the caller's key, not the operator's."""
        return self.call("POST", "/predict", transaction, key="client")

    def drop(self, key: str, artefact: object, manifest: dict[str, Any] | bytes | None = None) -> dict[str, Any]:
        """Put an artefact (after its manifest) and wait for the end of its deployment."""
        body = artefact if isinstance(artefact, bytes) else dumped(artefact)
        if manifest is not None:
            beside = key.rpartition("/")[0] + "/manifest.json"
            told = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
            self.s3.put_object(Bucket=self.outputs["model_bucket"], Key=beside, Body=told)
        self.s3.put_object(Bucket=self.outputs["model_bucket"], Key=key, Body=body)
        digests = (hashlib.sha256(body).hexdigest(), "")

        def ended() -> dict[str, Any] | None:
            found = self.call("GET", "/deployments")[1]["deployments"]
            mine = (one for one in found if one["drop_key"] == key and one["drop_sha256"] in digests)
            return next((one for one in mine if one["state"] in FINAL), None)

        return wait(ended, 60)

    def activate(self, version: str) -> dict[str, Any]:
        """Make a version the active one and wait until every warm instance obeys."""
        status, body = self.call("POST", f"/models/activate/{version}", {"reason": "system test"})
        assert status == 200, body
        time.sleep(5.5)
        return body

    @property
    def active(self) -> str:
        """The active version."""
        return str(self.call("GET", "/models/active")[1]["version"])

    def archived(self) -> dict[str, dict[str, Any]]:
        """Every archived line by transaction id."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.outputs["log_bucket"], Prefix="logs/")
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        bodies = (self.s3.get_object(Bucket=self.outputs["log_bucket"], Key=key)["Body"].read() for key in keys)
        lines = (json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines())
        return {line["transaction_id"]: line for line in lines}


def dumped(artefact: object) -> bytes:
    """The bytes of `model.joblib`."""
    buffer = io.BytesIO()
    joblib.dump(artefact, buffer)
    return buffer.getvalue()


def wait(look: Callable[[], Found | None], seconds: float) -> Found:
    """Look until something is found."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.25)
    return found
