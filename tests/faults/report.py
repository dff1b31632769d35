"""benchmarks/soak.md and races.md: how long the soak was, what was done to the system in it, and what it broke."""

from collections import Counter
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SOAK, RACES = BENCHMARKS / "soak.md", BENCHMARKS / "races.md"
HISTORIES = """# Soak

Written by `make soak`: random histories of the whole system in one process (every handler, boto3 and the lean client;
DynamoDB in dictionaries that is held against moto, S3, SQS, SNS, EventBridge and Secrets Manager by moto), with faults
in front of every AWS call, services that are down for a while, instances that die at any call and clocks that are up
to ten minutes wrong; events, messages and stream batches come twice, late, in another order. Then calm, in which
everything undelivered comes again, and I1 to I9 of the design are checked. `make soak SEED=n HISTORIES=1 CONCURRENT=0`
runs one history again.
"""
CONCURRENT = """# Races

Written by `make soak`: histories of 14 activations, rollbacks, canaries and aborts by 16 threads at once on an empty
registry table, by a way on which three transactions in ten are throttled, meet another one or lose their reply. Each
must equal some serial order of the same operations, and the audit chain must hold.
"""


def write_histories(
    seeds: range, operations: int, injected: Counter[str], broken: dict[int, str], minutes: float
) -> None:
    """Replace soak.md by this run's."""
    rows = {
        f"histories (seeds {seeds.start} to {seeds.stop - 1})": f"{len(seeds):,}",
        "operations": f"{operations:,}",
        **{f"injected: {kind}": f"{count:,}" for kind, count in injected.most_common()},
        "histories that broke a promise": str(len(broken)),
        "minutes": f"{minutes:.0f}",
    }
    found = "".join(f"\nSeed {seed}: {what}\n" for seed, what in broken.items())
    SOAK.write_text(f"{HISTORIES}\n{_table(rows)}{found}")


def write_concurrent(histories: int, engine: str, serial: bool, minutes: float) -> None:
    """Replace races.md by this run's."""
    rows = {
        f"histories on {engine} (seeds 0 to {histories - 1})": f"{histories:,}",
        "every one equals a serial order": "yes" if serial else "NO",
        "minutes": f"{minutes:.0f}",
    }
    RACES.write_text(f"{CONCURRENT}\n{_table(rows)}")


def _table(rows: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows.items())]) + "\n"
