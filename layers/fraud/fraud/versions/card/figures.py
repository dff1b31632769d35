"""Numbers as a reader wants them: enough digits to tell things apart, no more."""

from math import isfinite


def number(value: float) -> str:
    """Four decimals; three significant digits or so below a thousandth."""
    if not isfinite(value):
        return str(value)
    if value == 0 or abs(value) >= 0.001:
        return f"{value:.4f}"
    return f"{value:.6f}" if abs(value) >= 0.0001 else f"{value:.2e}"


def signed(value: float) -> str:
    """As `number`, with its sign."""
    return f"{'+' if value >= 0 else ''}{number(value)}"


def count(value: float) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,.0f}"


def share(value: float) -> str:
    """A percentage with four significant digits."""
    return f"{value * 100:.4g} %"


def plain(value: float) -> str:
    """A value of a transaction, six significant digits."""
    return f"{value:.6g}"
