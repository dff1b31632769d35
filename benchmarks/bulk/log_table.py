"""A stand-in for the requests table: in memory, over HTTP, and it knows one operation, the put that happens once.

`python -m benchmarks.bulk.log_table PORT_FILE` serves on loopback until it is ended. `CountItems` is its own: how many
items it holds, and how many puts it was asked for.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

HEAD_END = b"\r\n\r\n"


class Put(msgspec.Struct):
    """The part of a PutItem payload that matters."""

    Item: dict[str, msgspec.Raw]


class Table:
    """Items by key."""

    def __init__(self) -> None:
        self.items: dict[bytes, msgspec.Raw] = {}
        self.asked = 0

    def answer(self, target: bytes, body: bytes) -> tuple[int, bytes]:
        """Status and body of the reply."""
        if target.endswith(b"CountItems"):
            return 200, msgspec.json.encode({"items": len(self.items), "asked": self.asked})
        item = msgspec.json.decode(body, type=Put).Item
        self.asked += 1
        key = bytes(item["pk"]) + bytes(item["sk"])
        held = self.items.setdefault(key, mine := msgspec.Raw(msgspec.json.encode(item)))
        if held is mine:
            return 200, b"{}"
        failed = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": held}
        return 400, msgspec.json.encode(failed)


class Connection(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, table: Table) -> None:
        self._table, self._held = table, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._held += data
        while HEAD_END in self._held:
            head, _, rest = self._held.partition(HEAD_END)
            fields = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(b":") for line in head.splitlines()[1:])
            }
            length = int(fields.get(b"content-length", 0))
            if len(rest) < length:
                return
            body, self._held = rest[:length], rest[length:]
            status, reply = self._table.answer(fields[b"x-amz-target"], body)
            self._transport.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(reply), reply))


async def serve(port_file: Path) -> None:
    """Serve until ended; the port is written into the file."""
    table = Table()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(table), "127.0.0.1", 0)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
