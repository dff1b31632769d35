"""LightGBM's model text: answers computed by hand, refusals by name, and the library itself where it is installed."""

import re
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fraud.errors import InvalidArtefactError, RejectedArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.packing.lightgbm_model import ZERO
from fraud.packing.loader import Loaded, load
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats
from tests.unit.packing.test_families import scores

# tree 0: x0 <= 0.5 ? (category(x1) in {1, 33} ? -1.5 : 0.25) : (x2 <= 1e-35 ? 0.75 : 2); tree 1: a lone leaf of 0.125
TEXT = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=2
objective=binary sigmoid:2
feature_names=V1 kind amount
feature_infos=[-3:3] 1:2:33 [0:9]
tree_sizes=100 100

Tree=0
num_leaves=4
num_cat=1
split_feature=0 1 2
split_gain=9 8 7
threshold=0.5 0 1.0000000180025095e-35
decision_type=2 1 10
left_child=1 -1 -2
right_child=2 -3 -4
leaf_value=-1.5 0.75 0.25 2
leaf_weight=1 1 1 1
leaf_count=40 10 30 20
internal_value=0 0 0
internal_weight=1 1 1
internal_count=100 70 30
cat_boundaries=0 2
cat_threshold=2 2
is_linear=0
shrinkage=1


Tree=1
num_leaves=1
num_cat=0
leaf_value=0.125
shrinkage=1


end of trees

feature_importances:
V1=1

parameters:
[boosting: gbdt]
end of parameters

pandas_categorical:null
"""
ANSWERS = {
    (0.5, 1.0, 0.0): -1.5,
    (0.5, 33.9, 0.0): -1.5,
    (0.0, 1.5, 5.0): -1.5,
    (0.0, 2.0, 5.0): 0.25,
    (0.0, -1.0, 5.0): 0.25,
    (0.0, 1e300, 5.0): 0.25,
    (0.0, -0.5, 5.0): 0.25,
    (0.5000000000000001, 1.0, 0.0): 0.75,
    (1.0, 1.0, ZERO): 0.75,
    (1.0, 1.0, -3.0): 0.75,
    (1.0, 1.0, 2e-35): 2.0,
}


def _read(folder: Path, text: str = TEXT) -> Loaded:
    path = folder / "model.txt"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_text_answers_as_computed_by_hand(tmp_path: Path) -> None:
    loaded = _read(tmp_path)
    model: Any = loaded.artefact
    packed = pack(model)
    scorer = PackedModel.from_bytes(packed.model)

    assert (packed.family, packed.features, loaded.trained_with) == (
        "LightGBM",
        ("V1", "kind", "amount"),
        "lightgbm, model format v4",
    )
    assert scorer.parity_tolerance == 1e-12
    for row, leaf in ANSWERS.items():
        expected = 1.0 / (1.0 + exp(-2.0 * (leaf + 0.125)))
        assert scorer.score(row) == pytest.approx(expected, rel=1e-15), row
        assert model.predict_proba(np.array([row]))[0, 1] == pytest.approx(expected, rel=1e-15), row


def test_reasons_are_those_of_the_splits(tmp_path: Path) -> None:
    scorer = PackedModel.from_bytes(pack(_read(tmp_path).artefact).model, "walker")

    explained = scorer.explain([0.0, 1.0, 5.0], [0.0, 2.0, 5.0])

    assert (explained.unit, explained.method) == ("log_odds", "single_reference_shapley")
    assert explained.contributions == pytest.approx((0.0, 2.0 * (-1.5 - 0.25), 0.0))


def test_numbers_that_lightgbm_takes_for_zero_go_where_zero_goes(tmp_path: Path) -> None:
    for threshold in (0.0, -ZERO, ZERO, -1e-40, 1e-40, 5e-324):
        text = TEXT.replace("threshold=0.5 0 1.0000000180025095e-35", f"threshold=0.5 0 {threshold!r}")
        model: Any = _read(tmp_path, text).artefact
        packed = PackedModel.from_bytes(pack(model).model)
        tiny = [ZERO, float(np.nextafter(ZERO, 1)), float(np.nextafter(ZERO, 0)), 1e-40, 5e-324, 0.0]
        rows = np.array([[1.0, 1.0, sign * number] for number in tiny for sign in (1.0, -1.0)])
        zero = 0.75 if threshold >= 0.0 else 2.0

        assert packed.explain([1.0, 1.0, 0.0]).margin == 2.0 * (zero + 0.125)
        np.testing.assert_array_equal(scores(packed, rows), model.predict_proba(rows)[:, 1])


def test_columns_called_by_number_are_unnamed(tmp_path: Path) -> None:
    text = TEXT.replace("V1 kind amount", "Column_0 Column_1 Column_2")

    with pytest.raises(InvalidArtefactError, match="names no columns and reads 3"):
        pack(_read(tmp_path, text).artefact)
    assert pack(_read(tmp_path, text).artefact, feature_names=["a", "b", "c"]).features == ("a", "b", "c")


def test_averaged_trees_are_averaged_before_the_sigmoid(tmp_path: Path) -> None:
    text = TEXT.replace("feature_names", "average_output\nfeature_names")
    packed = PackedModel.from_bytes(pack(_read(tmp_path, text).artefact).model)

    assert packed.explain([0.0, 1.0, 0.0]).margin == 2.0 * ((-1.5 + 0.125) / 2.0)


def test_a_split_of_missing_from_present_sends_every_row_low(tmp_path: Path) -> None:
    packed = PackedModel.from_bytes(pack(_read(tmp_path, TEXT.replace("=0.5 0 1", "=inf 0 1")).artefact).model)

    assert packed.explain([1e308, 1.0, 0.0]).margin == 2.0 * (-1.5 + 0.125)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("objective=binary sigmoid:2", "objective=multiclass num_class:3", "objective 'multiclass num_class:3'"),
        ("objective=binary sigmoid:2", "objective=cross_entropy", "objective 'cross_entropy'"),
        ("objective=binary sigmoid:2\n", "", "objective 'none'"),
        ("num_class=1", "num_class=3", "cannot be packed"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=2", "cannot be packed"),
        ("version=v4", "version=v9", "model format 'v9'"),
        ("label_index=0", "label_index=0\nsurprise=1", "'surprise' is repeated or unknown"),
        ("label_index=0", "label_index=0\nnum_class=1", "'num_class' is repeated"),
        ("is_linear=0", "is_linear=1", "is_linear"),
        ("is_linear=0", "leaf_const=1 2", "leaf_const"),
        ("decision_type=2 1 10", "decision_type=2 1 6", "zero_as_missing"),
        ("decision_type=2 1 10", "decision_type=2 1 18", "unknown decision_type"),
        ("pandas_categorical:null", 'pandas_categorical:[["a", "b"]]', "pandas numbered"),
        ("split_feature=0 1 2", "split_feature=1 1 2", "by category and by threshold"),
    ],
)
def test_what_cannot_be_packed_exactly_is_refused_by_name(old: str, new: str, why: str, tmp_path: Path) -> None:
    assert old in TEXT
    with pytest.raises(UnsupportedModelError, match=re.escape(why)):
        pack(_read(tmp_path, TEXT.replace(old, new)).artefact)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("tree\nversion", "forest\nversion", "not a LightGBM model"),
        ("end of trees", "end of tree", "cut off"),
        ("Tree=1", "Tree=2", "where tree 1"),
        ("tree_sizes=100 100", "tree_sizes=100", "says otherwise"),
        ("sigmoid:2", "sigmoid:0", "sigmoid 0"),
        ("sigmoid:2", "sigmoid:nan", "sigmoid nan"),
        ("max_feature_idx=2", "max_feature_idx=3", "3 column names for 4"),
        ("max_feature_idx=2\n", "", "KeyError"),
        ("num_leaves=4", "num_leaves=5", "does not hold 4 numbers"),
        ("num_leaves=4", "num_leaves=0", "does not hold -1 numbers"),
        ("num_leaves=4", "num_leaves=99999999999", "does not hold"),
        ("num_leaves=4", "num_leaves=x", "ValueError"),
        ("left_child=1 -1 -2", "left_child=0 -1 -2", "reached twice"),
        ("left_child=1 -1 -2", "left_child=2 -1 -2", "reached twice"),
        ("left_child=1 -1 -2", "left_child=1 -1 -9", "out of bounds"),
        ("left_child=1 -1 -2", "left_child=1 -1 9", "out of bounds"),
        ("left_child=1 -1 -2", "left_child=1 -1 99999999999999999999", "OverflowError"),
        ("split_feature=0 1 2", "split_feature=0 1 3", "column outside"),
        ("split_feature=0 1 2", "split_feature=0 1 -1", "column outside|has children|exactly once"),
        ("split_feature=0 1 2", "split_feature=0 1 99999", "out of bounds"),
        ("leaf_value=-1.5", "leaf_value=nan", "NaN or infinity"),
        ("leaf_value=-1.5", "leaf_value=inf", "NaN or infinity"),
        ("leaf_value=-1.5", "leaf_value=1e9", "leaf lies beyond"),
        ("threshold=0.5", "threshold=nan", "NaN or infinity"),
        ("threshold=0.5 0", "threshold=0.5 1", "categories are malformed"),
        ("threshold=0.5 0", "threshold=0.5 -1", "categories are malformed"),
        ("threshold=0.5 0", "threshold=0.5 0.5", "categories are malformed"),
        ("cat_boundaries=0 2", "cat_boundaries=1 2", "categories are malformed"),
        ("cat_boundaries=0 2", "cat_boundaries=0 3", "does not hold 3 numbers"),
        ("cat_boundaries=0 2", "cat_boundaries=0 -2", "does not hold -2 numbers"),
        ("num_cat=1", "num_cat=0", "categories are malformed|does not hold"),
        ("pandas_categorical:null", "pandas_categorical:{", "cannot be read"),
        ("pandas_categorical:null", "pandas_categorical:7", "cannot be read"),
    ],
)
def test_a_malformed_text_is_refused(old: str, new: str, why: str, tmp_path: Path) -> None:
    assert old in TEXT
    with pytest.raises(RejectedArtefactError, match=why):
        pack(_read(tmp_path, TEXT.replace(old, new, 1)).artefact)


def test_a_text_cut_off_or_changed_anywhere_is_refused_or_read_but_never_crashes(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    outcomes = set()
    for place in random.integers(0, TEXT.index("end of trees"), 120):
        letter = "0123456789.-= \nen"[random.integers(17)]
        for text in (TEXT[:place], TEXT[:place] + letter + TEXT[place + 1 :]):
            try:
                pack(_read(tmp_path, text).artefact)
                outcomes.add("packed")
            except RejectedArtefactError:
                outcomes.add("refused")

    assert outcomes == {"packed", "refused"}


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_bytes(b"tree\nversion=\xff\xfe\n")

    with pytest.raises(InvalidArtefactError, match="UnicodeDecodeError"):
        load(tmp_path / "model.txt")


def _drawn(seed: int, rows: int) -> tuple[Floats, Any]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, 6))
    X[:, 3] = random.integers(0, 60, rows)
    X[:, 4] = np.where(random.random(rows) < 0.5, 0.0, X[:, 4])
    return X, (X[:, 0] + (X[:, 3] % 3 == 0) * 1.5 + 0.5 * (X[:, 4] > 0) + random.normal(size=rows) > 1.6).astype(int)


def _asked() -> Floats:
    """Rows with fractions and unknown numbers as categories, and with numbers LightGBM takes for zero."""
    random = np.random.default_rng(3)
    rows, _ = _drawn(2, 3000)
    rows[:1000, 3] += random.choice([0.5, -0.5, 100.0, -300.0], 1000)
    tiny = [ZERO, -ZERO, np.nextafter(ZERO, 1), np.nextafter(-ZERO, -1), np.nextafter(ZERO, 0), -0.0, 5e-324]
    rows[1000:2000, 4] = random.choice(tiny, 1000)
    return rows


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sigmoid": 1.7, "extra_trees": True},
        {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1},
        {"boosting": "dart"},
        {"use_missing": False, "max_cat_to_onehot": 100},
    ],
)
def test_the_library_itself_answers_alike(options: dict[str, Any], tmp_path: Path) -> None:
    library = pytest.importorskip("lightgbm", reason="needs uv sync --group oracles")
    X, y = _drawn(1, 1500)
    if "use_missing" not in options:
        X[np.random.default_rng(0).random(len(X)) < 0.05, 0] = np.nan
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_per_group": 5, "num_leaves": 15}
    booster = library.train({**settings, **options}, library.Dataset(X, y, categorical_feature=[3]), 20)
    booster.save_model(tmp_path / "model.txt")

    packed = pack(load(tmp_path / "model.txt").artefact, feature_names=[f"x{index}" for index in range(6)])
    rows = np.concatenate([_asked(), packed.golden_rows])

    assert np.max(np.abs(scores(PackedModel.from_bytes(packed.model), rows) - booster.predict(rows))) <= 1e-12
