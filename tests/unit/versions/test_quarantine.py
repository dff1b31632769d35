from typing import Any

import msgspec
import pytest

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed import container
from fraud.versions.quarantine import Drop, QuarantineReport, Refusal, decode, encode

REPORT = QuarantineReport(
    version="v1.2.3",
    drop=Drop("bucket", "drops/v1.2.3/model.joblib", "id", "AWS:operator", "ab" * 32, 123),
    received_at="2026-01-01T00:00:00.000Z",
    packed_at="2026-01-01T00:00:01.000Z",
    family="RandomForestClassifier",
    features=("amount", "V1"),
    columns_assumed="as given",
    libraries={"scikit-learn": "1.9.1"},
    metadata={"f1": 0.9, "deep": [{"a": None}]},
    manifest={"threshold": 0.5},
    packed=b"FRAUDPK1 and more",
    golden_rows=((1.0, 2.0), (3.0, -0.0)),
    golden_answers=(0.25, 1.0),
)


def test_a_report_survives_encoding() -> None:
    assert decode(encode(REPORT)) == REPORT


def test_the_same_report_gives_the_same_bytes() -> None:
    assert encode(REPORT) == encode(decode(encode(REPORT)))


def test_a_refusal_holds_no_model() -> None:
    refused = QuarantineReport(version="v1.0.0", refused=Refusal("invalid_artefact", "a text file"))

    found = decode(encode(refused))

    assert found == refused
    assert (found.packed, found.golden_rows, found.golden_answers) == (b"", (), ())


def test_the_packed_hash_is_that_of_the_packed_bytes() -> None:
    changed = msgspec.structs.replace(REPORT, packed=b"other")

    assert REPORT.packed_sha256 != changed.packed_sha256
    assert len(REPORT.packed_sha256) == 64


def _forged(header: dict[str, Any] | None = None, **arrays: bytes) -> bytes:
    honest, views = container.decode(encode(REPORT))
    return container.encode({**honest, **(header or {})}, {**views, **arrays})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encode(REPORT)[:-8],
        _forged({"kind": "fraud_model"}),
        _forged({"more": 1}),
        _forged({"facts": {"version": 1}}),
        _forged({"facts": {"unknown": 1}}),
        _forged({"facts": {"features": ["a", "b", "c"]}}),
        _forged({"facts": {"features": []}}),
        _forged(golden_rows=b"abc"),
        _forged(more=b"x"),
    ],
)
def test_a_forged_report_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidPackedModelError):
        decode(data)
