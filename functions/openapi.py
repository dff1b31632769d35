"""The OpenAPI 3.1 document, made from every handler: `python -m functions.openapi` writes the file `health` serves.

The control plane describes itself through Powertools and pydantic; `predict` through msgspec's JSON Schema.
"""

import json
import re
from pathlib import Path
from typing import Any

import msgspec

import fraud.http
from fraud.http.envelope import API_PREFIX
from fraud.scoring.batch_reply import BatchReply
from fraud.scoring.items import MAX_ITEMS
from fraud.scoring.prediction import Prediction
from fraud.scoring.transaction import Transaction
from functions.audit.app import app as audit
from functions.batches.app import app as batches
from functions.deploy.app import app as deploy
from functions.feedback.app import app as feedback
from functions.health.app import app as health
from functions.models.app import app as models
from functions.monitoring.app import app as monitoring
from functions.rollout.app import app as rollout

Document = dict[str, Any]
APPS = (models, rollout, deploy, batches, monitoring, feedback, health, audit)
TITLE, VERSION = "Fraud Detection API", "1.0.0"
DESCRIPTION = "Scores card transactions, explains every score, and manages the model versions behind it."
TARGET = Path(fraud.http.__file__).parent / "openapi.json"


class Problem(msgspec.Struct):
    """One offending field."""

    field: str
    problem: str


class Failure(msgspec.Struct):
    """What went wrong: `code` is stable, `message` is for people."""

    code: str
    message: str
    details: list[Problem]
    request_id: str


class ErrorReply(msgspec.Struct):
    """The one error envelope."""

    error: Failure


def document() -> Document:
    """The whole document."""
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": DESCRIPTION},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {"api_key": _API_KEY}},
    }
    for app in APPS:
        _merge(merged, json.loads(app.get_openapi_json_schema(title=TITLE, version=VERSION)))
    _merge(merged, _predict())
    wanted = scopes()
    for path, operations in merged["paths"].items():
        for verb, operation in operations.items():
            _finish(operation, wanted[f"{verb.upper()} {path.removeprefix(API_PREFIX)}"])
    return merged


def scopes() -> dict[str, str | None]:
    """The scope each `VERB /path` asks for, None for what anybody may call."""
    declared = [route for app in APPS for route in app.declared()]
    named = {f"{one.method} {re.sub('<(.+?)>', _BRACES, one.path)}": one.scope for one in declared}
    return {**named, "POST /predict": "predict", "POST /predict/batch": "predict"}


_BRACES = r"{\1}"
_API_KEY = {"type": "apiKey", "in": "header", "name": "x-api-key"}
_REFUSALS = {
    "400": "The body is not JSON",
    "401": "The call is not signed as it must be",
    "403": "The API key is missing, unknown, expired, revoked or lacks the scope",
    "404": "Nothing is stored under this name",
    "409": "The request cannot be carried out in the present state",
    "413": "More or longer than the limit",
    "422": "A field is missing, unknown or not allowed",
    "429": "More requests than the key's plan allows",
    "503": "Nothing is active, or a dependency does not answer",
}


def _merge(into: Document, part: Document) -> None:
    for path, operations in part["paths"].items():
        full = path if path.startswith(API_PREFIX) else API_PREFIX + path
        into["paths"].setdefault(full, {}).update(operations)
    for name, schema in part.get("components", {}).get("schemas", {}).items():
        if not name.endswith("ValidationError"):
            into["components"]["schemas"][name] = schema


def _predict() -> Document:
    """`POST /predict` and `POST /predict/batch` as msgspec sees them."""
    (asked, answered, many, refused), schemas = msgspec.json.schema_components(
        (Transaction, Prediction, BatchReply, ErrorReply), ref_template="#/components/schemas/{name}"
    )
    del refused
    listed = {"type": "array", "items": asked, "minItems": 1, "maxItems": MAX_ITEMS}
    wrapped = {"type": "object", "properties": {"transactions": listed}, "required": ["transactions"]}
    single = {
        "summary": "Score one transaction",
        "operationId": "predict",
        "parameters": [_RESCORE, _EXPLAIN],
        **_spoken(asked, {"200": ("The prediction", answered)}),
    }
    batch = {
        "summary": "Score up to 1,000 transactions; a bad one costs only itself",
        "operationId": "predict_batch",
        "parameters": [_RESCORE, _EXPLAIN],
        **_spoken(
            {"anyOf": [listed, wrapped]},
            {"200": ("Every item has an answer", many), "207": ("Some items have an error instead", many)},
        ),
    }
    paths = {"/predict": {"post": single}, "/predict/batch": {"post": batch}}
    return {"paths": paths, "components": {"schemas": schemas}}


_RESCORE = {
    "name": "X-Rescore",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "enum": ["true", "false"]},
    "description": "score and log anew even when the same transaction was answered before",
}
_EXPLAIN = {
    "name": "explain",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": ["true", "false"], "default": "true"},
    "description": "whether the answer says why: with false its explanation is null (its record always has one)",
}


def _spoken(asked: Document, replies: dict[str, tuple[str, Document]]) -> Document:
    """What an operation takes and gives."""
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
        "responses": {
            status: {"description": words, "content": {"application/json": {"schema": schema}}}
            for status, (words, schema) in replies.items()
        },
    }


def _finish(operation: Document, scope: str | None) -> None:
    envelope = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorReply"}}}
    # OpenAPI 3.1 lets a scheme of any type name the roles that are needed
    operation["security"] = [{"api_key": [scope]}] if scope else []
    for status, words in _REFUSALS.items():
        if scope:
            operation["responses"][status] = {"description": words, "content": envelope}
    if scope is None:
        operation["responses"].pop("422", None)


def text() -> str:
    """The document as the committed file holds it."""
    return json.dumps(document(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
