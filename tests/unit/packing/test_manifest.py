import json
from typing import Any

import pytest

from fraud.errors import InvalidArtefactError
from fraud.packing.manifest import MAX_BYTES, read_manifest

FULL: dict[str, Any] = {
    "description": "weekly retraining",
    "metrics": {"f1": 0.9},
    "git_commit": "abc",
    "build_id": "7",
    "sha256": "00",
    "threshold": 0.4,
    "feature_names": ["a", "b"],
    "schema": {"features": [{"name": "b", "median": 2.0, "required": True, "quantiles": [1.0, 2.0]}, {"name": "a"}]},
    "training_data_sha256": "11",
}


def test_a_manifest_gives_names_and_the_medians_it_knows() -> None:
    manifest = read_manifest(json.dumps(FULL).encode())

    assert manifest.names == ("a", "b")
    assert manifest.medians == {"b": 2.0}
    assert manifest.threshold == 0.4


def test_without_feature_names_the_schema_names_the_columns() -> None:
    assert read_manifest(json.dumps({"schema": FULL["schema"]}).encode()).names == ("b", "a")


def test_an_empty_manifest_claims_nothing() -> None:
    manifest = read_manifest(b"{}")

    assert (manifest.names, manifest.medians, manifest.sha256) == (None, {}, None)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not usable"),
        (b"[]", "not usable"),
        (b"\xef\xbb\xbf{}", "not usable"),
        (b"\xff\xfe", "not usable"),
        (b'{"unknown": 1}', "unknown"),
        (b'{"threshold": true}', "threshold"),
        (b'{"threshold": "0.5"}', "threshold"),
        (b'{"threshold": NaN}', "NaN"),
        (b'{"threshold": -Infinity}', "Infinity"),
        (b'{"threshold": 1e999}', "too large"),
        (b'{"metrics": {"n": 99999999999999999999}}', "too large"),
        (b'{"description": "a", "description": "b"}', "repeated"),
        (b'{"metrics": {"a": 1, "a": 2}}', "repeated"),
        (b'{"description": "\\ud800"}', "surrogates"),
        (b'{"metrics": {"\\ud800": 1}}', "surrogates"),
        (b'{"metrics": ' + b'{"a":' * 20 + b"1" + b"}" * 21, "deeper"),
        (b'{"metrics": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "not usable"),
        (b'{"schema": {"features": [{"name": "a", "mean": 1}]}}', "mean"),
        (b'{"feature_names": ["a", 1]}', "feature_names"),
        (b" " * (MAX_BYTES + 1), "bytes"),
    ],
)
def test_anything_but_a_strict_manifest_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(InvalidArtefactError, match=why):
        read_manifest(data)
