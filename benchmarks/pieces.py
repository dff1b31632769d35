"""A warm request taken apart: the handler's own calls, timed from inside a real request."""

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from benchmarks.lean import Engine, handler_with
from benchmarks.subject import Subject

REQUESTS, WARM_UP = 600, 100
REST = "the rest: envelope, ids, verdict"
# piece -> what the handler calls for it
PIECES = {
    "parse and validate, one pass": ("fraud.scoring.transaction.decode",),
    "fit to the model's columns": ("fraud.scoring.schema.RowReader.row",),
    "route": ("fraud.scoring.live.LiveModels.lineup",),
    "score": ("{engine}.score",),
    "explain": ("{engine}.explain", "fraud.scoring.predict.explain"),
    "record: fields, digest": (
        "fraud.requests.record.decision_item",
        "fraud.requests.redaction.Redactor.fields",
        "fraud.scoring.transaction.record_key",
    ),
    "write: sign, send, wait, read": ("fraud.requests.store.RequestStore.put_once",),
    "log line": ("fraud.scoring.predict.log",),
    "serialise": ("functions.predict.app.respond",),
}


def pieces(engine: Engine, subject: Subject) -> dict[str, float]:
    """Microseconds of CPU by piece of one request, the mean of many; together they are the whole request."""
    call, spent = handler_with(engine, subject), defaultdict[str, float](float)
    name = f"{type(engine).__module__}.{type(engine).__qualname__}"
    with ExitStack() as stack:
        for piece, places in PIECES.items():
            for place in places:
                _time(stack, place.format(engine=name), piece, spent)
        for _ in range(WARM_UP):
            call()
        spent.clear()
        began = time.thread_time()
        for _ in range(REQUESTS):
            call()
        whole = time.thread_time() - began
    told = {piece: spent[piece] / REQUESTS * 1e6 for piece in PIECES}
    return {**told, REST: whole / REQUESTS * 1e6 - sum(told.values())}


def _time(stack: ExitStack, place: str, piece: str, spent: dict[str, float]) -> None:
    """Add what a function spends to its piece as long as `stack` is open."""
    clock = time.thread_time

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            began = clock()
            try:
                return function(*args, **named)
            finally:
                spent[piece] += clock() - began

        return call

    patched = patch(place, autospec=False)
    original = patched.get_original()[0]
    stack.enter_context(patch(place, timed(original)))
