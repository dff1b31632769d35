"""Read LightGBM's `model.txt`: `key=value` lines, first of the model, then of each tree.

Whatever is not known to leave the answers alone is refused by name.
"""

import json
import re
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from fraud.errors import InvalidArtefactError, UnsupportedModelError
from fraud.packing.lightgbm_model import LightGBM
from fraud.packing.lightgbm_tree import LightGBMTree, tree_of
from fraud.packing.loader import Loaded
from fraud.scoring.packed.nodes import MAX_TREES

MAX_LINE = 64 << 20
_VERSIONS = ("v3", "v4")
_HEADER = frozenset(
    (
        *("version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective"),
        *("average_output", "feature_names", "monotone_constraints", "feature_infos", "tree_sizes"),
    )
)
_BINARY = re.compile(r"binary sigmoid:(\S+)")
_UNNAMED = re.compile(r"Column_\d+")
_PANDAS = "pandas_categorical:"
Fields = dict[str, str]


def read(path: Path) -> Loaded:
    """The model in the file, and the version of its format.

    Raises InvalidArtefactError, and UnsupportedModelError for other objectives, linear trees, zeros that stand for
    missing values, and categories that pandas gave.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            lines = iter(lambda: stream.readline(MAX_LINE), "")
            return _read(line.removesuffix("\n") for line in lines)
    except (IndexError, KeyError, OverflowError, TypeError, ValueError) as exc:  # what is no number, or is not there
        raise InvalidArtefactError(f"model.txt cannot be read: {type(exc).__name__}: {str(exc)[:200]}") from exc


def _read(lines: Iterator[str]) -> Loaded:
    if next(lines, "") != "tree":
        raise InvalidArtefactError("model.txt is not a LightGBM model: its first line is not 'tree'")
    header, following = _fields(lines, _HEADER)
    trees: list[LightGBMTree] = []
    while following != "end of trees":
        if following != f"Tree={len(trees)}" or len(trees) == MAX_TREES:
            raise InvalidArtefactError(f"model.txt: {following[:40]!r} where tree {len(trees)} or the end should be")
        fields, following = _fields(lines, None)
        trees.append(tree_of(fields))
    if len(header.get("tree_sizes", "").split()) != len(trees):
        raise InvalidArtefactError(f"model.txt holds {len(trees)} trees, its header says otherwise")
    _check_categories(lines)
    return Loaded(_model(header, trees), f"lightgbm, model format {header['version']}")


def _fields(lines: Iterator[str], known: frozenset[str] | None) -> tuple[Fields, str]:
    """The `key=value` lines up to the next tree or the end, and the line that ended them."""
    fields: Fields = {}
    for line in lines:
        if line.startswith("Tree=") or line == "end of trees":
            return fields, line
        key, _, value = line.partition("=")
        if not line:
            continue
        if key in fields or (known is not None and key not in known):
            raise UnsupportedModelError(f"model.txt: {key[:40]!r} is repeated or unknown, so it cannot be packed")
        fields[key] = value
    raise InvalidArtefactError("model.txt is cut off")


def _model(header: Fields, trees: list[LightGBMTree]) -> LightGBM:
    objective = _BINARY.fullmatch(header.get("objective", ""))
    if header.get("version") not in _VERSIONS:
        raise UnsupportedModelError(f"LightGBM's model format {header.get('version')!r:.20} cannot be packed")
    if not objective or (header.get("num_class"), header.get("num_tree_per_iteration")) != ("1", "1"):
        told = header.get("objective", "none")[:60]
        raise UnsupportedModelError(f"LightGBM's objective {told!r} cannot be packed; supported: binary")
    sigmoid, width = float(objective[1]), int(header["max_feature_idx"]) + 1
    names = header.get("feature_names", "").split(" ")
    if not isfinite(sigmoid) or sigmoid <= 0.0 or len(names) != width:
        raise InvalidArtefactError(f"model.txt: sigmoid {sigmoid}, {len(names)} column names for {width} columns")
    if all(map(_UNNAMED.fullmatch, names)):
        names = []
    return LightGBM(trees, width, names or None, sigmoid, averaged="average_output" in header)


def _check_categories(lines: Iterator[str]) -> None:
    """Refuse columns that pandas numbered: the numbers are not in the transactions."""
    for line in lines:
        if line.startswith(_PANDAS) and any(json.loads(line.removeprefix(_PANDAS)) or []):
            raise UnsupportedModelError("LightGBM categories that pandas numbered cannot be packed; use plain numbers")
