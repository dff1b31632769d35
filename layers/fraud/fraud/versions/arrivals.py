"""What reaches `deploy`: reports that quarantine wrote, and notices of drops it did not survive."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fraud.errors import InvalidPackedModelError
from fraud.observability import log
from fraud.versions import quarantine
from fraud.versions.notices import Notice, notices
from fraud.versions.quarantine import Drop, QuarantineReport, Refusal
from fraud.versions.store import ModelStore


def reports(event: Mapping[str, Any], store: ModelStore) -> Iterator[QuarantineReport]:
    """The report behind each notice; one that cannot be read counts as a refusal."""
    for notice in notices(event):
        data = store.quarantined(notice.key)
        if data is None:
            log("quarantine_report_gone", level="ERROR", key=notice.key)
            continue
        try:
            yield quarantine.decode(data)
        except InvalidPackedModelError as error:
            yield _refusal(notice, error.code, f"the quarantine report is not readable: {error.message}")


def lost_in_quarantine(messages: list[dict[str, Any]]) -> Iterator[QuarantineReport]:
    """A refusal for every drop whose `pack` invocation failed for good (Lambda's on-failure destination)."""
    for message in messages:
        failed = json.loads(message["body"])
        why = failed.get("responsePayload", {}).get("errorMessage") or failed["requestContext"]["condition"]
        for notice in notices(failed["requestPayload"]):
            yield _refusal(notice, "packing_failed", f"quarantine failed: {why}")


def _refusal(notice: Notice, code: str, reason: str) -> QuarantineReport:
    version = ([*notice.key.split("/"), ""])[1][:64]
    drop = Drop(bucket=notice.bucket, key=notice.key, version_id=notice.version_id)
    return QuarantineReport(
        version=version, drop=drop, received_at=notice.at, packed_at=notice.at, refused=Refusal(code, reason)
    )
