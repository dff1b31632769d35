"""The loopback AWS with a live model in it, and the environment in which a function finds it."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import joblib

from benchmarks.stub import Tables
from benchmarks.subject import FOLDER, ROOT, Subject, record, registry_items
from fraud.aws.clients import client
from fraud.aws.lean.client import lean_client
from fraud.http.access import guard
from functions.predict import app

MODEL_FILE = "model.joblib"


class Scene(NamedTuple):
    """Where it answers, and a function's environment."""

    url: str
    environment: dict[str, str]

    def seen(self) -> dict[str, int]:
        """Calls answered by operation, items read and written, since this was last asked."""
        with urllib.request.urlopen(f"{self.url}/_seen", timeout=5) as reply:  # noqa: S310 -- loopback
            found: dict[str, int] = json.load(reply)
        return found


@contextmanager
def scene(subject: Subject) -> Iterator[Scene]:
    """The stub in a process of its own, its model live; this process's environment points there meanwhile."""
    folder = FOLDER / "scene"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / Path(record(subject).packed_key).name).write_bytes(subject.packed)
    joblib.dump(subject.estimator, folder / MODEL_FILE)
    Tables(folder / "tables.sqlite").fill("Registry", registry_items(subject))
    with running(folder) as url:
        told = environment(url)
        with patch.dict(os.environ, told):
            go_cold()
            yield Scene(url, told)


def go_cold() -> None:
    """Forget what a warm process keeps: it is of the scene before."""
    for kept in (lean_client, client, guard, app.parts, app.scorer):
        kept.cache_clear()


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The stub over a folder; gives its URL."""
    command = [sys.executable, "-m", "benchmarks.stub", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def environment(url: str) -> dict[str, str]:
    """What predict is told in the template, with the stub for AWS."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "STAGE": "dev",
        "REGISTRY_TABLE": "Registry",
        "REQUESTS_TABLE": "Requests",
        "MODEL_BUCKET": "models",
        "LOG_BUCKET": "logs",
        "BATCH_BUCKET": "batches",
        "TOKEN_SECRET_ARN": "token",
        "SIGNING_SECRET_ARN": "signing",
        "NONCE_TABLE": "Nonces",
        "POWERTOOLS_SERVICE_NAME": "fraud",
    }
