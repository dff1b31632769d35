"""Every family that can be packed, by exact type."""

from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from fraud.packing.bench import Registry
from fraud.packing.boosting import pack_gradient_boosting, pack_hist_gradient_boosting
from fraud.packing.composites import (
    pack_calibrated,
    pack_frozen,
    pack_pipeline,
    pack_transformer_pipeline,
)
from fraud.packing.forest import pack_forest, pack_tree
from fraud.packing.linear import pack_logistic_regression
from fraud.packing.transforms import pack_min_max_scaler, pack_robust_scaler, pack_standard_scaler

FAMILIES = Registry(
    classifiers={
        LogisticRegression: pack_logistic_regression,
        DecisionTreeClassifier: pack_tree,
        ExtraTreeClassifier: pack_tree,
        RandomForestClassifier: pack_forest,
        ExtraTreesClassifier: pack_forest,
        GradientBoostingClassifier: pack_gradient_boosting,
        HistGradientBoostingClassifier: pack_hist_gradient_boosting,
        CalibratedClassifierCV: pack_calibrated,
        FrozenEstimator: pack_frozen,
        Pipeline: pack_pipeline,
    },
    transforms={
        StandardScaler: pack_standard_scaler,
        MinMaxScaler: pack_min_max_scaler,
        RobustScaler: pack_robust_scaler,
        Pipeline: pack_transformer_pipeline,
    },
)
