from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from fraud.errors import InvalidArtefactError
from fraud.packing import pack
from fraud.packing.columns import ULB_FEATURES, agreed_names, assumed_names
from fraud.scoring.schema import DEFAULT_FEATURES
from tests.unit.packing.conftest import Labelled, draw

SCALED = [
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(MinMaxScaler(), LogisticRegression()),
    make_pipeline(RobustScaler(), RandomForestClassifier(5, random_state=0)),
    RandomForestClassifier(5, random_state=0),
    HistGradientBoostingClassifier(max_iter=10),
]


@pytest.mark.parametrize("model", SCALED)
def test_unnamed_columns_in_the_public_cards_order_are_recognised(model: Any, wide: Labelled) -> None:
    packed = pack(model.fit(*wide))

    assert packed.features == ULB_FEATURES
    assert packed.columns_assumed is not None
    assert "read as Time, V1 to V28, Amount, because the" in packed.columns_assumed


@pytest.mark.parametrize("model", SCALED)
def test_unnamed_columns_that_start_with_amount_and_time_are_in_the_default_order(model: Any, wide: Labelled) -> None:
    X, y = wide
    ordered = X[:, [29, 0, *range(1, 29)]]

    packed = pack(model.fit(ordered, y))

    assert packed.features == DEFAULT_FEATURES
    assert packed.columns_assumed == (
        "the artefact names no columns: read as amount, time, V1 to V28, the default order"
    )


def test_a_model_whose_numbers_show_nothing_is_read_in_the_default_order(wide: Labelled) -> None:
    assert pack(LogisticRegression(max_iter=50, tol=10.0).fit(*wide)).features == DEFAULT_FEATURES


def test_reach_decides_between_the_orders() -> None:
    quiet = np.zeros(30)
    for column, reach, order in ((29, 201.0, ULB_FEATURES), (29, 199.0, DEFAULT_FEATURES), (0, 50_001.0, ULB_FEATURES)):
        seen = quiet.copy()
        seen[column] = reach
        assert assumed_names(seen)[0] == order
        seen[1] = 201.0
        assert assumed_names(seen)[0] == DEFAULT_FEATURES


@pytest.mark.parametrize("width", [5, 29, 31])
def test_an_unnamed_model_of_another_width_is_refused(width: int) -> None:
    model = LogisticRegression(max_iter=2000).fit(*draw(0, 200, width))

    with pytest.raises(InvalidArtefactError, match=f"reads {width}; expected 30"):
        pack(model)


def test_a_named_model_may_have_any_width() -> None:
    model = LogisticRegression(max_iter=2000).fit(*draw(0, 200, 5))
    model.feature_names_in_ = np.array(["a", "b", "c", "d", "Amount"], dtype=object)

    packed = pack(model)

    assert packed.features == ("a", "b", "c", "d", "Amount")
    assert packed.columns_assumed is None


def test_names_may_be_given_beside_the_artefact() -> None:
    model = LogisticRegression(max_iter=2000).fit(*draw(0, 200, 3))

    assert pack(model, feature_names=["x", "y", "amount"]).features == ("x", "y", "amount")


def test_the_artefacts_own_order_wins_over_the_order_beside_it() -> None:
    assert agreed_names(["b", "a"], ["a", "b"], 2) == ("b", "a")


@pytest.mark.parametrize(
    ("own", "given", "why"),
    [
        (["a", "b"], ["a", "c"], "not those it was fitted with"),
        (None, ["a"], "1 column names for 2"),
        (None, ["a", "A"], "upper and lower case"),
        (None, ["a", ""], "1 to 128 printable"),
        (None, ["a", "b\x00"], "1 to 128 printable"),
        (None, ["a", "b" * 129], "1 to 128 printable"),
    ],
)
def test_names_that_cannot_be_used_are_refused(own: list[str] | None, given: list[str], why: str) -> None:
    with pytest.raises(InvalidArtefactError, match=why):
        agreed_names(own, given, 2)


def test_parts_of_a_bundle_that_name_columns_differently_are_refused() -> None:
    X, y = draw(0, 200, 3)
    scaler, model = StandardScaler().fit(X), LogisticRegression(max_iter=2000).fit(X, y)
    scaler.feature_names_in_ = np.array(["a", "b", "c"], dtype=object)
    model.feature_names_in_ = np.array(["b", "a", "c"], dtype=object)

    with pytest.raises(InvalidArtefactError, match="differently"):
        pack({"models": {"m": model}, "scaler": scaler})
