from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fraud.errors import InvalidArtefactError
from fraud.packing import pack
from fraud.packing.answers import anomaly_probability
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats, Labelled
from tests.unit.packing.test_families import scores

MODELS = [
    IsolationForest(n_estimators=15, random_state=0),
    IsolationForest(n_estimators=15, random_state=0, contamination=0.02, max_features=3),
    IsolationForest(n_estimators=15, random_state=0, max_samples=32, bootstrap=True),
    make_pipeline(StandardScaler(), IsolationForest(n_estimators=15, random_state=0, contamination=0.3)),
]


def _offset(model: Any) -> float:
    return float(getattr(model, "offset_", None) or model[-1].offset_)


@pytest.mark.parametrize("model", MODELS)
def test_the_answer_is_the_documented_map_of_scikit_learns_score(
    model: Any, training: Labelled, unseen: Floats, names: list[str]
) -> None:
    model.fit(training[0])
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)
    rows = unseen[:3000]

    expected = anomaly_probability(model.score_samples(rows), _offset(model))

    assert np.max(np.abs(scores(packed, rows) - expected)) <= 1e-12


@pytest.mark.parametrize("model", MODELS)
def test_the_answer_passes_one_half_where_the_forests_own_verdict_turns(
    model: Any, training: Labelled, unseen: Floats, names: list[str]
) -> None:
    model.fit(training[0])
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)
    rows = unseen[:2000]
    clear = np.abs(model.decision_function(rows)) > 1e-9

    verdicts = scores(packed, rows) > 0.5

    np.testing.assert_array_equal(verdicts[clear], model.predict(rows)[clear] == -1)


def test_without_contamination_the_answer_is_the_papers_anomaly_score() -> None:
    assert anomaly_probability(np.array([-0.25, -0.5, -0.9]), -0.5).tolist() == [0.25, 0.5, 0.9]


def test_the_map_rises_and_meets_at_the_offset() -> None:
    scores_below = -np.linspace(0.0, 1.0, 101)

    mapped = anomaly_probability(scores_below, -0.8)

    assert (np.diff(mapped) > 0).all()
    assert anomaly_probability(np.array([-0.8]), -0.8) == [0.5]
    assert (mapped[0], mapped[-1]) == (0.0, 1.0)


def test_a_forest_in_a_bundle_counts_with_the_same_number(training: Labelled, unseen: Floats, names: list[str]) -> None:
    forest = IsolationForest(n_estimators=10, random_state=0).fit(training[0])
    packed = PackedModel.from_bytes(pack({"models": {"only": forest}, "feature_names": names}).model)

    expected = -forest.score_samples(unseen[:500])

    assert np.max(np.abs(scores(packed, unseen[:500]) - expected)) <= 1e-12


@pytest.mark.parametrize(
    ("name", "value"), [("offset_", 0.0), ("offset_", -1.0), ("offset_", np.nan), ("_max_samples", 1)]
)
def test_a_forest_without_a_usable_scale_is_refused(
    name: str, value: float, training: Labelled, names: list[str]
) -> None:
    forest = IsolationForest(n_estimators=3, random_state=0).fit(training[0])
    setattr(forest, name, value)

    with pytest.raises(InvalidArtefactError, match="offset"):
        pack(forest, feature_names=names)


def test_an_unfitted_forest_is_refused(names: list[str]) -> None:
    with pytest.raises(InvalidArtefactError, match="not fitted"):
        pack(IsolationForest(), feature_names=names)
