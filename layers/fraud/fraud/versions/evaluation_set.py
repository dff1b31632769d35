"""Read the labelled rows that drops are measured on."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraud.errors import InvalidRequestError
from fraud.scoring.schema import TOP_LEVEL

MAX_UNPACKED_BYTES = 1 << 30
ARRAYS = ("X", "y", "columns")


@dataclass(frozen=True)
class EvaluationSet:
    """Labelled rows: `X` float64 (n, k), finite; `y` int8 (n,) of 0 and 1, both present; `columns`, k names.

    `sha256` is that of the file they were read from.
    """

    X: NDArray[np.float64]
    y: NDArray[np.int8]
    columns: tuple[str, ...]
    sha256: str

    def rows_for(self, features: Sequence[str]) -> NDArray[np.float64]:
        """`X` in the order of a model's features; `Amount` and `Time` are found whatever their case.

        Raises InvalidRequestError naming each feature the set does not have.
        """
        place = {_canonical(name): index for index, name in enumerate(self.columns)}
        missing = [name for name in features if _canonical(name) not in place]
        if missing:
            raise _refused(f"the evaluation set has no column {', '.join(missing[:5])}")
        return self.X[:, [place[_canonical(name)] for name in features]]


def load_evaluation_set(data: bytes) -> EvaluationSet:
    """The set in the bytes of an `.npz` with `X`, `y` and `columns`; nothing in it is unpickled.

    Raises InvalidRequestError saying what is wrong with any other bytes.
    """
    arrays = _read(data)
    rows = _matrix(arrays["X"])
    return EvaluationSet(
        X=rows,
        y=_labels(arrays["y"], len(rows)),
        columns=_columns(arrays["columns"], rows.shape[1]),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _read(data: bytes) -> dict[str, NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise _refused(f"the evaluation set unpacks to {unpacked} bytes, over {MAX_UNPACKED_BYTES}")
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in ARRAYS}
    except KeyError as exc:
        raise _refused("the evaluation set must hold the arrays X, y and columns") from exc
    except (ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as exc:
        raise _refused(f"the evaluation set is not a readable .npz of plain arrays: {exc}") from exc


def _matrix(X: NDArray[np.generic]) -> NDArray[np.float64]:  # noqa: N803
    if not isinstance(X, np.ndarray) or X.ndim != 2 or X.dtype.kind not in "fiu" or 0 in X.shape:
        raise _refused("X must be numbers in rows and columns")
    rows = X.astype(np.float64)
    if not np.isfinite(rows).all():
        raise _refused("X holds values that are not finite")
    return rows


def _labels(y: NDArray[np.generic], n: int) -> NDArray[np.int8]:
    if not isinstance(y, np.ndarray) or y.shape != (n,) or y.dtype.kind not in "fiub":
        raise _refused(f"y must be one label for each of the {n} rows")
    if not np.isin(y, (0, 1)).all() or len(np.unique(y)) != 2:
        raise _refused("y must be 0 and 1 and hold both")
    return y.astype(np.int8)


def _columns(columns: NDArray[np.generic], k: int) -> tuple[str, ...]:
    if not isinstance(columns, np.ndarray) or columns.shape != (k,) or columns.dtype.kind != "U":
        raise _refused(f"columns must name each of the {k} columns of X")
    names = tuple(str(name) for name in columns)
    if len({_canonical(name) for name in names}) != k:
        raise _refused("columns must differ from each other")
    return names


def _canonical(name: str) -> str:
    return name.lower() if name.lower() in TOP_LEVEL else name


def _refused(words: str) -> InvalidRequestError:
    return InvalidRequestError(words, code="invalid_evaluation_set")
