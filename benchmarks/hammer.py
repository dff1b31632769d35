"""An HTTP client that asks as fast as it is answered, over so many kept-alive connections, from one thread."""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Rate(NamedTuple):
    """Requests a second, and milliseconds in the median and at the 99th percentile."""

    per_second: float
    p50: float
    p99: float


def hammer(port: int, path: str, body: Callable[[int], bytes], *, concurrency: int, seconds: float) -> Rate:
    """Ask for so long; raises AssertionError for any answer but 200."""
    return asyncio.run(_hammer(port, path, body, concurrency, seconds))


async def _hammer(port: int, path: str, body: Callable[[int], bytes], concurrency: int, seconds: float) -> Rate:
    spent: list[float] = []
    until = time.perf_counter() + seconds

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            writer.write(_request(path, body(number)))
            await _answer(reader)
            spent.append(time.perf_counter() - began)
            number += concurrency
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(concurrency)))
    took = time.perf_counter() - began
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    return Rate(len(spent) / took, cuts[49] * 1000, cuts[98] * 1000)


def _request(path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.split(b" ", 2)[1] == b"200", head
    if b"content-length:" in head:
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        return
    while size := int((await reader.readline()).strip(), 16):  # chunked
        await reader.readexactly(size + 2)
    await reader.readline()
