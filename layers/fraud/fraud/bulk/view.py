"""A batch as the API shows it."""

from typing import Any

from fraud.bulk.job import DONE, Job, progress
from fraud.bulk.names import MANIFEST, result_key
from fraud.clock import now


def shown(job: Job, bucket: str) -> dict[str, Any]:
    """The batch with its progress; `results` say where they are, and `manifest` once all of them are there."""
    location = f"s3://{bucket}/{result_key(job.batch_id, '')}"
    return {
        "batch_id": job.batch_id,
        "state": job.state,
        **progress(job, now()),
        "results": {"location": location, "manifest": location + MANIFEST if job.state == DONE else None},
        "input": job.input,
        "model_version": job.model_version,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "reason": job.reason,
    }
