"""Every family that can be packed, by exact type."""

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from fraud.packing.bench import Registry
from fraud.packing.boosting import pack_gradient_boosting, pack_hist_gradient_boosting
from fraud.packing.column_transformer import pack_column_transformer
from fraud.packing.composites import (
    pack_calibrated,
    pack_frozen,
    pack_pipeline,
    pack_transformer_pipeline,
)
from fraud.packing.curves import pack_function_transformer, pack_power_transformer
from fraud.packing.ensembles import pack_stacking, pack_voting
from fraud.packing.forest import pack_forest, pack_tree
from fraud.packing.imputing import pack_simple_imputer
from fraud.packing.isolation import pack_isolation_forest
from fraud.packing.lightgbm_model import LightGBM, pack_lightgbm
from fraud.packing.linear import pack_logistic_regression, pack_sgd
from fraud.packing.transforms import pack_min_max_scaler, pack_robust_scaler, pack_standard_scaler
from fraud.packing.xgboost_model import XGBoost, pack_xgboost

FAMILIES = Registry(
    classifiers={
        LogisticRegression: pack_logistic_regression,
        SGDClassifier: pack_sgd,
        DecisionTreeClassifier: pack_tree,
        ExtraTreeClassifier: pack_tree,
        RandomForestClassifier: pack_forest,
        ExtraTreesClassifier: pack_forest,
        GradientBoostingClassifier: pack_gradient_boosting,
        HistGradientBoostingClassifier: pack_hist_gradient_boosting,
        LightGBM: pack_lightgbm,
        XGBoost: pack_xgboost,
        IsolationForest: pack_isolation_forest,
        VotingClassifier: pack_voting,
        StackingClassifier: pack_stacking,
        CalibratedClassifierCV: pack_calibrated,
        FrozenEstimator: pack_frozen,
        Pipeline: pack_pipeline,
    },
    transforms={
        StandardScaler: pack_standard_scaler,
        MinMaxScaler: pack_min_max_scaler,
        RobustScaler: pack_robust_scaler,
        PowerTransformer: pack_power_transformer,
        FunctionTransformer: pack_function_transformer,
        SimpleImputer: pack_simple_imputer,
        ColumnTransformer: pack_column_transformer,
        Pipeline: pack_transformer_pipeline,
    },
)
