"""Honest artefacts load, everything else is refused before it can do anything."""

import gzip
import pickle
import pickletools
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from fraud.errors import InvalidArtefactError, InvalidPackedModelError, RejectedArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.packing.loader import load
from tests.unit.packing.conftest import Floats, Labelled

ARRAY_OF = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "model.joblib"
    path.write_bytes(content)
    return path


def _answers(model: Any, rows: Floats) -> Any:
    return model.predict_proba(rows)


class Shouting:
    """Runs a shell command when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        import os

        return os.system, (f"touch {self.marker}",)


class Evaluating:
    """Evaluates source text when it is unpickled."""

    def __reduce__(self) -> Any:
        return eval, ("__import__('os').getcwd()",)


@pytest.mark.parametrize("protocol", [None, 2, 5])
def test_every_supported_family_loads_and_answers_as_before(
    protocol: int | None, fitted: Mapping[str, Any], unseen: Floats, tmp_path: Path
) -> None:
    for model in fitted.values():
        path = tmp_path / "model.joblib"
        joblib.dump(model, path, protocol=protocol)

        loaded = load(path)

        assert type(loaded.artefact) is type(model)
        assert loaded.trained_with == sklearn.__version__
        np.testing.assert_allclose(_answers(loaded.artefact, unseen[:50]), _answers(model, unseen[:50]), rtol=1e-14)


def test_a_plain_pickle_loads_too(fitted: Mapping[str, Any], tmp_path: Path) -> None:
    for model in fitted.values():
        assert type(load(_file(tmp_path, pickle.dumps(model))).artefact) is type(model)


def test_a_bundle_with_text_arrays_numbers_and_dates_loads(fitted: Mapping[str, Any], tmp_path: Path) -> None:
    from datetime import UTC, date, datetime

    when = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    metadata = {"f1": np.float32(0.5), "when": when, "day": date(2026, 1, 2), "counts": np.array([1, 2])}
    bundle = {"models": {"m": fitted["tree"]}, "feature_names": np.array(["a", "b"]), "metadata": metadata}
    joblib.dump(bundle, tmp_path / "model.joblib")

    loaded: Any = load(tmp_path / "model.joblib").artefact

    assert loaded["metadata"]["when"] == when
    assert loaded["metadata"]["day"] == date(2026, 1, 2)
    assert list(loaded["feature_names"]) == ["a", "b"]


@pytest.mark.parametrize("dump", [pickle.dumps, lambda thing: pickle.dumps({"models": {"m": [thing]}}, protocol=2)])
def test_a_pickle_that_runs_a_command_is_refused_by_name_and_runs_nothing(dump: Any, tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    with pytest.raises(InvalidArtefactError, match=r"refers to posix\.system"):
        load(_file(tmp_path, dump(Shouting(marker))))

    assert not marker.exists()


def test_a_command_hidden_in_an_object_array_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    joblib.dump(np.array([Shouting(marker)], dtype=object), tmp_path / "model.joblib")

    with pytest.raises(InvalidArtefactError, match=r"posix\.system"):
        load(tmp_path / "model.joblib")

    assert not marker.exists()


def test_a_pickle_that_evaluates_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidArtefactError, match=r"refers to builtins\.eval"):
        load(_file(tmp_path, pickle.dumps(Evaluating())))


def test_a_model_of_another_family_is_refused_with_what_is_supported(training: Labelled, tmp_path: Path) -> None:
    joblib.dump(GaussianNB().fit(*training), tmp_path / "model.joblib")

    with pytest.raises(UnsupportedModelError, match=r"naive_bayes\.GaussianNB cannot .* supported: Calib"):
        load(tmp_path / "model.joblib")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a joblib pickle"),
        (b"hello, I am a text file\n", "not a joblib pickle"),
        (b"\x80", "not a joblib pickle"),
        (b"\x80\x63.", "not a joblib pickle"),
        (b"(lp0\n.", "not a joblib pickle"),
        (b"PK\x03\x04" + bytes(60), "not a joblib pickle"),
        (gzip.compress(b"x" * 100, mtime=0), r"compressed \(gzip\)"),
        (zlib.compress(b"x" * 100), r"compressed \(zlib\)"),
        (b"BZh91AY", r"compressed \(bz2\)"),
        (b"\xfd7zXZ\x00", r"compressed \(xz\)"),
        (b"\x80\x04", "cannot be read"),
        (b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little"), "cannot be read"),
        (pickle.dumps({"a": 1})[:-1], "cannot be read"),
        (pickle.dumps({"a": 1}) + b"x", "1 bytes follow"),
        (b"\x80\x02cos\nsystem\n.", r"refers to os\.system"),
        (b"\x80\x02cnumpy.random\nseed\n.", r"refers to numpy\.random\.seed"),
        (b"\x80\x04\x8c\x10numpy.testing.x.\x8c\x01y\x93.", "refers to"),
        (b"\x80\x02cnumpy\nndarray\n(K\x05tR.", "may not be called"),
        (b"\x80\x02csklearn.ensemble._forest\nRandomForestClassifier\n)R.", "may not be called"),
        (b"\x80\x02cnumpy\ndtype\n)\x81.", "may not be made"),
        (b"\x80\x02csklearn.ensemble._forest\nRandomForestClassifier\nK\x05\x85\x81.", "may not be made"),
        (b"\x80\x02csklearn.ensemble._forest\nRandomForestClassifier\n}U\x01aK\x01sb.", "gives state to"),
        (b"\x80\x02K\x05}b.", "gives state to a int"),
        (b"\x80\x02U\x01aQ.", "instruction that is not allowed"),
        (b"\x80\x02Pabc\n.", "instruction that is not allowed"),
        (b"\x80\x02(ios\nsystem\n.", "instruction that is not allowed"),
        (b"\x80\x02(K\x01o.", "instruction that is not allowed"),
        (b"\x80\x02\x82\x01.", "instruction that is not allowed"),
        (b"\x80\x04K\x01)}\x92.", "instruction that is not allowed"),
        (b"\x80\x02cbuiltins\ngetattr\n(K\x01U\x04realtR.", "builtins.getattr reaches for 'real'"),
        (b"\x80\x02cnumpy\ndtype\nU\x02V8\x85R.", None),
        (b"\x80\x02cnumpy\ndtype\nU\x03,f8\x85R.", "is not allowed"),
        (
            b"\x80\x02cnumpy\ndtype\n(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb.",
            "forged",
        ),
        (b"\x80\x02cnumpy\ndtype\n(U\x03V64K\x00K\x01tR(K\x03U\x01|NNNK\x40K\x08K\x00tb.", "forged"),
        (
            b"\x80\x02" + ARRAY_OF + b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02O8\x85R\x89U\x10" + b"A" * 16 + b"tb.",
            "does not fit",
        ),
        (
            b"\x80\x02" + ARRAY_OF + b"(K\x01K\x09\x85cnumpy\ndtype\nU\x02f8\x85R\x89U\x08" + b"A" * 8 + b"tb.",
            "does not fit",
        ),
        (b"\x80\x02" + b"(" * 10_000 + b"t" * 9_999 + b".", None),
    ],
)
def test_bytes_that_are_not_an_honest_pickle_are_refused(content: bytes, why: str | None, tmp_path: Path) -> None:
    if why is None:  # harmless content: loads, and is no model
        with pytest.raises(RejectedArtefactError):
            pack(load(_file(tmp_path, content)).artefact)
        return
    with pytest.raises(InvalidArtefactError, match=why):
        load(_file(tmp_path, content))


class NamedFields:
    """The record of a boosted tree's nodes, its fields' dtypes given as text, which equal the dtypes they name."""

    def __reduce__(self) -> Any:
        version, order, sub, fields, types, *rest = PREDICTOR_RECORD_DTYPE.__reduce__()[2]
        forged = {name: (kind.str, offset) for name, (kind, offset) in types.items()}
        return (
            np.dtype,
            (f"V{PREDICTOR_RECORD_DTYPE.itemsize}", False, True),
            (version, order, sub, fields, forged, *rest),
        )


def test_a_dtype_whose_fields_only_look_like_dtypes_is_rebuilt_from_the_honest_ones(tmp_path: Path) -> None:
    loaded = cast(np.dtype[Any], load(_file(tmp_path, pickle.dumps(NamedFields()))).artefact)

    assert loaded == PREDICTOR_RECORD_DTYPE
    assert "str" not in {type(kind[0]).__name__ for kind in (loaded.fields or {}).values()}


def test_a_pickle_of_another_scikit_learn_release_is_refused(fitted: Mapping[str, Any], tmp_path: Path) -> None:
    honest = pickle.dumps(fitted["tree"], protocol=2)
    older = honest.replace(sklearn.__version__.encode(), b"1.2.2")

    with pytest.raises(InvalidArtefactError, match=r"saved by scikit-learn 1\.2\.2; this release reads"):
        load(_file(tmp_path, older))


def test_an_artefact_cut_off_anywhere_is_refused(fitted: Mapping[str, Any], tmp_path: Path) -> None:
    joblib.dump(fitted["tree"], tmp_path / "model.joblib")
    honest = (tmp_path / "model.joblib").read_bytes()

    for length in range(0, len(honest), 97):
        with pytest.raises(RejectedArtefactError):
            load(_file(tmp_path, honest[:length]))


def test_an_artefact_with_flipped_bytes_is_refused_or_still_safe_to_pack(
    fitted: Mapping[str, Any], names: list[str], tmp_path: Path
) -> None:
    joblib.dump(fitted["tree"], tmp_path / "model.joblib")
    honest = (tmp_path / "model.joblib").read_bytes()
    random = np.random.default_rng(0)
    outcomes = set()
    for place in random.integers(0, len(honest), 150):
        changed = bytearray(honest)
        changed[place] ^= 1 << int(random.integers(8))
        try:
            pack(load(_file(tmp_path, bytes(changed))).artefact, feature_names=names)
            outcomes.add("packed")
        except RejectedArtefactError:
            outcomes.add("refused")

    assert outcomes == {"packed", "refused"}


def _tampered(training: Labelled, **changes: tuple[int, Any]) -> DecisionTreeClassifier:
    model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(*training)
    state = model.tree_.__getstate__()
    nodes = state["nodes"].copy()
    for field, (index, value) in changes.items():
        nodes[field][index] = value
    tree = Tree(model.tree_.n_features, np.array([2], dtype=np.intp), 1)
    tree.__setstate__({**state, "nodes": nodes})
    model.tree_ = tree
    return model


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"left_child": (0, 0)}, "cycle"),
        ({"right_child": (1, 1)}, "cycle"),
        ({"left_child": (0, 10_000_000)}, "out of bounds"),
        ({"right_child": (0, -7)}, "cycle"),
        ({"feature": (0, 99)}, "column outside"),
        ({"threshold": (0, np.nan)}, "NaN or infinity"),
        ({"threshold": (0, -np.inf)}, "NaN or infinity"),
    ],
)
def test_a_tampered_tree_is_refused_before_scikit_learn_walks_it(
    changes: dict[str, tuple[int, Any]], why: str, training: Labelled, names: list[str], tmp_path: Path
) -> None:
    joblib.dump(_tampered(training, **changes), tmp_path / "model.joblib")

    with pytest.raises(InvalidPackedModelError, match=why):
        pack(load(tmp_path / "model.joblib").artefact, feature_names=names)


def test_a_tree_that_claims_more_nodes_than_it_has_is_refused(training: Labelled, tmp_path: Path) -> None:
    model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(*training)
    honest = pickle.dumps(model, protocol=2)
    count = b"node_count"
    place = honest.index(count) + len(count)
    number = honest.index(b"K", place)

    assert honest[number + 1] == model.tree_.node_count
    with pytest.raises(InvalidArtefactError, match="node count is forged"):
        load(_file(tmp_path, honest[: number + 1] + b"\xff" + honest[number + 2 :]))


def test_a_leaf_that_is_no_share_is_refused(training: Labelled, names: list[str], tmp_path: Path) -> None:
    model = RandomForestClassifier(2, random_state=0).fit(*training)
    state = model.estimators_[0].tree_.__getstate__()
    state["values"][:] = np.nan
    model.estimators_[0].tree_.__setstate__(state)
    joblib.dump(model, tmp_path / "model.joblib")

    with pytest.raises(InvalidPackedModelError, match="NaN"):
        pack(load(tmp_path / "model.joblib").artefact, feature_names=names)


def test_the_allow_list_holds_no_name_the_families_do_not_need(fitted: Mapping[str, Any]) -> None:
    needed = set()
    for model in fitted.values():
        text = pickle.dumps(model, protocol=2)
        needed |= {
            str(argument).replace(" ", ".") for code, argument, _ in pickletools.genops(text) if code.name == "GLOBAL"
        }

    from fraud.packing.allowlist import NAMES

    assert needed <= NAMES
    assert not {name for name in NAMES if name.startswith(("os.", "posix.", "subprocess.", "importlib."))}
