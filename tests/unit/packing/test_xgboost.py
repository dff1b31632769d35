"""XGBoost's files: answers computed by hand, refusals by name, and the library itself where it is installed."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fraud.errors import InvalidArtefactError, RejectedArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.packing.loader import Loaded, load
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats
from tests.unit.packing.test_families import scores
from tests.unit.packing.test_ubjson import encoded

TYPED = {
    "split_conditions": np.float32,
    "sum_hessian": np.float32,
    "left_children": np.int32,
    "right_children": np.int32,
    "split_indices": np.int32,
    "split_type": np.uint8,
}


def _tree(number: int, left: list[int], right: list[int], columns: list[int], values: list[float]) -> dict[str, Any]:
    nodes = len(left)
    return {
        "base_weights": [0.0] * nodes,
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": [0] * nodes,
        "id": number,
        "left_children": left,
        "loss_changes": [0.0] * nodes,
        "parents": [2147483647] + [0] * (nodes - 1),
        "right_children": right,
        "split_conditions": values,
        "split_indices": columns,
        "split_type": [0] * nodes,
        "sum_hessian": [float(nodes)] * nodes,
        "tree_param": {"num_deleted": "0", "num_feature": "2", "num_nodes": str(nodes), "size_leaf_vector": "1"},
    }


# tree 0: x0 < 0.1 ? (x1 < 3 ? 0.3 : -0.7) : 1.5, a pruned node left behind; tree 1: a lone leaf of 0.05
FILE: dict[str, Any] = {
    "learner": {
        "attributes": {},
        "feature_names": ["V1", "amount"],
        "feature_types": ["float", "float"],
        "gradient_booster": {
            "model": {
                "cats": {"enc": [], "feature_segments": [], "sorted_idx": []},
                "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "2"},
                "iteration_indptr": [0, 1, 2],
                "tree_info": [0, 0],
                "trees": [
                    _tree(0, [4, -1, -1, -1, 5, -1], [2, -1, -1, -1, 1, -1], [0, 0, 0, 0, 1, 0],
                          [0.1, -0.7, 1.5, 99.0, 3.0, 0.3]),
                    _tree(1, [-1], [-1], [0], [0.05]),
                ],
            },
            "name": "gbtree",
        },
        "learner_model_param": {
            "base_score": "[2.5E-1]",
            "boost_from_average": "1",
            "num_class": "0",
            "num_feature": "2",
            "num_target": "1",
        },
        "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
    },
    "version": [3, 1, 0],
}  # fmt: skip
BELOW = float(np.nextafter(np.float32(0.1), np.float32(0)))
ANSWERS = {
    (0.0, 0.0): 0.3,
    (BELOW, 2.9999998): 0.3,
    (0.0, 3.0): -0.7,
    (0.0, 2.99999999): -0.7,  # float32(2.99999999) is 3
    (0.1, 0.0): 1.5,  # float32(0.1) is not below float32(0.1)
    (0.0999999, 1e30): -0.7,
    (5.0, 5.0): 1.5,
}


def _typed(value: Any, name: str = "") -> Any:
    """The file as XGBoost writes UBJSON: numbers by node as typed lists."""
    if isinstance(value, dict):
        return {key: _typed(item, key) for key, item in value.items()}
    if name in TYPED:
        return np.array(value, dtype=TYPED[name])
    return [_typed(item) for item in value] if isinstance(value, list) else value


def _written(folder: Path, file: Any, suffix: str) -> Path:
    path = folder / f"model.{suffix}"
    path.write_bytes(json.dumps(file).encode() if suffix == "json" else encoded(_typed(file)))
    return path


def _loaded(folder: Path, file: Any, suffix: str = "json") -> Loaded:
    return load(_written(folder, file, suffix))


@pytest.mark.parametrize("suffix", ["json", "ubj"])
def test_a_file_answers_as_computed_by_hand(suffix: str, tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, FILE, suffix)
    model: Any = loaded.artefact
    packed = pack(model)
    scorer = PackedModel.from_bytes(packed.model)

    assert (packed.family, packed.features, loaded.trained_with) == ("XGBoost", ("V1", "amount"), "xgboost 3.1.0")
    assert scorer.parity_tolerance == 1e-6
    assert scorer.node_count == 6
    for row, leaf in ANSWERS.items():
        single = np.float32(-np.log(np.float32(3.0))) + np.float32(leaf) + np.float32(0.05)
        assert scorer.explain(row).margin == float(single), row
        assert scorer.score(row) == pytest.approx(1 / (1 + np.exp(-float(single))), abs=1e-7), row
        assert model.predict_proba(np.array([row]))[0, 1] == pytest.approx(scorer.score(row), abs=2e-7), row


def test_json_and_ubjson_of_one_model_pack_to_the_same_bytes(tmp_path: Path) -> None:
    first, second = (pack(_loaded(tmp_path, FILE, suffix).artefact).model for suffix in ("json", "ubj"))

    assert first == second


def test_reasons_add_up(tmp_path: Path) -> None:
    scorer = PackedModel.from_bytes(pack(_loaded(tmp_path, FILE).artefact).model, "walker")

    explained = scorer.explain([0.0, 0.0], [5.0, 5.0])

    assert (explained.unit, explained.method) == ("log_odds", "single_reference_shapley")
    assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-9
    assert explained.contributions == pytest.approx((-1.7, 0.5), abs=1e-6)


Change = Callable[[dict[str, Any]], Any]


def _changed(change: Change) -> dict[str, Any]:
    file = copy.deepcopy(FILE)
    change(file["learner"])
    return file


def _model(learner: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = learner["gradient_booster"]["model"]
    return found


def _first(learner: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _model(learner)["trees"][0]
    return found


def _stopped(learner: dict[str, Any]) -> None:
    learner["attributes"] = {"best_iteration": "0", "scikit_learn": '{"_estimator_type": "classifier"}'}


def test_a_classifier_stopped_early_answers_up_to_its_best_round(tmp_path: Path) -> None:
    model: Any = _loaded(tmp_path, _changed(_stopped)).artefact

    assert len(model.trees) == 1


def test_the_older_spelling_of_the_base_score_is_read(tmp_path: Path) -> None:
    older = _changed(lambda learner: learner["learner_model_param"].update(base_score="2.5E-1"))

    assert pack(_loaded(tmp_path, older).artefact).model == pack(_loaded(tmp_path, FILE).artefact).model


def test_a_file_without_names_needs_them_beside_it(tmp_path: Path) -> None:
    unnamed = _changed(lambda learner: learner.update(feature_names=[], feature_types=[]))

    assert pack(_loaded(tmp_path, unnamed).artefact, feature_names=["a", "b"]).features == ("a", "b")


UNSUPPORTED: list[tuple[Change, str]] = [
    (lambda learner: learner["gradient_booster"].update(name="dart", gbtree={}), "booster 'dart'"),
    (lambda learner: _model(learner).update(weight_drop=[1.0, 0.5]), "booster 'dart'"),
    (lambda learner: learner.update(gradient_booster={"name": "gblinear", "model": {"weights": []}}), "'gblinear'"),
    (lambda learner: learner["objective"].update(name="multi:softprob"), "objective 'multi:softprob'"),
    (lambda learner: learner["objective"].update(name="reg:squarederror"), "objective 'reg:squarederror'"),
    (lambda learner: learner["objective"].update(name="binary:logitraw"), "objective 'binary:logitraw'"),
    (lambda learner: learner["learner_model_param"].update(num_class="3"), "several classes"),
    (lambda learner: learner["learner_model_param"].update(num_target="2"), "several classes or targets"),
    (lambda learner: _first(learner).update(split_type=[0, 0, 0, 0, 1, 0]), "categorical splits"),
    (lambda learner: _first(learner).update(categories=[1, 2]), "categorical splits"),
    (lambda learner: _first(learner)["tree_param"].update(size_leaf_vector="2"), "vector leaves"),
    (lambda learner: learner["attributes"].update(best_iteration="0"), "trees follow the best round; save booster"),
]


@pytest.mark.parametrize(("change", "why"), UNSUPPORTED)
@pytest.mark.parametrize("suffix", ["json", "ubj"])
def test_what_cannot_be_packed_exactly_is_refused_by_name(
    suffix: str, change: Change, why: str, tmp_path: Path
) -> None:
    with pytest.raises(UnsupportedModelError, match=why):
        _loaded(tmp_path, _changed(change), suffix)


MALFORMED: list[tuple[Change, str]] = [
    (lambda learner: learner.update(surprise=1), "unknown field `surprise`"),
    (lambda learner: _model(learner).update(surprise=1), "unknown field `surprise`"),
    (lambda learner: _first(learner).update(leaf_weights=[1.0]), "unknown field `leaf_weights`"),
    (lambda learner: _first(learner).pop("left_children"), "missing required field `left_children`"),
    (lambda learner: _first(learner).update(left_children=["1"]), "Expected `int`"),
    (lambda learner: _first(learner).update(split_conditions=[0.1]), "differ in length"),
    (lambda learner: _first(learner).update(left_children=[0, -1, -1, -1, 5, -1]), "reached twice"),
    (lambda learner: _first(learner).update(left_children=[4, -1, -1, -1, 0, -1]), "reached twice"),
    (lambda learner: _first(learner).update(left_children=[4, -1, -1, -1, 77, -1]), "out of bounds"),
    (lambda learner: _first(learner).update(left_children=[4, -1, -1, -1, -2, -1]), "out of bounds"),
    (lambda learner: _first(learner).update(split_indices=[7, 0, 0, 0, 1, 0]), "column outside"),
    (lambda learner: _first(learner).update(split_indices=[-1, 0, 0, 0, 1, 0]), "leaf has children|column outside"),
    (lambda learner: _first(learner).update(split_conditions=[1e300, 0.0, 0.0, 0.0, 0.0, 0.0]), "NaN or infinity"),
    (lambda learner: _first(learner).update(split_conditions=[0.1, 1e7, 0.0, 0.0, 0.0, 0.0]), "leaf lies beyond"),
    (lambda learner: _model(learner).update(trees=[]), "0 trees"),
    (lambda learner: _model(learner).update(tree_info=[0]), "2 trees of 1"),
    (lambda learner: _model(learner).update(tree_info=[0, 1]), "2 trees of 2 groups"),
    (lambda learner: learner["learner_model_param"].pop("base_score"), "base_score"),
    (lambda learner: learner["learner_model_param"].update(base_score="0"), "is no probability"),
    (lambda learner: learner["learner_model_param"].update(base_score="[nan]"), "is no probability"),
    (lambda learner: learner["learner_model_param"].update(base_score="half"), "could not convert"),
    (lambda learner: learner["learner_model_param"].update(num_feature="3"), "2 column names for 3"),
    (lambda learner: learner["learner_model_param"].update(num_feature="x"), "invalid literal"),
    (lambda learner: learner["attributes"].update(best_iteration="7"), "the best round 7"),
    (lambda learner: learner["attributes"].update(best_iteration="-1"), "the best round -1"),
]


@pytest.mark.parametrize(("change", "why"), MALFORMED)
def test_a_malformed_file_is_refused(change: Change, why: str, tmp_path: Path) -> None:
    with pytest.raises(RejectedArtefactError, match=why):
        pack(_loaded(tmp_path, _changed(change)).artefact)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.json", b""),
        ("model.json", b"[]"),
        ("model.json", b'{"learner": ' * 50_000),
        ("model.json", b"\x80\x05."),
        ("model.json", encoded(_typed(FILE))),
        ("model.ubj", json.dumps(FILE).encode()),
        ("model.ubj", b"\x80\x05."),
        ("model.ubj", encoded([])),
    ],
)
def test_a_file_of_another_format_is_not_offered_to_another_reader(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InvalidArtefactError):
        load(tmp_path / name)


@pytest.mark.parametrize("suffix", ["json", "ubj"])
def test_a_file_cut_off_or_changed_anywhere_is_refused_or_read_but_never_crashes(suffix: str, tmp_path: Path) -> None:
    path = _written(tmp_path, FILE, suffix)
    honest, random = path.read_bytes(), np.random.default_rng(0)
    outcomes = set()
    for place in random.integers(0, len(honest), 120):
        changed = bytearray(honest)
        changed[place] ^= 1 << int(random.integers(8))
        for content in (honest[:place], bytes(changed)):
            path.write_bytes(content)
            try:
                pack(load(path).artefact, feature_names=None)
                outcomes.add("packed")
            except RejectedArtefactError:
                outcomes.add("refused")

    assert outcomes == {"packed", "refused"}


def _drawn(seed: int, rows: int) -> tuple[Floats, Any]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, 5))
    X[:, 3] = random.integers(0, 60, rows)
    return X, (X[:, 0] + 0.02 * X[:, 3] + random.normal(size=rows) > 1.6).astype(int)


@pytest.mark.parametrize("suffix", ["json", "ubj"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_depth": 8, "n_estimators": 100},
        {"num_parallel_tree": 3, "subsample": 0.5, "base_score": 0.01},
        {"gamma": 2.0, "scale_pos_weight": 9, "tree_method": "exact"},
        {"n_estimators": 200, "early_stopping_rounds": 2},
    ],
)
def test_the_library_itself_answers_alike(options: dict[str, Any], suffix: str, tmp_path: Path) -> None:
    library = pytest.importorskip("xgboost", reason="needs uv sync --group oracles")
    stopped = {"eval_set": [_drawn(9, 300)], "verbose": False} if "early_stopping_rounds" in options else {}
    model = library.XGBClassifier(**{"n_estimators": 20, "max_depth": 4, "n_jobs": 1, **options})
    model.fit(*_drawn(1, 1500), **stopped).save_model(tmp_path / f"model.{suffix}")

    packed = pack(load(tmp_path / f"model.{suffix}").artefact, feature_names=list("abcde"))
    rows = np.concatenate([_drawn(2, 2000)[0], packed.golden_rows])
    theirs = model.predict_proba(rows)[:, 1].astype(float)
    ours = scores(PackedModel.from_bytes(packed.model), rows)

    assert np.max(np.abs(ours - theirs)) <= 1e-6
    assert (ours == theirs).mean() > 0.98
    assert not any(((ours >= t / 100) != (theirs >= t / 100)).any() for t in range(1, 100))
