from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing import pack
from fraud.scoring.packed.model import PackedModel
from tests.unit.packing.conftest import Floats, Labelled
from tests.unit.packing.test_families import answers, scores


def _linear() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


def _forest() -> RandomForestClassifier:
    return RandomForestClassifier(5, random_state=0)


def _boosted() -> GradientBoostingClassifier:
    return GradientBoostingClassifier(n_estimators=8, random_state=0)


def _members() -> list[tuple[str, Any]]:
    return [("linear", _linear()), ("forest", _forest()), ("boosted", _boosted())]


MODELS: dict[str, tuple[Any, str, str]] = {
    "vote": (VotingClassifier(_members(), voting="soft"), "probability", "_rescaled"),
    "vote_weighted": (VotingClassifier(_members(), voting="soft", weights=[0.2, 3, 0]), "probability", "_rescaled"),
    "vote_dropped": (
        VotingClassifier([*_members(), ("gone", "drop")], voting="soft", weights=[1, 2, 3, 4]),
        "probability",
        "_rescaled",
    ),
    "vote_of_forests": (VotingClassifier([("a", _forest()), ("b", _forest())], voting="soft"), "probability", ""),
    "stack": (StackingClassifier(_members(), cv=2), "log_odds", "_rescaled"),
    "stack_dropped": (StackingClassifier([("gone", "drop"), *_members()], cv=2), "log_odds", "_rescaled"),
    "stack_of_forests": (StackingClassifier([("a", _forest()), ("b", _forest())], cv=2), "log_odds", ""),
    "stack_decisions": (
        StackingClassifier([("a", _linear()), ("b", _boosted())], cv=2, stack_method="decision_function"),
        "log_odds",
        "",
    ),
    "stack_passthrough": (
        StackingClassifier(_members(), cv=2, passthrough=True, final_estimator=_linear()),
        "log_odds",
        "_rescaled",
    ),
    "stack_trees": (StackingClassifier(_members(), cv=2, final_estimator=_forest()), "probability", "_rescaled"),
    "stack_boosted": (
        make_pipeline(StandardScaler(), StackingClassifier(_members(), cv=2, final_estimator=_boosted())),
        "log_odds",
        "_rescaled",
    ),
    "calibrated_stack": (
        CalibratedClassifierCV(VotingClassifier(_members(), voting="soft"), cv=2, method="sigmoid"),
        "probability",
        "_rescaled",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_ensemble_of_ensembles_answers_explains_and_names_its_explanation(
    name: str, training: Labelled, unseen: Floats, names: list[str]
) -> None:
    model, unit, suffix = MODELS[name]
    model.fit(*training)
    data = pack(model, feature_names=names).model
    packed, walked = PackedModel.from_bytes(data), PackedModel.from_bytes(data, "walker")
    rows = unseen[:300]

    assert np.max(np.abs(scores(packed, rows) - answers(model, rows))) <= 1e-12
    assert {walked.explain(row).method for row in rows[:2].tolist()} == {f"single_reference_shapley{suffix}"}
    for row in rows[:25].tolist():
        explained = packed.explain(row)
        assert explained.unit == unit
        assert explained.method in (f"tree_path_dependent_shap{suffix}", f"composed_shap{suffix}")
        assert abs(explained.base + sum(explained.contributions) - explained.margin) <= 1e-9
        assert sum(map(abs, explained.contributions)) < 60.0


def test_the_family_names_its_members(training: Labelled, names: list[str]) -> None:
    members = [("a", _forest()), ("b", HistGradientBoostingClassifier(max_iter=3))]
    vote = VotingClassifier(members, voting="soft").fit(*training)
    stack = StackingClassifier(members, cv=2).fit(*training)

    assert pack(vote, feature_names=names).family == (
        "VotingClassifier(RandomForestClassifier, HistGradientBoostingClassifier)"
    )
    assert pack(stack, feature_names=names).family == (
        "StackingClassifier(RandomForestClassifier, HistGradientBoostingClassifier, LogisticRegression)"
    )


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (VotingClassifier(_members()), 'VotingClassifier with voting="hard"'),
        (StackingClassifier(_members(), cv=2, stack_method="predict"), 'stack_method "predict"'),
        (VotingClassifier([("a", _forest()), ("b", GaussianNB())], voting="soft"), "GaussianNB cannot be packed"),
        (StackingClassifier([("a", _forest())], cv=2, final_estimator=GaussianNB()), "GaussianNB cannot be packed"),
        (SGDClassifier(loss="modified_huber"), 'SGDClassifier with loss="modified_huber"'),
        (SGDClassifier(), 'SGDClassifier with loss="hinge"'),
    ],
)
def test_an_ensemble_that_cannot_be_packed_exactly_is_refused(
    model: Any, why: str, training: Labelled, names: list[str]
) -> None:
    model.fit(*training)

    with pytest.raises(UnsupportedModelError, match=why):
        pack(model, feature_names=names)


@pytest.mark.parametrize(
    ("name", "broken"),
    [("weights", [1.0, 2.0]), ("estimators_", []), ("classes_", [1, 2])],
)
def test_a_vote_with_broken_insides_is_refused(name: str, broken: Any, training: Labelled, names: list[str]) -> None:
    model = VotingClassifier(_members(), voting="soft").fit(*training)
    setattr(model, name, broken)

    with pytest.raises(InvalidArtefactError):
        pack(model, feature_names=names)


@pytest.mark.parametrize("model", [VotingClassifier(_members(), voting="soft"), StackingClassifier(_members())])
def test_an_unfitted_ensemble_is_refused(model: Any, names: list[str]) -> None:
    with pytest.raises(InvalidArtefactError, match="not fitted"):
        pack(model, feature_names=names)
