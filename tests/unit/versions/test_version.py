"""Names of versions and keys: the grammar is exact."""

import pytest

from fraud.errors import InvalidArtefactError, InvalidRequestError
from fraud.scoring.schema import Feature, Schema
from fraud.versions.keys import parse_drop_key
from fraud.versions.version import ModelVersion, Provenance, storable, valid_version


@pytest.mark.parametrize("text", ["v1.0.0", "v0.0.1", "v12.34.56", "v1.0.0-rc1", "v1.0.0-rc.1-b"])
def test_v_and_a_semantic_version_is_a_version(text: str) -> None:
    assert valid_version(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "1.0.0", "v1.0", "v1.0.0.0", "v01.0.0", "v1.0.0-", "v1.0.0+b", "V1.0.0", "v1.0.0\n", "v1.0.0/x", "v\uff11.0.0",
     "v1.0.0-" + "a" * 60, "..", "v1.0.0-a..b"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        valid_version(text)
    assert refused.value.details[0]["field"] == "version"


def test_a_drop_key_names_its_version_and_file() -> None:
    assert parse_drop_key("drops/v1.2.3-a/model.joblib") == ("v1.2.3-a", "model.joblib")


@pytest.mark.parametrize(
    "key",
    [
        "drops/../../x/model.joblib",
        "drops/v1.0.0/../model.joblib",
        "drops/v1.0.0/sub/model.joblib",
        "drops//model.joblib",
        "drops/v1.0.0/model.pkl",
        "drops/v1.0.0/",
        "drops/latest/model.joblib",
        "quarantine/v1.0.0/model.joblib",
        "drops/v1.0.0/model.joblib\n",
    ],
)
def test_a_key_outside_the_grammar_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(InvalidArtefactError, match=r".+"):
        parse_drop_key(key)


def with_columns(count: int) -> ModelVersion:
    """A record of so many columns, each with its deciles."""
    deciles = tuple(number / 7 for number in range(9))
    return ModelVersion(
        version="v1.0.0",
        created_at="2026-01-01T00:00:00.000Z",
        sha256="a" * 64,
        packed_sha256="b" * 64,
        packed_key="models/v1.0.0/b.fpm",
        packed_bytes=1,
        family="random_forest",
        schema=Schema(tuple(Feature(f"column_{number}", 0.1, quantiles=deciles) for number in range(count))),
        provenance=Provenance(drop_key="drops/v1.0.0/model.joblib"),
    )


def test_a_record_that_one_item_can_hold_is_stored_and_a_larger_one_is_refused_with_its_size() -> None:
    fits = with_columns(1000)

    assert storable(fits) is fits
    with pytest.raises(InvalidArtefactError, match=r"takes \d{6} bytes, 350000 are allowed"):
        storable(with_columns(3000))
