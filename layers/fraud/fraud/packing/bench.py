"""Where a packed program is put together: named arrays, and the way back to the registry for nested estimators."""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_regressor

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing.answers import isolation_forest_in
from fraud.packing.classes import check_classes
from fraud.scoring.packed.program import Scorer, Transform


class Packed(NamedTuple):
    """A packed classifier: `response` is what a calibrator sees (`decision_function`, else the probability)."""

    response: Scorer
    probability: Scorer


ClassifierPacker = Callable[[Any, "Bench"], Packed]
TransformPacker = Callable[[Any, "Bench"], tuple[Transform, ...]]


class Registry(NamedTuple):
    """The families that can be packed, by exact type: a subclass may compute something else."""

    classifiers: Mapping[type, ClassifierPacker]
    transforms: Mapping[type, TransformPacker]

    @property
    def supported(self) -> str:
        """The names of all supported classes, for people."""
        return ", ".join(sorted({kind.__name__ for kind in (*self.classifiers, *self.transforms)}))

    def unsupported(self, estimator: object, why: str = "") -> UnsupportedModelError:
        """The refusal of an estimator, with what would be accepted."""
        if not why and isinstance(estimator, BaseEstimator) and is_regressor(estimator):
            why = " is a regressor: it"
        return UnsupportedModelError(
            f"{type(estimator).__name__}{why} cannot be packed exactly; supported: {self.supported}"
        )

    def classifier_packer(self, estimator: object) -> ClassifierPacker:
        """The packer of a classifier's exact type; raises UnsupportedModelError."""
        packer = self.classifiers.get(type(estimator))
        if packer is None:
            raise self.unsupported(estimator)
        return packer


class Bench:
    """Collects the arrays of one program over `width` columns.

    `by_name`: the column transformers met on the way that choose columns by name.
    """

    def __init__(self, registry: Registry, width: int) -> None:
        self._registry, self.width = registry, width
        self.arrays: dict[str, NDArray[Any]] = {}
        self.by_name: list[Any] = []

    def at(self, width: int) -> "Bench":
        """The same bench for what reads another number of columns."""
        other = copy(self)
        other.width = width
        return other

    def store(self, numbers: Any, dtype: str = "f8") -> str:
        """Keep an array under a fresh name and return the name."""
        name = f"a{len(self.arrays)}"
        self.arrays[name] = _exact(numbers, dtype)
        return name

    def store_group(self, **arrays: tuple[Any, str]) -> str:
        """Keep `(numbers, dtype)` arrays under one fresh name, as `<name>.<key>`, and return the name."""
        group = f"a{len(self.arrays)}"
        self.add_to_group(group, **arrays)
        return group

    def add_to_group(self, group: str, **arrays: tuple[Any, str]) -> None:
        """Keep further arrays, or other ones, under the name of a group."""
        for key, (numbers, dtype) in arrays.items():
            self.arrays[f"{group}.{key}"] = _exact(numbers, dtype)

    def classifier(self, estimator: object) -> Packed:
        """The packed form of a classifier of classes 0 and 1.

        Raises UnsupportedModelError by name, InvalidArtefactError when it is not fitted or knows other classes.
        """
        packer = self._registry.classifier_packer(estimator)
        if isolation_forest_in(estimator) is None:
            check_classes(estimator)
        return packer(estimator, self)

    def transforms(self, estimator: object) -> tuple[Transform, ...]:
        """The packed form of a nested transformer; raises UnsupportedModelError by name."""
        packer = self._registry.transforms.get(type(estimator))
        if packer is None:
            raise self._registry.unsupported(estimator)
        return packer(estimator, self)

    def unsupported(self, estimator: object, why: str = "") -> UnsupportedModelError:
        """The refusal of an estimator, or of one special form of it, with what would be accepted."""
        return self._registry.unsupported(estimator, why)

    def check_width(self, estimator: Any) -> None:
        """Raise InvalidArtefactError when a nested estimator reads another number of columns, or is not fitted."""
        columns = getattr(estimator, "n_features_in_", None)
        if columns is None:
            raise InvalidArtefactError(f"{type(estimator).__name__} is not fitted")
        if columns != self.width:
            raise InvalidArtefactError(f"{type(estimator).__name__} reads {columns} columns where {self.width} arrive")


def _exact(numbers: Any, dtype: str) -> NDArray[Any]:
    """The numbers in a narrower type; a forged index must not wrap around into a harmless one."""
    given = np.asarray(numbers)
    stored = np.ascontiguousarray(given, dtype=dtype).reshape(-1)
    if stored.dtype.kind in "iu" and not np.array_equal(stored, given.reshape(-1)):
        raise InvalidArtefactError(f"a tree holds an index that is out of bounds for {dtype}")
    return stored
