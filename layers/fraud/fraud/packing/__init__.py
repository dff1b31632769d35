"""Estimator to packed model: the only place that understands scikit-learn."""

from fraud.packing.assemble import Packed, pack

__all__ = ["Packed", "pack"]
