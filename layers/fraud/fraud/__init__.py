"""Fraud Detection API: the package every function shares."""
