"""`python -m benchmarks.stub FOLDER`: AWS answered from memory on loopback, as fast as Python goes.

DynamoDB (GetItem, PutItem under `attribute_not_exists`, Query of one partition), S3 (GET and HEAD of the files in
FOLDER by the last part of their key) and one secret. Signatures are not looked at. It prints its port, and tells at
`/_seen` how many calls it answered and how many items those read and wrote. It measures nothing by itself: it is there
so that everybody pays for the same answers.
"""

import asyncio
import json
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any

Reply = tuple[int, bytes]
Answer = dict[str, Any]
LAYOUT = "CREATE TABLE items (tbl TEXT, pk TEXT, sk TEXT, item TEXT, PRIMARY KEY (tbl, pk, sk)) WITHOUT ROWID"
TAKEN = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"


class Tables:
    """Items by table, partition and sort key in a B-tree, so that a million of them cost what they would."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path, isolation_level=None)
        self._rows.execute(LAYOUT.replace("TABLE", "TABLE IF NOT EXISTS"))
        self._rows.execute("PRAGMA synchronous = OFF")

    def fill(self, table: str, items: Any) -> None:
        """Store items (as DynamoDB attributes), each under its own keys."""
        rows = ((table, item["pk"]["S"], item["sk"]["S"], json.dumps(item)) for item in items)
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", rows)
        self._rows.execute("COMMIT")

    def get(self, asked: Answer) -> Answer:
        """GetItem."""
        key = (asked["TableName"], asked["Key"]["pk"]["S"], asked["Key"]["sk"]["S"])
        found = self._rows.execute("SELECT item FROM items WHERE tbl = ? AND pk = ? AND sk = ?", key).fetchone()
        return {"Item": json.loads(found[0])} if found else {}

    def put(self, asked: Answer) -> Answer | None:
        """PutItem; None when the key is taken and must not be. Any condition is read as `attribute_not_exists`."""
        item, table = asked["Item"], asked["TableName"]
        keep = "OR IGNORE" if "ConditionExpression" in asked else "OR REPLACE"
        # a list of four columns, none of them from outside
        insert = f"INSERT {keep} INTO items VALUES (?, ?, ?, ?)"  # noqa: S608
        row = (table, item["pk"]["S"], item["sk"]["S"], json.dumps(item))
        return {} if self._rows.execute(insert, row).rowcount else None

    def query(self, asked: Answer) -> Answer:
        """Query by `pk = :…`, optionally `begins_with(sk, :prefix)`; whole partitions come in pages of 1,000."""
        values = asked["ExpressionAttributeValues"]
        order = "ASC" if asked.get("ScanIndexForward", True) else "DESC"
        after = asked.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "" if order == "ASC" else "\U0010ffff")
        limit = min(asked.get("Limit", 1000), 1000)
        select = f"""SELECT sk, item FROM items WHERE tbl = ? AND pk = ? AND sk {">" if order == "ASC" else "<"} ?
                     AND substr(sk, 1, ?) = ? ORDER BY sk {order} LIMIT ?"""  # noqa: S608
        prefix = values.get(":prefix", {}).get("S", "")
        given = (asked["TableName"], values[":pk"]["S"], after, len(prefix), prefix, limit)
        rows = self._rows.execute(select, given).fetchall()
        more = {"LastEvaluatedKey": {"pk": values[":pk"], "sk": {"S": rows[-1][0]}}} if len(rows) == limit else {}
        return {"Items": [json.loads(item) for _, item in rows], "Count": len(rows), "ScannedCount": len(rows), **more}


def item_size(item: Answer) -> int:
    """Bytes of an item as DynamoDB counts them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name) + _value_size(*next(iter(attribute.items()))) for name, attribute in item.items())


def _value_size(kind: str, held: Any) -> int:
    if kind == "B":
        return len(held) * 3 // 4
    return len(held.encode()) if kind == "S" else len(str(held)) // 2 + 1


class Aws:
    """Answers one request."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._tables = folder, Tables(folder / "tables.sqlite")
        self._objects: dict[str, bytes] = {}
        self.seen: Counter[str] = Counter()

    def answer(self, method: str, path: str, target: str, body: bytes) -> Reply:
        """The status and body of the reply."""
        if path == "/_seen":
            told, self.seen = json.dumps(self.seen).encode(), Counter()
            return 200, told
        operation = target.rpartition(".")[2] or f"{method} object"
        self.seen[operation] += 1
        if not target:
            return 200, self._object(path.partition("?")[0].rpartition("/")[2])
        if operation == "GetSecretValue":
            return 200, b'{"SecretString": "secret of the benchmark"}'
        return self._table(operation, json.loads(body))

    def _object(self, name: str) -> bytes:
        if name not in self._objects:
            self._objects[name] = (self._folder / name).read_bytes()
        return self._objects[name]

    def _table(self, operation: str, asked: Answer) -> Reply:
        if operation == "PutItem":
            done = self._tables.put(asked)
            self.seen["items written"] += done is not None
            self.seen["bytes written"] += item_size(asked["Item"])
            if done is None:
                key = {"TableName": asked["TableName"], "Key": asked["Item"]}
                self.seen["items read"] += 1
                return 400, json.dumps({"__type": TAKEN, "message": "taken", **self._tables.get(key)}).encode()
            return 200, b"{}"
        answered = self._tables.get(asked) if operation == "GetItem" else self._tables.query(asked)
        self.seen["items read"] += answered["Count"] if "Count" in answered else len(answered)
        return 200, json.dumps(answered).encode()


class Visit(asyncio.Protocol):
    """One kept-alive connection: requests with a Content-Length, one after another."""

    def __init__(self, aws: Aws) -> None:
        self._aws, self._buffer = aws, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            if not found:
                return
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            method, path, _ = first.split(" ")
            status, told = self._aws.answer(method, path, headers.get("x-amz-target", ""), rest[:length])
            self._reply(status, told, head_only=method == "HEAD")

    def _reply(self, status: int, told: bytes, *, head_only: bool) -> None:
        head = f"HTTP/1.1 {status} .\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(told)}\r\n\r\n"
        self._transport.write(head.encode() + (b"" if head_only else told))


async def serve(folder: Path) -> None:
    """Serve until the process is ended."""
    aws = Aws(folder)
    server = await asyncio.get_running_loop().create_server(lambda: Visit(aws), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
