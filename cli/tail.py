"""Following the request log: each line once, oldest first, although lines reach the archive late and out of order."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from cli.api import Api
from cli.render import Body
from fraud.clock import parse_rfc3339, rfc3339

LOOK_SECONDS = 2.0
LATE_SECONDS = 120.0  # how late a line may reach the archive and still be shown


def pages(api: Api, filters: Mapping[str, object]) -> list[Body]:
    """Every line the filters find, over all pages."""
    lines: list[Body] = []
    cursor: object = None
    while True:
        body = api.get("/logs", {**filters, "limit": 1000, "cursor": cursor}).body
        lines += body["logs"]
        cursor = body.get("next_cursor")
        if not cursor:
            return lines


def fresh(look: Callable[[str], list[Body]], since: str, sleep: Callable[[float], None] = time.sleep) -> Iterator[Body]:
    """Lines from `since` on as they come, for ever; `look(since)` finds those of a moment and later."""
    begin, seen = since, dict[tuple[str, str], str]()
    while True:
        found = sorted(look(begin), key=lambda line: (line["at"], line["request_id"]))
        for line in found:
            key = (line["request_id"], line["transaction_id"])
            if key not in seen:
                seen[key] = line["at"]
                yield line
        newest = max(seen.values(), default=since)
        begin = max(since, rfc3339(parse_rfc3339(newest) - timedelta(seconds=LATE_SECONDS)))
        seen = {key: at for key, at in seen.items() if at >= begin}
        sleep(LOOK_SECONDS)
