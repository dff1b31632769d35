"""PNG pictures beside the results."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent / "plots"
BLUE = "#2563eb"


def bars(name: str, title: str, values: Mapping[str, float], unit: str, *, logarithmic: bool = False) -> Path:
    """One horizontal bar a value, in the order given, each with its figure."""
    picture = Figure(figsize=(8, 0.8 + 0.34 * len(values)), layout="constrained")
    axes: Axes = picture.subplots()
    drawn = axes.barh(list(values), list(values.values()), color=BLUE, log=logarithmic)
    axes.bar_label(drawn, fmt=lambda value: f"{value:,.3g}", padding=3, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    return _saved(picture, axes, name, title, unit)


def lines(name: str, title: str, at: Sequence[float], values: Mapping[str, Sequence[float]], axis: str) -> Path:
    """One line a name over the logarithm of `at`."""
    picture = Figure(figsize=(8, 4), layout="constrained")
    axes: Axes = picture.subplots()
    for label, found in values.items():
        axes.plot(at, found, marker="o", label=label)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_ylabel(axis)
    axes.legend(frameon=False, fontsize=8)
    return _saved(picture, axes, name, title, "items in the table")


def _saved(picture: Figure, axes: Axes, name: str, title: str, unit: str) -> Path:
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_xlabel(unit)
    axes.spines[["top", "right"]].set_visible(False)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.png"
    picture.savefig(path, dpi=110, metadata={"Software": None})
    return path
