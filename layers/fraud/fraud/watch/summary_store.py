"""What the tick last found, each in one item: reports read it instead of working it out again."""

from typing import Any

import msgspec

from fraud.clock import now, rfc3339
from fraud.versions.registry.table import Table

SUMMARY = "SUMMARY"
HEALTH, DRIFT, QUALITY, UNUSUAL = "HEALTH", "DRIFT", "QUALITY", "UNUSUAL"


class SummaryStore(Table):
    """Summaries by name; the last one wins."""

    def keep(self, name: str, found: object) -> None:
        """Store what was found now."""
        text = msgspec.json.encode(found).decode()
        self.transact([self.put_any({"pk": SUMMARY, "sk": name, "at": rfc3339(now()), "found": text})])

    def found(self) -> dict[str, dict[str, Any]]:
        """Every summary with its moment (`at`)."""
        return {item["sk"]: {**msgspec.json.decode(item["found"]), "at": item["at"]} for item in self.query(SUMMARY)}
