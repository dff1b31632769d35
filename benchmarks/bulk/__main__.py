"""`python -m benchmarks.bulk [ROWS] [MODEL]`: a bulk batch on this machine, checked; its rate and cost into bulk.md."""

import sys
from pathlib import Path

from benchmarks.bulk.measure import measure
from benchmarks.bulk.report import report

RESULTS = Path(__file__).parents[1] / "bulk.md"
HEAD = """# Bulk batches

Measured by `python -m benchmarks.bulk` on 2 cores: the real splitter, two processes that do what the function `score`
does, and the real counting, on ministack's DynamoDB and SQS. Objects lie on disk instead of in S3; the requests table
is a stand-in in memory that takes the lean client's signed HTTP puts. One worker is killed midway; its message comes
back after 30 s. Everything shares the two cores, so the rate is this machine's; processor time per row carries over.

"""


def main(rows: int, name: str) -> None:
    """Run it, print the paragraph and write the page."""
    text = report(name, rows, *measure(rows, name))
    RESULTS.write_text(HEAD + text)
    print(text)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "logistic")
