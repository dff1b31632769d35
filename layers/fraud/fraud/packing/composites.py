"""Estimators made of others: pipelines, frozen estimators, calibrated classifiers."""

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV, _CalibratedClassifier, _SigmoidCalibration
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.pipeline import Pipeline as SklearnPipeline

from fraud.errors import InvalidArtefactError
from fraud.packing.bench import Bench, Packed
from fraud.packing.chains import width_after
from fraud.scoring.packed.program import Affine, Mean, Pipeline, Scorer, Sigmoid, Steps, Transform

_SKIPPED = (None, "passthrough")


def pack_pipeline(model: SklearnPipeline, bench: Bench) -> Packed:
    """Transformers, then a classifier."""
    transforms = _transforms_of(model.steps[:-1], bench)
    inner = bench.at(width_after(transforms, bench.arrays, bench.width)).classifier(model.steps[-1][1])
    return Packed(after(transforms, inner.response), after(transforms, inner.probability))


def pack_transformer_pipeline(model: SklearnPipeline, bench: Bench) -> tuple[Transform, ...]:
    """A pipeline of transformers alone."""
    return _transforms_of(model.steps, bench)


def pack_frozen(model: FrozenEstimator, bench: Bench) -> Packed:
    """What is frozen."""
    return bench.classifier(model.estimator)


def pack_calibrated(model: CalibratedClassifierCV, bench: Bench) -> Packed:
    """The mean of the calibrated members: one for `ensemble=False`, one a fold otherwise."""
    packed = mean_of([_pack_member(member, bench) for member in model.calibrated_classifiers_], None, bench)
    return Packed(packed, packed)


def after(transforms: tuple[Transform, ...], scorer: Scorer) -> Scorer:
    """The scorer of the transformed row; a final sigmoid stays outermost, where log-odds are explained exactly."""
    if not transforms:
        return scorer
    if isinstance(scorer, Sigmoid):
        return Sigmoid(Pipeline(transforms, scorer.of))
    return Pipeline(transforms, scorer)


def mean_of(members: list[Scorer], weights: list[float] | None, bench: Bench) -> Scorer:
    """The (weighted) mean of probabilities; of one member, the member itself."""
    if not members:
        raise InvalidArtefactError("the ensemble has no members")
    if len(members) == 1:
        return members[0]
    return Mean(tuple(members), bench.store([1.0] * len(members) if weights is None else weights))


def _transforms_of(steps: list[tuple[str, Any]], bench: Bench) -> tuple[Transform, ...]:
    packed: tuple[Transform, ...] = ()
    for _, step in steps:
        if step not in _SKIPPED:
            packed += bench.at(width_after(packed, bench.arrays, bench.width)).transforms(step)
    return packed


def _pack_member(member: _CalibratedClassifier, bench: Bench) -> Scorer:
    if type(member) is not _CalibratedClassifier or len(member.calibrators) != 1:
        raise InvalidArtefactError("a calibrated member does not hold exactly one calibrator")
    response, calibrator = bench.classifier(member.estimator).response, member.calibrators[0]
    if type(calibrator) is _SigmoidCalibration:
        # scikit-learn's expit(-(a * score + b)): a sign commutes with rounding
        return Sigmoid(Affine(response, -float(calibrator.a_), -float(calibrator.b_)))
    if type(calibrator) is IsotonicRegression:
        return _isotonic(calibrator, response, bench)
    raise bench.unsupported(calibrator, " calibration")


def _isotonic(calibrator: IsotonicRegression, response: Scorer, bench: Bench) -> Scorer:
    at, value = calibrator.X_thresholds_, calibrator.y_thresholds_
    if at.dtype != np.float64 or value.dtype != np.float64:
        raise bench.unsupported(calibrator, " fitted on float32 scores")
    if calibrator.out_of_bounds != "clip" or (at[0], at[-1]) != (calibrator.X_min_, calibrator.X_max_):
        raise bench.unsupported(calibrator, f' with out_of_bounds="{calibrator.out_of_bounds}"')
    return Steps(response, bench.store(at), bench.store(value))
