from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import WIDTH, Floats, Labelled
from tests.unit.packing.test_families import scores


@pytest.fixture(scope="module")
def bundle(training: Labelled, names: list[str]) -> dict[str, Any]:
    """Two models behind a scaler, weighted."""
    X, y = training
    scaler = StandardScaler().fit(X)
    return {
        "models": {
            "forest": RandomForestClassifier(5, random_state=0).fit(scaler.transform(X), y),
            "linear": LogisticRegression().fit(scaler.transform(X), y),
        },
        "scaler": scaler,
        "weights": {"linear": 0.3, "forest": np.float64(0.7)},
        "feature_names": names,
        "metadata": {
            "f1": np.float32(0.5),
            "when": datetime(2026, 1, 1, tzinfo=UTC),
            "nan": np.nan,
            "deep": [{"a": 1}],
        },
    }


def test_a_bundle_is_the_weighted_mean_of_its_models_after_the_scaler(bundle: dict[str, Any], unseen: Floats) -> None:
    packed = pack(bundle)
    scaled = bundle["scaler"].transform(unseen)
    forest, linear = (bundle["models"][name].predict_proba(scaled)[:, 1] for name in ("forest", "linear"))

    found = scores(PackedModel.from_bytes(packed.model), unseen)

    assert packed.family == "bundle(StandardScaler, RandomForestClassifier, LogisticRegression)"
    assert np.max(np.abs(found - np.average([forest, linear], axis=0, weights=[0.7, 0.3]))) <= 1e-12


def test_a_bundles_claims_are_kept_as_plain_values(bundle: dict[str, Any]) -> None:
    packed = pack(bundle)

    assert packed.metadata == {"f1": 0.5, "when": "2026-01-01T00:00:00+00:00", "nan": None, "deep": [{"a": 1}]}
    assert packed.columns_assumed is None
    assert packed.features[-1] == "amount"


def test_without_weights_and_scaler_the_models_count_alike(
    fitted: Mapping[str, Any], unseen: Floats, names: list[str]
) -> None:
    models = {"a": fitted["forest_weighted"], "b": fitted["hist"], "c": fitted["calibrated_forest"]}
    packed = pack({"models": models, "scaler": None, "feature_names": names})

    found = scores(PackedModel.from_bytes(packed.model), unseen[:2000])

    expected = np.mean([model.predict_proba(unseen[:2000])[:, 1] for model in models.values()], axis=0)
    assert np.max(np.abs(found - expected)) <= 1e-12


def test_a_bundle_of_one_forest_is_bit_equal_to_it(training: Labelled, unseen: Floats, names: list[str]) -> None:
    X, y = training
    scaler = MinMaxScaler().fit(X)
    forest = RandomForestClassifier(5, random_state=0).fit(scaler.transform(X), y)
    packed = PackedModel.from_bytes(
        pack({"models": {"only": forest}, "scaler": scaler, "weights": {"only": 0.3}, "feature_names": names}).model
    )

    assert packed.parity_tolerance == 0.0
    np.testing.assert_array_equal(
        scores(packed, unseen[:2000]), forest.predict_proba(scaler.transform(unseen[:2000]))[:, 1]
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"models": {}}, "without estimators"),
        ({"models": None}, "without estimators"),
        ({"models": ["forest"]}, "without estimators"),
        ({"models": {1: None}}, "without estimators"),
        ({"imputer": 1}, "nobody reads: imputer"),
        ({"weights": {"forest": 1.0}}, "do not name exactly"),
        ({"weights": {"forest": 1.0, "linear": 1.0, "other": 1.0}}, "do not name exactly"),
        ({"weights": [0.5, 0.5]}, "do not name exactly"),
        ({"weights": {"forest": True, "linear": 1.0}}, "not numbers"),
        ({"weights": {"forest": "1", "linear": 1.0}}, "not numbers"),
        ({"weights": {"forest": -1.0, "linear": 2.0}}, "not a weighting"),
        ({"weights": {"forest": 0.0, "linear": 0.0}}, "not a weighting"),
        ({"weights": {"forest": float("nan"), "linear": 1.0}}, "not a weighting"),
        ({"metadata": "good"}, "not a dictionary"),
        ({"metadata": {"model": object()}}, "holds a object"),
        ({"feature_names": ["a", "b"]}, "2 column names for 8"),
        ({"scaler": StandardScaler()}, "not fitted"),
        ({"scaler": StandardScaler().fit(np.ones((3, 5)))}, "one number is needed"),
    ],
)
def test_a_malformed_bundle_is_refused_with_its_reason(
    bundle: dict[str, Any], change: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidArtefactError, match=why):
        pack({**bundle, **change})


def test_a_dictionary_without_estimators_is_refused() -> None:
    with pytest.raises(InvalidArtefactError, match="dictionary without estimators"):
        pack({"accuracy": 0.99})


def test_a_bundle_whose_scaler_is_no_known_transformer_is_refused(bundle: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedModelError, match="LogisticRegression cannot be packed"):
        pack({**bundle, "scaler": bundle["models"]["linear"]})


def test_packing_changes_nothing_in_the_artefact(bundle: dict[str, Any]) -> None:
    before = bundle["models"]["forest"].predict_proba(np.zeros((1, WIDTH)))
    pack(bundle)

    assert list(bundle) == ["models", "scaler", "weights", "feature_names", "metadata"]
    assert (bundle["models"]["forest"].predict_proba(np.zeros((1, WIDTH))) == before).all()
