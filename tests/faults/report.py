"""benchmarks/soak.md: how long the soak was, what was done to the system in it, and what it broke."""

from collections import Counter
from pathlib import Path

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.md"
HEAD = """# Soak

Written by `make soak`: random histories of the whole system in one process (every handler, boto3 and the lean client;
DynamoDB in dictionaries that is held against moto, S3, SQS, SNS, EventBridge and Secrets Manager by moto), with faults
in front of every AWS call, services that are down for a while, instances that die at any call and clocks that are up
to ten minutes wrong; events, messages and stream batches come twice, late, in another order. Then calm, in which
everything undelivered comes again, and I1 to I9 of the design are checked. `make soak SEED=n HISTORIES=1 CONCURRENT=0`
runs one history again.
"""


def write(
    seeds: range,
    operations: int,
    injected: Counter[str],
    broken: dict[int, str],
    concurrent: int,
    serial: bool,
    seconds: float,
) -> None:
    """Replace the report by this run's."""
    lines = [
        HEAD,
        "| | |",
        "|---|---:|",
        f"| histories (seeds {seeds.start} to {seeds.stop - 1}) | {len(seeds):,} |",
        f"| operations | {operations:,} |",
        *(f"| injected: {kind} | {count:,} |" for kind, count in injected.most_common()),
        f"| histories that broke a promise | {len(broken)} |",
        f"| concurrent histories of 16 people on ministack, and dynoxide where it is | {concurrent:,} |",
        f"| of these, every one equals a serial order | {('yes' if serial else 'NO') if concurrent else 'not run'} |",
        f"| minutes | {seconds / 60:.0f} |",
        *(f"\nSeed {seed}: {what}" for seed, what in broken.items()),
    ]
    SOAK.write_text("\n".join(lines) + "\n")
