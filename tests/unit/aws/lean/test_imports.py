"""What importing the lean client brings with it."""

import subprocess
import sys

HEAVY = ["boto3", "botocore", "pydantic", "numpy", "aws_lambda_powertools", "requests", "urllib3"]


def test_importing_the_lean_client_loads_no_sdk() -> None:
    program = f"import sys, fraud.aws.lean; print([name for name in {HEAVY} if name in sys.modules])"

    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "layers/fraud"},
    )

    assert ran.stdout.strip() == "[]"
