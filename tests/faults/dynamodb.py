"""DynamoDB in dictionaries, as it speaks on the wire: what a history of faults needs of it, ten times faster than moto.

It knows client tokens and streams, which moto gets wrong, and refuses what it does not know. `test_dynamodb.py` holds
it against moto.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

Item = dict[str, Any]
Key = tuple[str, str]
Reply = tuple[int, Item]
MAX_ITEMS = 100
_REWRITTEN = (
    (r"attribute_not_exists\((#?\w+)\)", r"(at('\1') is None)"),
    (r"attribute_exists\((#?\w+)\)", r"(at('\1') is not None)"),
    (r"begins_with\((#?\w+), (:\w+)\)", r"at('\1').startswith(at('\2'))"),
    (r"(#?\b\w+) BETWEEN (:\w+) AND (:\w+)", r"(at('\2') <= at('\1') <= at('\3'))"),
    (r"(#?\b\w+) IN \(([^)]*)\)", r"(at('\1') in told('\2'))"),
    (r"(#?\b\w+) = (:\w+)", r"(at('\1') == at('\2'))"),
    (r"(#?\b\w+) (<=?) (:\w+)", r"(at('\1') is not None and at('\1') \2 at('\3'))"),
    (r"\bNOT \(", "not ("),
    (r" AND ", " and "),
    (r" OR ", " or "),
)


class Tables:
    """Tables by name, and what their streams hold."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[Key, Item]] = defaultdict(dict)
        self._applied: dict[str, Reply] = {}
        self.streams: dict[str, list[Item]] = defaultdict(list)

    def copy(self) -> "Tables":
        """The same items and streams, apart from now on: an item is never changed, only replaced."""
        other = Tables()
        other._tables |= {name: dict(items) for name, items in self._tables.items()}
        other.streams |= {name: list(records) for name, records in self.streams.items()}
        return other

    def items(self, table: str) -> list[Item]:
        """Every item of a table, in order of its key."""
        return [item for _, item in sorted(self._tables[table].items())]

    def answer(self, operation: str, body: bytes) -> Reply:
        """Status and JSON body of one call."""
        asked = json.loads(body)
        calls: dict[str, Callable[[Item], Reply]] = {
            "CreateTable": lambda _: (200, {}),
            "GetItem": self._get,
            "PutItem": self._put,
            "Query": self._query,
            "Scan": lambda asked: (200, {"Items": self.items(asked["TableName"])}),
            "TransactWriteItems": self._transact,
        }
        return calls[operation](asked)

    def _get(self, asked: Item) -> Reply:
        found = self._tables[asked["TableName"]].get(_key(asked["Key"]))
        return 200, {"Item": found} if found else {}

    def _put(self, asked: Item) -> Reply:
        if self._holds(asked, asked["Item"]):
            self._store(asked)
            return 200, {}
        found = self._tables[asked["TableName"]][_key(asked["Item"])]
        shown = {"Item": found} if asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else {}
        return 400, {**_error("ConditionalCheckFailedException"), **shown}

    def _query(self, asked: Item) -> Reply:
        table, holds = self._tables[asked["TableName"]], _condition(asked["KeyConditionExpression"])
        found = [item for item in self._in_order(table, asked) if holds(item, asked)]
        return 200, {"Items": found[: asked.get("Limit")], "Count": len(found)}

    def _in_order(self, table: dict[Key, Item], asked: Item) -> Iterator[Item]:
        partition = asked["ExpressionAttributeValues"][":pk"]["S"]
        keys = sorted((key for key in table if key[0] == partition), reverse=not asked.get("ScanIndexForward", True))
        return (table[key] for key in keys)

    def _transact(self, asked: Item) -> Reply:
        token = asked["ClientRequestToken"]
        if token not in self._applied:
            reply = self._apply([next(iter(one.items())) for one in asked["TransactItems"]])
            if reply[0] != 200:
                return reply
            self._applied[token] = reply
        return self._applied[token]

    def _apply(self, writes: list[tuple[str, Item]]) -> Reply:
        keys = [(one["TableName"], _key(one.get("Key") or one["Item"])) for _, one in writes]
        if len(set(keys)) < len(keys) or len(keys) > MAX_ITEMS:
            return 400, _error("ValidationException")
        held = [self._holds(one, one.get("Key") or one["Item"]) for _, one in writes]
        if not all(held):
            reasons = [{"Code": "None" if fine else "ConditionalCheckFailed"} for fine in held]
            return 400, {**_error("TransactionCanceledException"), "CancellationReasons": reasons}
        for kind, one in writes:
            if kind == "Put":
                self._store(one)
            elif kind != "ConditionCheck":
                raise NotImplementedError(kind)
        return 200, {}

    def _holds(self, write: Item, key: Item) -> bool:
        if "ConditionExpression" not in write:
            return True
        found = self._tables[write["TableName"]].get(_key(key), {})
        return bool(_condition(write["ConditionExpression"])(found, write))

    def _store(self, put: Item) -> None:
        """Keep an item; an equal one that is there already is no change, so the stream is silent about it."""
        table, name = self._tables[put["TableName"]], put["TableName"]
        before, key = table.get(_key(put["Item"])), _key(put["Item"])
        table[key] = put["Item"]
        if before != put["Item"]:
            changed = {"NewImage": put["Item"], "SequenceNumber": str(100 + len(self.streams[name]))}
            self.streams[name].append({"eventName": "MODIFY" if before else "INSERT", "dynamodb": changed})


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"] if "sk" in item else ""


def _error(code: str) -> Item:
    return {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code}


@cache
def _condition(expression: str) -> Callable[[Item, Item], bool]:
    """An expression as a function of an item and the request that names its placeholders."""
    text = expression
    for pattern, replacement in _REWRITTEN:
        text = re.sub(pattern, replacement, text)
    code = compile(text, expression, "eval")

    def holds(item: Item, asked: Item) -> bool:
        def at(name: str) -> Any:
            if name.startswith(":"):
                return _plain(asked["ExpressionAttributeValues"][name])
            return _plain(item.get(asked["ExpressionAttributeNames"][name] if name.startswith("#") else name))

        def told(names: str) -> list[Any]:
            return [at(name) for name in names.split(", ")]

        return bool(eval(code, {"at": at, "told": told, "__builtins__": {}}))  # noqa: S307 -- expressions of ours

    return holds


def _plain(attribute: Item | None) -> Any:
    if attribute is None:
        return None
    [(kind, held)] = attribute.items()
    return Decimal(held) if kind == "N" else held
