from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.scoring.packed import container
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats, Labelled
from tests.unit.packing.test_families import answers, scores

KNOWN = np.array([-3.0, 0.0, 0.5, 2.0, 7.0, 1e9])


@pytest.fixture(scope="module")
def labelled(training: Labelled) -> Labelled:
    """Columns 2 and 5 hold some of six numbers, one of them often."""
    X, y = training
    random = np.random.default_rng(4)
    X = X.copy()
    X[:, 2] = random.choice(KNOWN, len(X), p=[0.1, 0.1, 0.1, 0.1, 0.5, 0.1])
    X[:, 5] = random.choice(KNOWN[:3], len(X))
    risky = np.isin(X[:, 2], [-3.0, 2.0]) & (X[:, 5] == 0.5)
    return X, np.where(random.random(len(X)) < 0.9, (risky | (X[:, 0] > 1.5)).astype(int), y)


def _model(**options: Any) -> HistGradientBoostingClassifier:
    chosen = {"max_iter": 12, "random_state": 0, "min_samples_leaf": 5, "categorical_features": [2, 5], **options}
    return HistGradientBoostingClassifier(**chosen)


def _rows(unseen: Floats) -> Floats:
    """Known categories, some between them, unknown ones, and minus zero."""
    random = np.random.default_rng(5)
    rows = unseen[:3000].copy()
    for column in (2, 5):
        rows[:, column] = random.choice([*KNOWN, -0.0, 0.25, -1.0, 3.0, 255.0, 1e300, -1e300], len(rows))
    return rows


@pytest.mark.parametrize("gaps", [False, True])
def test_known_and_unknown_categories_go_where_scikit_learn_sends_them(
    gaps: bool, labelled: Labelled, unseen: Floats, names: list[str]
) -> None:
    X, y = labelled
    if gaps:  # then unknown categories have a side of their own
        X = np.where(np.random.default_rng(6).random(X.shape) < 0.2, np.nan, X)
    model = _model().fit(X, y)
    rows = _rows(unseen)
    packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

    nodes = np.concatenate([stage[0].nodes for stage in model._predictors])

    assert nodes["is_categorical"].sum() > 5
    assert not gaps or nodes["missing_go_to_left"][nodes["is_categorical"] == 1].any()
    assert np.max(np.abs(scores(packed, rows) - answers(model, rows))) <= 1e-12


def test_categories_may_be_whole_columns_or_scaled(labelled: Labelled, unseen: Floats, names: list[str]) -> None:
    X, y = labelled
    scaled = make_pipeline(StandardScaler(), _model()).fit(X, y)
    rows = _rows(unseen)[:1000]
    for model, asked in (
        (scaled, rows),
        (_model(categorical_features=list(range(8))).fit(np.round(X).clip(0, 9), y), rows),
    ):
        packed = PackedModel.from_bytes(pack(model, feature_names=names).model)

        assert np.max(np.abs(scores(packed, asked) - answers(model, asked))) <= 1e-12


def test_golden_rows_hold_the_categories_splits_ask_for_and_others(labelled: Labelled, names: list[str]) -> None:
    packed = pack(_model().fit(*labelled), feature_names=names)
    _, arrays = container.decode(packed.model)
    (asked,) = (set(view) for name, view in arrays.items() if name.endswith(".set_value"))

    assert asked <= set(packed.golden_rows[:, 2]) | set(packed.golden_rows[:, 5])
    assert len(set(packed.golden_rows[:, 2]) - set(KNOWN)) >= 2


def test_the_typical_category_is_a_harmless_one(labelled: Labelled, names: list[str]) -> None:
    packed = PackedModel.from_bytes(pack(_model().fit(*labelled), feature_names=names).model)

    assert packed.reference[2] not in {-3.0, 2.0}
    assert packed.score(packed.reference) < 0.3


def test_categories_that_are_text_are_refused(labelled: Labelled, names: list[str]) -> None:
    X, y = labelled
    model = _model().fit(X, y)
    model._preprocessor.transformers_[0][1].categories_ = [np.array(["a", "b"], dtype=object)] * 2

    with pytest.raises(UnsupportedModelError, match="categories that are not numbers"):
        pack(model, feature_names=names)


def _other_encoder(model: Any) -> None:
    name, _, columns = model._preprocessor.transformers_[0]
    model._preprocessor.transformers_[0] = (name, StandardScaler(), columns)


def _other_check(model: Any) -> None:
    name, _, columns = model._preprocessor.transformers_[1]
    model._preprocessor.transformers_[1] = (name, FunctionTransformer(np.log1p), columns)


def _no_preprocessor(model: Any) -> None:
    model._preprocessor = OrdinalEncoder()


def _fewer_categories(model: Any) -> None:
    model._preprocessor.transformers_[0][1].categories_.pop()


def _no_categories(model: Any) -> None:
    model.is_categorical_ = None


@pytest.mark.parametrize("tamper", [_other_encoder, _other_check, _no_preprocessor, _fewer_categories, _no_categories])
def test_an_encoder_that_is_not_its_own_is_refused(tamper: Any, labelled: Labelled, names: list[str]) -> None:
    model = _model().fit(*labelled)
    tamper(model)

    with pytest.raises(InvalidArtefactError):
        pack(model, feature_names=names)
