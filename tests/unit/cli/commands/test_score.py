"""score and batch: from a file of rows to its results."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from typer.testing import Result

from cli import bulk

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.unit.cli.conftest import ApiServer

Fraudctl = Callable[..., Result]
LOCATION = "s3://models/results/b-1/"
MANIFEST = {"parts": [{"name": "part-00000.ndjson", "rows": 2}], "errors": [{"name": "errors-00000.ndjson", "rows": 1}]}


def told(state: str, **changes: Any) -> dict[str, Any]:
    """A batch of three rows as the API shows it."""
    return {
        "batch_id": "b-1",
        "state": state,
        "total": 3,
        "done": 0,
        "failed": 0,
        "rows_per_second": 0.0,
        "eta_seconds": None,
        "results": {"location": LOCATION, "manifest": None},
        "model_version": "v1.0.0",
        "reason": None,
        **changes,
    }


DONE = told("done", done=2, failed=1, rows_per_second=1234.5)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "LOOK_SECONDS", 0.0)


@pytest.fixture
def s3(cloud: str, with_cloud: None) -> Iterator["S3Client"]:
    client = boto3.client("s3", "us-east-1", endpoint_url=cloud, aws_access_key_id="test", aws_secret_access_key="test")
    results = {"manifest.json": json.dumps(MANIFEST), "part-00000.ndjson": "{}\n{}\n", "errors-00000.ndjson": "{}\n"}
    for name, text in results.items():
        client.put_object(Bucket="models", Key=f"results/b-1/{name}", Body=text.encode())
    yield client
    for found in client.list_objects_v2(Bucket="models").get("Contents", []):
        client.delete_object(Bucket="models", Key=found["Key"])
    client.close()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "day.csv"
    path.write_text("Time,Amount\n1,2\n")
    return path


def test_a_file_is_uploaded_followed_and_its_results_fetched(
    api: "ApiServer", fraudctl: Fraudctl, rows: Path, s3: "S3Client", tmp_path: Path
) -> None:
    # GIVEN
    api.answers("POST", "/batches", told("queued"), status=202)
    api.answers("GET", "/batches/b-1", told("splitting"), told("running", done=1, rows_per_second=10.0), DONE)

    # WHEN
    done = fraudctl("score", str(rows), "--out", str(tmp_path / "scored"))

    # THEN
    assert done.exit_code == 0, done.output
    assert "done: 2 scored, 1 refused of 3 rows, 1,234 rows/s" in done.stdout
    assert sorted(path.name for path in (tmp_path / "scored").iterdir()) == [
        "errors-00000.ndjson",
        "manifest.json",
        "part-00000.ndjson",
    ]
    asked = api.asked[0]
    assert asked.key == "scoring-key"
    key = asked.body["input"].removeprefix("s3://models/")
    assert key.startswith("incoming/") and key.endswith("/day.csv")
    assert s3.get_object(Bucket="models", Key=key)["Body"].read() == rows.read_bytes()


def test_a_batch_that_does_not_end_well_is_exit_code_1_with_the_reason(
    api: "ApiServer", fraudctl: Fraudctl, rows: Path, s3: "S3Client"
) -> None:
    # GIVEN
    api.answers("POST", "/batches", told("queued"), status=202)
    api.answers("GET", "/batches/b-1", told("failed", reason="header: V99 is neither"))

    # WHEN
    done = fraudctl("score", str(rows))

    # THEN
    assert done.exit_code == 1
    assert "failed: 0 scored, 0 refused of 3 rows: header: V99 is neither" in done.stdout


def test_an_api_that_is_away_for_a_moment_is_asked_again(
    api: "ApiServer", fraudctl: Fraudctl, s3: "S3Client", tmp_path: Path
) -> None:
    # GIVEN
    api.answers("GET", "/batches/b-1", told("running"))
    api.answers("GET", "/batches/b-1", {"message": "busy"}, status=503)
    api.answers("GET", "/batches/b-1", DONE)

    # WHEN
    done = fraudctl("batch", "b-1", "--out", str(tmp_path / "scored"))

    # THEN
    assert done.exit_code == 0, done.output
    assert (tmp_path / "scored" / "part-00000.ndjson").read_text() == "{}\n{}\n"


@pytest.mark.parametrize(("answer", "path", "code"), [("y", "/batches/b-1/cancel", 1), ("n", "/batches", 1)])
def test_an_interrupted_operator_is_asked_whether_to_cancel(
    api: "ApiServer",
    fraudctl: Fraudctl,
    rows: Path,
    s3: "S3Client",
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    path: str,
    code: int,
) -> None:
    # GIVEN an operator who presses Ctrl-C while waiting
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    api.answers("POST", "/batches", told("queued"), status=202)
    api.answers("GET", "/batches/b-1", told("running"))
    api.answers("POST", "/batches/b-1/cancel", told("cancelled", done=1))

    # WHEN
    done = fraudctl("score", str(rows), stdin=f"{answer}\n")

    # THEN
    assert done.exit_code == code
    assert [one.path for one in api.asked if one.method == "POST"][-1] == path
    assert ("cancelled: 1 scored" if answer == "y" else "fraudctl batch b-1") in done.stdout


def test_a_batch_can_be_cancelled_and_resumed_later(api: "ApiServer", fraudctl: Fraudctl) -> None:
    # GIVEN
    api.answers("POST", "/batches/b-1/cancel", told("cancelled"))
    api.answers("POST", "/batches/b-1/resume", told("queued"), status=202)

    # WHEN
    cancelled = fraudctl("batch", "b-1", "--cancel", "--json")
    resumed = fraudctl("batch", "b-1", "--resume", "--no-wait")

    # THEN
    assert json.loads(cancelled.stdout)["state"] == "cancelled"
    assert "queued: 0 scored" in resumed.stdout


@pytest.mark.parametrize(("name", "words"), [("rows.xlsx", "ends in none of"), ("gone.csv", "is not a file")])
def test_a_file_that_cannot_be_scored_is_not_sent(api: "ApiServer", fraudctl: Fraudctl, name: str, words: str) -> None:
    # WHEN
    done = fraudctl("score", name)

    # THEN
    assert (done.exit_code, api.asked) == (2, [])
    assert words in done.stderr
