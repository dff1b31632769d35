"""Every family: packed, held against its own library, explained, sent through the loader, and listed in the README."""

import pickle
import pickletools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.compose import make_column_selector

from benchmarks.families import BEGIN, END, PAGE
from benchmarks.family_cases import CASES, REFUSED, frozen
from benchmarks.family_models import NAMES, Case, Source, draw
from benchmarks.parity import Parity, parity
from fraud.errors import UnsupportedModelError
from fraud.packing import allowlist, pack
from fraud.packing.families import FAMILIES
from fraud.packing.loader import load

TRAINING = draw(0, 800)
ROWS = 1000
ALL = (*CASES, frozen(*TRAINING))
BIT_EQUAL = {
    "DecisionTreeClassifier",
    "ExtraTreeClassifier",
    "ExtraTreesClassifier",
    "MinMaxScaler + RandomForestClassifier",
    "PowerTransformer + RandomForestClassifier",
    "ColumnTransformer + RandomForestClassifier",
    "RandomForestClassifier",
}
_fitted: dict[str, Source] = {}
_measured: dict[str, Parity] = {}


def fitted(case: Case) -> Source:
    """The case's model, fitted once."""
    if not case.available:
        pytest.skip(f"{case.library} is not installed: uv sync --group oracles")
    if case.model not in _fitted:
        with joblib.parallel_config(backend="sequential"):
            _fitted[case.model] = case.fit(*TRAINING)
    return _fitted[case.model]


def measured(case: Case) -> Parity:
    """The case's parity, measured once."""
    source = fitted(case)
    if case.model not in _measured:
        _measured[case.model] = parity(source, ROWS)
    return _measured[case.model]


def words(case: Case) -> str:
    return case.model


@pytest.mark.parametrize("case", ALL, ids=words)
def test_packed_answers_are_those_of_the_source_and_flip_no_decision(case: Case) -> None:
    found = measured(case)

    expected = 0.0 if case.model in BIT_EQUAL else 1e-6 if case.family == "XGBoost" else 1e-12
    assert found.tolerance == expected
    assert found.largest <= found.tolerance
    assert found.flips == 0


@pytest.mark.parametrize("case", ALL, ids=words)
def test_reasons_add_up(case: Case) -> None:
    found = measured(case)

    for row in found.rows[:40].tolist():
        explained = found.packed.explain(row)
        assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-9
        assert max(map(abs, explained.contributions)) < 100.0


@pytest.mark.parametrize("protocol", [None, 2])
@pytest.mark.parametrize("case", [case for case in ALL if case.library is None], ids=words)
def test_it_comes_through_the_restricted_loader_unchanged(case: Case, protocol: int | None, tmp_path: Path) -> None:
    model = fitted(case).artefact
    joblib.dump(model, tmp_path / "model.joblib", protocol=protocol)

    again = pack(load(tmp_path / "model.joblib").artefact, feature_names=NAMES)

    assert again.model == measured(case).data


@pytest.mark.parametrize("family", REFUSED)
def test_what_the_page_calls_refused_is_refused_by_name(family: str) -> None:
    model = REFUSED[family].fit(*draw(0, 200))

    with pytest.raises(UnsupportedModelError, match=family.split(maxsplit=1)[0]):
        pack(model, feature_names=NAMES)


def _page_rows() -> Iterator[list[str]]:
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_lists_exactly_the_families_that_can_be_packed() -> None:
    packs = {family for family, _, packs, *_ in _page_rows() if packs == "yes"}

    assert packs == set(FAMILIES.supported.split(", "))


def test_the_page_lists_every_case_and_what_is_refused() -> None:
    rows = list(_page_rows())

    assert {(family, model) for family, model, packs, *_ in rows if packs == "yes"} == {
        (case.family, case.model) for case in ALL
    }
    assert {family for family, _, packs, *_ in rows if packs != "yes"} == set(REFUSED)


def test_the_page_shows_no_flipped_decision_and_no_difference_beyond_the_tolerance() -> None:
    for family, model, packs, difference, flipped, _ in _page_rows():
        if packs == "yes":
            allowed = 0.0 if model in BIT_EQUAL else 1e-6 if family == "XGBoost" else 1e-12
            assert float(difference) <= allowed, model
            assert flipped == "0", model


def _names_in(model: Any) -> set[str]:
    text = pickle.dumps(model, protocol=2)
    return {str(name).replace(" ", ".") for code, name, _ in pickletools.genops(text) if code.name == "GLOBAL"}


def test_the_allow_list_names_what_these_families_need() -> None:
    needed = {name for case in ALL if case.library is None for name in _names_in(fitted(case).artefact)}
    needed |= _names_in(make_column_selector("V"))

    assert needed <= allowlist.NAMES
    assert {
        "__builtin__.slice",
        "functools.partial",
        "numpy.expm1",
        "numpy.float64",
        "numpy.log1p",
        "sklearn.compose._column_transformer.ColumnTransformer",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn.ensemble._iforest.IsolationForest",
        "sklearn.ensemble._stacking.StackingClassifier",
        "sklearn.ensemble._voting.VotingClassifier",
        "sklearn.impute._base.MissingIndicator",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.linear_model._stochastic_gradient.SGDClassifier",
        "sklearn.preprocessing._data.PowerTransformer",
        "sklearn.preprocessing._encoders.OrdinalEncoder",
        "sklearn.preprocessing._function_transformer.FunctionTransformer",
        "sklearn.tree._classes.ExtraTreeRegressor",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils.validation.check_array",
    } <= needed
