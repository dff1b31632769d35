"""The exact names a pickle may refer to: what the supported families need, and nothing else.

Prefixes would not do: `sklearn.*`, `numpy.*` and `joblib.*` each hold a way to run code. The names are text, so that
asking for the rule of one imports nothing.
"""

import importlib
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """What a global may do. `calls`: may be called by REDUCE; `creates`: may be made by NEWOBJ and given state."""

    calls: bool = False
    creates: bool = False


_CREATED = (
    "sklearn._loss.link.HalfLogitLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.ExponentialLoss",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.dummy.DummyClassifier",
    "sklearn.ensemble._forest.ExtraTreesClassifier",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._gb.GradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.ensemble._iforest.IsolationForest",
    "sklearn.ensemble._stacking.StackingClassifier",
    "sklearn.ensemble._voting.VotingClassifier",
    "sklearn.frozen._frozen.FrozenEstimator",
    "sklearn.impute._base.MissingIndicator",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.isotonic.IsotonicRegression",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._stochastic_gradient.SGDClassifier",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.MinMaxScaler",
    "sklearn.preprocessing._data.PowerTransformer",
    "sklearn.preprocessing._data.RobustScaler",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._encoders.OrdinalEncoder",
    "sklearn.preprocessing._function_transformer.FunctionTransformer",
    "sklearn.preprocessing._label.LabelEncoder",
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._classes.ExtraTreeClassifier",
    "sklearn.tree._classes.ExtraTreeRegressor",
    "sklearn.utils._bunch.Bunch",
)
_CALLED = (
    "datetime.timedelta",
    "datetime.timezone",
    "sklearn._loss._loss.CyExponentialLoss",
    "sklearn._loss._loss.CyHalfBinomialLoss",
)
_MENTIONED = (  # neither called nor made: what a transformer applies, and the types it was told to check for
    "numpy.expm1",
    "numpy.float64",
    "numpy.log1p",
    "sklearn.utils.validation.check_array",
)
_REPLACED = {  # by stand-ins of `pickled_parts`
    "__builtin__.bytes": "no_bytes",
    "__builtin__.getattr": "bound_raw_predict",
    "__builtin__.slice": "make_slice",
    "builtins.getattr": "bound_raw_predict",
    "builtins.slice": "make_slice",
    "_codecs.encode": "latin1_bytes",
    "datetime.date": "make_date",
    "datetime.datetime": "make_datetime",
    "functools.partial": "make_check",
    "numpy._core.multiarray._reconstruct": "empty_array",
    "numpy.core.multiarray._reconstruct": "empty_array",
    "numpy._core.multiarray.scalar": "make_scalar",
    "numpy.core.multiarray.scalar": "make_scalar",
    "numpy._core.numeric._frombuffer": "array_from_buffer",
    "numpy.core.numeric._frombuffer": "array_from_buffer",
    "numpy.dtype": "make_dtype",
    "sklearn.tree._tree.Tree": "make_tree",
}
_UNUSED = (  # generators, scorers and selectors that training left behind: no answer depends on them
    "numpy.random._mt19937.MT19937",
    "numpy.random._pcg64.PCG64",
    "numpy.random._pickle.__bit_generator_ctor",
    "numpy.random._pickle.__generator_ctor",
    "numpy.random._pickle.__randomstate_ctor",
    "numpy.random.bit_generator.SeedSequence",
    "numpy.random.bit_generator.__pyx_unpickle_SeedSequence",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.metrics._classification.balanced_accuracy_score",
    "sklearn.metrics._classification.brier_score_loss",
    "sklearn.metrics._classification.f1_score",
    "sklearn.metrics._classification.log_loss",
    "sklearn.metrics._classification.matthews_corrcoef",
    "sklearn.metrics._classification.precision_score",
    "sklearn.metrics._classification.recall_score",
    "sklearn.metrics._ranking.average_precision_score",
    "sklearn.metrics._ranking.roc_auc_score",
    "sklearn.metrics._scorer._Scorer",
)
ARRAY_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
ARRAY = "numpy.ndarray"
DICTIONARIES = ("sklearn.utils._bunch.Bunch",)
NAMES = frozenset((*_CREATED, *_CALLED, *_MENTIONED, *_REPLACED, *_UNUSED, ARRAY_WRAPPER, ARRAY))
_MAY_BE_CALLED = frozenset((*_REPLACED, *_UNUSED, *_CALLED))
_MAY_BE_MADE = frozenset((*_CREATED, *_UNUSED, ARRAY_WRAPPER))
_STAND_INS = {**_REPLACED, **dict.fromkeys(_UNUSED, "Unused"), ARRAY_WRAPPER: "CheckedArrayWrapper"}


def rule(name: str) -> Rule | None:
    """The rule of a global by its full name, None for a name that is not allowed."""
    if name not in NAMES:
        return None
    return Rule(calls=name in _MAY_BE_CALLED, creates=name in _MAY_BE_MADE)


def target(name: str) -> Any:
    """The object an allowed global stands for: itself, or the stand-in that checks its arguments."""
    if name in _STAND_INS:
        return getattr(importlib.import_module("fraud.packing.pickled_parts"), _STAND_INS[name])
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)
