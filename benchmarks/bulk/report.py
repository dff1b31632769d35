"""A run in words, and what its processor time would cost on Lambda."""

from benchmarks.bulk.run import Outcome

FULL_PROCESSOR_MB = 1769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: one vCPU; CPU grows with memory."""

WRITERS, WRITE_MS = 16, 5.0
LAMBDA_GB_SECOND, LAMBDA_REQUEST = 1.66667e-5, 0.20e-6
DYNAMODB_WRITE = 0.625e-6
SQS_REQUEST, S3_PUT, S3_GET = 0.40e-6, 5.0e-6, 0.4e-6
"""USD, list prices of us-east-1, x86_64, on demand: look them up again before quoting."""


def report(model: str, rows: int, outcome: Outcome, asked: int) -> str:
    """The paragraph of results.md."""
    counted = sum(one.rows for one in outcome.spent)
    cpu = sum(one.cpu_ms for one in outcome.spent) / counted
    peak = max(one.peak_mb for one in outcome.spent)
    wait = WRITE_MS / WRITERS
    seconds = (cpu + wait) * 1000
    memory_ms = (cpu + wait) * FULL_PROCESSOR_MB
    parts = outcome.job.parts or 0
    per_million = 1e6 / rows
    compute = seconds * FULL_PROCESSOR_MB / 1024 * LAMBDA_GB_SECOND + parts * per_million * LAMBDA_REQUEST
    moving = parts * per_million * (3 * SQS_REQUEST + S3_PUT + S3_GET + 4 * DYNAMODB_WRITE)
    return (
        f"{rows:,} generated rows, {model}, {parts:,} parts, two worker processes, one killed (SIGKILL) after "
        f"{outcome.killed_at:,} rows: {outcome.job.done:,} answered, {outcome.job.failed} refused, every row there "
        f"once, {rows:,} records from {asked:,} puts. {rows / outcome.seconds:,.0f} rows/s ({outcome.seconds:,.1f} s; "
        f"the input was cut in {outcome.split_seconds:,.1f} s).\n\n"
        f"Processor time {cpu:.3f} ms a row, peak memory {peak:.0f} MB. With {WRITE_MS:g} ms a write over {WRITERS} "
        f"writers that is {memory_ms:,.0f} MB·ms a row: per million rows {seconds:,.0f} s of one function, "
        f"{seconds / 10:,.0f} s with ten at once, and {compute:.2f} USD of Lambda, {DYNAMODB_WRITE * 1e6:.2f} USD of "
        f"request records, {moving:.3f} USD of SQS, S3 and counting.\n"
    )
