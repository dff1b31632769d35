"""Which classes a classifier tells apart."""

from typing import Any

import numpy as np

from fraud.errors import InvalidArtefactError


def check_classes(estimator: Any) -> None:
    """InvalidArtefactError unless the estimator is fitted on exactly 0 and 1 (or False and True).

    scikit-learn sorts classes, so that column 1 of its probabilities is then the probability of class 1.
    """
    name = type(estimator).__name__
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        raise InvalidArtefactError(f"{name} is not fitted")
    labels = np.asarray(classes)
    if labels.dtype.kind not in "biuf" or labels.tolist() != [0, 1]:
        raise InvalidArtefactError(f"{name} was fitted on classes {labels.tolist()[:5]}; 0 and 1 are needed")
