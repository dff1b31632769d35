import subprocess
import sys
from pathlib import Path

import fraud

PACKAGES = Path(fraud.__file__).parents[1]
HEAVY = ("numpy", "sklearn", "scipy", "joblib", "pydantic", "boto3", "botocore", "aws_lambda_powertools")


def _loaded_by(*modules: str) -> set[str]:
    script = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PACKAGES)
    return {name.partition(".")[0] for name in found.stdout.split()}


def test_scoring_with_a_packed_model_loads_no_numeric_or_aws_library() -> None:
    assert not _loaded_by("fraud.scoring.packed.model") & set(HEAVY)


def test_reading_a_quarantine_report_loads_no_numeric_library() -> None:
    assert not _loaded_by("fraud.versions.quarantine") & set(HEAVY)
