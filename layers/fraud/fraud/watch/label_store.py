"""Labels in the watch table, joined to the decisions in the requests table.

A report is stored together with a note that it waits; then its decisions are looked up and their outcomes written.
Dying in between loses nothing: `sweep` takes up every note that still waits, as it does for labels whose transaction
was not known yet.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from fraud.clock import now, rfc3339
from fraud.errors import UnavailableError
from fraud.requests.record import OK, Item, scored, transaction_pk
from fraud.versions.registry.table import CONDITION_FAILED, Table
from fraud.watch.labels import Decision, Outcome, Report, outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION = timedelta(days=400)
ATTEMPTS = 8
JOINED, UNKNOWN, DUPLICATE = "joined", "unknown_transaction", "duplicate"


class LabelStore(Table):
    """Takes reports, gives outcomes."""

    def __init__(self, client: "DynamoDBClient", table: str, requests: Table) -> None:
        super().__init__(client, table)
        self._requests = requests

    def add(self, report: Report) -> str:
        """Keep a report and join it: `joined`, `unknown_transaction` (joined once that appears) or `duplicate`."""
        key = (f"LABEL#{report.transaction_id}", _report_sk(report))
        if self.get(*key):
            return DUPLICATE
        day, note = rfc3339(now())[:10], uuid.uuid4().hex
        kept = {"pk": key[0], "sk": key[1], "report": _text(report), "expires_at": _expiry()}
        self._write([self.put_any(kept), self.put_any(_note(day, report.transaction_id, note, waits=True))])
        return JOINED if self._join(day, report.transaction_id, note) else UNKNOWN

    def sweep(self, days: int) -> int:
        """Try again to join what still waits of the last days; how many were joined."""
        dates = [rfc3339(now() - timedelta(days=back))[:10] for back in range(days)]
        waiting = [(day, item) for day in dates for item in self.query(f"LABELS#{day}") if item["waits"]]
        return sum(self._join(day, item["sk"], item["note"]) for day, item in waiting)

    def outcomes(self, day: datetime) -> Iterator[Outcome]:
        """The outcomes of what was decided on a day."""
        for item in self.query(f"OUTCOMES#{rfc3339(day)[:10]}"):
            yield msgspec.json.decode(item["outcome"], type=Outcome)

    def _join(self, day: str, transaction_id: str, note: str) -> bool:
        decisions = [_decision(item) for item in self._requests.query(transaction_pk(transaction_id)) if _is_one(item)]
        if not decisions:
            return False
        found = self.query(f"LABEL#{transaction_id}")
        reports = [msgspec.json.decode(item["report"], type=Report) for item in found]
        for decision in decisions:
            self._keep(outcome(decision, reports))
        done = self.put(_note(day, transaction_id, note, waits=False), "note = :read", {":read": note})
        self._write([done])
        return True

    def _keep(self, known: Outcome) -> None:
        """Store an outcome unless one that knew more reports is there already: reports only ever grow in number."""
        item = {
            "pk": f"OUTCOMES#{known.decision.at[:10]}",
            "sk": f"{known.transaction_id}#{known.decision.digest}",
            "reports": known.reports,
            "outcome": _text(known),
            "expires_at": _expiry(),
        }
        self._write([self.put(item, "attribute_not_exists(pk) OR reports <= :read", {":read": known.reports})])

    def _write(self, items: list[Item]) -> None:
        for _ in range(ATTEMPTS):
            reasons = self.transact(items)
            if reasons is None or CONDITION_FAILED in reasons:
                return
        raise UnavailableError("the label could not be stored")


def _note(day: str, transaction_id: str, note: str, *, waits: bool) -> Item:
    return {"pk": f"LABELS#{day}", "sk": transaction_id, "note": note, "waits": waits, "expires_at": _expiry()}


def _report_sk(report: Report) -> str:
    return f"{report.source}#{report.reported_at}#{int(report.is_fraud)}"


def _is_one(item: Item) -> bool:
    return bool(item["s"] == OK)


def _decision(item: Item) -> Decision:
    return Decision(
        digest=item["sk"],
        version=item["v"],
        at=item["at"],
        flagged=item["f"],
        probability=scored(item).probability,
    )


def _text(record: Report | Outcome) -> str:
    return msgspec.json.encode(record).decode()


def _expiry() -> int:
    return int((now() + RETENTION).timestamp())
