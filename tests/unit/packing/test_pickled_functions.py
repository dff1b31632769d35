"""What transformers bring along in a pickle: functions that are only mentioned, slices, a check, dictionaries."""

import pickle
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch
from sklearn.utils.validation import check_array

from fraud.errors import InvalidArtefactError
from fraud.packing.loader import load

CHECK = b"csklearn.utils.validation\ncheck_array\n"


def _loaded(folder: Path, content: bytes) -> Any:
    path = folder / "model.joblib"
    path.write_bytes(content)
    return load(path).artefact


@pytest.mark.parametrize("protocol", [2, 5])
def test_honest_ones_load_as_they_were(protocol: int, tmp_path: Path) -> None:
    check = partial(check_array, dtype=[np.float64], ensure_all_finite=False)
    honest = [np.log1p, slice(1, None), slice("a", "b", None), Bunch(a=1), FunctionTransformer(np.log1p), check]

    found = _loaded(tmp_path, pickle.dumps(honest, protocol=protocol))

    assert found[:4] == honest[:4]
    assert type(found[3]) is Bunch
    assert found[4].func is np.log1p
    assert (found[5].func, found[5].keywords) == (check.func, check.keywords)


class Deceiving:
    """Pickles as a call of a function with a state of one's choice."""

    def __init__(self, function: Any, arguments: tuple[Any, ...], state: Any) -> None:
        self.told = (function, arguments, state)

    def __reduce__(self) -> Any:
        return self.told


FORGED = {
    "another function": Deceiving(partial, (np.log1p,), None),
    "an argument": Deceiving(partial, (check_array, 1), None),
    "another function as state": Deceiving(partial, (check_array,), (np.log1p, (), {}, None)),
    "an argument as state": Deceiving(partial, (check_array,), (check_array, (1,), {}, None)),
    "other options": Deceiving(partial, (check_array,), (check_array, (), {"dtype": None}, None)),
    "no options": Deceiving(partial, (check_array,), (check_array, (), {}, {"x": 1})),
    "a dictionary": Deceiving(partial, (check_array,), {"func": 1}),
    "a slice by a list": Deceiving(slice, ([1], None, None), None),
    "a slice of two": Deceiving(slice, (1, 2), None),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_ones_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArtefactError, match="not safe"):
        _loaded(tmp_path, pickle.dumps(FORGED[name]))


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02cnumpy\nlog1p\nK\x01\x85R.",
        b"\x80\x02cnumpy\nfloat64\nK\x01\x85R.",
        b"\x80\x02" + CHECK + b"K\x01\x85R.",
        b"\x80\x02csklearn.utils._bunch\nBunch\n)R.",
        b"\x80\x02csklearn.compose._column_transformer\nColumnTransformer\n)R.",
    ],
)
def test_what_is_only_mentioned_may_not_be_called(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(InvalidArtefactError, match="may not be called"):
        _loaded(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x80\x02csklearn.pipeline\nPipeline\n)\x81U\x01aK\x01s.", "fills a Made"),
        (b"\x80\x02csklearn.pipeline\nPipeline\n)\x81(U\x01aK\x01u.", "fills a Made"),
        (b"\x80\x02csklearn.utils._bunch\nBunch\n)\x81K\x01a.", "fills a Made"),
        (b"\x80\x02csklearn.utils._bunch\nBunch\n)\x81(K\x01\x85K\x01u.", "no plain value"),
        (b"\x80\x02cnumpy\nlog1p\n}U\x01aK\x01sb.", "gives state to"),
    ],
)
def test_only_dictionaries_are_filled_like_one(content: bytes, why: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArtefactError, match=why):
        _loaded(tmp_path, content)


def test_a_dictionary_of_its_own_kind_that_holds_itself_is_refused(tmp_path: Path) -> None:
    content = b"\x80\x02csklearn.utils._bunch\nBunch\n)\x81q\x00U\x01ah\x00s."

    with pytest.raises(InvalidArtefactError, match="holds itself"):
        _loaded(tmp_path, content)
