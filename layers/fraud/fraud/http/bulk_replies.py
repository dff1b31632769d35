"""What the routes of bulk batches answer and accept."""

from typing import Any, Literal

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel, ConfigDict, Field

from fraud.http.replies import Reply


class BulkRequest(BaseModel):
    """What to score: rows, or an object in the batch bucket; the first is checked row by row while it is scored."""

    model_config = ConfigDict(extra="forbid", strict=True)
    transactions: list[Any] | None = Field(default=None, description="1 to 10,000 transactions")
    input: str | None = Field(
        default=None, max_length=1100, description="s3://batch-bucket/incoming/….csv|.ndjson|.parquet"
    )


class BulkResults(Reply):
    """Where results are."""

    location: str
    manifest: str | None = Field(description="there once every part is")


class Bulk(Reply):
    """How far a bulk batch is; `done` rows have an answer, `failed` rows were refused."""

    batch_id: str
    state: Literal["queued", "splitting", "running", "done", "failed", "cancelled"]
    total: int = Field(description="rows found so far; all of them from `running` on")
    done: int
    failed: int
    rows_per_second: float
    eta_seconds: float | None
    results: BulkResults
    input: str
    model_version: str
    created_at: str
    finished_at: str | None
    reason: str | None


RESULT: dict[int, OpenAPIResponse] = {302: {"description": "Where the file can be read for 15 minutes"}}
