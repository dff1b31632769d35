"""Linear classifiers with a logistic link."""

from sklearn.linear_model import LogisticRegression, SGDClassifier

from fraud.errors import InvalidArtefactError
from fraud.packing.bench import Bench, Packed
from fraud.scoring.packed.program import Linear, Sigmoid


def pack_logistic_regression(model: LogisticRegression | SGDClassifier, bench: Bench) -> Packed:
    """`expit(X @ coef_.T + intercept_)`: what scikit-learn computes for two classes, whatever the solver."""
    bench.check_width(model)
    if model.coef_.shape != (1, bench.width) or model.intercept_.shape != (1,):
        raise InvalidArtefactError(f"coef_ has shape {model.coef_.shape}, not (1, {bench.width})")
    margin = Linear(bench.store(model.coef_), float(model.intercept_[0]))
    return Packed(margin, Sigmoid(margin))


def pack_sgd(model: SGDClassifier, bench: Bench) -> Packed:
    """The same with `loss="log_loss"`; other losses give no probability that could be packed exactly."""
    if model.loss != "log_loss":
        raise bench.unsupported(model, f' with loss="{str(model.loss)[:40]}"')
    return pack_logistic_regression(model, bench)
