"""`make load`: a bounded load on the running system, then the proof that nothing got lost.

New transactions are sent at a steady rate whether or not the earlier ones are answered yet (an open loop: slowness of
the system does not slow the question). Afterwards every answer given must be in the requests table exactly once, with
the same verdict and version. Ends with 1 when a decision is lost or the error budget is spent.
"""

import argparse
import json
import statistics
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from rich.console import Console

from cli.api import Api
from cli.errors import RefusedError, UnreachableError
from fraud.aws.lean.attributes import from_attributes
from fraud.requests.record import transaction_pk
from local.place import ACCESS_KEY, SECRET_KEY

OUTPUTS = Path(__file__).parents[1] / ".local" / "outputs.json"
SECONDS, RATE = 60.0, 12.0  # the laptop cloud answers about 17 a second; the key may send 1,000 a minute
SENDERS = 16
ERROR_BUDGET = 0.001  # of the requests: what an availability of 99.9 % leaves
ATTEMPTS = 3


class Sent(NamedTuple):
    """One transaction: its id, the answer or the error code, and seconds from when it was due to its answer."""

    transaction_id: str
    answer: dict[str, Any] | None
    error: str
    seconds: float


class Verdict(NamedTuple):
    """What came of it."""

    sent: int
    errors: Counter[str]
    lost: list[str]
    seconds: list[float]

    @property
    def passed(self) -> bool:
        """Nothing lost and the budget kept."""
        return not self.lost and self.errors.total() <= ERROR_BUDGET * self.sent

    def text(self) -> str:
        """For a person."""
        if not self.seconds:
            return f"{self.sent} sent, none answered: {dict(self.errors)}"
        cuts = statistics.quantiles(self.seconds, n=100, method="inclusive")
        allowed = f"{self.errors.total()} errors of {ERROR_BUDGET * self.sent:.1f} allowed ({ERROR_BUDGET:.1%})"
        times = f"p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"
        lost = f"{len(self.lost)} decisions lost {self.lost[:5] or ''}"
        answered = f"{self.sent} sent, {len(self.seconds)} answered, {times}"
        return f"{answered}\n{allowed} {dict(self.errors) or ''}\n{lost}"


def main(outputs: dict[str, str], *, rate: float, seconds: float) -> Verdict:
    """Send, wait for the last answer, look every decision up."""
    api = Api(outputs["api_url"], outputs["api_key"])
    sent = list(_send(api, round(rate * seconds), rate))
    table = boto3.client(
        "dynamodb",
        region_name=outputs["region"],
        endpoint_url=outputs["endpoint_url"],
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    answered = [one for one in sent if one.answer]
    with ThreadPoolExecutor(SENDERS) as pool:
        kept = pool.map(lambda one: _is_recorded(table, outputs["requests_table"], one), answered)
        lost = [one.transaction_id for one, found in zip(answered, kept, strict=True) if not found]
    errors = Counter(one.error for one in sent if one.error)
    return Verdict(len(sent), errors, lost, [one.seconds for one in answered])


def _send(api: Api, count: int, rate: float) -> Iterator[Sent]:
    run, began = uuid.uuid4().hex[:8], time.monotonic()

    def one(number: int) -> Sent:
        due = began + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        answer, error = _ask(api, f"load-{run}-{number}", number)
        return Sent(f"load-{run}-{number}", answer, error, time.monotonic() - due)

    with ThreadPoolExecutor(SENDERS) as pool:
        yield from pool.map(one, range(count))


def _ask(api: Api, transaction_id: str, number: int) -> tuple[dict[str, Any] | None, str]:
    """The answer, or why there is none; asks again as a careful caller would: under the same id, so never twice."""
    asked = {
        "transaction_id": transaction_id,
        "amount": 1 + number % 500,
        "time": number,
        "features": {"V1": number % 7},
    }
    error = ""
    for attempt in range(ATTEMPTS):
        try:
            return api.post("/predict", asked).body, ""
        except RefusedError as refused:
            error = refused.code
            if refused.status < 500 and refused.status != 429:
                break
        except UnreachableError:
            error = "unreachable"
        time.sleep(0.2 * 2**attempt)
    return None, error


def _is_recorded(table: Any, name: str, sent: Sent) -> bool:
    values = {":pk": {"S": transaction_pk(sent.transaction_id)}}
    found = table.query(
        TableName=name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, ConsistentRead=True
    )
    items = [from_attributes(item) for item in found["Items"]]
    decisions = [item for item in items if not item["sk"].startswith("ERR#")]
    assert sent.answer
    told = (sent.answer["model_version"], sent.answer["is_fraud"])
    return [(item["v"], item["f"]) for item in decisions] == [told]


def run(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="Load the running system.")
    parser.add_argument("--rate", type=float, default=RATE, help=f"transactions a second (default {RATE:g})")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"how long (default {SECONDS:g})")
    told = parser.parse_args(arguments)
    if not OUTPUTS.exists():
        print("nothing is running: `make up` first")
        return 1
    verdict = main(json.loads(OUTPUTS.read_text()), rate=told.rate, seconds=told.seconds)
    Console().print(verdict.text(), soft_wrap=True)
    return 0 if verdict.passed else 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
