from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from fraud.errors import InvalidArtefactError
from fraud.packing import pack
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Labelled


def test_training_medians_become_the_reference_row(fitted: Mapping[str, Any], names: list[str]) -> None:
    medians = {name: float(index) for index, name in enumerate(names)}

    packed = PackedModel.from_bytes(pack(fitted["forest"], feature_names=names, medians=medians).model)

    assert packed.reference == tuple(medians.values())
    assert packed.reference_source == "training medians"


def test_medians_of_some_columns_are_completed_from_the_model(fitted: Mapping[str, Any], names: list[str]) -> None:
    packed = PackedModel.from_bytes(pack(fitted["forest"], feature_names=names, medians={"V2": 9.0}).model)

    assert packed.reference[1] == 9.0
    assert packed.reference_source.startswith("training medians of 1 columns, typical values")


@pytest.mark.parametrize("family", ["forest", "hist", "scaled_logistic", "scaled_forest"])
def test_without_medians_the_reference_is_a_typical_harmless_row(
    family: str, fitted: Mapping[str, Any], training: Labelled, names: list[str]
) -> None:
    X, y = training

    packed = PackedModel.from_bytes(pack(fitted[family], feature_names=names).model)

    spread = np.percentile(X[y == 0], [2, 98], axis=0)
    assert (spread[0] <= packed.reference).all()
    assert (packed.reference <= spread[1]).all()
    assert packed.score(packed.reference) < 0.4
    assert packed.reference_source == "typical values of the model's splits and scales"


@pytest.mark.parametrize("medians", [{"V99": 1.0}, {"V1": float("nan")}, {"V1": float("inf")}])
def test_medians_that_belong_nowhere_or_are_not_finite_are_refused(
    medians: dict[str, float], fitted: Mapping[str, Any], names: list[str]
) -> None:
    with pytest.raises(InvalidArtefactError, match="median"):
        pack(fitted["forest"], feature_names=names, medians=medians)
