"""An evaluation set is read without unpickling, and anything else is refused in words."""

import hashlib
import io
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest

from fraud.errors import InvalidRequestError
from fraud.versions.evaluation_set import load_evaluation_set

GOOD: dict[str, Any] = {
    "X": np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32),
    "y": np.array([0, 1], dtype=np.int8),
    "columns": np.array(["Time", "V1"]),
}


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def test_a_set_comes_back_as_float64_rows_with_their_labels_and_names() -> None:
    found = load_evaluation_set(npz(**GOOD))

    assert found.X.dtype == np.float64
    assert found.X.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert found.y.tolist() == [0, 1]
    assert found.columns == ("Time", "V1")


def test_a_set_knows_the_digest_of_its_file() -> None:
    data = npz(**GOOD)

    assert load_evaluation_set(data).sha256 == hashlib.sha256(data).hexdigest()


def test_rows_come_in_a_models_own_order_whatever_the_case_of_time() -> None:
    found = load_evaluation_set(npz(**GOOD))

    assert found.rows_for(["V1", "time"]).tolist() == [[2.0, 1.0], [4.0, 3.0]]


def test_a_feature_the_set_lacks_is_named() -> None:
    with pytest.raises(InvalidRequestError, match="no column v1, Amount"):
        load_evaluation_set(npz(**GOOD)).rows_for(["v1", "Amount", "time"])


def test_a_pickled_column_is_refused_and_never_opened() -> None:
    # GIVEN an array whose unpickling would raise something else
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("unpickled",))

    data = npz(**{**GOOD, "columns": np.array([Trap(), "V1"], dtype=object)})

    with pytest.raises(InvalidRequestError, match="plain arrays"):
        load_evaluation_set(data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"X": np.array([1.0, 2.0])}, "rows and columns"),
        ({"X": np.zeros((0, 2))}, "rows and columns"),
        ({"X": np.array([["a", "b"], ["c", "d"]])}, "rows and columns"),
        ({"X": np.array([[1.0, np.nan], [1.0, 2.0]])}, "not finite"),
        ({"X": np.array([[1.0, np.inf], [1.0, 2.0]])}, "not finite"),
        ({"y": np.array([0, 1, 1])}, "one label for each of the 2 rows"),
        ({"y": np.array([0, 0])}, "hold both"),
        ({"y": np.array([0, 7])}, "0 and 1"),
        ({"y": np.array(["0", "1"])}, "one label"),
        ({"columns": np.array(["Time"])}, "each of the 2 columns"),
        ({"columns": np.array([1, 2])}, "each of the 2 columns"),
        ({"columns": np.array(["Time", "time"])}, "differ"),
    ],
)
def test_arrays_of_another_shape_or_kind_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words) as caught:
        load_evaluation_set(npz(**{**GOOD, **change}))

    assert caught.value.code == "invalid_evaluation_set"


def test_a_missing_array_is_named() -> None:
    with pytest.raises(InvalidRequestError, match="X, y and columns"):
        load_evaluation_set(npz(X=GOOD["X"], y=GOOD["y"]))


def single_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def text_member() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in GOOD:
            archive.writestr(name, "not an array")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"not a zip at all", pickle.dumps({"X": 1}), single_array(), npz(**GOOD)[:-40], text_member()],
    ids=["empty", "stub", "text", "pickle", "npy", "truncated", "no arrays"],
)
def test_bytes_that_are_no_npz_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        load_evaluation_set(data)


def test_a_flipped_byte_is_refused_or_harmless() -> None:
    data = npz(**GOOD)

    for place in range(0, len(data), 7):
        damaged = data[:place] + bytes([data[place] ^ 0x40]) + data[place + 1 :]
        try:
            load_evaluation_set(damaged)
        except InvalidRequestError:
            continue


def test_a_set_that_unpacks_too_large_is_refused_before_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fraud.versions.evaluation_set.MAX_UNPACKED_BYTES", 100)

    with pytest.raises(InvalidRequestError, match="unpacks to"):
        load_evaluation_set(npz(**GOOD))
