"""Estimators that ask several others: votes and stacks."""

from typing import Any

from sklearn.ensemble import StackingClassifier, VotingClassifier

from fraud.errors import InvalidArtefactError
from fraud.packing.bench import Bench, Packed
from fraud.packing.composites import mean_of
from fraud.scoring.packed.program import Scorer, Sigmoid, Stack


def pack_voting(model: VotingClassifier, bench: Bench) -> Packed:
    """The weighted mean of the members' probabilities; a vote by majority is refused."""
    if model.voting != "soft":
        raise bench.unsupported(model, f' with voting="{model.voting}"')
    weights = None if model.weights is None else [float(weight) for weight in model._weights_not_none]
    members = [bench.classifier(member).probability for member in model.estimators_]
    if weights is not None and len(weights) != len(members):
        raise InvalidArtefactError(f"{len(weights)} weights for {len(members)} voters")
    packed = mean_of(members, weights, bench)
    return Packed(packed, packed)


def pack_stacking(model: StackingClassifier, bench: Bench) -> Packed:
    """The final estimator over the members' answers, followed by the row with `passthrough`."""
    members = tuple(
        _answer(model, member, method, bench)
        for member, method in zip(model.estimators_, model.stack_method_, strict=True)
    )
    if not members:
        raise InvalidArtefactError("the stack has no members")
    passthrough = bool(model.passthrough)
    inside = bench.at(len(members) + (bench.width if passthrough else 0))
    final = inside.classifier(model.final_estimator_)
    return Packed(*(_stacked(members, passthrough, scorer) for scorer in (final.response, final.probability)))


def _answer(model: StackingClassifier, member: Any, method: str, bench: Bench) -> Scorer:
    packed = bench.classifier(member)
    if method == "predict_proba":
        return packed.probability
    if method == "decision_function":
        return packed.response
    raise bench.unsupported(model, f' with stack_method "{method}"')


def _stacked(members: tuple[Scorer, ...], passthrough: bool, final: Scorer) -> Scorer:
    """The stack; a final sigmoid stays outermost, where log-odds are explained exactly."""
    if isinstance(final, Sigmoid):
        return Sigmoid(Stack(members, passthrough, final.of))
    return Stack(members, passthrough, final)
