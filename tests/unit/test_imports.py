"""What the predict path may load, and which way imports point."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/fraud/fraud"
HEAVY = (
    "sklearn",
    "scipy",
    "joblib",
    "pandas",
    "numpy",
    "pyarrow",
    "pydantic",
    "boto3",
    "botocore",
    "aws_lambda_powertools",
)
# a folder may import those of a lower or its own floor
FLOORS = {
    "breaker": 0, "clock": 0, "errors": 0, "settings": 0, "observability": 0, "strict_json": 0,
    "aws": 1, "audit": 1, "traffic": 1, "access": 2,
    "scoring": 2, "requests": 2, "packing": 3, "versions": 3, "watch": 4, "bulk": 4, "http": 5,
}  # fmt: skip


def test_importing_predict_loads_nothing_heavy() -> None:
    program = f"import sys, functions.predict.app; print([m for m in {HEAVY!r} if m in sys.modules])"
    path = f"{ROOT}:{ROOT / 'layers/fraud'}"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def imported(file: Path) -> set[str]:
    """Folders and root modules of `fraud` that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "fraud":
            names = [node.module] if "." in node.module else [f"fraud.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in names}
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("fraud.")}
    return found


@pytest.mark.parametrize("folder", sorted(FLOORS))
def test_imports_point_downwards(folder: str) -> None:
    place = PACKAGE / folder
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    for file in files:
        upward = {name for name in imported(file) if FLOORS[name] > FLOORS[folder]}
        # a version's record holds thresholds and schema; what serves reads that record
        allowed = {"versions"} if folder == "scoring" and file.name in ("live.py", "store.py") else set()
        assert upward <= allowed, f"{file.relative_to(ROOT)} imports {upward}"


def test_only_stores_touch_tables_and_buckets() -> None:
    calls = {"put_item", "get_item", "transact_write_items", "get_object", "put_object", "list_objects_v2", "dynamodb"}
    homes = ("store", "registry", "archive", "query", "probes", "lean")
    for file in sorted(PACKAGE.rglob("*.py")):
        used = {
            node.func.attr
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        if used & calls:
            assert any(home in str(file.relative_to(PACKAGE)) for home in homes), file
