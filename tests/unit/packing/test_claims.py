from datetime import date
from typing import Any

import numpy as np
import pytest

from fraud.errors import InvalidArtefactError
from fraud.packing.claims import plain_claims


def test_claims_become_plain_values() -> None:
    claims = {"a": np.int64(3), "b": (1, 2.5, None, True), "c": {"d": date(2026, 1, 2)}, "e": np.array([1.0, np.inf])}

    assert plain_claims(claims) == {
        "a": 3,
        "b": [1, 2.5, None, True],
        "c": {"d": "2026-01-02"},
        "e": [1.0, None],
    }


def _doubling(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested, nested]
    return nested


@pytest.mark.parametrize(
    "claims",
    [
        {"a": object()},
        {"a": b"bytes"},
        {"a": {1: 2}},
        {"a": 1 << 70},
        {"a": "\ud800"},
        {"a": "x" * 5000},
        {"a": [[[[[[[[1]]]]]]]]},
        {"a": list(range(5000))},
        {"a": _doubling(60)},
    ],
)
def test_claims_that_cannot_be_kept_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidArtefactError, match="metadata"):
        plain_claims(claims)
